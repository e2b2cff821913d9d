"""Reports with drill-down 类→款→项→指标→支付: rows by htmx after their parent, every number opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fisc.base.errors import NotAllowed
from fisc.kernel.metrics import catalogue
from fisc.kernel.modules import registry
from fisc.kernel.orgs.models import Region
from fisc.kernel.reports import access, build
from fisc.kernel.reports.spec import Cell as ReportCell
from fisc.kernel.reports.spec import Column, Report, ReportLayout, ReportQuery, parse_path
from fisc.kernel.reports.spec import Row as ReportRow
from fisc.web import charts, formats
from fisc.web.components import Cell, Empty, Head, Option, Row, Table, Total, encode
from fisc.web.icons import icon
from fisc.web.pages.values import FUND_NAMES
from fisc.web.periods import default_month
from fisc.web.request import Request

FOLD = (
    '<span class="k"><button class="fold-b" type="button" data-act="fold" data-url="{}" aria-expanded="{}" '
    'aria-label="展开 {}">{}</button>{}</span>'
)


def layouts() -> Mapping[str, ReportLayout]:
    """All reports by code."""
    return registry.current().reports


def layout_of(code: str) -> ReportLayout:
    """The report in the address. :raises Http404: there is none."""
    try:
        return layouts()[code]
    except KeyError as error:
        raise Http404(code) from error


def reports_page(request: Request) -> HttpResponse:
    """All reports the reader may open."""
    actor = request.actor
    known = catalogue.current()
    shown = [
        (layout, "、".join(group.head for group in layout.groups))
        for layout in layouts().values()
        if all(column.metric in known for column in layout.columns) and _may_open(request, layout)
    ]
    if not shown and not actor.can("reports.view"):
        raise NotAllowed()
    return render(request, "web/reports.html", {"title": "执行报表", "reports": shown})


def _may_open(request: Request, layout: ReportLayout) -> bool:
    """Whether the report is the reader's to see: people of one unit get no report of the whole district."""
    try:
        access.narrowed(layout, read_query(request, layout), actor=request.actor, known=catalogue.current())
    except NotAllowed:
        return False
    return True


def read_query(request: Request, layout: ReportLayout) -> ReportQuery:
    """This will read the address of a report."""
    today: date = request.now.date()
    year = request.look.year or today.year
    get = request.GET.get
    month, level = get("month", ""), get("level", "")
    return ReportQuery(
        year=year,
        month=int(month) if month.isdigit() and 1 <= int(month) <= 12 else default_month(today, year),
        unit_ids=(int(get("unit", "")),) if get("unit", "").isdigit() else None,
        fund=get("fund") if get("fund") in FUND_NAMES else layout.fund,
        level=int(level) if level.isdigit() and 1 <= int(level) <= code_levels(layout) else None,
    )


def code_levels(layout: ReportLayout) -> int:
    """How many levels may be shown at once: those of codes and units, not the single documents."""
    return sum(level.kind in ("function", "revenue", "economic", "unit") for level in layout.levels)


def report_page(request: Request, code: str) -> HttpResponse:
    """One report."""
    layout = layout_of(code)
    query = read_query(request, layout)
    report = build.build(layout, query, actor=request.actor)
    behind = bool(request.GET.get("behind"))
    unit = request.look.unit
    levels = code_levels(layout)
    shown = query.level or layout.default_level
    context = {
        "title": layout.title,
        "layout": layout,
        "report": report,
        "period": report.period_text,
        "district": Region.objects.filter(level=Region.Level.DISTRICT).values_list("name", flat=True).first()
        or "",
        "months": [Option(str(m), f"{query.year} 年 {m} 月", m == query.month) for m in range(1, 13)],
        "funds": [] if layout.fund else [Option(c, name, c == query.fund) for c, name in FUND_NAMES.items()],
        "levels": [
            (number, layout.levels[number - 1].label, number == shown) for number in range(1, levels + 1)
        ],
        "behind": behind,
        "month": query.month,
        "table": report_table(report, unit=unit, behind=behind, query=request.GET),
        "notes": report.notes,
        "pace": formats.percent_text(report.time_progress),
        "query": encode(dict(request.GET.items())),
        "drill": " › ".join(level.label for level in layout.levels),
        "has_rate": any(column.kind == "rate" for column in layout.columns),
    }
    return render(request, "web/report.html", context)


def report_table(report: Report, *, unit: formats.Unit, behind: bool, query: Any) -> Table:
    """The report as a table: two rows of heads, rows with their folds, the total at the foot."""
    layout = report.layout
    groups = (
        Head(layout.row_head, pin=True, rows=2),
        *(
            Head(
                group.head,
                css="grp",
                span=len(group.columns),
                money=all(c.kind == "amount" for c in group.columns),
            )
            for group in layout.groups
        ),
    )
    heads = []
    for group in layout.groups:
        for index, column in enumerate(group.columns):
            text = (
                f"执行率 ┃{formats.percent_text(report.time_progress)}"
                if column.kind == "rate"
                else column.head
            )
            heads.append(
                Head(
                    text,
                    kind="n" if column.kind != "rate" else "text",
                    css="gl" if index == 0 else "",
                    money=column.kind == "amount" and len({c.kind for c in group.columns}) > 1,
                )
            )
    rows = [row for row in report.rows if not behind or any(cell.behind for cell in row.cells)]
    tree = {row.path_text.rpartition("/")[0] for row in rows}
    made = tuple(
        table_row(
            report.layout,
            row,
            unit=unit,
            pace=report.time_progress,
            query=query,
            is_open=row.path_text in tree,
        )
        for row in rows
    )
    total = Total(
        (Cell("合计", pin=True), *cells_of(layout, report.total, unit=unit, pace=report.time_progress)), "all"
    )
    empty = Empty("这个期间还没有数据", "换一个月份或资金性质看看", "table-2")
    return Table(layout.title, tuple(heads), made, (total,), groups=groups, css="tree", empty=empty)


def table_row(
    layout: ReportLayout, row: ReportRow, *, unit: formats.Unit, pace: Any, query: Any, is_open: bool = False
) -> Row:
    """One row: arrow, code and name, then its cells."""
    name: Any = format_html('<span><span class="code">{}</span>{}</span>', row.code, row.name)
    if row.url:
        name = format_html('<a href="{}"><span class="code">{}</span>{}</a>', row.url, row.code, row.name)
    if row.has_children:
        address = f"/reports/{layout.code}/rows/?" + encode(
            {**{k: v for k, v in query.items() if k != "path"}, "path": row.path_text}
        )
        first = format_html(
            FOLD,
            address,
            "true" if is_open else "false",
            f"{row.code} {row.name}",
            icon("chevron-right"),
            name,
        )
    else:
        first = format_html('<span class="k"><span class="fold-x"></span>{}</span>', name)
    cells = cells_of(layout, row, unit=unit, pace=pace)
    level = min(row.depth + 1, 6)
    names = f"lv{level}" + (" open" if is_open else "")
    return Row((Cell(first, pin=True), *cells), css=names, level=level)


def cells_of(layout: ReportLayout, row: ReportRow, *, unit: formats.Unit, pace: Any) -> list[Cell]:
    """The cells of one row, each number a link to its figure."""
    firsts = {group.columns[0].key for group in layout.groups}
    by_key = {cell.key: cell for cell in row.cells}
    made = []
    detail = row.detail
    for column in layout.columns:
        cell = by_key.get(column.key)
        css = "gl" if column.key in firsts else ""
        if column.kind == "rate":
            content = rate_cell(cell, row, pace) if cell is not None and cell.value is not None else detail
            made.append(Cell(content, css=f"prog-c {css}".strip()))
            continue
        made.append(Cell(cell_text(column, cell, row, unit) if cell is not None else "", "n", css=css))
    return made


def rate_cell(cell: ReportCell, row: ReportRow, pace: Any) -> SafeString:
    """A bar with the tick of time, and the rate as a link."""
    bar = charts.progress_bar(cell.value, tick=pace, label=f"{row.name}执行率", height=5)  # type: ignore[arg-type]
    text = formats.percent_text(cell.value)
    inner = format_html('<a class="n" href="{}">{}</a>', cell.url, text) if cell.url else text
    return format_html(
        '<div class="prog{}">{}<span class="pc">{}</span></div>', " late" if cell.behind else "", bar, inner
    )


def cell_text(column: Column, cell: ReportCell, row: ReportRow, unit: formats.Unit) -> SafeString | str:
    """One number."""
    if cell.value is None:
        return ""
    if column.kind == "amount":
        return formats.amount(int(cell.value), unit=unit, href=cell.url or row.url or "", label="")  # type: ignore[call-overload]
    places = 0 if column.kind == "count" else 1
    text = formats.number_text(cell.value, places, sign=column.signed)  # type: ignore[arg-type]
    negative = Fraction(cell.value) < 0  # type: ignore[call-overload]
    names = "n neg" if negative else "n"
    return (
        format_html('<a class="{}" href="{}">{}</a>', names, cell.url, text)
        if cell.url
        else format_html('<span class="{}">{}</span>', names, text)
    )


def report_rows(request: Request, code: str) -> HttpResponse:
    """The rows right below one, for htmx."""
    layout = layout_of(code)
    query = read_query(request, layout)
    try:
        found = build.children(layout, query, parse_path(request.GET.get("path", "")), actor=request.actor)
    except ValueError as error:
        raise Http404 from error
    from fisc.kernel.metrics.formulas import time_progress

    pace = time_progress(query.month)
    unit = request.look.unit
    rows = [table_row(layout, row, unit=unit, pace=pace, query=request.GET) for row in found]
    return render(request, "web/parts/rows.html", {"rows": rows, "width": len(layout.columns) + 1})
