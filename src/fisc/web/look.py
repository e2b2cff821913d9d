"""What a reader chose for their screen: theme, money unit, density, year. Kept in cookies, checked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from fisc.base.money import UNIT_NAMES, Unit

THEMES = ("auto", "light", "dark")
DENSITIES = (("tight", "紧凑"), ("std", "标准"), ("wide", "宽松"))
UNITS: tuple[Unit, ...] = get_args(Unit)


@dataclass(frozen=True)
class Look:
    """The choices of one request."""

    theme: str = "auto"
    unit: Unit = "yuan"
    density: str = "std"
    year: int | None = None

    @property
    def unit_name(self) -> str:
        """元, 万元, 亿元."""
        return UNIT_NAMES[self.unit]


def read_look(cookies: Mapping[str, str]) -> Look:
    """This will read the cookies; anything unknown falls back to the default."""
    unit, year = cookies.get("unit", ""), cookies.get("year", "")
    return Look(
        theme=cookies["theme"] if cookies.get("theme") in THEMES else "auto",
        unit=unit if unit in UNITS else "yuan",  # type: ignore[arg-type]
        density=cookies["density"] if cookies.get("density") in dict(DENSITIES) else "std",
        year=int(year) if year.isdigit() and 2000 <= int(year) <= 2100 else None,
    )
