"""The module's own pages: base data as a sheet."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from fisc.domains.standards import base_sheet, services
from fisc.domains.standards.base_sheet import PARTS, Place
from fisc.web import grid
from fisc.web.components import Action, Pager, Tab, encode, page_links
from fisc.web.request import allowed

VIEW_BASE = "standards.base_report.view"
EDIT_BASE = "standards.base_report.edit"


def number(text: str | None, default: int) -> int:
    """A whole number of the address, or the default."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else default


def year_of(request: HttpRequest) -> int:
    """The year of the address, else the reader's, else the year with the latest reports."""
    chosen = request.look.year  # type: ignore[attr-defined]
    given = number(request.GET.get("year"), 0)
    if 2000 <= given <= 2099:
        return given
    return chosen or base_sheet.latest_year(request.now.year)  # type: ignore[attr-defined]


def _place(request: HttpRequest) -> Place:
    part = request.GET.get("part", "all")
    return Place(
        year=year_of(request),
        part=part if part in {key for key, *_ in PARTS} else "all",
        text=request.GET.get("q", "")[:40],
        unit_id=number(request.GET.get("unit"), 0) or None,
        page=number(request.GET.get("page"), 1),
    )


def _query(place: Place, **more: object) -> str:
    given = {
        "year": place.year,
        "part": place.part,
        "q": place.text,
        "unit": place.unit_id,
        "page": place.page,
    }
    return "?" + encode({**given, **more})


def base_page(request: HttpRequest) -> HttpResponse:
    """基础信息: the sheet."""
    actor = allowed(request, VIEW_BASE)
    place = _place(request)
    sheet = base_sheet.build(actor, place, save_url=f"/standards/base/save/{_query(place)}")
    pages = max(1, -(-sheet.count // place.rows_a_page))
    query = {"year": place.year, "part": place.part, "q": place.text, "unit": place.unit_id}
    actions = [Action("导出Excel", f"/standards/base/export.xlsx?year={place.year}", "file-down", low=True)]
    if actor.can("imports.standards.base"):
        actions.append(Action("导入", "/imports/standards.base/", "file-up", low=True))
    if sheet.may_edit and sheet.filled < sheet.count:
        actions.append(Action("带入上年数", icon="copy", dialog="carry", low=True))
    actions.append(Action("送审与审核", f"/d/{services.KIND}/", "list-checks"))
    context = {
        "title": "基础信息",
        "place": place,
        "carry_url": f"/standards/base/carry/{_query(place)}",
        "last_year": place.year - 1,
        "missing": sheet.count - sheet.filled,
        "grid": sheet.grid,
        "actions": actions,
        "years": range(place.year - 2, place.year + 3),
        "tabs": [
            Tab(label, _query(place, part=key, page=1), current=key == place.part) for key, label, _ in PARTS
        ],
        "pager": Pager(
            format_html(
                "共 <b>{}</b> 个单位，已填报 <b>{}</b> 个，每页 {} 个",
                sheet.count,
                sheet.filled,
                place.rows_a_page,
            ),
            page_links(page=sheet.page, pages=pages, query=query),
        ),
    }
    return render(request, "standards/base.html", context)


@require_POST
def carry_base(request: HttpRequest) -> HttpResponse:
    """Last year's numbers into the reports that have not been begun."""
    actor = allowed(request, EDIT_BASE)
    place = _place(request)
    unit_ids = [unit.pk for unit in base_sheet.units_of(actor, place)]
    made = services.carry_forward(year=place.year, unit_ids=unit_ids, actor=actor, at=request.now)  # type: ignore[attr-defined]
    if made:
        messages.success(request, f"已为 {len(made)} 个单位带入{place.year - 1}年的数据，请核对修改。")
    else:
        messages.warning(request, f"没有可带入的单位：都已开始填报，或没有{place.year - 1}年的数据。")
    return HttpResponseRedirect(f"/standards/base/{_query(place)}")


@require_POST
@grid.answers_json
def save_base(request: HttpRequest) -> JsonResponse:
    """The changed cells of the sheet; the reports are made where missing."""
    actor = allowed(request, EDIT_BASE)
    place = _place(request)
    with transaction.atomic():
        sheet = base_sheet.build(actor, place, lock=True, save_url="/")
        changed = grid.changes(request, sheet.grid)
        rows = base_sheet.rows_of(changed)
        services.set_base_figures(year=place.year, rows=rows, actor=actor, at=request.now)  # type: ignore[attr-defined]
        now = base_sheet.build(actor, place)
    states = {row.key: row.values["state"] for row in now.grid.rows}
    hint = base_sheet.hints(rows, place.year)
    return grid.answer(
        version=now.grid.version,
        totals=now.grid.totals,
        cells=[grid.CellChange(str(row.unit_id), "state", states[str(row.unit_id)]) for row in rows],
        message=f"已保存 {len(changed)} 格。" + (f"请注意：{hint}。" if hint else ""),
        grid=now.grid,
    )
