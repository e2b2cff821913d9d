"""The cards of the budget's pages: where an allotment's money is, who holds it, what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from fisc.base.money import format_fen
from fisc.domains.budget import places, postings
from fisc.domains.budget.models import Adjustment, Allotment, AppropriationLine, Freeze
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

SHOWN = 50


def figures_panel(document: Document, actor: Actor) -> Panel | None:
    """指标额度: approved = paid + held + frozen + planned + available, as one stacked bar."""
    if document.state not in ("released", "revoked"):
        return None
    figures = places.figures([document.pk])[document.pk]
    return Panel(
        title=f"指标额度：批复 {format_fen(figures.approved_fen)} 元",
        kind="bar",
        rows=(
            ("已支付", figures.paid_fen),
            ("在途", figures.held_fen),
            ("冻结", figures.frozen_fen),
            ("未到期计划", figures.planned_fen),
            ("可用", figures.available_fen),
            *((("年终转出", figures.closed_fen),) if figures.closed_fen else ()),
        ),
    )


def holders_panel(document: Document, actor: Actor) -> Panel | None:
    """在途占用: the documents that hold money of the allotment."""
    if document.state != "released":
        return None
    row = Allotment.objects.get(pk=document.pk)
    place = places.place_of(
        row, fiscal_year=document.fiscal_year, unit_id=document.unit_id, allotment_id=document.pk
    )
    holders = [
        holder
        for subject in (postings.EXECUTABLE, postings.PLAN_DUE)
        if (found := ledger.explain(place.account(subject)))
        for holder in found.holders
    ]
    headers = Document.objects.in_bulk([holder.document_id for holder in holders if holder.document_id])
    rows = tuple(
        (header, header.counterparty, format_fen(holder.amount_fen), header.state_label)
        for holder in holders[:SHOWN]
        if (header := headers.get(holder.document_id or 0))
    )
    if not rows:
        return None
    return Panel(title="在途占用", kind="table", head=("支付单", "收款人", "金额", "状态"), rows=rows)


def movements_panel(document: Document, actor: Actor) -> Panel | None:
    """变动与支付: the documents that point at this allotment, newest first; those in full are in its list."""
    changed = list(
        Document.objects.filter(source_id=document.pk, kind__startswith="budget.").order_by("-id")[:SHOWN]
    )
    frozen = Freeze.objects.filter(allotment_id=document.pk).values_list("document_id", flat=True)
    adjusted = Adjustment.objects.filter(allotment_id=document.pk).values_list("document_id", flat=True)
    known = {header.pk for header in changed}
    more = Document.objects.filter(id__in={*frozen, *adjusted} - known).order_by("-id")[:SHOWN]
    rows = tuple(
        (
            header,
            header.spec.title,
            format_fen(header.amount_fen),
            header.state_label,
            str(header.business_on),
        )
        for header in [*changed, *more]
    )
    if not rows:
        return None
    return Panel(title="指标变动", kind="table", head=("单号", "单据", "金额", "状态", "日期"), rows=rows)


def payments_panel(document: Document, actor: Actor) -> Panel | None:
    """支付: the newest payments from this allotment, with the count and sum of all that the bank has paid."""
    payments = Document.objects.filter(source_id=document.pk, kind__startswith="treasury.").exclude(
        state="voided"
    )
    paid = payments.filter(state="booked").aggregate(count=Count("id"), total=Sum("amount_fen"))
    rows = tuple(
        (
            header, header.counterparty, format_fen(header.amount_fen), header.state_label, str(header.business_on),
        )
        for header in payments.order_by("-id")[:SHOWN]
    )  # fmt: skip
    if not rows:
        return None
    return Panel(
        title=f"支付：已付 {paid['count']} 笔 {format_fen(paid['total'] or 0)} 元",
        kind="table",
        head=("支付单", "收款人", "金额", "状态", "日期"),
        rows=rows,
        text=f"只列最近 {SHOWN} 笔，全部见支付列表。" if len(rows) == SHOWN else "",
    )


def target_panel(document: Document, actor: Actor) -> Panel | None:
    """The figures of the allotment that the document changes."""
    if document.source_id is None:
        return None
    figures = places.figures([document.source_id]).get(document.source_id)
    if figures is None or not figures.approved_fen:
        return None
    return Panel(
        title="指标现状",
        rows=(
            ("批复", format_fen(figures.approved_fen)),
            ("已支付", format_fen(figures.paid_fen)),
            ("在途", format_fen(figures.held_fen)),
            ("冻结", format_fen(figures.frozen_fen)),
            ("可用", format_fen(figures.available_fen)),
        ),
        side=True,
    )


def appropriation_panel(document: Document, actor: Actor) -> Panel | None:
    """批复与下达: how much of the approval has been drafted or released as allotments."""
    released = Document.objects.filter(source_id=document.pk, kind=places.ALLOTMENT_KIND)
    total = sum(header.amount_fen for header in released.filter(state="released"))
    return Panel(
        title="批复与下达",
        rows=(
            ("明细", f"{AppropriationLine.objects.filter(appropriation_id=document.pk).count()} 行"),
            ("批复金额", format_fen(document.amount_fen)),
            ("已生成指标", f"{released.exclude(state='voided').count()} 条"),
            ("已下达", format_fen(total)),
        ),
        side=True,
    )
