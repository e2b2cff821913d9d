"""How much can be cut at most under some guards: the rules of `lines.capacity` over arrays, for asking many times. Pure.

A test holds it to the line-by-line rules. Percentages have at most two decimals, so that products stay within 64 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from fisc.domains.scenarios.lines import (
    BOND,
    CONTRACT,
    GUARANTEE,
    LOCKED,
    PRIORITY,
    RIGID,
    SPENT,
    UNIT,
    UPPER,
    CutLine,
    Guards,
)


class Reach:
    """The lines as arrays; amounts in 分."""

    def __init__(self, lines: Sequence[CutLine]) -> None:
        def amounts(name: str) -> Any:
            return np.array([getattr(line, name) for line in lines], dtype=np.int64)

        def marks(name: str) -> Any:
            return np.array([bool(getattr(line, name)) for line in lines], dtype=bool)

        self.base, self.spent, self.contract = (
            amounts("base_fen"),
            amounts("spent_fen"),
            amounts("contract_fen"),
        )
        self.is_upper = marks("is_upper")
        self.shut = (
            (GUARANTEE, marks("is_guarantee")),
            (BOND, marks("is_bond_money")),
            (RIGID, np.array([line.nature == "rigid" for line in lines], dtype=bool)),
            (PRIORITY, np.array([line.nature == "priority" for line in lines], dtype=bool)),
            (LOCKED, marks("is_locked")),
        )
        self.grades = sorted({line.grade for line in lines})
        place = {grade: number for number, grade in enumerate(self.grades)}
        self.grade = np.array([place[line.grade] for line in lines], dtype=np.int64)
        self.units, self.unit = np.unique(amounts("unit_id"), return_inverse=True)
        keys: dict[tuple[int, int], int] = {}
        self.project = np.array(
            [
                keys.setdefault(
                    (line.unit_id, -1 - n if line.project_id is None else line.project_id), len(keys)
                )
                for n, line in enumerate(lines)
            ],
            dtype=np.int64,
        )
        self.project_unit = np.zeros(len(keys), dtype=np.int64)
        self.project_unit[self.project] = self.unit

    def most_fen(self, guards: Guards, *, step_fen: int, minimum_percent: Decimal | None) -> int:
        """The most that can be cut, in whole steps; a project that may go whole counts as a whole."""
        is_open, caps = self._caps(guards)
        total = np.zeros(len(self.units), dtype=np.int64)
        if minimum_percent is not None:
            whole = self._whole(is_open, caps)
            by_project = np.zeros(len(self.project_unit), dtype=np.int64)
            np.add.at(by_project, self.project[whole], caps[whole])
            np.add.at(total, self.project_unit, by_project // step_fen)
            kept = -_part(-self.base, minimum_percent)
            caps = np.where(whole, 0, np.minimum(caps, self.base - kept))
        np.add.at(total, self.unit, caps // step_fen)
        base = np.zeros(len(self.units), dtype=np.int64)
        np.add.at(base, self.unit, np.where(is_open, self.base, 0))
        percent = Decimal(100) if UNIT in guards.lifted else guards.unit_percent
        return int(np.minimum(total, _part(base, percent) // step_fen).sum()) * step_fen

    def _caps(self, guards: Guards) -> tuple[Any, Any]:
        shut = np.zeros(len(self.base), dtype=bool)
        for guard, marked in self.shut:
            if guards.holds(guard):
                shut |= marked
        caps = self.base.copy()
        gone = self.spent if guards.holds(SPENT) else np.zeros_like(self.spent)
        caps = np.minimum(caps, np.maximum(0, self.base - gone))
        if guards.holds(CONTRACT):
            caps = np.minimum(caps, np.maximum(0, self.base - gone - self.contract))
        if guards.holds(UPPER):
            if guards.upper_percent <= 0:
                shut |= self.is_upper
            caps = np.where(self.is_upper, np.minimum(caps, _part(self.base, guards.upper_percent)), caps)
        for number, grade in enumerate(self.grades):
            limit = _part(self.base, guards.grade_limit(grade))
            caps = np.where(self.grade == number, np.minimum(caps, limit), caps)
        return ~shut, np.where(shut, 0, caps)

    def _whole(self, is_open: Any, caps: Any) -> Any:
        """Lines of projects all of whose lines may go."""
        stays = ~(is_open & (caps == self.base) & (self.base > 0))
        held = np.zeros(len(self.project_unit), dtype=np.int64)
        np.add.at(held, self.project, stays.astype(np.int64))
        return held[self.project] == 0


def _part(amounts: Any, percent: Decimal) -> Any:
    """So many per cent, rounded down."""
    above, below = percent.as_integer_ratio()
    return amounts * above // (below * 100)
