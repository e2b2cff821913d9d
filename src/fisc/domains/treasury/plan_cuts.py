"""用款计划调减 (norm A.8): a plan in force is cut by an amount; what is paid or held of it cannot be cut."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fisc.base.errors import BadInput, Refusal
from fisc.base.money import format_fen
from fisc.domains.treasury import drawing, plans, postings
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.access import system_actor

if TYPE_CHECKING:
    from fisc.domains.treasury.models import CashPlan, PlanCut
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.ledger.keys import AccountKey, Line
    from fisc.kernel.orgs.actor import Actor

PLAN_CUT = "treasury.plan_cut"
IN_FORCE = ("planned", "due")


class CutTooLarge(Refusal):
    """用款计划 {number} 现有 {planned} 元，不能调减 {asked} 元。"""

    code = "treasury.plan_cut_too_large"


def create_cuts(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft cuts of cash plans; Draft.amount_fen is what goes, `row`: plan_id, reason.

    :raises BadInput: no such plan in force, no amount or more than it has, no reason.
    """
    wanted = [_plan_id(draft) for draft in drafts]
    found = Document.objects.filter(kind=plans.CASH_PLAN, state__in=IN_FORCE).in_bulk(wanted)
    complete = []
    for draft, number in zip(drafts, wanted, strict=True):
        plan = found.get(number)
        if plan is None or not actor.sees(plan.unit_id):
            raise BadInput.of("treasury.plan_cut_plan", "请选择一张已批复的用款计划。")
        if not 0 < draft.amount_fen <= plan.amount_fen:
            raise CutTooLarge(
                number=plan.number, planned=format_fen(plan.amount_fen), asked=format_fen(draft.amount_fen)
            )
        if not str(draft.row.get("reason") or "").strip():
            raise BadInput.of("treasury.plan_cut_reason", "请写明调减理由。")
        complete.append(
            replace(
                draft, unit_id=plan.unit_id, fiscal_year=plan.fiscal_year, fund=plan.fund, source_id=plan.pk,
                title=f"调减 {plan.number} {plan.title}"[:200],
                row={"plan_id": plan.pk, "reason": draft.row["reason"]},
            )
        )  # fmt: skip
    return create_many(kind=PLAN_CUT, drafts=complete, actor=actor, at=at)


def _plan_id(draft: Draft) -> int:
    value = draft.row.get("plan_id") or draft.row.get("plan") or 0
    return int(getattr(value, "pk", value))


def apply_cuts(call: StepCall) -> None:
    """批准 takes effect: each plan is reduced; one that cannot be (paid, held, cut before) refuses its cut alone."""
    rows: Mapping[int, PlanCut] = call.rows()
    amounts: dict[int, int] = {}
    cuts: dict[int, list[int]] = {}
    for document in call.documents:
        plan_id = rows[document.pk].plan_id
        amounts[plan_id] = amounts.get(plan_id, 0) + document.amount_fen
        cuts.setdefault(plan_id, []).append(document.pk)
    result = perform_many(
        kind=plans.CASH_PLAN, ids=list(amounts), step="reduce", actor=system_actor(), at=call.at,
        comment=call.comment, data={"amounts": amounts},
    )  # fmt: skip
    for plan_id, refusal in result.refused.items():
        for doc_id in cuts[plan_id]:
            call.refuse(doc_id, refusal)


def reduce(call: StepCall) -> None:
    """调减 of the plan itself: 650 or 651 → 635; nothing left of it: 已调减."""
    amounts: Mapping[int, int] = call.data["amounts"]
    for document in call.documents:
        asked = amounts[document.pk]
        if asked > document.amount_fen:
            call.refuse(
                document.pk,
                CutTooLarge(
                    number=document.number,
                    planned=format_fen(document.amount_fen),
                    asked=format_fen(asked),
                ),
            )
    states = {document.pk: document.state for document in call.documents}

    def line(row: CashPlan, key: AccountKey, amount: int) -> Line:
        return postings.unplan(key, is_due=states[row.pk] == "due", amount_fen=amounts[row.pk])

    plans.post(call, "treasury.cash_plan.reduced", line)
    for document in call.documents:
        left = document.amount_fen - amounts[document.pk]
        call.set_state(document.pk, document.state if left else "cancelled")
        if left:
            call.set_amount(document.pk, left)
        call.add_detail(document.pk, reduced_fen=amounts[document.pk])


def revise(*, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """This function will check a changed draft as a new one. :raises BadInput: as when it was made."""
    plan = Document.objects.get(pk=values.get("plan_id") or document.source_id)
    amount = values.get("amount_fen") or document.amount_fen
    if plan.state not in IN_FORCE or not actor.sees(plan.unit_id):
        raise drawing.UnknownAllotment
    if not 0 < amount <= plan.amount_fen:
        raise CutTooLarge(number=plan.number, planned=format_fen(plan.amount_fen), asked=format_fen(amount))
    return {
        **values, "amount_fen": amount, "unit_id": plan.unit_id, "fund": plan.fund,
        "title": f"调减 {plan.number} {plan.title}"[:200],
    }  # fmt: skip
