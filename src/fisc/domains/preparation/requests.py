"""单位申报: making the requests of units, their totals, and what their steps check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fisc.base.errors import BadInput
from fisc.domains.preparation.models import Request, Round
from fisc.domains.preparation.refusals import NoRound, NothingAsked, WrongStage
from fisc.domains.preparation.words import REQUEST, Stage
from fisc.kernel import lean
from fisc.kernel.documents import kinds
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.errors import NotEditable, StepNotPermitted
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

SQL = (Path(__file__).parent / "sql" / "lines.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
ACTS = {"first": "填报一上", "second": "填报二上", "review": "审核一上"}
OPEN_IN = {"first": ("first",), "second": ("second",), "review": ("first", "review")}


def refuse_wrong_stage(row: Round, act: str) -> None:
    """:raises WrongStage: the round is not where this can be done."""
    if row.document.state not in OPEN_IN[act]:
        raise WrongStage(fiscal_year=row.fiscal_year, state=row.document.state_label, act=ACTS[act])


def create_requests(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will draft requests. `row`: stage, and round_id unless the year's open round is meant.

    :raises BadInput: no round, no stage, or the unit has its request already.
    """
    complete = []
    for draft in drafts:
        row = _round_of(draft)
        stage = str(draft.row.get("stage") or "")
        if stage not in Stage.values:
            raise BadInput("请选择申报阶段：一上或二上。", code="preparation.stage_missing")
        refuse_wrong_stage(row, stage)
        complete.append(_completed(draft, row, stage))
    _refuse_twice(complete)
    return create_many(kind=REQUEST, drafts=complete, actor=actor, at=at)


def _round_of(draft: Draft) -> Round:
    wanted = draft.row.get("round_id") or draft.row.get("round")
    rounds = Round.objects.select_related("document").filter(is_open=True)
    found = (
        rounds.filter(pk=int(getattr(wanted, "pk", wanted))).first()
        if wanted
        else rounds.filter(document__state__in=("first", "second")).order_by("-fiscal_year").first()
    )
    if found is None:
        raise NoRound(fiscal_year=draft.fiscal_year)
    return found


def _completed(draft: Draft, row: Round, stage: str) -> Draft:
    values = {key: value for key, value in draft.row.items() if key not in ("round", "unit")}
    return replace(
        draft,
        fiscal_year=row.fiscal_year,
        title=f"{row.fiscal_year}年部门预算{Stage(stage).label}",
        row={**values, "round_id": row.pk, "unit_id": draft.unit_id, "stage": stage},
    )


def _refuse_twice(drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        held = Request.objects.filter(
            round_id=draft.row["round_id"], unit_id=draft.unit_id, stage=draft.row["stage"]
        ).select_related("document", "unit")
        for request in held:
            raise BadInput(
                f"{request.unit.name}已有{Stage(request.stage).label}申报 {request.document.number}，请在其中填报。",
                code="preparation.request_twice",
            )


def lock(row: Round, *, stage: str, unit_ids: Iterable[int], actor: Actor) -> dict[int, Request]:
    """This will lock the units' requests of a stage, by unit; those that were sent are refused.

    :raises NotEditable: a unit's request has been sent. :raises StepNotPermitted: not for this unit.
    """
    kind, units = kinds.get(REQUEST), sorted(set(unit_ids))
    if not actor.can(kind.permission("edit")) or not all(actor.sees(unit_id) for unit_id in units):
        raise StepNotPermitted(step="填报", kind=kind.title)
    held = Request.objects.filter(round=row, stage=stage, unit_id__in=units).order_by("pk")
    headers = {
        header.pk: header
        for header in Document.objects.select_for_update().filter(pk__in=held.values("pk")).order_by("pk")
    }
    found = {}
    for request in held:
        request.document = headers[request.pk]
        refuse_sent(request.document)
        found[request.unit_id] = request
    return found


def refuse_sent(document: Document) -> None:
    """:raises NotEditable: the request is under review or decided."""
    kind = kinds.get(REQUEST)
    if document.state not in kind.editable_states:
        raise NotEditable(kind=kind.title, number=document.number, state=document.state_label)


def settle(
    row: Round,
    held: Mapping[int, Request],
    *,
    stage: str,
    unit_ids: Iterable[int],
    actor: Actor,
    at: dt.datetime,
) -> dict[int, int]:
    """This will make the requests that are missing and bring all headers to the sums of their lines.

    Returns unit → request. :raises StepNotPermitted: not for this unit.
    """
    sums = totals(row.pk, stage=stage, unit_ids=unit_ids)
    for unit_id, request in held.items():
        amount, header = sums.get(unit_id, 0), request.document
        if header.amount_fen != amount:
            update_draft(
                kind=REQUEST, id=request.pk, values={"amount_fen": amount}, version=header.version, actor=actor,
                at=at, by_module=True,
            )  # fmt: skip
    missing = [unit_id for unit_id in sorted(set(unit_ids)) if unit_id not in held]
    drafts = [
        _completed(Draft(unit_id, row.fiscal_year, at.date(), "", sums.get(unit_id, 0)), row, stage)
        for unit_id in missing
    ]
    made = create_many(kind=REQUEST, drafts=drafts, actor=actor, at=at)
    return {
        **{unit_id: request.pk for unit_id, request in held.items()},
        **dict(zip(missing, made, strict=True)),
    }


def totals(round_id: int, *, stage: str, unit_ids: Iterable[int]) -> dict[int, int]:
    """What each unit asks in a stage, in 分; one query."""
    rows = lean.fetch(QUERIES["totals"], (round_id, sorted(set(unit_ids))))
    place = 1 if stage == Stage.FIRST.value else 2
    return {row[0]: row[place] for row in rows}


def submit(call: StepCall) -> None:
    """送审: the stage is open and something is asked; the header says how much."""
    rows: dict[int, Request] = call.rows()
    rounds = Round.objects.select_related("document").in_bulk({row.round_id for row in rows.values()})
    sums = {
        (round_id, stage): totals(
            round_id, stage=stage, unit_ids=[r.unit_id for r in rows.values() if r.round_id == round_id]
        )
        for round_id, stage in {(row.round_id, row.stage) for row in rows.values()}
    }
    units = dict(Unit.objects.filter(pk__in=[row.unit_id for row in rows.values()]).values_list("pk", "name"))
    for doc_id, row in rows.items():
        held = rounds[row.round_id]
        if held.document.state not in OPEN_IN[row.stage]:
            call.refuse(
                doc_id,
                WrongStage(
                    fiscal_year=held.fiscal_year, state=held.document.state_label, act=ACTS[row.stage]
                ),
            )
            continue
        asked = sums[row.round_id, row.stage].get(row.unit_id, 0)
        if not asked and row.stage == Stage.FIRST.value:
            call.refuse(doc_id, NothingAsked(unit=units[row.unit_id], stage=Stage(row.stage).label))
            continue
        call.set_amount(doc_id, asked)
    _drop_empty(call, rows)


def _drop_empty(call: StepCall, rows: dict[int, Request]) -> None:
    """Lines without an amount are not part of what was asked."""
    by_round: dict[int, list[int]] = {}
    for doc_id in call.ids:
        if rows[doc_id].stage == Stage.FIRST.value:
            by_round.setdefault(rows[doc_id].round_id, []).append(rows[doc_id].unit_id)
    for round_id, units in by_round.items():
        lean.run(QUERIES["drop_empty"], (round_id, units))


def revise_request(*, document: Document, values: Any, actor: Actor, at: dt.datetime) -> Any:
    """Of a request only its note can be changed in the form; the amounts come from its lines."""
    return {key: value for key, value in values.items() if key == "note"}
