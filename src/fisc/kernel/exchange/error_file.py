"""The rows with errors as a workbook: the same columns, the guilty cells marked, what is wrong in a last column."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import xlsxwriter

from fisc.kernel.exchange import cells, known
from fisc.kernel.exchange.batches import load
from fisc.kernel.exchange.heads import UNITS
from fisc.kernel.exchange.models import Batch, Problem, StagedRow
from fisc.kernel.exchange.spec import ImportSpec
from fisc.kernel.orgs.actor import Actor

PROBLEM_HEAD = "问题与改法"


def error_rows(batch_id: int, *, actor: Actor) -> bytes:
    """This function will make the workbook of the bad rows, to be mended and uploaded again. :raises NotFound:"""
    batch = load(batch_id, actor=actor)
    spec = known.get(batch.spec_code)
    found: dict[int, list[Problem]] = {}
    for problem in Problem.objects.filter(batch=batch, severity="error", number__gt=0).order_by(
        "number", "id"
    ):
        found.setdefault(problem.number, []).append(problem)
    rows = StagedRow.objects.filter(batch=batch, number__in=found).order_by("number")
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "constant_memory": False}) as book:
        look = {
            "head": book.add_format({"bold": True, "bg_color": "#E0EEF0", "border": 1, "text_wrap": True}),
            "bad": book.add_format({"bg_color": "#FBEAE7", "border": 1, "border_color": "#B3261E"}),
            "bad_date": book.add_format(
                {"bg_color": "#FBEAE7", "border": 1, "border_color": "#B3261E", "num_format": "yyyy-mm-dd"}
            ),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "problem": book.add_format({"font_color": "#B3261E", "text_wrap": True, "valign": "top"}),
        }
        sheet = book.add_worksheet("错误行")
        sheet.freeze_panes(1, 0)
        width = len(batch.heads)
        for place, head in enumerate(_heads(batch, spec)):
            sheet.write_string(0, place, head, look["head"])
            sheet.set_column(place, place, 18)
        sheet.write_string(0, width, PROBLEM_HEAD, look["head"])
        sheet.set_column(width, width, 70)
        for line, row in enumerate(rows, start=1):
            problems = found[row.number]
            guilty = {
                batch.mapping.get(key) for problem in problems for key in (problem.key, *problem.also_keys)
            }
            for place, raw in enumerate(row.raw[:width]):
                _write(sheet, line, place, raw, look, bad=place in guilty)
            told = "；".join(problem.message.rstrip("。") for problem in problems)
            sheet.write_string(line, width, f"原第 {row.number} 行：{told}。"[:32_000], look["problem"])
    return buffer.getvalue()


def _heads(batch: Batch, spec: ImportSpec) -> list[str]:
    """The file's heads; matched columns under the name that is sure to be matched again, amounts with their unit."""
    unit = next(name for name, factor in UNITS.items() if factor == batch.factor)
    heads = list(batch.heads)
    for column in spec.columns:
        place = batch.mapping.get(column.key)
        if place is not None and place < len(heads):
            heads[place] = (
                f"{column.head}（{unit}）" if column.kind == "amount" and batch.factor != 1 else column.head
            )
    return heads


def _write(sheet: Any, line: int, place: int, raw: cells.Raw, look: dict[str, Any], *, bad: bool) -> None:
    form = look["bad"] if bad else None
    if isinstance(raw, dict) and "d" in raw and len(raw["d"]) == 10:
        sheet.write_datetime(
            line, place, dt.datetime.fromisoformat(raw["d"]), look["bad_date" if bad else "date"]
        )
    elif isinstance(raw, bool):
        sheet.write_boolean(line, place, raw, form)
    elif isinstance(raw, int | float) and abs(raw) < 1e15:
        sheet.write_number(line, place, raw, form)
    elif cells.is_empty(raw):
        sheet.write_blank(line, place, None, form)
    else:
        # as text, always: what begins with = must not become a formula on somebody's desk
        sheet.write_string(line, place, cells.shown(raw)[:32_000], form)
