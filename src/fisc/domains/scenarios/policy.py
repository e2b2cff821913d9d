"""The desk's numbers with their dates: most that may be cut by grade, weights, limits (codes/policy.csv). Pure.

Every number is shown in the form and may be changed for one scenario; what was used is kept with the scenario.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

POLICY_FILE = Path(__file__).parent / "codes" / "policy.csv"
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of the policy with the days it is valid."""

    table: str
    key: str
    value: Decimal
    valid_from: date
    valid_to: date | None
    basis: str

    def is_valid(self, on: date) -> bool:
        """Whether it counts on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of one day. Percentages are whole or decimal per cent, weights plain factors."""

    grade_percent: dict[str, Decimal]
    nature_weight: dict[str, Decimal]
    grade_weight: dict[str, Decimal]
    category_weight: dict[str, Decimal]
    rank_weight: tuple[tuple[int, Decimal], ...]
    limits: dict[str, Decimal]

    def weight(self, *, nature: str, grade: str, category: str, rank: int) -> int:
        """This will give the harm of cutting one 元, in hundredths: nature × grade × category × rank."""
        factor = (
            self.nature_weight.get(nature, Decimal(1))
            * self.grade_weight.get(grade, self.grade_weight.get("", Decimal(1)))
            * self.category_weight.get(category, Decimal(1))
            * self._rank(rank)
        )
        return max(1, int((factor * HUNDRED).to_integral_value()))

    def _rank(self, rank: int) -> Decimal:
        for upto, factor in self.rank_weight:
            if 0 < rank <= upto:
                return factor
        return Decimal(1)

    def plain(self) -> dict[str, Any]:
        """The weights as plain text values, to be kept with a scenario."""
        return {
            "nature": {key: str(value) for key, value in self.nature_weight.items()},
            "grade": {key: str(value) for key, value in self.grade_weight.items()},
            "category": {key: str(value) for key, value in self.category_weight.items()},
            "rank": [[upto, str(value)] for upto, value in self.rank_weight],
        }


def from_plain(kept: Mapping[str, Any]) -> Policy:
    """The weights of a kept scenario."""

    def table(name: str) -> dict[str, Decimal]:
        return {key: Decimal(value) for key, value in kept[name].items()}

    return Policy(
        grade_percent={},
        nature_weight=table("nature"),
        grade_weight=table("grade"),
        category_weight=table("category"),
        rank_weight=tuple((int(upto), Decimal(value)) for upto, value in kept["rank"]),
        limits={},
    )


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rows of the file."""
    with POLICY_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Rule(
                table=row["table"],
                key=row["key"],
                value=Decimal(row["value"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                basis=row["basis"],
            )
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=64)
def policy_of(on: date) -> Policy:
    """The policy of one day."""
    found = [rule for rule in rules() if rule.is_valid(on)]

    def table(name: str) -> dict[str, Decimal]:
        return {rule.key: rule.value for rule in found if rule.table == name}

    ranks = table("weight_rank")
    return Policy(
        grade_percent=table("grade_cap"),
        nature_weight=table("weight_nature"),
        grade_weight=table("weight_grade"),
        category_weight=table("weight_category"),
        rank_weight=tuple(sorted((int(key), value) for key, value in ranks.items() if key)),
        limits=table("limit"),
    )
