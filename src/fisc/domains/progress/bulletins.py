"""支出进度通报: the league tables of a day as a document, and letters to the units that are far behind.

From how many points a unit is urged (催办) or called in (约谈), and how many working days it has to answer, is data
(parameters of rule JD01). A letter waits for the unit's reply, then for the bureau's acceptance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.base.workdays import add_workdays
from fisc.domains.progress import league
from fisc.domains.progress.league import Progress, Standing
from fisc.domains.progress.models import Bulletin, BulletinLine, Letter, Level
from fisc.domains.progress.services import bureau_id
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.rules.editing import values_of

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

KIND, LETTER_KIND, RULE = "progress.bulletin", "progress.letter", "JD01"
CENT = Decimal("0.01")


class NothingToTell(Refusal):
    """{on} 还没有下达的指标，没有可通报的支出进度。"""

    code = "progress.nothing_to_tell"


def rounded(value: Fraction | None) -> Decimal | None:
    """Two decimals, half up (away from zero); None stays None."""
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(CENT, ROUND_HALF_UP)


def create_bulletins(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft bulletins with the league tables as known now. `row`: as_of, rhythm, opinion.

    A monthly bulletin counts fiscal months; a weekly one counts to the day.

    :raises NothingToTell: nobody has a budget. :raises BadInput: the day lies ahead.
    """
    made = []
    with transaction.atomic():
        for draft in drafts:
            on: dt.date = draft.row.get("as_of") or draft.business_on
            rhythm = draft.row.get("rhythm") or Bulletin.Rhythm.MONTHLY.value
            now = _known(on, rhythm, at)
            (doc_id,) = create_many(
                kind=KIND, drafts=[_completed(draft, on, rhythm, now, actor)], actor=actor, at=at
            )
            insert_rows(BulletinLine, [_line(doc_id, row) for rows in now.standings.values() for row in rows])
            made.append(doc_id)
    return made


def revise_bulletin(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will take the tables of a changed draft anew, as known now. :raises BadInput: as when it was made."""
    row = Bulletin.objects.get(pk=document.pk)
    on: dt.date = values.get("as_of") or row.as_of
    rhythm = values.get("rhythm") or row.rhythm
    opinion = values.get("opinion", row.opinion) or ""
    if (on, rhythm) == (row.as_of, row.rhythm):
        return {"opinion": opinion}
    now = _known(on, rhythm, at)
    BulletinLine.objects.filter(bulletin_id=document.pk).delete()
    insert_rows(
        BulletinLine, [_line(document.pk, line) for lines in now.standings.values() for line in lines]
    )
    draft = Draft(document.unit_id, on.year, document.business_on, "", 0, row={"opinion": opinion})
    done = _completed(draft, on, rhythm, now, actor)
    return {**done.row, "title": done.title, "amount_fen": done.amount_fen}


def _known(on: dt.date, rhythm: str, at: dt.datetime) -> Progress:
    """:raises BadInput: the day lies ahead. :raises NothingToTell: nobody has a budget."""
    if on > timezone.localdate(at):
        raise BadInput.of("progress.ahead", "截至日期 {on} 还没有到。", on=on)
    now = league.progress(on=on, by_day=rhythm == Bulletin.Rhythm.WEEKLY)
    if not now.standings[Level.UNIT.value]:
        raise NothingToTell(on=on)
    return now


def _completed(draft: Draft, on: dt.date, rhythm: str, now: Progress, actor: Actor) -> Draft:
    (whole,) = now.standings[Level.DISTRICT.value]
    when = f"{on.year}年{on.month}月" if rhythm == Bulletin.Rhythm.MONTHLY else f"{on:%Y-%m-%d}"
    return replace(
        draft, unit_id=bureau_id(actor), fiscal_year=on.year, title=f"{when}支出进度通报", amount_fen=whole.paid_fen,
        row={
            "rhythm": rhythm, "as_of": on, "pace_percent": rounded(now.pace_percent),
            "opinion": draft.row.get("opinion") or "",
        },
    )  # fmt: skip


def _line(bulletin_id: int, row: Standing) -> dict[str, Any]:
    return {
        "bulletin_id": bulletin_id, "level": row.level, "rank": row.rank, "label": row.label,
        "section_code": row.section_code, "unit_id": row.unit_id, "base_fen": row.base_fen, "paid_fen": row.paid_fen,
        "actual_percent": rounded(row.actual_percent), "target_percent": rounded(row.target_percent),
        "gap_points": rounded(row.gap_points), "pace_points": rounded(row.pace_points),
        "behind_fen": row.behind_fen,
    }  # fmt: skip


def manner_of(gap_points: Decimal | None, limits: Mapping[str, Any]) -> str:
    """约谈, 催办 or "" for units this far from the target (negative is behind): more than the limit counts. Pure."""
    if gap_points is None:
        return ""
    behind = -gap_points
    if behind > limits["talk_points"]:
        return Letter.Manner.TALK.value
    return Letter.Manner.URGE.value if behind > limits["urge_points"] else ""


def issue(call: StepCall) -> None:
    """印发: the units that are further behind than the limit get their letters."""
    limits = values_of(RULE, on=timezone.localdate(call.at))
    wanted = [
        (line, manner)
        for line in BulletinLine.objects.filter(bulletin_id__in=call.ids, level=Level.UNIT).order_by("pk")
        if (manner := manner_of(line.gap_points, limits))
    ]
    due_on = add_workdays(timezone.localdate(call.at), int(limits["reply_workdays"]))
    create_many(
        kind=LETTER_KIND,
        drafts=[
            Draft(
                unit_id=line.unit_id or 0,
                fiscal_year=call.document(line.bulletin_id).fiscal_year,
                business_on=timezone.localdate(call.at),
                title=f"{call.document(line.bulletin_id).title}：{Letter.Manner(manner).label}",
                amount_fen=line.behind_fen,
                source_id=line.bulletin_id,
                section_code=line.section_code,
                row={
                    "bulletin_id": line.bulletin_id, "manner": manner, "gap_points": -(line.gap_points or 0),
                    "behind_fen": line.behind_fen, "due_on": due_on,
                },
            )
            for line, manner in wanted
        ],
        actor=system_actor(),
        at=call.at,
    )  # fmt: skip
    for doc_id in call.ids:
        call.add_detail(doc_id, letters=sum(1 for line, _ in wanted if line.bulletin_id == doc_id))


def reply(call: StepCall) -> None:
    """回复: the unit says why it is behind and what it does; the step's comment is the reply."""
    Letter.objects.filter(pk__in=call.ids).update(
        reply=call.comment.strip(), replied_on=timezone.localdate(call.at)
    )


def reopen(call: StepCall) -> None:
    """退回回复: the reply will not do; the unit answers anew, the time limit stays."""
    Letter.objects.filter(pk__in=call.ids).update(reply="", replied_on=None)


def overdue(*, on: dt.date, unit_ids: Sequence[int] | None = None) -> list[Document]:
    """The letters that wait for a reply past their day, the oldest first."""
    rows = Letter.objects.filter(document__state="sent", due_on__lt=on).select_related("document__unit")
    if unit_ids is not None:
        rows = rows.filter(document__unit_id__in=unit_ids)
    return [row.document for row in rows.order_by("due_on", "pk")]
