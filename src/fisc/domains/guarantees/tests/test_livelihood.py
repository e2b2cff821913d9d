"""F11：财政支出增量的三分之二以上用于民生；口径变了不算，总支出没有增长不算，两个增减额都列出。"""

from fractions import Fraction

import pytest

from fisc.domains.guarantees import livelihood
from fisc.kernel.metrics import fetch
from fisc.kernel.metrics.formulas import TWO_THIRDS, IncrementShare
from fisc.kernel.metrics.spec import FigureRequest

REQUEST = FigureRequest(metric="x", year=2023, month=6)
FORMULA = IncrementShare("part", "whole")
NAMES = ("民生支出", "民生支出", "一般公共预算支出", "一般公共预算支出")


class TestFormula:
    """Δ民生 ÷ Δ总支出 × 100。"""

    @pytest.mark.parametrize(
        ("values", "share"),
        [
            ((300, 100, 400, 100), TWO_THIRDS),
            ((299, 100, 400, 100), Fraction(199 * 100, 300)),
            ((100, 100, 101, 100), 0),
            ((50, 100, 101, 100), -5000),
        ],
    )
    def test_where_spending_grows(self, values, share):
        assert FORMULA.compute(values, REQUEST) == share
        assert FORMULA.why_none(values, NAMES) == ""

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            (
                (120, 100, 100, 100),
                "一般公共预算支出增量 0.00 元，不为正，增量占比不计算；民生支出增量 0.20 元。",
            ),
            (
                (120, 100, 99, 100),
                "一般公共预算支出增量 −0.01 元，不为正，增量占比不计算；民生支出增量 0.20 元。",
            ),
        ],
    )
    def test_where_it_does_not_grow_both_increments_are_said(self, values, words):
        assert FORMULA.compute(values, REQUEST) is None
        assert FORMULA.why_none(values, NAMES) == words

    def test_no_data_is_no_reason(self):
        assert FORMULA.why_none((1, None, 2, 3), NAMES) == ""


class TestVerdict:
    """三分之二整为达到，少一点为红。"""

    @pytest.mark.parametrize(
        ("share", "verdict", "tone"),
        [
            (TWO_THIRDS, "达到三分之二", "green"),
            (TWO_THIRDS - Fraction(1, 10**9), "未达三分之二", "red"),
            (None, "不计算", "orange"),
        ],
    )
    def test_border(self, share, verdict, tone):
        test = livelihood.Test(share, "", ())

        assert (test.verdict, test.tone) == (verdict, tone)


@pytest.mark.django_db
class TestLists:
    """两年清单不同：不计算占比，另列同口径数。"""

    @pytest.fixture
    def changed(self, monkeypatch):
        from fisc.kernel import codes

        def counted(*, kind, year, **more):
            return ("205",) if year < 2023 else ("205", "206")

        for module in (codes, fetch.codes, livelihood.codes):
            monkeypatch.setattr(module, "counted", counted, raising=False)

    def test_the_same_list_needs_two_lines(self, district):
        test = livelihood.two_thirds(year=2023, month=6)

        assert [line.label for line in test.lines] == ["民生支出", "一般公共预算支出"]
        assert not any(row.before != row.now for row in livelihood.compared_lists(2023))

    def test_another_list_gives_no_share_but_the_same_list_beside(self, district, changed):
        district.allotment(1_000)
        test = livelihood.two_thirds(year=2023, month=6)

        assert test.share is None and "口径在两个期间不同" in test.reason
        assert [line.label for line in test.lines] == [
            "民生支出",
            "民生支出（同按 2023 年清单）",
            "民生支出（同按 2022 年清单）",
            "一般公共预算支出",
        ]
