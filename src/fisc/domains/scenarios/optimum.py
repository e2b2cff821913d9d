"""The optimisation behind a cut plan: cells with capacities, a target, unit ceilings; HiGHS through SciPy. Pure.

A cell is what is interchangeable: lines of one unit with one weight (or one project, where it may be cut whole). Three
solves, one after the other: least weighted harm; then the smallest highest rate of any unit, with at most so much more
harm; then least harm again without losing that. Whole steps (元 or 万元) are restored exactly in integers, so neither
target nor capacity nor unit ceiling is missed by rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

MILP_SECONDS = 20.0
MILP_GAP = 1e-4
SLACK = 1e-7
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Cell:
    """So much may be cut from a unit at one weight, in steps; `whole` > 0: or all of it at once (then exactly that)."""

    unit: int
    weight: int
    capacity: int
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most one unit may lose, and the base its rate is counted on, in steps."""

    most: int
    base: int


@dataclass(frozen=True, slots=True)
class Solution:
    """Steps cut per cell; `whole`: those cut as a whole. Marginals: harm (hundredths) of one step more of the target, and
    harm saved by one step more of a unit's ceiling."""

    cut: tuple[int, ...]
    whole: frozenset[int]
    least_harm: int
    target_price: float
    unit_prices: dict[int, float]


def maximum(cells: Sequence[Cell], ceilings: dict[int, Ceiling]) -> int:
    """The most that can be cut: exact, but that a ceiling may fall between two whole projects."""
    by_unit: dict[int, int] = defaultdict(int)
    for cell in cells:
        by_unit[cell.unit] += max(cell.capacity, cell.whole)
    return sum(min(total, ceilings[unit].most) for unit, total in by_unit.items())


def maximum_with_whole(cells: Sequence[Cell], ceilings: dict[int, Ceiling]) -> int:
    """The most that can be cut when projects may be cut whole: what the search finds, counted exactly."""
    if not any(cell.whole for cell in cells):
        return maximum(cells, ceilings)
    shape = _Shape(cells, ceilings)
    gain = -np.array([1.0] * shape.count + [float(cell.whole) for cell in shape.wholes])
    chosen = shape.chosen(shape.mixed(gain, target=None))
    return _reach(cells, ceilings, chosen or set())


def solve(
    cells: Sequence[Cell],
    ceilings: dict[int, Ceiling],
    *,
    target: int,
    fair_percent: float,
    progress: Progress | None = None,
) -> Solution | None:
    """This will find the plan; None: the target cannot be met. Steps in, steps out."""
    tell = progress or _silent
    tell("选择整项取消的项目", 1, 5)
    whole = _whole_cells(cells, ceilings, target)
    if whole is None or target > _reach(cells, ceilings, whole):
        return None
    fixed = sum(cells[index].whole for index in whole)
    used: dict[int, int] = defaultdict(int)
    for index in whole:
        used[cells[index].unit] += cells[index].whole
    rest = [i for i, cell in enumerate(cells) if i not in whole and cell.capacity > 0]
    room = {unit: Ceiling(max(0, c.most - used[unit]), c.base) for unit, c in ceilings.items()}
    open_cells = [cells[i] for i in rest]
    wanted = max(0, target - fixed)
    steps, price, prices = _continuous(open_cells, room, wanted, used, fair_percent, tell)
    cut = [0] * len(cells)
    for index in whole:
        cut[index] = cells[index].whole
    for index, amount in zip(rest, restore(open_cells, room, steps, wanted), strict=True):
        cut[index] = amount
    harm = sum(cell.weight * amount for cell, amount in zip(cells, cut, strict=True))
    return Solution(tuple(cut), frozenset(whole), harm, price, prices)


def _silent(what: str, done: int, total: int | None) -> None:
    """Nobody watches."""


def _whole_cells(cells: Sequence[Cell], ceilings: dict[int, Ceiling], target: int) -> set[int] | None:
    """Which projects are cut whole for the least harm; None: the target is out of reach."""
    if not any(cell.whole for cell in cells):
        return set()
    shape = _Shape(cells, ceilings)
    harm = np.array(
        [cell.weight for cell in cells] + [cell.weight * cell.whole for cell in shape.wholes], float
    )
    for margin in (
        0,
        2 + target // 1_000_000,
    ):  # the search is exact to a millionth; the second try makes up for it
        chosen = shape.chosen(shape.mixed(harm, target=target + margin))
        if chosen is not None and target <= _reach(cells, ceilings, chosen):
            return chosen
    return None


def _reach(cells: Sequence[Cell], ceilings: dict[int, Ceiling], chosen: set[int]) -> int:
    """The most that can be cut when just these are cut whole: exact."""
    by_unit: dict[int, int] = defaultdict(int)
    fixed: dict[int, int] = defaultdict(int)
    for index, cell in enumerate(cells):
        if index in chosen:
            fixed[cell.unit] += cell.whole
        else:
            by_unit[cell.unit] += cell.capacity
    free = sum(min(total, max(0, ceilings[unit].most - fixed[unit])) for unit, total in by_unit.items())
    return sum(fixed.values()) + free


class _Shape:
    """The matrices of one problem, in a scale that keeps numbers near one."""

    def __init__(self, cells: Sequence[Cell], ceilings: dict[int, Ceiling]) -> None:
        self.cells, self.ceilings = cells, ceilings
        self.count = len(cells)
        self.scale = max(1.0, max((max(c.capacity, c.whole) for c in cells), default=1) / 1000)
        self.whole_indexes = [i for i, cell in enumerate(cells) if cell.whole]
        self.wholes = [cells[i] for i in self.whole_indexes]
        self.units = sorted({cell.unit for cell in cells})
        self.row_of = {unit: row for row, unit in enumerate(self.units)}

    @property
    def capacities(self) -> Any:
        """Most per cell, scaled."""
        return np.array([cell.capacity / self.scale for cell in self.cells])

    @property
    def weights(self) -> Any:
        """Harm per scaled step."""
        return np.array([float(cell.weight) for cell in self.cells])

    @property
    def mosts(self) -> Any:
        """Ceilings, scaled."""
        return np.array([self.ceilings[unit].most / self.scale for unit in self.units])

    def by_unit(self) -> csr_array:
        """Which cells add up to which unit."""
        rows = [self.row_of[cell.unit] for cell in self.cells]
        return coo_array(
            (np.ones(self.count), (rows, range(self.count))), shape=(len(self.units), self.count)
        ).tocsr()

    def chosen(self, found: Any) -> set[int] | None:
        """The cells that a search cuts whole; None: it found nothing."""
        if found.x is None:
            return None
        return {self.whole_indexes[i] for i, on in enumerate(found.x[self.count :]) if on > 0.5}

    def mixed(self, harm: Any, *, target: int | None) -> Any:
        """The problem with whole projects: c ≤ capacity·(1−k), Σ (c + whole·k) ≥ target, ceilings."""
        n, m = self.count, len(self.wholes)
        unit_wholes = coo_array(
            (
                [cell.whole / self.scale for cell in self.wholes],
                ([self.row_of[cell.unit] for cell in self.wholes], range(m)),
            ),
            shape=(len(self.units), m),
        )
        constraints = [LinearConstraint(hstack([self.by_unit(), unit_wholes]).tocsr(), -np.inf, self.mosts)]
        either = hstack(
            [
                coo_array((np.ones(m), (range(m), self.whole_indexes)), shape=(m, n)),
                coo_array(
                    ([cell.capacity / self.scale for cell in self.wholes], (range(m), range(m))), shape=(m, m)
                ),
            ]
        ).tocsr()
        constraints.append(
            LinearConstraint(either, -np.inf, np.array([cell.capacity / self.scale for cell in self.wholes]))
        )
        if target is not None:
            total = np.concatenate([np.ones(n), [cell.whole / self.scale for cell in self.wholes]])
            constraints.append(LinearConstraint(csr_array(total.reshape(1, -1)), target / self.scale, np.inf))
        costs = np.concatenate([harm[:n], np.asarray(harm[n:]) / self.scale])
        upper = np.concatenate([self.capacities, np.ones(m)])
        integrality = np.concatenate([np.zeros(n), np.ones(m)])
        return milp(
            costs, constraints=constraints, bounds=Bounds(0, upper), integrality=integrality,
            options={"time_limit": MILP_SECONDS, "mip_rel_gap": MILP_GAP},
        )  # fmt: skip


def _continuous(
    cells: Sequence[Cell],
    ceilings: dict[int, Ceiling],
    target: int,
    used: dict[int, int],
    fair_percent: float,
    tell: Progress,
) -> tuple[list[float], float, dict[int, float]]:
    """The three linear solves; amounts in steps."""
    if not cells or target == 0:
        return [0.0] * len(cells), 0.0, {}
    shape = _Shape(cells, ceilings)
    n, by_unit, weights = shape.count, shape.by_unit(), shape.weights
    bounds = np.column_stack([np.zeros(n), shape.capacities])
    wanted = np.array([target / shape.scale])
    ones = csr_array(np.ones((1, n)))
    tell("求加权影响最小", 2, 5)
    first = _linear(weights, by_unit, shape.mosts, ones, wanted, bounds)
    prices = {
        unit: -float(price)
        for unit, price in zip(shape.units, first.ineqlin.marginals, strict=True)
        if price < -1e-9
    }
    tell("求单位之间最均衡", 3, 5)
    harm = float(first.fun)
    bases = np.array([max(1, ceilings[unit].base) / shape.scale for unit in shape.units])
    spent = np.array([used.get(unit, 0) / shape.scale for unit in shape.units])
    rates = hstack([by_unit, csr_array(-bases.reshape(-1, 1))])
    ceiling_rows = hstack([by_unit, csr_array((len(shape.units), 1))])
    harm_row = hstack([csr_array(weights.reshape(1, -1)), csr_array((1, 1))])
    limit = harm * (1 + fair_percent / 100) * (1 + SLACK) + SLACK
    sides = vstack([rates, ceiling_rows, harm_row]).tocsr()
    right = np.concatenate([-spent, shape.mosts, [limit]])
    with_rate = np.vstack([bounds, [0.0, np.inf]])
    total = hstack([ones, csr_array((1, 1))]).tocsr()
    second = _linear(np.concatenate([np.zeros(n), [1.0]]), sides, right, total, wanted, with_rate)
    tell("在均衡之下再求影响最小", 4, 5)
    with_rate[-1] = [0.0, float(second.fun) * (1 + 1e-6) + 1e-7]
    third = _linear(np.concatenate([weights, [0.0]]), sides, right, total, wanted, with_rate)
    return [float(value) * shape.scale for value in third.x[:n]], float(first.eqlin.marginals[0]), prices


def _linear(cost: Any, a_ub: Any, b_ub: Any, a_eq: Any, b_eq: Any, bounds: Any) -> Any:
    """One linear problem. :raises RuntimeError: HiGHS fails though the target is known to be within reach."""
    found = linprog(cost, A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=bounds, method="highs")
    if found.x is None:
        raise RuntimeError(f"linear programme without an answer: {found.message}")
    return found


def restore(
    cells: Sequence[Cell], ceilings: dict[int, Ceiling], steps: Sequence[float], target: int
) -> list[int]:
    """This will make whole steps of a solution: every cell within its capacity, every unit within its ceiling, the sum
    exactly the target (which must be within `maximum`)."""
    cut = [min(cell.capacity, max(0, int(value + 1e-6))) for cell, value in zip(cells, steps, strict=True)]
    room = {unit: ceiling.most for unit, ceiling in ceilings.items()}
    for index, cell in enumerate(cells):
        cut[index] = min(cut[index], room[cell.unit])
        room[cell.unit] -= cut[index]
    missing = target - sum(cut)
    if missing > 0:  # first those whose fraction was lost, then the least harmful
        order = sorted(
            range(len(cells)), key=lambda i: (-round(max(0.0, steps[i] - cut[i]), 6), cells[i].weight, i)
        )
        for most in (1, None):
            for index in order:
                cell = cells[index]
                more = min(missing, cell.capacity - cut[index], room[cell.unit])
                more = min(more, most) if most and steps[index] > cut[index] else (0 if most else more)
                cut[index] += more
                room[cell.unit] -= more
                missing -= more
    elif missing < 0:
        for index in sorted(range(len(cells)), key=lambda i: (-cells[i].weight, i)):
            less = min(-missing, cut[index])
            cut[index] -= less
            missing += less
    return cut
