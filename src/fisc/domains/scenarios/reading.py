"""What the cut planner reads: lines of a year's round (编制), or allotments with what is still available (执行中).

Only the ledger and published views are read (v_preparation_line, v_projects_project).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection

from fisc.base.errors import Refusal
from fisc.domains.scenarios.lines import CutLine, spread_contracts
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document

SQL = Path(__file__).parent / "sql"
ALLOTMENT, EXECUTABLE = "budget.allotment", "635"
OF_ALLOTMENTS = ("631", "635", "636", "650", "651", "661")


class NoLines(Refusal):
    """{year}年没有可以推演的{what}。"""

    code = "scenarios.no_lines"


class NoView(Refusal):
    """没有启用提供数据的模块（{view}），不能推演。"""

    code = "scenarios.no_view"


@dataclass(frozen=True, slots=True)
class Project:
    """What the register says of a project."""

    title: str
    category: str
    nature: str
    guarantee_item: str
    is_bond: bool
    has_upper_money: bool
    contract_fen: int
    grade: str
    rank: int


UNKNOWN_PROJECT = Project("", "special", "ordinary", "", False, False, 0, "", 0)


@dataclass(frozen=True, slots=True)
class Position:
    """One released allotment: what was approved, what may be taken back now, what is not yet paid."""

    allotment_id: int
    unit_id: int
    project_id: int | None
    fund: str
    flags: int
    economic_code: str
    approved_fen: int
    available_fen: int
    unpaid_fen: int


@lru_cache(maxsize=16)
def statement(name: str) -> str:
    """The SQL of a file."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def ask(name: str, view: str, **params: Any) -> list[tuple[Any, ...]]:
    """This will run a file's query over a published view. :raises NoView: nobody publishes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [view])
        if not cursor.fetchone()[0]:
            raise NoView(view=view)
        cursor.execute(statement(name), params)
        return cursor.fetchall()


def preparation_lines(*, year: int, fund: str = "") -> list[CutLine]:
    """This will read the lines of the year's round; `base_fen` is 审定 where there is one, else 一上.

    :raises NoLines: nothing was entered. :raises NoView: no preparation module.
    """
    rows = ask("preparation_lines", "v_preparation_line", year=year, fund=fund)
    if not rows:
        raise NoLines(year=year, what="预算编制明细")
    signed = {row[5]: row[14] for row in rows if row[5] is not None and row[14]}
    lines = [
        CutLine(
            key=row[0], unit_id=row[1], title=row[2], base_fen=row[3], asked_fen=row[4], project_id=row[5], category=row[6],
            nature=row[7], grade=row[8], rank=row[9], guarantee_item=row[10], flags=row[11], has_upper_money=row[12],
            is_bond=row[13],
        )
        for row in rows
    ]  # fmt: skip
    return spread_contracts(lines, signed)


def execution_lines(*, year: int, fund: str = "") -> list[CutLine]:
    """This will read the released allotments of the year; what is paid, held, frozen or planned can no longer be cut.

    :raises NoLines: nothing is released.
    """
    found = positions(year=year, fund=fund)
    known = projects(position.project_id for position in found)
    titles = released_titles(position.allotment_id for position in found)
    lines = []
    for position in found:
        if position.allotment_id not in titles:
            continue
        project = known.get(position.project_id or 0, UNKNOWN_PROJECT)
        lines.append(
            CutLine(
                key=position.allotment_id, unit_id=position.unit_id, title=titles[position.allotment_id],
                base_fen=position.approved_fen, asked_fen=position.approved_fen, project_id=position.project_id,
                category=project.category, nature=project.nature, grade=project.grade, rank=project.rank,
                guarantee_item=project.guarantee_item, flags=position.flags, has_upper_money=project.has_upper_money,
                is_bond=project.is_bond, spent_fen=position.approved_fen - position.available_fen,
            )
        )  # fmt: skip
    if not lines:
        raise NoLines(year=year, what="已下达指标")
    return spread_contracts(lines, {key: project.contract_fen for key, project in known.items()})


def positions(*, year: int, fund: str = "") -> list[Position]:
    """This will read every allotment of the year from the ledger, in two queries, by id."""
    selection = ledger.Selection(
        book="allotment", subjects=OF_ALLOTMENTS, fiscal_years=(year,), funds=(fund,) if fund else ()
    )
    by_account = ("allotment_id", "unit_id", "project_id", "fund", "flags", "subject", "economic_code")
    found: dict[int, Position] = {}
    for group, balance in sorted(
        ledger.balances(selection, group_by=by_account).items(), key=lambda item: str(item[0])
    ):
        allotment_id, unit_id, project_id, fund_code, flags, subject, economic_code = group
        if allotment_id is None:
            continue
        held = found.get(allotment_id) or Position(
            allotment_id, unit_id, project_id, fund_code or "", flags or 0, "", 0, 0, 0
        )
        found[allotment_id] = replace(
            held,
            approved_fen=held.approved_fen + balance.posted_fen,
            available_fen=held.available_fen
            + (max(0, balance.available_fen) if subject == EXECUTABLE else 0),
            unpaid_fen=held.unpaid_fen + (balance.posted_fen if subject in ("635", "650", "651") else 0),
            economic_code=economic_code or "" if subject != "661" else held.economic_code,
        )
    return [found[key] for key in sorted(found)]


def projects(ids: Iterable[int | None]) -> dict[int, Project]:
    """What the register says of these projects."""
    wanted = sorted({key for key in ids if key})
    if not wanted:
        return {}
    return {row[0]: Project(*row[1:]) for row in ask("projects", "v_projects_project", ids=wanted)}


def released_titles(ids: Iterable[int]) -> dict[int, str]:
    """The names of those allotments that are released."""
    rows = Document.objects.filter(kind=ALLOTMENT, pk__in=list(ids), state="released").values_list(
        "pk", "title"
    )
    return dict(rows)


def plain_lines(lines: Iterable[CutLine]) -> list[list[Any]]:
    """Lines as rows of plain values, to be kept."""
    return [[getattr(line, name) for name in COLUMNS] for line in lines]


def lines_from(rows: Iterable[list[Any]]) -> list[CutLine]:
    """The lines of kept rows."""
    return [CutLine(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


COLUMNS = (
    "key", "unit_id", "title", "base_fen", "asked_fen", "project_id", "category", "nature", "grade", "rank",
    "guarantee_item", "flags", "has_upper_money", "is_bond", "is_locked", "spent_fen", "contract_fen",
)  # fmt: skip
