"""Plays the ceilings of the four public items (三公) and the cap on general expenditure (过紧日子)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from fisc.domains.austerity import services as austerity
from fisc.kernel.documents.spec import Draft
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.preparation_plan import Ask
from fisc.project.demo.preparing import unit_ids

CEILING = "austerity.ceiling"
# units that have guests
_HOSTS = ("104", "101", "121", "114", "131", "133")
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


# guests from, guests, escorts
_VISITS = (
    ("海州市发展和改革委员会", 8, 3),
    ("江州区人民政府办公室", 6, 2),
    ("海州市审计局", 4, 2),
    ("省财政厅驻海州工作组", 12, 4),
    ("海州市教育局督导组", 7, 2),
    ("对口协作县考察团", 10, 3),
)


def register_receptions(*, cast: Cast, on: date) -> None:
    """This function will register the receptions of a month, each with its letter (公函)."""
    units = unit_ids()
    drafts = [
        Draft(
            units[code], on.year, on, "", (guests + escorts) * 8_000,
            row={
                "letter_no": f"函〔{on.year}〕{number + 21}号", "letter_from": host, "batches": 1, "guests": guests,
                "escorts": escorts,
            },
        )
        for number, (code, (host, guests, escorts)) in enumerate(zip(_HOSTS * 2, _VISITS * 2, strict=True))
    ]  # fmt: skip
    ids = austerity.create_receptions(drafts=drafts, actor=cast.maker, at=moment(on, 14))
    approve(kind=austerity.RECEPTION_KIND, ids=ids, maker=cast.maker, cast=cast, on=on, hour=15)
