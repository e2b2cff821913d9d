"""A plan against cutting every line by the same rate (同比例压减): who bears it, what a flat cut would break, F8. Pure.

F8 压减额 = Σ max(0, 一上上报数 − 审定数) over items that are neither 重点 nor 刚性 nor 三保; 压减比例 = that ÷ their 一上上报数.
Additions are not set against cuts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from fisc.domains.scenarios.lines import (
    BOND,
    CONTRACT,
    GRADE,
    GUARANTEE,
    RIGID,
    SPENT,
    UPPER,
    CutLine,
    Guards,
    part,
    spread,
)

BREAK_LABELS: dict[str, str] = {
    GUARANTEE: "压到“三保”支出",
    RIGID: "压到刚性支出",
    UPPER: "动用上级专项",
    BOND: "动用债券资金",
    CONTRACT: "低于已签合同",
    SPENT: "低于已执行和在途",
    GRADE: "超过绩效等级上限",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """What a way of cutting breaks: how many lines, how much."""

    guard: str
    lines: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Share:
    """One group's part: what it has, what the plan and the flat cut take."""

    key: Any
    base_fen: int
    open_fen: int
    cut_fen: int
    flat_fen: int


@dataclass(frozen=True, slots=True)
class Reduction:
    """F8: 上报数 in its scope, 压减额, additions beside it, and the rate in hundredths of a per cent (half up)."""

    asked_fen: int
    cut_fen: int
    added_fen: int
    rate_bp: int | None


def flat_cut(lines: Sequence[CutLine], total_fen: int) -> list[int]:
    """This will cut every line by the same rate, to the 分; the total is the same as the plan's."""
    bases = [max(0, line.base_fen) for line in lines]
    return spread(min(total_fen, sum(bases)), bases)


def breaches(lines: Sequence[CutLine], cuts: Sequence[int], guards: Guards) -> list[Breach]:
    """This will count what a way of cutting breaks; a line may break several guards."""
    found: dict[str, list[int]] = {guard: [0, 0] for guard in BREAK_LABELS}
    for line, cut in zip(lines, cuts, strict=True):
        for guard, amount in _broken(line, cut, guards):
            if amount > 0:
                found[guard][0] += 1
                found[guard][1] += amount
    return [Breach(guard, count, amount) for guard, (count, amount) in found.items()]


def _broken(line: CutLine, cut: int, guards: Guards) -> list[tuple[str, int]]:
    free = line.base_fen - line.spent_fen
    over_spent = max(0, cut - free)
    out = [
        (GUARANTEE, cut if line.is_guarantee else 0),
        (RIGID, cut if line.nature == "rigid" else 0),
        (UPPER, cut if line.is_upper else 0),
        (BOND, cut if line.is_bond_money else 0),
        (SPENT, over_spent),
        (CONTRACT, max(0, cut - over_spent - max(0, free - line.contract_fen))),
    ]
    if not line.is_guarantee:
        out.append((GRADE, cut - part(line.base_fen, guards.grade_limit(line.grade))))
    return out


def shares(
    lines: Sequence[CutLine],
    is_open: Sequence[bool],
    cuts: Sequence[int],
    flat: Sequence[int],
    by: Callable[[CutLine], Hashable],
) -> list[Share]:
    """This will sum up by a group (unit, class, grade), the largest cut first."""
    sums: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for line, opened, cut, even in zip(lines, is_open, cuts, flat, strict=True):
        row = sums[by(line)]
        for index, amount in enumerate((line.base_fen, line.base_fen if opened else 0, cut, even)):
            row[index] += amount
    found = [Share(key, *row) for key, row in sums.items()]
    return sorted(found, key=lambda share: (-share.cut_fen, -share.flat_fen, str(share.key)))


def reduction(lines: Sequence[CutLine], cuts: Sequence[int]) -> Reduction:
    """F8 of a way of cutting."""
    asked = cut_fen = added = 0
    for line, cut in zip(lines, cuts, strict=True):
        if line.is_guarantee or line.nature != "ordinary":
            continue
        difference = line.asked_fen - (line.base_fen - cut)
        asked += line.asked_fen
        cut_fen += max(0, difference)
        added += max(0, -difference)
    rate = Fraction(cut_fen * 10_000, asked) if asked else None
    return Reduction(asked, cut_fen, added, int(rate + Fraction(1, 2)) if rate is not None else None)


def plain(value: Any) -> dict[str, Any]:
    """A result as a plain mapping, to be kept."""
    return asdict(value)
