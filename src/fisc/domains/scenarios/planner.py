"""压减推演: from lines and guards to a plan with the reason of every line, or to what stands in the way. Pure.

Grades, weights and limits come with the guards; nothing is read here. Amounts in 分, cuts in whole 元 or 万元.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from fisc.domains.scenarios import optimum
from fisc.domains.scenarios.lines import (
    CONTRACT,
    GRADE,
    GUARD_LABELS,
    UNIT,
    UPPER,
    VIABLE,
    Capacity,
    CutLine,
    Guards,
    capacity,
    part,
    spread,
)
from fisc.domains.scenarios.optimum import Ceiling, Cell, Progress
from fisc.domains.scenarios.reach import Reach

STEP_YUAN, STEP_WAN = 100, 1_000_000
Weigh = Callable[[CutLine], int]
LIFTABLE = (UNIT, VIABLE, GRADE, UPPER, CONTRACT)
"""Guards that a lawful decision may loosen, in this order; the others are law or fact."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A cut to plan. `minimum_percent`: a project keeps at least so much of its amount, or is cut whole (None: any rest
    will do). `fair_percent`: so much more weighted harm is accepted to make the units' rates even."""

    target_fen: int
    guards: Guards
    weigh: Weigh
    step_fen: int = STEP_YUAN
    fair_percent: Decimal = Decimal(10)
    minimum_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What the plan does with one line."""

    line: CutLine
    capacity: Capacity
    weight: int
    cut_fen: int
    is_whole: bool


@dataclass(frozen=True)
class Plan:
    """A plan that meets its target. Marginals: harm per 元 (weight 1.00 = 100) of one more 元 of the target; what one more
    元 of a unit's ceiling would save."""

    planned: tuple[Planned, ...]
    target_fen: int
    total_fen: int
    maximum_fen: int
    harm: int
    highest_percent: Decimal
    ceiling_fen: dict[int, int]
    open_fen: dict[int, int]
    target_price: float
    unit_prices: dict[int, float]


@dataclass(frozen=True, slots=True)
class Binding:
    """One guard that stands in the way: what it holds, what could be cut more without it, what would suffice."""

    guard: str
    held_fen: int
    gain_fen: int
    may_loosen: bool
    suffices: str


@dataclass(frozen=True)
class Infeasible:
    """The target is out of reach by so much, and why."""

    target_fen: int
    maximum_fen: int
    bindings: tuple[Binding, ...]
    together: tuple[str, ...]
    """What would suffice together, where no single guard does."""
    loosest_fen: int
    """The most that can be cut when everything is loosened that lawfully may be."""

    @property
    def short_fen(self) -> int:
        """By how much."""
        return self.target_fen - self.maximum_fen


@dataclass(frozen=True)
class _Problem:
    lines: Sequence[CutLine]
    capacities: list[Capacity]
    weights: list[int]
    cells: list[Cell]
    members: list[list[int]]
    ceilings: dict[int, Ceiling]
    open_fen: dict[int, int]
    step_fen: int


def plan(
    lines: Sequence[CutLine], question: Question, *, progress: Progress | None = None
) -> Plan | Infeasible:
    """This will plan the cut, or say by how much the target is out of reach and which guards bind.

    :raises ValueError: the target is not positive.
    """
    if question.target_fen <= 0:
        raise ValueError("a cut needs a positive target")
    problem = _problem(lines, question)
    step = question.step_fen
    target = -(-question.target_fen // step)
    solution = None
    if target <= _most(problem):
        solution = optimum.solve(
            problem.cells,
            problem.ceilings,
            target=target,
            fair_percent=float(question.fair_percent),
            progress=progress,
        )
    if solution is None:
        return _infeasible(lines, question, problem)
    planned = _planned(problem, solution)
    by_unit: dict[int, int] = defaultdict(int)
    for item in planned:
        by_unit[item.line.unit_id] += item.cut_fen
    rates = [Decimal(cut * 100) / problem.open_fen[unit] for unit, cut in by_unit.items() if cut]
    return Plan(
        planned=tuple(planned),
        target_fen=question.target_fen,
        total_fen=sum(item.cut_fen for item in planned),
        maximum_fen=_most(problem) * step,
        harm=sum(item.weight * item.cut_fen for item in planned),
        highest_percent=max(rates, default=Decimal(0)),
        ceiling_fen={unit: ceiling.most * step for unit, ceiling in problem.ceilings.items()},
        open_fen=problem.open_fen,
        target_price=solution.target_price,
        unit_prices=solution.unit_prices,
    )


def maximum_fen(lines: Sequence[CutLine], question: Question) -> int:
    """The most that can be cut under the guards."""
    return _reached(Reach(lines), question)


def _reached(reach: Reach, question: Question) -> int:
    return reach.most_fen(
        question.guards, step_fen=question.step_fen, minimum_percent=question.minimum_percent
    )


def _most(problem: _Problem) -> int:
    return optimum.maximum(problem.cells, problem.ceilings)


def _problem(lines: Sequence[CutLine], question: Question) -> _Problem:
    """Lines into cells: one per unit and weight, one per project that may be cut whole."""
    guards, step = question.guards, question.step_fen
    capacities = [capacity(line, guards) for line in lines]
    weights = [question.weigh(line) for line in lines]
    open_fen: dict[int, int] = defaultdict(int)
    for line, held in zip(lines, capacities, strict=True):
        open_fen[line.unit_id] += line.base_fen if held.is_open else 0
    capacities = _viable(lines, capacities, question)
    whole_of = _whole_projects(lines, capacities) if question.minimum_percent is not None else {}
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, (line, held) in enumerate(zip(lines, capacities, strict=True)):
        if index in whole_of:
            groups[(line.unit_id, weights[whole_of[index]], whole_of[index] + 1)].append(index)
        elif held.cap_fen:
            groups[(line.unit_id, weights[index], 0)].append(index)
    cells = [
        _cell(key, [capacities[i].cap_fen for i in members], question) for key, members in groups.items()
    ]
    percent = Decimal(100) if UNIT in guards.lifted else guards.unit_percent
    ceilings = {unit: Ceiling(part(base, percent) // step, base // step) for unit, base in open_fen.items()}
    return _Problem(lines, capacities, weights, cells, list(groups.values()), ceilings, dict(open_fen), step)


def _whole_projects(lines: Sequence[CutLine], capacities: list[Capacity]) -> dict[int, int]:
    """The lines of projects that may be cut whole, with the first line of their project."""
    members: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        members[(line.unit_id, line.project_id if line.project_id is not None else -1 - index)].append(index)
    return {
        index: found[0]
        for found in members.values()
        if all(_may_go_whole(lines[i], capacities[i]) for i in found)
        for index in found
    }


def _may_go_whole(line: CutLine, held: Capacity) -> bool:
    return held.is_open and held.cap_fen == line.base_fen > 0


def _viable(lines: Sequence[CutLine], capacities: list[Capacity], question: Question) -> list[Capacity]:
    """Where a project may not be starved: what cannot be cut whole keeps its viable minimum."""
    if question.minimum_percent is None:
        return capacities
    whole = _whole_projects(lines, capacities)
    out = []
    for index, (line, held) in enumerate(zip(lines, capacities, strict=True)):
        most = line.base_fen - _rounded_up(line.base_fen, question.minimum_percent)
        if index not in whole and held.cap_fen > most:
            held = replace(held, cap_fen=most, bound_by=VIABLE)
        out.append(held)
    return out


def _rounded_up(amount_fen: int, percent: Decimal) -> int:
    return -part(-amount_fen, percent)


def _cell(key: tuple[int, ...], caps_fen: list[int], question: Question) -> Cell:
    step = question.step_fen
    most = sum(cap // step for cap in caps_fen)
    if key[2] and question.minimum_percent is not None:
        base = sum(caps_fen)
        return Cell(
            key[0], key[1], (base - _rounded_up(base, question.minimum_percent)) // step, whole=base // step
        )
    return Cell(key[0], key[1], most)


def _planned(problem: _Problem, solution: optimum.Solution) -> list[Planned]:
    cut_fen = [0] * len(problem.lines)
    whole: set[int] = set()
    for index, members in enumerate(problem.members):
        if index in solution.whole:
            for member in members:
                cut_fen[member] = problem.lines[member].base_fen
            whole.update(members)
            continue
        room = [problem.capacities[i].cap_fen // problem.step_fen for i in members]
        for member, share in zip(members, spread(solution.cut[index], room), strict=True):
            cut_fen[member] = share * problem.step_fen
    return [
        Planned(line, held, weight, cut, index in whole)
        for index, (line, held, weight, cut) in enumerate(
            zip(problem.lines, problem.capacities, problem.weights, cut_fen, strict=True)
        )
    ]


def _infeasible(lines: Sequence[CutLine], question: Question, problem: _Problem) -> Infeasible:
    """What each guard holds, and what lifting it alone would give."""
    reach = Reach(lines)
    loose_fen = _most(problem) * question.step_fen
    exact = optimum.maximum_with_whole(problem.cells, problem.ceilings)
    most_fen = min(exact * question.step_fen, loose_fen)
    target_fen = question.target_fen
    held: dict[str, int] = defaultdict(int)
    for line, limit in zip(lines, problem.capacities, strict=True):
        if limit.bound_by:
            held[limit.bound_by] += line.base_fen - limit.cap_fen
    capped = defaultdict(int)
    for cell in problem.cells:
        capped[cell.unit] += max(cell.capacity, cell.whole)
    held[UNIT] = sum(
        max(0, total - problem.ceilings[unit].most) * question.step_fen for unit, total in capped.items()
    )
    bindings = []
    for guard in GUARD_LABELS:
        if not held.get(guard):
            continue
        gain = _reached(reach, _lifted(question, guard)) - loose_fen
        may_loosen = guard in LIFTABLE
        suffices = _suffices(reach, question, guard) if may_loosen and loose_fen + gain >= target_fen else ""
        bindings.append(Binding(guard, held[guard], gain, may_loosen, suffices))
    order = {guard: number for number, guard in enumerate(LIFTABLE)}
    bindings.sort(key=lambda item: (not item.may_loosen, order.get(item.guard, 99), -item.gain_fen))
    together, loosest_fen = _together(reach, question)
    if any(item.suffices for item in bindings):
        together = ()
    elif loose_fen >= target_fen:
        together = ("不再要求项目保留最低金额",)
    return Infeasible(target_fen, most_fen, tuple(bindings), together, loosest_fen)


def _together(reach: Reach, question: Question) -> tuple[tuple[str, ...], int]:
    """This will lift what may be loosened one after the other, each time the first that gives anything, until the target
    is within reach; the last one only as far as needed. Empty: not even all of them suffice.

    :returns: the words, and the most that can be cut with everything loosened.
    """
    everything = question
    for guard in LIFTABLE:
        everything = _lifted(everything, guard)
    loosest = _reached(reach, everything)
    words: list[str] = []
    left, most = list(LIFTABLE), _reached(reach, question)
    while most < question.target_fen <= loosest:
        reached = {guard: _reached(reach, _lifted(question, guard)) for guard in left}
        guard = next((guard for guard in left if reached[guard] > most), left[0])
        before, question, most = question, _lifted(question, guard), reached[guard]
        left.remove(guard)
        word = f"放开“{GUARD_LABELS[guard]}”"
        if most >= question.target_fen and guard != CONTRACT:
            word = _suffices(reach, before, guard) or word
        words.append(word)
    return tuple(words), loosest


def _lifted(question: Question, guard: str) -> Question:
    if guard == VIABLE:
        return replace(question, minimum_percent=None)
    return replace(question, guards=question.guards.without(guard))


def _suffices(reach: Reach, question: Question, guard: str) -> str:
    """How far this guard alone would have to be loosened, in Chinese; tenths of a per cent."""
    guards = question.guards

    def reaches(tenths: int) -> bool:
        loosened = _loosened(guards, guard, Decimal(tenths) / 10)
        return _reached(reach, replace(question, guards=loosened)) >= question.target_fen

    if guard == CONTRACT:
        return "与合同方协商变更后，才能压到已签合同的部分"
    if guard == VIABLE:
        return "不再要求项目保留最低金额"
    low, high = 0, 1000
    if reaches(low) or not reaches(high):  # at 0 already: only whole projects stand in the way
        return ""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle + 1, high)
    shown = f"{Decimal(high) / 10:f}"
    if guard == UNIT:
        return f"单位压减上限由 {guards.unit_percent:f}% 放宽到 {shown}%"
    if guard == UPPER:
        return f"上级专项的压减上限由 {guards.upper_percent:f}% 放宽到 {shown}%（须经上级同意）"
    return f"各绩效等级的压减上限统一提高 {shown} 个百分点"


def _loosened(guards: Guards, guard: str, percent: Decimal) -> Guards:
    if guard == UNIT:
        return replace(guards, unit_percent=max(guards.unit_percent, percent))
    if guard == UPPER:
        return replace(guards, upper_percent=max(guards.upper_percent, percent))
    raised = {grade: min(Decimal(100), value + percent) for grade, value in guards.grade_percent.items()}
    return replace(guards, grade_percent=raised)
