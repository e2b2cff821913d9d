"""排名, 滞后在前: how far units, departments, sections and the district are, held against target and time.

Read from the ledger at once for all units: 预算数 is what was allotted (631 to 661), 支出数 is what was paid (661), of the
general public budget, up to a month's end. Departments and sections are the sums of their units.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fisc.domains.progress.models import Level, TargetLine
from fisc.kernel import ledger
from fisc.kernel.orgs.models import Section, Unit

BOOK, FUND, PAID = "allotment", "general", ("661",)
ALLOTTED = ("631", "635", "636", "650", "651", "661")
HUNDRED = 100


@dataclass(frozen=True)
class Execution:
    """Budget and payments of one unit, 分."""

    base_fen: int
    paid_fen: int


@dataclass(frozen=True)
class Standing:
    """How far one is: percentages are exact fractions, points are percentage points; rank 1 is furthest behind."""

    level: str
    key: str
    label: str
    section_code: str
    unit_id: int | None
    base_fen: int
    paid_fen: int
    target_percent: Fraction
    pace_percent: Fraction
    rank: int = 0

    @property
    def actual_percent(self) -> Fraction | None:
        """支出数 ÷ 预算数 × 100 (F2); None without a budget."""
        return Fraction(self.paid_fen * HUNDRED, self.base_fen) if self.base_fen > 0 else None

    @property
    def gap_points(self) -> Fraction | None:
        """实际 − 任务进度: negative is behind."""
        return None if self.actual_percent is None else self.actual_percent - self.target_percent

    @property
    def pace_points(self) -> Fraction | None:
        """序时差 (F3): 实际 − 时间进度."""
        return None if self.actual_percent is None else self.actual_percent - self.pace_percent

    @property
    def behind_fen(self) -> int:
        """What is missing to the target, 分, rounded up; 0 when the target is reached."""
        missing = Fraction(self.base_fen) * self.target_percent / HUNDRED - self.paid_fen
        return max(0, -int(-missing // 1)) if self.base_fen > 0 else 0


@dataclass(frozen=True)
class Progress:
    """All standings of one day, by level; each level furthest behind first."""

    on: dt.date
    pace_percent: Fraction
    has_target: bool
    standings: Mapping[str, tuple[Standing, ...]]


def pace(on: dt.date, *, by_day: bool = False) -> Fraction:
    """时间进度 in percent: fiscal months that have come ÷ 12 (F3), or to the day for weekly bulletins."""
    if not by_day:
        return Fraction(on.month * HUNDRED, 12)
    days = monthrange(on.year, on.month)[1]
    return (on.month - 1 + Fraction(on.day, days)) * HUNDRED / 12


def execution(*, year: int, month: int, unit_ids: Iterable[int] | None = None) -> dict[int, Execution]:
    """Budget and payments by unit up to a month's end, in one query."""
    wanted = tuple(sorted(unit_ids)) if unit_ids is not None else ()
    if unit_ids is not None and not wanted:
        return {}
    requests = [
        (
            ledger.Selection(
                book=BOOK, subjects=subjects, fiscal_years=(year,), funds=(FUND,), unit_ids=wanted
            ),
            None,
            year * 100 + month,
        )
        for subjects in (ALLOTTED, PAID)
    ]
    base, paid = ledger.sums(requests, group_by=("unit_id",))
    return {unit_id: Execution(fen, paid.get((unit_id,), 0)) for (unit_id,), fen in base.items() if unit_id}


def target_at(months: Sequence[Fraction], on: dt.date, *, by_day: bool = False) -> Fraction:
    """The cumulative target on a day: that of its month, or on the way there when counted to the day."""
    if not by_day:
        return months[on.month - 1]
    before = months[on.month - 2] if on.month > 1 else Fraction(0)
    part = Fraction(on.day, monthrange(on.year, on.month)[1])
    return before + (months[on.month - 1] - before) * part


def progress(*, on: dt.date, unit_ids: Iterable[int] | None = None, by_day: bool = False) -> Progress:
    """This function will make all league tables of a day; `unit_ids` narrows them to some units. Few queries."""
    done = execution(year=on.year, month=on.month, unit_ids=unit_ids)
    units = {
        unit.pk: unit
        for unit in Unit.objects.filter(pk__in=done).select_related("section", "parent", "parent__section")
    }
    sections = dict(Section.objects.values_list("code", "name"))
    targets = _targets(on, by_day)
    now = pace(on, by_day=by_day)
    rows = [_unit_standing(units[pk], part, targets, now) for pk, part in sorted(done.items()) if pk in units]
    made = {
        Level.UNIT.value: rows,
        Level.DEPARTMENT.value: _summed(Level.DEPARTMENT, rows, units, sections, targets, now),
        Level.SECTION.value: _summed(Level.SECTION, rows, units, sections, targets, now),
        Level.DISTRICT.value: _summed(Level.DISTRICT, rows, units, sections, targets, now),
    }
    return Progress(
        on=on,
        pace_percent=now,
        has_target=bool(targets),
        standings={level: ranked(found) for level, found in made.items()},
    )


def ranked(rows: Iterable[Standing]) -> tuple[Standing, ...]:
    """滞后在前: by points behind the target, then by the amount behind; who has no budget comes last."""
    ordered = sorted(
        rows,
        key=lambda row: (row.gap_points is None, row.gap_points or 0, -row.behind_fen, row.key),
    )
    return tuple(Standing(**{**vars(row), "rank": number}) for number, row in enumerate(ordered, start=1))


def _targets(on: dt.date, by_day: bool) -> dict[tuple[str, str], Fraction]:
    """(level, section code or unit id) → target percent on the day, of the version in force."""
    lines = TargetLine.objects.filter(target__year=on.year, target__is_in_force=True)
    return {
        (line.level, str(line.unit_id or line.section_code)): target_at(
            [Fraction(month) for month in line.months], on, by_day=by_day
        )
        for line in lines
    }


def section_of(unit: Unit) -> str:
    """The section a unit belongs to: its own, or its department's."""
    section = unit.section or (unit.parent.section if unit.parent else None)
    return section.code if section else ""


def _unit_standing(
    unit: Unit, part: Execution, targets: Mapping[tuple[str, str], Fraction], now: Fraction
) -> Standing:
    section = section_of(unit)
    target = targets.get((Level.UNIT.value, str(unit.pk)))
    if target is None:  # a unit that came after the split follows its section, then the district, then time
        target = targets.get((Level.SECTION.value, section), targets.get((Level.DISTRICT.value, ""), now))
    return Standing(
        Level.UNIT.value, str(unit.pk), str(unit), section, unit.pk, part.base_fen, part.paid_fen, target, now
    )


def _summed(
    level: Level,
    rows: Sequence[Standing],
    units: Mapping[int, Unit],
    sections: Mapping[str, str],
    targets: Mapping[tuple[str, str], Fraction],
    now: Fraction,
) -> list[Standing]:
    """Groups of units; the target is the group's own line, else its units' targets weighted by their budgets."""
    groups: dict[str, list[Standing]] = defaultdict(list)
    for row in rows:
        groups[_group_of(level, row, units)].append(row)
    made = []
    for key, members in groups.items():
        base = sum(row.base_fen for row in members)
        weighted = sum((row.target_percent * row.base_fen for row in members), Fraction(0))
        target = targets.get((level.value, key), weighted / base if base > 0 else now)
        unit_id = int(key) if level is Level.DEPARTMENT else None
        made.append(
            Standing(
                level.value,
                key,
                _label(level, key, units, sections),
                key if level is Level.SECTION else members[0].section_code if unit_id else "",
                unit_id,
                base,
                sum(row.paid_fen for row in members),
                target,
                now,
            )
        )
    return made


def _group_of(level: Level, row: Standing, units: Mapping[int, Unit]) -> str:
    if level is Level.SECTION:
        return row.section_code
    if level is Level.DISTRICT:
        return ""
    unit = units[row.unit_id or 0]
    return str(unit.parent_id or unit.pk)


def _label(level: Level, key: str, units: Mapping[int, Unit], sections: Mapping[str, str]) -> str:
    if level is Level.DISTRICT:
        return "全区"
    if level is Level.SECTION:
        return sections.get(key, key) or "未归口"
    pk = int(key)
    if pk in units:
        return str(units[pk])
    return next(str(unit.parent) for unit in units.values() if unit.parent_id == pk)
