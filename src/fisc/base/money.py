"""Money: whole 分, exact. New amounts arise in three ways only: add, `times(rate)`, `allocate(weights)`.

The border between 元, 万元, 亿元 and 分 is here: `parse_yuan`, `Money.from_yuan` and `format_fen`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal, Self

from fisc.base.errors import BadInput
from fisc.base.text import MINUS_SIGNS, clean

MINUS = "\u2212"
Unit = Literal["yuan", "wan", "yi"]
FEN_PER_UNIT: dict[str, int] = {"yuan": 100, "wan": 1_000_000, "yi": 10_000_000_000}
UNIT_NAMES: dict[str, str] = {"yuan": "元", "wan": "万元", "yi": "亿元"}
MAXIMUM_FEN = 9_000_000_000_000_000_00  # 9 千万亿元; a bigint holds 9.2 of them
TYPED_MULTIPLES = {"": 1, "元": 1, "万": 10_000, "万元": 10_000, "亿": 100_000_000, "亿元": 100_000_000}


class Rounding(StrEnum):
    """How the part of a fen that cannot be paid is treated."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"  # towards zero
    UP = "up"  # away from zero


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole 分."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise TypeError(f"Money takes whole fen, not {type(self.fen).__name__}")

    @classmethod
    def zero(cls) -> Self:
        """Return 0."""
        return cls(0)

    @classmethod
    def from_yuan(cls, yuan: str | int | Decimal) -> Self:
        """This function will take an amount in 元.

        :raises BadInput: if it is not a number or has more than two decimals.
        """
        if isinstance(yuan, float | bool):
            raise TypeError("a float is not an amount of money")
        if isinstance(yuan, str):
            return cls(parse_yuan(yuan))
        return cls(_fen_from_decimal(Decimal(yuan), shown=str(yuan)))

    @classmethod
    def total(cls, parts: Iterable["Money"]) -> Self:
        """Return the sum."""
        return cls(sum(part.fen for part in parts))

    def __add__(self, other: object) -> "Money":
        return Money(self.fen + other.fen) if isinstance(other, Money) else NotImplemented

    def __sub__(self, other: object) -> "Money":
        return Money(self.fen - other.fen) if isinstance(other, Money) else NotImplemented

    def __neg__(self) -> "Money":
        return Money(-self.fen)

    def __abs__(self) -> "Money":
        return Money(abs(self.fen))

    def __bool__(self) -> bool:
        return self.fen != 0

    def times(self, rate: Decimal | int | Fraction, rounding: Rounding = Rounding.HALF_UP) -> "Money":
        """Return the amount times a rate, rounded to whole 分 as stated."""
        if isinstance(rate, float):
            raise TypeError("a rate is a Decimal, not a float")
        return Money(round_fraction(self.fen * Fraction(rate), rounding))

    def allocate(self, weights: Sequence[int | Decimal]) -> "list[Money]":
        """Return one part per weight; the parts sum to the whole, each within one fen of its share.

        What is left after rounding down goes fen by fen to the largest remainders, the earlier first.

        :raises ValueError: if there is no weight, one is negative, or all are zero.
        """
        shares = [Fraction(weight) for weight in weights]
        whole = sum(shares)
        if not shares or min(shares) < 0 or whole == 0:
            raise ValueError("allocate needs weights that are not negative and not all zero")
        sign, amount = (-1 if self.fen < 0 else 1), abs(self.fen)
        exact = [amount * share / whole for share in shares]
        parts = [int(part) for part in exact]
        by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
        for index in by_remainder[: amount - sum(parts)]:
            parts[index] += 1
        return [Money(sign * part) for part in parts]

    def format(self, unit: Unit = "yuan", places: int = 2) -> str:
        """Return the amount as text; see `format_fen`."""
        return format_fen(self.fen, unit, places)

    def __str__(self) -> str:
        return f"{format_fen(self.fen)} 元"


def round_fraction(value: Fraction, rounding: Rounding = Rounding.HALF_UP) -> int:
    """Return the whole number next to an exact value."""
    sign, value = (-1 if value < 0 else 1), abs(value)
    floor, rest = divmod(value.numerator, value.denominator)
    twice = 2 * rest
    up = {
        Rounding.HALF_UP: twice >= value.denominator,
        Rounding.HALF_EVEN: twice > value.denominator or (twice == value.denominator and floor % 2 == 1),
        Rounding.DOWN: False,
        Rounding.UP: rest > 0,
    }[rounding]
    return sign * (floor + up)


def parse_yuan(text: str) -> int:
    """This function will return the 分 that a person typed as 元: "1,234.50", "１２３４．５", "-3", "1.2万".

    :raises BadInput: code `money.empty`, `money.not_a_number`, `money.grouping`, `money.too_many_decimals`
        or `money.too_large`; the message repeats the text.
    """
    shown = clean(text)
    plain = shown.translate(MINUS_SIGNS).replace("，", ",").replace("。", ".").replace(" ", "")
    plain = plain.removeprefix("¥").removeprefix("￥")
    if not plain:
        raise BadInput.of("money.empty", "金额是空的，请填写数字。")
    found = re.fullmatch(r"([+-]?)(\d[\d,]*|\d*)(\.\d*)?(亿元|万元|亿|万|元)?", plain, re.ASCII)
    if not found or not (found[2] or (found[3] or "").strip(".")):
        raise BadInput.of("money.not_a_number", "金额“{text}”不是数字，请只填数字，如 1234.50。", text=shown)
    sign, whole, decimals, multiple = found[1], found[2], found[3] or "", found[4] or ""
    if "," in whole and not re.fullmatch(r"\d{1,3}(,\d{3})+", whole):
        raise BadInput.of(
            "money.grouping", "金额“{text}”的千分位逗号位置不对，请检查是否多写或少写了数字。", text=shown
        )
    value = Decimal(sign + (whole.replace(",", "") or "0") + decimals)
    return _fen_from_decimal(value, shown=shown, multiple=TYPED_MULTIPLES[multiple])


def _fen_from_decimal(value: Decimal, *, shown: str, multiple: int = 1) -> int:
    if not value.is_finite():
        raise BadInput.of("money.not_a_number", "金额“{text}”不是数字。", text=shown)
    if value.adjusted() > 20:
        raise BadInput.of("money.too_large", "金额“{text}”过大，请检查是否多写了数字。", text=shown)
    fen = Fraction(value) * multiple * 100
    if fen.denominator != 1:
        raise BadInput.of("money.too_many_decimals", "金额“{text}”超过两位小数，最小到分。", text=shown)
    if abs(fen) > MAXIMUM_FEN:
        raise BadInput.of("money.too_large", "金额“{text}”过大，请检查是否多写了数字。", text=shown)
    return int(fen)


def format_fen(fen: int, unit: Unit = "yuan", places: int = 2) -> str:
    """Return an amount of 分 in 元, 万元 or 亿元, grouped by thousands, rounded half up, with U+2212 as minus."""
    scaled = round_fraction(Fraction(fen * 10**places, FEN_PER_UNIT[unit]))
    sign = MINUS if scaled < 0 else ""
    whole, decimals = divmod(abs(scaled), 10**places)
    return f"{sign}{whole:,}" + (f".{decimals:0{places}d}" if places else "")


def plain_yuan(fen: int) -> str:
    """Return an amount of 分 as 元 for files and forms: no grouping, ASCII minus, two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
