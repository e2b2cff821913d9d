"""Plays the end of a year: what is left is carried over or taken back, slow units are cut, idle money is recovered."""

from __future__ import annotations

from datetime import date

from fisc.domains.budget.execution import services as ladder
from fisc.domains.budget.execution.models import ExecutionCutLine
from fisc.domains.budget.idle import services as idle
from fisc.domains.budget.yearend.services import YEAR_END, propose_year_end
from fisc.kernel.documents.perform import perform, perform_many
from fisc.project.demo.cast import Cast, approve, moment, whole
from fisc.project.demo.preparing import unit_ids

_BUREAU = "101"
_APPEAL = "项目因设计变更推迟开工，合同已签订，资金上半年即可支付。"
_IDLE_LEFT_FEN = 5_000_000  # what is less stays with the units


def close(*, year: int, cast: Cast, on: date) -> None:
    """This function will close the budget of a year: everything left is carried over or goes back, by the table."""
    officer = cast.budget_officer
    doc_id = propose_year_end(
        year=year, unit_id=unit_ids()[_BUREAU], actor=officer, at=moment(on, 9),
        reference=f"区财预〔{on.year}〕8号",
    )  # fmt: skip
    approve(kind=YEAR_END, ids=[doc_id], maker=officer, cast=cast, on=on, hour=10)


def cut_slow_units(*, based_on: int, cut_year: int, cast: Cast, on: date, confirmed_on: date) -> None:
    """This function will notify the units of the cuts by the ladder; the first one appeals and is met half-way."""
    ids = ladder.propose_cuts(
        based_on_year=based_on, cut_year=cut_year, executed_to=based_on * 100 + 12, actor=cast.budget_officer,
        at=moment(on, 9),
    )  # fmt: skip
    kind, reviewer, leader = ladder.EXECUTION_CUT, cast.reviewers["budget_reviewer"], cast.reviewers["leader"]
    whole(perform_many(kind=kind, ids=ids, step="issue", actor=cast.budget_officer, at=moment(on, 10)))
    appealed, line = _appealed(ids)
    perform(
        kind=kind, id=appealed, step="appeal", actor=cast.maker, at=moment(on, 15), comment=_APPEAL,
        data={"appeals": {line.pk: _APPEAL}},
    )  # fmt: skip
    perform(
        kind=kind, id=appealed, step="decide", actor=reviewer, at=moment(confirmed_on, 9),
        comment="情况属实，减半核减。", data={"decisions": {line.pk: [line.proposed_fen // 2, "情况属实，减半核减。"]}},
    )  # fmt: skip
    whole(perform_many(kind=kind, ids=ids, step="confirm", actor=leader, at=moment(confirmed_on, 10)))


def _appealed(ids: list[int]) -> tuple[int, ExecutionCutLine]:
    """The notice with the largest cut, and that line."""
    line = ExecutionCutLine.objects.filter(cut_id__in=ids).order_by("-proposed_fen", "id")[0]
    return line.cut_id, line


def recover_idle(*, fiscal_year: int, cast: Cast, on: date) -> None:
    """This function will find what has lain unused for two years, have it recognised and take it back."""
    found = [
        row for row in idle.find_idle(on=on, fiscal_year=fiscal_year) if row.available_fen >= _IDLE_LEFT_FEN
    ]
    officer, reviewer = cast.budget_officer, cast.reviewers["budget_reviewer"]
    doc_id = idle.create_idle(
        on=on, fiscal_year=fiscal_year, unit_id=unit_ids()[_BUREAU], actor=officer, at=moment(on, 9),
        allotment_ids=[row.allotment_id for row in found], reference=f"区财预〔{on.year}〕35号",
        reason="清理盘活财政存量资金",
    )  # fmt: skip
    if doc_id is None:
        raise ValueError("demo: nothing lies idle")
    approve(kind=idle.IDLE, ids=[doc_id], maker=officer, cast=cast, on=on, hour=10)
    perform(
        kind=idle.IDLE,
        id=doc_id,
        step="recover",
        actor=reviewer,
        at=moment(on, 15),
        comment="收回总预算，统筹用于民生",
    )
