"""暂缓清单: which allotments wait so that 三保 stays whole. Pure.

The least harmful wait first; an allotment gives at most what it still has available, and the part of it that pays
migrant workers' wages never waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fisc.base.money import format_fen
from fisc.domains.scenarios.reasons import CATEGORIES, NATURES
from fisc.domains.scenarios.shortfall import GUARANTEED, RANK_LABELS, WAGES

WHOLE_YUAN = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One allotment with money left, in 分: its rank, the harm of making it wait (hundredths), what may wait of it."""

    key: int
    unit_id: int
    project_id: int | None
    title: str
    rank: int
    weight: int
    base_fen: int
    free_fen: int
    category: str = "special"
    nature: str = "ordinary"
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """What one allotment has to wait with, and why."""

    candidate: Candidate
    amount_fen: int
    reason_code: str
    reason: str


@dataclass(frozen=True)
class HoldBack:
    """The list, and what could not be found by rank (nothing left that may wait)."""

    waits: tuple[Wait, ...]
    missing_fen: dict[int, int]


def hold_back(
    candidates: Sequence[Candidate], needed_fen: Mapping[int, int], until: Mapping[int, str]
) -> HoldBack:
    """This will choose what waits, rank by rank from the least important.

    :param needed_fen: per rank what has to wait. :param until: per rank when it can go on, in words.
    """
    waits: list[Wait] = []
    missing: dict[int, int] = {}
    for rank in sorted(needed_fen, reverse=True):
        if rank in (GUARANTEED, WAGES):
            continue
        left = -(-needed_fen[rank] // WHOLE_YUAN) * WHOLE_YUAN
        ordered = sorted(
            (item for item in candidates if item.rank == rank),
            key=lambda item: (item.weight, -item.free_fen, item.key),
        )
        for item in ordered:
            amount = min(left, item.free_fen // WHOLE_YUAN * WHOLE_YUAN)
            if amount <= 0:
                continue
            waits.append(Wait(item, amount, f"rank{rank}", _reason(item, amount, until.get(rank, ""))))
            left -= amount
        if left > 0:
            missing[rank] = left
    return HoldBack(tuple(waits), missing)


def _reason(item: Candidate, amount_fen: int, until: str) -> str:
    grade = f"绩效评价“{item.grade}”" if item.grade else "未作绩效评价"
    part = "全部" if amount_fen == item.free_fen // WHOLE_YUAN * WHOLE_YUAN else "部分"
    return (
        f"为保三保：{RANK_LABELS[item.rank]}中{NATURES.get(item.nature, '')}{CATEGORIES.get(item.category, '项目')}、{grade}，"
        f"权重 {item.weight // 100}.{item.weight % 100:02d}，{part}暂缓 {format_fen(amount_fen)} 元"
        f"（可暂缓 {format_fen(item.free_fen)} 元）{f'，{until}' if until else ''}。"
    )
