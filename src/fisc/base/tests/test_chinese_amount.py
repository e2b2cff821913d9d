"""大写金额."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fisc.base.chinese_amount import DIGITS, chinese_amount

CASES = [
    ("0.00", "零元整"), ("0.05", "伍分"), ("0.50", "伍角整"), ("0.55", "伍角伍分"), ("1.00", "壹元整"),
    ("10.01", "壹拾元零壹分"), ("10.10", "壹拾元壹角整"), ("100.50", "壹佰元伍角整"), ("1000000.00", "壹佰万元整"),
    ("10005000.00", "壹仟万零伍仟元整"), ("107000.53", "壹拾万零柒仟元伍角叁分"), ("300000000.00", "叁亿元整"),
    ("1409.50", "壹仟肆佰零玖元伍角整"), ("6007.14", "陆仟零柒元壹角肆分"), ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"), ("325.04", "叁佰贰拾伍元零肆分"), ("100000001.00", "壹亿零壹元整"),
    ("1000000000000.00", "壹万亿元整"), ("1000100000000.00", "壹万零壹亿元整"),
    ("20000000100000.00", "贰拾万亿零壹拾万元整"),
    ("10010000.00", "壹仟零壹万元整"), ("-1.20", "负壹元贰角整"),
]  # fmt: skip


@pytest.mark.parametrize(("yuan", "expected"), CASES)
def test_clause_by_clause(yuan, expected):
    """The examples of the rule (1409.50, 6007.14, 1680.32, 107000.53, 16409.02, 325.04) and of the design page."""
    assert chinese_amount(int(yuan.replace(".", ""))) == expected


def test_prefix_on_printed_documents():
    assert chinese_amount(-100, prefix=True) == "人民币负壹元整"


def read_back(words: str) -> int:
    """Return the fen of an amount in 大写 (an own reader, not the inverse of the code)."""
    sign, words = (-1, words[1:]) if words[0] == "负" else (1, words)
    total = group = digit = 0
    for character in words:
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character in "拾佰仟":
            group, digit = group + digit * 10 ** ("拾佰仟".index(character) + 1), 0
        elif character == "万":
            total, group, digit = total + (group + digit) * 10_000, 0, 0
        elif character == "亿":
            total, group, digit = (total + group + digit) * 100_000_000, 0, 0
        elif character == "元":
            total, group, digit = (total + group + digit) * 100, 0, 0
        elif character in "角分":
            total, digit = total + digit * (10 if character == "角" else 1), 0
    return sign * total


@given(st.integers(-(10**17), 10**17))
def test_reads_back_and_never_has_two_zeros(amount):
    words = chinese_amount(amount)

    assert read_back(words) == amount
    assert "零零" not in words and "零元" not in words.replace("零元整", "", 1)
