"""The cards of treasury's pages: the allotment a document draws on, the bank's answers, the reconciliation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from fisc.base.money import format_fen
from fisc.domains.treasury import ceilings, drawing, queueing, shortage
from fisc.domains.treasury.clearing import uncleared
from fisc.domains.treasury.models import Instruction, Overtaking, Statement
from fisc.kernel.documents.spec import Panel
from fisc.kernel.orgs.clock import business_today

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor

HOLDING = ("in_review", "approved", "sent")


def allotment_panel(document: Document, actor: Actor) -> Panel | None:
    """指标额度: paid, held (this document apart), frozen, planned, available."""
    row = document.spec.model._default_manager.get(pk=document.pk)
    allotment_id: int = row.allotment_id  # type: ignore[attr-defined]
    figures = drawing.figures([allotment_id])[allotment_id]
    is_holding = document.state in HOLDING and document.kind != "treasury.cash_plan"
    own = document.amount_fen if is_holding else 0
    others = shortage.holders_of([allotment_id]).get(allotment_id, [])
    return Panel(
        title=f"指标额度：批复 {format_fen(figures.approved_fen)} 元",
        kind="bar",
        rows=(
            ("已支付", figures.paid_fen),
            ("其他在途", figures.held_fen - own),
            ("本笔", own),
            ("冻结", figures.frozen_fen),
            ("未到期计划", figures.planned_fen),
            ("可用", figures.available_fen),
        ),
        text="、".join(f"{holder['number']} {format_fen(holder['amount_fen'])} 元" for holder in others),
    )


def ceiling_panel(document: Document, actor: Actor) -> Panel | None:
    """三公限额: where a payment under way or paid has taken from ceilings, what they hold now."""
    row = document.spec.model._default_manager.get(pk=document.pk)
    found = ceilings.standing(document, row)
    if not found:
        return None
    return Panel(
        title="三公限额",
        kind="table",
        head=("限额", "已用", "在途", "还可用"),
        rows=tuple(
            (
                f"{one.label} {format_fen(one.limit_fen)}",
                *map(format_fen, (one.used_fen, one.held_fen, one.free_fen)),
            )
            for one in found
        ),
        side=True,
    )


def queue_panel(document: Document, actor: Actor) -> Panel | None:
    """支付排队: the payment's place, while an order is in force for its fund; one small query where there is none."""
    if document.state != "approved":
        return None
    day = business_today()
    if document.fund not in queueing.orders_in_force(day):
        return None
    queue = queueing.queue_of(fund=document.fund, on=day)
    row = next((row for row in queue.rows if row.document_id == document.pk), None)
    if row is None:
        return None
    return Panel(
        title="支付排队",
        rows=(
            ("顺序", f"第 {row.place} 位（{row.rank}）"),
            ("前面待付", f"{format_fen(row.ahead_fen)} 元"),
            ("今日可用库款", f"{format_fen(queue.cash_fen)} 元"),
            ("今日能否支付", "可以支付" if row.pays else "继续等候"),
        ),
        side=True,
    )


def overtaking_panel(document: Document, actor: Actor) -> Panel | None:
    """越过谁: what the payment passes, as it was when the leader signed."""
    row = Overtaking.objects.select_related("payment").get(pk=document.pk)
    return Panel(
        title="插队影响",
        rows=(
            ("支付单", f"{row.payment.number} {row.payment.title}"),
            ("支付单状态", row.payment.state_label),
            ("越过笔数", str(row.passed_count) if row.is_signed else "签批时登记"),
            ("越过金额", f"{format_fen(row.passed_fen)} 元" if row.is_signed else "签批时登记"),
        ),
        side=True,
    )


def bank_panel(document: Document, actor: Actor) -> Panel | None:
    """银行结果: the instruction of a payment, or the counts of a batch by answer."""
    found = Instruction.objects.filter(document_id=document.pk)
    answers = found.values("state").annotate(count=Count("id"), total=Sum("amount_fen")).order_by("state")
    if not answers:
        return None
    if sum(answer["count"] for answer in answers) == 1:
        only = found.select_related("bank_file").get()
        rows = [
            ("指令号", only.reference),
            ("状态", only.get_state_display()),
            ("指令文件", only.bank_file.filename if only.bank_file else "柜面现金"),
            ("银行流水号", only.bank_serial or "—"),
        ]
        if only.reason:
            rows.append(("退票原因", only.reason))
        return Panel(title="银行结果", rows=tuple(rows), side=True)
    labels = dict(Instruction.State.choices)
    return Panel(
        title="银行结果",
        kind="table",
        head=("结果", "笔数", "金额"),
        rows=tuple((labels[a["state"]], a["count"], format_fen(a["total"])) for a in answers),
        side=True,
    )


def statement_panel(document: Document, actor: Actor) -> Panel | None:
    """对账结果: book against bank, and what is paid but not cleared, which is the usual reason of a difference."""
    row = Statement.objects.get(pk=document.pk)
    if row.ledger_fen is None:
        return None
    waiting = {fund: (count, amount) for fund, count, amount in uncleared(row.statement_on)}
    count, amount = waiting.get(row.fund, (0, 0))
    return Panel(
        title="对账结果",
        rows=(
            ("账面余额", format_fen(row.ledger_fen)),
            ("银行余额", format_fen(row.closing_fen)),
            ("差额", format_fen(row.difference_fen or 0)),
            ("已付未清算", f"{count} 笔 {format_fen(amount)} 元"),
        ),
        side=True,
    )
