"""Text as people type it: full-width characters, stray spaces, search by pinyin initials."""

import re
import unicodedata
from functools import lru_cache

from fisc.base.errors import BadInput

# signs that a keyboard gives for minus
MINUS_SIGNS = str.maketrans(dict.fromkeys("−–—－﹣‐‑", "-"))
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
# NFKC would also rewrite 〇, ①, ㎡ and Chinese punctuation; here only letters, digits and the signs of codes change
HALF_WIDTH = {
    **{code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)},  # ０-９
    **{code: code - 0xFEE0 for code in range(0xFF21, 0xFF3B)},  # Ａ-Ｚ
    **{code: code - 0xFEE0 for code in range(0xFF41, 0xFF5B)},  # ａ-ｚ
    **{ord(sign): ord(sign) - 0xFEE0 for sign in "＋－．／％＿＠＃＊＆＝"},
    0x3000: 0x20,  # full-width space
}


def half_width(text: str) -> str:
    """Return the text with full-width letters, digits, `+-./%_@#*&=` and spaces made half-width.

    Chinese punctuation such as ，、（）：stays: it is part of names.
    """
    return text.translate(HALF_WIDTH)


def clean(text: str) -> str:
    """Return the text half-width, in Unicode NFC, without invisible characters, with single spaces, stripped."""
    plain = unicodedata.normalize("NFC", half_width(text).translate(INVISIBLE))
    return re.sub(r"\s+", " ", plain).strip()


def whole_number(given: object, *, what: str, least: int, most: int) -> int:
    """Return what was typed as a whole number.

    :raises BadInput: it is none, or not between `least` and `most`; the sentence names `what`.
    """
    text = clean(str(given))
    if not (text.removeprefix("-").isdecimal() and len(text) < 20 and least <= int(text) <= most):
        raise BadInput.of(
            "text.whole_number", "{what}“{text}”应为 {least} 到 {most} 的整数。",
            what=what, text=text[:20], least=least, most=most,
        )  # fmt: skip
    return int(text)


def match_key(text: str) -> str:
    """Return what two spellings of one name share: no spaces, half-width brackets and commas, lower case."""
    brackets = str.maketrans("（）【】［］，：；“”‘’", "()[][],:;\"\"''")
    return re.sub(r"\s+", "", clean(text).translate(brackets)).casefold()


@lru_cache(maxsize=65_536)
def pinyin_initials(text: str) -> str:
    """Return the pinyin initials in lower case, other letters and digits kept: 区教育局2 → qjyj2."""
    from pypinyin import Style, lazy_pinyin

    initials = lazy_pinyin(clean(text), style=Style.FIRST_LETTER)
    return "".join(character for character in "".join(initials).lower() if character.isalnum())
