"""What the units ask for in the first round (一上) and what the review leaves of it.

Ordinary items ask for more than they get; all cuts together are the seed's share of what was asked (F8). What was
asked for and put off counts as cut to nothing; priority items ask for a little more, which F8 does not count.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fisc.project.demo import district, natures, travel_and_cars
from fisc.project.demo.line_drafts import spread
from fisc.project.demo.spending_plan import PlanLine, SpendingPlan

# Cuts over everything asked for by ordinary items; 28.51 % is the seed's, 2022 is our own choice.
CUT_SHARE = {2022: Fraction(2314, 10_000), 2023: Fraction(2851, 10_000)}
_PRIORITY_EVERY, _PRIORITY_PERCENT = 4, 6


@dataclass(frozen=True)
class Ask:
    """One line of a unit's budget: asked, and left by the review (which the unit then asks for in the second round)."""

    line: PlanLine
    nature: str
    guarantee_item: str
    first_fen: int
    reviewed_fen: int
    reason: str = ""

    @property
    def cut_fen(self) -> int:
        """What the review took away."""
        return self.first_fen - self.reviewed_fen


_REASONS = (
    "非急需项目，暂缓安排",
    "测算标准偏高，按标准核减",
    "与往年执行情况不符，按执行率核减",
    "与其他项目内容重复，予以整合",
    "落实过紧日子要求，压减一般性支出",
)


def asks(plan: SpendingPlan, year: int) -> list[Ask]:
    """This function will give every line of a year's preparation with its amounts, in the order of the plan."""
    rng = random.Random(district.SEED + year)
    lines = [line for line in plan.lines if line.year == year and line.is_prepared]
    put_off = [line for line in plan.put_off if line.year == year]
    ordinary = [line for line in lines if natures.nature(line) == natures.ORDINARY]
    cuts = _cuts(rng, ordinary, put_off, CUT_SHARE[year])
    rows = [_ask(rng, line, cuts.get(line.index, 0)) for line in lines]
    return rows + [
        Ask(line, natures.ORDINARY, "", line.approved_fen, 0, "当年财力不足，列入备选项目")
        for line in put_off
    ]


def _cuts(
    rng: random.Random, ordinary: Sequence[PlanLine], put_off: Sequence[PlanLine], share: Fraction
) -> dict[int, int]:
    """Cuts of the ordinary lines so that all cuts are ``share`` of all that ordinary lines ask for."""
    kept = sum(line.approved_fen for line in ordinary)
    nothing_left = sum(line.approved_fen for line in put_off)
    wanted = int(kept * share / (1 - share))
    if nothing_left >= wanted:
        raise ValueError(
            f"demo plan: the projects put off ({nothing_left} fen) are more than all cuts ({wanted})"
        )
    weights = [_weight(rng, line) for line in ordinary]
    return {
        line.index: part for line, part in zip(ordinary, spread(wanted - nothing_left, weights), strict=True)
    }


def _weight(rng: random.Random, line: PlanLine) -> int:
    """How much of the cuts falls on a line; trips and cars ask within their ceilings from the start."""
    share = rng.choice((0, 40, 70, 100, 130, 160))
    return 0 if line.economic_code in travel_and_cars.ITEMS else line.approved_fen // 10_000 * share


def _ask(rng: random.Random, line: PlanLine, cut_fen: int) -> Ask:
    nature, item = natures.nature(line), natures.guarantee_item(line)
    if nature == natures.PRIORITY and line.index % _PRIORITY_EVERY == 0:
        cut_fen = line.approved_fen * _PRIORITY_PERCENT // 100 // 10_000 * 10_000
    reason = rng.choice(_REASONS) if cut_fen else ""
    return Ask(line, nature, item, line.approved_fen + cut_fen, line.approved_fen, reason)
