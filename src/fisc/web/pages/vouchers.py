"""Vouchers and accounts as they read on a page; everything is read through `fisc.kernel.ledger`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from fisc.base.errors import NotAllowed, NotFound
from fisc.kernel import codes, ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger import AccountKey, Voucher
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit, User
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, PageLink, Pager, Row, Table, Total, encode, link, tag
from fisc.web.pages import values
from fisc.web.request import Request

BOOKS = {"allotment": "指标账", "cash": "资金账", "revenue": "收入账", "general": "总会计", "debt": "债务账", "asset": "资产账", "project": "项目账", "plan": "四本预算账", "idle": "存量资金账", "ceiling": "额度账"}  # fmt: skip


LINES_OF_ONE = 150
"""Lines of a voucher on its own page; beyond that the statement of its accounts is the place to look."""


def of_document(document_id: int, *, year: int) -> Table:
    """The vouchers of a document: 借 and 贷 lines, and their totals."""
    return voucher_table(
        ledger.vouchers_of_documents([document_id]), year=year, caption="关联凭证", lines_shown=20
    )


def voucher_table(
    found: Sequence[Voucher], *, year: int, caption: str, frame: str = "tw plain", lines_shown: int = 6
) -> Table:
    """Vouchers line by line; each transfer is a debit row and a credit row. Of a long voucher the first lines
    stand here, the others on its own page."""
    shown = [line for voucher in found for line in voucher.lines[:lines_shown]]
    notes = describe([key for line in shown for key in (line.debit.key, line.credit.key)], year=year)
    rows = [row for voucher in found for row in _rows(voucher, notes, lines_shown)]
    total = sum(line.amount_fen for voucher in found for line in voucher.lines)
    sum_cell = Cell(formats.amount(total, fixed=True), "n")
    totals = (
        (Total((Cell("合计"), Cell(), Cell(), Cell(), sum_cell, sum_cell, Cell()), "all"),) if found else ()
    )
    heads = (
        Head("凭证"),
        Head("日期"),
        Head("账套"),
        Head("科目"),
        Head("借方", "n"),
        Head("贷方", "n"),
        Head("辅助核算"),
    )
    return Table(caption=caption, heads=heads, rows=tuple(rows), totals=totals, frame=frame)


def _rows(voucher: Voucher, notes: dict[AccountKey, str], lines_shown: int) -> list[Row]:
    rows = []
    href = f"/ledger/entries/{voucher.entry_id}/"
    red = format_html(" {}", tag("红字", "red")) if voucher.reverses_id else ""
    for number, line in enumerate(voucher.lines[:lines_shown]):
        book = BOOKS.get(line.debit.key.book, line.debit.key.book)
        head = (
            format_html("{}{}", link(f"{voucher.fiscal_year}-{voucher.voucher_no}", href), red)
            if number == 0
            else ""
        )
        amount = Cell(formats.amount(line.amount_fen, fixed=True, href=href), "n")
        for side, view in (("debit", line.debit), ("credit", line.credit)):
            is_debit = side == "debit"
            subject = link(f"{view.key.subject} {view.subject_name}", account_href(view.key))
            cells = (
                Cell(head if is_debit else ""),
                Cell(formats.date_text(voucher.effective_on) if is_debit and number == 0 else ""),
                Cell(book if is_debit else ""),
                Cell(subject if is_debit else format_html("　{}", subject)),
                amount if is_debit else Cell("", "n"),
                Cell("", "n") if is_debit else amount,
                Cell(notes.get(view.key, ""), css="cut"),
            )
            rows.append(Row(cells))
    if len(voucher.lines) > lines_shown:
        more = link(f"共 {len(voucher.lines):,} 行，这里列前 {lines_shown} 行", href)
        rows.append(Row((Cell(), Cell(), Cell(), Cell(more, span=4))))
    return rows


def describe(keys: Iterable[AccountKey], *, year: int) -> dict[AccountKey, str]:
    """What stands under 辅助核算: unit, function, project or allotment, fund; names read set-wise."""
    wanted = set(keys)
    units = dict(
        Unit.objects.filter(pk__in={k.unit_id for k in wanted if k.unit_id}).values_list("pk", "name")
    )
    papers = {k.allotment_id for k in wanted if k.allotment_id} | {
        k.project_id for k in wanted if k.project_id
    }
    numbers = dict(Document.objects.filter(pk__in=papers).values_list("pk", "number"))
    functions = codes.names(
        kind="function", codes=[k.function_code for k in wanted if k.function_code], year=year
    )
    revenues = codes.names(
        kind="revenue", codes=[k.revenue_code for k in wanted if k.revenue_code], year=year
    )
    found = {}
    for key in wanted:
        parts = [
            units.get(key.unit_id or 0, ""),
            f"{key.function_code} {functions.get(key.function_code, '')}".strip()
            if key.function_code
            else "",
            f"{key.revenue_code} {revenues.get(key.revenue_code, '')}".strip() if key.revenue_code else "",
            key.economic_code or "",
            numbers.get(key.allotment_id or 0, ""),
            values.FUND_NAMES.get(key.fund or "", "") if not key.unit_id else "",
        ]
        found[key] = " · ".join(part for part in parts if part)
    return found


def account_href(key: AccountKey) -> str:
    """The statement of one account."""
    return "/ledger/lines/?" + encode(
        {name: value for name, value in key.columns().items() if name != "flags" or value}
    )


def allotment_sums(allotment_id: int) -> dict[str, tuple[int, int]]:
    """Posted and held 分 of an allotment by subject."""
    selection = ledger.Selection(book="allotment", allotment_ids=(allotment_id,))
    found = ledger.balances(selection, group_by=("subject",))
    return {subject: (balance.posted_fen, balance.held_fen) for (subject,), balance in found.items()}


def may_see(actor: Actor, voucher: Voucher) -> bool:
    """People who see only some units see the vouchers of those units."""
    if actor.unit_ids is None:
        return True
    touched = {view.key.unit_id for line in voucher.lines for view in (line.debit, line.credit)}
    return any(unit in actor.unit_ids for unit in touched if unit)


def entry_page(request: Request, pk: int) -> HttpResponse:
    """One voucher: its lines, what made it, what it reverses."""
    actor: Actor = request.actor
    if not actor.can("ledger.view"):
        raise NotAllowed()
    found = ledger.vouchers_by_id([pk])
    if not found or not may_see(actor, found[0]):
        raise NotFound()
    voucher = found[0]
    document = Document.objects.filter(pk=voucher.document_id).first() if voucher.document_id else None
    context = {
        "title": f"记账凭证 {voucher.fiscal_year}-{voucher.voucher_no}",
        "voucher": voucher,
        "table": voucher_table(found, year=voucher.fiscal_year, caption="分录", lines_shown=LINES_OF_ONE),
        "doc": document,
        "maker": User.objects.filter(pk=voucher.actor_id).values_list("name", flat=True).first() or "",
    }
    return render(request, "web/voucher.html", context)


def vouchers_page(request: Request) -> HttpResponse:
    """The vouchers of a year or month, in order of their numbers."""
    actor: Actor = request.actor
    if not actor.can("ledger.view"):
        raise NotAllowed()
    year = request.look.year or request.now.year
    month, after, number = (_number(request.GET.get(name, "")) for name in ("month", "after", "no"))
    if number:
        one = ledger.voucher_by_number(fiscal_year=year, voucher_no=number)
        found = [one] if one else []
    else:
        found = ledger.vouchers_of_year(
            year, period=year * 100 + month if 1 <= month <= 12 else None, after_no=after, limit=30
        )
    shown = [voucher for voucher in found if may_see(actor, voucher)]
    links = [PageLink("第一页", "?" + encode({"month": month or ""}))] if after else []
    if len(found) == 30:
        links.append(PageLink("下一页", "?" + encode({"month": month or "", "after": found[-1].voucher_no})))
    table = voucher_table(shown, year=year, caption="记账凭证", frame="tw")
    context: dict[str, Any] = {
        "title": "记账凭证",
        "year": year,
        "month": month,
        "months": range(1, 13),
        "table": Table(
            table.caption,
            table.heads,
            table.rows,
            empty=Empty("这段时间没有凭证", "换一个月份看看", "book-open"),
        ),
        "pager": Pager(format_html("本页 {} 张凭证", len(shown)), tuple(links)),
        "tab": "vouchers",
    }
    return render(request, "web/vouchers.html", context)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
