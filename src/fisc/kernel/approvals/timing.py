"""限时办结: how long nodes take, what is late, and telling those who should know."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from fisc.kernel.approvals.models import Task
from fisc.kernel.events.outbox import NewEvent, emit_many
from fisc.kernel.orgs.actor import Actor

LATE_EVENT = "approvals.task.overdue"
DURATIONS = """
SELECT
    t.kind, t.node, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.done_at - t.assigned_at)) / 3600,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM t.done_at - t.assigned_at)) / 3600,
    count(*) FILTER (WHERE (t.done_at AT TIME ZONE 'Asia/Shanghai')::date > t.due_on),
    count(*) FILTER (WHERE t.outcome = 'returned')
FROM approvals_task AS t
WHERE t.done_at >= %s AND t.done_at < %s AND t.outcome IN ('approved', 'returned') AND (%s = '' OR t.kind = %s)
GROUP BY t.kind, t.node
ORDER BY t.kind, min(t.seq), t.node
"""


@dataclass(frozen=True)
class NodeTime:
    """How one node has done over a time: tasks, hours (median and nine in ten), late ones, returned ones."""

    kind: str
    node: str
    done: int
    p50_hours: float
    p90_hours: float
    late: int
    returned: int

    @property
    def on_time_percent(self) -> float:
        """Share of tasks done within their limit."""
        return round(100 * (self.done - self.late) / self.done, 1)


def node_times(*, since: dt.datetime, until: dt.datetime, kind: str = "") -> list[NodeTime]:
    """This will measure the nodes over a time, by when tasks were done."""
    with connection.cursor() as cursor:
        cursor.execute(DURATIONS, [since, until, kind, kind])
        return [NodeTime(*row) for row in cursor.fetchall()]


def late(*, on: dt.date, actor: Actor | None = None) -> QuerySet[Task]:
    """The open tasks past their limit on a day (that the actor may see), the oldest first."""
    tasks = Task.objects.filter(done_at=None, due_on__lt=on)
    if actor is not None and actor.unit_ids is not None:
        tasks = tasks.filter(unit_id__in=actor.unit_ids)
    return tasks.select_related("document", "unit").order_by("due_on", "id")


def escalate_late(at: dt.datetime) -> int:
    """This will mark the tasks that have become late and emit one event each; returns how many. Idempotent."""
    day = timezone.localdate(at)
    with transaction.atomic():
        tasks = list(late(on=day).filter(escalated_at=None).select_for_update(of=("self",), skip_locked=True))
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(escalated_at=at)
        emit_many([_event(task, at) for task in tasks])
    return len(tasks)


def _event(task: Task, at: dt.datetime) -> NewEvent:
    payload = {
        "kind": task.kind,
        "number": task.document.number,
        "node": task.node,
        "role": task.role,
        "unit_id": task.unit_id,
        "section_code": task.section_code,
        "due_on": task.due_on.isoformat(),
    }
    return NewEvent(name=LATE_EVENT, payload=payload, at=at, document_id=task.document_id)
