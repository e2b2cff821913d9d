"""限时办结: from 储备 over 指标下达 to 支付清算, how long every node takes, what is late, what is stuck and with whom.

Approval nodes are timed by their tasks, the states between them (drafting, waiting for the bank, for the clearing) by
the audit trail. Limits: of nodes in the approval chain, of states in `progress_limit`, both dated data.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from fisc.base.errors import BadInput, NotAllowed
from fisc.base.workdays import add_workdays
from fisc.domains.progress.models import Limit
from fisc.kernel.approvals.models import ChainNode, Task
from fisc.kernel.approvals.timing import NodeTime, node_times
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.events import passages
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.access import active_grants
from fisc.kernel.orgs.models import Role, Section, Unit

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

SET_LIMIT = "progress.limit.set"
STAGES = (
    ("储备", ("projects.project", "projects.evaluation")),
    ("预算编制", ("preparation.request", "preparation.control", "preparation.reply")),
    ("指标下达", ("budget.appropriation", "budget.allotment")),
    ("支付清算", ("treasury.payment", "treasury.batch", "treasury.clearing")),
)
KINDS = tuple(kind for _, found in STAGES for kind in found)
PAYING = ("treasury.payment", "treasury.batch")
TO_CLEAR = ("treasury.clearing", "booked")
"""The name under which the wait of booked payments for their clearing is shown and limited."""
SHOWN_STUCK = 200


@dataclass(frozen=True)
class Node:
    """One node or state: how long it takes in hours, its limit in working days, how much was late."""

    stage: str
    kind: str
    kind_title: str
    label: str
    done: int
    p50_hours: float
    p90_hours: float
    limit_workdays: int | None
    late: int
    returned: int = 0

    @property
    def late_percent(self) -> float:
        """Share of those done that were late."""
        return round(100 * self.late / self.done, 1)


@dataclass(frozen=True)
class Stuck:
    """One document that waits now: where, since when, until when, and who has to act."""

    document_id: int
    number: str
    title: str
    kind_title: str
    unit: str
    amount_fen: int
    node: str
    since: dt.datetime
    due_on: dt.date | None
    owners: tuple[str, ...]
    section: str

    def days_late(self, on: dt.date) -> int:
        """Calendar days past the limit; 0 when in time."""
        return max(0, (on - self.due_on).days) if self.due_on else 0


def limits(on: dt.date) -> dict[tuple[str, str], Limit]:
    """The limits in force on a day, by kind and state."""
    rows = Limit.objects.filter(valid_from__lte=on).order_by("valid_from")
    return {(row.kind, row.state): row for row in rows}


def set_limit(
    *, kind: str, state: str, limit_workdays: int, role: str, valid_from: dt.date, basis: str, actor: Actor,
    at: dt.datetime,
) -> Limit:  # fmt: skip
    """This function will set the limit of a state from a day on.

    :raises NotAllowed: the actor may not. :raises BadInput: no such kind, state or role, or a limit below one day.
    """
    if not actor.can(SET_LIMIT):
        raise NotAllowed
    if kind not in KINDS or ((kind, state) != TO_CLEAR and state not in _states(kind)):
        raise BadInput("没有这个环节。", code="progress.limit_state")
    if limit_workdays < 1:
        raise BadInput("限办工作日至少为1。", code="progress.limit_days")
    if not Role.objects.filter(code=role).exists():
        raise BadInput("没有这个岗位。", code="progress.limit_role")
    row, _ = Limit.objects.update_or_create(
        kind=kind,
        state=state,
        valid_from=valid_from,
        defaults={"limit_workdays": limit_workdays, "role": role, "basis": basis},
    )
    detail = {
        "state": state,
        "limit_workdays": limit_workdays,
        "role": role,
        "valid_from": valid_from.isoformat(),
    }
    record_many(
        [
            AuditRow(
                at=at, actor_id=actor.user_id, actor_name=actor.name, action=SET_LIMIT, object_kind=kind,
                object_id=str(row.pk), ip=actor.ip or None, detail=detail,
            )
        ]
    )  # fmt: skip
    return row


def _known() -> dict[str, str]:
    """The kinds of the stages that are installed, with their stage."""
    installed = {spec.code for spec in kinds.installed()}
    return {kind: stage for stage, found in STAGES for kind in found if kind in installed}


def _states(kind: str) -> dict[str, str]:
    return {state.code: state.label for state in kinds.get(kind).states} if kind in _known() else {}


def nodes(*, since: dt.datetime, until: dt.datetime) -> list[Node]:
    """This function will measure every node and state by what ended in that time; a handful of queries.

    In the order of the stages; within a kind by state, the approval nodes in place of 审核中.
    """
    stages = _known()
    held = limits(timezone.localdate(until))
    chain = _chain_limits()
    by_kind: dict[str, list[NodeTime]] = defaultdict(list)
    for row in node_times(since=since, until=until):
        by_kind[row.kind].append(row)
    stays: dict[str, dict[str, passages.Stay]] = defaultdict(dict)
    for stay in passages.stays(kinds=list(stages), since=since, until=until):
        stays[stay.kind][stay.state] = stay
    waits = passages.waits(
        kinds=PAYING, state="booked", act_kind="treasury.clearing", act_state="cleared", since=since,
        until=until, name=TO_CLEAR,
    )  # fmt: skip
    found: list[Node] = []
    for kind, stage in stages.items():
        for state, label in _states(kind).items():
            if state == "in_review":
                found += [_node(stage, row, chain) for row in by_kind.get(kind, [])]
            elif (ended := stays[kind].get(state)) is not None:
                found.append(_stayed(stage, ended, label, held))
    return [*found, *(_stayed("支付清算", stay, "已支付待清算", held) for stay in waits)]


def _chain_limits() -> dict[tuple[str, str], int]:
    rows = ChainNode.objects.filter(chain__is_current=True).values_list(
        "chain__kind", "label", "limit_workdays"
    )
    return {(kind, label): days for kind, label, days in rows}


def _node(stage: str, row: NodeTime, chain: Mapping[tuple[str, str], int]) -> Node:
    return Node(
        stage, row.kind, kinds.get(row.kind).title, row.node, row.done, row.p50_hours, row.p90_hours,
        chain.get((row.kind, row.node)), row.late, row.returned,
    )  # fmt: skip


def _stayed(stage: str, stay: passages.Stay, label: str, held: Mapping[tuple[str, str], Limit]) -> Node:
    limit = held.get((stay.kind, stay.state))
    late = 0
    if limit is not None:
        late = sum(
            count for came, left, count in stay.days if left > add_workdays(came, limit.limit_workdays)
        )
    return Node(
        stage, stay.kind, kinds.get(stay.kind).title, label, stay.count, stay.p50_hours, stay.p90_hours,
        limit.limit_workdays if limit else None, late,
    )  # fmt: skip


def stuck(*, at: dt.datetime, unit_ids: Iterable[int] | None = None, late_only: bool = False) -> list[Stuck]:
    """This function will say what waits now, the longest overdue first, with whoever has to act; few queries."""
    on = timezone.localdate(at)
    people = _people(on)
    sections = dict(Section.objects.values_list("code", "name"))
    found = [*_waiting_tasks(people, sections, unit_ids), *_waiting_states(on, people, sections, unit_ids)]
    if late_only:
        found = [row for row in found if row.days_late(on)]
    return sorted(found, key=lambda row: (row.due_on is None, row.due_on or on, row.since, row.document_id))


@dataclass(frozen=True)
class _Post:
    """Somebody who holds a role: where."""

    name: str
    unit_id: int | None
    section_code: str


def _people(on: dt.date) -> dict[str, list[_Post]]:
    """Who holds which role on a day; one query."""
    posts: dict[str, list[_Post]] = defaultdict(list)
    grants = active_grants(on=on).filter(user__is_active=True).select_related("user__section")
    for grant in grants.order_by("user_id"):
        user = grant.user
        posts[grant.role.code].append(
            _Post(user.name, grant.unit_id or user.unit_id, user.section.code if user.section else "")
        )
    return posts


def _owners(
    posts: Sequence[_Post], *, scope: str, units: tuple[int | None, ...], section: str
) -> tuple[str, ...]:
    """The names of those who may act, for a scope of the node."""
    if scope == "unit":
        return tuple(post.name for post in posts if post.unit_id in units)
    if scope == "section" and section:
        return tuple(post.name for post in posts if post.section_code == section)
    return tuple(post.name for post in posts)


def _waiting_tasks(
    people: Mapping[str, list[_Post]], sections: Mapping[str, str], unit_ids: Iterable[int] | None
) -> list[Stuck]:
    tasks = Task.objects.filter(done_at=None, kind__in=list(_known())).select_related("document", "unit")
    if unit_ids is not None:
        tasks = tasks.filter(unit_id__in=list(unit_ids))
    return [
        _stuck(
            task.document, task.unit, task.node, task.assigned_at, task.due_on,
            _owners(
                people.get(task.role, []), scope=task.scope, units=(task.unit_id, task.unit.parent_id),
                section=task.section_code,
            ),
            _section(task.role, task.scope, task.section_code, people, sections),
        )
        for task in tasks.order_by("due_on", "id")[: SHOWN_STUCK * 5]
    ]  # fmt: skip


def _section(
    role: str, scope: str, section: str, people: Mapping[str, list[_Post]], sections: Mapping[str, str]
) -> str:
    """The section that holds the document: the unit's own for section nodes, else that of the people of the role."""
    if scope == "unit":
        return "单位"
    if scope == "section" and section:
        return sections.get(section, section)
    codes = {post.section_code for post in people.get(role, ()) if post.section_code}
    return "、".join(sorted(sections.get(code, code) for code in codes))


def _waiting_states(
    on: dt.date,
    people: Mapping[str, list[_Post]],
    sections: Mapping[str, str],
    unit_ids: Iterable[int] | None,
) -> list[Stuck]:
    """Documents in a state that has a limit and that is not the end."""
    held = {key: row for key, row in limits(on).items() if key[0] in _known() and key != TO_CLEAR}
    if not held:
        return []
    wanted = Q()
    for kind, state in held:
        wanted |= Q(kind=kind, state=state)
    documents = Document.objects.filter(wanted).select_related("unit")
    if unit_ids is not None:
        documents = documents.filter(unit_id__in=list(unit_ids))
    found = []
    for document in documents.order_by("updated_at")[: SHOWN_STUCK * 5]:
        limit = held[(document.kind, document.state)]
        scope = "unit" if limit.role.startswith("unit_") else "all"
        found.append(
            _stuck(
                document, document.unit, document.spec.state(document.state).label, document.updated_at,
                add_workdays(timezone.localdate(document.updated_at), limit.limit_workdays),
                _owners(
                    people.get(limit.role, []), scope=scope, units=(document.unit_id, document.unit.parent_id),
                    section=document.section_code,
                ),
                _section(limit.role, scope, document.section_code, people, sections),
            )
        )  # fmt: skip
    return found


def _stuck(
    document: Document, unit: Unit, node: str, since: dt.datetime, due_on: dt.date, owners: tuple[str, ...],
    section: str,
) -> Stuck:  # fmt: skip
    facts: dict[str, Any] = {
        "document_id": document.pk, "number": document.number, "title": document.title,
        "kind_title": document.spec.title, "unit": str(unit), "amount_fen": document.amount_fen,
    }  # fmt: skip
    return Stuck(**facts, node=node, since=since, due_on=due_on, owners=owners, section=section)
