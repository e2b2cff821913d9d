"""Use cases of the typed exceptions (row 51): advances, their 48-hour review, their clearing, their ageing.

An advance is a released allotment from another source than 601 (docs/adr/advances-are-allotments.md): it is paid from
like any other, so nothing can be overspent; what it owes the budget stands in 608 until it is cleared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Sum
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.budget import booking, entering, places, postings
from fisc.domains.budget.advances.models import Advance, AdvanceClearing
from fisc.domains.budget.dimensions import Origin
from fisc.domains.budget.models import Appropriation
from fisc.kernel import ledger
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import HEADER_FIELDS, Draft
from fisc.kernel.ledger.keys import Line
from fisc.kernel.orgs.access import system_actor

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

ADVANCE, CLEARING = "budget.advance", "budget.advance_clearing"
REVIEW_WITHIN = dt.timedelta(hours=48)
DIMENSIONS = (
    "project_id",
    "spending",
    "fund",
    "function_code",
    "economic_code",
    "government_code",
    "flags",
)

REVISED = ("project_id", "fund", "function_code", "economic_code", "flags")


class BudgetStands(Refusal):
    """{year}年预算已于批复后生效，不再办理预算批准前预拨，请走指标下达。"""

    code = "budget.advance_budget_stands"


class OverLastYear(Refusal):
    """预算批准前的支出参照上年同期：{unit}上年同期支出 {scope} 元，已预拨 {done} 元，本次 {asked} 元，超出 {over} 元（《预算法》第五十四条）。"""

    code = "budget.advance_over_last_year"


class AdvanceNotOpen(Refusal):
    """预拨单 {number} 现在不能清理。"""

    code = "budget.advance_not_open"


class ClearingTooLarge(Refusal):
    """预拨单 {number} 待清理 {open} 元，本次 {asked} 元。"""

    code = "budget.clearing_too_large"


def create_advances(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft advances; `row`: type, basis, reason, due_on and the dimensions of an allotment.

    :raises BadInput: no amount, no date, or dimensions that cannot be right.
    """
    return create_many(kind=ADVANCE, drafts=[_completed(draft) for draft in drafts], actor=actor, at=at)


def _completed(draft: Draft) -> Draft:
    row = _plain_row(draft)
    _check(draft, row)
    places.refuse_bad_input(places.complete_dimensions([row], year=draft.fiscal_year))
    project = places.projects_by_id([row["project_id"]])[row["project_id"]]
    label = Advance.Type(row["type"]).label
    row.pop("unit_id")
    return replace(draft, title=f"{label} {project.title}"[:200], fund=row["fund"], row=row, tags=(label,))


def revise_advance(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will complete a changed draft as a new one would be. :raises BadInput: as when it was made."""
    row = Advance.objects.get(pk=document.pk)
    kept = {key: getattr(row, key) for key in ("type", "basis", "reason", "due_on", *REVISED)}
    asked = {
        key: value for key, value in values.items() if value not in (None, "") and key not in HEADER_FIELDS
    }
    done = _completed(
        Draft(
            unit_id=values.get("unit_id") or document.unit_id, fiscal_year=document.fiscal_year,
            business_on=document.business_on, title="", amount_fen=values.get("amount_fen") or document.amount_fen,
            row={**kept, **asked, "fund": values.get("fund") or row.fund},
        )
    )  # fmt: skip
    Advance.objects.filter(pk=document.pk).update(fund=done.fund)  # `fund` of the values is the header's
    return {
        **done.row, "title": done.title, "amount_fen": done.amount_fen, "unit_id": done.unit_id, "tags": list(done.tags),
    }  # fmt: skip


def _plain_row(draft: Draft) -> dict[str, Any]:
    row = {key: value for key, value in draft.row.items() if value not in (None, "")}
    marks = row.pop("flag_marks", None)
    row["flags"] = int(marks) if marks is not None else int(row.get("flags", 0))
    row["project_id"] = int(getattr(row.get("project_id"), "pk", row.get("project_id") or 0))
    row["fund"] = row.get("fund") or draft.fund
    row["unit_id"] = draft.unit_id
    return row


def _check(draft: Draft, row: Mapping[str, Any]) -> None:
    if draft.amount_fen <= 0:
        raise BadInput.of("budget.advance_amount", "金额应大于零。")
    if row.get("type") not in Advance.Type.values:
        raise BadInput.of("budget.advance_type", "请选择预拨、垫付的类型。")
    missing = [
        label
        for key, label in (("basis", "依据"), ("reason", "事由"), ("due_on", "应清理日期"))
        if not row.get(key)
    ]
    if missing:
        raise BadInput.of("budget.advance_facts", "请填写{what}。", what="、".join(missing))


def submit_advances(call: StepCall) -> None:
    """送审: advances before the budget stay within last year's same months; what that was is kept."""
    rows = call.rows()
    for document in call.documents:
        row = rows[document.pk]
        if row.type == Advance.Type.PRE_BUDGET:
            scope = spent_last_year(document.unit_id, row.fund, timezone.localdate(call.at))
            call.write(
                "UPDATE budget_advance SET scope_fen = %s WHERE document_id = %s", (scope, document.pk)
            )
            _refuse_over(call, document, row, scope)


def _refuse_over(call: StepCall, document: Document, row: Advance, scope_fen: int) -> None:
    if _budget_stands(document.fiscal_year):
        way = Way("下达指标", "new_document", {"kind": places.ALLOTMENT_KIND})
        call.refuse(document.pk, BudgetStands(year=document.fiscal_year, ways=[way]))
        return
    done = _advanced_so_far(document, row)
    over = done + document.amount_fen - scope_fen
    if over > 0:
        call.refuse(
            document.pk,
            OverLastYear(
                unit=document.unit.name, scope=format_fen(scope_fen), done=format_fen(done),
                asked=format_fen(document.amount_fen), over=format_fen(over), over_fen=over,
            ),
        )  # fmt: skip


def _budget_stands(year: int) -> bool:
    return Appropriation.objects.filter(
        origin=Origin.INITIAL, document__state="approved", document__fiscal_year=year
    ).exists()


def _advanced_so_far(document: Document, row: Advance) -> int:
    done = Advance.objects.filter(
        type=row.type, fund=row.fund, document__unit_id=document.unit_id, released_at__isnull=False,
        document__fiscal_year=document.fiscal_year,
    ).aggregate(fen=Sum("document__amount_fen"))  # fmt: skip
    return int(done["fen"] or 0)


def spent_last_year(unit_id: int, fund: str, on: dt.date) -> int:
    """What the unit spent of a fund in the same months of the year before, in 分."""
    selection = ledger.Selection(
        book=postings.BOOK, subjects=(postings.SPENT,), fiscal_years=(on.year - 1,), unit_ids=(unit_id,), funds=(fund,)
    )  # fmt: skip
    first = (on.year - 1) * 100 + 1
    (paid,) = ledger.sums([(selection, first, first - 1 + on.month)])
    return sum(paid.values())


def approve_advances(call: StepCall) -> None:
    """双签之后: each advance becomes an allotment that can be paid from at once."""
    rows = call.rows()
    for document in call.documents:
        if rows[document.pk].type == Advance.Type.PRE_BUDGET:
            scope = spent_last_year(document.unit_id, rows[document.pk].fund, timezone.localdate(call.at))
            _refuse_over(call, document, rows[document.pk], scope)
    system = system_actor()
    for document in call.documents:
        (allotment_id,) = create_many(
            kind=places.ALLOTMENT_KIND, drafts=[_allotment_draft(document, rows[document.pk])], actor=system, at=call.at
        )  # fmt: skip
        Advance.objects.filter(pk=document.pk).update(allotment_id=allotment_id, released_at=call.at)
        entering.enter(ids=[allotment_id], at=call.at, year=document.fiscal_year)
        call.add_payload(document.pk, allotment_id=allotment_id)


def _allotment_draft(document: Document, row: Advance) -> Draft:
    return Draft(
        unit_id=document.unit_id, fiscal_year=document.fiscal_year, business_on=document.business_on,
        title=f"{document.number} {document.title}"[:200], amount_fen=document.amount_fen, fund=row.fund,
        source_id=document.pk, section_code=document.section_code,
        row={
            "reference": document.number, "origin": Origin.ADVANCE.value, "note": row.basis,
            **{key: getattr(row, key) for key in DIMENSIONS},
        },
        tags=(Advance.Type(row.type).label,),
    )  # fmt: skip


def review(call: StepCall) -> None:
    """48小时复核 of an emergency: a late one is kept as late, with the words of the one who reviewed."""
    for doc_id, row in call.rows().items():
        if row.type != Advance.Type.EMERGENCY or row.reviewed_at is not None:
            call.refuse(doc_id, Refusal("只有未复核的应急预拨需要复核。", code="budget.no_review"))
            continue
        is_late = call.at > row.released_at + REVIEW_WITHIN
        call.write(
            "UPDATE budget_advance SET reviewed_at = %s, late_review = %s WHERE document_id = %s",
            (call.at, call.comment[:200] if is_late else "", doc_id),
        )
        call.add_detail(doc_id, is_late=is_late)


def create_clearings(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft clearings; `row`: advance_id, allotment_id (冲抵) or none (退回), reason.

    :raises BadInput: no released advance, or an allotment of another fund or year.
    """
    return create_many(
        kind=CLEARING, drafts=[_completed_clearing(draft) for draft in drafts], actor=actor, at=at
    )


def _completed_clearing(draft: Draft) -> Draft:
    row = {key: value for key, value in draft.row.items() if value not in (None, "")}
    advance = _header(row.get("advance_id"), ADVANCE)
    allotment = _header(row.get("allotment_id"), places.ALLOTMENT_KIND)
    if advance is None:
        raise BadInput.of("budget.clearing_advance", "请选择要清理的预拨单。")
    if draft.amount_fen <= 0:
        raise BadInput.of("budget.clearing_amount", "清理金额应大于零。")
    if allotment and not _may_offset(advance, allotment):
        raise BadInput.of(
            "budget.clearing_allotment", "冲抵的指标应与预拨同一资金性质、同一年度；暂付款可由以后年度消化。"
        )
    return replace(
        draft, unit_id=advance.unit_id, fund=advance.fund, fiscal_year=(allotment or advance).fiscal_year,
        title=f"{'冲抵' if allotment else '退回'} {advance.title}"[:200], source_id=advance.pk,
        row={
            "advance_id": advance.pk, "allotment_id": allotment.pk if allotment else None,
            "reason": row.get("reason", ""),
        },
    )  # fmt: skip


def revise_clearing(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will check a changed draft as a new one; the advance stays. :raises BadInput: as when made."""
    row = AdvanceClearing.objects.get(pk=document.pk)
    done = _completed_clearing(
        Draft(
            unit_id=document.unit_id, fiscal_year=document.fiscal_year, business_on=document.business_on, title="",
            amount_fen=values.get("amount_fen") or document.amount_fen,
            row={
                "advance_id": row.advance_id, "allotment_id": values.get("allotment_id", row.allotment_id),
                "reason": values.get("reason", row.reason),
            },
        )
    )  # fmt: skip
    if done.fiscal_year != document.fiscal_year:
        raise BadInput.of("budget.clearing_year", "换一个年度的指标冲抵，请另建清理单。")
    return {**done.row, "title": done.title, "amount_fen": done.amount_fen}


def _may_offset(advance: Document, allotment: Document) -> bool:
    """Same fund and year; 暂付款 may be borne by the budget of a later year (暂付款消化)."""
    years = allotment.fiscal_year - advance.fiscal_year
    is_temporary = Advance.Type.TEMPORARY.label in advance.tags
    return allotment.fund == advance.fund and (years == 0 or (years > 0 and is_temporary))


def _header(value: Any, kind: str) -> Document | None:
    number = int(getattr(value, "pk", value or 0))
    return Document.objects.filter(pk=number, kind=kind).first() if number else None


def apply_clearings(call: StepCall) -> None:
    """冲抵 or 退回 takes effect; an advance with nothing left to clear is closed."""
    rows = call.rows()
    advances = Advance.objects.select_related("document").in_bulk([row.advance_id for row in rows.values()])
    lines: dict[int, Sequence[Line]] = {}
    open_fen = open_amounts(advances.values())
    found = places.allotment_places(
        number
        for row in rows.values()
        for number in (advances[row.advance_id].allotment_id, row.allotment_id)
        if number
    )
    for document in call.documents:
        row = rows[document.pk]
        advance = advances[row.advance_id]
        if refusal := _not_clearable(advance, open_fen.get(advance.pk, 0), document.amount_fen):
            call.refuse(document.pk, refusal)
            continue
        lines[document.pk] = _clearing_lines(row, advance, found, document.amount_fen)
    booking.post(call, f"{CLEARING}.approved", lines)
    close_cleared(list({rows[doc_id].advance_id for doc_id in call.ids}), call.at)


def _not_clearable(advance: Advance, open_fen: int, asked_fen: int) -> Refusal | None:
    if advance.document.state != "released":
        return AdvanceNotOpen(number=advance.document.number)
    if asked_fen > open_fen:
        return ClearingTooLarge(
            number=advance.document.number, open=format_fen(open_fen), asked=format_fen(asked_fen)
        )
    return None


def _clearing_lines(
    row: AdvanceClearing, advance: Advance, found: Mapping[int, Any], amount_fen: int
) -> Sequence[Line]:
    source = entering.source_of(advance.type)
    advanced = found[advance.allotment_id or 0][2]
    if row.allotment_id is None:
        return postings.repay_advance(advanced, source, amount_fen)
    return postings.offset_advance(found[row.allotment_id][2], advanced, source, amount_fen)


def close_cleared(advance_ids: Sequence[int], at: dt.datetime) -> None:
    """This function will close the advances with nothing left to clear."""
    advances = list(Advance.objects.filter(pk__in=advance_ids, document__state="released"))
    open_fen = open_amounts(advances)
    done = [advance.pk for advance in advances if not open_fen.get(advance.pk)]
    if done:
        perform_many(kind=ADVANCE, ids=done, step="close", actor=system_actor(), at=at)


def open_amounts(advances: Any) -> dict[int, int]:
    """Advance → what is still to be cleared, in 分 (608); one query."""
    of_allotment = {advance.allotment_id: advance.pk for advance in advances if advance.allotment_id}
    if not of_allotment:
        return {}
    selection = ledger.Selection(
        book=postings.BOOK, subjects=(postings.OPEN_ADVANCE,), allotment_ids=tuple(of_allotment)
    )
    balances = ledger.balances(selection, group_by=("allotment_id",))
    return {of_allotment[number]: balance.posted_fen for (number,), balance in balances.items()}
