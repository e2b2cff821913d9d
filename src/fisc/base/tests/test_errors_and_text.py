"""Errors carry code, facts and ways on; text as people type it."""

import pickle

import pytest

from fisc.base.errors import BadInput, FiscError, NotAllowed, Refusal, Way
from fisc.base.text import clean, half_width, match_key, pinyin_initials, whole_number


class PeriodClosed(Refusal):
    """{period}已结账，不能再记账。"""

    code = "test.period_closed"


def test_the_docstring_is_the_message():
    refusal = PeriodClosed(period="2023年5月", ways=[Way(label="查看期间", target="ledger:periods")])

    assert str(refusal) == "2023年5月已结账，不能再记账。"
    assert refusal.error_code == PeriodClosed.code == "test.period_closed"
    assert refusal.facts == {"period": "2023年5月"} and refusal.ways[0].label == "查看期间"


def test_a_missing_fact_is_a_programming_error():
    with pytest.raises(KeyError):
        PeriodClosed()


def test_without_own_class():
    error = BadInput.of("import.bad_cell", "{cell}不是日期。", cell="B3")

    assert (error.error_code, error.message) == ("import.bad_cell", "B3不是日期。")
    assert NotAllowed().message == "您没有办理此事项的权限。" and FiscError("原因").message == "原因"


def test_any_name_may_be_a_fact():
    error = BadInput.of("codes.unknown", "没有代码 {code}。", code="2050299")

    assert (error.error_code, error.message, error.facts) == (
        "codes.unknown",
        "没有代码 2050299。",
        {"code": "2050299"},
    )


def test_pickles_with_everything():
    copy = pickle.loads(pickle.dumps(PeriodClosed(period="5月", ways=[Way("去", "x", {"a": 1})])))

    assert copy.message == "5月已结账，不能再记账。" and copy.ways[0].params == {"a": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ＡＢｃ１２３", "ABc123"), ("１．５％", "1.5%"), ("甲（乙），丙", "甲（乙），丙"), ("〇①", "〇①")],
)
def test_half_width(text, expected):
    assert half_width(text) == expected


def test_clean_and_match_key():
    assert clean("\ufeff 区　教育局\n ") == "区 教育局"
    assert match_key("区教育局（本级）") == match_key(" 区教育局 (本级)")
    assert match_key("A1") == match_key("ａ１") and match_key("甲") != match_key("乙")


def test_pinyin_initials():
    assert pinyin_initials("区教育局") == "qjyj"
    assert pinyin_initials("第２小学（本级）") == "d2xxbj"


class TestWholeNumbers:
    """整数：边界之内照收，之外一句话说明。"""

    @pytest.mark.parametrize(("given", "number"), [("1", 1), (120, 120), ("１２", 12), (" 7 ", 7)])
    def test_taken(self, given, number):
        assert whole_number(given, what="月数", least=1, most=120) == number

    @pytest.mark.parametrize("given", ["0", "121", "", "1.5", "十二", "--1", "9" * 40, None])
    def test_refused(self, given):
        with pytest.raises(BadInput, match=r"月数.*应为 1 到 120 的整数"):
            whole_number(given, what="月数", least=1, most=120)
