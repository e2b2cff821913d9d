"""The figure dictionary F1–F22: exact arithmetic, empty inputs, undefined bases."""

from fractions import Fraction

import pytest

from fisc.kernel.metrics import formulas as f
from fisc.kernel.metrics.spec import Exact, FigureRequest

REQUEST = FigureRequest(metric="x", year=2023, month=6)


def value(formula: object, *values: Exact, month: int = 6) -> Exact:
    request = FigureRequest(metric="x", year=2023, month=month)
    assert len(formula.inputs(request)) == len(values)
    return formula.compute(values, request)


class TestF1Growth:
    """同比增长 =（本期 − 上年同期）÷ 上年同期 × 100"""

    def test_exact_third(self) -> None:
        assert value(f.Growth(of="a"), 400, 300) == Fraction(100, 3)

    @pytest.mark.parametrize("base", [0, -1])
    def test_base_not_positive_has_no_percentage(self, base: int) -> None:
        assert value(f.Growth(of="a"), 400, base) is None
        assert value(f.Increase(of="a"), 400, base) == 400 - base

    def test_base_of_one_fen(self) -> None:
        assert value(f.Growth(of="a"), 0, 1) == -100

    @pytest.mark.parametrize("pair", [(None, 1), (1, None), (None, None)])
    def test_no_data_is_not_zero(self, pair: tuple[Exact, Exact]) -> None:
        assert value(f.Growth(of="a"), *pair) is None

    def test_asks_the_same_month_of_the_year_before(self) -> None:
        now, before = f.Growth(of="a").inputs(REQUEST)

        assert (now.year, before.year, before.month, before.metric) == (2023, 2022, 6, "a")


class TestF2F3Tasks:
    """完成年度任务、序时差"""

    def test_completion(self) -> None:
        assert value(f.Completion(of="a", task="t"), 588, 1000) == Fraction(588, 10)

    @pytest.mark.parametrize(("month", "gap"), [(6, Fraction(88, 10)), (12, Fraction(-412, 10))])
    def test_pace_gap_counts_months(self, month: int, gap: Fraction) -> None:
        assert value(f.PaceGap(of="a", task="t"), 588, 1000, month=month) == gap

    def test_no_task_no_completion(self) -> None:
        assert value(f.Completion(of="a", task="t"), 588, None) is None
        assert value(f.Completion(of="a", task="t"), 588, 0) is None


class TestF4Shares:
    """占比与百分点"""

    def test_change_is_a_difference_not_a_growth(self) -> None:
        assert value(f.ShareChange(part="p", whole="w"), 60, 100, 50, 100) == 10

    def test_share(self) -> None:
        assert value(f.Share(part="p", whole="w"), 1, 3) == Fraction(100, 3)
        assert value(f.Share(part="p", whole="w"), 1, 0) is None


class TestF10F11Livelihood:
    """民生支出增量占比"""

    def test_two_thirds(self) -> None:
        assert value(f.IncrementShare(part="p", whole="w"), 30, 10, 60, 30) == Fraction(200, 3)

    def test_undefined_when_the_whole_did_not_grow(self) -> None:
        assert value(f.IncrementShare(part="p", whole="w"), 30, 10, 30, 30) is None


class TestOthers:
    """F6、F8、F13、F14、F21、F22"""

    def test_reduction_rate_on_the_sums(self) -> None:
        assert value(f.ReductionRate(before="b", after="a"), 1000, 943) == Fraction(57, 10)

    def test_shortfall_never_nets_items(self) -> None:
        assert value(f.Shortfall(pairs=(("n1", "g1"), ("n2", "g2"))), 100, 70, 50, 90) == 30

    def test_months_cover(self) -> None:
        cover = f.MonthsCover(balance="b", outflow="o")

        assert value(cover, 60, *([10] * 12)) == 6
        assert value(cover, 60, *([0] * 12)) is None

    def test_months_cover_looks_back_over_the_year_end(self) -> None:
        asked = f.MonthsCover(balance="b", outflow="o").inputs(REQUEST)

        assert (asked[1].period, asked[-1].period) == (202306, 202207)

    def test_weighted(self) -> None:
        assert value(f.Weighted(parts=(("a", 50), ("b", 50))), 91, 92) == Fraction(183, 2)
        with pytest.raises(ValueError, match="100"):
            f.Weighted(parts=(("a", 50),))

    @pytest.mark.parametrize(("count", "target"), [(9, 6), (10, 6), (0, 0)])
    def test_quota(self, count: int, target: int) -> None:
        assert value(f.Quota(of="n", percent=60), count) == target

    def test_sum_without_any_data(self) -> None:
        assert value(f.Sum(parts=("a", "b")), None, None) is None
        assert value(f.Sum(parts=("a", "b")), None, 5) == 5
