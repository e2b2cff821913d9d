"""What waits for a person: tasks whose node they hold, or for whose holder they stand in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from fisc.kernel.approvals.models import Delegation, Task
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.access import actor_for
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.clock import business_today


@dataclass(frozen=True)
class InboxSummary:
    """The counts on the inbox page; `returned` and `drafts` are one's own documents."""

    waiting: int
    late: int
    returned: int
    drafts: int
    in_review: int


def inbox(actor: Actor, *, on: dt.date | None = None) -> QuerySet[Task]:
    """The open tasks that this person may act on now, with their documents."""
    mine = _turn(actor)
    people = [actor.user_id]
    for principal, kinds in _principals(actor.user_id, on=on):
        theirs = _turn(principal) & ~Q(maker_id=principal.user_id)
        mine |= theirs & Q(kind__in=kinds) if kinds else theirs
        people.append(principal.user_id)
    acted = Task.objects.filter(
        document_id=OuterRef("document_id"),
        round=OuterRef("round"),
        outcome="approved",
        is_superseded=False,
        done_by_id=actor.user_id,
    ).exclude(seq=OuterRef("seq"))
    tasks = Task.objects.filter(mine, done_at=None).exclude(maker_id=actor.user_id).filter(~Exists(acted))
    if actor.unit_ids is not None:
        tasks = tasks.filter(unit_id__in=actor.unit_ids)
    return tasks.select_related("document", "document__unit", "document__maker")


def counts(actor: Actor) -> dict[str, int]:
    """How many tasks wait for the person, by document kind."""
    rows = inbox(actor).select_related(None).order_by().values("kind").annotate(waiting=Count("id"))
    return {row["kind"]: row["waiting"] for row in rows}


def summary(actor: Actor, *, on: dt.date) -> InboxSummary:
    """The counts of the inbox page, in two queries."""
    tasks = inbox(actor, on=on).select_related(None).order_by().aggregate(
        waiting=Count("id"), late=Count("id", filter=Q(due_on__lt=on))
    )  # fmt: skip
    own = Document.objects.filter(maker_id=actor.user_id).aggregate(
        returned=Count("id", filter=Q(state="returned")),
        drafts=Count("id", filter=Q(state="draft")),
        in_review=Count("id", filter=Q(state="in_review")),
    )
    return InboxSummary(**tasks, **own)


def done(actor: Actor) -> QuerySet[Task]:
    """What the person has acted on (已办), newest first."""
    tasks = Task.objects.filter(done_by_id=actor.user_id, outcome__in=("approved", "returned"))
    return tasks.select_related("document", "document__unit").order_by("-done_at")


def mine(actor: Actor) -> QuerySet[Document]:
    """What the person has made (我发起的), newest first."""
    return Document.objects.filter(maker_id=actor.user_id).select_related("unit").order_by("-updated_at")


def _turn(actor: Actor) -> Q:
    """The tasks whose node this person holds; the same decision as `Turn.fits`, for the database."""
    units = {actor.unit_id} if actor.unit_id else set()
    units |= set(actor.unit_ids or ())
    of_scope = (
        Q(scope="all")
        | Q(scope="unit", unit_id__in=units)
        | Q(scope="section", section_code="")
        | Q(scope="section", section_code=actor.section_code or "-")
    )
    return Q(role__in=actor.roles) & of_scope


def _principals(deputy_id: int, *, on: dt.date | None) -> list[tuple[Actor, list[str]]]:
    rows = list(
        Delegation.objects.filter(to_user_id=deputy_id, ended_at=None).select_related("from_user__section")
    )
    if not rows:
        return []
    day = on or business_today()
    valid = [row for row in rows if row.valid_from <= day <= row.valid_to and row.from_user.is_active]
    return [(actor_for(row.from_user, on=day), list(row.kinds)) for row in valid]
