"""Use cases of the budget module, set-based; a single document is a batch of one: approvals and allotments.

Create functions check and complete drafts; the functions that take a `StepCall` are what a step does when it takes
effect. Changes of released allotments stand in changes.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.domains.budget import booking, places, postings
from fisc.domains.budget.dimensions import Origin, flags_text
from fisc.domains.budget.models import Allotment, Appropriation, AppropriationLine
from fisc.domains.budget.postings import Place
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import HEADER_FIELDS, Draft, StepResult
from fisc.kernel.ledger.keys import Line

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

APPROPRIATION, ALLOTMENT = "budget.appropriation", places.ALLOTMENT_KIND
LINE_COLUMNS = (
    "unit_id", "project_id", "spending", "fund", "function_code", "economic_code", "government_code", "flags",
    "amount_fen", "note",
)  # fmt: skip
DIMENSION_COLUMNS = (
    "project_id",
    "spending",
    "fund",
    "function_code",
    "economic_code",
    "government_code",
    "flags",
)


def create_appropriations(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft approvals with their lines (`row["lines"]`: mappings of LINE_COLUMNS).

    The header's amount becomes the sum of the lines; spending and government item are derived.

    :raises BadInput: no lines, or lines that cannot be right; the message names the row.
    """
    complete, lines_of = [], []
    for draft in drafts:
        lines = [dict(line) for line in draft.row.get("lines") or ()]
        if not lines:
            raise BadInput.of(
                "budget.no_lines", "预算批复“{title}”没有明细，请用“预算批复导入”上传。", title=draft.title
            )
        if any(line["amount_fen"] <= 0 for line in lines):
            raise BadInput.of(
                "budget.line_amount", "预算批复“{title}”的明细金额应大于零。", title=draft.title
            )
        places.refuse_bad_input(places.complete_dimensions(lines, year=draft.fiscal_year))
        lines_of.append(lines)
        funds = {line["fund"] for line in lines}
        row = {key: value for key, value in draft.row.items() if key != "lines" and value is not None}
        complete.append(
            replace(
                draft,
                amount_fen=sum(line["amount_fen"] for line in lines),
                fund=funds.pop() if len(funds) == 1 else "",
                row=row,
                tags=(Origin(row.get("origin", Origin.INITIAL)).label, *draft.tags),
            )
        )
    with transaction.atomic():
        ids = create_many(kind=APPROPRIATION, drafts=complete, actor=actor, at=at)
        insert_rows(
            AppropriationLine,
            [
                {
                    "appropriation_id": doc_id,
                    "row_no": number,
                    **{key: line[key] for key in LINE_COLUMNS if key in line},
                }
                for doc_id, lines in zip(ids, lines_of, strict=True)
                for number, line in enumerate(lines, 1)
            ],
        )
    return ids


def approve_appropriations(call: StepCall) -> None:
    """预算批复 takes effect: every line 601 → 621 → 627, one entry per document, whole or not at all."""
    years = {document.pk: document.fiscal_year for document in call.documents}
    lines: dict[int, list[Line]] = {doc_id: [] for doc_id in years}
    used: list[Place] = []
    projects: dict[int, set[int]] = {doc_id: set() for doc_id in years}
    rows = AppropriationLine.objects.filter(appropriation_id__in=years).select_related("appropriation")
    for row in rows.order_by("appropriation_id", "row_no"):
        place = places.place_of(row, fiscal_year=years[row.appropriation_id], unit_id=row.unit_id)
        lines[row.appropriation_id] += postings.approve(place, row.amount_fen)
        if row.appropriation.origin == Origin.INITIAL:
            lines[row.appropriation_id] += postings.record_initial(place, row.amount_fen)
        used.append(place)
        projects[row.appropriation_id].add(row.project_id)
    places.mark_codes_used(used)
    booking.post(call, "budget.appropriation.approved", lines)
    for doc_id in call.ids:
        call.add_payload(doc_id, project_ids=sorted(projects[doc_id]))


def create_allotments(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft allotments. `row`: reference (文号), origin, note and the dimensions.

    The title becomes 文号 + project, so that everybody recognises the allotment; the flags become tags.

    :raises BadInput: no 文号, no amount, or dimensions that cannot be right.
    """
    complete = complete_allotments(drafts)
    return create_many(kind=ALLOTMENT, drafts=complete, actor=actor, at=at)


def complete_allotments(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts with what can be derived. :raises BadInput: see `create_allotments`."""
    rows = [_allotment_row(draft) for draft in drafts]
    for draft, row in zip(drafts, rows, strict=True):
        if not row.get("reference"):
            raise BadInput.of("budget.no_reference", "指标“{title}”没有文号。", title=draft.title)
        if draft.amount_fen <= 0:
            raise BadInput.of(
                "budget.allotment_amount", "指标 {reference} 的金额应大于零。", reference=row["reference"]
            )
    for year in {draft.fiscal_year for draft in drafts}:
        of_year = [row for draft, row in zip(drafts, rows, strict=True) if draft.fiscal_year == year]
        places.refuse_bad_input(places.complete_dimensions(of_year, year=year))
    titles = {
        key: project.title
        for key, project in places.projects_by_id(row["project_id"] for row in rows).items()
    }
    return [
        replace(
            draft,
            title=f"{row['reference']} {titles[row['project_id']]}",
            fund=row["fund"],
            row={key: value for key, value in row.items() if key != "unit_id"},
            tags=tuple(filter(None, flags_text(row["flags"]).split("、"))),
        )
        for draft, row in zip(drafts, rows, strict=True)
    ]


def _allotment_row(draft: Draft) -> dict[str, Any]:
    row = {key: value for key, value in draft.row.items() if value is not None}
    marks = row.pop("flag_marks", None)
    row["flags"] = int(marks) if marks is not None else int(row.get("flags", 0))
    row["project_id"] = int(getattr(row.get("project_id"), "pk", row.get("project_id") or 0))
    if row.get("origin") == Origin.CARRYOVER and not row.get("first_year"):
        row["first_year"] = (
            draft.fiscal_year - 1
        )  # carried over from the year before, where nothing else is said
    return {**row, "unit_id": draft.unit_id, "fund": row.get("fund") or draft.fund}


def revise_allotment(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will complete a changed draft of an allotment as a new one would be.

    :raises BadInput: as when it was made.
    """
    row = Allotment.objects.get(pk=document.pk)
    keys = ("reference", "origin", "note", "first_year", *DIMENSION_COLUMNS)
    kept = {key: getattr(row, key) for key in keys if key not in ("government_code", "spending")}
    asked = {key: "" if value is None else value for key, value in values.items() if key not in HEADER_FIELDS}
    asked = {key: value for key, value in asked.items() if value or key not in ("origin", "flag_marks")}
    draft = Draft(
        unit_id=values.get("unit_id") or document.unit_id,
        fiscal_year=document.fiscal_year,
        business_on=document.business_on,
        title="",
        amount_fen=values.get("amount_fen") or document.amount_fen,
        row={**kept, **asked, "fund": values.get("fund") or row.fund},
    )
    (done,) = complete_allotments([draft])
    Allotment.objects.filter(pk=document.pk).update(fund=done.fund)  # `fund` of the values is the header's
    header = {"title": done.title, "amount_fen": done.amount_fen, "unit_id": done.unit_id}
    return {**done.row, **header, "tags": list(done.tags)}


def draft_allotments_from(
    *, appropriation_id: int, reference: str, actor: Actor, at: dt.datetime, parts: tuple[int, int] = (1, 1)
) -> list[int]:
    """This function will draft one allotment per line of an approved appropriation, each the whole line or
    `parts[0]`/`parts[1]` of it (rounded down to 分)."""
    header = Document.objects.get(id=appropriation_id, kind=APPROPRIATION)
    origin = _origin(appropriation_id)
    drafts = [
        Draft(
            unit_id=line.unit_id,
            fiscal_year=header.fiscal_year,
            business_on=timezone.localdate(at),
            title=reference,
            amount_fen=line.amount_fen * parts[0] // parts[1],
            fund=line.fund,
            source_id=appropriation_id,
            row={
                "reference": reference, "origin": origin, "note": line.note,
                **{key: getattr(line, key) for key in DIMENSION_COLUMNS},
            },
        )
        for line in AppropriationLine.objects.filter(appropriation_id=appropriation_id).order_by("row_no")
    ]  # fmt: skip
    return create_allotments(drafts=[draft for draft in drafts if draft.amount_fen > 0], actor=actor, at=at)


def _origin(appropriation_id: int) -> str:
    """The 指标来源 of an appropriation."""
    return str(Appropriation.objects.values_list("origin", flat=True).get(pk=appropriation_id))


def draft_allotments(call: StepCall) -> None:
    """生成指标: drafts one allotment per line under the 文号 in `data["reference"]` (default: the approval's own)."""
    for doc_id, row in call.rows().items():
        reference = str(call.data.get("reference") or row.reference)
        if not reference:
            call.refuse(doc_id, Refusal("请先填写批复文号，再生成指标。", code="budget.no_reference"))
            continue
        ids = draft_allotments_from(
            appropriation_id=doc_id, reference=reference, actor=call.actor, at=call.at
        )
        call.add_detail(doc_id, allotments=len(ids))


def release_allotments(call: StepCall) -> None:
    """指标下达: 627 → 631 → 635."""
    lines = {
        document.pk: postings.release(_place(document, row), document.amount_fen)
        for document, row in _with_rows(call)
    }
    booking.post(call, "budget.allotment.released", lines)


def revoke_allotments(call: StepCall) -> None:
    """收回: what was released goes back to 待分, whole; refused while part of it is paid, held, frozen or planned."""
    approved = {doc_id: figures.approved_fen for doc_id, figures in places.figures(call.ids).items()}
    lines = {
        document.pk: postings.take_back(_place(document, row), approved[document.pk])
        for document, row in _with_rows(call)
        if approved[document.pk] > 0
    }
    booking.post(call, "budget.allotment.revoked", lines)


def _place(document: Document, row: Allotment) -> Place:
    return places.place_of(
        row, fiscal_year=document.fiscal_year, unit_id=document.unit_id, allotment_id=document.pk
    )


def _with_rows(call: StepCall) -> list[tuple[Document, Any]]:
    rows = call.rows()
    return [(document, rows[document.pk]) for document in call.documents]


def approve_through(
    *,
    kind: str,
    ids: Sequence[int],
    maker: Actor,
    reviewers: Sequence[Actor],
    at: dt.datetime,
    comment: str = "",
) -> StepResult:
    """This function will submit the documents and let the reviewers approve them one after the other, in their turn.

    Nodes of the chain are data: reviewers whose turn does not come have nothing to do.
    """
    result = perform_many(kind=kind, ids=ids, step="submit", actor=maker, at=at)
    refused = dict(result.refused)
    for reviewer in reviewers:
        waiting = list(
            Document.objects.filter(id__in=ids, state="in_review").order_by("id").values_list("id", flat=True)
        )
        if not waiting:
            break
        refused.update(
            perform_many(
                kind=kind, ids=waiting, step="approve", actor=reviewer, at=at, comment=comment
            ).refused
        )
    left = Document.objects.filter(id__in=ids, state__in=("draft", "returned", "in_review"))
    open_ids = set(left.values_list("id", flat=True))
    return StepResult(
        done=[doc_id for doc_id in ids if doc_id not in open_ids],
        refused={doc_id: refusal for doc_id, refusal in refused.items() if doc_id in open_ids},
    )


def release_many(
    *, drafts: Sequence[Draft], maker: Actor, reviewers: Sequence[Actor], at: dt.datetime
) -> list[int]:
    """This function will draft allotments, take them through their chain and release them.

    :raises Refusal: the first that is refused; then nothing is kept.
    """
    with transaction.atomic():
        ids = create_allotments(drafts=drafts, actor=maker, at=at)
        result = approve_through(kind=ALLOTMENT, ids=ids, maker=maker, reviewers=reviewers, at=at)
        if result.refused:
            raise next(iter(result.refused.values()))
        if len(result.done) < len(ids):
            raise Refusal("审批没有走完：缺少某个节点的审核人。", code="budget.chain_unfinished")
    return ids
