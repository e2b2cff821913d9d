"""Snapshots: a report frozen at a moment, and the proof that the books still give the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.figure import sm3
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.reports.build import build
from fisc.kernel.reports.models import Snapshot
from fisc.kernel.reports.spec import Report, ReportLayout, ReportQuery, Row


@dataclass(frozen=True)
class Comparison:
    """A snapshot held against the books of its moment: equal, or the rows that differ (path texts)."""

    is_equal: bool
    differing: tuple[str, ...]


def content(report: Report) -> list[dict[str, Any]]:
    """The report's rows and total as plain data, exact values as text."""
    return [_row(row) for row in (*report.rows, report.total)]


def digest(report: Report) -> str:
    """SM3 over layout, query and all values."""
    query = {key: value for key, value in asdict(report.query).items() if key != "as_known_on"}
    return sm3([report.layout.code, query, content(report)])


def _row(row: Row) -> dict[str, Any]:
    cells = {cell.key: None if cell.value is None else str(cell.value) for cell in row.cells}
    return {"path": row.path_text, "code": row.code, "name": row.name, "cells": cells}


def take(
    layout: ReportLayout,
    query: ReportQuery,
    *,
    actor: Actor,
    at: datetime,
    catalogue: Catalogue | None = None,
) -> Snapshot:
    """This will build the report as known now and keep it. :raises NotAllowed: not for this actor."""
    report = build(layout, replace(query, as_known_on=at), actor=actor, catalogue=catalogue)
    return Snapshot.objects.create(
        layout=layout.code,
        title=f"{layout.title}（{report.period_text}）",
        year=query.year,
        month=query.month,
        query={**asdict(report.query), "as_known_on": at.isoformat()},
        rows=content(report),
        digest=digest(report),
        taken_at=at,
        taken_by_id=actor.user_id,
    )


def compare(
    snapshot: Snapshot, layout: ReportLayout, *, actor: Actor, catalogue: Catalogue | None = None
) -> Comparison:
    """This will build the report again as known at the snapshot's moment and hold the two against each other."""
    report = build(layout, _query(snapshot), actor=actor, catalogue=catalogue)
    now = {row["path"]: row for row in content(report)}
    then = {row["path"]: row for row in snapshot.rows}
    differing = [path or "合计" for path in {**then, **now} if then.get(path) != now.get(path)]
    return Comparison(
        is_equal=digest(report) == snapshot.digest and not differing, differing=tuple(differing)
    )


def _query(snapshot: Snapshot) -> ReportQuery:
    facts = dict(snapshot.query)
    units = facts.pop("unit_ids")
    moment = datetime.fromisoformat(facts.pop("as_known_on"))
    return ReportQuery(**facts, unit_ids=None if units is None else tuple(units), as_known_on=moment)
