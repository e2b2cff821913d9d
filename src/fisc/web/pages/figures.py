"""The page behind every number: its definition, its inputs, its entries, and what was known when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html

from fisc.base.errors import BadInput
from fisc.kernel.metrics import evidence, figure_id
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, PageLink, Pager, Row, Table, Total, encode, link, tag
from fisc.web.formats import ZONE
from fisc.web.request import Request


def figure_page(request: Request, figure: str) -> HttpResponse:
    """The page."""
    if known_on := request.GET.get("known_on"):
        return HttpResponseRedirect(_as_known_on(figure, known_on))
    page = evidence.explain(
        figure,
        actor=request.actor,
        cursor=request.GET.get("after", ""),
        check=bool(request.GET.get("check")),
    )
    unit = request.look.unit
    shown = page.figure
    is_amount = shown.metric.unit == "fen"
    moment = shown.request.as_known_on
    context = {
        "title": page.title,
        "page": page,
        "value": formats.amount(int(shown.value), unit=unit, key=True)
        if is_amount and shown.value is not None
        else shown.text(places=2),
        "is_amount": is_amount,
        "unit_label": shown.unit_label(),
        "exact": formats.amount_text(int(shown.value)) if is_amount and shown.value is not None else "",
        "inputs": [(line, line.figure.url) for line in page.inputs],
        "parts": _parts(page, unit),
        "entries": _entries(page, unit),
        "pager": Pager(
            format_html("本页 {} 行", len(page.entries.rows)),
            (PageLink("下一页", "?" + encode({"after": page.entries.next_cursor})),)
            if page.entries.next_cursor
            else (),
        ),
        "known_on": moment.astimezone(ZONE) if moment else None,
        "now_url": figure_id.url(replace(shown.request, as_known_on=None)),
        "last_year": figure_id.url(shown.request.last_year()),
        "today": request.now.date().isoformat(),
        "adds_up": page.adds_up,
        "adds_up_text": formats.amount_text(page.adds_up.from_transfers) if page.adds_up else "",
    }
    return render(request, "web/figure.html", context)


def _as_known_on(figure: str, text: str) -> str:
    """The address of the same figure as the books said at the end of a day."""
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError as error:
        raise BadInput("日期格式不对，请写成 2023-06-30。") from error
    moment = datetime.combine(day, time(23, 59, 59), tzinfo=ZONE)
    return figure_id.url(replace(figure_id.decode(figure), as_known_on=moment))


def _parts(page: evidence.FigurePage, unit: formats.Unit) -> Table | None:
    if not page.parts:
        return None
    rows = tuple(
        Row((
            Cell(format_html('<span class="code">{}</span>{}', part.code, link(part.name, f"/figures/{part.figure_id}/")), pin=True),
            Cell(formats.amount(part.amount_fen, unit=unit, href=f"/figures/{part.figure_id}/", label=f"{part.name} 的构成"), "n"),
        ))
        for part in page.parts
    )  # fmt: skip
    total = Total((Cell("合计", pin=True), Cell(formats.amount(page.parts_total_fen, unit=unit), "n")), "all")
    return Table(
        "构成",
        (Head(page.parts_head, pin=True), Head("金额", "amount", money=True)),
        rows,
        (total,),
        frame="tw plain",
    )


def _entries(page: evidence.FigurePage, unit: formats.Unit) -> Table | None:
    if page.inputs:
        return None
    rows = []
    for entry in page.entries.rows:
        voucher = (
            link(f"{entry.fiscal_year}-{entry.voucher_no}", f"/ledger/entries/{entry.entry_id}/")
            if entry.entry_id
            else ""
        )
        document = link(entry.document_number, f"/doc/{entry.document_id}/") if entry.document_id else ""
        href = f"/ledger/entries/{entry.entry_id}/" if entry.entry_id else f"/doc/{entry.document_id}/"
        rows.append(
            Row((
                Cell(format_html("{} {}", voucher, tag("红字", "red")) if entry.is_red else voucher, pin=True, css="m-no"),
                Cell(formats.date_text(entry.effective_on), css="m-state"),
                Cell(entry.memo, css="cut m-desc"),
                Cell(document, css="m-main"),
                Cell(entry.document_title, css="cut"),
                Cell(formats.amount(entry.amount_fen, unit=unit, href=href), "n", css="m-amt"),
            ))
        )  # fmt: skip
    heads = (
        Head("凭证", pin=True),
        Head("日期"),
        Head("摘要"),
        Head("单据"),
        Head("单据摘要"),
        Head("金额", "amount", money=True),
    )
    empty = Empty("没有记账明细", "这个数字在所选期间没有发生额。没有数据不等于零。", "book-open")
    return Table("明细", heads, tuple(rows), cards=True, frame="tw plain", empty=empty)
