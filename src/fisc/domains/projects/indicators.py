"""绩效指标 as text and as rows, and the lint that finds what cannot be measured. Pure.

One line of text is one indicator: 一级|二级|指标|符号|指标值|计量单位|权重.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from fisc.base.errors import BadInput
from fisc.base.text import clean
from fisc.domains.projects.models import Indicator

FIELDS = ("level1", "level2", "name", "direction", "target", "measure", "weight")
LEVELS = {
    **{label: value for value, label in Indicator.Level.choices},
    "产出指标": "output", "成本": "output", "成本指标": "output", "效益指标": "benefit", "满意度指标": "satisfaction",
}  # fmt: skip
DIRECTIONS = {
    **{label: value for value, label in Indicator.Direction.choices},
    ">=": "ge", ">": "ge", "<=": "le", "<": "le", "＝": "eq", "≧": "ge", "≦": "le",
}  # fmt: skip
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
FULL_WEIGHT = Decimal(100)


def parse(text: str) -> list[dict[str, Any]]:
    """This function will read indicators from lines (or parts between “；”). :raises BadInput: naming the line."""
    lines = [line for line in re.split(r"[；;\n\r]+", text) if clean(line)]
    return [_read(line, number) for number, line in enumerate(lines, start=1)]


def _read(line: str, number: int) -> dict[str, Any]:
    parts = [clean(part) for part in re.split(r"[|｜\t]", line)]
    if len(parts) != len(FIELDS):
        raise BadInput.of(
            "projects.indicator_line",
            "绩效指标第 {number} 行应有七段，用“|”分开：一级|二级|指标|符号|指标值|计量单位|权重。",
            number=number,
        )
    return typed(dict(zip(FIELDS, parts, strict=True)), number)


def typed(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """This function will turn words into values. :raises BadInput: naming the row and what it should be."""
    numbered = {"row_no": row["row_no"]} if row.get("row_no") else {}
    given = {key: row.get(key) for key in FIELDS}
    values = {key: clean(str(value)) if value is not None else "" for key, value in given.items()}
    level = LEVELS.get(values["level1"], values["level1"])
    direction = DIRECTIONS.get(values["direction"], values["direction"] or "ge")
    if level not in Indicator.Level.values:
        raise _bad(number, "一级指标应为产出、效益或满意度")
    if direction not in Indicator.Direction.values:
        raise _bad(number, "符号应为 ≥、≤、= 或 定性")
    if not values["name"]:
        raise _bad(number, "没有指标名称")
    weight = _weight(values["weight"], number)
    return {**values, **numbered, "level1": level, "direction": direction, "weight": weight}


def _weight(text: str, number: int) -> Decimal:
    try:
        weight = Decimal(text.rstrip("%") or "0")
    except InvalidOperation:
        raise _bad(number, "权重应为数字") from None
    if not (weight.is_finite() and 0 <= weight <= FULL_WEIGHT):
        raise _bad(number, "权重应在0到100之间")
    return weight


def _bad(number: int, what: str) -> BadInput:
    return BadInput.of("projects.indicator", "绩效指标第 {number} 行：{what}。", number=number, what=what)


def refuse_twice(rows: Sequence[Mapping[str, Any]]) -> None:
    """:raises BadInput: two indicators of one project have one name."""
    names = [row["name"] for row in rows]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadInput.of("projects.indicator_twice", "绩效指标“{name}”出现两次。", name=twice)


def as_text(rows: Iterable[Indicator]) -> str:
    """This function will write indicators as lines that `parse` reads again."""
    return "\n".join(
        "|".join(
            (
                row.get_level1_display(),
                row.level2,
                row.name,
                row.get_direction_display(),
                row.target,
                row.measure,
                f"{row.weight.normalize():f}",
            )
        )
        for row in rows
    )


def why_unmeasurable(*, direction: str, target: str, measure: str) -> str:
    """Why an indicator cannot be measured, in a few words; "" when it can (the same test as v_project_facts)."""
    if not target:
        return "没有指标值"
    if direction == "graded":
        return ""
    if not NUMBER.fullmatch(target):
        return "指标值不是数字"
    return "" if measure else "没有计量单位"
