"""What a unit counts every year (数量口径): people, vehicles, floor area, pupils by school level. Pure.

A standard names one measure; quantity of that measure × standard = need. `staff` is derived: all people in post.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Group = Literal["人员", "车辆房屋", "学生"]
STAFF = "staff"
MOST = 10_000_000
"""No unit has more of anything; a larger number is a slip of the pen."""


@dataclass(frozen=True)
class Measure:
    """One number of the 基础信息表; `registered` is the measure that holds the 学籍 number of a school level."""

    code: str
    name: str
    unit: str
    group: Group
    registered: str = ""
    level: str = ""

    @property
    def head(self) -> str:
        """Name and unit, as a column head says it."""
        return f"{self.name}（{self.unit}）"


_LEVELS = (
    ("preschool", "幼儿园"),
    ("primary", "小学"),
    ("junior", "初中"),
    ("senior", "高中职高"),
    ("special", "特教"),
)
PUPILS: tuple[str, ...] = tuple(f"pupils_{code}" for code, _ in _LEVELS)
REGISTERED: tuple[str, ...] = tuple(f"registered_{code}" for code, _ in _LEVELS)
COMPULSORY: tuple[str, ...] = ("pupils_primary", "pupils_junior")
"""学段 whose small schools count as having the least number of pupils."""

MEASURES: tuple[Measure, ...] = (
    Measure("posts_admin", "行政编制", "人", "人员"),
    Measure("staff_admin", "行政在职", "人", "人员"),
    Measure("posts_career", "事业编制", "人", "人员"),
    Measure("staff_career", "事业在职", "人", "人员"),
    Measure("retirees", "离退休", "人", "人员"),
    Measure("vehicle_posts", "公车编制", "辆", "车辆房屋"),
    Measure("vehicles", "公车实有", "辆", "车辆房屋"),
    Measure("area", "房屋面积", "㎡", "车辆房屋"),
    *(
        one
        for code, name in _LEVELS
        for one in (
            Measure(f"pupils_{code}", f"{name}学生", "人", "学生", f"registered_{code}", name),
            Measure(f"registered_{code}", f"{name}学籍", "人", "学生", level=name),
        )
    ),
    Measure("boarders", "寄宿生", "人", "学生"),
)
BY_CODE: dict[str, Measure] = {measure.code: measure for measure in MEASURES}
CHOICES: tuple[tuple[str, str], ...] = (
    *((measure.code, measure.name) for measure in MEASURES),
    (STAFF, "在职人员"),
)
NAMES: dict[str, str] = dict(CHOICES)
UNITS: dict[str, str] = {**{measure.code: measure.unit for measure in MEASURES}, STAFF: "人"}


def staff_of(figures: Mapping[str, int]) -> int:
    """All people in post."""
    return figures.get("staff_admin", 0) + figures.get("staff_career", 0)


def is_school(figures: Mapping[str, int]) -> bool:
    """A unit with pupils is a school: it lives on 生均公用经费, not on 公用定额."""
    return any(figures.get(code, 0) > 0 for code in PUPILS)
