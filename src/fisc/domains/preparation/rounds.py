"""编制年度: opening a round and closing its stages; each close freezes a version that nobody can change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from fisc.base.errors import BadInput, Refusal
from fisc.domains.preparation import replies, versions
from fisc.domains.preparation.finding import bureau_unit_id
from fisc.domains.preparation.models import Ceiling, Line, Round
from fisc.domains.preparation.refusals import NoCeiling, NotReviewed, Unreported
from fisc.domains.preparation.words import (
    FIRST_CLOSED,
    REVIEW_CLOSED,
    ROUND,
    SECOND_CLOSED,
    Stage,
    VersionStage,
)
from fisc.kernel import codes, lean
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.spec import Draft

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

YEARS = range(2000, 3000)
SHOWN = 5
# Units with lines or a request of the stage whose request is not approved yet.
UNREPORTED = """
SELECT u.name
FROM preparation_request AS q
JOIN documents_document AS d ON d.id = q.document_id
JOIN orgs_unit AS u ON u.id = q.unit_id
WHERE q.round_id = %s AND q.stage = %s AND d.state <> 'approved'
ORDER BY u.code
"""
WITHOUT_CEILING = """
SELECT u.name, p.title
FROM (
    SELECT unit_id, project_id
    FROM preparation_line
    WHERE round_id = %s
    GROUP BY unit_id, project_id
    HAVING sum(reviewed_fen) > 0
) AS asked
JOIN orgs_unit AS u ON u.id = asked.unit_id
JOIN documents_document AS p ON p.id = asked.project_id
LEFT JOIN preparation_ceiling AS c
    ON c.round_id = %s AND c.unit_id = asked.unit_id AND c.project_id = asked.project_id
WHERE c.id IS NULL
ORDER BY u.code, p.id
"""
USED_FUNCTIONS = "SELECT DISTINCT fund, function_code FROM preparation_line WHERE round_id = %s"
USED_ITEMS = "SELECT DISTINCT economic_code FROM preparation_line WHERE round_id = %s"


def create_rounds(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will draft rounds. `row`: fiscal_year, and what differs of the days.

    :raises BadInput: the year is not a year.
    """
    complete = []
    for draft in drafts:
        text = str(draft.row.get("fiscal_year") or draft.fiscal_year).strip()
        if not (text.isdecimal() and int(text) in YEARS):
            raise BadInput(f"预算年度“{text}”不是年份，请填四位数字，如 2023。", code="preparation.year")
        year = int(text)
        complete.append(
            replace(
                draft,
                unit_id=bureau_unit_id(actor),
                fiscal_year=year,
                title=f"{year}年部门预算编制",
                amount_fen=0,
                row={**draft.row, "fiscal_year": year},
            )
        )
    return create_many(kind=ROUND, drafts=complete, actor=actor, at=at)


def open_round(*, year: int, actor: Actor, at: dt.datetime, **facts: Any) -> int:
    """This will make and open the round of a fiscal year; `facts`: reply_days, forward_days, disclose_days, day_basis,
    note. Returns its id. :raises Refusal: the year has a round already.
    """
    draft = Draft(
        unit_id=0,
        fiscal_year=year,
        business_on=at.date(),
        title="",
        amount_fen=0,
        row={"fiscal_year": year, **facts},
    )
    with transaction.atomic():
        (round_id,) = create_rounds(drafts=[draft], actor=actor, at=at)
        perform(kind=ROUND, id=round_id, step="open", actor=actor, at=at)
    return round_id


def open_rounds(call: StepCall) -> None:
    """启动: one open round per year."""
    for round_id, row in call.rows().items():
        if Round.objects.filter(fiscal_year=row.fiscal_year, is_open=True).exists():
            call.refuse(
                round_id,
                Refusal(f"{row.fiscal_year}年的预算编制已经启动。", code="preparation.round_twice"),
            )
            continue
        Round.objects.filter(pk=round_id).update(is_open=True)


def close_first(call: StepCall) -> None:
    """结束一上: everybody has reported, or the reason says why not; the asks are frozen."""
    _close(call, stage=Stage.FIRST, closed=FIRST_CLOSED, freeze=(VersionStage.FIRST,))


def collect(call: StepCall) -> None:
    """二上汇总: the second asks are frozen; they are what the congress is asked to approve."""
    _close(call, stage=Stage.SECOND, closed=SECOND_CLOSED, freeze=(VersionStage.SECOND,))


def _close(call: StepCall, *, stage: Stage, closed: int, freeze: Sequence[VersionStage]) -> None:
    for round_id in call.ids:
        waiting = [name for (name,) in lean.fetch(UNREPORTED, (round_id, stage.value))]
        if waiting and not call.comment.strip():
            shown = "、".join(waiting[:SHOWN]) + ("等" if len(waiting) > SHOWN else "")
            call.refuse(round_id, Unreported(count=len(waiting), stage=stage.label, shown=shown))
            continue
        _freeze(call, round_id, closed, freeze)


def issue_controls(call: StepCall) -> None:
    """下达一下: every line is reviewed and every project asked for has its control figure; both are frozen."""
    for round_id in call.ids:
        unreviewed = Line.objects.filter(round_id=round_id, reviewed_fen__isnull=True).count()
        if unreviewed:
            call.refuse(round_id, NotReviewed(count=unreviewed))
            continue
        missing = lean.fetch(WITHOUT_CEILING, (round_id, round_id))
        if missing:
            call.refuse(round_id, NoCeiling(count=len(missing), shown="“".join(missing[0]) + "”"))
            continue
        _freeze(call, round_id, REVIEW_CLOSED, (VersionStage.REVIEW, VersionStage.CONTROL))


def _freeze(call: StepCall, round_id: int, closed: int, stages: Sequence[VersionStage]) -> None:
    Round.objects.filter(pk=round_id).update(closed_stages=closed)
    mark_codes_used(round_id)
    for stage in stages:
        version_id = versions.freeze(round_id=round_id, stage=stage, actor=call.actor, at=call.at)
        call.add_detail(round_id, **{f"version_{stage.value}": version_id})


def reopen(call: StepCall) -> None:
    """退回上一阶段: the stage is open again; its frozen version stays, the next close makes another one."""
    back = {"review": ("first", 0), "collected": ("second", REVIEW_CLOSED)}
    for document in call.documents:
        state, closed = back[document.state]
        if document.state == "review" and Ceiling.objects.filter(round_id=document.pk).exists():
            call.refuse(
                document.pk,
                Refusal(
                    "控制数已经下达，不能再退回一上；请用控制数下达单调整。", code="preparation.has_control"
                ),
            )
            continue
        Round.objects.filter(pk=document.pk).update(closed_stages=closed)
        call.set_state(document.pk, state)


def approve_budget(call: StepCall) -> None:
    """登记人大批准: day and resolution, what is approved by fund and function, the departments' time limits."""
    rows: Mapping[int, Round] = call.rows()
    for round_id, row in rows.items():
        try:
            with transaction.atomic():
                replies.approve(row, call.data, at=call.at)
        except Refusal as refusal:
            call.refuse(round_id, refusal)


def mark_codes_used(round_id: int) -> None:
    """This will fix the meaning of the codes of a round in its year."""
    year = Round.objects.values_list("fiscal_year", flat=True).get(pk=round_id)
    by_fund: dict[str, list[str]] = {}
    for fund, code in lean.fetch(USED_FUNCTIONS, (round_id,)):
        by_fund.setdefault(fund, []).append(code)
    for fund, used in by_fund.items():
        codes.mark_used(kind="function", codes=used, year=year, fund=fund)
    items = [code for (code,) in lean.fetch(USED_ITEMS, (round_id,))]
    codes.mark_used(kind="economic_department", codes=items, year=year)
