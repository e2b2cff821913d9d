"""Changes of released allotments: 追加, 追减, 冻结, 解冻, 调剂. All take effect through the ledger (norm A.5).

What a virement may do is said by rules (rules.toml over v_virement_facts), except what can never be: money does not
leave its fund or year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from fisc.base.errors import BadInput, Refusal
from fisc.domains.budget import booking, places, postings
from fisc.domains.budget.models import Adjustment, Allotment, Freeze, FundingKind, VirementLine
from fisc.domains.budget.postings import Place
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import Line

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

ALLOTMENT = places.ALLOTMENT_KIND
SUPPLEMENT, CUT = "budget.supplement", "budget.cut"
VIREMENT, FREEZE = "budget.virement", "budget.freeze"


class AllotmentNotReleased(Refusal):
    """指标“{what}”尚未下达或已收回，不能办理。"""

    code = "budget.allotment_not_released"


class DifferentFund(BadInput):
    """调剂不得跨资金性质或跨年度：{out} 与 {into} 不同。"""

    code = "budget.virement_fund"


def create_adjustments(kind: str) -> Callable[..., list[int]]:
    """The create function of 追加 or 追减: unit, fund and title come from the allotment."""

    def create(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
        return create_many(kind=kind, drafts=_on_allotments(drafts), actor=actor, at=at)

    return create


def _on_allotments(drafts: Sequence[Draft]) -> list[Draft]:
    wanted = [_allotment_id(draft) for draft in drafts]
    headers = Document.objects.filter(kind=ALLOTMENT).in_bulk(wanted)
    complete = []
    for draft, allotment_id in zip(drafts, wanted, strict=True):
        header = headers.get(allotment_id)
        if header is None:
            raise BadInput.of("budget.no_allotment", "请选择指标。")
        if draft.amount_fen <= 0:
            raise BadInput.of("budget.amount", "金额应大于零。")
        row = {key: value for key, value in draft.row.items() if key != "allotment" and value is not None}
        complete.append(
            replace(
                draft, unit_id=header.unit_id, fiscal_year=header.fiscal_year, fund=header.fund,
                title=header.title, source_id=header.pk, row={**row, "allotment_id": header.pk},
            )
        )  # fmt: skip
    return complete


def _allotment_id(draft: Draft) -> int:
    value = draft.row.get("allotment_id") or draft.row.get("allotment") or 0
    return int(getattr(value, "pk", value))


def revise_on_allotment(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will complete a changed draft of 追加, 追减 or 冻结 as a new one would be."""
    row: Any = document.spec.model._default_manager.get(pk=document.pk)
    plain = {key: "" if value is None else value for key, value in values.items()}
    draft = Draft(
        unit_id=document.unit_id,
        fiscal_year=document.fiscal_year,
        business_on=document.business_on,
        title="",
        amount_fen=values.get("amount_fen") or document.amount_fen,
        row={"allotment_id": row.allotment_id, **plain},
    )
    (done,) = _on_allotments([draft])
    header = {"title": done.title, "amount_fen": done.amount_fen, "unit_id": done.unit_id, "fund": done.fund}
    return {**{key: value for key, value in done.row.items() if key != "amount_fen"}, **header}


def apply_supplements(call: StepCall) -> None:
    """追加 takes effect: new money from its source down to the allotment."""
    idle = {
        doc_id: postings.rearrange_idle(document.fiscal_year, document.fund, document.amount_fen)
        for doc_id, row in call.rows().items()
        if row.source_kind == FundingKind.IDLE and (document := call.document(doc_id))
    }
    _on_places(call, "budget.supplement.approved", postings.supplement, extra=idle)
    rows: Mapping[int, Adjustment] = call.rows()
    allotments = Allotment.objects.in_bulk({row.allotment_id for row in rows.values()})
    for document in call.documents:
        allotment = allotments[rows[document.pk].allotment_id]
        call.add_payload(
            document.pk,
            allotment_id=allotment.pk,
            project_id=allotment.project_id,
            economic_code=allotment.economic_code,
            fiscal_year=document.fiscal_year,
        )


def apply_cuts(call: StepCall) -> None:
    """追减 takes effect: from the allotment back to the source; refused beyond what is available."""
    _on_places(call, "budget.cut.approved", postings.cut)


def apply_freezes(call: StepCall) -> None:
    """冻结 takes effect: 635 → 636."""
    _on_places(call, "budget.freeze.frozen", postings.freeze)


def release_freezes(call: StepCall) -> None:
    """解冻: 636 → 635."""
    _on_places(call, "budget.freeze.released", postings.unfreeze)


def _on_places(
    call: StepCall,
    kind: str,
    make: Callable[[Place, int], tuple[Line, ...]],
    extra: Mapping[int, Line] | None = None,
) -> None:
    """Post what `make` says for each document on one allotment (Adjustment, Freeze), and its `extra` line."""
    rows: Mapping[int, Adjustment | Freeze] = call.rows()
    found = places.allotment_places(row.allotment_id for row in rows.values())
    lines: dict[int, tuple[Line, ...]] = {}
    for document in call.documents:
        header, _, place = found[rows[document.pk].allotment_id]
        if header.state != "released":
            call.refuse(document.pk, AllotmentNotReleased(what=header.title))
            continue
        lines[document.pk] = make(place, document.amount_fen)
        if extra and document.pk in extra:
            lines[document.pk] += (extra[document.pk],)
    booking.post(call, kind, lines)


def create_freezes(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft freezes; unit, fund and title come from the allotment."""
    return create_many(kind=FREEZE, drafts=_on_allotments(drafts), actor=actor, at=at)


def create_virements(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft virements. `row`: reason, reference, and either `lines` (mappings out_allotment_id,
    in_allotment_id, amount_fen) or one pair `out_allotment`, `in_allotment` with the header's amount.

    :raises BadInput: no movement, or allotments of different funds or years.
    """
    movements = [_movements(draft) for draft in drafts]
    headers = Document.objects.filter(kind=ALLOTMENT).in_bulk(
        {
            line[key]
            for lines in movements
            for line in lines
            for key in ("out_allotment_id", "in_allotment_id")
        }
    )
    complete = []
    for draft, lines in zip(drafts, movements, strict=True):
        for line in lines:
            _check_movement(line, headers)
        first = headers[lines[0]["out_allotment_id"]]
        row = {
            key: value
            for key, value in draft.row.items()
            if key in ("reason", "reference") and value is not None
        }
        complete.append(
            replace(
                draft, unit_id=first.unit_id, fiscal_year=first.fiscal_year, fund=first.fund, row=row,
                amount_fen=sum(line["amount_fen"] for line in lines), title=f"调剂 {first.title}"[:200],
                source_id=first.pk,
            )
        )  # fmt: skip
    with transaction.atomic():
        ids = create_many(kind=VIREMENT, drafts=complete, actor=actor, at=at)
        insert_rows(
            VirementLine,
            [
                {"virement_id": doc_id, "row_no": number, **line}
                for doc_id, lines in zip(ids, movements, strict=True)
                for number, line in enumerate(lines, 1)
            ],
        )
    return ids


def revise_virement(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will change a draft: one movement is written anew, several keep their lines.

    :raises BadInput: as when it was made, or the amount of several movements is typed.
    """
    kept = {key: values[key] or "" for key in ("reason", "reference") if key in values}
    lines = list(VirementLine.objects.filter(virement_id=document.pk).order_by("row_no"))
    if len(lines) != 1:
        return kept
    (line,) = lines
    movement = {
        "out_allotment_id": values.get("out_allotment_id") or line.out_allotment_id,
        "in_allotment_id": values.get("in_allotment_id") or line.in_allotment_id,
        "amount_fen": values.get("amount_fen") or line.amount_fen,
    }
    headers = Document.objects.filter(kind=ALLOTMENT).in_bulk(
        [movement["out_allotment_id"], movement["in_allotment_id"]]
    )
    _check_movement(movement, headers)
    VirementLine.objects.filter(pk=line.pk).update(**movement)
    first = headers[movement["out_allotment_id"]]
    header = {"title": f"调剂 {first.title}"[:200], "unit_id": first.unit_id, "fund": first.fund}
    return {**kept, **header, "amount_fen": movement["amount_fen"]}


def _movements(draft: Draft) -> list[dict[str, int]]:
    row = draft.row
    pairs = row.get("lines") or [
        {
            "out_allotment_id": row.get("out_allotment_id") or row.get("out_allotment"),
            "in_allotment_id": row.get("in_allotment_id") or row.get("in_allotment"),
            "amount_fen": draft.amount_fen,
        }
    ]
    lines = [{key: int(getattr(value, "pk", value) or 0) for key, value in pair.items()} for pair in pairs]
    if any(line["amount_fen"] <= 0 for line in lines):
        raise BadInput.of("budget.virement_amount", "调剂金额应大于零。")
    return lines


def _check_movement(line: Mapping[str, int], headers: Mapping[int, Document]) -> None:
    out, into = headers.get(line["out_allotment_id"]), headers.get(line["in_allotment_id"])
    if out is None or into is None:
        raise BadInput.of("budget.virement_allotments", "请选择调出指标和调入指标。")
    if out.pk == into.pk:
        raise BadInput.of("budget.virement_same", "调出指标和调入指标不能是同一条。")
    if (out.fund, out.fiscal_year) != (into.fund, into.fiscal_year):
        raise DifferentFund(out=out.title, into=into.title)


def apply_virements(call: StepCall) -> None:
    """调剂 takes effect: all movements of a document in one entry."""
    movements: dict[int, list[VirementLine]] = {doc_id: [] for doc_id in call.ids}
    for line in VirementLine.objects.filter(virement_id__in=call.ids).order_by("virement_id", "row_no"):
        movements[line.virement_id].append(line)
    found = places.allotment_places(
        allotment_id
        for lines in movements.values()
        for line in lines
        for allotment_id in (line.out_allotment_id, line.in_allotment_id)
    )
    entries: dict[int, list[Line]] = {}
    for doc_id, lines in movements.items():
        closed = [
            found[allotment_id][0]
            for line in lines
            for allotment_id in (line.out_allotment_id, line.in_allotment_id)
            if found[allotment_id][0].state != "released"
        ]
        if closed:
            call.refuse(doc_id, AllotmentNotReleased(what=closed[0].title))
            continue
        entries[doc_id] = [
            moved
            for line in lines
            for moved in postings.vire(
                found[line.out_allotment_id][2], found[line.in_allotment_id][2], line.amount_fen
            )
        ]
    booking.post(call, "budget.virement.approved", entries)
