"""排队令 and 插队: the documents that begin and end the queue, and those that put a payment before its turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.domains.treasury import queueing
from fisc.domains.treasury.bank import FUND_NAMES, bureau_id
from fisc.domains.treasury.models import Overtaking, QueueOrder
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor


class OrderOverlaps(Refusal):
    """{fund}已有执行中的排队令 {number}，请先解除。"""

    code = "treasury.queue_order_overlaps"


class OrderStarted(Refusal):
    """排队令只能自今后的日期起启用：{day} 已经过去。"""

    code = "treasury.queue_order_started"


class AlreadySigned(Refusal):
    """支付单 {number} 的插队已经签批，不需要重复签批。"""

    code = "treasury.overtaking_signed"


class NotWaiting(Refusal):
    """支付单 {number} 不在待付之列，不需要插队。"""

    code = "treasury.overtaking_not_waiting"


# --- 排队令 --------------------------------------------------------------------------------------------------


def create_orders(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft queue orders; Draft.fund, `row`: starts_on, daily_quota_fen (none: cash decides),
    reserve_fen (what stays in the account), reason.

    :raises BadInput: an unknown fund, or no day or reason.
    """
    complete = []
    for draft in drafts:
        row = {key: value for key, value in draft.row.items() if value is not None}
        title = _order_title(draft.fund, row)
        complete.append(
            replace(
                draft, unit_id=bureau_id(), fiscal_year=row["starts_on"].year, title=title,
                amount_fen=row.get("daily_quota_fen", 0), row={**row, "covered_fund": draft.fund},
            )
        )  # fmt: skip
    return create_many(kind=queueing.QUEUE_ORDER, drafts=complete, actor=actor, at=at)


def _order_title(fund: str, row: Mapping[str, Any]) -> str:
    if fund not in FUND_NAMES or not row.get("starts_on") or not str(row.get("reason") or "").strip():
        raise BadInput.of("treasury.queue_order", "请填写资金性质、启用日期和理由。")
    return f"{FUND_NAMES[fund]}自 {row['starts_on'].isoformat()} 起按顺序支付"


def revise_order(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will complete a changed draft of a queue order. :raises BadInput: as when it was made."""
    row = QueueOrder.objects.get(pk=document.pk)
    kept = {key: getattr(row, key) for key in ("starts_on", "daily_quota_fen", "reserve_fen", "reason")}
    typed = {key: value for key, value in values.items() if key in kept}
    fund = values.get("fund") or document.fund
    title = _order_title(fund, {**kept, **typed})
    quota = typed.get("daily_quota_fen", row.daily_quota_fen) or 0
    return {**typed, "fund": fund, "covered_fund": fund, "title": title, "amount_fen": quota}


def put_in_force(call: StepCall) -> None:
    """批准 takes effect: from its day on; one order per fund, never for days that are past."""
    rows, today = call.rows(), timezone.localdate(call.at)
    on = {
        order.covered_fund: order
        for order in QueueOrder.objects.filter(is_on=True).select_related("document")
    }
    for document in call.documents:
        row = rows[document.pk]
        if row.starts_on < today:
            call.refuse(document.pk, OrderStarted(day=row.starts_on.isoformat()))
        elif other := on.get(row.covered_fund):
            number = other.document.number
            call.refuse(document.pk, OrderOverlaps(fund=FUND_NAMES[row.covered_fund], number=number))
        else:
            on[row.covered_fund] = row
            row.document = document
    QueueOrder.objects.filter(pk__in=call.ids).update(is_on=True)


def end_orders(call: StepCall) -> None:
    """解除: from now on nobody has to queue."""
    day = timezone.localdate(call.at)
    QueueOrder.objects.filter(pk__in=call.ids).update(is_on=False, ended_on=day)


# --- 插队 ----------------------------------------------------------------------------------------------------


def create_overtakings(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft requests to leave before one's turn; `row`: payment_id, reason.

    :raises BadInput: the document named is not a payment that is under way, or no reason.
    """
    wanted = [_payment_id(draft) for draft in drafts]
    found = Document.objects.filter(
        kind__in=queueing.PAYING_KINDS, state__in=("in_review", "approved")
    ).in_bulk(wanted)
    complete = []
    for draft, number in zip(drafts, wanted, strict=True):
        payment = found.get(number)
        if payment is None or not actor.sees(payment.unit_id):
            raise BadInput.of("treasury.overtaking_payment", "请选择一张审核中或待发银行的支付单。")
        if not str(draft.row.get("reason") or "").strip():
            raise BadInput.of("treasury.overtaking_reason", "请写明必须先付的理由。")
        complete.append(
            replace(
                draft, unit_id=payment.unit_id, fiscal_year=payment.fiscal_year, fund=payment.fund,
                amount_fen=payment.amount_fen, counterparty=payment.counterparty, source_id=payment.pk,
                title=f"插队 {payment.number} {payment.title}"[:200],
                row={"payment_id": payment.pk, "reason": draft.row["reason"]},
            )
        )  # fmt: skip
    return create_many(kind=queueing.OVERTAKING, drafts=complete, actor=actor, at=at)


def _payment_id(draft: Draft) -> int:
    value = draft.row.get("payment_id") or draft.row.get("payment") or 0
    return int(getattr(value, "pk", value))


def sign_overtakings(call: StepCall) -> None:
    """签批 takes effect: the payment goes to the head of the queue; whom it passes is kept with the request."""
    rows: Mapping[int, Overtaking] = call.rows()
    headers = Document.objects.in_bulk([row.payment_id for row in rows.values()])
    signed = set(
        Overtaking.objects.filter(payment_id__in=headers, is_signed=True).values_list("payment_id", flat=True)
    )
    waiting: dict[str, tuple[queueing.Waiting, ...]] = {}
    for document in call.documents:
        payment = headers[rows[document.pk].payment_id]
        if payment.pk in signed:
            call.refuse(document.pk, AlreadySigned(number=payment.number))
            continue
        signed.add(payment.pk)
        if payment.state not in ("in_review", "approved"):
            call.refuse(document.pk, NotWaiting(number=payment.number))
            continue
        if payment.fund not in waiting:
            waiting[payment.fund] = queueing.queue_of(fund=payment.fund, on=timezone.localdate(call.at)).rows
        passed = _passed(waiting[payment.fund], payment.pk)
        Overtaking.objects.filter(pk=document.pk).update(
            is_signed=True, passed_count=len(passed), passed_fen=sum(row.amount_fen for row in passed)
        )
        call.add_detail(document.pk, payment=payment.number, passed=len(passed))


def _passed(rows: Sequence[queueing.Waiting], payment_id: int) -> list[queueing.Waiting]:
    """Who waits before the payment now, signed overtakings apart; all, if it is not approved yet."""
    before = []
    for row in rows:
        if row.document_id == payment_id:
            break
        if not row.overtakes:
            before.append(row)
    return before


def revoke_overtakings(call: StepCall) -> None:
    """撤销签批: the payment goes back to its own place."""
    Overtaking.objects.filter(pk__in=call.ids).update(is_signed=False)
