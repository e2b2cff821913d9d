"""闲置项目清理: what waits in the library without a budget, or runs without a payment, is proposed to be withdrawn.

After how many months is data (parameters of rule XM12). A proposal is answered by 收回 (the room is given back, the
project ends) or 保留 with a reason; kept projects are looked at again after as many months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from fisc.base.errors import NotAllowed, Refusal
from fisc.base.periods import Period, period_of
from fisc.domains.projects import postings, services
from fisc.domains.projects.models import Withdrawal
from fisc.kernel import ledger
from fisc.kernel.approvals.models import Route
from fisc.kernel.documents.models import Document
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.rules.editing import values_of

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

RULE, PERMISSION = "XM12", "projects.project.propose"
PAID = ledger.Selection(book="allotment", subjects=("661",), side="debit")


class NotProposed(Refusal):
    """项目“{project}”没有待处理的清理建议。"""

    code = "projects.not_proposed"


@dataclass(frozen=True)
class Idle:
    """One project that stands idle, why, since when, and what can be taken back (分)."""

    project_id: int
    why: str
    since: dt.date
    room_fen: int


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day so many months before (the month's last day, where it has no such day)."""
    month = Period(period_of(day)).plus(-months)
    return min(month.last_day, month.first_day + dt.timedelta(days=day.day - 1))


def find_idle(on: dt.date) -> list[Idle]:
    """This function will find the projects that stand idle on a day, by id; a few queries for all."""
    limits = values_of(RULE, on=on)
    states = dict(
        Document.objects.filter(
            kind=services.PROJECT_KIND, state__in=("in_library", "running"), created_at__date__lte=on
        ).values_list("id", "state")
    )
    admitted = {
        pk: timezone.localdate(moment)
        for pk, moment in Route.objects.filter(
            document_id__in=states, finished_at__isnull=False, finished_at__date__lte=on
        ).values_list("document_id", "finished_at")
    }
    paid = _last_payments(on)
    kept = _last_kept()
    rooms = _rooms()
    found = []
    for pk in sorted(admitted):
        waiting = states[pk] == "in_library"
        since = max(filter(None, (admitted[pk], None if waiting else paid.get(pk))))
        months = int(limits["library_months" if waiting else "unpaid_months"])
        looked_at = max(since, kept.get(pk, since))
        if looked_at <= months_before(on, months):
            why = Withdrawal.Why.NOT_ARRANGED if waiting else Withdrawal.Why.NOT_PAID
            found.append(Idle(pk, why.value, since, rooms.get(pk, 0)))
    return found


def _last_payments(on: dt.date) -> dict[int, dt.date]:
    """The last day of the last month with a payment, by project (the books count payments by month)."""
    sums = ledger.sums([(PAID, None, period_of(on))], group_by=("project_id", "period"))[0]
    last: dict[int, int] = {}
    for (project_id, period), fen in sums.items():
        if project_id and fen > 0:
            last[project_id] = max(period, last.get(project_id, 0))
    return {pk: min(on, Period(period).last_day) for pk, period in last.items()}


def _last_kept() -> dict[int, dt.date]:
    rows = (
        Withdrawal.objects.filter(answer=Withdrawal.Answer.KEPT)
        .values_list("project_id")
        .annotate(last=Max("answered_at"))
    )
    return {pk: timezone.localdate(moment) for pk, moment in rows}


def _rooms() -> dict[int, int]:
    selection = ledger.Selection(book=postings.BOOK, subjects=(postings.ROOM,))
    found = ledger.balances(selection, group_by=("project_id",))
    return {pk: balance.available_fen for (pk,), balance in found.items()}


def propose_withdrawals(*, on: dt.date, actor: Actor, at: dt.datetime) -> int:
    """This function will propose every idle project that is not proposed yet; returns how many. Idempotent.

    :raises NotAllowed: the actor may not propose.
    """
    if not actor.can(PERMISSION):
        raise NotAllowed
    with transaction.atomic():
        open_ids = set(
            Withdrawal.objects.select_for_update().filter(answer="").values_list("project_id", flat=True)
        )
        new = [idle for idle in find_idle(on) if idle.project_id not in open_ids]
        Withdrawal.objects.bulk_create(
            Withdrawal(
                project_id=idle.project_id,
                proposed_on=on,
                why=idle.why,
                since=idle.since,
                room_fen=idle.room_fen,
            )
            for idle in new
        )
        record_many(
            [
                AuditRow(
                    at=at, actor_id=actor.user_id, actor_name=actor.name, action=PERMISSION,
                    object_kind=services.PROJECT_KIND, object_id=str(idle.project_id),
                    document_id=idle.project_id, ip=actor.ip or None,
                    detail={"why": idle.why, "since": idle.since.isoformat(), "room_fen": idle.room_fen},
                )
                for idle in new
            ]
        )  # fmt: skip
    return len(new)


def propose_monthly(event: Any) -> None:
    """The subscriber to `calendar.day_began`: looks on the first of every month."""
    payload: Mapping[str, Any] = event.payload
    on = dt.date.fromisoformat(payload["day"])
    if on.day == 1:
        propose_withdrawals(on=on, actor=system_actor(), at=event.at)


def recall(call: StepCall) -> None:
    """收回: the proposal is accepted; what was not arranged is given up."""
    _answer(call, Withdrawal.Answer.RECALLED)
    services.close(call)


def keep(call: StepCall) -> None:
    """保留: the proposal is declined with a reason; the project stays as it is."""
    _answer(call, Withdrawal.Answer.KEPT)


def _answer(call: StepCall, answer: str) -> None:
    opened = Withdrawal.objects.select_for_update().filter(project_id__in=call.ids, answer="")
    rows = {row.project_id: row for row in opened}
    for document in list(call.documents):
        if document.pk not in rows:
            call.refuse(document.pk, NotProposed(project=document.title))
    Withdrawal.objects.filter(pk__in=[rows[pk].pk for pk in call.ids]).update(
        answer=answer, reason=call.comment.strip(), answered_by_id=call.actor.user_id, answered_at=call.at
    )


def end(call: StepCall) -> None:
    """结项, 中止: an open proposal is answered with it; what was not arranged is given up."""
    Withdrawal.objects.filter(project_id__in=call.ids, answer="").update(
        answer=Withdrawal.Answer.RECALLED,
        reason=call.comment.strip() or call.step.label,
        answered_by_id=call.actor.user_id,
        answered_at=call.at,
    )
    services.close(call)


def drop_answered(call: StepCall) -> None:
    """A project that gets its budget is idle no more: its open proposal is answered by itself."""
    Withdrawal.objects.filter(project_id__in=call.ids, answer="", why=Withdrawal.Why.NOT_ARRANGED).update(
        answer=Withdrawal.Answer.KEPT,
        reason="已安排预算",
        answered_by_id=call.actor.user_id,
        answered_at=call.at,
    )
