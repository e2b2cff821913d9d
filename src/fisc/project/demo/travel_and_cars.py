"""The four public items (三公): trips abroad and new cars are projects, receptions and car upkeep are running costs.

The budget of 2023 is 0.4 % below that of 2022; the new police cars take what is left of that total.
"""

from __future__ import annotations

from dataclasses import dataclass

from fisc.project.demo import basics, district

ITEMS = ("30212", "30217", "30231", "30913", "31013")
_DOWN_THOUSANDTHS = 4


@dataclass(frozen=True)
class PublicProject:
    """One trip or purchase project of one year."""

    unit: district.PlanUnit
    year: int
    serial: str
    name: str
    economic_code: str
    fen: int
    months: tuple[int, ...]


# unit, yuan in 2022 (borders were closed for half of it), yuan in 2023
_TRIPS = (
    ("区府办", 60_000, 160_000),
    ("区商务局", 80_000, 240_000),
    ("示范区管委会", 50_000, 180_000),
    ("区文广旅体局", 30_000, 100_000),
)
_CARS_2022 = (("公安分局", 1_260_000), ("区综合执法局", 540_000), ("区市场监管局", 360_000))
_CARS_2023 = (("区综合执法局", 180_000), ("区应急局", 200_000))
_POLICE = "公安分局"


def projects(units: list[district.PlanUnit]) -> list[PublicProject]:
    """This function will give all trip and car projects of both years."""
    named = {unit.short_name: unit for unit in units}
    trips = [
        PublicProject(named[name], year, "G01", f"{name}因公出国（境）", "30212", yuan * 100, months)
        for name, *amounts in _TRIPS
        for year, yuan, months in zip((2022, 2023), amounts, ((9, 11), (5, 10)), strict=True)
    ]
    cars = [_cars(named[name], 2022, yuan * 100) for name, yuan in _CARS_2022]
    cars += [_cars(named[name], 2023, yuan * 100) for name, yuan in _CARS_2023]
    before = total_fen(units, [*trips, *cars], 2022)
    wanted = before - before * _DOWN_THOUSANDTHS // 1000 // 100 * 100
    police = wanted - total_fen(units, [*trips, *cars], 2023)
    if police <= 0:
        raise ValueError(f"demo plan: nothing left for police cars ({police} fen)")
    return [*trips, *cars, _cars(named[_POLICE], 2023, police)]


def _cars(unit: district.PlanUnit, year: int, fen: int) -> PublicProject:
    return PublicProject(unit, year, "G02", f"{unit.short_name}公务用车更新", "31013", fen, (4,))


def total_fen(units: list[district.PlanUnit], rows: list[PublicProject], year: int) -> int:
    """This function will give the year's budget of all four items, in 分."""
    running = 0
    for unit in units:
        costs = basics.running_fen(basics.of_unit(unit, year))
        running += costs.get(basics.RECEPTION_ITEM, 0) + costs.get(basics.CAR_ITEM, 0)
    return running + sum(row.fen for row in rows if row.year == year)
