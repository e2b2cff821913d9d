"""What treasury must know of an allotment to draw on it, read from the ledger; and which funds pay from cash plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fisc.base.errors import BadInput
from fisc.domains.treasury import ceilings, postings
from fisc.domains.treasury.models import ControlMode
from fisc.kernel import lean, ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.keys import AccountKey

ALLOTMENT_KIND = "budget.allotment"
MODES = "SELECT fund, unit_id, mode FROM treasury_controlmode WHERE valid_from <= %s ORDER BY valid_from, id"
UPPER_TRANSFER = "上级转移支付"
"""The mark of an appropriation that came from above (指标来源), as its header carries it."""
FROM_ABOVE = """
SELECT allotment.id
FROM documents_document AS allotment
LEFT JOIN documents_document AS appropriation ON appropriation.id = allotment.source_id
WHERE allotment.id = ANY (%s::bigint[]) AND (%s = ANY (allotment.tags) OR %s = ANY (appropriation.tags))
"""
DIMENSIONS = (
    "allotment_id", "fiscal_year", "unit_id", "project_id", "fund", "function_code", "economic_code", "flags",
)  # fmt: skip


class UnknownAllotment(BadInput):
    """没有这条指标，或指标尚未下达。"""

    code = "treasury.unknown_allotment"


@dataclass(frozen=True, slots=True)
class Allotment:
    """An allotment as the ledger has it: its 可执行指标 account and what it holds now."""

    id: int
    executable: AccountKey

    @property
    def columns(self) -> dict[str, object]:
        """The dimensions as the columns of a drawing (payment, batch, plan)."""
        key = self.executable
        return {
            "allotment_id": self.id,
            "project_id": key.project_id,
            "function_code": key.function_code,
            "flags": key.flags,
        }


def allotments(allotment_ids: Iterable[int]) -> dict[int, Allotment]:
    """Return the released allotments among these, by id; one query for all."""
    wanted = tuple(sorted(set(allotment_ids)))
    if not wanted:
        return {}
    selection = ledger.Selection(book=postings.BOOK, subjects=(postings.EXECUTABLE,), allotment_ids=wanted)
    found = {}
    for group in ledger.balances(selection, group_by=DIMENSIONS):
        facts = dict(zip(DIMENSIONS, group, strict=True))
        found[facts["allotment_id"]] = Allotment(
            facts["allotment_id"], AccountKey(book=postings.BOOK, subject=postings.EXECUTABLE, **facts)
        )
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the money of an allotment is, in 分: approved = paid + held + frozen + planned + available.

    `executable_fen` is what 635 can still give, `due_fen` what 651 can (双控).
    """

    approved_fen: int
    paid_fen: int
    held_fen: int
    frozen_fen: int
    planned_fen: int
    executable_fen: int
    due_fen: int

    @property
    def available_fen(self) -> int:
        """What is neither paid nor held nor frozen nor planned for later."""
        return self.executable_fen + self.due_fen


def figures(allotment_ids: Iterable[int]) -> dict[int, Figures]:
    """Return the figures of the allotments; one query for all."""
    wanted = tuple(sorted(set(allotment_ids)))
    if not wanted:
        return {}
    selection = ledger.Selection(book=postings.BOOK, subjects=("63", "65", "66"), allotment_ids=wanted)
    parts: dict[int, dict[str, ledger.Balance]] = {allotment_id: {} for allotment_id in wanted}
    for (allotment_id, subject), balance in ledger.balances(
        selection, group_by=("allotment_id", "subject")
    ).items():
        parts[allotment_id][subject] = balance
    return {allotment_id: _figures(balances) for allotment_id, balances in parts.items()}


def _figures(balances: Mapping[str, ledger.Balance]) -> Figures:
    nothing = ledger.Balance()

    def at(subject: str) -> ledger.Balance:
        return balances.get(subject, nothing)

    return Figures(
        approved_fen=sum(balance.posted_fen for balance in balances.values()),
        paid_fen=at(postings.SPENT).posted_fen,
        held_fen=sum(balance.held_fen for balance in balances.values()),
        frozen_fen=at(postings.FROZEN).posted_fen,
        planned_fen=at(postings.PLAN_FUTURE).posted_fen,
        executable_fen=at(postings.EXECUTABLE).available_fen,
        due_fen=at(postings.PLAN_DUE).available_fen,
    )


def from_above(allotment_ids: Iterable[int]) -> frozenset[int]:
    """Return the allotments whose money is an upper-level transfer, by their own mark or their appropriation's."""
    wanted = sorted(set(allotment_ids))
    return frozenset(row[0] for row in lean.fetch(FROM_ABOVE, (wanted, UPPER_TRANSFER, UPPER_TRANSFER)))


class Modes:
    """控制方式 on a day, by fund and unit; a unit's own row goes before the fund's."""

    def __init__(self, rows: Sequence[tuple[str, int | None, str]]) -> None:
        """Take (fund, unit id, mode), the oldest first: the latest row of a fund and unit holds."""
        self._modes = {(fund, unit_id): mode for fund, unit_id, mode in rows}

    @classmethod
    def on(cls, day: dt.date) -> Modes:
        """Read the modes in force on the day."""
        return cls(lean.fetch(MODES, (day,)))

    def drawn_from(self, fund: str, unit_id: int) -> str:
        """The subject a payment of the fund and unit draws on: 635, or 651 where cash plans control."""
        mode = self._modes.get((fund, unit_id), self._modes.get((fund, None), ControlMode.Mode.ALLOTMENT))
        return postings.PLAN_DUE if mode == ControlMode.Mode.PLAN else postings.EXECUTABLE


def controls(day: dt.date, places: Collection[ceilings.Place]) -> tuple[Modes, frozenset[str]]:
    """Return the modes in force on the day, and the keys of the ceilings that hold for these places; asked in one go."""
    if not places:
        return Modes.on(day), frozenset()
    modes, capped = lean.together([(MODES, (day,)), ceilings.question(places)])
    return Modes(modes), frozenset(row[0] for row in capped)


def headers(allotment_ids: Iterable[int]) -> dict[int, Document]:
    """Return the headers of the allotments."""
    return Document.objects.filter(kind=ALLOTMENT_KIND).in_bulk(sorted(set(allotment_ids)))
