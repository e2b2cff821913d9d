"""按标准测算填列: personnel and running costs of 一上 from standards × quantities (published view v_standards_need)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fisc.domains.preparation import lines
from fisc.domains.preparation.finding import get_round
from fisc.domains.preparation.words import Stage
from fisc.kernel import lean, ledger

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

WORDS = {"personnel": "人员类", "public": "公用经费"}


@dataclass(frozen=True)
class Filled:
    """What a filling did: lines and their sum in 分, requests, and what could not be filled, as sentences."""

    request_ids: tuple[int, ...]
    line_count: int
    total_fen: int
    problems: tuple[str, ...]


def fill_from_standards(
    *,
    round_id: int,
    actor: Actor,
    at: dt.datetime,
    unit_ids: Sequence[int] | None = None,
    functions: Mapping[int, str] | None = None,
) -> Filled:
    """This will write the personnel and running cost lines of 一上 as the standards say; doing it again changes nothing.

    The function item of a unit is the one given, else that of its basic lines in this or earlier rounds, else that of
    its largest allotment of the year before. Units without a project of the class are named in `problems`.

    :raises NotEditable: a unit's request has been sent.
    """
    row = get_round(round_id)
    wanted = sorted(actor.unit_ids or ()) if unit_ids is None and actor.unit_ids is not None else unit_ids
    units = None if wanted is None else list(wanted)
    needs = lean.fetch(lines.QUERIES["needs"], (row.fiscal_year, units, units))
    known = _functions({need[0] for need in needs}, round_id, row.fiscal_year, functions or {})
    rows, problems = [], []
    for unit_id, unit, category, economic, item, amount, note, project_id in needs:
        function = known.get((unit_id, project_id)) or known.get((unit_id, None))
        if project_id is None:
            problems.append(f"{unit}在项目库中没有{WORDS[category]}项目，{economic} 未填列。")
        elif function is None:
            problems.append(f"{unit}没有可参照的功能科目，{economic} 未填列，请先填一行。")
        else:
            rows.append(_row(unit_id, project_id, function, economic, item, amount, note))
    if not rows:
        return Filled((), 0, 0, tuple(dict.fromkeys(problems)))
    entered = lines.enter_lines(round_id=round_id, stage=Stage.FIRST.value, rows=rows, actor=actor, at=at)
    return Filled(entered.request_ids, entered.line_count, entered.total_fen, tuple(dict.fromkeys(problems)))


def _row(
    unit_id: int, project_id: int, function: str, economic: str, item: str | None, amount_fen: int, note: str
) -> dict[str, Any]:
    return {
        "unit_id": unit_id, "project_id": project_id, "fund": "general", "function_code": function,
        "economic_code": economic, "guarantee_item": item or "", "amount_fen": amount_fen,
        "standard_fen": amount_fen, "standard_note": note[:300],
    }  # fmt: skip


def _functions(
    units: set[int], round_id: int, year: int, given: Mapping[int, str]
) -> dict[tuple[int, int | None], str]:
    """(unit, project or None) → function item; what was given counts for the whole unit."""
    found: dict[tuple[int, int | None], str] = {}
    selection = ledger.Selection(
        book="allotment", subjects=("63", "65", "66"), fiscal_years=(year - 1,), funds=("general",)
    )
    (sums,) = ledger.sums([(selection, None, None)], group_by=("unit_id", "function_code"))
    for (unit_id, function), _ in sorted(sums.items(), key=lambda pair: pair[1]):
        found[unit_id, None] = function
    for unit_id, project_id, function in lean.fetch(
        lines.QUERIES["known_functions"], (sorted(units), round_id)
    ):
        found.setdefault((unit_id, None), function)
        found[unit_id, project_id] = function
    for unit_id, function in given.items():
        found = {key: value for key, value in found.items() if key[0] != unit_id}
        found[unit_id, None] = function
    return found
