"""On which days of a month money comes and falls due, as data (codes/profiles.csv): day → weight. Pure.

A day that the month does not have falls on its last one.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

PROFILE_FILE = Path(__file__).parent / "codes" / "profiles.csv"
EVEN = "even"


@lru_cache(maxsize=1)
def _profiles() -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    with PROFILE_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["profile"], {})[int(row["day"])] = int(row["weight"])
    return found


@lru_cache(maxsize=256)
def day_weights(profile: str, days: int) -> tuple[int, ...]:
    """The weight of each day of a month of so many days; unknown profiles are even."""
    named = _profiles().get(profile)
    if named is None:
        return (1,) * days
    weights = [0] * days
    for day, weight in named.items():
        weights[min(day, days) - 1] += weight
    return tuple(weights)
