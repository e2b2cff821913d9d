"""What the cut planner works on: lines of a budget, the guards over them, and how much each may lose. Pure.

If several guards hold a line, the first in this order is named: 三保, 债券, 上级专项, 刚性, 重点 (when guarded),
not in question, executed and held, contracts, grade.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

GUARANTEE, BOND, UPPER, RIGID, PRIORITY, LOCKED = "guarantee", "bond", "upper", "rigid", "priority", "locked"
SPENT, CONTRACT, GRADE, UNIT, VIABLE = "spent", "contract", "grade", "unit", "viable"
GUARD_LABELS: dict[str, str] = {
    GUARANTEE: "“三保”不压",
    BOND: "债券资金不压",
    UPPER: "上级专项",
    RIGID: "刚性支出不压",
    PRIORITY: "重点项目不压",
    LOCKED: "编制中标明不压",
    SPENT: "已执行和在途",
    CONTRACT: "已签合同",
    GRADE: "绩效等级上限",
    UNIT: "单位压减上限",
    VIABLE: "项目最低保留",
}
FLAG_GUARANTEE, FLAG_DIRECT, FLAG_BOND = 1, 2, 4


@dataclass(frozen=True, kw_only=True, slots=True)
class CutLine:
    """One line in question. Amounts in 分: `asked_fen` 一上上报数 (or what was approved), `base_fen` what stands now,
    `spent_fen` executed and held of it, `contract_fen` signed and still to pay."""

    key: int
    unit_id: int
    title: str
    base_fen: int
    asked_fen: int
    project_id: int | None = None
    category: str = "special"
    nature: str = "ordinary"
    grade: str = ""
    rank: int = 0
    guarantee_item: str = ""
    flags: int = 0
    has_upper_money: bool = False
    is_bond: bool = False
    is_locked: bool = False
    spent_fen: int = 0
    contract_fen: int = 0

    @property
    def is_guarantee(self) -> bool:
        """Whether it is 三保 money."""
        return bool(self.guarantee_item) or bool(self.flags & FLAG_GUARANTEE)

    @property
    def is_upper(self) -> bool:
        """Whether a higher level earmarked it."""
        return self.has_upper_money or bool(self.flags & FLAG_DIRECT)

    @property
    def is_bond_money(self) -> bool:
        """Whether it is bond money."""
        return self.is_bond or bool(self.flags & FLAG_BOND)

    @property
    def floor_fen(self) -> int:
        """What can no longer be taken back: executed, held, and signed."""
        return min(self.base_fen, self.spent_fen + self.contract_fen)


@dataclass(frozen=True, kw_only=True)
class Guards:
    """What may not be touched, as switches and numbers. 三保 and what is executed hold by law and have no switch in the
    form; `lifted` is for asking what a guard costs."""

    rigid: bool = True
    bond: bool = True
    priority: bool = False
    contract: bool = True
    upper_percent: Decimal = Decimal(0)
    grade_percent: Mapping[str, Decimal] = field(default_factory=dict)
    unit_percent: Decimal = Decimal(100)
    lifted: frozenset[str] = frozenset()

    def without(self, guard: str) -> Guards:
        """The same guards with one lifted."""
        return replace(self, lifted=self.lifted | {guard})

    def holds(self, guard: str) -> bool:
        """Whether a guard is on."""
        if guard in self.lifted:
            return False
        return {RIGID: self.rigid, BOND: self.bond, PRIORITY: self.priority, CONTRACT: self.contract}.get(
            guard, True
        )

    def grade_limit(self, grade: str) -> Decimal:
        """The most a line of that grade may lose, in per cent."""
        if GRADE in self.lifted:
            return Decimal(100)
        return self.grade_percent.get(grade, self.grade_percent.get("", Decimal(100)))


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much a line may lose, and the guard that says so; `is_open`: it is in question at all."""

    cap_fen: int
    bound_by: str
    is_open: bool


def capacity(line: CutLine, guards: Guards) -> Capacity:
    """This will say how much of a line may be cut and which guard binds first."""
    shut = _shut_by(line, guards)
    if shut:
        return Capacity(0, shut, False)
    limits = [(line.base_fen, "")]
    if guards.holds(SPENT):
        limits.append((max(0, line.base_fen - line.spent_fen), SPENT))
    if guards.holds(CONTRACT):
        gone = line.spent_fen if guards.holds(SPENT) else 0
        limits.append((max(0, line.base_fen - gone - line.contract_fen), CONTRACT))
    if line.is_upper and guards.holds(UPPER):
        limits.append((part(line.base_fen, guards.upper_percent), UPPER))
    limits.append((part(line.base_fen, guards.grade_limit(line.grade)), GRADE))
    cap_fen, bound_by = min(limits, key=lambda pair: pair[0])
    return Capacity(cap_fen, bound_by if cap_fen < line.base_fen else "", True)


def _shut_by(line: CutLine, guards: Guards) -> str:
    if line.is_guarantee and guards.holds(GUARANTEE):
        return GUARANTEE
    if line.is_bond_money and guards.holds(BOND):
        return BOND
    if line.is_upper and guards.holds(UPPER) and guards.upper_percent <= 0:
        return UPPER
    if line.nature == "rigid" and guards.holds(RIGID):
        return RIGID
    if line.nature == "priority" and guards.holds(PRIORITY):
        return PRIORITY
    if line.is_locked and guards.holds(LOCKED):
        return LOCKED
    return ""


def part(amount_fen: int, percent: Decimal) -> int:
    """So many per cent of an amount, rounded down to the 分."""
    above, below = percent.as_integer_ratio()
    return amount_fen * above // (below * 100)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """This will share a whole number by weights, largest remainder first (the earlier one among equals); nobody gets
    more than its weight if the total is not above the sum of the weights.

    :raises ValueError: nothing to share it by.
    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to share by")
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    if left:
        order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
        for index in order[:left]:
            shares[index] += 1
    return shares


def spread_contracts(lines: Iterable[CutLine], signed_fen: Mapping[int, int]) -> list[CutLine]:
    """This will share what each project has signed and still to pay over its lines, by what each has left."""
    found = list(lines)
    of_project: dict[int, list[int]] = {}
    for index, line in enumerate(found):
        if line.project_id is not None and signed_fen.get(line.project_id):
            of_project.setdefault(line.project_id, []).append(index)
    for project_id, indexes in of_project.items():
        free = [max(0, found[index].base_fen - found[index].spent_fen) for index in indexes]
        amount = min(signed_fen[project_id], sum(free))
        for index, share in zip(indexes, spread(amount, free), strict=True):
            found[index] = replace(found[index], contract_fen=share)
    return found
