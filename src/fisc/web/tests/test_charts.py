"""Charts are text: what they show can be asserted."""

import re
from datetime import date, timedelta
from fractions import Fraction

import pytest

from fisc.web import charts

YI = 10_000_000_000
SERIES = charts.Series(
    title="支出", year=2023, this=(2 * YI, 3 * YI, None, *[None] * 9), last=(YI, 2 * YI, 4 * YI, *[YI] * 9)
)


class TestMonthlyColumns:
    def test_this_year_stands_right_of_last_year_and_carries_its_value(self) -> None:
        svg = charts.monthly_columns(SERIES)

        january = svg.split("<g ")[1]
        last, this = re.findall(r'<rect class="(d2|d1)" x="([\d.]+)%"', january)
        assert (last[0], this[0]) == ("d2", "d1")
        assert float(last[1]) < float(this[1])
        assert ">2.00</text>" in january

    def test_coming_months_are_pale_and_empty(self) -> None:
        march = charts.monthly_columns(SERIES).split("<g ")[3]

        assert "d2 pale" in march
        assert '"d1"' not in march

    def test_it_speaks_to_readers_and_has_tips(self) -> None:
        svg = charts.monthly_columns(SERIES)

        assert 'role="img"' in svg
        assert "2 月 3.00 亿元，同比 +50.0%" in svg
        assert 'data-tip="2月|本年 3.00 亿元|上年 2.00 亿元|同比 +50.0%"' in svg

    def test_there_is_no_inline_style(self) -> None:
        for svg in (charts.monthly_columns(SERIES), charts.cumulative_lines(SERIES, task_fen=9 * YI)):
            assert "style=" not in svg
            assert "<script" not in svg

    def test_no_data_is_said_not_drawn_as_zero(self) -> None:
        empty = charts.Series("支出", 2023, (None,) * 12, (None,) * 12)

        assert "还没有数据" in charts.monthly_columns(empty)
        assert 'class="d1"' not in charts.monthly_columns(empty)


def test_running_totals_stop_after_the_last_known_month() -> None:
    assert charts.cumulate((1, None, 2, None)) == (1, 1, 3, None)


def test_the_task_is_a_dashed_line_and_the_future_is_shaded() -> None:
    svg = charts.cumulative_lines(SERIES, task_fen=9 * YI)

    assert 'class="l3"' in svg
    assert 'class="future"' in svg


@pytest.mark.parametrize(("top", "step"), [(6.2, 2), (7.9, 2), (8.1, 2.5), (0, 1), (385, 100)])
def test_steps_are_round_numbers(top: float, step: float) -> None:
    assert charts.nice_step(top) == step


class TestProgressBar:
    def test_five_points_behind_turns_orange(self) -> None:
        assert "v late" in charts.progress_bar(Fraction(45), tick=Fraction(50))

    def test_a_hair_less_does_not(self) -> None:
        assert "v late" not in charts.progress_bar(Fraction("45.01"), tick=Fraction(50))

    def test_more_than_everything_stays_inside(self) -> None:
        assert 'width="100.00%"' in charts.progress_bar(130, tick=50)


def test_parts_of_a_bar_fill_it() -> None:
    svg = charts.stacked_bar(
        [charts.Part("已支付", 300, "d1"), charts.Part("余额", 100, "rest")], label="指标"
    )

    assert 'width="74.800%"' in svg
    assert "已支付 3.00 元，余额 1.00 元" in svg


def test_the_grade_a_value_falls_in_stands_out() -> None:
    grades = (charts.Grade("绿", 120, "g"), charts.Grade("黄", 200, "y"), charts.Grade("橙", 300, "o"))

    svg = charts.band(Fraction("185.8"), grades, label="债务率")

    assert '<rect class="y"' in svg
    assert '<rect class="g off"' in svg
    assert "债务率 185.8%" in svg


def test_growth_without_a_base_is_unknown() -> None:
    assert charts.growth_percent(5, 0) is None
    assert charts.growth_percent(5, None) is None
    assert charts.growth_percent(50, 100) == -50


class TestBalanceBand:
    """预测余额：区间、中值、实际、警戒线；负数也画得下。"""

    def days(self, *values: tuple[int, int, int, int | None]) -> list[charts.BandDay]:
        first = date(2023, 7, 3)
        return [
            charts.BandDay(first + timedelta(days=n), low, mid, high, actual)
            for n, (low, mid, high, actual) in enumerate(values)
        ]

    def test_nothing_is_drawn_of_nothing(self):
        assert charts.balance_band([], label="空") == ""

    def test_the_middle_lies_within_the_band_and_below_zero_there_is_room(self):
        svg = charts.balance_band(
            self.days((0, 10**10, 2 * 10**10, 10**10), (-(10**10), 0, 10**10, None)),
            label="余额",
            line_fen=10**9,
        )

        assert 'class="range"' in svg and 'class="l1"' in svg and 'class="l2"' in svg and 'class="l3"' in svg
        points = re.search(r'class="l1" points="([^"]+)"', svg)
        assert points is not None
        heights = [float(pair.split(",")[1]) for pair in points.group(1).split()]
        assert all(0 <= y <= 100 for y in heights) and heights[0] < heights[1]
        assert 'class="base"' in svg and "07-03 至 07-04" in svg

    def test_without_a_truth_there_is_no_dashed_line(self):
        svg = charts.balance_band(self.days((1, 2, 3, None), (1, 2, 3, None)), label="余额")

        assert 'class="l2"' not in svg and 'class="l3"' not in svg
