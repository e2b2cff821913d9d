"""编报明细: checking, entering, changing and reviewing lines; thousands a call, a few statements whatever their number.

A row is a mapping: unit_id, project_id, fund, function_code, economic_code, amount_fen and, where wanted, flags,
guarantee_item, standard_fen, standard_note, note.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from fisc.base.errors import BadInput
from fisc.base.money import format_fen
from fisc.domains.preparation import requests
from fisc.domains.preparation.finding import get_round
from fisc.domains.preparation.models import Line, Round
from fisc.domains.preparation.refusals import SHOWN, BadLines, ProtectedUncut, as_refusals, need
from fisc.domains.preparation.words import OPEN_PROJECT_STATES, REQUEST, ROUND, Fund, Stage
from fisc.kernel import codes, lean
from fisc.kernel.events.audit import AuditRow, record_many

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

SQL = (Path(__file__).parent / "sql" / "lines.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
REVIEW = "preparation.line.review"
BOND, THREE_GUARANTEES = 4, 1
KEY = ("unit_id", "project_id", "fund", "function_code", "economic_code", "flags", "guarantee_item")


@dataclass(frozen=True)
class Entered:
    """What was entered: the requests it belongs to, how many lines, and their sum in 分."""

    request_ids: tuple[int, ...]
    line_count: int
    total_fen: int


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with one row (`index` from 0): the column and a sentence."""

    index: int
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class LibraryProject:
    """A project as the library knows it now."""

    project_id: int
    code: str
    title: str
    unit_id: int
    department_id: int | None
    state: str
    category: str
    nature: str
    guarantee_item: str
    is_bond: bool
    start_year: int
    end_year: int


@dataclass(frozen=True, slots=True)
class Review:
    """One line's reviewed amount in 分, and why it differs from what was asked."""

    line_id: int
    reviewed_fen: int
    reason: str = ""


def enter_lines(
    *, round_id: int, stage: str, rows: Sequence[Mapping[str, Any]], actor: Actor, at: dt.datetime
) -> Entered:
    """This will write lines of any number of units in a stage (first 一上, second 二上); a line that is there takes the
    new amount. Requests that are missing are made.

    :raises BadLines: naming the first rows that cannot be right. :raises OverControl: 二上 over 一下.
    :raises WrongStage, NotEditable: the stage is over, or the unit's request has been sent.
    """
    complete, problems = check(rows, round_id=round_id)
    refuse(problems, rows)
    units = {row["unit_id"] for row in complete}
    with as_refusals(), transaction.atomic():
        row = open_for_entry(round_id, stage)
        held = requests.lock(row, stage=stage, unit_ids=units, actor=actor)
        lean.run(QUERIES[f"enter_{stage}"], (round_id, *arrays(complete)))
        request_ids = requests.settle(row, held, stage=stage, unit_ids=units, actor=actor, at=at)
        record_many([_entered(found, stage, len(complete), actor, at) for found in request_ids.values()])
    total = sum(line["amount_fen"] for line in complete)
    return Entered(tuple(request_ids.values()), len(complete), total)


def open_for_entry(round_id: int, stage: str) -> Round:
    """The round, kept from closing until the transaction ends. :raises WrongStage: the stage is not open."""
    row = get_round(round_id)
    lean.fetch("SELECT 1 FROM preparation_round WHERE document_id = %s FOR SHARE", (round_id,))
    requests.refuse_wrong_stage(get_round(round_id), stage)
    return row


def check(
    rows: Sequence[Mapping[str, Any]], *, round_id: int, units: Mapping[int, int | None] | None = None
) -> tuple[list[dict[str, Any]], list[LineProblem]]:
    """This will complete rows with what the library says of their projects, and return every problem; few queries."""
    year = get_round(round_id).fiscal_year
    known = projects(row.get("project_id") for row in rows)
    bad_codes = _bad_codes(rows, year)
    complete: list[dict[str, Any]] = []
    problems: list[LineProblem] = []
    seen: dict[tuple[Any, ...], int] = {}
    for index, row in enumerate(rows):
        full = {"flags": 0, "note": "", "standard_fen": None, "standard_note": "", "fund": "general", **row}
        problem = _problem(full, known, bad_codes, year)
        if problem is None:
            full = _completed(full, known[full["project_id"]])
            key = tuple(full[name] for name in KEY)
            if key in seen:
                problem = ("economic_code", f"与第 {seen[key] + 1} 行的项目、科目完全相同，请合并。")
            seen.setdefault(key, index)
        if problem is not None:
            problems.append(LineProblem(index, *problem))
        complete.append(full)
    return complete, problems


def projects(project_ids: Iterable[Any]) -> dict[int, LibraryProject]:
    """The projects of these ids, as the library knows them; one query."""
    wanted = sorted({int(project_id) for project_id in project_ids if project_id})
    return (
        {row[0]: LibraryProject(*row) for row in lean.fetch(QUERIES["projects"], (wanted,))} if wanted else {}
    )


def _problem(
    row: Mapping[str, Any],
    known: Mapping[int, LibraryProject],
    bad_codes: Mapping[tuple[str, str], str],
    year: int,
) -> tuple[str, str] | None:
    if row["fund"] not in Fund.values:
        return "fund", f"资金性质“{row['fund']}”不在代码表中。"
    if message := bad_codes.get((row["fund"], row["function_code"])):
        return "function_code", message
    if message := bad_codes.get(("", row["economic_code"])):
        return "economic_code", message
    if row["amount_fen"] < 0:
        return "amount_fen", f"金额 {format_fen(row['amount_fen'])} 元小于零。"
    project = known.get(row.get("project_id") or 0)
    if project is None:
        return "project_id", "没有这个项目；无项目不得编列预算，请先在项目库入库。"
    if project.state not in OPEN_PROJECT_STATES:
        return "project_id", f"项目“{project.title}”尚未入库或已经结束；无项目不得编列预算。"
    if row["unit_id"] not in (project.unit_id, project.department_id):
        return "project_id", f"项目“{project.title}”不是本单位的项目。"
    if not project.start_year <= year <= project.end_year:
        return (
            "project_id",
            f"项目“{project.title}”的年度是 {project.start_year}—{project.end_year}，不含 {year} 年。",
        )
    return None


def _completed(row: Mapping[str, Any], project: LibraryProject) -> dict[str, Any]:
    """The row with the snapshot of its project; a 三保 item and bond money carry their flag."""
    item = row.get("guarantee_item")
    item = project.guarantee_item if item is None else item
    flags = int(row["flags"]) | (THREE_GUARANTEES if item else 0) | (BOND if project.is_bond else 0)
    return {
        **row, "category": project.category, "nature": project.nature, "guarantee_item": item, "flags": flags,
        "note": str(row["note"])[:200], "standard_note": str(row["standard_note"])[:300],
    }  # fmt: skip


def _bad_codes(rows: Sequence[Mapping[str, Any]], year: int) -> dict[tuple[str, str], str]:
    """(fund or "", code) → what is wrong with it; one look per fund."""
    bad: dict[tuple[str, str], str] = {}
    for fund in {row.get("fund", "general") for row in rows} & set(Fund.values):
        wanted = {row["function_code"] for row in rows if row.get("fund", "general") == fund}
        found = codes.check_many(kind="function", codes=wanted, year=year, fund=fund)
        bad.update({(fund, code): problem.message for code, problem in found.items()})
    items = {row["economic_code"] for row in rows}
    found = codes.check_many(kind="economic_department", codes=items, year=year)
    bad.update({("", code): problem.message for code, problem in found.items()})
    return bad


def refuse(problems: Sequence[LineProblem], rows: Sequence[object]) -> None:
    """:raises BadLines: with the first problems, if there are any. :raises BadInput: there are no rows."""
    if problems:
        shown = "".join(f"第 {problem.index + 1} 行：{problem.message}" for problem in problems[:SHOWN])
        raise BadLines(count=len(problems), shown=shown, problems=list(problems))
    if not rows:
        raise BadInput("没有可填报的明细。", code="preparation.no_rows")


def arrays(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The columns of checked rows, as the statements that enter lines take them."""
    keys = (
        "unit_id", "project_id", "fund", "function_code", "economic_code", "flags", "category", "nature",
        "guarantee_item", "amount_fen", "standard_fen", "standard_note", "note",
    )  # fmt: skip
    return [[row[key] for row in rows] for key in keys]


def _entered(request_id: int, stage: str, count: int, actor: Actor, at: dt.datetime) -> AuditRow:
    return AuditRow(
        at=at, actor_id=actor.user_id, actor_name=actor.name, action=f"{REQUEST}.enter", object_kind=REQUEST,
        object_id=str(request_id), document_id=request_id, ip=actor.ip or None,
        detail={"stage": stage, "lines": count},
    )  # fmt: skip


def fill_second(
    *, round_id: int, actor: Actor, at: dt.datetime, unit_ids: Sequence[int] | None = None
) -> Entered:
    """按控制数带入: every line's second ask becomes its reviewed amount, or its share where the control figure is lower;
    the parts sum to the control figure to the 分. :raises WrongStage: 二上 is not open.
    """
    wanted = None if unit_ids is None else list(unit_ids)
    units = {unit_id for (unit_id,) in lean.fetch(QUERIES["units_to_fill"], (round_id, wanted, wanted))}
    with as_refusals(), transaction.atomic():
        row = open_for_entry(round_id, Stage.SECOND.value)
        held = requests.lock(row, stage="second", unit_ids=units, actor=actor)
        count = lean.run(QUERIES["fill_second"], (round_id, wanted, wanted))
        request_ids = requests.settle(row, held, stage="second", unit_ids=units, actor=actor, at=at)
        record_many([_entered(found, "second", count, actor, at) for found in request_ids.values()])
    sums = requests.totals(round_id, stage="second", unit_ids=units)
    return Entered(tuple(request_ids.values()), count, sum(sums.values()))


def review_lines(*, round_id: int, reviews: Sequence[Review], actor: Actor, at: dt.datetime) -> int:
    """股室审核: the reviewed amounts of lines that were sent in; returns how many lines. Additions need a reason as cuts do.

    :raises ProtectedUncut: a 三保 or rigid line would be cut. :raises CutNeedsReason: a change without a reason.
    :raises BadInput: a line of another round, not in the reviewer's charge, or still with its unit.
    """
    need(actor, REVIEW)
    requests.refuse_wrong_stage(get_round(round_id), "review")
    ids, amounts = [one.line_id for one in reviews], [one.reviewed_fen for one in reviews]
    reasons = [one.reason.strip()[:200] for one in reviews]
    seen = None if actor.unit_ids is None else sorted(actor.unit_ids)
    if outside := lean.fetch(QUERIES["not_reviewable"], (ids, round_id, seen, seen)):
        raise BadInput(
            f"有 {len(outside)} 行不能审核：不在您的归口范围，或单位还没有送审。",
            code="preparation.not_reviewable",
        )
    if cut := lean.fetch(QUERIES["protected_cut"], (ids, amounts)):
        raise _protected(cut)
    with as_refusals(), transaction.atomic():
        count = lean.run(QUERIES["review"], (actor.user_id, ids, amounts, reasons, round_id))
        record_many([_reviewed(round_id, count, actor, at)])
    return count


def accept_rest(
    *, round_id: int, actor: Actor, at: dt.datetime, unit_ids: Sequence[int] | None = None
) -> int:
    """其余按申报数审定: lines that nobody has reviewed yet are allowed as asked; returns how many."""
    need(actor, REVIEW)
    requests.refuse_wrong_stage(get_round(round_id), "review")
    seen = None if actor.unit_ids is None else set(actor.unit_ids)
    wanted = seen if unit_ids is None else (set(unit_ids) if seen is None else set(unit_ids) & seen)
    units = None if wanted is None else sorted(wanted)
    with transaction.atomic():
        count = lean.run(QUERIES["accept_rest"], (actor.user_id, round_id, units, units))
        record_many([_reviewed(round_id, count, actor, at)])
    return count


def _protected(cut: Sequence[tuple[Any, ...]]) -> ProtectedUncut:
    unit, project, economic_code, first, reviewed = cut[0]
    return ProtectedUncut(
        unit=unit,
        project=project,
        economic_code=economic_code,
        first=format_fen(first),
        reviewed=format_fen(reviewed),
        more=f"；另有 {len(cut) - 1} 行" if len(cut) > 1 else "",
        first_fen=first,
        reviewed_fen=reviewed,
        count=len(cut),
    )


def _reviewed(round_id: int, count: int, actor: Actor, at: dt.datetime) -> AuditRow:
    return AuditRow(
        at=at, actor_id=actor.user_id, actor_name=actor.name, action=REVIEW, object_kind=ROUND,
        object_id=str(round_id), document_id=round_id, ip=actor.ip or None, detail={"lines": count},
    )  # fmt: skip


def lines_of(*, round_id: int, unit_id: int) -> list[Line]:
    """The lines of a unit in the order of the grid, with their projects; one query."""
    return list(
        Line.objects.filter(round_id=round_id, unit_id=unit_id)
        .select_related("project")
        .order_by("category", "project_id", "economic_code", "function_code", "id")
    )
