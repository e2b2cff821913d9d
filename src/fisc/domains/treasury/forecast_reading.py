"""Runs read for the page: weeks, shortfall days with their causes, what came true. A constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Abs

from fisc.domains.treasury.forecast import NAMES
from fisc.domains.treasury.models import ForecastDay, ForecastItem, ForecastRun
from fisc.kernel import lean

SHOWN_CAUSES = 6
LOOK_BACK_DAYS = 10
ACTUAL = """
SELECT effective_on, sum(sum(debit_fen - credit_fen)) OVER (ORDER BY effective_on)::bigint
FROM v_ledger_day
WHERE book = 'cash' AND subject = '1001' AND (%s = '' OR fund = %s)
GROUP BY effective_on
ORDER BY effective_on
"""


@dataclass(frozen=True)
class Cause:
    """Why a day is short: what goes out by then, the largest first; `document_id` where it is a payment."""

    label: str
    fen: int
    document_id: int | None = None


@dataclass(frozen=True)
class Spell:
    """Short days on end: from, to, how bad, the worst day, and what made it."""

    first: dt.date
    last: dt.date
    level: str
    worst_on: dt.date
    worst_mid_fen: int
    worst_low_fen: int
    causes: tuple[Cause, ...]

    @property
    def day_count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Week:
    """One week of a run: what flows, and the balance at its end."""

    first: dt.date
    last: dt.date
    inflow_fen: int
    outflow_fen: int
    low_fen: int
    mid_fen: int
    high_fen: int
    level: str
    actual_fen: int | None = None
    other_mid_fen: int | None = None


def days_of(run: ForecastRun) -> list[ForecastDay]:
    """The days of a run, in order."""
    return list(ForecastDay.objects.filter(run=run).order_by("on_day"))


def actual_balances(run: ForecastRun, until: dt.date) -> dict[dt.date, int]:
    """What the account really held at the end of the run's days before `until`, in 分."""
    moves = dict(lean.fetch(ACTUAL, (run.fund, run.fund)))
    at = max((day for day in moves if day < run.on_day), default=None)
    balance = moves[at] if at else 0
    found = {}
    for offset in range(run.days):
        day = run.on_day + dt.timedelta(days=offset)
        if day >= until:
            break
        balance = moves.get(day, balance)
        found[day] = balance
    return found


ORDER = ("", ForecastDay.Level.THIN, ForecastDay.Level.RISK, ForecastDay.Level.GAP)


def weeks_of(
    days: Sequence[ForecastDay], actual: Mapping[dt.date, int], other: Mapping[dt.date, int]
) -> list[Week]:
    """The run by week of seven days; a week is as bad as its worst day."""
    weeks = []
    for start in range(0, len(days), 7):
        part = days[start : start + 7]
        end = part[-1]
        weeks.append(
            Week(
                part[0].on_day, end.on_day, sum(day.inflow_fen for day in part),
                sum(day.outflow_fen for day in part), end.low_fen, end.mid_fen, end.high_fen,
                max((day.level for day in part), key=ORDER.index), actual.get(end.on_day), other.get(end.on_day),
            )
        )  # fmt: skip
    return weeks


def spells_of(run: ForecastRun, days: Sequence[ForecastDay]) -> list[Spell]:
    """The short days of a run as spells, each with its causes; one query for all."""
    groups: list[list[ForecastDay]] = []
    for day in days:
        if not day.level:
            continue
        if groups and groups[-1][-1].on_day + dt.timedelta(days=1) == day.on_day:
            groups[-1].append(day)
        else:
            groups.append([day])
    if not groups:
        return []
    items = list(
        ForecastItem.objects.filter(run=run, amount_fen__lt=0, on_day__lte=groups[-1][-1].on_day)
        .order_by("on_day", "id")
        .values_list("on_day", "cause", "label", "amount_fen", "document_id")
    )
    return [_spell(group, items) for group in groups]


def items_between(run: ForecastRun, first: dt.date, last: dt.date, *, limit: int) -> list[ForecastItem]:
    """The causes of some days of a run, by day, the largest first."""
    found = ForecastItem.objects.filter(run=run, on_day__gte=first, on_day__lte=last)
    return list(found.order_by("on_day", Abs("amount_fen").desc(), "id")[:limit])


def _spell(group: Sequence[ForecastDay], items: Sequence[tuple[dt.date, str, str, int, int | None]]) -> Spell:
    worst = min(group, key=lambda day: (day.mid_fen, day.on_day))
    since = group[0].on_day - dt.timedelta(days=LOOK_BACK_DAYS)
    sums: dict[tuple[str, int | None], int] = {}
    for on, cause, label, fen, document_id in items:
        if since <= on <= worst.on_day:
            key = (f"{NAMES[cause]} {label}", document_id) if document_id else (_name(cause, label), None)
            sums[key] = sums.get(key, 0) - fen
    largest = sorted(sums.items(), key=lambda pair: -pair[1])[:SHOWN_CAUSES]
    return Spell(
        group[0].on_day, group[-1].on_day, max((day.level for day in group), key=ORDER.index), worst.on_day,
        worst.mid_fen, worst.low_fen, tuple(Cause(label, fen, doc_id) for (label, doc_id), fen in largest),
    )  # fmt: skip


def _name(cause: str, label: str) -> str:
    return label if cause in ("plan", "known_out") else NAMES[cause]
