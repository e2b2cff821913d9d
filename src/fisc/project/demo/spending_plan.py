"""Plans projects, budget lines and every payment of 2022 and 2023, scaled to the half-year targets.

The programmes take up what is left of each half-year's target, apart for livelihood classes (民生) and the others,
so that the totals hit the targets to the 分. Money carried over from 2022 counts in 2023, when it is paid.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fisc.project.demo import (
    district,
    line_drafts,
    old_money,
    payees,
    programmes,
    small_projects,
    targets,
    travel_and_cars,
)
from fisc.project.demo.line_drafts import YEARS, Drafts, LineDraft, PaymentDraft, pay_day, spread

__all__ = ["PlanLine", "PlanPayment", "PlanProject", "SpendingPlan", "build", "pay_day", "spread", "until"]

_ROOM = 104  # a programme's budget, in percent of what it pays
_CARRIED_ROOM = 101  # the money a programme takes along, in percent of what it pays from it


@dataclass(frozen=True)
class PlanProject:
    """One project: 人员类, 公用经费, 其他运转 or 特定目标类; the code stays for life.

    ``first_year`` is the year whose preparation registers it, ``start_year`` may lie before the plan.
    """

    code: str
    name: str
    kind: str  # personnel | running | operating | special
    unit_code: str
    first_year: int
    start_year: int
    end_year: int
    total_fen: int


@dataclass(frozen=True)
class PlanPayment:
    """One payment of a budget line, on its day, in whole 分."""

    line: int
    on: date
    amount_fen: int
    payee: payees.PlanPayee
    purpose: str
    contract_no: str = ""


@dataclass(frozen=True)
class PlanLine:
    """One budget line of one year; becomes one allotment. ``approved_fen`` stands in the approved budget.

    A line with ``carried_from`` has no budget of its own: it is the money that line of the year before left over.
    A line with ``money_since`` is older money, carried into the plan's first year.
    """

    index: int
    year: int
    unit_code: str
    project_code: str
    project_name: str
    kind: str
    fund: str
    function_code: str
    economic_code: str
    flags: int
    approved_fen: int
    supplement_fen: int
    supplement_month: int
    carried_from: int | None = None
    money_since: int | None = None

    @property
    def is_prepared(self) -> bool:
        """Whether the line goes through the year's preparation."""
        return self.carried_from is None and self.money_since is None


@dataclass(frozen=True)
class SpendingPlan:
    """Everything the budget and treasury modules are asked to play; ``put_off`` was asked for and not arranged."""

    projects: tuple[PlanProject, ...]
    lines: tuple[PlanLine, ...]
    payments: tuple[PlanPayment, ...]
    put_off: tuple[PlanLine, ...] = ()


def build(*, livelihood: Iterable[str]) -> SpendingPlan:
    """This function will draw the whole plan; ``livelihood`` are the function classes that count as 民生."""
    rng = random.Random(district.SEED)
    pools = payees.payee_pools(rng)
    units = district.units()
    drafts = Drafts()
    for year in YEARS:
        for unit in units:
            line_drafts.personnel(rng, year, unit, drafts)
            line_drafts.running(rng, year, unit, pools, drafts)
    _programmes(rng, units, pools, drafts)
    _public_projects(rng, units, pools, drafts)
    line_drafts.small(rng, small_projects.draw(rng, units), pools, drafts)
    old_money.draw(rng, units, pools, drafts)
    put_off = _put_off(small_projects.put_off(rng, units), len(drafts.lines))
    amounts = _scaled(drafts, frozenset(livelihood))
    payments = tuple(
        PlanPayment(draft.line, draft.on, amount, draft.payee, draft.purpose, _contract(drafts.lines, draft))
        for draft, amount in zip(drafts.payments, amounts, strict=True)
        if amount > 0
    )
    lines = _with_amounts(drafts.lines, payments)
    return SpendingPlan(
        _projects((*lines, *put_off)), lines, tuple(sorted(payments, key=lambda row: row.on)), put_off
    )


def _programmes(
    rng: random.Random, units: Sequence[district.PlanUnit], pools: line_drafts.Pools, drafts: Drafts
) -> None:
    serials: dict[str, int] = defaultdict(int)
    for row, unit in _programmes_of(units):
        serials[unit.code] += 1
        line_drafts.programme(rng, row, unit, f"{unit.code}T{serials[unit.code]:02d}", pools, drafts)


def _programmes_of(
    units: Sequence[district.PlanUnit],
) -> list[tuple[programmes.Programme, district.PlanUnit]]:
    by_name = {unit.short_name: unit for unit in units} | {unit.name: unit for unit in units}
    pairs = [(row, by_name[row.unit]) for row in programmes.PROGRAMMES]
    towns = [unit for unit in units if unit.kind == "town"]
    return pairs + [(row, town) for town in towns for row in programmes.TOWN_PROGRAMMES]


def _public_projects(
    rng: random.Random, units: list[district.PlanUnit], pools: line_drafts.Pools, drafts: Drafts
) -> None:
    for row in travel_and_cars.projects(units):
        line_drafts.fixed_project(
            year=row.year, unit=row.unit, code=f"{row.unit.code}{row.serial}", name=row.name,
            category="operating", function_code=small_projects.general_affairs(row.unit),
            economic_code=row.economic_code, approved_fen=row.fen, paid_fen=row.fen * 97 // 100 // 100 * 100,
            months=row.months, payee=rng.choice(pools["company"]), drafts=drafts,
        )  # fmt: skip


def _put_off(rows: Sequence[small_projects.SmallProject], first_index: int) -> tuple[PlanLine, ...]:
    """What was asked for in the first round and got nothing: ``approved_fen`` is the sum asked."""
    return tuple(
        PlanLine(
            first_index + number, year, row.unit.code, f"{row.unit.code}B01", row.name, row.category,
            "general", row.function_code, row.economic_code, 0, yuan * 100, 0, 0,
        )
        for number, row in enumerate(rows)
        for year, yuan in row.yuan.items()
    )  # fmt: skip


def _scaled(drafts: Drafts, livelihood: frozenset[str]) -> list[int]:
    """Amounts in 分: fixed drafts keep theirs, the others share what is left of their group's target."""
    groups: dict[tuple[str, int, int, bool], list[int]] = defaultdict(list)
    for index, draft in enumerate(drafts.payments):
        line = drafts.lines[draft.line]
        half = 1 if draft.on.month <= 6 else 2
        groups[(line.fund, line.year, half, line.function_code[:3] in livelihood)].append(index)
    amounts = [draft.weight if draft.fixed else 0 for draft in drafts.payments]
    for key, members in groups.items():
        open_members = [index for index in members if not drafts.payments[index].fixed]
        left = targets.spending_fen(*key) - sum(amounts[index] for index in members)
        if left <= 0 or not open_members:
            raise ValueError(f"demo plan: group {key} leaves {left} fen for {len(open_members)} payments")
        parts = spread(left, [drafts.payments[index].weight for index in open_members])
        for index, part in zip(open_members, parts, strict=True):
            amounts[index] = part
    return amounts


def _contract(lines: Sequence[LineDraft], draft: PaymentDraft) -> str:
    """Works and purchases are paid under a contract: one for each project and payee."""
    line = lines[draft.line]
    if line.economic_code[:2] != "31" or draft.payee.kind == "person":
        return ""
    return f"YY-{line.project_code}-{int(draft.payee.account[-5:]) % 900 + 100}"


def _with_amounts(lines: Sequence[LineDraft], payments: Sequence[PlanPayment]) -> tuple[PlanLine, ...]:
    """Budget lines large enough for their year, and for what they leave to the next one: some of the money of
    programmes comes as a supplement."""
    paid: dict[int, int] = defaultdict(int)
    for row in payments:
        paid[row.line] += row.amount_fen
    taken_along = {
        line.carried_from: paid[index] * _CARRIED_ROOM // 100
        for index, line in enumerate(lines)
        if line.carried_from is not None
    }
    result = []
    for index, line in enumerate(lines):
        need, supplement = line.approved_fen or 0, 0
        if line.approved_fen is None and line.carried_from is None:
            need = _budget_of(line, paid[index]) + taken_along.get(index, 0)
            need = (need // 10_000 + 1) * 10_000
            if line.flags & (programmes.DIRECT | programmes.BOND):
                supplement = need // 4 // 10_000 * 10_000
        result.append(
            PlanLine(
                index, line.year, line.unit.code, line.project_code, line.project_name, line.kind, line.fund,
                line.function_code, line.economic_code, line.flags, need - supplement, supplement,
                4 if supplement else 0, line.carried_from, line.money_since,
            )
        )  # fmt: skip
    return tuple(result)


def _budget_of(line: LineDraft, paid_fen: int) -> int:
    """A programme's budget from what it pays; slow units had asked for much more in the first year."""
    slow = line_drafts.SLOW_UNITS.get(line.unit.short_name) if line.year == YEARS[0] else None
    return paid_fen * 100 // slow if slow else paid_fen * _ROOM // 100


def _start_year(line: PlanLine) -> int:
    """Salaries, running costs and what is paid all year have been going on for years; works are new."""
    if line.money_since is not None:
        return line.money_since
    is_old = line.kind in ("personnel", "running") or (
        line.year == YEARS[0] and line.project_code[-3] == "T" and not line.economic_code.startswith("310")
    )
    return YEARS[0] - 1 - line.index % 2 if is_old else line.year


def _projects(lines: Sequence[PlanLine]) -> tuple[PlanProject, ...]:
    totals: dict[str, int] = defaultdict(int)
    first: dict[str, PlanLine] = {}
    last: dict[str, int] = {}
    for line in lines:
        totals[line.project_code] += line.approved_fen + line.supplement_fen
        first.setdefault(line.project_code, line)
        last[line.project_code] = line.year
    return tuple(
        PlanProject(
            code, line.project_name, line.kind, line.unit_code, line.year, _start_year(line),
            max(last[code], line.year + 2), totals[code] * 11 // 10,
        )
        for code, line in first.items()
    )  # fmt: skip


def until(plan: SpendingPlan, through: date) -> SpendingPlan:
    """This function will cut the plan after a day; lines keep their yearly amounts."""
    return replace(plan, payments=tuple(row for row in plan.payments if row.on <= through))
