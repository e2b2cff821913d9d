"""What would this rule have found? The same condition over months or years of history, before it is switched on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from fisc.kernel.rules.errors import ConditionError
from fisc.kernel.rules.rulebook import Rulebook, condition_sql, current
from fisc.kernel.rules.spec import RuleVersion
from fisc.kernel.rules.values import sentence
from fisc.kernel.rules.views import FactView, describe


@dataclass(frozen=True)
class Month:
    """One month of a back-test."""

    period: int
    tested: int
    hits: int
    amount_fen: int | None


@dataclass(frozen=True)
class BackTest:
    """What a rule would have found between two days; `samples` are (subject id, sentence)."""

    rule: RuleVersion
    since: dt.date
    until: dt.date
    months: tuple[Month, ...]
    samples: tuple[tuple[int, str], ...]

    @property
    def tested(self) -> int:
        """Rows looked at."""
        return sum(month.tested for month in self.months)

    @property
    def hits(self) -> int:
        """Rows hit."""
        return sum(month.hits for month in self.months)

    @property
    def hit_percent(self) -> float | None:
        """Share of rows hit; None when nothing was tested."""
        return round(100 * self.hits / self.tested, 2) if self.tested else None


def backtest(
    rule: RuleVersion, *, since: dt.date, until: dt.date, sample: int = 20, timeout_seconds: int = 60
) -> BackTest:
    """This will ask one rule of all rows of its view between two days (inclusive), month by month.

    Parameters and exemptions are those of each day, so the history is cut where they change.

    :raises ConditionError: the view has no date.
    """
    view = describe(rule.view)
    if view.date is None:
        raise ConditionError(f"事实视图 {rule.view} 没有日期列，不能回溯检验。")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{timeout_seconds}s"])
        parts = [_part(rule, view, first, last, sample) for first, last in segments(rule.code, since, until)]
        cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    samples = [row for _, found in parts for row in found]
    return BackTest(
        rule=rule,
        since=since,
        until=until,
        months=_months([month for months, _ in parts for month in months]),
        samples=tuple(samples[:sample]),
    )


def segments(code: str, since: dt.date, until: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The stretches of the time in which a rule's parameters and exemptions stay the same."""
    book = current()
    starts = {since}
    starts |= {valid_from for _, valid_from, _ in book.parameters.get(code, ())}
    for first, last, _ in book.exemptions.get(code, ()):
        starts |= {first, last + dt.timedelta(days=1)} if last else {first}
    inside = sorted(day for day in starts if since <= day <= until)
    ends = [day - dt.timedelta(days=1) for day in inside[1:]] + [until]
    return list(zip(inside, ends, strict=True))


def _part(
    rule: RuleVersion, view: FactView, first: dt.date, last: dt.date, sample: int
) -> tuple[list[Month], list[tuple[int, str]]]:
    dated = _dated(current(), rule, first)
    hit = f"coalesce({condition_sql(dated)}, false)"
    amount = f'sum(f."amount_fen") FILTER (WHERE {hit})' if "amount_fen" in view.names else "NULL"
    span = f'f."{view.date}" >= %s AND f."{view.date}" < %s'
    days = [first, last + dt.timedelta(days=1)]
    period = f"to_char(f.\"{view.date}\", 'YYYYMM')::int"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {period}, count(*), count(*) FILTER (WHERE {hit}), {amount}"
            f' FROM "{rule.view}" AS f WHERE {span} GROUP BY 1 ORDER BY 1',
            days,
        )
        months = [
            Month(period, tested, hits, int(total) if total is not None else None)
            for period, tested, hits, total in cursor.fetchall()
        ]
        cursor.execute(
            f'SELECT f.* FROM "{rule.view}" AS f WHERE {span} AND {hit}'
            f' ORDER BY f."{view.date}" DESC, f."{view.subject}" DESC LIMIT %s',
            [*days, sample],
        )
        names = [column.name for column in cursor.description]
        facts = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return months, [(row[view.subject], _say(dated, row)) for row in facts]


def _dated(book: Rulebook, rule: RuleVersion, on: dt.date) -> RuleVersion:
    dated = book.dated(rule, on=on)
    # A draft brings its own values; what the rulebook knows for that day goes before them.
    return RuleVersion(**{**dated.__dict__, "parameters": {**rule.parameters, **dated.parameters}})


def _say(rule: RuleVersion, facts: Mapping[str, Any]) -> str:
    return sentence(rule.message, {**rule.parameters, **facts})


def _months(parts: Sequence[Month]) -> tuple[Month, ...]:
    """Months that a change of parameters has cut are put together again."""
    by_period: dict[int, Month] = {}
    for part in parts:
        had = by_period.get(part.period)
        if had is not None:
            amounts = [amount for amount in (had.amount_fen, part.amount_fen) if amount is not None]
            part = Month(
                part.period, had.tested + part.tested, had.hits + part.hits, sum(amounts) if amounts else None
            )
        by_period[part.period] = part
    return tuple(by_period[period] for period in sorted(by_period))
