"""The figure dictionary's formulas."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fisc.base import rates


class TestF1Growth:
    def test_growth(self):
        assert rates.growth_percent(12250, 10000) == Decimal("22.5")
        assert rates.growth_percent(9220, 10000) == Decimal("-7.8")

    @pytest.mark.parametrize("base", [0, -1, None])
    def test_no_growth_from_a_base_that_is_not_positive(self, base):
        """base ≤ 0 → 增减额 only."""
        assert rates.growth_percent(5, base) is None

    def test_smallest_positive_base(self):
        assert rates.growth_percent(2, 1) == 100 and rates.growth_percent(None, 1) is None


def test_f2_completion_and_f3_schedule_gap():
    completion = rates.completion_percent(588, 1000)

    assert completion == Decimal("58.8")
    assert rates.format_percent(rates.schedule_gap_points(completion, 6), signed=True) == "+8.8"
    assert rates.schedule_gap_points(None, 6) is None


def test_f4_points_come_from_unrounded_shares():
    """52.33 − 39.05 = 13.28 百分点."""
    now, before = rates.share_percent(5233, 10000), rates.share_percent(3905, 10000)

    assert rates.format_percent(rates.points_difference(now, before), 2) == "13.28"
    assert rates.points_difference(now, None) is None


def test_f11_undefined_when_the_whole_did_not_grow():
    assert rates.share_of_increase_percent(2, 3) is not None
    assert rates.share_of_increase_percent(2, 0) is None and rates.share_of_increase_percent(-2, -3) is None


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("5.25", 1, "5.3"),
        ("5.2499", 1, "5.2"),
        ("-5.25", 1, "−5.3"),
        ("-0.04", 1, "0.0"),
        ("1234.5", 0, "1,235"),
    ],
)
def test_printing_rounds_half_up(value, places, expected):
    assert rates.format_percent(Decimal(value), places) == expected


def test_printing_options():
    assert rates.format_percent(None) == "—"
    assert rates.format_percent(Decimal("58"), trim=True) == "58"
    assert rates.format_percent(Decimal("100"), 2, trim=True) == "100"
    assert rates.format_percent(Decimal("58.50"), 2, trim=True) == "58.5"
    assert rates.format_percent(Decimal("3"), signed=True) == "+3.0"


@given(part=st.integers(-(10**17), 10**17), whole=st.integers(1, 10**17), places=st.integers(0, 4))
def test_printed_rate_is_the_exact_one_rounded_once(part, whole, places):
    scaled, sign = abs(part) * 100 * 10**places, -1 if part < 0 else 1
    exact = sign * ((2 * scaled + whole) // (2 * whole))

    rounded = rates.round_half_up(rates.share_percent(part, whole), places)

    assert int(rounded.scaleb(places)) == exact
