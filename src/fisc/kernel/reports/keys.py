"""Which rows a level of a report has: codes, units or allotments in which something was booked, and what each adds up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fisc.kernel import codes
from fisc.kernel.metrics.evidence import document_heads
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.reports.spec import CODE_KINDS, DOCUMENT_PATH, Level, Path, ReportLayout, ReportQuery, Step
from fisc.kernel.reports.units import UnitTree, unit_tree

UNLISTED = "（未列科目）"


@dataclass(frozen=True)
class Key:
    """One row to be: its step, code and name, the narrowing of a figure request to it, which groups it adds up."""

    step: Step
    depth: int
    code: str
    name: str
    narrow: Callable[[FigureRequest], FigureRequest]
    takes: Callable[[object], bool]
    has_children: bool
    url: str | None = None


@dataclass(frozen=True)
class Amounts:
    """What was read: per leaf request the 分 by group. A leaf without any group has no data at all."""

    by_leaf: Mapping[FigureRequest, Mapping[object, int]]

    def of(self, takes: Callable[[object], bool]) -> dict[FigureRequest, int | None]:
        """The leaf values of one row."""
        return {
            leaf: sum(amount for group, amount in groups.items() if takes(group)) if groups else None
            for leaf, groups in self.by_leaf.items()
        }

    @property
    def groups(self) -> set[object]:
        """All groups in which something was booked."""
        return {group for groups in self.by_leaf.values() for group, amount in groups.items() if amount}


def keys_of(
    layout: ReportLayout, query: ReportQuery, path: Path, levels: Sequence[Level], amounts: Amounts
) -> list[Key]:
    """The rows of these levels (all of one kind), parents before their children."""
    kind = levels[0].kind
    if kind == "unit":
        return _unit_keys(layout, path, levels, amounts)
    if kind == "allotment":
        return _allotment_keys(layout, path, amounts)
    return _code_keys(layout, query, path, levels, amounts)


def _code_keys(
    layout: ReportLayout, query: ReportQuery, path: Path, levels: Sequence[Level], amounts: Amounts
) -> list[Key]:
    kind = levels[0].kind
    groups = sorted(str(group) for group in amounts.groups if group)
    wanted = {group[: level.length] for group in groups for level in levels}
    names = codes.names(
        kind=CODE_KINDS[kind],
        codes=wanted,
        year=query.year,
        fund=(query.fund or layout.fund) if kind != "economic" else None,
    )
    made: list[Key] = []
    seen: set[tuple[int, str]] = set()
    for group in groups:
        for offset, level in enumerate(levels):
            code = group[: level.length]
            if (offset, code) in seen or (offset and len(code) < level.length):
                continue
            seen.add((offset, code))
            made.append(_code_key(layout, kind, code, names.get(code, ""), len(path) + offset, level.length))
    if None in amounts.groups and not path:
        made.append(_unlisted_key(kind))
    return made


def _code_key(layout: ReportLayout, kind: str, code: str, name: str, depth: int, length: int) -> Key:
    return Key(
        step=Step(kind=kind, key=code),  # type: ignore[arg-type]
        depth=depth,
        code=code,
        name=name or "（代码表中无此科目）",
        narrow=lambda request: with_code(request, kind, code),
        takes=lambda group: group is not None and str(group).startswith(code),
        has_children=depth + 1 < len(layout.levels),
    )


def _unlisted_key(kind: str) -> Key:
    return Key(
        step=Step(kind=kind, key="-"),  # type: ignore[arg-type]
        depth=0,
        code="",
        name=UNLISTED,
        narrow=lambda request: request,
        takes=lambda group: group is None,
        has_children=False,
    )


def _unit_keys(layout: ReportLayout, path: Path, levels: Sequence[Level], amounts: Amounts) -> list[Key]:
    tree = unit_tree()
    ids = [group for group in amounts.groups if isinstance(group, int)]
    made: list[Key] = []
    shows_departments = is_department(layout, len(path))
    if not shows_departments:
        return [_unit_key(layout, tree, number, len(path), (number,)) for number in tree.in_order(ids)]
    for department in tree.in_order({tree.department(number) for number in ids}):
        below = tree.below(department)
        made.append(_unit_key(layout, tree, department, len(path), below))
        if len(levels) > 1:
            inside = tree.in_order(number for number in ids if number in set(below))
            made += [_unit_key(layout, tree, number, len(path) + 1, (number,)) for number in inside]
    return made


def _unit_key(layout: ReportLayout, tree: UnitTree, number: int, depth: int, ids: Sequence[int]) -> Key:
    members = frozenset(ids)
    own = "（本级）" if depth > 0 and tree.has_children(number) and len(members) == 1 else ""
    return Key(
        step=Step(kind="unit", key=str(number)),
        depth=depth,
        code=tree.code(number),
        name=tree.name(number) + own,
        narrow=lambda request: with_units(request, members),
        takes=lambda group: group in members,
        has_children=depth + 1 < len(layout.levels),
    )


def _allotment_keys(layout: ReportLayout, path: Path, amounts: Amounts) -> list[Key]:
    ids = sorted(group for group in amounts.groups if isinstance(group, int))
    heads = document_heads(ids)
    return [
        _allotment_key(layout, number, heads.get(number, (f"指标 {number}", "")), len(path)) for number in ids
    ]


def _allotment_key(layout: ReportLayout, number: int, head: tuple[str, str], depth: int) -> Key:
    return Key(
        step=Step(kind="allotment", key=str(number)),
        depth=depth,
        code=head[0],
        name=head[1],
        narrow=lambda request: replace(request, allotment_id=number),
        takes=lambda group: group == number,
        has_children=depth + 1 < len(layout.levels),
        url=f"{DOCUMENT_PATH}{number}/",
    )


def is_department(layout: ReportLayout, depth: int) -> bool:
    """Whether the unit level at that depth shows departments with all that is below them."""
    return depth + 1 < len(layout.levels) and layout.levels[depth + 1].kind == "unit"


def with_code(request: FigureRequest, kind: str, code: str) -> FigureRequest:
    narrowed: dict[str, Any] = {kind: code}
    return replace(request, **narrowed)


def with_units(request: FigureRequest, ids: Iterable[int]) -> FigureRequest:
    allowed = tuple(ids) if request.unit_ids is None else tuple(set(ids) & set(request.unit_ids))
    return replace(request, unit_ids=allowed)
