"""Plays the preparation of a year's budget (两上两下): asked, reviewed, controlled, asked again, approved, replied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from fisc.domains.budget.replies import appropriation_of
from fisc.domains.budget.services import ALLOTMENT, APPROPRIATION, draft_allotments_from
from fisc.domains.preparation import services as preparation
from fisc.domains.preparation.models import Line
from fisc.domains.projects.models import Project
from fisc.kernel.documents.perform import perform
from fisc.kernel.modules.install import deliver_events
from fisc.kernel.orgs.models import Unit
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.preparation_plan import Ask

ROUND, REQUEST, CONTROL, REPLY = (f"preparation.{noun}" for noun in ("round", "request", "control", "reply"))
_BASIC = ("personnel", "running")


def open_and_ask(*, year: int, asks: Sequence[Ask], cast: Cast, on: date) -> None:
    """This function will open the round and send in what every unit asks for (一上)."""
    at = moment(on, 9)
    round_id = preparation.open_round(
        year=year, actor=cast.budget_officer, at=at, note=f"关于编制{year}年部门预算的通知"
    )
    request_ids = enter(round_id=round_id, asks=asks, cast=cast, on=on)
    approve(kind=REQUEST, ids=request_ids, maker=cast.maker, cast=cast, on=on, hour=15)


def enter(*, round_id: int, asks: Iterable[Ask], cast: Cast, on: date) -> list[int]:
    """This function will enter lines of the first round; returns the units' requests, not sent in yet."""
    projects, units = project_ids(), unit_ids()
    rows = [_row(ask, projects, units) for ask in asks]
    entered = preparation.enter_lines(
        round_id=round_id, stage="first", rows=rows, actor=cast.maker, at=moment(on, 14)
    )
    return list(entered.request_ids)


def _row(ask: Ask, projects: Mapping[str, int], units: Mapping[str, int]) -> dict[str, Any]:
    line = ask.line
    is_basic = line.kind in _BASIC
    return {
        "unit_id": units[line.unit_code],
        "project_id": projects[line.project_code],
        "fund": line.fund,
        "function_code": line.function_code,
        "economic_code": line.economic_code,
        "flags": line.flags,
        "guarantee_item": ask.guarantee_item,
        "amount_fen": ask.first_fen,
        "standard_fen": ask.first_fen if is_basic else None,
        "standard_note": "按基础信息表和支出标准测算" if is_basic else "",
    }


def review_and_control(*, year: int, asks: Sequence[Ask], cast: Cast, on: date) -> None:
    """This function will review line by line, each section its own units, and issue the control figures (一下)."""
    round_id = preparation.current_round(year).pk
    at = moment(on, 9)
    for section, reviews in _reviews(round_id, asks).items():
        preparation.review_lines(
            round_id=round_id, reviews=reviews, actor=cast.section_reviewers[section], at=at
        )
    preparation.accept_rest(round_id=round_id, actor=cast.reviewers["budget_reviewer"], at=moment(on, 11))
    officer = cast.budget_officer
    perform(kind=ROUND, id=round_id, step="close_first", actor=officer, at=moment(on, 12))
    control_id = preparation.draft_control(
        round_id=round_id,
        actor=officer,
        at=moment(on, 13),
        reference=f"区财预〔{on.year}〕{year % 100 + 60}号",
    )
    approve(kind=CONTROL, ids=[control_id], maker=officer, cast=cast, on=on, hour=14)
    perform(kind=ROUND, id=round_id, step="issue_controls", actor=officer, at=moment(on, 16))


def _reviews(round_id: int, asks: Sequence[Ask]) -> dict[str, list[preparation.Review]]:
    """The changed lines by the section of their unit."""
    lines = {
        (code, function, economic, flags): (line_id, section)
        for line_id, code, function, economic, flags, section in Line.objects.filter(
            round_id=round_id
        ).values_list(
            "id", "project__tags__0", "function_code", "economic_code", "flags", "unit__section__code"
        )
    }
    reviews: dict[str, list[preparation.Review]] = defaultdict(list)
    for ask in asks:
        if ask.cut_fen:
            line = ask.line
            key = (line.project_code, line.function_code, line.economic_code, line.flags)
            line_id, section = lines[key]
            reviews[section].append(preparation.Review(line_id, ask.reviewed_fen, ask.reason))
    return reviews


def second_and_approval(*, year: int, cast: Cast, on: date, number: str) -> None:
    """This function will have the units ask within their control figures (二上) and the congress approve."""
    round_id = preparation.current_round(year).pk
    entered = preparation.fill_second(round_id=round_id, actor=cast.maker, at=moment(on, 9))
    approve(kind=REQUEST, ids=entered.request_ids, maker=cast.maker, cast=cast, on=on, hour=10)
    perform(kind=ROUND, id=round_id, step="collect", actor=cast.budget_officer, at=moment(on, 15))
    preparation.record_approval(
        round_id=round_id, on=on, number=number, actor=cast.budget_officer, at=moment(on, 17)
    )


def reply_and_release(*, year: int, cast: Cast, on: date) -> None:
    """This function will reply to the units (二下): the reply becomes the year's budget, the budget allotments."""
    round_id = preparation.current_round(year).pk
    officer, reference = cast.budget_officer, f"区财预〔{year}〕1号"
    reply_id = preparation.make_reply(round_id=round_id, reference=reference, actor=officer, at=moment(on, 8))
    approve(kind=REPLY, ids=[reply_id], maker=officer, cast=cast, on=on, hour=8)
    perform(kind=REPLY, id=reply_id, step="issue", actor=officer, at=moment(on, 9))
    deliver_events(moment(on, 9, 5))
    appropriation_id = appropriation_of(reply_id)
    if appropriation_id is None:
        raise ValueError(f"demo: the reply {reply_id} became no appropriation")
    approve(kind=APPROPRIATION, ids=[appropriation_id], maker=officer, cast=cast, on=on)
    deliver_events(moment(on, 10))
    drafted = draft_allotments_from(
        appropriation_id=appropriation_id, reference=reference, actor=officer, at=moment(on, 10)
    )
    approve(kind=ALLOTMENT, ids=drafted, maker=officer, cast=cast, on=on, hour=11)


def forward_and_disclose(*, year: int, cast: Cast, forwarded_on: date, disclosed_on: date) -> None:
    """This function will record that the departments replied to their units and published their budgets."""
    round_id = preparation.current_round(year).pk
    officer = cast.budget_officer
    preparation.forward(round_id=round_id, on=forwarded_on, actor=officer, at=moment(forwarded_on, 16))
    preparation.disclose(round_id=round_id, on=disclosed_on, actor=officer, at=moment(disclosed_on, 16))


def project_ids() -> dict[str, int]:
    """This function will give the projects' documents by their code."""
    return dict(Project.objects.values_list("code", "document_id"))


def unit_ids() -> dict[str, int]:
    """This function will give the units by their code."""
    return dict(Unit.objects.values_list("code", "id"))
