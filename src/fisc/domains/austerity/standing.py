"""Where 三公 and general expenditure stand: ceilings, budget, held, paid, by unit and item. Reads only.

Budgets come from the ledger: 602 is the year's initial budget (F9 compares budget with budget), 627 and everything
below it what is approved now, 661 what is paid. Ceilings are accounts of the book `ceiling`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from fisc.domains.austerity import postings
from fisc.domains.austerity.general_set import items_of
from fisc.domains.austerity.items import THREE_PUBLIC_CODES, TOTAL
from fisc.domains.austerity.models import Cap, CapLine
from fisc.kernel import ledger

APPROVED = ("627", "63", "65", "66", "671", "672")
"""What was approved and not cut; what the year end carries over or takes back was approved too."""
RED_PERCENT = 90
Place = tuple[int, str]
"""Unit and economic item; the item "" is the unit's total."""


@dataclass(frozen=True)
class CeilingPosition:
    """One ceiling, in 分: given, spent, held by payments on their way, and what is left."""

    ceiling_fen: int
    used_fen: int
    held_fen: int

    @property
    def left_fen(self) -> int:
        """Given less spent less held."""
        return self.ceiling_fen - self.used_fen - self.held_fen

    @property
    def used_percent(self) -> Fraction | None:
        """Spent and held of what was given × 100; None for a ceiling of zero."""
        if not self.ceiling_fen:
            return None
        return Fraction((self.used_fen + self.held_fen) * 100, self.ceiling_fen)

    @property
    def is_red(self) -> bool:
        """Whether 90 % or more is gone."""
        percent = self.used_percent
        return percent is not None and percent >= RED_PERCENT


@dataclass(frozen=True)
class Spending:
    """Initial budget, budget now, and paid, in 分."""

    initial_fen: int = 0
    approved_fen: int = 0
    paid_fen: int = 0

    def __add__(self, other: Spending) -> Spending:
        return Spending(
            self.initial_fen + other.initial_fen,
            self.approved_fen + other.approved_fen,
            self.paid_fen + other.paid_fen,
        )


def ceilings(year: int, unit_ids: Sequence[int] = ()) -> dict[Place, CeilingPosition]:
    """The ceilings of a year by unit and item; the item "" is the total. One query."""
    selection = ledger.Selection(
        book=postings.BOOK,
        subjects=("911", "912", "921", "922"),
        fiscal_years=(year,),
        unit_ids=tuple(unit_ids),
    )
    found: dict[Place, dict[str, ledger.Balance]] = defaultdict(dict)
    groups = ledger.balances(selection, group_by=("unit_id", "economic_code", "subject"))
    for (unit_id, economic_code, subject), balance in groups.items():
        found[unit_id, economic_code or TOTAL][subject] = balance
    return {place: _ceiling(balances) for place, balances in sorted(found.items())}


def _ceiling(balances: Mapping[str, ledger.Balance]) -> CeilingPosition:
    def posted(*subjects: str) -> int:
        return sum(balances[subject].posted_fen for subject in subjects if subject in balances)

    held = sum(balances[subject].held_fen for subject in ("911", "921") if subject in balances)
    used = posted("912", "922")
    return CeilingPosition(ceiling_fen=posted("911", "921") + used, used_fen=used, held_fen=held)


def units_with_ceiling(year: int) -> set[int]:
    """The units that were given ceilings for a year."""
    return {unit_id for unit_id, code in ceilings(year) if code == TOTAL}


def three_public(year: int, *, month: int = 12) -> dict[Place, Spending]:
    """三公 by unit and item (and total ""): initial budget, budget now, paid to the month's end. Few queries."""
    found: dict[Place, Spending] = defaultdict(Spending)
    for (unit_id, code), spending in _by_place(year, THREE_PUBLIC_CODES, month).items():
        item = next(item for item in THREE_PUBLIC_CODES if code.startswith(item))
        found[unit_id, item] += spending
        found[unit_id, TOTAL] += spending
    return dict(found)


def general(year: int, prefixes: Sequence[str], *, month: int = 12) -> dict[Place, Spending]:
    """General expenditure by unit and economic item as booked."""
    return _by_place(year, tuple(prefixes), month) if prefixes else {}


def general_by_unit(year: int, *, month: int = 12) -> dict[int, Spending]:
    """General expenditure by unit, over the set in force in that year."""
    found: dict[int, Spending] = defaultdict(Spending)
    prefixes = [item.economic_prefix for item in items_of(year)]
    for (unit_id, _), spending in general(year, prefixes, month=month).items():
        found[unit_id] += spending
    return dict(found)


def _by_place(year: int, prefixes: tuple[str, ...], month: int) -> dict[Place, Spending]:
    def asked(*subjects: str) -> ledger.Selection:
        return ledger.Selection(
            book="allotment", subjects=subjects, fiscal_years=(year,), economic_prefixes=prefixes
        )

    requests = [
        (asked("602"), None, None),
        (asked(*APPROVED), None, None),
        (asked("661"), year * 100 + 1, year * 100 + month),
    ]
    initial, approved, paid = ledger.sums(requests, group_by=("unit_id", "economic_code"))
    return {
        (unit_id, code): Spending(
            initial.get((unit_id, code), 0),
            approved.get((unit_id, code), 0),
            paid.get((unit_id, code), 0),
        )
        for unit_id, code in {*initial, *approved, *paid}
        if unit_id is not None and code is not None
    }


def caps(year: int) -> dict[int, int]:
    """Unit → the cap in force for a year; empty when there is none."""
    return dict(
        CapLine.objects.filter(cap__year=year, cap__is_in_force=True).values_list("unit_id", "cap_fen")
    )


def cap_in_force(year: int) -> Cap | None:
    """The document whose caps hold in a year."""
    return Cap.objects.select_related("document").filter(year=year, is_in_force=True).first()


VEHICLES = """
SELECT figure.unit_id, unit.name,
    coalesce(sum(figure.quantity) FILTER (WHERE figure.measure = 'vehicle_posts'), 0)::bigint AS posts,
    coalesce(sum(figure.quantity) FILTER (WHERE figure.measure = 'vehicles'), 0)::bigint AS vehicles
FROM v_standards_figure AS figure
JOIN orgs_unit AS unit ON unit.id = figure.unit_id
WHERE figure.fiscal_year = %s AND figure.measure IN ('vehicle_posts', 'vehicles')
GROUP BY figure.unit_id, unit.name, unit.code
HAVING coalesce(sum(figure.quantity) FILTER (WHERE figure.measure = 'vehicles'), 0)
    > coalesce(sum(figure.quantity) FILTER (WHERE figure.measure = 'vehicle_posts'), 0)
ORDER BY unit.code
"""


@dataclass(frozen=True)
class Vehicles:
    """A unit that has more official cars than posts for them (车辆超编)."""

    unit_id: int
    unit: str
    posts: int
    vehicles: int


def vehicles_over(year: int) -> dict[int, Vehicles]:
    """The units whose accepted basic data of the year count more cars than posts (published view v_standards_figure)."""
    if not view_exists("v_standards_figure"):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(VEHICLES, [year])
        return {row[0]: Vehicles(*row) for row in cursor.fetchall()}


def view_exists(name: str) -> bool:
    """Whether a module publishes this view."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])


def percent(part: int, whole: int | None) -> Fraction | None:
    """part ÷ whole × 100; None when there is no whole."""
    return Fraction(part * 100, whole) if whole else None
