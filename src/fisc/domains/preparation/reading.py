"""What the pages of the preparation show, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fisc.domains.preparation.models import Round
from fisc.kernel import lean, ledger
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit

SQL = (Path(__file__).parent / "sql" / "reading.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
MOST_WAITING = 60
Units = list[int] | None


def seen_by(actor: Actor) -> Units:
    """The units somebody sees, None: all."""
    return None if actor.unit_ids is None else sorted(actor.unit_ids)


@dataclass(frozen=True, slots=True)
class Department:
    """One department's amounts in every stage, and last year's budget and spending; 分, None: not there yet."""

    unit_id: int
    code: str
    name: str
    unit_count: int
    first_fen: int | None
    reviewed_fen: int | None
    control_fen: int | None
    second_fen: int | None
    reply_fen: int | None
    last_budget_fen: int
    last_paid_fen: int


def departments(row: Round, units: Units) -> list[Department]:
    """The departments of a round with last year's allotments and payments; three queries."""
    found = lean.fetch(QUERIES["departments"], (row.pk, units, units, row.pk))
    budget, paid = _last_year(row.fiscal_year - 1, units)
    return [Department(*(*line, budget.get(line[0], 0), paid.get(line[0], 0))) for line in found]


def _last_year(year: int, units: Units) -> tuple[dict[int, int], dict[int, int]]:
    """Allotted and paid in a year by department, from the ledger."""
    above = dict(Unit.objects.values_list("pk", "parent_id"))
    wanted = () if units is None else tuple(units)

    def selection(*subjects: str) -> ledger.Selection:
        return ledger.Selection(book="allotment", subjects=subjects, fiscal_years=(year,), unit_ids=wanted)

    requests = [(selection("63", "65", "66"), None, None), (selection("661"), None, None)]
    sums: list[dict[int, int]] = []
    for by_unit in ledger.sums(requests, group_by=("unit_id",)):
        total: dict[int, int] = {}
        for (unit_id,), fen in by_unit.items():
            if unit_id is not None:
                department = above.get(unit_id) or unit_id
                total[department] = total.get(department, 0) + fen
        sums.append(total)
    return sums[0], sums[1]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One unit that has not finished a stage; no document: it has not begun."""

    unit_id: int
    code: str
    name: str
    document_id: int | None
    state: str
    node: str
    amount_fen: int


def waiting(row: Round, stage: str, units: Units) -> tuple[int, list[Waiting]]:
    """How many units have not finished a stage, and the first of them: those that have not begun come first."""
    found = lean.fetch(
        QUERIES["waiting"], (row.pk, stage, units, units, stage, row.pk, row.fiscal_year, MOST_WAITING)
    )
    return (found[0][7] if found else 0), [Waiting(*line[:7]) for line in found]


def stage_counts(round_id: int, units: Units) -> dict[str, dict[str, int]]:
    """Stage → state → how many requests."""
    found: dict[str, dict[str, int]] = {"first": {}, "second": {}}
    for stage, state, count in lean.fetch(QUERIES["stage_counts"], (round_id, units, units)):
        found[stage][state] = count
    return found


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a unit with everything its sheet shows; amounts in 分."""

    line_id: int
    project_id: int
    project: str
    fund: str
    function_code: str
    economic_code: str
    flags: int
    nature: str
    guarantee_item: str
    category: str
    first_fen: int
    standard_fen: int | None
    standard_note: str
    reviewed_fen: int | None
    reason: str
    control_fen: int | None
    second_fen: int | None
    reply_fen: int | None
    note: str
    is_protected: bool
    carried_cut_fen: int
    cut_document_id: int | None


def sheet(round_id: int, unit_id: int) -> list[SheetLine]:
    """The lines of a unit; one query."""
    return [SheetLine(*row) for row in lean.fetch(QUERIES["sheet"], (round_id, unit_id))]


def unit_projects(unit_id: int, department_id: int | None, year: int) -> list[tuple[Any, ...]]:
    """The projects a unit may budget for: id, code, title; one query."""
    return lean.fetch(QUERIES["unit_projects"], (unit_id, department_id or unit_id, year))


def rows(name: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a named query."""
    return lean.fetch(QUERIES[name], parameters)
