"""三保压力测试: what comes in, what falls due, who is paid, day by day. Pure, whole 分, no chance in it.

Two ways of paying are followed. 照付: whatever falls due first is paid first (on one day the more important first).
先留三保: a class is paid only from what no more important class will ever need, over the whole horizon; so nothing below
is paid while something above would go short later. Money keeps from day to day, so with cumulative cash C and cumulative
dues D a class is paid P = min(D, C), and leaves to the next one min over all later days of (C − D), never below zero.
Less money on any day therefore never pays anybody more: the tests hold it to that.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from fisc.domains.scenarios.profiles import day_weights

REVENUE, LAND, TRANSFER, DEBT_IN, OTHER = "revenue", "land", "transfer", "debt", "other"
INFLOW_LABELS = {
    REVENUE: "一般公共预算收入", LAND: "土地出让收入", TRANSFER: "上级补助", DEBT_IN: "债务收入", OTHER: "其他收入",
}  # fmt: skip
GUARANTEED, WAGES, UPPER, DEBT, REST = range(5)
RANK_LABELS = ("三保", "农民工工资", "上级专项", "到期债务", "其他支出")
F14_MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Inflow:
    """Money of one source by month of the horizon, in 分 (a month may be negative: refunds)."""

    source: str
    months_fen: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outflow:
    """What falls due under one name: its rank in the order of payment, and for 三保 its item."""

    key: str
    label: str
    rank: int
    months_fen: tuple[int, ...]
    profile: str = "even"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Where the treasury stands on the first day of the horizon. `past_outflows_fen`: the last months, oldest first."""

    first_month: int
    opening_fen: int
    inflows: tuple[Inflow, ...]
    outflows: tuple[Outflow, ...]
    past_outflows_fen: tuple[int, ...] = ()
    reserve_fen: int = 0

    @property
    def length(self) -> int:
        """Months of the horizon."""
        return len(self.inflows[0].months_fen if self.inflows else self.outflows[0].months_fen)


@dataclass(frozen=True, kw_only=True)
class Shock:
    """What goes wrong: revenue and land short by so many per cent, transfers so many months late; `with_debt`: debt due
    is paid (else it is assumed to be rolled over)."""

    revenue_percent: Decimal = Decimal(0)
    land_percent: Decimal = Decimal(0)
    delay_months: int = 0
    with_debt: bool = True


NONE = Shock()


@dataclass(frozen=True)
class Way:
    """What becomes of one way of paying. Per outflow (in the situation's order): what is due and paid by each month's end,
    cumulated, and the first day something of it stays unpaid. `balance_fen` may fall below zero only in `asked`."""

    due_fen: tuple[tuple[int, ...], ...]
    paid_fen: tuple[tuple[int, ...], ...]
    first_gap: tuple[date | None, ...]
    daily_fen: tuple[int, ...]
    month_end_fen: tuple[int, ...]
    cover: tuple[Fraction | None, ...]

    def coverage(self, outflow: int, month: int) -> Fraction | None:
        """Paid ÷ due by the end of a month; None: nothing was due."""
        due = self.due_fen[outflow][month]
        return Fraction(self.paid_fen[outflow][month], due) if due else None


@dataclass(frozen=True)
class Course:
    """One run: the days, the cash if everything were paid (`asked_fen`, may go below zero), the first day it does, and the
    two ways of paying."""

    situation: Situation
    shock: Shock
    days: tuple[date, ...]
    inflow_fen: tuple[int, ...]
    asked_fen: tuple[int, ...]
    first_short: date | None
    plain: Way
    guarded: Way

    def held_back_fen(self, rank: int) -> int:
        """The most of a rank that is due and unpaid at the end of any month, when 三保 is kept whole."""
        rows = [index for index, item in enumerate(self.situation.outflows) if item.rank == rank]
        return max(
            (
                sum(self.guarded.due_fen[i][month] - self.guarded.paid_fen[i][month] for i in rows)
                for month in range(self.situation.length)
            ),
            default=0,
        )


def run(situation: Situation, shock: Shock = NONE) -> Course:
    """This will follow the treasury through the horizon under a shock."""
    shocked = apply_shock(situation, shock)
    months = months_from(situation.first_month, situation.length)
    days = tuple(
        date(month // 100, month % 100, day) for month in months for day in range(1, month_days(month) + 1)
    )
    comes = [0] * len(days)
    for inflow in shocked.inflows:
        for index, amount in enumerate(_daily(inflow.months_fen, months, inflow.source)):
            comes[index] += amount
    dues = [_daily(item.months_fen, months, item.profile) for item in shocked.outflows]
    cash = list(accumulate(comes, initial=situation.opening_fen))[1:]
    all_due = list(accumulate(map(sum, zip(*dues, strict=True)))) if dues else [0] * len(days)
    asked = tuple(have - owe for have, owe in zip(cash, all_due, strict=True))
    ends = _month_ends(months)
    free = _kept(cash, situation.reserve_fen)
    plain = _in_turn(dues, [list(range(len(dues)))], free)
    ranks = [
        [i for i, item in enumerate(shocked.outflows) if item.rank == rank]
        for rank in range(len(RANK_LABELS))
    ]
    guarded = _in_turn(dues, ranks, free)
    short = next((day for day, left in zip(days, asked, strict=True) if left < situation.reserve_fen), None)
    return Course(
        situation=shocked, shock=shock, days=days, inflow_fen=tuple(comes), asked_fen=asked, first_short=short,
        plain=_way(shocked, days, ends, cash, dues, plain), guarded=_way(shocked, days, ends, cash, dues, guarded),
    )  # fmt: skip


def apply_shock(situation: Situation, shock: Shock) -> Situation:
    """This will change what comes in (and whether debt is paid); amounts are rounded down to the 分."""
    inflows = []
    for inflow in situation.inflows:
        months = inflow.months_fen
        if inflow.source == REVENUE:
            months = _less(months, shock.revenue_percent)
        elif inflow.source == LAND:
            months = _less(months, shock.land_percent)
        elif inflow.source == TRANSFER and shock.delay_months:
            late = min(shock.delay_months, len(months))
            months = (0,) * late + months[: len(months) - late]
        inflows.append(replace(inflow, months_fen=months))
    outflows = situation.outflows
    if not shock.with_debt:
        outflows = tuple(
            replace(item, months_fen=(0,) * len(item.months_fen)) if item.rank == DEBT else item
            for item in outflows
        )
    return replace(situation, inflows=tuple(inflows), outflows=outflows)


def _less(months: tuple[int, ...], percent: Decimal) -> tuple[int, ...]:
    share = 100 - Fraction(percent)
    return tuple(int(amount * share // 100) if amount > 0 else amount for amount in months)


def months_from(first: int, count: int) -> tuple[int, ...]:
    """So many months as yyyymm."""
    start = first // 100 * 12 + first % 100 - 1
    return tuple((start + n) // 12 * 100 + (start + n) % 12 + 1 for n in range(count))


def month_days(month: int) -> int:
    """How many days a month (yyyymm) has."""
    return monthrange(month // 100, month % 100)[1]


def _month_ends(months: Sequence[int]) -> list[int]:
    return [total - 1 for total in accumulate(month_days(month) for month in months)]


def _daily(months_fen: Sequence[int], months: Sequence[int], profile: str) -> list[int]:
    """Months over their days: running sums rounded down, so that more in a month is never less on any day so far."""
    out: list[int] = []
    for month, amount in zip(months, months_fen, strict=True):
        weights = day_weights(profile, month_days(month))
        whole = sum(weights)
        so_far = [int(amount * running // whole) for running in accumulate(weights)]
        out += [now - before for before, now in zip([0, *so_far], so_far, strict=False)]
    return out


def _kept(cash: Sequence[int], reserve_fen: int) -> list[int]:
    """What may be spent by each day without wanting for it on a later one."""
    out, least = [0] * len(cash), None
    for index in range(len(cash) - 1, -1, -1):
        above = cash[index] - reserve_fen
        least = above if least is None else min(least, above)
        out[index] = max(0, least)
    return out


def _in_turn(dues: list[list[int]], classes: list[list[int]], free: list[int]) -> list[list[int]]:
    """Cumulative payments per outflow; each class is served from what the classes before leave for good."""
    paid = [[0] * len(free) for _ in dues]
    for members in classes:
        owed = list(accumulate(sum(dues[i][day] for i in members) for day in range(len(free))))
        given = [min(owe, have) for owe, have in zip(owed, free, strict=True)]
        _share_out(dues, members, given, paid)
        free = _kept([have - give for have, give in zip(free, given, strict=True)], 0)
    return paid


def _share_out(dues: list[list[int]], members: list[int], given: list[int], paid: list[list[int]]) -> None:
    """Within a class: the oldest due first; on one day in the order of the list."""
    due_day, place = 0, 0
    left = dues[members[0]][0] if members and given else 0
    before = 0
    for day, total in enumerate(given):
        money, before = total - before, total
        if day:
            for i in members:
                paid[i][day] = paid[i][day - 1]
        while money > 0:
            step = min(money, left)
            paid[members[place]][day] += step
            money, left = money - step, left - step
            while left == 0 and due_day < len(given):
                place += 1
                if place == len(members):
                    due_day, place = due_day + 1, 0
                if due_day < len(given):
                    left = dues[members[place]][due_day]


def _way(
    situation: Situation,
    days: Sequence[date],
    ends: Sequence[int],
    cash: Sequence[int],
    dues: list[list[int]],
    paid: list[list[int]],
) -> Way:
    owed = [list(accumulate(row)) for row in dues]
    gaps = tuple(
        next((day for day, owe, gave in zip(days, owed[i], paid[i], strict=True) if gave < owe), None)
        for i in range(len(dues))
    )
    spent = [sum(row[day] for row in paid) for day in range(len(days))]
    daily = tuple(have - gave for have, gave in zip(cash, spent, strict=True))
    monthly = [spent[end] - (spent[ends[n - 1]] if n else 0) for n, end in enumerate(ends)]
    return Way(
        due_fen=tuple(tuple(row[end] for end in ends) for row in owed),
        paid_fen=tuple(tuple(row[end] for end in ends) for row in paid),
        first_gap=gaps,
        daily_fen=daily,
        month_end_fen=tuple(daily[end] for end in ends),
        cover=_cover(situation.past_outflows_fen, monthly, [daily[end] for end in ends]),
    )


def _cover(
    past: Sequence[int], monthly: Sequence[int], balances: Sequence[int]
) -> tuple[Fraction | None, ...]:
    """F14: the balance at the end of a month ÷ the average outflow of its last twelve months; None: too few of them."""
    history = [*past, *monthly]
    out: list[Fraction | None] = []
    for n, balance in enumerate(balances):
        window = history[: len(past) + n + 1][-F14_MONTHS:]
        total = sum(window)
        out.append(Fraction(balance * F14_MONTHS, total) if len(window) == F14_MONTHS and total > 0 else None)
    return tuple(out)
