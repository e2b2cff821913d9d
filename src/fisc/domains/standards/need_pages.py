"""标准测算: the sums of all units, the 测算表 of one, both as Excel; the base data as Excel."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fisc.base.errors import NotFound
from fisc.base.money import format_fen
from fisc.domains.standards import base_sheet, reading, services, workbooks
from fisc.domains.standards.base_sheet import Place
from fisc.domains.standards.measures import NAMES, UNITS
from fisc.domains.standards.models import BaseReport, Category, Level
from fisc.domains.standards.pages import VIEW_BASE, year_of
from fisc.domains.standards.reading import NeedLine, SchoolLevel, UnitNeed
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web import formats
from fisc.web.components import Action, Cell, Empty, Head, Row, Table, Total, link
from fisc.web.pages.exports import attachment
from fisc.web.request import allowed


def _sums(actor: Actor, year: int) -> list[tuple[Unit, UnitNeed]]:
    found = reading.needs_by_unit(year=year)
    units = Unit.objects.filter(pk__in=list(found)).order_by("code")
    return [(unit, found[unit.pk]) for unit in units if actor.sees(unit.pk)]


def needs_page(request: HttpRequest) -> HttpResponse:
    """测算汇总: one row is one unit."""
    actor = allowed(request, VIEW_BASE)
    year = year_of(request)
    sums = _sums(actor, year)
    context = {
        "title": "标准测算",
        "sub": f"{year} 年，按已审定的基础信息表",
        "actions": [
            Action("支出标准", "/standards/rates/", "ruler", low=True),
            Action("生均公用经费", f"/standards/pupils/?year={year}", "school"),
            Action("导出Excel", f"/standards/needs/export.xlsx?year={year}", "file-down"),
        ],
        "year": year,
        "years": range(year - 2, year + 3),
        "table": _sums_table(sums, year),
    }
    return render(request, "standards/needs.html", context)


def _sums_table(sums: Sequence[tuple[Unit, UnitNeed]], year: int) -> Table:
    heads = (
        Head("单位编码", pin=True),
        Head("单位"),
        Head("人员经费", "amount", money=True),
        Head("公用经费", "amount", money=True),
        Head("其中生均公用经费", "amount", money=True),
        Head("合计", "amount", money=True),
    )
    rows = tuple(
        Row(
            (
                Cell(unit.code, pin=True, css="m-desc"),
                Cell(link(str(unit), f"/standards/needs/{unit.pk}/?year={year}"), css="m-main"),
                *(
                    Cell(formats.amount(fen), "amount", css="m-amt" if last else "")
                    for fen, last in _parts(need)
                ),
            )
        )
        for unit, need in sums
    )
    every = (
        UnitNeed(*(sum(column) for column in zip(*(_fens(need) for _, need in sums), strict=True)))
        if sums
        else None
    )
    totals = ()
    if every:
        cells = (Cell("合计", pin=True, css="m-no"), Cell(f"{len(sums)} 个单位"))
        totals = (
            Total(
                (
                    *cells,
                    *(
                        Cell(formats.amount(fen), "amount", css="m-amt" if last else "")
                        for fen, last in _parts(every)
                    ),
                ),
                "all",
            ),
        )
    empty = Empty(
        "还没有审定的基础信息",
        "基础信息表审定后，按支出标准自动测算",
        "calculator",
        f"/standards/base/?year={year}",
        "去填报",
    )
    return Table("测算汇总", heads, rows, totals=totals, cards=True, empty=empty)


def _fens(need: UnitNeed) -> tuple[int, int, int, int]:
    return need.personnel_fen, need.public_fen, need.pupils_fen, need.total_fen


def _parts(need: UnitNeed) -> list[tuple[int, bool]]:
    return [(fen, index == 3) for index, fen in enumerate(_fens(need))]


def pupils_page(request: HttpRequest) -> HttpResponse:
    """生均公用经费 by 学段 (F12): standard, raise, pupils, need, 调标增支."""
    actor = allowed(request, VIEW_BASE)
    year = year_of(request)
    context = {
        "title": "生均公用经费",
        "sub": f"{year} 年，按已审定的基础信息和学籍；标准为国家基准与地方提标合计",
        "actions": [Action("标准测算", f"/standards/needs/?year={year}", "calculator")],
        "year": year,
        "years": range(year - 2, year + 3),
        "table": _levels_table(reading.school_levels(year=year, unit_ids=actor.unit_ids), year),
    }
    return render(request, "standards/needs.html", context)


def _levels_table(levels: Sequence[SchoolLevel], year: int) -> Table:
    heads = (
        Head("学段", pin=True),
        Head("学校数", "n"),
        Head("填报学生数", "n"),
        Head("核定学生数", "n"),
        Head(f"{year - 1}年标准（元）", "n"),
        Head(f"{year}年标准（元）", "n"),
        Head("提高（元）", "n"),
        Head("调标增支", "amount", money=True),
        Head("测算额", "amount", money=True),
    )
    rows = tuple(
        Row(
            (
                Cell(NAMES[one.measure], pin=True, css="m-main"),
                Cell(f"{one.schools:,}", "n"),
                Cell(f"{one.reported:,}", "n", css="m-desc"),
                Cell(f"{one.counted:,}", "n"),
                Cell(formats.NO_DATA if one.before_fen is None else format_fen(one.before_fen), "n"),
                Cell(format_fen(one.standard_fen), "n"),
                Cell(_signed(one.raise_fen), "n"),
                Cell(formats.amount(one.raise_cost_fen), "amount"),
                Cell(formats.amount(one.amount_fen), "amount", css="m-amt"),
            )
        )
        for one in levels
    )
    sums = (
        Cell("合计", pin=True, css="m-no"),
        *(Cell("") for _ in range(6)),
        Cell(formats.amount(sum(one.raise_cost_fen or 0 for one in levels)), "amount"),
        Cell(formats.amount(sum(one.amount_fen for one in levels)), "amount", css="m-amt"),
    )
    empty = Empty("还没有审定的学生数", "学校的基础信息表审定后，按生均标准自动测算", "school")
    return Table("生均公用经费", heads, rows, totals=(Total(sums, "all"),), cards=True, empty=empty)


def _signed(fen: int | None) -> str:
    if fen is None:
        return formats.NO_DATA
    return ("+" if fen > 0 else "") + format_fen(fen)


def needs_export(request: HttpRequest) -> HttpResponse:
    """测算汇总表."""
    actor = allowed(request, VIEW_BASE)
    year = year_of(request)
    rows = [(unit.code, unit.name, need) for unit, need in _sums(actor, year)]
    content = workbooks.summary(year=year, rows=rows, maker=actor.name, day=f"{request.now:%Y-%m-%d}")  # type: ignore[attr-defined]
    return attachment(content, f"{year}年基本支出测算汇总表.xlsx")


def _unit(actor: Actor, unit_id: int) -> Unit:
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or not actor.sees(unit_id):
        raise NotFound
    return unit


def sheet_page(request: HttpRequest, unit_id: int) -> HttpResponse:
    """测算表 of one unit."""
    actor = allowed(request, VIEW_BASE)
    unit, year = _unit(actor, unit_id), year_of(request)
    lines = reading.needs_of(year=year, unit_ids=[unit.pk])
    report = (
        BaseReport.objects.filter(unit=unit, year=year, is_current=True).select_related("document").first()
    )
    context = {
        "title": "测算表",
        "unit": unit,
        "year": year,
        "years": range(year - 2, year + 3),
        "report": report.document if report else None,
        "actions": [
            Action("导出Excel", f"/standards/needs/{unit.pk}/export.xlsx?year={year}", "file-down"),
        ]
        if lines
        else [],
        "table": _sheet_table(lines, report is not None),
        "words": [
            (line.name, line.explanation)
            for line in lines
            if line.measure.startswith("pupils_") or line.quantity != line.reported
        ],
    }
    return render(request, "standards/sheet.html", context)


def _sheet_table(lines: Sequence[NeedLine], has_report: bool) -> Table:
    heads = (
        Head("编码", pin=True),
        Head("项目"),
        Head("经济分类"),
        Head("三保"),
        Head("层级"),
        Head("数量口径"),
        Head("标准（元/年）", "n"),
        Head("数量", "n"),
        Head("测算金额", "amount", money=True),
    )
    rows: list[Row] = []
    for category, label in Category.choices:
        held = [line for line in lines if line.category == category]
        if held:
            rows.append(_group_row(label, sum(line.amount_fen for line in held)))
            rows += [_need_row(line) for line in held]
    total = Total(
        (
            Cell("合计", pin=True, css="m-no"),
            *(Cell("") for _ in range(7)),
            Cell(formats.amount(sum(x.amount_fen for x in lines)), "amount", css="m-amt"),
        ),
        "all",
    )
    empty = Empty(
        "基础信息表还没有审定" if has_report else "这个单位还没有填报基础信息",
        "审定后按支出标准自动测算",
        "calculator",
    )
    return Table(
        "测算表", heads, tuple(rows), totals=(total,), cards=True, css="tree", empty=empty, frame="tw plain"
    )


def _group_row(label: str, fen: int) -> Row:
    cells = (
        Cell("", pin=True),
        Cell(label, css="m-main"),
        *(Cell("") for _ in range(6)),
        Cell(formats.amount(fen), "amount", css="m-amt"),
    )
    return Row(cells, css="lv1")


def _need_row(line: NeedLine) -> Row:
    cells = (
        Cell(link(line.code, f"/standards/rates/{line.code}/"), pin=True, css="m-no"),
        Cell(line.name, css="m-main"),
        Cell(line.economic_code),
        Cell(line.guarantee_item),
        Cell(dict(Level.choices)[line.level]),
        Cell(NAMES[line.measure]),
        Cell(format_fen(line.standard_fen), "n"),
        Cell(
            f"{line.quantity:,} {UNITS[line.measure]}",
            "n",
            css="m-state",
            title="" if line.quantity == line.reported else f"填报 {line.reported:,}",
        ),
        Cell(formats.amount(line.amount_fen), "amount", css="m-amt"),
    )
    return Row(cells)


def sheet_export(request: HttpRequest, unit_id: int) -> HttpResponse:
    """测算表 of one unit."""
    actor = allowed(request, VIEW_BASE)
    unit, year = _unit(actor, unit_id), year_of(request)
    content = workbooks.unit_sheet(
        unit=unit.name,
        code=unit.code,
        year=year,
        lines=reading.needs_of(year=year, unit_ids=[unit.pk]),
        maker=actor.name,
        day=f"{request.now:%Y-%m-%d}",  # type: ignore[attr-defined]
    )
    return attachment(content, f"{unit.name}{year}年基本支出测算表.xlsx")


def base_export(request: HttpRequest) -> HttpResponse:
    """基础信息 of the units the reader sees, with the heads of the import."""
    actor = allowed(request, VIEW_BASE)
    year = year_of(request)
    units = base_sheet.units_of(actor, Place(year=year))
    reports = {
        report.unit_id: report.document
        for report in BaseReport.objects.filter(
            year=year, is_current=True, unit_id__in=[unit.pk for unit in units]
        ).select_related("document")
    }
    figures = services.figures_of(document.pk for document in reports.values())
    rows = [
        (
            unit.code,
            unit.name,
            base_sheet.state_text(reports.get(unit.pk)),
            figures.get(reports[unit.pk].pk, {}) if unit.pk in reports else {},
        )
        for unit in units
    ]
    return attachment(workbooks.base_figures(year=year, rows=rows), f"{year}年基础信息.xlsx")
