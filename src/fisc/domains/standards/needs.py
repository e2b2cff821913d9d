"""标准 × 数量 = 需求: the calculation itself, pure. The view v_standards_need does the same for all units at once.

Used for what-if questions (what would another amount cost) and as the proof of the view (standing check and tests).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fisc.base.money import format_fen, round_fraction
from fisc.domains.standards import measures
from fisc.domains.standards.measures import COMPULSORY, STAFF, is_school, staff_of

MONTHS = 12


@dataclass(frozen=True)
class DatedAmount:
    """An amount in force from a day to a day (None: open)."""

    amount_fen: int
    valid_from: dt.date
    valid_to: dt.date | None = None
    least_quantity: int | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def months_in(self, year: int) -> int:
        """How many months of the year it is in force."""
        first = (self.valid_from.year - year) * MONTHS + self.valid_from.month
        last = MONTHS if self.valid_to is None else (self.valid_to.year - year) * MONTHS + self.valid_to.month
        return max(0, min(MONTHS, last) - max(1, first) + 1)


@dataclass(frozen=True)
class Rule:
    """A standard as the calculation needs it."""

    code: str
    measure: str
    scope: str
    amounts: tuple[DatedAmount, ...]


@dataclass(frozen=True)
class Need:
    """One standard × one unit; `reported` is the number before 编制 and small schools were considered."""

    code: str
    quantity: int
    standard_fen: int
    reported: int

    @property
    def amount_fen(self) -> int:
        """The need in 分."""
        return self.quantity * self.standard_fen


def amount_on(amounts: Iterable[DatedAmount], day: dt.date) -> int | None:
    """The standard in force on a day, in 分; None if there is none."""
    return next((one.amount_fen for one in amounts if one.holds_on(day)), None)


def amount_of_year(amounts: Iterable[DatedAmount], year: int) -> int | None:
    """The standard of a year: each amount by the months it is in force, ÷ 12, half up; None if none is."""
    parts = [(one.amount_fen, one.months_in(year)) for one in amounts if one.months_in(year) > 0]
    return round_fraction(Fraction(sum(fen * months for fen, months in parts), MONTHS)) if parts else None


def least_of_year(amounts: Iterable[DatedAmount], year: int) -> int | None:
    """The least number of pupils by the latest amount of the year."""
    held = [one for one in amounts if one.months_in(year) > 0]
    return max(held, key=lambda one: one.valid_from).least_quantity if held else None


def applies(scope: str, *, unit_kind: str, figures: Mapping[str, int]) -> bool:
    """Whether a standard of that scope is for a unit of that kind with these numbers."""
    school = is_school(figures)
    return {
        "administrative": unit_kind == "administrative",
        "institution": unit_kind == "institution",
        "career": unit_kind == "institution" and not school,
        "school": school,
        "not_school": not school,
    }.get(scope, True)


def counted(measure: str, figures: Mapping[str, int], least: int | None) -> int:
    """The quantity that counts: vehicles within their 编制; a small school as having the least number of pupils.

    A school is small when 小学 and 初中 together are below `least`; the difference goes to its larger level, once.
    """
    reported = staff_of(figures) if measure == STAFF else figures.get(measure, 0)
    if measure == "vehicles":
        return min(reported, figures.get("vehicle_posts", 0))
    if measure in COMPULSORY and reported > 0 and measure == _larger_level(figures):
        return reported + max(0, (least or 0) - sum(figures.get(level, 0) for level in COMPULSORY))
    return reported


def _larger_level(figures: Mapping[str, int]) -> str:
    return max(COMPULSORY, key=lambda level: (figures.get(level, 0), level))


def needs(rules: Sequence[Rule], *, figures: Mapping[str, int], unit_kind: str, year: int) -> list[Need]:
    """All needs of one unit for one year."""
    found = []
    for rule in rules:
        standard = amount_of_year(rule.amounts, year)
        if standard is None or not applies(rule.scope, unit_kind=unit_kind, figures=figures):
            continue
        quantity = counted(rule.measure, figures, least_of_year(rule.amounts, year))
        if quantity > 0:
            reported = staff_of(figures) if rule.measure == STAFF else figures.get(rule.measure, 0)
            found.append(Need(rule.code, quantity, standard, reported))
    return found


def raise_of_year(levels: Mapping[str, Sequence[DatedAmount]], year: int) -> int | None:
    """普调: by how much every level's standard rose from the end of last year to the end of this, in 分.

    `levels` holds all amounts of a level (国家基准 and 地方提标 add up). None: a level had no standard.
    """
    raises = []
    for amounts in levels.values():
        now = [one.amount_fen for one in amounts if one.holds_on(dt.date(year, 12, 31))]
        before = [one.amount_fen for one in amounts if one.holds_on(dt.date(year - 1, 12, 31))]
        if not now or not before:
            return None
        raises.append(sum(now) - sum(before))
    return min(raises) if raises else None


def cost_of_change(*, old_fen: int, new_fen: int, quantity: int, months: int = MONTHS) -> int:
    """调标增支 in 分: Δ标准 × 数量, for the months of the first year (half up)."""
    return round_fraction(Fraction((new_fen - old_fen) * quantity * months, MONTHS))


def explanation(*, measure: str, standard_fen: int, quantity: int, reported: int) -> str:
    """The line that explains a need: 标准 × 数量, and why the quantity differs from what was reported."""
    unit = measures.UNITS[measure]
    text = f"{format_fen(standard_fen)} 元 × {quantity:,} {unit} ＝ {format_fen(standard_fen * quantity)} 元"
    if quantity > reported:
        return f"{text}（在校生 {reported:,} {unit}，规模较小学校按不少于规定人数核定）"
    if quantity < reported:
        return f"{text}（实有 {reported:,} {unit}，按编制内计算）"
    return text
