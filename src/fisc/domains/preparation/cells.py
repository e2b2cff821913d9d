"""The save of the sheet: changed cells of one unit's lines, thousands in a few statements, all or nothing.

Cells that only change amounts or notes go straight to the rows; rows with other codes, and new rows, are checked whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from fisc.base.errors import BadInput
from fisc.domains.preparation import lines, requests
from fisc.domains.preparation.models import Line, Request
from fisc.domains.preparation.refusals import as_refusals
from fisc.domains.preparation.words import REQUEST, Stage
from fisc.kernel import lean
from fisc.kernel.documents.errors import DocumentNotFound
from fisc.kernel.documents.revise import update_draft

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

NEW = "new:"
CODE_COLUMNS = frozenset({"project_id", "fund", "function_code", "economic_code", "flags"})
AMOUNTS = {"first": "first_fen", "second": "second_fen"}
LABELS = {"project_id": "项目", "function_code": "功能分类", "economic_code": "经济分类"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One changed cell: the line's id (or "new:1"), the column, the value (amounts in 分, None: emptied)."""

    row: str
    column: str
    value: Any


@dataclass(frozen=True)
class Saved:
    """What became of a save: problems by (row, column, sentence), and then nothing was saved; or the new version, the
    ids of new rows, the sums in 分."""

    problems: tuple[tuple[str, str, str], ...] = ()
    version: int = 0
    keys: Mapping[str, str] = field(default_factory=dict)
    totals_fen: Mapping[str, int] = field(default_factory=dict)


def save_cells(
    *, request_id: int, cells: Sequence[Cell], version: int, actor: Actor, at: dt.datetime
) -> Saved:
    """This will save changed cells of a unit's sheet. `version` is the request's when the person began.

    :raises ChangedMeanwhile: somebody else has saved. :raises NotEditable, WrongStage: the sheet is closed.
    :raises OverControl: 二上 over 一下; nothing was saved.
    """
    request = Request.objects.filter(pk=request_id).first()
    if request is None:
        raise DocumentNotFound(document_id=request_id)
    by_row: dict[str, dict[str, Any]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, {})[cell.column] = cell.value
    with as_refusals(), transaction.atomic():
        held = lines.open_for_entry(request.round_id, request.stage)
        requests.lock(held, stage=request.stage, unit_ids=[request.unit_id], actor=actor)
        saved = _write(request, by_row)
        if saved.problems:
            transaction.set_rollback(True)
            return saved
        totals = lean.fetch(lines.QUERIES["unit_totals"], (request.round_id, request.unit_id))[0]
        sums = {"first_fen": totals[0], "second_fen": totals[1]}
        document = update_draft(
            kind=REQUEST, id=request_id, values={"amount_fen": sums[AMOUNTS[request.stage]]}, version=version,
            actor=actor, at=at, by_module=True,
        )  # fmt: skip
    return Saved(version=document.version, keys=saved.keys, totals_fen=sums)


def _write(request: Request, by_row: Mapping[str, Mapping[str, Any]]) -> Saved:
    place = (request.round_id, request.unit_id)
    whole = {key: row for key, row in by_row.items() if key.startswith(NEW) or CODE_COLUMNS & set(row)}
    plain = [(key, row) for key, row in by_row.items() if key not in whole]
    if whole and request.stage != Stage.FIRST.value:
        raise BadInput("二上不能增加明细或更改科目，只能填报金额。", code="preparation.second_codes")
    amount = AMOUNTS[request.stage]
    if plain:
        count = lean.run(
            lines.QUERIES[f"change_{request.stage}_amounts"],
            (
                [int(key) for key, _ in plain],
                [(row[amount] or 0) if amount in row else None for _, row in plain],
                [(row["note"] or "") if "note" in row else None for _, row in plain],
                *place,
            ),
        )
        if count != len(plain):
            raise BadInput("有明细已被删除，请刷新页面。", code="preparation.lines_gone")
    return _write_whole(request, whole) if whole else Saved()


def _write_whole(request: Request, whole: Mapping[str, Mapping[str, Any]]) -> Saved:
    place = (request.round_id, request.unit_id)
    ids = [int(key) for key in whole if not key.startswith(NEW)]
    held = {str(row[0]): row for row in lean.fetch(lines.QUERIES["lines_by_id"], (ids, *place))}
    rows = [_merged(request.unit_id, held.get(key), changed) for key, changed in whole.items()]
    missing = [(key, name) for key, row in zip(whole, rows, strict=True) for name in LABELS if not row[name]]
    if missing:
        return Saved(problems=tuple((key, name, f"请填写{LABELS[name]}。") for key, name in missing))
    complete, problems = lines.check(rows, round_id=request.round_id)
    keys = list(whole)
    if problems:
        names = {"amount_fen": AMOUNTS["first"], "unit_id": "project_id"}
        return Saved(problems=tuple((keys[p.index], names.get(p.key, p.key), p.message) for p in problems))
    if clashes := _clashes(keys, complete, place):
        return Saved(
            problems=tuple((key, "economic_code", "与已有明细的项目、科目完全相同。") for key in clashes)
        )
    old = [(key, row) for key, row in zip(keys, complete, strict=True) if not key.startswith(NEW)]
    new = [(key, row) for key, row in zip(keys, complete, strict=True) if key.startswith(NEW)]
    if old:
        lean.run(lines.QUERIES["change_codes"], (*_columns(old), *place))
    if new:
        lean.run(lines.QUERIES["enter_first"], (request.round_id, *lines.arrays([row for _, row in new])))
    return Saved(keys=_new_keys(new, place))


def _merged(unit_id: int, held: tuple[Any, ...] | None, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The row as it would be: what stands, with the changed cells."""
    names = (
        "project_id",
        "fund",
        "function_code",
        "economic_code",
        "flags",
        "guarantee_item",
        "first_fen",
        "note",
    )
    row = dict(zip(names, held[1:], strict=True)) if held else {}
    other_project = "project_id" in changed and str(changed["project_id"]) != str(row.get("project_id"))
    row |= {key: value for key, value in changed.items() if key in names and value is not None}
    return {
        "unit_id": unit_id,
        "project_id": int(row.get("project_id") or 0),
        "fund": row.get("fund") or "general",
        "function_code": row.get("function_code") or "",
        "economic_code": row.get("economic_code") or "",
        "flags": int(row.get("flags") or 0),
        "guarantee_item": None if other_project or not held else row.get("guarantee_item"),
        "amount_fen": row.get("first_fen") or 0,
        "note": row.get("note") or "",
    }


def _columns(old: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Any]]:
    names = (
        "project_id", "fund", "function_code", "economic_code", "flags", "category", "nature", "guarantee_item",
        "amount_fen", "note",
    )  # fmt: skip
    return [[int(key) for key, _ in old], *([row[name] for _, row in old] for name in names)]


def _clashes(keys: Sequence[str], rows: Sequence[Mapping[str, Any]], place: tuple[int, int]) -> list[str]:
    """The rows whose place is taken by a line that does not itself move away."""
    names = ("project_id", "fund", "function_code", "economic_code", "flags", "guarantee_item")
    own = [0 if key.startswith(NEW) else int(key) for key in keys]
    given = ([row[name] for row in rows] for name in names)
    found = lean.fetch(lines.QUERIES["clashes"], (list(range(len(keys))), own, *given, *place, own))
    return [keys[number] for (number,) in found]


def _new_keys(new: Sequence[tuple[str, Mapping[str, Any]]], place: tuple[int, int]) -> dict[str, str]:
    if not new:
        return {}
    names = ("project_id", "fund", "function_code", "economic_code", "flags", "guarantee_item")
    found = Line.objects.filter(round_id=place[0], unit_id=place[1]).values_list(*names, "id")
    held = {row[:-1]: row[-1] for row in found}
    return {key: str(held[tuple(row[name] for name in names)]) for key, row in new}
