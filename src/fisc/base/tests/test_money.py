"""Money: exact to the fen on both sides of every border."""

import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fisc.base.errors import BadInput
from fisc.base.money import Money, Rounding, format_fen, parse_yuan, plain_yuan, round_fraction

fen = st.integers(min_value=-(10**17), max_value=10**17)


class TestArithmetic:
    def test_only_whole_fen(self):
        for wrong in (1.5, True, Decimal(1), "1", None):
            with pytest.raises(TypeError):
                Money(wrong)

    def test_only_money_is_added_to_money(self):
        assert Money(3) + Money(-5) == Money(-2)
        assert Money(3) - Money(5) == -Money(2)
        with pytest.raises(TypeError):
            Money(3) + 1  # type: ignore[operator]

    def test_order_and_truth(self):
        assert Money(1) < Money(2) and not Money(0) and abs(Money(-7)) == Money(7)
        assert Money.total([Money(1), Money(2)]) == Money(3) and Money.total([]) == Money.zero()

    def test_pickles_because_jobs_carry_it(self):
        assert pickle.loads(pickle.dumps(Money(5))) == Money(5)

    @pytest.mark.parametrize(
        ("amount", "rate", "rounding", "expected"),
        [
            (100, "0.005", Rounding.HALF_UP, 1),
            (100, "0.00499", Rounding.HALF_UP, 0),
            (-100, "0.005", Rounding.HALF_UP, -1),
            (100, "0.005", Rounding.HALF_EVEN, 0),
            (100, "0.015", Rounding.HALF_EVEN, 2),
            (100, "0.019", Rounding.DOWN, 1),
            (-100, "0.019", Rounding.DOWN, -1),
            (100, "0.011", Rounding.UP, 2),
            (100, "0.01", Rounding.UP, 1),
        ],
    )
    def test_times_rounds_as_stated(self, amount, rate, rounding, expected):
        assert Money(amount).times(Decimal(rate), rounding) == Money(expected)

    def test_times_refuses_floats(self):
        with pytest.raises(TypeError):
            Money(1).times(0.1)

    @given(amount=fen, weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any))
    def test_allocated_parts_sum_to_the_whole(self, amount, weights):
        parts = Money(amount).allocate(weights)

        assert Money.total(parts) == Money(amount)
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part.fen - Fraction(amount * weight, sum(weights))) < 1
            assert part.fen == 0 or weight > 0

    def test_a_twelfth_each_month(self):
        """50 元 over twelve months: not 12 × 4.16."""
        parts = Money(5000).allocate([1] * 12)

        assert [part.fen for part in parts] == [417] * 8 + [416] * 4

    @pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
    def test_allocation_needs_weights(self, weights):
        with pytest.raises(ValueError):
            Money(1).allocate(weights)


class TestParsing:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("0", 0), ("12", 1200), ("12.", 1200), (".5", 50), ("1,234.50", 123450), ("1，234.5", 123450),
            ("１２３４．５６", 123456), (" 1 234.50 ", 123450), ("-3", -300), ("−3.01", -301), ("+3", 300),
            ("－０．０１", -1), ("¥1,000,000", 100_000_000), ("12元", 1200), ("1.2万", 1_200_000),
            ("0.000001万", 1), ("3亿元", 30_000_000_000), ("1.50", 150), ("1.500000", 150), ("007", 700),
        ],
    )  # fmt: skip
    def test_accepts(self, text, expected):
        assert parse_yuan(text) == expected

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "money.empty"), ("  \u3000", "money.empty"), ("abc", "money.not_a_number"),
            (".", "money.not_a_number"),
            ("1.2.3", "money.not_a_number"), ("1e5", "money.not_a_number"), ("NaN", "money.not_a_number"),
            ("一百", "money.not_a_number"), ("--1", "money.not_a_number"), ("(100)", "money.not_a_number"),
            ("1.001", "money.too_many_decimals"), ("0.0000001万", "money.too_many_decimals"),
            ("1,23", "money.grouping"), ("1,2345", "money.grouping"), (",123", "money.not_a_number"),
            ("9" * 17, "money.too_large"), ("9" * 400, "money.too_large"), ("٣", "money.not_a_number"),
        ],
    )  # fmt: skip
    def test_refuses_and_names_the_text(self, text, code):
        with pytest.raises(BadInput) as refused:
            parse_yuan(text)

        assert refused.value.error_code == code
        assert text.strip() in refused.value.message

    def test_from_yuan(self):
        assert Money.from_yuan("1,000.01") == Money(100_001)
        assert Money.from_yuan(Decimal("1.1")) == Money(110) and Money.from_yuan(7) == Money(700)
        with pytest.raises(TypeError):
            Money.from_yuan(1.1)
        for wrong in (Decimal("1.001"), Decimal("NaN"), Decimal("Infinity")):
            with pytest.raises(BadInput):
                Money.from_yuan(wrong)

    @given(st.text(max_size=12))
    def test_any_text_is_an_amount_or_a_refusal(self, text):
        try:
            assert isinstance(parse_yuan(text), int)
        except BadInput as refused:
            assert refused.message

    @given(fen)
    def test_what_is_printed_is_read_back(self, amount):
        assert parse_yuan(format_fen(amount)) == amount
        assert parse_yuan(plain_yuan(amount)) == amount


class TestPrinting:
    @pytest.mark.parametrize(
        ("amount", "unit", "places", "expected"),
        [
            (0, "yuan", 2, "0.00"), (-1, "yuan", 2, "−0.01"), (123456789, "yuan", 2, "1,234,567.89"),
            (123456789, "wan", 2, "123.46"), (5000, "wan", 2, "0.01"), (4999, "wan", 2, "0.00"),
            (-4999, "wan", 2, "0.00"), (-5000, "wan", 2, "−0.01"), (126_700_000_000, "yi", 2, "12.67"),
            (126_749_999_999, "yi", 2, "12.67"), (126_750_000_000, "yi", 2, "12.68"), (150, "yuan", 0, "2"),
            (123456789012, "yi", 4, "12.3457"), (10**12, "wan", 0, "1,000,000"),
        ],
    )  # fmt: skip
    def test_units_and_half_up(self, amount, unit, places, expected):
        assert format_fen(amount, unit, places) == expected

    def test_str_names_the_unit(self):
        assert str(Money(-123456)) == "−1,234.56 元"

    @given(st.fractions(min_value=-(10**12), max_value=10**12))
    def test_rounding_stays_within_half(self, value):
        assert abs(round_fraction(value) - value) <= Fraction(1, 2)
        assert 0 <= abs(value) - abs(round_fraction(value, Rounding.DOWN)) < 1
        assert 0 <= abs(round_fraction(value, Rounding.UP)) - abs(value) < 1
