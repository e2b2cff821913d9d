"""用款计划 (norm A.8): money of an allotment set aside for a month; due plans become payable, unused ones go back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.base.periods import period_of
from fisc.domains.treasury import drawing, postings, shortage
from fisc.domains.treasury.bank import FUND_NAMES, bureau_id
from fisc.domains.treasury.models import CashPlan, ControlMode
from fisc.domains.treasury.services import allotment_id
from fisc.kernel import ledger
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft, StepResult
from fisc.kernel.ledger.keys import Entry, Line
from fisc.kernel.orgs.access import system_actor

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.events.outbox import Event
    from fisc.kernel.orgs.actor import Actor

CASH_PLAN, CONTROL = "treasury.cash_plan", "treasury.control"


class ModeStarted(Refusal):
    """控制方式只能自今后的日期起调整：{day} 已经过去。"""

    code = "treasury.mode_started"


def create_plans(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft cash plans; `row`: allotment_id, month (yyyymm of the allotment's year).

    :raises BadInput: no such allotment, a month outside its year, or no amount.
    """
    return create_many(kind=CASH_PLAN, drafts=_complete(drafts), actor=actor, at=at)


def revise(*, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """This function will complete a changed draft as a new one would be. :raises BadInput: as when it was made."""
    row = CashPlan.objects.get(pk=document.pk)
    draft = Draft(
        unit_id=document.unit_id,
        fiscal_year=document.fiscal_year,
        business_on=document.business_on,
        title="",
        amount_fen=values.get("amount_fen") or document.amount_fen,
        row={"allotment_id": row.allotment_id, "month": row.month, **values},
    )
    (done,) = _complete([draft])
    if not actor.sees(done.unit_id):
        raise drawing.UnknownAllotment
    header = {"title": done.title, "amount_fen": done.amount_fen, "unit_id": done.unit_id, "fund": done.fund}
    return {**header, **done.row}


def _complete(drafts: Sequence[Draft]) -> list[Draft]:
    wanted = [allotment_id(draft) for draft in drafts]
    found = drawing.allotments(wanted)
    titles = {doc_id: header.title for doc_id, header in drawing.headers(wanted).items()}
    complete = []
    for draft, number in zip(drafts, wanted, strict=True):
        allotment = found.get(number)
        if allotment is None:
            raise drawing.UnknownAllotment
        key, month = allotment.executable, int(draft.row.get("month") or 0)
        if month // 100 != key.fiscal_year or not 1 <= month % 100 <= 12:
            raise BadInput.of("treasury.plan_month", "用款月份 {month} 不在指标年度之内。", month=month)
        if draft.amount_fen <= 0:
            raise BadInput.of("treasury.amount", "计划金额应大于零。")
        complete.append(
            replace(
                draft, unit_id=key.unit_id or 0, fiscal_year=key.fiscal_year or 0, fund=key.fund or "",
                title=f"{month // 100}年{month % 100}月 {titles[number]}"[:200],
                row={**allotment.columns, "economic_code": key.economic_code, "month": month},
            )
        )  # fmt: skip
    return complete


def approve_plans(call: StepCall) -> None:
    """批复 takes effect: 635 → 651 when the month has come (state due), else → 650 (state planned)."""
    this_month = period_of(timezone.localdate(call.at))
    post(
        call,
        "treasury.cash_plan.approved",
        lambda row, key, amount: postings.plan(key, is_due=row.month <= this_month, amount_fen=amount),
    )
    for doc_id, row in call.rows().items():
        call.set_state(doc_id, "due" if row.month <= this_month else "planned")


def fall_due(call: StepCall) -> None:
    """The month has come: 650 → 651."""
    post(call, "treasury.cash_plan.due", lambda row, key, amount: postings.fall_due(key, amount))


def cancel_plans(call: StepCall) -> None:
    """调减: the whole plan goes back to 635; refused when part of it is paid or held."""
    states = {document.pk: document.state for document in call.documents}
    post(
        call,
        "treasury.cash_plan.cancelled",
        lambda row, key, amount: postings.unplan(key, is_due=states[row.pk] == "due", amount_fen=amount),
    )


def post(call: StepCall, kind: str, make: object) -> None:
    """Book one line per plan, made by `make(row, executable account, amount)`; who cannot be booked is refused."""
    rows: dict[int, CashPlan] = call.rows()
    found = drawing.allotments(row.allotment_id for row in rows.values())
    documents = call.documents
    entries = []
    for document in documents:
        row = rows[document.pk]
        line: Line = make(row, found[row.allotment_id].executable, document.amount_fen)  # type: ignore[operator]
        entries.append(
            Entry(
                kind=kind, document_id=document.pk, effective_on=timezone.localdate(call.at), lines=(line,),
                memo=document.title,
            )
        )  # fmt: skip
    outcome = ledger.post_many(entries=entries, actor_id=call.actor.user_id, at=call.at)
    allotment_of = {document.pk: rows[document.pk].allotment_id for document in documents}
    for document, refusal in shortage.explain(outcome.refusals, documents, allotment_of):
        call.refuse(document.pk, refusal)


def release_due(*, on: dt.date, at: dt.datetime) -> StepResult:
    """This function will make payable all plans whose month has come; the timetable calls it every night."""
    ids = list(
        CashPlan.objects.filter(month__lte=period_of(on), document__state="planned")
        .order_by("document_id")
        .values_list("document_id", flat=True)
    )
    if not ids:
        return StepResult(done=[], refused={})
    return perform_many(kind=CASH_PLAN, ids=ids, step="fall_due", actor=system_actor(), at=at)


def day_began(event: Event) -> None:
    """The subscriber to `calendar.day_began`."""
    release_due(on=dt.date.fromisoformat(event.payload["day"]), at=event.at)


# --- 控制方式 ---------------------------------------------------------------------------------------------------


def create_controls(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft changes of 控制方式; `row`: controlled_unit (none: the whole fund), mode, valid_from,
    reason. :raises BadInput: an unknown fund or mode."""
    complete = []
    for draft in drafts:
        row = {key: value for key, value in draft.row.items() if value is not None}
        if draft.fund not in FUND_NAMES or row.get("mode") not in ControlMode.Mode.values:
            raise BadInput.of("treasury.mode", "请选择资金性质和控制方式。")
        title = f"{FUND_NAMES[draft.fund]}自 {row['valid_from'].isoformat()} 起{ControlMode.Mode(row['mode']).label}"
        complete.append(
            replace(
                draft,
                unit_id=bureau_id(),
                fiscal_year=row["valid_from"].year,
                title=title,
                amount_fen=0,
                row=row,
            )
        )
    return create_many(kind=CONTROL, drafts=complete, actor=actor, at=at)


def apply_controls(call: StepCall) -> None:
    """控制方式调整 takes effect: from its day on; never for days that are past."""
    rows, today = call.rows(), timezone.localdate(call.at)
    for document in call.documents:
        row = rows[document.pk]
        if row.valid_from < today:
            call.refuse(document.pk, ModeStarted(day=row.valid_from.isoformat()))
            continue
        ControlMode.objects.update_or_create(
            fund=document.fund,
            unit_id=row.controlled_unit_id,
            valid_from=row.valid_from,
            defaults={"mode": row.mode},
        )
