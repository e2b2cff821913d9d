"""ChainFlow: the approval chain as a `Flow` of documents. Decides set-based, writes after the module's `apply`.

Duty separation (不相容岗位相互分离): the maker approves nothing, nobody approves twice in one round, and somebody
who stands in counts as both persons. PostgreSQL holds the same by constraints on approvals_task.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from fisc.base.errors import Refusal
from fisc.base.workdays import add_workdays
from fisc.kernel import lean
from fisc.kernel.approvals import delegation
from fisc.kernel.approvals.chains import CURRENT, Node, current_chain_id, fact_view, node_of, nodes_of
from fisc.kernel.approvals.errors import AlreadyActed, NobodyTwice, NoChain, NoSuchNode, NotYours, NotYourTurn
from fisc.kernel.documents.call import StepCall
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import maker_may_not
from fisc.kernel.documents.spec import DocumentKind, Step
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.rules.language import compile_condition
from fisc.kernel.rules.views import describe

SCOPE_WORDS = {"unit": "本单位", "section": "归口股室", "all": ""}
START = "SELECT approvals_start(%s::bigint[], %s, %s::text[], %s::int[], %s::date[], %s, %s)"
MOVE = "SELECT approvals_move(%s::bigint[], %s, %s::int[], %s::date[], %s::bigint[], %s, %s, %s, %s)"
TURNS = """
SELECT
    t.document_id, t.chain_id, t.seq, t.node, t.role, t.scope, t.unit_id, t.section_code, r.path, r.submitted_by_id,
    (
        SELECT jsonb_agg(jsonb_build_array(a.node, a.seq, a.done_by_id, a.delegated_from_id))
        FROM approvals_task AS a
        WHERE a.document_id = t.document_id AND a.round = t.round AND a.outcome = 'approved' AND NOT a.is_superseded
    )::text
FROM approvals_task AS t
JOIN approvals_route AS r ON r.document_id = t.document_id
WHERE t.document_id = ANY(%s::bigint[]) AND t.done_at IS NULL
"""


@dataclass(frozen=True)
class Approval:
    """An approval already given in this round."""

    node: str
    seq: int
    by: int
    deputy_of: int | None


@dataclass(frozen=True)
class Turn:
    """Whose turn it is with one document."""

    document_id: int
    chain_id: int
    seq: int
    node: str
    role: str
    scope: str
    unit_id: int
    section_code: str
    path: tuple[int, ...]
    submitted_by: int
    given: tuple[Approval, ...]

    def next_seq(self) -> int | None:
        """The node that follows on the document's route."""
        return next((seq for seq in self.path if seq > self.seq), None)

    def fits(self, actor: Actor) -> bool:
        """Whether the actor holds the node's role for this document's unit or section."""
        if self.role not in actor.roles:
            return False
        if self.scope == "unit":
            return self.unit_id == actor.unit_id or (
                actor.unit_ids is not None and self.unit_id in actor.unit_ids
            )
        if self.scope == "section" and self.section_code:
            return self.section_code == actor.section_code
        return True


def turns_of(ids: Iterable[int]) -> dict[int, Turn]:
    """The open turn of each document, in one query."""
    found = {}
    for *whose, path, submitted_by, given in lean.fetch(TURNS, (list(ids),)):
        approvals = tuple(Approval(*row) for row in json.loads(given or "[]"))
        whole: tuple[Any, ...] = (*whose, tuple(path), submitted_by, approvals)
        found[whose[0]] = Turn(*whole)
    return found


@dataclass(frozen=True)
class ChainFlow:
    """The chain of a kind. `on_approved` and `on_returned` get a call with the documents whose review has just ended
    well, or that went back to the maker (returned or withdrawn); they may refuse single documents."""

    on_approved: Callable[[StepCall], None] | None = None
    on_returned: Callable[[StepCall], None] | None = None
    draft: str = "draft"
    in_review: str = "in_review"
    approved: str = "approved"
    returned: str = "returned"

    def submit(self, call: StepCall) -> None:
        """This will send the documents along the current chain of their kind."""
        chain_id = current_chain_id(call.kind.code)
        if chain_id is None:
            call.refuse_all(NoChain(kind=call.kind.title))
            return
        paths = _paths(call, chain_id)
        for document in call.documents:
            path = paths[document.pk]
            call.set_state(document.pk, self.in_review if path else self.approved)
            call.set_node(document.pk, path[0].label if path else "")
        call.afterwards(lambda: self._start(call, chain_id, paths))

    def approve(self, call: StepCall) -> None:
        """This will approve at the node whose turn it is; the last approval ends the review."""
        turns = turns_of(call.ids)
        deputies = self._refuse_strangers(call, turns)
        targets: dict[int, int | None] = {}
        for document in call.documents:
            turn = turns[document.pk]
            targets[document.pk] = turn.next_seq()
            self._aim(call, document.pk, turn, targets[document.pk])
        ended = [doc_id for doc_id, target in targets.items() if target is None]
        if ended and self.on_approved is not None:
            # After the module's own `apply`, before the tasks: who is refused there keeps the task.
            call.afterwards(lambda: self.on_approved and self.on_approved(call.subset(ended)))
        call.afterwards(lambda: _move(call, turns, targets, deputies, outcome="approved"))

    def send_back(self, call: StepCall) -> None:
        """This will send the documents back: to the maker, or to an earlier node named by data["to"]."""
        turns = turns_of(call.ids)
        deputies = self._refuse_strangers(call, turns)
        targets: dict[int, int | None] = {}
        for document in call.documents:
            target = self._target(call, document, turns[document.pk])
            if isinstance(target, Refusal):
                call.refuse(document.pk, target)
                continue
            targets[document.pk] = target
            if target is None:
                call.set_state(document.pk, self.returned)
                call.set_node(document.pk, "")
            else:
                self._aim(call, document.pk, turns[document.pk], target)
        self._tell_returned(call, [doc_id for doc_id, target in targets.items() if target is None])
        call.afterwards(lambda: _move(call, turns, targets, deputies, outcome="returned", back=True))

    def withdraw(self, call: StepCall) -> None:
        """This will take the documents back for whoever submitted them, until the first node has acted."""
        turns = turns_of(call.ids)
        for document in call.documents:
            if refusal := _why_not_withdraw(call.kind, document, turns.get(document.pk), call.actor):
                call.refuse(document.pk, refusal)
                continue
            call.set_state(document.pk, self.draft)
            call.set_node(document.pk, "")
        targets: dict[int, int | None] = dict.fromkeys(call.ids)
        self._tell_returned(call, call.ids)
        call.afterwards(lambda: _move(call, turns, targets, {}, outcome="withdrawn"))

    def cancel(self, call: StepCall) -> None:
        """This will end the open tasks of documents that leave the review by another step (void)."""
        turns = turns_of(call.ids)
        targets: dict[int, int | None] = dict.fromkeys(turns)
        call.afterwards(lambda: _move(call, turns, targets, {}, outcome="cancelled"))

    def reads(self, *, kind: str, step: str, ids: Sequence[int]) -> list[lean.Statement]:
        """What `submit` and the other steps begin with."""
        return [(CURRENT, (kind,))] if step == "submit" else [(TURNS, (list(ids),))]

    def why_not(self, *, document: Document, step: Step, actor: Actor, at: dt.datetime) -> Refusal | None:
        """Why this person may not take this chain step now; None: they may."""
        if step.name not in ("approve", "send_back", "withdraw"):
            return None
        kind, turn = document.spec, turns_of([document.pk]).get(document.pk)
        if step.name == "withdraw":
            return _why_not_withdraw(kind, document, turn, actor)
        if turn is None:
            return NotYourTurn(kind=kind.title, number=document.number, node="无", who="无")
        return _find_actor(kind, step, document, turn, actor, at)[1]

    def stands_in(self, *, kind: str, actor: Actor, at: dt.datetime) -> bool:
        """Whether somebody has delegated this kind to the actor at that time."""
        return bool(delegation.principals(actor.user_id, kind=kind, on=timezone.localdate(at)))

    def _start(self, call: StepCall, chain_id: int, paths: dict[int, tuple[Node, ...]]) -> None:
        ids, day = call.ids, timezone.localdate(call.at)
        if not ids:
            return
        first = [paths[doc_id][0] if paths[doc_id] else None for doc_id in ids]
        call.write(
            START,
            (
                ids,
                chain_id,
                ["{" + ",".join(str(node.seq) for node in paths[doc_id]) + "}" for doc_id in ids],
                [node.seq if node else None for node in first],
                [add_workdays(day, node.limit_workdays) if node else None for node in first],
                call.actor.user_id,
                call.at,
            ),
        )
        ended = [doc_id for doc_id in ids if not paths[doc_id]]
        if ended and self.on_approved is not None:
            self.on_approved(call.subset(ended))

    def _aim(self, call: StepCall, doc_id: int, turn: Turn, target: int | None) -> None:
        call.set_state(doc_id, self.in_review if target is not None else self.approved)
        call.set_node(doc_id, node_of(turn.chain_id, target).label if target is not None else "")
        call.add_detail(doc_id, at_node=turn.node)

    def _tell_returned(self, call: StepCall, ids: list[int]) -> None:
        if ids and self.on_returned is not None:
            call.afterwards(lambda: self.on_returned and self.on_returned(call.subset(ids)))

    def _refuse_strangers(self, call: StepCall, turns: dict[int, Turn]) -> dict[int, int | None]:
        """Refuse whoever is not allowed to act; returns for whom the actor stands in, by document."""
        deputies: dict[int, int | None] = {}
        for document in call.documents:
            turn = turns.get(document.pk)
            if turn is None:
                nobody = NotYourTurn(kind=call.kind.title, number=document.number, node="无", who="无")
                call.refuse(document.pk, nobody)
                continue
            deputies[document.pk], refusal = _find_actor(
                call.kind, call.step, document, turn, call.actor, call.at
            )
            if refusal is not None:
                call.refuse(document.pk, refusal)
        return deputies

    def _target(self, call: StepCall, document: Document, turn: Turn) -> int | Refusal | None:
        wanted = call.data.get("to")
        if wanted in (None, "", "maker"):
            return None
        for seq in turn.path:
            node = node_of(turn.chain_id, seq)
            if seq < turn.seq and wanted in (node.label, seq, str(seq)):
                return seq
        return NoSuchNode(kind=call.kind.title, number=document.number, node=wanted)


def _find_actor(
    kind: DocumentKind, step: Step, document: Document, turn: Turn, actor: Actor, at: dt.datetime
) -> tuple[int | None, Refusal | None]:
    """For whom the actor acts (None: for themselves), or why they may not."""
    if turn.fits(actor):
        return None, _why_not_person(kind, step, document, turn, [actor.user_id])
    refusal: Refusal = NotYourTurn(
        kind=kind.title,
        number=document.number,
        node=turn.node,
        who=f"{SCOPE_WORDS[turn.scope]}{role_name(turn.role)}",
        document_id=document.pk,
    )
    for principal in delegation.principals(actor.user_id, kind=kind.code, on=timezone.localdate(at)):
        if turn.fits(principal):
            found = _why_not_person(kind, step, document, turn, [actor.user_id, principal.user_id])
            if found is None:
                return principal.user_id, None
            refusal = found
    return None, refusal


def _why_not_person(
    kind: DocumentKind, step: Step, document: Document, turn: Turn, people: Sequence[int]
) -> Refusal | None:
    if document.maker_id in people:
        return maker_may_not(kind, step, document)
    for given in turn.given:
        if given.seq != turn.seq and (given.by in people or given.deputy_of in people):
            return NobodyTwice(
                kind=kind.title, number=document.number, node=given.node, document_id=document.pk
            )
    return None


def _why_not_withdraw(
    kind: DocumentKind, document: Document, turn: Turn | None, actor: Actor
) -> Refusal | None:
    if turn is None or actor.user_id not in (turn.submitted_by, document.maker_id):
        return NotYours(kind=kind.title, number=document.number, document_id=document.pk)
    if turn.seq != turn.path[0] or turn.given:
        acted = turn.given[-1].node if turn.given else turn.node
        return AlreadyActed(kind=kind.title, number=document.number, node=acted, document_id=document.pk)
    return None


def role_name(code: str) -> str:
    """The role's name; the code where there is none."""
    rows = lean.fetch("SELECT name FROM orgs_role WHERE code = %s", (code,))
    return rows[0][0] if rows else code


def _paths(call: StepCall, chain_id: int) -> dict[int, tuple[Node, ...]]:
    """The nodes that apply to each document: by amount band, and by condition where a node has one."""
    nodes = nodes_of(chain_id)
    true_for = _conditions(call, [node for node in nodes if node.condition])
    return {
        document.pk: tuple(
            node
            for node in nodes
            if node.covers(document.amount_fen)
            and (not node.condition or (document.pk, node.seq) in true_for)
        )
        for document in call.documents
    }


def _conditions(call: StepCall, nodes: Sequence[Node]) -> set[tuple[int, int]]:
    if not nodes:
        return set()
    view = fact_view(call.kind.code)
    subject = describe(view).subject
    parts = [f"coalesce({compile_condition(node.condition, view).sql({})}, false)" for node in nodes]
    sql = f'SELECT f."{subject}", ARRAY[{", ".join(parts)}] FROM "{view}" AS f WHERE f."{subject}" = ANY('
    rows = lean.fetch(sql.replace("%", "%%") + "%s::bigint[])", (call.ids,))
    return {(doc_id, node.seq) for doc_id, hits in rows for node, hit in zip(nodes, hits, strict=True) if hit}


def _move(
    call: StepCall,
    turns: dict[int, Turn],
    targets: dict[int, int | None],
    deputies: dict[int, int | None],
    *,
    outcome: str,
    back: bool = False,
) -> None:
    """Close the open tasks and open the next ones, for the documents that are still in the call."""
    ids = [doc_id for doc_id in call.ids if doc_id in targets and doc_id in turns]
    if not ids:
        return
    day = timezone.localdate(call.at)
    limits = [
        node_of(turns[doc_id].chain_id, target).limit_workdays
        if (target := targets[doc_id]) is not None
        else None
        for doc_id in ids
    ]
    call.write(
        MOVE,
        (
            ids,
            outcome,
            [targets[doc_id] for doc_id in ids],
            [add_workdays(day, limit) if limit is not None else None for limit in limits],
            [deputies.get(doc_id) for doc_id in ids],
            back,
            call.actor.user_id,
            call.comment,
            call.at,
        ),
    )
