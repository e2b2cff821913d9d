"""The tree of budget units as reports show it: first-level units (主管部门) and what is below them; one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fisc.kernel.orgs.models import Unit


@dataclass(frozen=True)
class UnitTree:
    """All units by id: (code, name, parent id)."""

    units: dict[int, tuple[str, str, int | None]]
    by_parent: dict[int | None, tuple[int, ...]]

    def code(self, number: int) -> str:
        """The unit's code."""
        return self.units.get(number, (str(number), "", None))[0]

    def name(self, number: int) -> str:
        """The unit's name."""
        return self.units.get(number, ("", f"单位 {number}", None))[1]

    def has_children(self, number: int) -> bool:
        """Whether there are units below it."""
        return number in self.by_parent

    def department(self, number: int) -> int:
        """The first-level unit above (or the unit itself)."""
        while (parent := self.units.get(number, ("", "", None))[2]) is not None:
            number = parent
        return number

    def below(self, number: int) -> tuple[int, ...]:
        """The unit and all units below it."""
        found, stack = [], [number]
        while stack:
            unit = stack.pop()
            found.append(unit)
            stack.extend(self.by_parent.get(unit, ()))
        return tuple(sorted(found))

    def in_order(self, numbers: Iterable[int]) -> list[int]:
        """The units by code."""
        return sorted(numbers, key=lambda number: (self.code(number), number))


def unit_tree() -> UnitTree:
    """This will read the tree."""
    rows = Unit.objects.order_by("code").values_list("id", "code", "name", "parent_id")
    units: dict[int, tuple[str, str, int | None]] = {
        number: (code, name, parent) for number, code, name, parent in rows
    }
    by_parent: dict[int | None, tuple[int, ...]] = {}
    for number, (_, _, parent) in units.items():
        if parent is not None:
            by_parent[parent] = (*by_parent.get(parent, ()), number)
    return UnitTree(units=units, by_parent=by_parent)
