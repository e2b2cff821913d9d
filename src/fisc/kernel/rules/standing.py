"""Standing checks: sentences that must always hold of the books, each a query for the rows that break it.

The queries come from the ledger and the modules; `install` is called by the module registry, so that the command
line and the nightly job find them all here.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from fisc.base.progress import Progress, silent
from fisc.kernel.rules.models import StandingRun
from fisc.kernel.rules.spec import Invariant, StandingResult

SAMPLE = 20
"""How many of the bad rows are kept."""

_installed: list[Invariant] = []


def install(invariants: Iterable[Invariant]) -> None:
    """This will make these the standing checks of the running program. :raises ValueError: a code is used twice."""
    unique: dict[str, Invariant] = {}
    for invariant in invariants:
        if invariant.code in unique:
            raise ValueError(f"standing check {invariant.code} is declared twice")
        unique[invariant.code] = invariant
    _installed[:] = unique.values()


def installed() -> tuple[Invariant, ...]:
    """The standing checks of the running program."""
    return tuple(_installed)


def run_standing_checks(
    progress: Progress = silent, *, at: dt.datetime, only: Sequence[str] = (), keep: bool = True
) -> list[StandingResult]:
    """This will run the standing checks (or those whose code begins with one of `only`) and keep their results."""
    chosen = [check for check in _installed if not only or check.code.startswith(tuple(only))]
    results = []
    for number, invariant in enumerate(chosen):
        progress(invariant.title, number, len(chosen))
        results.append(run_one(invariant, at=at))
    progress("完成", len(chosen), len(chosen))
    if keep:
        StandingRun.objects.bulk_create([_row(result) for result in results])
    return results


def run_one(invariant: Invariant, *, at: dt.datetime) -> StandingResult:
    """This will run one check: it reads only, and counts the bad rows and shows the first of them."""
    body = invariant.sql.strip().rstrip(";")
    sql = (
        f"WITH bad AS MATERIALIZED ({body}) SELECT (SELECT count(*) FROM bad), bad.* FROM bad LIMIT {SAMPLE}"
    )
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, dict(invariant.parameters) or None)
        names = [column.name for column in cursor.description][1:]
        rows = cursor.fetchall()
    return StandingResult(
        invariant=invariant,
        bad_count=rows[0][0] if rows else 0,
        sample=tuple(dict(zip(names, map(_plain, row[1:]), strict=True)) for row in rows),
        seconds=time.perf_counter() - began,
        ran_at=at,
    )


def _plain(value: object) -> object:
    return value if isinstance(value, int | str | bool | None) else str(value)


def _row(result: StandingResult) -> StandingRun:
    return StandingRun(
        code=result.invariant.code,
        title=result.invariant.title,
        owner=result.invariant.owner,
        ran_at=result.ran_at,
        seconds=result.seconds,
        bad_count=result.bad_count,
        sample=list(result.sample),
    )
