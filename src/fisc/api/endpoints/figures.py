"""Figures: what can be asked, the values, and what each is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from fisc.api.access import actor_of
from fisc.api.errors import PROBLEMS
from fisc.api.schemas import (
    EntryOut,
    EntryPageOut,
    ErrorOut,
    FigureDetail,
    FigureOut,
    Id,
    MetricOut,
    Text,
    Year,
)
from fisc.base.errors import BadInput, NotAllowed
from fisc.kernel.metrics import catalogue, evidence
from fisc.kernel.metrics.evidence import VIEW_PERMISSION, EntryPage
from fisc.kernel.metrics.fetch import figures as fetch
from fisc.kernel.metrics.figure import Figure
from fisc.kernel.metrics.spec import FigureRequest

router = Router(tags=["数字"])
Part = Annotated[Text, Field(max_length=20, pattern=r"^[A-Za-z0-9_]+$")]
FigureId = Annotated[
    str, Path(max_length=2000, pattern=r"^[A-Za-z0-9_.~-]+$", description="/figures 给出的 id")
]
Answer = TypeVar("Answer")


class FigureQuery(Schema):
    """Which figures, for which month, narrowed to which part of the books."""

    metric: Annotated[list[Annotated[Text, Field(max_length=100)]], Field(min_length=1, max_length=50)]
    year: Year
    month: Annotated[int, Field(ge=1, le=12)]
    unit_id: Annotated[list[Id], Field(max_length=500)] = []
    function: Part | None = None
    revenue: Part | None = None
    economic: Part | None = None
    fund: Part | None = None
    only_month: bool = False
    as_known_on: dt.datetime | None = None


class EntryQuery(Schema):
    """A page of entries."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Text, Field(max_length=120, pattern=r"^[0-9_-]*$")] = ""


class DetailQuery(EntryQuery):
    """The same, and whether to add every single transfer up."""

    check: bool = False


@router.get("/metrics", response={200: list[MetricOut], PROBLEMS: ErrorOut}, summary="可查的指标及口径")
def list_metrics(request: HttpRequest) -> list[dict[str, Any]]:
    if not actor_of(request).can(VIEW_PERMISSION):
        raise NotAllowed("您没有查看指标数字的权限。")
    known = catalogue.current()
    return [
        {
            "code": metric.code,
            "title": metric.title,
            "unit": metric.unit,
            "scope": metric.scope,
            "formula_id": metric.formula_id,
        }
        for metric in (known.latest(code) for code in known.by_code)
    ]


@router.get("/figures", response={200: list[FigureOut], PROBLEMS: ErrorOut}, summary="取数")
def list_figures(request: HttpRequest, query: Query[FigureQuery]) -> list[dict[str, Any]]:
    actor = actor_of(request)
    wanted = [evidence.permitted(_request(code, query), actor) for code in query.metric]
    found = fetch(wanted)
    return [figure_out(found[asked]) for asked in wanted]


def _request(metric: str, query: FigureQuery) -> FigureRequest:
    moment = query.as_known_on
    if moment is not None and moment.tzinfo is None:
        raise BadInput("as_known_on 须带时区，如 2023-07-03T12:00:00+08:00。", code="api.bad_request")
    return FigureRequest(
        metric=metric,
        year=query.year,
        month=query.month,
        unit_ids=tuple(query.unit_id) or None,
        function=query.function,
        revenue=query.revenue,
        economic=query.economic,
        fund=query.fund,
        only_month=query.only_month,
        as_known_on=moment,
    )


def figure_out(figure: Figure) -> dict[str, Any]:
    """A figure on the wire."""
    return {
        "id": figure.id,
        "metric": figure.metric.code,
        "title": figure.metric.title,
        "period": evidence.period_text(figure.metric, figure.request),
        "value": None if figure.decimal is None else f"{figure.decimal:f}",
        "unit": figure.metric.unit,
        "text": figure.text(),
        "unit_label": figure.unit_label(),
        "note": figure.note,
        "inputs": [item.id for item in figure.inputs],
    }


@router.get(
    "/figures/{figure_id}", response={200: FigureDetail, PROBLEMS: ErrorOut}, summary="一个数字从哪里来"
)
def explain(request: HttpRequest, figure_id: FigureId, query: Query[DetailQuery]) -> dict[str, Any]:
    page = _paged(
        lambda: evidence.explain(
            figure_id, actor=actor_of(request), limit=query.limit, cursor=query.cursor, check=query.check
        )
    )
    return {
        "figure": figure_out(page.figure),
        "filters": [{"label": label, "text": text} for label, text in page.filters],
        "definition": [{"label": label, "text": text} for label, text in page.definition],
        "formula": page.formula,
        "formula_with_numbers": page.formula_with_numbers,
        "inputs": [figure_out(line.figure) for line in page.inputs],
        "parts_head": page.parts_head,
        "parts": [vars(part) for part in page.parts],
        "entries": _entries_out(page.entries),
        "digest": page.figure.digest,
        "adds_up": None if page.adds_up is None else page.adds_up.is_equal,
    }


@router.get(
    "/figures/{figure_id}/entries",
    response={200: EntryPageOut, PROBLEMS: ErrorOut},
    summary="一个数字的逐笔明细",
)
def list_entries(request: HttpRequest, figure_id: FigureId, query: Query[EntryQuery]) -> dict[str, Any]:
    page = _paged(
        lambda: evidence.explain(figure_id, actor=actor_of(request), limit=query.limit, cursor=query.cursor)
    )
    return _entries_out(page.entries)


def _paged(ask: Callable[[], Answer]) -> Answer:
    """The cursor is read below; one that nobody gave out is refused here."""
    try:
        return ask()
    except ValueError as error:
        raise BadInput(
            "cursor 或编号无效，请使用上一页给出的 next_cursor。", code="api.bad_cursor"
        ) from error


def _entries_out(page: EntryPage) -> dict[str, Any]:
    items = [{name: getattr(row, name) for name in EntryOut.model_fields} for row in page.rows]
    return {"items": items, "next_cursor": page.next_cursor}
