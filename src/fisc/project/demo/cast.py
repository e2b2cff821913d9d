"""Who acts in the play, when, and how a batch of documents goes through its chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from fisc.base.errors import Refusal
from fisc.kernel.approvals.models import Task
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import StepResult
from fisc.kernel.orgs.actor import Actor
from fisc.project.demo import people

ZONE = ZoneInfo("Asia/Shanghai")
_LONGEST_CHAIN = 6


@dataclass(frozen=True)
class Cast:
    """The actors by post; section reviewers by their section."""

    maker: Actor
    budget_officer: Actor
    treasury_officer: Actor
    revenue_officer: Actor
    revenue_reviewer: Actor
    reviewers: Mapping[str, Actor]
    section_reviewers: Mapping[str, Actor]

    def reviewer(self, role: str, section: str) -> Actor:
        """The person who reviews for a role, in a section where the role belongs to one."""
        return self.section_reviewers[section] if role == "section_reviewer" else self.reviewers[role]


def call() -> Cast:
    """This function will call the cast together, after ``people.settle``."""
    usernames = {
        "unit_reviewer": people.CENTRE_REVIEWER.username,
        "budget_reviewer": "zhenghaibo",
        "treasury_reviewer": "zhoutao",
        "revenue_reviewer": "xieguoping",
        "leader": "gaojianming",
    }
    reviewers = {role: people.actor(username) for role, username in usernames.items()}
    return Cast(
        maker=people.actor(people.CENTRE_MAKER.username),
        budget_officer=people.actor("wumin"),
        treasury_officer=people.actor("linxiao"),
        revenue_officer=people.actor("xujing"),
        revenue_reviewer=reviewers["revenue_reviewer"],
        reviewers=reviewers,
        section_reviewers=people.section_reviewers(),
    )


def moment(on: date, hour: int, minute: int = 0) -> datetime:
    """This function will give a moment of the business day in Beijing time."""
    return datetime.combine(on, time(hour, minute), tzinfo=ZONE)


def approve(
    *,
    kind: str,
    ids: Sequence[int],
    maker: Actor,
    cast: Cast,
    on: date,
    hour: int = 9,
    answers: Mapping[str, str] | None = None,
) -> None:
    """This function will submit the documents and have every node of their chain approve them.

    :raises Refusal: somebody refused; the demo must not limp on.
    """
    data = {"answers": answers or {}}
    whole(perform_many(kind=kind, ids=ids, step="submit", actor=maker, at=moment(on, hour, 20), data=data))
    for turn in range(_LONGEST_CHAIN):
        waiting = _waiting(ids)
        if not waiting:
            return
        for (role, section), members in waiting.items():
            actor = cast.reviewer(role, section)
            whole(
                perform_many(
                    kind=kind, ids=members, step="approve", actor=actor, at=moment(on, hour, 30 + turn)
                )
            )
    raise Refusal(f"演示数据：{kind} 的审批链走不完。", code="demo.chain_unfinished")


def _waiting(ids: Sequence[int]) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    rows = Task.objects.filter(document_id__in=ids, done_at__isnull=True).order_by("document_id")
    for doc_id, role, section in rows.values_list("document_id", "role", "section_code"):
        groups[(role, section if role == "section_reviewer" else "")].append(doc_id)
    return groups


def whole(result: StepResult) -> None:
    """This function will stop at the first refusal: the plan is lawful, so one is a fault. :raises Refusal:"""
    for refusal in result.refused.values():
        raise refusal
    if not result.done:
        raise Refusal("演示数据：没有可办理的单据。", code="demo.nothing_done")
