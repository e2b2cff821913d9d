"""Counts and sums over fact views: one query for all view figures of a page."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from fisc.kernel.metrics.spec import Exact, FigureRequest, ViewCount

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_FIRST_DAY = date(1949, 10, 1)


def count_views(requests: Sequence[tuple[FigureRequest, ViewCount]]) -> dict[FigureRequest, Exact]:
    """The values of view figures; a sum without rows is None, a count without rows is 0."""
    if not requests:
        return {}
    queries, parameters = [], []
    for number, (request, source) in enumerate(requests):
        text, values = view_query(source, request, select=f"{number}, {_measure(source.measure)}::bigint")
        queries.append(text)
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries), parameters)
        found = dict(cursor.fetchall())
    return {request: found[number] for number, (request, _) in enumerate(requests)}


def view_rows(request: FigureRequest, source: ViewCount, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """The rows behind a view figure, by date; names are the view's columns."""
    text, parameters = view_query(source, request, select="*")
    with connection.cursor() as cursor:
        cursor.execute(f"{text} ORDER BY {name(source.on)} LIMIT %s OFFSET %s", [*parameters, limit, offset])
        heads = [column.name for column in cursor.description or ()]
        return [dict(zip(heads, row, strict=True)) for row in cursor.fetchall()]


def view_query(source: ViewCount, request: FigureRequest, *, select: str) -> tuple[str, list[Any]]:
    """The query of one view figure and its parameters."""
    first, last = _days(source, request)
    clauses = [f"{name(source.on)} BETWEEN %s AND %s"]
    parameters: list[Any] = [first, last]
    for column, values in source.where:
        clauses.append(f"{name(column)} = ANY(%s)")
        parameters.append(list(values))
    for key, column in source.filters:
        wanted = getattr(request, key)
        if wanted is None:
            continue
        if key == "unit_ids":
            clauses.append(f"{name(column)} = ANY(%s)")
            parameters.append(list(wanted))
        elif key in ("function", "revenue", "economic"):
            clauses.append(f"starts_with({name(column)}, %s)")
            parameters.append(wanted)
        else:
            clauses.append(f"{name(column)} = %s")
            parameters.append(wanted)
    if request.as_known_on is not None and source.known:
        clauses.append(f"{name(source.known)} <= %s")
        parameters.append(request.as_known_on)
    return f"SELECT {select} FROM {name(source.view)} WHERE {' AND '.join(clauses)}", parameters


def name(text: str) -> str:
    """A column or view name, checked. :raises ValueError: not a plain SQL name."""
    if not _NAME.match(text):
        raise ValueError(f"not a column name: {text}")
    return text


def _measure(measure: str) -> str:
    kind, _, column = measure.partition(":")
    if measure == "*":
        return "count(*)"
    if kind == "distinct":
        return f"count(DISTINCT {name(column)})"
    if kind == "sum":
        return f"sum({name(column)})"
    raise ValueError(f"not a measure: {measure}")


def _days(source: ViewCount, request: FigureRequest) -> tuple[date, date]:
    end = date(request.year, request.month, monthrange(request.year, request.month)[1])
    return {
        "month": (date(request.year, request.month, 1), end),
        "ytd": (date(request.year, 1, 1), end),
        "year": (date(request.year, 1, 1), date(request.year, 12, 31)),
        "balance": (_FIRST_DAY, end),
        "opening": (_FIRST_DAY, date(request.year - 1, 12, 31)),
    }["month" if request.only_month and source.period == "ytd" else source.period]
