"""Plays the ceilings of the four public items (三公) and the cap on general expenditure (过紧日子)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from fisc.domains.austerity import services as austerity
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.preparation_plan import Ask
from fisc.project.demo.preparing import unit_ids

CEILING = "austerity.ceiling"
_FIELDS = {
    "30212": "abroad_fen",
    "30217": "reception_fen",
    "30231": "running_fen",
    "31013": "purchase_fen",
    "30913": "purchase_capital_fen",
}


def play(*, year: int, asks: Sequence[Ask], cast: Cast, on: date) -> None:
    """This function will set every unit's ceilings, before the units ask for anything."""
    amounts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for ask in asks:
        if field := _FIELDS.get(ask.line.economic_code):
            amounts[ask.line.unit_code][field] += ask.first_fen
    units, officer = unit_ids(), cast.budget_officer
    doc_id = austerity.draft_ceilings(
        year=year, actor=officer, at=moment(on, 9), note=f"{year}年“三公”经费预算只减不增",
        rows=[austerity.CeilingRow(unit_id=units[code], **fields) for code, fields in amounts.items()],
    )  # fmt: skip
    approve(kind=CEILING, ids=[doc_id], maker=officer, cast=cast, on=on, hour=10)


def is_public(economic_code: str) -> bool:
    """Whether an item is one of the four public items."""
    return economic_code in _FIELDS
