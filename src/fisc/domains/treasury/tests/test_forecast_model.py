"""预测方法: what the plain functions promise, with numbers one can check by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fisc.base.workdays import is_workday
from fisc.domains.treasury import forecast_model as model
from fisc.domains.treasury.forecast_model import History, Settings, Stream

FIRST = dt.date(2022, 1, 1)


def daily(until: dt.date, amount) -> np.ndarray:
    """Daily amounts from 2022-01-01 to the day before `until`; `amount(day)` gives 分."""
    days = (until - FIRST).days
    return np.array([float(amount(model.day_at(FIRST, n))) for n in range(days)])


def on_workday(number: int, fen: float):
    """An amount on one working day of every month."""
    return lambda day: fen if is_workday(day) and model.workday_number(day) == number else 0.0


class TestMonths:
    """月份：整月、同比、任务。"""

    def test_only_whole_months_count(self):
        assert model.whole_months(dt.date(2022, 1, 2), 60) == [202202]

    @pytest.mark.parametrize(
        ("period", "months", "found"), [(202301, -12, 202201), (202301, -1, 202212), (202212, 1, 202301)]
    )
    def test_shifting(self, period, months, found):
        assert model.shifted(period, months) == found

    def test_growth_is_the_last_months_against_the_year_before(self):
        sums = {202200 + m: 100.0 for m in range(1, 13)} | {202300 + m: 110.0 for m in range(1, 7)}

        assert model.growth(sums) == pytest.approx(1.1)

    @pytest.mark.parametrize(("now", "bounded"), [(10.0, 0.5), (50.0, 0.5), (200.0, 2.0), (500.0, 2.0)])
    def test_growth_keeps_within_bounds(self, now, bounded):
        sums = {202200 + m: 100.0 for m in range(1, 13)} | {202300 + m: now for m in range(1, 7)}

        assert model.growth(sums) == bounded

    def test_without_a_year_before_there_is_no_growth(self):
        assert model.growth({202200 + m: 100.0 for m in range(1, 13)}) == 1.0

    def test_a_task_goes_before_last_year(self):
        """Done 90 of 100 so far: the month is foreseen at 90 % of its task, whatever last year was."""
        sums = {202200 + m: 500.0 for m in range(1, 13)} | {202300 + m: 90.0 for m in range(1, 7)}
        stream = Stream("tax", np.zeros(1), {202300 + m: 100.0 + m for m in range(1, 13)})

        done, due = 6 * 90.0, sum(100.0 + m for m in range(1, 7))
        assert model.month_total(stream, sums, 202308) == pytest.approx(108 * done / due)

    def test_without_a_task_the_same_month_grows(self):
        sums = {202200 + m: 100.0 * m for m in range(1, 13)} | {202300 + m: 120.0 * m for m in range(1, 7)}

        assert model.month_total(Stream("tax", np.zeros(1)), sums, 202308) == pytest.approx(800 * 1.2)


class TestDays:
    """按第几个工作日分到每天。"""

    def test_salaries_come_on_their_working_day(self):
        stream = Stream("salary", daily(dt.date(2023, 7, 1), on_workday(7, 900_00)))

        foreseen = model.foresee(stream, FIRST, 92)

        days = {model.day_at(dt.date(2023, 7, 1), int(n)): foreseen[n] for n in np.flatnonzero(foreseen)}
        assert set(days) == {dt.date(2023, 7, 12), dt.date(2023, 8, 10), dt.date(2023, 9, 12)}
        assert all(fen == pytest.approx(900_00) for fen in days.values())

    @given(st.lists(st.integers(0, 1000), min_size=model.MOST_WORKDAYS, max_size=model.MOST_WORKDAYS))
    def test_a_month_is_spread_whole(self, weights):
        shares = np.array(weights, dtype=float)
        shares = shares / shares.sum() if shares.sum() else shares

        for period in (202302, 202304, 202309):
            parts = model.spread(period, shares)
            assert sum(parts.values()) == pytest.approx(1.0)
            assert all(is_workday(day) for day in parts)

    def test_known_money_takes_the_place_of_the_profile_and_no_more(self):
        foreseen = np.array([10.0] * 31 + [10.0] * 31)
        known = np.zeros(62)
        known[0], known[40] = 110.0, 1_000.0

        rest = model.replaced(foreseen, dt.date(2023, 7, 1), known)

        assert rest[:31].sum() == pytest.approx(200.0)
        assert rest[31:].sum() == 0.0


class TestTheBand:
    """区间：来自自己犯过的错。"""

    def steady(self, until=dt.date(2023, 7, 1)):
        out = daily(until, on_workday(7, 300_00))
        return History(
            FIRST, (Stream("transfer", daily(until, on_workday(2, 310_00))),), (Stream("rest", out),)
        )

    def test_what_repeats_itself_is_foreseen_without_error(self):
        backtest, band = model.tested_back(self.steady(), Settings())

        assert [origin.isoformat() for origin in backtest.origins] == [
            f"2023-0{month}-01" for month in range(1, 7)
        ]
        assert backtest.error_percent[30] == pytest.approx(0, abs=1e-6)
        assert band.below == pytest.approx(np.zeros(90), abs=1e-3)

    def test_noise_widens_the_band_with_time(self):
        draw = np.random.default_rng(1)
        until = dt.date(2023, 7, 1)
        noisy = daily(until, lambda day: draw.integers(0, 100_00) if is_workday(day) else 0)
        history = History(FIRST, (Stream("tax", noisy),), (Stream("rest", daily(until, lambda day: 30_00)),))

        backtest, band = model.tested_back(history, Settings())

        assert (band.below <= 0).all() and (band.above >= 0).all()
        assert band.above[83] > band.above[20] > 0
        assert backtest.error_percent[30] is not None and 0 < backtest.error_percent[30] < 100
        assert backtest.coverage_percent is not None and backtest.coverage_percent > 40

    def test_the_same_seed_makes_the_same_band(self):
        draw = np.random.default_rng(2)
        wrong = [draw.normal(size=12) for _ in range(4)]

        one, two = (model.band_of(wrong, Settings()) for _ in range(2))
        other = model.band_of(wrong, Settings(seed=1))

        assert (one.below == two.below).all() and (one.below != other.below).any()

    def test_a_test_looks_at_nothing_that_came_later(self):
        history = self.steady()
        shaken = history.outflows[0].daily.copy()
        at = (dt.date(2023, 3, 1) - FIRST).days
        shaken[at:] *= 7
        later = History(FIRST, history.inflows, (Stream("rest", shaken),))

        before = model.net_foreseen(history.before(dt.date(2023, 3, 1)), 60)
        assert model.net_foreseen(later.before(dt.date(2023, 3, 1)), 60) == pytest.approx(before)

    @pytest.mark.parametrize(
        "wrong", [{"days": 0}, {"days": 367}, {"history_months": 11}, {"low": 0.5}, {"high": 1.0}]
    )
    def test_settings_out_of_range(self, wrong):
        with pytest.raises(ValueError):
            Settings(**wrong)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**10)), min_size=1, max_size=40),
)
def test_the_balance_adds_up_to_the_fen(opening, flows):
    inflow, outflow = zip(*flows, strict=True)

    found = model.balances(opening, inflow, outflow)

    assert found[-1] == opening + sum(inflow) - sum(outflow)
    assert all(b - a == i - o for a, b, (i, o) in zip([opening, *found], found, flows, strict=False))
