"""What becomes of findings: the unit explains, the bureau judges; rates per rule show which rules are noisy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from django.db.models import Count, Q, QuerySet

from fisc.kernel.orgs.actor import Actor
from fisc.kernel.rules.errors import AlreadyJudged, AnswerEmpty, FindingNotFound
from fisc.kernel.rules.models import StoredFinding

LEAST_ANSWER = 4
"""An explanation has at least this many characters."""

Judgement = Literal["confirmed", "dismissed"]
JUDGEMENT_LABELS = {"confirmed": "属实", "dismissed": "排除"}


@dataclass(frozen=True)
class RuleRecord:
    """How a rule has done over a time: hits, answered, confirmed, dismissed."""

    rule_code: str
    hits: int
    blocked: int
    answered: int
    confirmed: int
    dismissed: int

    @property
    def confirm_percent(self) -> float | None:
        """Share of confirmed among judged findings; None when none was judged."""
        judged = self.confirmed + self.dismissed
        return round(100 * self.confirmed / judged, 2) if judged else None


def findings_of(subject_ids: Sequence[int], *, open_only: bool = True) -> QuerySet[StoredFinding]:
    """The findings about these subjects, blocking first."""
    rows = StoredFinding.objects.filter(subject_id__in=list(subject_ids)).select_related(
        "rule", "answered_by"
    )
    if open_only:
        rows = rows.filter(is_open=True)
    return rows.order_by("subject_id", "severity", "rule_code", "-id")


def answer(*, finding_id: int, text: str, actor: Actor, at: dt.datetime) -> StoredFinding:
    """This will keep the unit's explanation of a 预警. :raises AnswerEmpty: it says too little. The caller checks
    that the actor sees the subject."""
    if len(text.strip()) < LEAST_ANSWER:
        raise AnswerEmpty(least=LEAST_ANSWER)
    row = _get(finding_id)
    if row.judgement:
        raise AlreadyJudged(judgement=JUDGEMENT_LABELS[row.judgement])
    row.answer, row.answered_by_id, row.answered_at = text.strip(), actor.user_id, at
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    return row


def judge(*, finding_id: int, judgement: Judgement, actor: Actor, at: dt.datetime) -> StoredFinding:
    """This will keep the bureau's judgement: 属实 or 排除. :raises AlreadyJudged: once is enough."""
    row = _get(finding_id)
    if row.judgement:
        raise AlreadyJudged(judgement=JUDGEMENT_LABELS[row.judgement])
    row.judgement, row.judged_by_id, row.judged_at = judgement, actor.user_id, at
    row.save(update_fields=["judgement", "judged_by", "judged_at"])
    return row


def statistics(*, since: dt.datetime, until: dt.datetime) -> list[RuleRecord]:
    """This will count the findings of a time by rule, most hits first."""
    rows = (
        StoredFinding.objects.filter(found_at__gte=since, found_at__lt=until)
        .values("rule_code")
        .annotate(
            hits=Count("id"),
            blocked=Count("id", filter=Q(severity="block")),
            answered=Count("id", filter=~Q(answer="")),
            confirmed=Count("id", filter=Q(judgement="confirmed")),
            dismissed=Count("id", filter=Q(judgement="dismissed")),
        )
        .order_by("-hits", "rule_code")
    )
    return [RuleRecord(*row) for row in rows.values_list(*(field.name for field in fields(RuleRecord)))]


def _get(finding_id: int) -> StoredFinding:
    row = StoredFinding.objects.select_for_update().filter(pk=finding_id).first()
    if row is None:
        raise FindingNotFound(finding_id=finding_id)
    return row
