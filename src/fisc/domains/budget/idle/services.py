"""Use cases of idle funds (row 50, F16): find them, recognise them (认定), take them back (收回), arrange them anew.

盘活额 is counted once, when the money is recovered: what is then arranged anew (962) or moved to another budget as
调入资金 (963) comes out of what was recovered (961), never on top of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fisc.domains.budget import booking, places, postings
from fisc.domains.budget.idle.models import IdleLine
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.yearend.services import years_unused
from fisc.kernel import ledger
from fisc.kernel.ledger.keys import Line

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall

IDLE = "budget.idle"
TWO_YEARS = 2
NEVER_IDLE_FUNDS = ("unit", "socialinsurance")
MONTHS_LOOKED_BACK = 60


@dataclass(frozen=True)
class IdleFound:
    """An allotment that lies idle, and how much of it could be taken back, in 分."""

    allotment_id: int
    title: str
    unit_id: int
    project_id: int
    fund: str
    why: str
    first_year: int
    still_months: int
    available_fen: int


def find_idle(*, on: dt.date, fiscal_year: int, months: int = 12) -> list[IdleFound]:
    """This function will list what lies idle on a day, largest first: money unused for two years, and money of
    projects that have paid nothing for `months` months. Bonds, 单位资金 and social insurance are left alone."""
    available = _available(fiscal_year)
    last_paid = _last_paid(on)
    found = []
    for row in _released(fiscal_year):
        if row.id not in available or row.flags & int(ledger.Flag.BOND):
            continue
        first_year = row.first_year or fiscal_year
        began = _period(row.carried_on or row.released_on)
        still = _months_between(max(last_paid.get(row.project_id, 0), began), _period(on))
        why = _why(years_unused(first_year, fiscal_year), still, months)
        if why:
            found.append(
                IdleFound(
                    row.id,
                    row.title,
                    row.unit_id,
                    row.project_id,
                    row.fund,
                    why,
                    first_year,
                    still,
                    available[row.id],
                )
            )
    return sorted(found, key=lambda item: (-item.available_fen, item.allotment_id))


class _Released(NamedTuple):
    """An allotment as the search needs it."""

    id: int
    title: str
    unit_id: int
    project_id: int
    fund: str
    flags: int
    first_year: int | None
    released_on: dt.date
    carried_on: dt.date | None


def _released(fiscal_year: int) -> list[_Released]:
    rows = (
        Allotment.objects.filter(document__fiscal_year=fiscal_year, document__state="released")
        .exclude(fund__in=NEVER_IDLE_FUNDS)
        .values_list(
            "document_id", "document__title", "document__unit_id", "project_id", "fund", "flags", "first_year",
            "document__business_on", "carried_from__business_on",
        )
    )  # fmt: skip
    return [_Released(*row) for row in rows]


def _why(years: int, still_months: int, months: int) -> str:
    if years >= TWO_YEARS:
        return IdleLine.Why.TWO_YEARS.value
    return IdleLine.Why.DORMANT.value if still_months >= months else ""


def _available(fiscal_year: int) -> dict[int, int]:
    """Allotment → what 635 can still give."""
    selection = ledger.Selection(
        book=postings.BOOK, subjects=(postings.EXECUTABLE,), fiscal_years=(fiscal_year,)
    )
    return {
        allotment_id: balance.available_fen
        for (allotment_id,), balance in ledger.balances(selection, group_by=("allotment_id",)).items()
        if allotment_id and balance.available_fen > 0
    }


def _last_paid(on: dt.date) -> dict[int, int]:
    """Project → the last period in which something was paid for it."""
    selection = ledger.Selection(book=postings.BOOK, subjects=(postings.SPENT,), side="debit")
    first = _period(on) - MONTHS_LOOKED_BACK // 12 * 100
    (paid,) = ledger.sums([(selection, first, _period(on))], group_by=("project_id", "period"))
    last: dict[int, int] = {}
    for (project_id, period), fen in paid.items():
        if fen > 0:
            last[project_id] = max(period, last.get(project_id, 0))
    return last


def _period(day: dt.date) -> int:
    return day.year * 100 + day.month


def recognise(call: StepCall) -> None:
    """认定 takes effect: 950 → 951."""
    lines = {
        doc_id: [postings.recognise_idle(place, fen) for place, fen in moves]
        for doc_id, moves in _moves(call).items()
    }
    booking.post(call, f"{IDLE}.recognised", lines)


def recover(call: StepCall) -> None:
    """收回 takes effect: the allotments give the money back to its source, and the fund may arrange it anew."""
    lines: dict[int, list[Line]] = {}
    for doc_id, moves in _moves(call).items():
        lines[doc_id] = [
            line
            for place, fen in moves
            for line in (
                *postings.cut(place, fen),
                *postings.recover_idle(place, fen, usable_in=place.fiscal_year),
            )
        ]
    booking.post(call, f"{IDLE}.recovered", lines)


def _moves(call: StepCall) -> Mapping[int, list[tuple[postings.Place, int]]]:
    rows = IdleLine.objects.filter(idle_id__in=call.ids).order_by("idle_id", "row_no")
    found = places.allotment_places(row.allotment_id for row in rows)
    moves: dict[int, list[tuple[postings.Place, int]]] = {doc_id: [] for doc_id in call.ids}
    for row in rows:
        moves[row.idle_id].append((found[row.allotment_id][2], row.amount_fen))
    return moves
