"""Own pages: the 三公 control table (ceilings, budget, paid, held, left), and general expenditure with its caps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from fisc.base.errors import NotAllowed
from fisc.domains.austerity import general_set, services, sheet, standing
from fisc.domains.austerity.items import CATEGORIES, THREE_PUBLIC, THREE_PUBLIC_NAMES, TOTAL
from fisc.domains.austerity.standing import CeilingPosition, Spending
from fisc.kernel.documents import get_visible
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.figure_id import url as figure_url
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web import charts, formats, grid
from fisc.web.components import Cell, Empty, Head, Row, Table, Total, link, tag
from fisc.web.pages.exports import attachment, sheet_of
from fisc.web.periods import default_month, month_options
from fisc.web.request import allowed

VIEW = "austerity.report.view"
DECEMBER = 12
EMPTY = CeilingPosition(0, 0, 0)
ITEM_ORDER = {TOTAL: -1, **{code: number for number, (code, _) in enumerate(THREE_PUBLIC)}}


@dataclass(frozen=True)
class Line:
    """One unit's item (or its total) as the table shows it. `ceiling` None: none was given."""

    unit_id: int
    unit: str
    item: str
    ceiling: CeilingPosition | None
    spending: Spending

    @property
    def is_red(self) -> bool:
        """90 % or more of the ceiling is gone."""
        return self.ceiling is not None and self.ceiling.is_red


def lines_of(year: int, month: int) -> list[Line]:
    """Units in their order, each its total first, then its items; few queries."""
    ceilings, spent = standing.ceilings(year), standing.three_public(year, month=month)
    places = {*ceilings, *spent}
    units = {
        pk: (code, name)
        for pk, code, name in Unit.objects.filter(pk__in={unit_id for unit_id, _ in places}).values_list(
            "pk", "code", "name"
        )
    }
    ordered = sorted(places, key=lambda place: (units[place[0]], ITEM_ORDER[place[1]]))
    found = [
        Line(
            unit_id,
            units[unit_id][1],
            item,
            ceilings.get((unit_id, item)),
            spent.get((unit_id, item), Spending()),
        )
        for unit_id, item in ordered
    ]
    return [
        line
        for line in found
        if line.item == TOTAL or line.spending != Spending() or (line.ceiling and line.ceiling.ceiling_fen)
    ]


def three_public_page(request: HttpRequest) -> HttpResponse:
    """三公控制: who has how much left, red from 90 % on; F9 against last year's budget."""
    allowed(request, VIEW, whole=True)
    year, month = _asked(request)
    only_red = bool(request.GET.get("red"))
    lines = lines_of(year, month)
    wanted = {line.unit_id for line in lines if line.is_red}
    shown = [line for line in lines if not only_red or line.unit_id in wanted]
    growth = FigureRequest(metric="austerity.three_public.budget.growth", year=year, month=month)
    context = {
        "title": "三公控制",
        "year": year,
        "month": month,
        "months": month_options(year, month),
        "only_red": only_red,
        "red_count": len(wanted),
        "growth": figures([growth])[growth].text(places=1, sign=True),
        "growth_url": figure_url(growth),
        "table": _three_public_table(shown, lines),
        "vehicles": _vehicles_table(standing.vehicles_over(year).values()),
        "query": f"year={year}&month={month}",
    }
    return render(request, "austerity/three_public.html", context)


def three_public_excel(request: HttpRequest) -> HttpResponse:
    """The same as a sheet."""
    allowed(request, VIEW, whole=True)
    year, month = _asked(request)
    rows = [
        [
            line.unit,
            _item_name(line.item),
            line.ceiling.ceiling_fen if line.ceiling else None,
            line.spending.initial_fen,
            line.spending.paid_fen,
            line.ceiling.held_fen if line.ceiling else None,
            line.ceiling.left_fen if line.ceiling else None,
            formats.percent_text(line.ceiling.used_percent) if line.ceiling else "",
        ]
        for line in lines_of(year, month)
    ]
    content = sheet_of(
        title="三公控制表",
        facts=(("期间", f"{year} 年 1—{month} 月"), ("口径", "预算为年初预算数，支出为累计净额")),
        heads=("单位", "项目", "额度", "预算", "已付", "在途", "可用", "已用比例"),
        kinds_of=("text", "text", "amount", "amount", "amount", "amount", "amount", "text"),
        rows=rows,
        unit=request.look.unit,  # type: ignore[attr-defined]
    )
    return attachment(content, f"三公控制表{year}年{month}月.xlsx")


def sheet_page(request: HttpRequest, document_id: int) -> HttpResponse:
    """填写额度表: a draft's ceilings, filled in like Excel."""
    document = _draft(request, document_id)
    context = {
        "title": f"{document.title} 填写",
        "document": document,
        "grid": sheet.build(document, f"/austerity/ceilings/{document_id}/save/"),
    }
    return render(request, "austerity/sheet.html", context)


@require_POST
@grid.answers_json
def save_sheet(request: HttpRequest, document_id: int) -> JsonResponse:
    """The changed cells of the sheet, saved whole or not at all."""
    with transaction.atomic():
        document = _draft(request, document_id)
        shown = sheet.build(document, request.path)
        changed = grid.changes(request, shown)
        rows, problems = sheet.changed_rows(services.ceiling_rows(document_id), changed)
        if problems:
            return grid.answer(problems)
        saved = services.save_ceilings(
            document_id=document_id,
            rows=list(rows.values()),
            version=document.version,
            actor=request.actor,  # type: ignore[attr-defined]
            at=request.now,  # type: ignore[attr-defined]
        )
    totals = [
        grid.CellChange(row, sheet.WHOLE, rows[int(row)].whole_fen if int(row) in rows else None)
        for row in {change.row for change in changed}
    ]
    return grid.answer(
        version=saved.version,
        cells=totals,
        message=f"已保存 {len(changed)} 格。",
        grid=sheet.build(saved, request.path),
    )


def _draft(request: HttpRequest, document_id: int) -> Document:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.can("austerity.ceiling.edit"):
        raise NotAllowed
    document = get_visible(actor, document_id)
    if document.kind != services.CEILING:
        raise Http404
    return document


def _item_name(item: str) -> str:
    return THREE_PUBLIC_NAMES.get(item, "合计")


THREE_PUBLIC_HEADS = (
    Head("单位", pin=True),
    Head("项目"),
    Head("额度", "amount", money=True),
    Head("预算", "amount", money=True),
    Head("已付", "amount", money=True),
    Head("在途", "amount", money=True),
    Head("可用", "amount", money=True),
    Head("已用比例", "percent"),
)


def _three_public_table(shown: Sequence[Line], lines: Sequence[Line]) -> Table:
    totals = [line for line in lines if line.item == TOTAL]
    ceilings = [line.ceiling for line in totals if line.ceiling]
    whole = CeilingPosition(
        sum(one.ceiling_fen for one in ceilings),
        sum(one.used_fen for one in ceilings),
        sum(one.held_fen for one in ceilings),
    )
    spent = sum((line.spending for line in totals), Spending())
    return Table(
        "三公控制表",
        THREE_PUBLIC_HEADS,
        tuple(_three_public_row(line) for line in shown),
        totals=(Total((Cell("全区", pin=True), Cell("合计"), *_amount_cells(whole, spent))),),
        empty=Empty(
            "没有三公额度和预算", "先下达三公额度。", href="/d/austerity.ceiling/", action="三公额度"
        ),
    )


def _vehicles_table(rows: Iterable[standing.Vehicles]) -> Table | None:
    heads = (Head("单位", pin=True), Head("编制", "count"), Head("实有", "count"), Head("超编", "count"))
    shown = tuple(
        Row(
            (
                Cell(row.unit, pin=True),
                Cell(str(row.posts), "count"),
                Cell(str(row.vehicles), "count"),
                Cell(tag(str(row.vehicles - row.posts), "red"), "count"),
            )
        )
        for row in rows
    )
    return Table("公务用车超编的单位", heads, shown) if shown else None


def _three_public_row(line: Line) -> Row:
    is_total = line.item == TOTAL
    cells = (
        Cell(
            link(line.unit, f"/d/budget.allotment/?unit={line.unit_id}") if is_total else "",
            pin=True,
            css="m-main",
        ),
        Cell(_item_name(line.item)),
        *_amount_cells(line.ceiling, line.spending),
    )
    return Row(cells, level=0 if is_total else 1, css="sum" if is_total else "")


def _amount_cells(ceiling: CeilingPosition | None, spending: Spending) -> tuple[Cell, ...]:
    if ceiling is None:
        given = held = left = percent = Cell(formats.NO_DATA, "amount")
    else:
        shown = formats.percent_text(ceiling.used_percent)
        given, held = Cell(formats.amount(ceiling.ceiling_fen), "amount"), _amount(ceiling.held_fen)
        left = _amount(ceiling.left_fen)
        percent = Cell(tag(shown, "red") if ceiling.is_red else shown, "percent")
    return (given, _amount(spending.initial_fen), _amount(spending.paid_fen), held, left, percent)


def _amount(fen: int) -> Cell:
    return Cell(formats.amount(fen), "amount")


def general_page(request: HttpRequest) -> HttpResponse:
    """一般性支出: by unit cap, last year's and this year's budget, cut rate, paid; by kind; supplements."""
    actor = allowed(request, VIEW, whole=True)
    year, month = _asked(request)
    items = general_set.items_of(year)
    prefixes = [item.economic_prefix for item in items]
    now = standing.general(year, prefixes, month=month)
    before = standing.general_by_unit(year - 1)
    context = {
        "title": "一般性支出",
        "year": year,
        "month": month,
        "months": month_options(year, month),
        "cap": standing.cap_in_force(year),
        "version": general_set.version_for(year),
        "may_import": actor.can("imports.austerity.general_set"),
        "cards": _cards(year, month),
        "table": _units_table(now, before, standing.caps(year)),
        "kinds": _kinds_table(now, {item.economic_prefix: item.category for item in items}),
        "items": "、".join(f"{item.name}（{item.economic_prefix}）" for item in items),
    }
    return render(request, "austerity/general.html", context)


def _cards(year: int, month: int) -> list[tuple[str, str, str]]:
    """(label, text, link) of the headline figures."""
    wanted = {
        "年初预算": "austerity.general.budget",
        "压减率": "austerity.general.cut_rate",
        "支出": "austerity.general.executed",
        "追加率": "budget.supplement.rate",
    }
    requests = {label: FigureRequest(metric=code, year=year, month=month) for label, code in wanted.items()}
    found = figures(requests.values())
    return [
        (label, f"{found[asked].text(places=2)} {found[asked].unit_label()}", figure_url(asked))
        for label, asked in requests.items()
    ]


UNIT_HEADS = (
    Head("单位", pin=True),
    Head("上年预算", "amount", money=True),
    Head("限额", "amount", money=True),
    Head("年初预算", "amount", money=True),
    Head("压减率", "percent"),
    Head("调整预算", "amount", money=True),
    Head("支出", "amount", money=True),
    Head("占限额", "percent"),
)


def _units_table(
    now: dict[standing.Place, Spending], before: dict[int, Spending], caps: dict[int, int]
) -> Table:
    by_unit: dict[int, Spending] = {}
    for (unit_id, _), spending in now.items():
        by_unit[unit_id] = by_unit.get(unit_id, Spending()) + spending
    wanted = {*by_unit, *caps, *(unit_id for unit_id, row in before.items() if row.initial_fen)}
    names = Unit.objects.filter(pk__in=wanted).order_by("code").values_list("pk", "name")
    rows = tuple(
        _unit_row(
            link(name, f"/d/budget.allotment/?unit={pk}"), by_unit.get(pk), before.get(pk), caps.get(pk)
        )
        for pk, name in names
    )
    whole_cap = sum(caps.values()) if caps else None
    whole = _unit_row("全区", sum(by_unit.values(), Spending()), sum(before.values(), Spending()), whole_cap)
    return Table(
        "一般性支出按单位",
        UNIT_HEADS,
        rows,
        totals=(Total(whole.cells),),
        empty=Empty("没有一般性支出"),
    )


def _unit_row(name: str | SafeString, now: Spending | None, before: Spending | None, cap: int | None) -> Row:
    now, before = now or Spending(), before or Spending()
    cut = standing.percent(before.initial_fen - now.initial_fen, before.initial_fen)
    used = standing.percent(now.approved_fen, cap)
    shown = formats.percent_text(used)
    return Row(
        (
            Cell(name, pin=True, css="m-main"),
            _amount(before.initial_fen),
            Cell(formats.NO_DATA, "amount") if cap is None else _amount(cap),
            _amount(now.initial_fen),
            Cell(formats.percent_text(cut), "percent"),
            _amount(now.approved_fen),
            _amount(now.paid_fen),
            Cell(tag(shown, "red") if cap is not None and now.approved_fen > cap else shown, "percent"),
        )
    )


def _kinds_table(now: dict[standing.Place, Spending], categories: dict[str, str]) -> Table:
    by_kind: dict[str, Spending] = {}
    for (_, code), spending in now.items():
        prefix = next(prefix for prefix in categories if code.startswith(prefix))
        kind = categories[prefix]
        by_kind[kind] = by_kind.get(kind, Spending()) + spending
    heads = (
        Head("类别", pin=True),
        Head("年初预算", "amount", money=True),
        Head("调整预算", "amount", money=True),
        Head("支出", "amount", money=True),
        Head("执行"),
    )
    rows = tuple(
        Row(
            (
                Cell(name, pin=True, css="m-main"),
                _amount(by_kind[kind].initial_fen),
                _amount(by_kind[kind].approved_fen),
                _amount(by_kind[kind].paid_fen),
                Cell(
                    charts.progress_bar(
                        standing.percent(by_kind[kind].paid_fen, by_kind[kind].approved_fen), label=name
                    )
                ),
            )
        )
        for kind, name in CATEGORIES
        if kind in by_kind
    )
    return Table("一般性支出按类别", heads, rows, empty=Empty("没有一般性支出"))


def _asked(request: HttpRequest) -> tuple[int, int]:
    today: date = request.now.date()  # type: ignore[attr-defined]
    given = request.GET
    year = request.look.year or today.year  # type: ignore[attr-defined]
    if given.get("year", "").isdigit() and int(given["year"]) in general_set.YEARS:
        year = int(given["year"])
    month = int(given["month"]) if given.get("month", "").isdigit() else 0
    if not 1 <= month <= DECEMBER:
        month = default_month(today, year)
    return year, month
