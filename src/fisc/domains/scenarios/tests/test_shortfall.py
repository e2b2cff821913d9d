"""三保压力测试：短收越多，保障不会更好；不设冲击，即为基准；先保三保。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fisc.domains.scenarios.holdback import Candidate, hold_back
from fisc.domains.scenarios.shortfall import (
    DEBT,
    GUARANTEED,
    LAND,
    REST,
    REVENUE,
    TRANSFER,
    UPPER,
    WAGES,
    Inflow,
    Outflow,
    Shock,
    Situation,
    month_days,
    months_from,
    run,
)

WAN = 1_000_000


def wan(*amounts):
    return tuple(amount * WAN for amount in amounts)


def situation(**facts):
    """Three months: 100 万元 own revenue and 50 万元 transfers a month, 60 三保, 90 other."""
    facts = {
        "first_month": 202307,
        "opening_fen": 0,
        "inflows": (
            Inflow(source=REVENUE, months_fen=wan(100, 100, 100)),
            Inflow(source=LAND, months_fen=wan(0, 0, 0)),
            Inflow(source=TRANSFER, months_fen=wan(50, 50, 50)),
        ),
        "outflows": (
            Outflow(key="W01", label="基本工资", rank=GUARANTEED, months_fen=wan(60, 60, 60), profile="end"),
            Outflow(key="rest", label="其他支出", rank=REST, months_fen=wan(90, 90, 90), profile="end"),
        ),
        **facts,
    }
    return Situation(**facts)


class TestTheDays:
    def test_months_over_the_turn_of_the_year(self):
        assert months_from(202311, 4) == (202311, 202312, 202401, 202402)
        assert (month_days(202402), month_days(202302)) == (29, 28)

    def test_every_day_has_its_amount(self):
        course = run(situation())

        assert len(course.days) == 31 + 31 + 30
        assert sum(course.inflow_fen) == 450 * WAN
        assert course.asked_fen[-1] == 0

    def test_the_day_of_wages(self):
        plan = situation(
            opening_fen=59 * WAN, inflows=(Inflow(source=REVENUE, months_fen=wan(0, 0, 0)),),
            outflows=(Outflow(key="W01", label="", rank=GUARANTEED, months_fen=wan(60, 0, 0), profile="wages"),),
        )  # fmt: skip

        assert run(plan).first_short == date(2023, 7, 10)
        assert run(replace(plan, opening_fen=60 * WAN)).first_short is None
        assert run(replace(plan, opening_fen=60 * WAN - 1)).first_short == date(2023, 7, 10)


class TestShocks:
    def test_a_tenth_less_revenue_leaves_ten_wan_a_month_unpaid(self):
        course = run(situation(opening_fen=200 * WAN), Shock(revenue_percent=Decimal(100)))

        assert sum(course.inflow_fen) == 150 * WAN
        assert course.asked_fen[-1] == -100 * WAN
        assert course.held_back_fen(REST) == 100 * WAN

    def test_land_falls_alone(self):
        base = situation(inflows=(Inflow(source=REVENUE, months_fen=wan(10)), Inflow(source=LAND, months_fen=wan(10))),
                         outflows=(Outflow(key="a", label="", rank=REST, months_fen=wan(1)),))  # fmt: skip

        assert sum(run(base, Shock(land_percent=Decimal(30))).inflow_fen) == 17 * WAN

    @pytest.mark.parametrize(("late", "comes"), [(0, 150), (1, 100), (2, 50), (3, 0), (9, 0)])
    def test_late_transfers_come_later_or_after_the_horizon(self, late, comes):
        course = run(situation(), Shock(delay_months=late))

        assert sum(course.inflow_fen) == (300 + comes) * WAN

    def test_debt_may_be_rolled_over(self):
        outflows = (*situation().outflows, Outflow(key="debt", label="", rank=DEBT, months_fen=wan(0, 30, 0)))
        base = situation(outflows=outflows)

        assert run(base).asked_fen[-1] == -30 * WAN
        assert run(base, Shock(with_debt=False)).asked_fen[-1] == 0

    def test_refunds_are_not_made_smaller(self):
        base = situation(inflows=(Inflow(source=REVENUE, months_fen=wan(-10, 100, 100)),))

        assert sum(run(base, Shock(revenue_percent=Decimal(50))).inflow_fen) == 90 * WAN


class TestTheOrder:
    """照付与先留三保。"""

    def test_first_come_first_served_breaks_guarantees_that_saving_keeps(self):
        base = situation(
            opening_fen=100 * WAN,
            inflows=(Inflow(source=REVENUE, months_fen=wan(0, 80, 0)),),
            outflows=(
                Outflow(key="W01", label="", rank=GUARANTEED, months_fen=wan(50, 50, 50), profile="wages"),
                Outflow(key="rest", label="", rank=REST, months_fen=wan(60, 0, 0), profile="operation"),
            ),
        )

        course = run(base)

        assert course.plain.first_gap[0] == date(2023, 8, 10)
        assert course.guarded.first_gap[0] is None
        assert [course.guarded.coverage(0, n) for n in range(3)] == [1, 1, 1]
        assert course.guarded.paid_fen[1] == (16 * WAN, 30 * WAN, 30 * WAN)
        assert course.held_back_fen(REST) == 44 * WAN

    def test_migrant_wages_before_upper_money_before_debt_before_the_rest(self):
        outflows = tuple(
            Outflow(key=str(rank), label="", rank=rank, months_fen=wan(10))
            for rank in (REST, DEBT, UPPER, WAGES, GUARANTEED)
        )
        base = situation(opening_fen=35 * WAN, inflows=(), outflows=outflows)

        course = run(base)

        assert [row[-1] // WAN for row in course.guarded.paid_fen] == [0, 5, 10, 10, 10]

    def test_a_reserve_is_not_touched(self):
        base = situation(
            opening_fen=20 * WAN,
            reserve_fen=15 * WAN,
            inflows=(),
            outflows=(Outflow(key="a", label="", rank=REST, months_fen=wan(10)),),
        )

        assert run(base).guarded.paid_fen[0] == (5 * WAN,)
        assert run(base).guarded.month_end_fen == (15 * WAN,)

    def test_f14_is_the_balance_over_the_average_of_twelve_months(self):
        base = situation(
            opening_fen=50 * WAN,
            past_outflows_fen=wan(*[10] * 11),
            inflows=(),
            outflows=(Outflow(key="a", label="", rank=REST, months_fen=wan(10)),),
        )

        assert run(base).guarded.cover == (Fraction(4),)
        assert run(replace(base, past_outflows_fen=wan(*[10] * 10))).guarded.cover == (None,)


class TestWhoWaits:
    def candidate(self, key, weight, free_wan, rank=REST):
        return Candidate(
            key=key,
            unit_id=1,
            project_id=None,
            title="",
            rank=rank,
            weight=weight,
            base_fen=free_wan * WAN,
            free_fen=free_wan * WAN,
        )

    def test_the_least_harmful_wait_and_only_as_much_as_needed(self):
        found = hold_back(
            [self.candidate(1, 500, 100), self.candidate(2, 90, 30), self.candidate(3, 100, 50)],
            {REST: 40 * WAN},
            {},
        )

        assert [(wait.candidate.key, wait.amount_fen // WAN) for wait in found.waits] == [(2, 30), (3, 10)]
        assert found.missing_fen == {}
        assert "部分暂缓 100,000.00 元" in found.waits[1].reason

    def test_what_cannot_be_found_is_said(self):
        found = hold_back([self.candidate(1, 100, 30)], {REST: 30 * WAN + 1}, {})

        assert found.missing_fen == {REST: 100}

    def test_guarantees_and_migrant_wages_never_wait(self):
        found = hold_back(
            [self.candidate(1, 100, 30, GUARANTEED), self.candidate(2, 100, 30, WAGES)],
            {GUARANTEED: WAN, WAGES: WAN},
            {},
        )

        assert found.waits == ()


months = st.lists(st.integers(0, 1000_00), min_size=4, max_size=4).map(tuple)
some_situation = st.builds(
    Situation,
    first_month=st.sampled_from([202301, 202307, 202402]),
    opening_fen=st.integers(0, 2000_00),
    inflows=st.tuples(
        st.builds(Inflow, source=st.just(REVENUE), months_fen=months),
        st.builds(Inflow, source=st.just(LAND), months_fen=months),
        st.builds(Inflow, source=st.just(TRANSFER), months_fen=months),
    ),
    outflows=st.lists(
        st.builds(
            Outflow, key=st.just("x"), label=st.just(""), rank=st.integers(0, 4), months_fen=months,
            profile=st.sampled_from(["even", "wages", "social", "operation"]),
        ),
        min_size=1, max_size=6,
    ).map(lambda found: tuple(sorted(found, key=lambda item: item.rank))),
    reserve_fen=st.sampled_from([0, 0, 300_00]),
)  # fmt: skip
percents = st.integers(0, 100).map(Decimal)


class TestAlways:
    @settings(max_examples=60, deadline=None)
    @given(some_situation, percents, percents, percents, percents, st.integers(0, 4), st.integers(0, 4))
    def test_more_shortage_never_pays_anybody_more(self, base, x1, x2, y1, y2, z1, z2):
        less = run(
            base, Shock(revenue_percent=min(x1, x2), land_percent=min(y1, y2), delay_months=min(z1, z2))
        )
        more = run(
            base, Shock(revenue_percent=max(x1, x2), land_percent=max(y1, y2), delay_months=max(z1, z2))
        )

        for light, heavy in ((less.plain, more.plain), (less.guarded, more.guarded)):
            for mild, hard in zip(light.paid_fen, heavy.paid_fen, strict=True):
                assert all(h <= m for m, h in zip(mild, hard, strict=True))
        if less.first_short:
            assert more.first_short and more.first_short <= less.first_short

    @settings(max_examples=30, deadline=None)
    @given(some_situation)
    def test_no_shock_is_the_base_line(self, base):
        assert run(base, Shock()) == run(base)

    @settings(max_examples=60, deadline=None)
    @given(some_situation, percents)
    def test_nothing_below_is_paid_while_something_above_goes_short(self, base, x):
        course = run(base, Shock(revenue_percent=x))
        way, ranks = course.guarded, [item.rank for item in base.outflows]

        for month in range(4):
            short = [r for i, r in enumerate(ranks) if way.paid_fen[i][month] < way.due_fen[i][month]]
            if short:
                assert all(way.paid_fen[i][month] == 0 for i, r in enumerate(ranks) if r > min(short))

    @settings(max_examples=60, deadline=None)
    @given(some_situation, percents)
    def test_the_guarded_way_never_gives_the_guarantees_less(self, base, x):
        course = run(base, Shock(revenue_percent=x))
        rows = [i for i, item in enumerate(base.outflows) if item.rank == GUARANTEED]

        for month in range(4):
            assert sum(course.guarded.paid_fen[i][month] for i in rows) >= sum(
                course.plain.paid_fen[i][month] for i in rows
            )

    @settings(max_examples=60, deadline=None)
    @given(some_situation, percents)
    def test_cash_is_never_overdrawn_and_nothing_is_lost(self, base, x):
        course = run(base, Shock(revenue_percent=x))

        for way in (course.plain, course.guarded):
            assert all(left >= min(base.opening_fen, base.reserve_fen) for left in way.daily_fen)
            paid = sum(row[-1] for row in way.paid_fen)
            assert base.opening_fen + sum(course.inflow_fen) - paid == way.daily_fen[-1]
