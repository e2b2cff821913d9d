"""`perform`: the only door by which the state of a document changes.

One transaction: lock the headers in id order → is it there and visible → state → reason → maker → 事前 rules →
other modules' guards → the approval chain decides → the module's `apply` → the chain's tasks → headers, audit rows and events, set-based.
A document that is refused is left out and leaves no trace; the others go on. The number of statements does not
depend on the number of documents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from fisc.base.errors import Refusal, Way
from fisc.kernel import lean
from fisc.kernel.documents import guards, kinds, rows
from fisc.kernel.documents.call import StepCall
from fisc.kernel.documents.errors import (
    AnswerNeeded,
    DocumentMissing,
    MakerMayNot,
    ReasonNeeded,
    RuleBlocks,
    StepNotPermitted,
    WrongState,
)
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import CHAIN_STEPS, DocumentKind, Flow, Step, StepResult
from fisc.kernel.events.audit import AuditRow, record_statement
from fisc.kernel.events.outbox import NewEvent, emit_statement
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.rules import check as rules
from fisc.kernel.rules.spec import Finding

FIELD_NAMES = [field.attname for field in Document._meta.concrete_fields]
LOCK = (
    f"SELECT {', '.join(FIELD_NAMES)} FROM documents_document"
    " WHERE id = ANY(%s::bigint[]) AND kind = %s ORDER BY id FOR NO KEY UPDATE"
)
FINISH = "SELECT documents_finish(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s)"


def perform_many(
    *,
    kind: str | DocumentKind,
    ids: Sequence[int],
    step: str,
    actor: Actor,
    at: dt.datetime,
    comment: str = "",
    data: Mapping[str, Any] | None = None,
) -> StepResult:
    """This will take the step with every document that allows it and say which were refused and why.

    `data` is the step's own input; the key "answers" (rule code → explanation) answers 预警 findings.

    :raises StepNotPermitted: the actor may not take this step with any document of the kind.
    """
    spec = kinds.get(kind)
    result, _ = _perform(spec, spec.step(step), ids, actor, at, comment, data)
    return result


def perform(
    *,
    kind: str | DocumentKind,
    id: int,
    step: str,
    actor: Actor,
    at: dt.datetime,
    comment: str = "",
    data: Mapping[str, Any] | None = None,
) -> Document:
    """This will take the step with one document and return it as it is afterwards.

    :raises Refusal: the document does not allow the step; nothing has changed but the kept findings.
    :raises StepNotPermitted: the actor may not take this step with any document of the kind.
    """
    spec = kinds.get(kind)
    result, documents = _perform(spec, spec.step(step), [id], actor, at, comment, data)
    if id in result.refused:
        raise result.refused[id]
    return documents[0]


def _perform(
    spec: DocumentKind,
    step: Step,
    ids: Sequence[int],
    actor: Actor,
    at: dt.datetime,
    comment: str,
    data: Mapping[str, Any] | None,
) -> tuple[StepResult, list[Document]]:
    _check_permission(spec, step, actor, at)
    wanted = sorted(set(ids))
    try:
        with transaction.atomic():
            with lean.reading_ahead(_reads(spec, step, wanted, at)) as locked:
                documents = [Document.from_db("default", FIELD_NAMES, row) for row in locked]
                call = StepCall(
                    kind=spec, step=step, documents=documents, actor=actor, at=at, comment=comment, data=data
                )
                _run(call, wanted)
            done = call.documents
            _finish(call, done)
    except Refusal as refusal:
        # Raised by a module for the call as a whole: the transaction is undone, so nobody moved.
        return StepResult(done=[], refused=dict.fromkeys(wanted, refusal)), []
    return StepResult(done=[document.pk for document in done], refused=dict(call.refused)), done


def _check_permission(spec: DocumentKind, step: Step, actor: Actor, at: dt.datetime) -> None:
    if actor.can(spec.permission(step.name)):
        return
    at_a_node = spec.flow is not None and step.name in ("approve", "send_back")
    if at_a_node and spec.flow and spec.flow.stands_in(kind=spec.code, actor=actor, at=at):
        return
    raise StepNotPermitted(step=step.label, kind=spec.title)


def _reads(spec: DocumentKind, step: Step, ids: list[int], at: dt.datetime) -> list[lean.Statement]:
    """The lock first, and behind it what the step will want to know: sent in one go."""
    statements: list[lean.Statement] = [(LOCK, (ids, spec.code))]
    if step.checks and spec.fact_view is not None:
        statements += rules.reads(view=spec.fact_view, ids=ids, stage="before", at=timezone.localdate(at))
    if spec.flow is not None and step.name in CHAIN_STEPS:
        statements += spec.flow.reads(kind=spec.code, step=step.name, ids=ids)
    if step.apply is not None:
        statements.append(rows.reads(spec.model, ids))
    return statements


def _run(call: StepCall, wanted: list[int]) -> None:
    _refuse_missing(call, wanted)
    for refuse in (
        _refuse_by_state,
        _refuse_without_reason,
        _refuse_maker,
        _refuse_by_rules,
        _ask_guards,
        _decide,
        _apply,
    ):
        if not call.documents:
            return
        refuse(call)
    for write in call.outcome.afterwards:
        write()


def _refuse_missing(call: StepCall, wanted: list[int]) -> None:
    found = {document.pk: document for document in call.documents}
    for doc_id in wanted:
        if doc_id not in found or not call.actor.sees(found[doc_id].unit_id):
            call.refuse(doc_id, DocumentMissing(document_id=doc_id))


def _refuse_by_state(call: StepCall) -> None:
    allowed = call.step.from_states
    for document in call.documents:
        if document.state not in allowed:
            call.refuse(document.pk, wrong_state(call.kind, call.step, document))


def wrong_state(kind: DocumentKind, step: Step, document: Document) -> WrongState:
    """The refusal of a step that the document's state does not allow."""
    return WrongState(
        kind=kind.title,
        number=document.number,
        state=document.state_label,
        step=step.label,
        document_id=document.pk,
    )


def _refuse_without_reason(call: StepCall) -> None:
    if call.step.reason and not call.comment.strip():
        call.refuse_all(ReasonNeeded(step=call.step.label))


def _refuse_maker(call: StepCall) -> None:
    if not call.step.not_maker:
        return
    for document in call.documents:
        if document.maker_id == call.actor.user_id:
            call.refuse(document.pk, maker_may_not(call.kind, call.step, document))


def maker_may_not(kind: DocumentKind, step: Step, document: Document) -> MakerMayNot:
    """The refusal of the maker where somebody else has to act."""
    return MakerMayNot(kind=kind.title, number=document.number, step=step.label, document_id=document.pk)


def _refuse_by_rules(call: StepCall) -> None:
    if not call.step.checks or call.kind.fact_view is None:
        return
    ids = call.ids
    found = rules.check(view=call.kind.fact_view, ids=ids, stage="before", at=timezone.localdate(call.at))
    kept = rules.store(
        found, view=call.kind.fact_view, stage="before", ids=ids, at=call.at,
        answers=call.data.get("answers") or {}, actor=call.actor,
    )  # fmt: skip
    by_document: dict[int, list[Finding]] = {}
    for finding in kept:
        by_document.setdefault(finding.subject_id, []).append(finding)
    for document in call.documents:
        if document.pk in by_document:
            _judge(call, document, by_document[document.pk])


def _judge(call: StepCall, document: Document, findings: list[Finding]) -> None:
    facts: dict[str, Any] = {
        "kind": call.kind.title,
        "number": document.number,
        "step": call.step.label,
        "document_id": document.pk,
        "findings": [(finding.rule.code, finding.severity, finding.message) for finding in findings],
    }
    blocking = [finding for finding in findings if finding.severity == "block"]
    unanswered = [finding for finding in findings if finding.severity == "warn" and not finding.answer]
    way = Way("查看规则检查", "document", {"id": document.pk})
    if blocking:
        text = "；".join(finding.message for finding in blocking)
        call.refuse(document.pk, RuleBlocks(message=text_of(RuleBlocks, facts, text), ways=[way], **facts))
    elif unanswered:
        text = "；".join(finding.message for finding in unanswered)
        facts["count"] = len(unanswered)
        call.refuse(
            document.pk, AnswerNeeded(message=text_of(AnswerNeeded, facts, text), ways=[way], **facts)
        )


def text_of(refusal: type[Refusal], facts: Mapping[str, Any], message: str) -> str:
    """The refusal's sentence, where the findings' own text takes the place of {message}."""
    return (refusal.__doc__ or "").strip().format(**facts, message=message)


def _ask_guards(call: StepCall) -> None:
    for guard in guards.of(call.kind.permission(call.step.name)):
        if call.documents:
            guard(call)


def _decide(call: StepCall) -> None:
    """The chain decides its own steps; every other step goes where it says, and ends a review that is under way."""
    flow: Flow | None = call.kind.flow
    if flow is None:
        return
    if call.step.name in CHAIN_STEPS:
        decide: Callable[[StepCall], None] = getattr(flow, call.step.name)
        decide(call)
    elif in_review := [document.pk for document in call.documents if document.node]:
        flow.cancel(call.subset(in_review))


def _apply(call: StepCall) -> None:
    if call.step.apply is None:
        return
    concerned = call
    if call.kind.flow is not None and call.step.name in CHAIN_STEPS and call.step.name != "submit":
        staying = {d.pk for d in call.documents if call.new_state(d) == d.state}
        concerned = call.subset(set(call.ids) - staying) if staying else call
    if concerned.documents:
        call.step.apply(concerned)


def _finish(call: StepCall, done: list[Document]) -> None:
    """Headers, audit rows and events of the documents that moved."""
    if not done:
        return
    outcome, before = call.outcome, {}
    for document in done:
        before[document.pk] = (document.state, document.node)
        document.state = call.new_state(document)
        document.node = outcome.nodes.get(
            document.pk, document.node if document.state == before[document.pk][0] else ""
        )
        document.amount_fen = outcome.amounts.get(document.pk, document.amount_fen)
        document.updated_at = call.at
        document.version += 1
    ids = [document.pk for document in done]
    headers = (
        ids,
        [document.state for document in done],
        [document.node for document in done],
        [document.amount_fen for document in done],
        call.at,
    )
    trail = record_statement([_audit(call, document, before[document.pk]) for document in done])
    happened = [document for document in done if not _still_in_review(call, document, before[document.pk][0])]
    events = [_event(call, document) for document in happened] if call.step.event else []
    told = [emit_statement(events)] if events else []
    lean.together([*outcome.writes, (FINISH, headers), trail, *told])


def _still_in_review(call: StepCall, document: Document, before: str) -> bool:
    """An approval that is not the last one, or a return to an earlier node, is no event of the document yet."""
    return call.kind.flow is not None and call.step.name in CHAIN_STEPS and document.state == before


def _audit(call: StepCall, document: Document, before: tuple[str, str]) -> AuditRow:
    detail: dict[str, Any] = {"from": before[0], "to": document.state}
    if before[1] or document.node:
        detail["node"] = before[1] or document.node
    if call.comment:
        detail["comment"] = call.comment
    detail.update(call.outcome.details.get(document.pk, {}))
    return AuditRow(
        at=call.at,
        actor_id=call.actor.user_id,
        actor_name=call.actor.name,
        action=call.kind.permission(call.step.name),
        object_kind=call.kind.code,
        object_id=str(document.pk),
        document_id=document.pk,
        ip=call.actor.ip or None,
        detail=detail,
    )


def _event(call: StepCall, document: Document) -> NewEvent:
    payload = {
        "document_id": document.pk,
        "kind": call.kind.code,
        "number": document.number,
        "state": document.state,
        "unit_id": document.unit_id,
        "amount_fen": document.amount_fen,
        **call.outcome.payloads.get(document.pk, {}),
    }
    return NewEvent(name=call.step.event or "", payload=payload, at=call.at, document_id=document.pk)
