"""Print templates: every document, list, voucher and report on A4, Song, with 大写 and signature boxes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from fisc.base.chinese_amount import chinese_amount
from fisc.base.errors import NotAllowed, NotFound
from fisc.kernel import ledger
from fisc.kernel.approvals.models import Task
from fisc.kernel.documents import visible
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import DocumentKind
from fisc.kernel.orgs.models import Region, Unit
from fisc.kernel.reports import build
from fisc.kernel.reports.spec import Row as ReportRow
from fisc.web import formats
from fisc.web.components import Pair
from fisc.web.pages import lists, reports, vouchers
from fisc.web.pages.document import field_pairs, line_table, load, module_row, person
from fisc.web.pages.login import qr_svg
from fisc.web.request import Request

MAXIMUM_PRINTED = 200


def _common(request: Request) -> dict[str, Any]:
    now = request.now
    return {"actor": request.actor.name, "printed": f"{formats.date_words(now)} {now:%H:%M}"}


def print_document(request: Request, pk: int) -> HttpResponse:
    """One document."""
    spec, document = load(request, pk)
    context = {
        "title": f"{spec.title} {document.number}",
        "documents": [paper(spec, document)],
        "back": f"/doc/{pk}/",
        **_common(request),
    }
    return render(request, spec.print_template or "web/print/document.html", context)


def paper(spec: DocumentKind, document: Document) -> dict[str, Any]:
    """A document as its paper form."""
    tasks = (
        Task.objects.filter(document=document, outcome="approved", is_superseded=False)
        .select_related("done_by")
        .order_by("pk")
    )
    signs = [("制单", document.maker.name, formats.date_text(document.created_at))]
    signs += [(task.node, person(task.done_by), formats.date_text(task.done_at)) for task in tasks]
    signs += [("", "", "")] * (-len(signs) % 4)
    row = module_row(spec, document)
    lines = line_table(spec, document)
    return {
        "title": spec.title,
        "number": document.number,
        "date": formats.date_words(document.business_on),
        "state": document.state_label,
        "grid": grid(
            [
                Pair("摘要", document.title, 6),
                *(pair for pair in field_pairs(spec, document, row) if pair.label != "摘要"),
            ]
        ),
        "words": chinese_amount(document.amount_fen, prefix=True),
        "amount": formats.amount_text(document.amount_fen),
        "signs": signs,
        "qr": qr_svg(document.number),
        "lines": lines,
    }


def grid(pairs: list[Pair]) -> list[list[Pair]]:
    """Pairs as lines of a six-column table: label and value, three a line, the last one stretched."""
    lines: list[list[Pair]] = []
    line: list[Pair] = []
    for pair in pairs:
        if pair.span == 6:
            if line:
                lines.append(_stretched(line))
                line = []
            lines.append([Pair(pair.label, pair.content, 5)])
            continue
        line.append(Pair(pair.label, pair.content, 1))
        if len(line) == 3:
            lines.append(line)
            line = []
    return [*lines, _stretched(line)] if line else lines


def _stretched(line: list[Pair]) -> list[Pair]:
    last = line[-1]
    return [*line[:-1], Pair(last.label, last.content, 1 + 2 * (3 - len(line)))]


def print_list(request: Request, kind: str) -> HttpResponse:
    """The ticked documents as forms, or else the page of the list as a table."""
    spec, actor = lists.kind_of(kind), request.actor
    if not actor.can(spec.permission("view")):
        raise NotAllowed()
    ids = [int(value) for value in request.GET.getlist("ids") if value.isdigit()][:MAXIMUM_PRINTED]
    query = lists.read_query(request)
    if ids:
        found = visible(actor, kind=spec).filter(pk__in=ids).select_related("unit", "maker").order_by("pk")
        context = {
            "title": spec.title,
            "documents": [paper(spec, document) for document in found],
            "back": f"/d/{spec.code}/",
            **_common(request),
        }
        return render(request, spec.print_template or "web/print/document.html", context)
    rows = lists.in_tab(
        spec, lists.filtered(spec, lists.visible(spec, actor, query.year), query), query.tab, set()
    )
    page = lists.page_of(spec, lists.sorted_rows(spec, rows, query.sort), query.page)
    table = lists._table(
        request,
        spec,
        query,
        page,
        {
            "count": len(page),
            **{f"sum_{c.key}": sum(r[c.path] or 0 for r in page) for c in spec.columns if c.total},
        },
        set(),
    )
    context = {
        "title": f"{spec.title}清单", "period": f"{query.year} 年度", "left": f"第 {query.page} 页，{len(page)} 笔", "wide": True, "table": table,
        "unit_name": request.look.unit_name, "back": f"/d/{spec.code}/{query.url(page=query.page)}", **_common(request),
    }  # fmt: skip
    return render(request, "web/print/table.html", context)


def print_voucher(request: Request, pk: int) -> HttpResponse:
    """One voucher."""
    actor = request.actor
    found = ledger.vouchers_by_id([pk])
    if not actor.can("ledger.view") or not found or not vouchers.may_see(actor, found[0]):
        raise NotFound()
    voucher = found[0]
    context = {
        "title": "记账凭证", "period": formats.date_words(voucher.effective_on), "left": f"凭证号 {voucher.fiscal_year}-{voucher.voucher_no}　{voucher.memo}",
        "unit_name": "元", "wide": True, "table": vouchers.voucher_table(found, year=voucher.fiscal_year, caption="分录", lines_shown=2_000), "back": f"/ledger/entries/{pk}/", **_common(request),
    }  # fmt: skip
    return render(request, "web/print/table.html", context)


def print_report(request: Request, code: str) -> HttpResponse:
    """A report."""
    layout = reports.layout_of(code)
    query = reports.read_query(request, layout)
    report = build.build(layout, query, actor=request.actor)
    unit = request.look.unit
    district = Region.objects.filter(level=Region.Level.DISTRICT).values_list("name", flat=True).first() or ""
    bureau = (
        Unit.objects.filter(kind=Unit.Kind.BUREAU).values_list("name", flat=True).first()
        or f"{district}财政局"
    )
    context = {
        "title": layout.title,
        "district": district,
        "period": report.period_text,
        "maker_unit": bureau,
        "unit_name": formats.unit_name(unit),
        "wide": True,
        "row_head": f"{layout.row_head}名称",
        "groups": [(group.head, len(group.columns)) for group in layout.groups],
        "heads": [column.head for column in layout.columns],
        "rows": [
            {"code": row.code, "name": row.name, "depth": row.depth, "cells": plain_cells(layout, row, unit)}
            for row in report.rows
        ],
        "total": plain_cells(layout, report.total, unit),
        "back": f"/reports/{code}/?{request.GET.urlencode()}",
        "pdf_url": f"/reports/{code}/report.pdf?{request.GET.urlencode()}",
        **_common(request),
    }
    return render(request, "web/print/report.html", context)


def plain_cells(layout: Any, row: ReportRow, unit: formats.Unit) -> list[str]:
    """A row's cells as text."""
    by_key = {cell.key: cell for cell in row.cells}
    made = []
    for column in layout.columns:
        cell = by_key.get(column.key)
        if cell is None or cell.value is None:
            made.append("")
        elif column.kind == "amount":
            made.append(formats.amount_text(int(cell.value), unit))  # type: ignore[call-overload]
        else:
            made.append(
                formats.number_text(cell.value, 0 if column.kind == "count" else 1, sign=column.signed)  # type: ignore[arg-type]
            )  # type: ignore[arg-type]
    return made
