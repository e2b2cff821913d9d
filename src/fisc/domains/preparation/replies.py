"""人大批准与批复: what the congress approved, the reply to the departments, and the time limits by law (预算法 52)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from fisc.base.errors import BadInput, NotAllowed, Refusal
from fisc.base.workdays import add_workdays
from fisc.domains.preparation import versions
from fisc.domains.preparation.finding import bureau_unit_id, get_round
from fisc.domains.preparation.models import Reply, Round, Timer
from fisc.domains.preparation.refusals import NotApproved, WrongStage, as_refusals
from fisc.domains.preparation.words import REPLIED, REPLY, ROUND, DayBasis, VersionStage
from fisc.kernel import lean
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.access import system_actor

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

SQL = (Path(__file__).parent / "sql" / "replies.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
NEAR_DAYS = 3
FORWARD, DISCLOSE = "preparation.timer.forward", "preparation.timer.disclose"


@dataclass(frozen=True)
class Unallocated:
    """待分配: approved by the congress, but not given to a unit yet; in 分."""

    fund: str
    function_code: str
    amount_fen: int


def record_approval(
    *,
    round_id: int,
    on: dt.date,
    number: str,
    actor: Actor,
    at: dt.datetime,
    unallocated: Sequence[Unallocated] = (),
) -> None:
    """登记人大批准: the day, the resolution's number, what is approved by fund and function (二上 and 待分配).

    :raises Refusal: the round is not collected, no number, or a day to come.
    """
    perform(
        kind=ROUND, id=round_id, step="approve_budget", actor=actor, at=at,
        data={"on": on, "number": number, "unallocated": list(unallocated)},
    )  # fmt: skip


def approve(row: Round, data: Mapping[str, Any], *, at: dt.datetime) -> None:
    """What `record_approval` does to one round. :raises Refusal: no number, or a day to come."""
    on, number = data.get("on"), str(data.get("number") or "").strip()
    if not isinstance(on, dt.date) or not number:
        raise Refusal("请填写人大批准日期和决议文号。", code="preparation.approval_facts")
    if on > timezone.localdate(at):
        raise Refusal(f"人大批准日期 {on} 晚于今天。", code="preparation.approval_later")
    Round.objects.filter(pk=row.pk).update(approved_on=on, resolution=number)
    pending: Sequence[Unallocated] = data.get("unallocated") or ()
    if any(one.amount_fen <= 0 for one in pending):
        raise Refusal("待分配数应大于零。", code="preparation.unallocated")
    lean.run(
        QUERIES["approve"],
        (
            row.pk,
            row.pk,
            [one.fund for one in pending],
            [one.function_code for one in pending],
            [one.amount_fen for one in pending],
        ),
    )
    lean.run(QUERIES["start_timers"], (row.pk, due(on, row.reply_days, row.day_basis), row.pk))


def due(start: dt.date, days: int, basis: str) -> dt.date:
    """The last day of a limit that begins on the day after `start`."""
    return add_workdays(start, days) if basis == DayBasis.WORKDAY else start + dt.timedelta(days=days)


def create_replies(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will draft replies and give every line its reply. `row`: reference, round_id or fiscal_year, and `amounts`
    (line → 分) for lines whose reply differs from 二上.

    :raises NotApproved: no approval of the congress. :raises OverApproved: more than was approved.
    """
    ids = []
    for draft in drafts:
        with as_refusals(), transaction.atomic():
            ids.append(_create(draft, actor, at))
    return ids


def _create(draft: Draft, actor: Actor, at: dt.datetime) -> int:
    row = _approved_round(draft)
    reference = str(draft.row.get("reference") or "").strip()
    if not reference:
        raise BadInput("请填写批复文号。", code="preparation.reference")
    amounts: Mapping[int, int] = draft.row.get("amounts") or {}
    complete = replace(
        draft,
        unit_id=bureau_unit_id(actor),
        fiscal_year=row.fiscal_year,
        title=f"{row.fiscal_year}年部门预算批复",
        amount_fen=0,
        row={"round_id": row.pk, "reference": reference, "note": draft.row.get("note") or ""},
    )
    lean.run(QUERIES["give"], (row.pk,))
    if amounts:
        lean.run(QUERIES["give_otherwise"], (list(amounts), list(amounts.values()), row.pk))
    total = lean.fetch(QUERIES["given"], (row.pk,))[0][0]
    return create_many(kind=REPLY, drafts=[replace(complete, amount_fen=total)], actor=actor, at=at)[0]


def _approved_round(draft: Draft) -> Round:
    wanted = draft.row.get("round_id") or draft.row.get("round")
    if wanted:
        row = get_round(int(getattr(wanted, "pk", wanted)))
    else:
        year = int(draft.row.get("fiscal_year") or draft.fiscal_year)
        rounds = Round.objects.select_related("document").filter(is_open=True)
        found = rounds.filter(document__state="approved").order_by("-fiscal_year").first()
        row = rounds.filter(fiscal_year=year).first() or found or _none(year)
    if row.approved_on is None:
        raise NotApproved(fiscal_year=row.fiscal_year)
    if row.document.state != "approved":
        raise WrongStage(fiscal_year=row.fiscal_year, state=row.document.state_label, act="批复")
    held = (
        Reply.objects.filter(round=row).exclude(document__state="voided").select_related("document").first()
    )
    if held is not None:
        raise Refusal(
            f"{row.fiscal_year}年预算批复 {held.document.number} 已经拟好。", code="preparation.reply_twice"
        )
    return row


def _none(year: int) -> Round:
    raise NotApproved(fiscal_year=year)


def make_reply(
    *,
    round_id: int,
    reference: str,
    actor: Actor,
    at: dt.datetime,
    amounts: Mapping[int, int] | None = None,
    note: str = "",
) -> int:
    """This will draft the reply of a round: each line gets its 二上, or what `amounts` (line → 分) says. Returns its id;
    it takes effect with the step `issue` after its chain.

    :raises NotApproved: no approval of the congress. :raises OverApproved: more than was approved.
    """
    row = get_round(round_id)
    draft = Draft(
        0, row.fiscal_year, at.date(), "", 0,
        row={"round_id": round_id, "reference": reference, "amounts": amounts or {}, "note": note},
    )  # fmt: skip
    return create_replies(drafts=[draft], actor=actor, at=at)[0]


def revise_reply(
    *, document: Any, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """Of a reply its 文号 and note can be changed; its amounts come from the lines."""
    return {key: value for key, value in values.items() if key in ("reference", "note")}


def take_back(call: StepCall) -> None:
    """作废: the lines have no reply again."""
    for row in call.rows().values():
        lean.run(QUERIES["take_back"], (row.round_id,))


def issue_replies(call: StepCall) -> None:
    """印发批复: frozen as 二下; the departments' limits to forward and disclose begin; the budget hears of it."""
    rows: Mapping[int, Reply] = call.rows()
    day = timezone.localdate(call.at)
    for reply_id, row in rows.items():
        held = get_round(row.round_id)
        if held.document.state != "approved":
            call.refuse(
                reply_id,
                WrongStage(fiscal_year=held.fiscal_year, state=held.document.state_label, act="印发批复"),
            )
            continue
        Round.objects.filter(pk=held.pk).update(closed_stages=REPLIED)
        Reply.objects.filter(pk=reply_id).update(issued_on=day)
        version_id = versions.freeze(round_id=held.pk, stage=VersionStage.REPLY, actor=call.actor, at=call.at)
        Timer.objects.filter(round=held).update(
            replied_on=day,
            forward_due_on=due(day, held.forward_days, held.day_basis),
            disclose_due_on=due(day, held.disclose_days, held.day_basis),
        )
        perform(kind=ROUND, id=held.pk, step="reply", actor=system_actor(), at=call.at)
        call.add_detail(reply_id, version_reply=version_id)
        call.add_payload(
            reply_id, fiscal_year=held.fiscal_year, reference=row.reference, document_id=reply_id
        )


def forward(
    *, round_id: int, on: dt.date, actor: Actor, at: dt.datetime, unit_ids: Sequence[int] | None = None
) -> int:
    """登记转批: the departments have replied to their units; without `unit_ids` all whose limit runs. Returns how many."""
    return _tick(round_id, "forwarded_on", "forward", FORWARD, on, actor, at, unit_ids)


def disclose(
    *, round_id: int, on: dt.date, actor: Actor, at: dt.datetime, unit_ids: Sequence[int] | None = None
) -> int:
    """登记公开: the departments have disclosed their budgets. Returns how many."""
    return _tick(round_id, "disclosed_on", "disclose", DISCLOSE, on, actor, at, unit_ids)


def _tick(
    round_id: int,
    column: str,
    step: str,
    permission: str,
    on: dt.date,
    actor: Actor,
    at: dt.datetime,
    unit_ids: Sequence[int] | None,
) -> int:
    if not actor.can(permission):
        raise NotAllowed
    if on > timezone.localdate(at):
        raise BadInput(f"日期 {on} 晚于今天。", code="preparation.timer_later")
    with transaction.atomic():
        timers = Timer.objects.select_for_update().filter(round_id=round_id, replied_on__lte=on)
        timers = timers.filter(**{f"{column}__isnull": True})
        wanted = None if unit_ids is None else set(unit_ids)
        if actor.unit_ids is not None:
            wanted = set(actor.unit_ids) if wanted is None else wanted & set(actor.unit_ids)
        if wanted is not None:
            timers = timers.filter(unit_id__in=sorted(wanted))
        count = timers.update(**{column: on})
        record_many([_ticked(round_id, permission, on, count, actor, at)])
        _move_round(round_id, at)
    return count


def _move_round(round_id: int, at: dt.datetime) -> None:
    """The round goes on when the last department has done it."""
    for state, column, step in (
        ("replied", "forwarded_on", "forward"),
        ("forwarded", "disclosed_on", "disclose"),
    ):
        row = get_round(round_id)
        waiting = Timer.objects.filter(round_id=round_id, **{f"{column}__isnull": True}).exists()
        if row.document.state == state and not waiting:
            perform_many(kind=ROUND, ids=[round_id], step=step, actor=system_actor(), at=at)


def _ticked(
    round_id: int, permission: str, on: dt.date, count: int, actor: Actor, at: dt.datetime
) -> AuditRow:
    return AuditRow(
        at=at, actor_id=actor.user_id, actor_name=actor.name, action=permission, object_kind=ROUND,
        object_id=str(round_id), document_id=round_id, ip=actor.ip or None, detail={"on": str(on), "count": count},
    )  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """One time limit of one department on a day: what, until when, done when; tone done, near, late or running."""

    what: str
    due_on: dt.date | None
    done_on: dt.date | None
    today: dt.date

    @property
    def days_left(self) -> int | None:
        """Days until the last day; negative when it has passed. None: done, or not begun."""
        return None if self.done_on or self.due_on is None else (self.due_on - self.today).days

    @property
    def tone(self) -> str:
        """done, late_done, idle, late, near or running."""
        if self.due_on is None:
            return "idle"
        if self.done_on:
            return "done" if self.done_on <= self.due_on else "late_done"
        left = (self.due_on - self.today).days
        return "late" if left < 0 else ("near" if left <= NEAR_DAYS else "running")


def limits(timer: Timer, today: dt.date) -> tuple[Limit, Limit, Limit]:
    """The three limits of a department on a day."""
    return (
        Limit("批复", timer.reply_due_on, timer.replied_on, today),
        Limit("转批", timer.forward_due_on, timer.forwarded_on, today),
        Limit("公开", timer.disclose_due_on, timer.disclosed_on, today),
    )
