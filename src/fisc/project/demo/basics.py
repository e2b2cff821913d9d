"""Basic data of every unit and year (staff, retirees, vehicles, pupils) and the standards money follows from it.

Salaries, running costs and the money per pupil are quantity × standard, so the plan asks for exactly what the
product works out from the same basic data and its table of standards (a test compares the two). All numbers are
invented; the raises per pupil of compulsory school, 50 yuan in 2022 and 150 yuan in 2023, are the seed's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fisc.project.demo import district

# Function item of a school → its level and its pupils per member of staff.
_LEVELS: Mapping[str, tuple[str, float]] = {
    "2050201": ("preschool", 9.0),
    "2050202": ("primary", 17.0),
    "2050203": ("junior", 12.5),
    "2050204": ("senior", 11.0),
    "2050302": ("senior", 12.0),
    "2050701": ("special", 3.0),
}
COMPULSORY = frozenset({"primary", "junior", "special"})

# School level → yuan per pupil in 2021, 2022 and 2023.
PUPIL_COST: Mapping[str, tuple[int, int, int]] = {
    "preschool": (600, 600, 600),
    "primary": (800, 850, 1000),
    "junior": (1000, 1050, 1200),
    "senior": (1400, 1400, 1400),
    "special": (7000, 7000, 7000),
}
# Kind of unit → economic item → yuan per head and year.
PERSONNEL_COST: Mapping[str, Mapping[str, int]] = {
    "administrative": {
        "30101": 42_000, "30102": 66_000, "30103": 3_500, "30108": 17_280, "30109": 8_640, "30110": 8_640,
        "30113": 12_960,
    },
    "institution": {
        "30101": 45_600, "30107": 62_400, "30108": 17_280, "30109": 8_640, "30110": 8_640, "30113": 12_960,
    },
}  # fmt: skip
RETIREE_ITEM, RETIREE_COST = "30302", 2_400
HEAD_COST: Mapping[str, int] = {"administrative": 15_000, "institution": 8_000}  # 公用定额
CAR_ITEM, VEHICLE_COST = "30231", 25_000
RECEPTION_ITEM = "30217"

# How the money per head or per pupil is spread over the items, in thousandths; 30201 takes the remainder.
_HEAD_SPREAD: Mapping[str, int] = {
    "30201": 165, "30202": 40, "30206": 124, "30207": 68, "30211": 140, "30213": 135, "30216": 51, "30226": 108,
    "30228": 84, RECEPTION_ITEM: 17, "30299": 68,
}  # fmt: skip
_RECEPTION_2023 = 15
_PUPIL_SPREAD: Mapping[str, int] = {
    "30201": 200, "30202": 60, "30206": 150, "30207": 50, "30211": 60, "30213": 220, "30216": 80, "30226": 100,
    "30228": 40, "30299": 40,
}  # fmt: skip
_LARGEST_FLEET = 400


@dataclass(frozen=True)
class UnitBasics:
    """What a unit reports of itself before the budget of a year is prepared."""

    unit_code: str
    unit_kind: str  # administrative | institution
    year: int
    staff: int
    posts: int
    retirees: int
    vehicles: int
    vehicle_posts: int
    level: str
    pupils: int

    def figures(self) -> dict[str, int]:
        """The report's numbers by measure; what a unit does not have is left out."""
        of_kind = "admin" if self.unit_kind == "administrative" else "career"
        all_figures = {
            f"posts_{of_kind}": self.posts,
            f"staff_{of_kind}": self.staff,
            "retirees": self.retirees,
            "vehicle_posts": self.vehicle_posts,
            "vehicles": self.vehicles,
        }
        if self.level:
            all_figures |= {f"pupils_{self.level}": self.pupils, f"registered_{self.level}": self.pupils}
        return {measure: number for measure, number in all_figures.items() if number}


def of_unit(unit: district.PlanUnit, year: int) -> UnitBasics:
    """This function will give the basic data of one unit in one year; its staff does not change in the plan."""
    level, ratio = (
        _LEVELS.get(unit.function_code, ("", 0.0)) if unit.unit_kind == "institution" else ("", 0.0)
    )
    vehicles = 0 if level else max(unit.staff // 25, 1) - (year > 2022 and unit.staff > _LARGEST_FLEET)
    grown = unit.staff // 4 * (year - 2022) if level in COMPULSORY else 0
    return UnitBasics(
        unit_code=unit.code,
        unit_kind=unit.unit_kind,
        year=year,
        staff=unit.staff,
        posts=unit.staff + unit.staff // 15,
        retirees=unit.staff * (31 + (year - 2022) * 2) // 100,
        vehicles=vehicles,
        vehicle_posts=0 if level else vehicles + 1,
        level=level,
        pupils=int(unit.staff * ratio) + grown,
    )


def pupil_cost(level: str, year: int) -> int:
    """This function will give the yuan per pupil of a school level in a year."""
    return PUPIL_COST[level][min(year, 2023) - 2021]


def personnel_fen(facts: UnitBasics) -> dict[str, int]:
    """This function will give a year's need by economic item of salaries, contributions and pensioners, in 分."""
    per_head = {code: facts.staff * yuan * 100 for code, yuan in PERSONNEL_COST[facts.unit_kind].items()}
    return {**per_head, **({RETIREE_ITEM: facts.retirees * RETIREE_COST * 100} if facts.retirees else {})}


def running_fen(facts: UnitBasics) -> dict[str, int]:
    """This function will give a year's running costs by economic item in 分; schools live on the money per pupil."""
    if facts.level:
        return _spread(facts.pupils * pupil_cost(facts.level, facts.year) * 100, _PUPIL_SPREAD)
    spread = _HEAD_SPREAD if facts.year <= 2022 else {**_HEAD_SPREAD, RECEPTION_ITEM: _RECEPTION_2023}
    amounts = _spread(facts.staff * HEAD_COST[facts.unit_kind] * 100, spread)
    return {**amounts, CAR_ITEM: facts.vehicles * VEHICLE_COST * 100}


def _spread(total_fen: int, spread: Mapping[str, int]) -> dict[str, int]:
    """Thousandths of the total, in whole 元; the first item takes the remainder."""
    parts = {code: total_fen * share // 100_000 * 100 for code, share in spread.items()}
    parts["30201"] += total_fen - sum(parts.values())
    return parts
