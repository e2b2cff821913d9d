"""Code lists and units, to fill fields with."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from fisc.api.access import actor_of, now
from fisc.api.errors import PROBLEMS
from fisc.api.schemas import MAX_PAGE, CodeOut, ErrorOut, Text, UnitOut, Year
from fisc.base.errors import NotFound
from fisc.base.text import clean
from fisc.kernel import codes
from fisc.kernel.codes import FUNDS, KINDS
from fisc.kernel.orgs.models import Unit

router = Router(tags=["代码"])


class CodeQuery(Schema):
    """A search in one list."""

    q: Annotated[Text, Field(max_length=60, description="编码开头、名称或拼音首字母；空为全部")] = ""
    year: Year | None = None
    fund: Annotated[Text, Field(max_length=20)] | None = None
    leaf_only: bool = False
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20


@router.get("/codes/{kind}", response={200: list[CodeOut], PROBLEMS: ErrorOut}, summary="查代码表")
def search_codes(
    request: HttpRequest, kind: Annotated[str, Path(max_length=40)], query: Query[CodeQuery]
) -> list[dict[str, Any]]:
    if kind not in KINDS:
        raise NotFound("没有这个代码表。")
    if query.fund is not None and query.fund not in FUNDS:
        raise NotFound("没有这种资金性质。")
    found = codes.search(
        kind=kind, text=query.q, year=query.year or now().year, fund=query.fund, leaf_only=query.leaf_only,
        limit=query.limit,
    )  # fmt: skip
    return [{name: getattr(code, name) for name in CodeOut.model_fields} for code in found]


class UnitQuery(Schema):
    """A search among the units the actor sees."""

    q: Annotated[Text, Field(max_length=60)] = ""
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50


@router.get("/units", response={200: list[UnitOut], PROBLEMS: ErrorOut}, summary="我能看的预算单位")
def list_units(request: HttpRequest, query: Query[UnitQuery]) -> list[dict[str, Any]]:
    actor = actor_of(request)
    units = Unit.objects.filter(is_active=True)
    if actor.unit_ids is not None:
        units = units.filter(pk__in=actor.unit_ids)
    if words := clean(query.q):
        units = units.filter(
            Q(code__startswith=words) | Q(name__contains=words) | Q(short_name__contains=words)
        )
    return [{name: getattr(unit, name) for name in UnitOut.model_fields} for unit in units[: query.limit]]
