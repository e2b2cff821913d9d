"""The many small projects of the units (其他运转类 and small 特定目标类): drawn from lists of what units really ask for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from fisc.project.demo import district

QUARTERS, HALVES, AUTUMN = (3, 6, 9, 12), (5, 11), (4, 9, 11)
LATE = (5, 7, 8)


@dataclass(frozen=True)
class SmallProject:
    """One small project of one unit: what it costs in the years it runs, in 元."""

    unit: district.PlanUnit
    name: str
    category: str  # operating | special
    function_code: str
    economic_code: str
    yuan: dict[int, int]
    months: tuple[int, ...]


@dataclass(frozen=True)
class _Kind:
    """One row of a list below. An empty function means the unit's own item for general affairs."""

    name: str
    economic_code: str
    yuan: int  # of a unit with 40 heads
    months: tuple[int, ...] = QUARTERS
    category: str = "operating"
    function_code: str = ""


_OFFICES = (
    _Kind("信息系统运维", "30213", 90_000),
    _Kind("办公用房物业管理", "30209", 160_000),
    _Kind("专项检查与督查", "30227", 80_000, HALVES),
    _Kind("业务培训", "30216", 60_000, HALVES),
    _Kind("办公设备更新", "31002", 70_000, AUTUMN),
    _Kind("档案整理与数字化", "30227", 90_000, AUTUMN, "special"),
    _Kind("法律顾问与内部审计", "30227", 50_000, HALVES),
    _Kind("政策宣传", "30202", 60_000, QUARTERS, "special"),
    _Kind("编外用工", "30226", 180_000),
    _Kind("专题会议", "30215", 30_000, HALVES),
    _Kind("课题调研与规划编制", "30227", 150_000, AUTUMN, "special"),
    _Kind("网络安全等级保护测评", "30227", 60_000, (6, 11), "special"),
    _Kind("业务用房修缮", "30213", 130_000, LATE, "special"),
    _Kind("公共服务窗口运行", "30226", 90_000),
)
_SCHOOLS = (
    _Kind("校园安保服务", "30226", 130_000),
    _Kind("校舍零星维修", "30213", 120_000, (7, 8, 12), "special"),
    _Kind("教学仪器设备更新", "31003", 150_000, AUTUMN, "special"),
    _Kind("图书补充", "31099", 50_000, HALVES, "special"),
    _Kind("课后服务", "30226", 140_000),
    _Kind("食堂设备改造", "31003", 90_000, (8, 11), "special"),
    _Kind("教师培训", "30216", 60_000, HALVES),
    _Kind("校园网络运维", "30213", 50_000),
    _Kind("体育场地维护", "30213", 80_000, (5, 8), "special"),
)
_HOSPITALS = (
    _Kind("医疗设备购置", "31003", 260_000, AUTUMN, "special"),
    _Kind("信息系统升级", "31007", 160_000, HALVES, "special"),
    _Kind("医疗废物处置", "30227", 60_000),
    _Kind("基层人才培养", "30216", 80_000, HALVES),
    _Kind("业务用房维修", "30213", 120_000, LATE, "special"),
    _Kind("救护车辆运行与保障", "30239", 70_000),
)
_TOWNS = (
    _Kind("村道维修", "31005", 320_000, (4, 6, 9, 11), "special", "2130142"),
    _Kind("防汛防台", "30218", 120_000, (4, 6, 8), "special", "2130314"),
    _Kind("食品安全协管", "30226", 60_000, QUARTERS, "special", "2013816"),
    _Kind("文化礼堂建设", "31006", 160_000, AUTUMN, "special", "2070109"),
    _Kind("垃圾分类", "30227", 140_000, QUARTERS, "special", "2120501"),
    _Kind("民兵训练与征兵", "30299", 50_000, (3, 9), "special", "2030607"),
    _Kind("安全生产检查", "30227", 70_000, QUARTERS, "special", "2240106"),
    _Kind("便民服务中心运行", "30226", 80_000),
    _Kind("小型水利设施维护", "30213", 130_000, (4, 7, 11), "special", "2130316"),
    _Kind("信息系统运维", "30213", 60_000),
)
# Asked for in the autumn, put off by the review: they wait in the library.
_PUT_OFF = (
    _Kind("业务用房装修改造", "31006", 900_000, (6, 11), "special"),
    _Kind("数字化应用场景开发", "31007", 600_000, (6, 11), "special"),
    _Kind("展示馆提升", "31006", 700_000, (6, 11), "special"),
    _Kind("宣传片制作", "30227", 200_000, (6, 11), "special"),
    _Kind("外出考察交流", "30211", 120_000, (6, 11), "special"),
)


def draw(rng: random.Random, units: Sequence[district.PlanUnit]) -> list[SmallProject]:
    """This function will draw the small projects of all units for 2022 and 2023."""
    return [project for unit in units for project in _of_unit(rng, unit)]


def put_off(rng: random.Random, units: Sequence[district.PlanUnit]) -> list[SmallProject]:
    """This function will draw the projects that were asked for and not arranged, half of them each year."""
    chosen = rng.sample([unit for unit in units if unit.kind != "unit"], 36)
    rows = []
    for number, unit in enumerate(chosen):
        kind = _PUT_OFF[number % len(_PUT_OFF)]
        rows.append(_project(rng, unit, kind, (2022,) if number % 2 else (2023,)))
    return rows


def _of_unit(rng: random.Random, unit: district.PlanUnit) -> list[SmallProject]:
    kinds = _kinds(unit)
    count = 5 if unit.kind == "town" else 2 if unit.staff < 22 else 3
    rows = []
    for kind in rng.sample(kinds, count):
        draw_of_years = rng.random()
        years = (2022, 2023) if draw_of_years < 0.72 else (2022,) if draw_of_years < 0.84 else (2023,)
        rows.append(_project(rng, unit, kind, years))
    return rows


def _kinds(unit: district.PlanUnit) -> tuple[_Kind, ...]:
    if unit.kind == "town":
        return _TOWNS
    if unit.function_code.startswith(("20502", "20503", "20507")):
        return _SCHOOLS
    if unit.function_code.startswith(("21002", "21003")):
        return _HOSPITALS
    return _OFFICES


def _project(
    rng: random.Random, unit: district.PlanUnit, kind: _Kind, years: tuple[int, ...]
) -> SmallProject:
    base = kind.yuan * (40 + min(unit.staff, 160)) // 80 * rng.randint(70, 130) // 100
    return SmallProject(
        unit=unit,
        name=f"{unit.short_name}{kind.name}",
        category=kind.category,
        function_code=kind.function_code or general_affairs(unit),
        economic_code=kind.economic_code,
        yuan={year: base * rng.randint(94, 106) // 100 // 100 * 100 for year in years},
        months=kind.months,
    )


def general_affairs(unit: district.PlanUnit) -> str:
    """This function will give the item 一般行政管理事务 beside an office's 行政运行, or the unit's own item."""
    code = unit.function_code
    return f"{code[:5]}02" if unit.unit_kind == "administrative" and code.endswith("01") else code
