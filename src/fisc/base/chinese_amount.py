"""大写金额: an amount as it is written out in Chinese on vouchers and cheques.

Source: 支付结算办法 (银发〔1997〕393号), appendix 一 正确填写票据和结算凭证的基本规定.
"""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿", "亿亿")


def chinese_amount(fen: int, *, prefix: bool = False) -> str:
    """Return the amount in 大写; `prefix` puts 人民币 before it, as printed documents have it.

    整 stands after 元 and 角, never after 分. A run of zeros between figures of 元 is one 零; between 元 and 角
    none is written, between 元 and 分 one (the rule leaves 零 free where 万 or 元 is 0: 壹拾万零柒仟元伍角叁分 is
    its own example). A negative amount begins with 负.
    """
    yuan, rest = divmod(abs(fen), 100)
    jiao, left = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan or not rest else ""
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif left and yuan:
        words += "零"
    words += f"{DIGITS[left]}分" if left else "整"
    return ("人民币" if prefix else "") + ("负" if fen < 0 else "") + words


def _whole(number: int) -> str:
    """Return a whole number in 大写, group of four by group of four."""
    if number == 0:
        return DIGITS[0]
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    for index in reversed(range(len(groups))):
        if groups[index] == 0:
            continue
        gap = words and (groups[index] < 1000 or groups[index + 1] % 10 == 0)
        words += ("零" if gap else "") + _group(groups[index]) + _group_name(groups, index)
    return words


def _group_name(groups: list[int], index: int) -> str:
    """Return the name of a group of four; 万亿 is only 万 when figures of 亿 follow."""
    if index == 3 and groups[2]:
        return "万"
    return GROUPS[index]


def _group(number: int) -> str:
    """Return 1 to 9999 in 大写 without leading zeros."""
    words, zero_before = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            zero_before = bool(words)
            continue
        words += ("零" if zero_before else "") + DIGITS[digit] + PLACES[place]
        zero_before = False
    return words
