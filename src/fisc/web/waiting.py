"""What waits for a person: counts by kind, and the order of their to-do queue."""

from __future__ import annotations

from fisc.kernel.approvals import inbox as approvals_inbox
from fisc.kernel.orgs.actor import Actor


def counts(actor: Actor) -> dict[str, int]:
    """This will count the documents waiting for the actor, by kind, in one query."""
    return dict(approvals_inbox.counts(actor))


def ids(actor: Actor, *, kind: str | None = None) -> set[int]:
    """The documents waiting for the actor."""
    return set(queue(actor, kind=kind))


def queue(actor: Actor, *, kind: str | None = None) -> list[int]:
    """The documents waiting for the actor, the most urgent first."""
    tasks = approvals_inbox.inbox(actor)
    if kind is not None:
        tasks = tasks.filter(kind=kind)
    return list(tasks.order_by("due_on", "assigned_at", "pk").values_list("document_id", flat=True))
