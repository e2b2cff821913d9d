"""支付排队: who waits in the order of the law, what today's cash pays, by class, and who went before his turn."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from fisc.base.errors import FiscError
from fisc.base.money import format_fen
from fisc.domains.treasury import queueing
from fisc.domains.treasury.bank import FUND_NAMES
from fisc.domains.treasury.models import Overtaking
from fisc.domains.treasury.queueing import PAGE, PRIORITIES, Queue, Waiting
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web import formats, ways
from fisc.web.components import Cell, Empty, Head, Option, Row, Table, Total, link, tag
from fisc.web.request import allowed

VIEW, SEND = "treasury.queue_order.view", "treasury.payment.send"
ROWS_SHOWN = 300


def queue_page(request: HttpRequest) -> HttpResponse:
    """The queue of one fund."""
    return _page(request, allowed(request, VIEW, whole=True), _fund(request.GET.get("fund", "")))


def _page(request: HttpRequest, actor: Actor, fund: str, error: FiscError | None = None) -> HttpResponse:
    today: dt.date = request.now.date()  # type: ignore[attr-defined]
    queue = queueing.queue_of(fund=fund, on=today)
    pays = [row for row in queue.rows if row.pays]
    context = {
        "title": "支付排队",
        "fund": fund,
        "funds": [Option(code, name, code == fund) for code, name in FUND_NAMES.items()],
        "queue": queue,
        "order": _order_text(queue),
        "cash": format_fen(queue.cash_fen),
        "pays": f"{len(pays)} 笔 {format_fen(sum(row.amount_fen for row in pays))} 元",
        "may_send": bool(pays) and actor.can(SEND),
        "classes": _classes_table(request, queue, today),
        "table": _queue_table(request, queue, today),
        "overtakings": _overtakings_table(request, fund),
        "may_order": actor.can("treasury.queue_order.create"),
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "treasury/queue.html", context, status=409 if error else 200)


def _order_text(queue: Queue) -> str:
    if queue.order is None:
        return "没有执行中的排队令，各单位可随时支付；下表为若按顺序支付的次序"
    order = queue.order
    quota = (
        ""
        if order.daily_quota_fen is None
        else f"，每个工作日额度 {format_fen(order.daily_quota_fen)} 元（未用结转）"
    )
    reserve = f"，最低留存 {format_fen(order.reserve_fen)} 元" if order.reserve_fen else ""
    return f"自 {order.starts_on} 起按顺序支付{quota}{reserve}"


def _classes_table(request: HttpRequest, queue: Queue, today: dt.date) -> Table:
    heads = (
        Head("类别", pin=True), Head("待付笔数", "count"), Head("待付金额", "amount", money=True),
        Head("今日可付", "amount", money=True), Head("最长等待（天）", "count"),
    )  # fmt: skip
    rows = []
    for priority, name in PRIORITIES.items():
        mine = [row for row in queue.rows if row.priority == priority]
        days = max(((today - row.since).days for row in mine), default=0)
        amounts = (sum(r.amount_fen for r in mine), sum(r.amount_fen for r in mine if r.pays))
        rows.append(
            Row(
                (
                    Cell(name, pin=True, css="m-main"),
                    Cell(str(len(mine)), "count"),
                    *(Cell(_amount(request, fen), "amount") for fen in amounts),
                    Cell(str(days) if mine else "", "count"),
                )
            )
        )
    total = (sum(r.amount_fen for r in queue.rows), sum(r.amount_fen for r in queue.rows if r.pays))
    totals = Total(
        (
            Cell("合计", pin=True),
            Cell(str(len(queue.rows)), "count"),
            *(Cell(_amount(request, fen), "amount") for fen in total),
            Cell(""),
        )
    )
    return Table("按类别", heads, tuple(rows), totals=(totals,), cards=True, frame="tw plain")


def _queue_table(request: HttpRequest, queue: Queue, today: dt.date) -> Table:
    heads = (
        Head("次序", "count"), Head("单号", pin=True), Head("类别"), Head("单位"), Head("收款人"), Head("用途"),
        Head("金额", "amount", money=True), Head("前面待付", "amount", money=True), Head("等待自"), Head("天数", "count"),
        Head("今日"),
    )  # fmt: skip
    shown = queue.rows[:ROWS_SHOWN]
    units = Unit.objects.in_bulk({row.unit_id for row in shown})

    def line(row: Waiting) -> Row:
        return Row(
            (
                Cell(str(row.place), "count"),
                Cell(link(row.number, f"/doc/{row.document_id}/"), pin=True, css="m-main"),
                Cell(tag("插队", "orange") if row.overtakes else row.rank),
                Cell(str(units[row.unit_id])),
                Cell(row.payee_name, css="cut"),
                Cell(row.purpose, css="cut m-desc"),
                Cell(_amount(request, row.amount_fen), "amount"),
                Cell(_amount(request, row.ahead_fen), "amount"),
                Cell(row.since.isoformat()),
                Cell(str((today - row.since).days), "count"),
                Cell(tag("可付", "green") if row.pays else "等候"),
            )
        )

    empty = Empty("没有待发银行的支付。", icon="circle-check")
    return Table("支付队列", heads, tuple(map(line, shown)), cards=True, empty=empty, frame="tw plain")


def _overtakings_table(request: HttpRequest, fund: str) -> Table:
    heads = (
        Head("单号", pin=True), Head("支付单"), Head("收款人"), Head("金额", "amount", money=True),
        Head("越过笔数", "count"), Head("越过金额", "amount", money=True), Head("理由"), Head("状态"),
    )  # fmt: skip
    found = (
        Overtaking.objects.select_related("document", "payment")
        .filter(document__fund=fund)
        .exclude(document__state="voided")
        .order_by("-document_id")[:50]
    )
    rows = tuple(
        Row(
            (
                Cell(link(row.document.number, f"/doc/{row.pk}/"), pin=True, css="m-main"),
                Cell(link(row.payment.number, f"/doc/{row.payment_id}/")),
                Cell(row.payment.counterparty, css="cut"),
                Cell(_amount(request, row.payment.amount_fen), "amount"),
                Cell(str(row.passed_count), "count"),
                Cell(_amount(request, row.passed_fen), "amount"),
                Cell(row.reason, css="m-desc"),
                Cell(row.document.state_label),
            )
        )
        for row in found
    )
    return Table(
        "插队记录", heads, rows, cards=True, empty=Empty("没有插队。", icon="circle-check"), frame="tw plain"
    )


def _amount(request: HttpRequest, fen: int) -> str:
    return formats.amount(fen, unit=request.look.unit)  # type: ignore[attr-defined]


@require_POST
def send_plan(request: HttpRequest) -> HttpResponse:
    """Send to the bank what today's cash pays, in the order of the law."""
    actor, fund = allowed(request, VIEW, whole=True), _fund(request.POST.get("fund", ""))
    now: dt.datetime = request.now  # type: ignore[attr-defined]
    try:
        sent = queueing.pay_plan(fund=fund, on=now.date(), actor=actor, at=now)
    except FiscError as error:
        return _page(request, actor, fund, error)
    messages.success(request, f"按顺序发送银行 {len(sent)} 笔。")
    return HttpResponseRedirect(f"{PAGE}?fund={fund}")


def _fund(text: str) -> str:
    return text if text in FUND_NAMES else "general"
