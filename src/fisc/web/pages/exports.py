"""Excel out: the filtered set, all pages, real numbers, a frozen head, and first rows that say what it is."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.db.models import QuerySet
from django.http import HttpResponse

from fisc.base.errors import NotAllowed, Refusal
from fisc.base.money import FEN_PER_UNIT
from fisc.kernel.documents import kinds
from fisc.kernel.documents.spec import Column, DocumentKind
from fisc.kernel.reports import build
from fisc.web import formats, waiting
from fisc.web.pages import lists, values
from fisc.web.pages.document import load
from fisc.web.request import Request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAXIMUM_ROWS = 200_000
CHUNK = 2_000


class TooManyRows(Refusal):
    """共 {count} 行，超过一次导出的上限 {limit} 行；请缩小筛选范围，分几次导出。"""

    code = "web.too_many_rows"


def attachment(content: bytes, filename: str) -> HttpResponse:
    """A file to be saved."""
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    return response


def sheet_of(
    *,
    title: str,
    facts: Sequence[tuple[str, str]],
    heads: Sequence[str],
    kinds_of: Sequence[str],
    rows: Iterable[Sequence[Any]],
    unit: formats.Unit,
) -> bytes:
    """This will write one sheet; amounts come in 分 and stand as numbers in the unit."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        look = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "fact": book.add_format({"font_color": "#616C75"}),
            "head": book.add_format({"bold": True, "bg_color": "#E0EEF0", "border": 1}),
            "amount": book.add_format(
                {"num_format": "#,##0.00;[Red]-#,##0.00" if unit != "yi" else "#,##0.0000;[Red]-#,##0.0000"}
            ),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "text": book.add_format({"num_format": "@"}),
        }
        sheet = book.add_worksheet(title[:31])
        for index, kind in enumerate(kinds_of):
            sheet.set_column(index, index, {"amount": 18, "number": 18, "date": 12}.get(kind, 22))
        sheet.write_string(0, 0, title, look["title"])
        for number, (label, text) in enumerate(facts, start=1):
            sheet.write_string(number, 0, f"{label}：{text}", look["fact"])
        top = len(facts) + 1
        sheet.freeze_panes(top + 1, 1)
        for index, head in enumerate(heads):
            sheet.write_string(top, index, head, look["head"])
        last = top
        for last, row in enumerate(rows, start=top + 1):
            for index, (kind, value) in enumerate(zip(kinds_of, row, strict=True)):
                _write(sheet, last, index, kind, value, look, unit)
        if last > top:
            sheet.autofilter(top, 0, last, len(heads) - 1)
    return out.getvalue()


def _write(
    sheet: Any, row: int, column: int, kind: str, value: Any, look: dict[str, Any], unit: formats.Unit
) -> None:
    if value is None or value == "":
        return
    if kind == "amount" and isinstance(value, int):
        sheet.write_number(
            row, column, value / FEN_PER_UNIT[unit], look["amount"]
        )  # the file format knows only doubles
    elif isinstance(value, datetime):
        sheet.write_string(row, column, formats.date_text(value))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, look["date"])
    else:
        sheet.write_string(row, column, str(value), look["text"])


def list_export(request: Request, kind: str) -> HttpResponse:
    """The list as it is filtered, or the ticked rows."""
    spec, actor = lists.kind_of(kind), request.actor
    if not actor.can(spec.permission("view")):
        raise NotAllowed()
    query = lists.read_query(request)
    unit = request.look.unit
    rows = lists.visible(spec, actor, query.year)
    ticked = [int(value) for value in request.GET.getlist("ids") if value.isdigit()]
    if ticked:
        rows = rows.filter(document_id__in=ticked)
    else:
        rows = lists.in_tab(
            spec, lists.filtered(spec, rows, query), query.tab, waiting.ids(actor, kind=spec.code)
        )
    rows = lists.sorted_rows(spec, rows, query.sort)
    count = rows.count()
    if count > MAXIMUM_ROWS:
        raise TooManyRows(count=f"{count:,}", limit=f"{MAXIMUM_ROWS:,}")
    heads, kinds_of = _heads(spec, unit)
    facts = (
        ("筛选", _filter_text(spec, query, ticked)), ("单位", formats.unit_name(unit)), ("行数", f"{count:,}"),
        ("导出", f"{actor.name} {formats.date_text(request.now)}"),
    )  # fmt: skip
    content = sheet_of(
        title=spec.title,
        facts=facts,
        heads=heads,
        kinds_of=kinds_of,
        rows=_plain_rows(spec, rows, query.year),
        unit=unit,
    )
    return attachment(content, f"{spec.title}{query.year}.xlsx")


def _heads(spec: DocumentKind, unit: formats.Unit) -> tuple[list[str], list[str]]:
    heads: list[str] = []
    found: list[str] = []
    for column in spec.columns:
        heads.append(
            f"{column.head}（{formats.unit_name(unit)}）" if column.kind == "amount" else column.head
        )
        found.append("text" if column.kind == "code" else column.kind)
        if column.kind == "code":
            heads.append(f"{column.head}名称")
            found.append("text")
    return heads, found


def _filter_text(spec: DocumentKind, query: lists.ListQuery, ticked: list[int]) -> str:
    if ticked:
        return f"选中的 {len(ticked)} 笔"
    labels = {f.key: f.label for f in spec.filters} | {"q": "关键字", "unit": "单位", "finding": "只看有疑点"}
    parts = ["全部年度" if spec.is_lifelong else f"{query.year} 年度"]
    if query.tab:
        parts.append(next((state.label for state in spec.states if state.code == query.tab), "待我办理"))
    parts += [f"{labels.get(key, key)} {value}" for key, value in query.params.items()]
    return "，".join(parts)


def _plain_rows(spec: DocumentKind, rows: Any, year: int) -> Iterator[list[Any]]:
    paths = list(dict.fromkeys([*lists.HEADER, *(column.path for column in spec.columns)]))
    chunk: list[dict[str, Any]] = []
    for row in rows.values(*paths).iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from _named(spec, chunk, year)
            chunk = []
    yield from _named(spec, chunk, year)


def _named(spec: DocumentKind, chunk: list[dict[str, Any]], year: int) -> Iterator[list[Any]]:
    names = lists.names_of(spec, chunk, year)
    for row in values.in_words(spec.model, spec.columns, chunk):
        plain: list[Any] = []
        for column in spec.columns:
            plain += _plain(spec, column, row, names)
        yield plain


def _plain(spec: DocumentKind, column: Column, row: dict[str, Any], names: values.Names) -> list[Any]:
    value = row[column.path]
    match column.kind:
        case "state":
            node = row["document__node"]
            return [f"待{node}" if node else kinds.get(spec.code).state(row["document__state"]).label]
        case "unit":
            return [names.units.get(value, value)]
        case "user":
            return [names.users.get(value, value)]
        case "code" if column.code_kind == "fund":
            return [value, values.FUND_NAMES.get(value, "")]
        case "code":
            return [value, names.codes.get((column.code_kind or "", str(value)), "")]
    return [value]


def lines_export(request: Request, pk: int) -> HttpResponse:
    """All lines of a document (payees of a batch)."""
    spec, document = load(request, pk)
    if spec.line_model is None:
        raise NotAllowed("此单没有明细。")
    rows = spec.line_model._default_manager.filter(**{spec.line_parent: pk}).order_by("pk")
    heads = [f"{c.head}（元）" if c.kind == "amount" else c.head for c in spec.line_columns]
    facts = (
        ("单据", f"{document.number} {document.title}"),
        ("导出", f"{request.actor.name} {formats.date_text(request.now)}"),
    )
    plain = _line_rows(spec, rows, document.fiscal_year)
    content = sheet_of(
        title=f"{document.number}明细",
        facts=facts,
        heads=heads,
        kinds_of=[c.kind for c in spec.line_columns],
        rows=plain,
        unit="yuan",
    )
    return attachment(content, f"{document.number}明细.xlsx")


def _line_rows(spec: DocumentKind, lines: QuerySet[Any], year: int) -> Iterator[list[Any]]:
    assert spec.line_model is not None
    units = [column.path for column in spec.line_columns if column.kind == "unit"]
    names = values.Names(year=year)
    for path in units:
        names.gather(units=lines.order_by().values_list(path, flat=True).distinct())
    for row in lines.values(*{c.path for c in spec.line_columns}).iterator(chunk_size=CHUNK):
        values.in_words(spec.line_model, spec.line_columns, [row])
        yield [
            names.units.get(row[c.path], row[c.path]) if c.path in units else row[c.path]
            for c in spec.line_columns
        ]


def report_export(request: Request, code: str) -> HttpResponse:
    """A report with outline levels and formulas for its totals."""
    from fisc.kernel.reports import excel
    from fisc.web.pages import reports

    layout = reports.layout_of(code)
    query = reports.read_query(request, layout)
    actor, unit = request.actor, request.look.unit
    report = build.build(layout, query, actor=actor)
    content = excel.to_excel(report, unit=unit, exported_by=actor.name, at=request.now)
    return attachment(content, f"{layout.title}{report.period_text}.xlsx")


def report_pdf(request: Request, code: str) -> HttpResponse:
    """A report as PDF, typeset with embedded fonts."""
    from fisc.kernel.orgs.models import Unit
    from fisc.kernel.reports import pdf
    from fisc.web.pages import reports

    layout = reports.layout_of(code)
    actor, unit = request.actor, request.look.unit
    report = build.build(layout, reports.read_query(request, layout), actor=actor)
    office = Unit.objects.filter(kind=Unit.Kind.BUREAU).values_list("name", flat=True).first() or "财政局"
    content = pdf.to_pdf(report, unit=unit, office=office, printed_by=actor.name, at=request.now)
    response = attachment(content, f"{layout.title}{report.period_text}.pdf")
    response.headers["Content-Type"] = "application/pdf"
    return response
