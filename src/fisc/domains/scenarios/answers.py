"""From kept inputs and parameters to the answer as it is kept: result (plain values, no floats) and lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fisc.base.money import format_fen
from fisc.domains.scenarios import comparison, parameters, reading_cash
from fisc.domains.scenarios.holdback import HoldBack, hold_back
from fisc.domains.scenarios.lines import GUARD_LABELS, CutLine, capacity, part
from fisc.domains.scenarios.optimum import Progress
from fisc.domains.scenarios.planner import Infeasible, Plan, plan
from fisc.domains.scenarios.reasons import reasons
from fisc.domains.scenarios.shortfall import (
    DEBT,
    GUARANTEED,
    NONE,
    RANK_LABELS,
    REST,
    UPPER,
    WAGES,
    Course,
    Way,
    months_from,
    run,
)

CODE_VERSION = "scenarios-1"
"""Raised when the same inputs and parameters may give another result."""


@dataclass(frozen=True)
class Answer:
    """What a scenario answers."""

    result: dict[str, Any]
    lines: list[dict[str, Any]]
    is_feasible: bool
    amount_fen: int


def cut_answer(
    kept: Mapping[str, Any], lines: Sequence[CutLine], *, progress: Progress | None = None
) -> Answer:
    """This will plan the cut and set it against a flat one."""
    guards = parameters.guards_of(kept)
    held = [capacity(line, guards) for line in lines]
    open_fen = sum(line.base_fen for line, limit in zip(lines, held, strict=True) if limit.is_open)
    target = kept["target_fen"]
    if target is None:
        target = max(1, part(open_fen, Decimal(kept["target_percent"])))
    question = parameters.question_of(kept, target)
    found = plan(lines, question, progress=progress)
    base = {
        "sort": "cut",
        "target_fen": target,
        "lines": len(lines),
        "base_fen": sum(line.base_fen for line in lines),
        "open_fen": open_fen,
        "maximum_fen": found.maximum_fen,
    }
    if isinstance(found, Infeasible):
        return Answer({**base, **_infeasible(found)}, [], False, target)
    return Answer({**base, **_feasible(found, lines, guards)}, _lines(found, question, lines), True, target)


def _infeasible(found: Infeasible) -> dict[str, Any]:
    bindings = [
        {
            "guard": item.guard, "label": GUARD_LABELS[item.guard], "held_fen": item.held_fen, "gain_fen": item.gain_fen,
            "may_loosen": item.may_loosen, "suffices": item.suffices,
        }
        for item in found.bindings
    ]  # fmt: skip
    ways = [item.suffices for item in found.bindings if item.suffices]
    summary = (
        f"目标 {_yuan(found.target_fen)} 元不能实现：在现有约束下最多可压 {_yuan(found.maximum_fen)} 元，"
        f"还差 {_yuan(found.short_fen)} 元。"
    )
    if ways:
        summary += f"可行的办法之一：{ways[0]}。"
    elif found.together:
        summary += f"单独放宽哪一道都不够；可以{'，并且'.join(found.together)}。"
    else:
        summary += (
            f"即使放开全部可以商量的约束，最多也只能压 {_yuan(found.loosest_fen)} 元，"
            f"仍差 {_yuan(found.target_fen - found.loosest_fen)} 元，须降低目标。"
        )
    return {
        "feasible": False,
        "short_fen": found.short_fen,
        "bindings": bindings,
        "together": list(found.together),
        "loosest_fen": found.loosest_fen,
        "summary": summary,
    }


def _feasible(found: Plan, lines: Sequence[CutLine], guards: Any) -> dict[str, Any]:
    cuts = [item.cut_fen for item in found.planned]
    flat = comparison.flat_cut(lines, found.total_fen)
    is_open = [item.capacity.is_open for item in found.planned]

    def shares(by: Any) -> list[dict[str, Any]]:
        return [comparison.plain(share) for share in comparison.shares(lines, is_open, cuts, flat, by)]

    broken = comparison.breaches(lines, flat, guards)
    kept_whole = comparison.breaches(lines, cuts, guards)
    flat_words = "、".join(
        f"{comparison.BREAK_LABELS[item.guard]} {_yuan(item.amount_fen)} 元"
        for item in broken
        if item.amount_fen
    )
    return {
        "feasible": True,
        "total_fen": found.total_fen,
        "cut_lines": sum(cut > 0 for cut in cuts),
        "whole_lines": sum(item.is_whole for item in found.planned),
        "harm": found.harm,
        "flat_harm": sum(item.weight * cut for item, cut in zip(found.planned, flat, strict=True)),
        "highest_bp": int(found.highest_percent * 100),
        "target_price": f"{found.target_price / 100:.2f}",
        "unit_prices": {str(unit): f"{price / 100:.2f}" for unit, price in sorted(found.unit_prices.items())},
        "by_unit": shares(lambda line: line.unit_id),
        "by_category": shares(lambda line: line.category),
        "by_grade": shares(lambda line: line.grade),
        "by_nature": shares(lambda line: "guarantee" if line.is_guarantee else line.nature),
        "breaches": [comparison.plain(item) for item in kept_whole],
        "flat_breaches": [comparison.plain(item) for item in broken],
        "f8": comparison.plain(comparison.reduction(lines, cuts)),
        "flat_f8": comparison.plain(comparison.reduction(lines, flat)),
        "summary": (
            f"压减 {_yuan(found.total_fen)} 元可以实现，涉及 {sum(cut > 0 for cut in cuts)} 行，压减率最高的单位为 "
            f"{found.highest_percent:.1f}%。" + (f"如同比例压减，将{flat_words}。" if flat_words else "")
        ),
    }


def _lines(found: Plan, question: Any, lines: Sequence[CutLine]) -> list[dict[str, Any]]:
    flat = comparison.flat_cut(lines, found.total_fen)
    return [
        {
            "row_no": number, "key": item.line.key, "unit_id": item.line.unit_id, "project_id": item.line.project_id,
            "title": (item.line.title or "—")[:200], "kind": item.line.category, "nature": item.line.nature,
            "grade": item.line.grade, "asked_fen": item.line.asked_fen, "base_fen": item.line.base_fen,
            "cap_fen": item.capacity.cap_fen, "cut_fen": item.cut_fen, "flat_fen": even, "weight": item.weight,
            "reason_code": reason.code, "reason": reason.text,
        }
        for number, (item, even, reason) in enumerate(
            zip(found.planned, flat, reasons(found, question), strict=True), 1
        )
    ]  # fmt: skip


def shortfall_answer(
    kept: Mapping[str, Any], found: reading_cash.Read, *, progress: Progress | None = None
) -> Answer:
    """This will follow the treasury with and without the shock, and say who has to wait."""
    if progress:
        progress("逐日推算库款", 1, 3)
    course, calm = run(found.situation, parameters.shock_of(kept)), run(found.situation, NONE)
    if progress:
        progress("排出暂缓清单", 2, 3)
    needed = {rank: course.held_back_fen(rank) for rank in (UPPER, REST)}
    waiting = hold_back(found.candidates, needed, {rank: _until(course, rank) for rank in needed})
    result = {
        "sort": "shortfall",
        "months": list(months_from(course.situation.first_month, course.situation.length)),
        "opening_fen": course.situation.opening_fen,
        "reserve_fen": course.situation.reserve_fen,
        "inflows": [[item.source, list(item.months_fen)] for item in course.situation.inflows],
        "calm_inflows": [[item.source, list(item.months_fen)] for item in calm.situation.inflows],
        "outflows": [[item.key, item.label, item.rank] for item in course.situation.outflows],
        "notes": list(found.notes),
        "course": _course(course),
        "calm": _course(calm),
        "needed_fen": {str(rank): amount for rank, amount in needed.items()},
        "wages_fen": course.held_back_fen(WAGES),
        "guaranteed_short_fen": course.held_back_fen(GUARANTEED),
        "missing_fen": {str(rank): amount for rank, amount in waiting.missing_fen.items()},
        "waiting_fen": sum(item.amount_fen for item in waiting.waits),
    }
    result["summary"] = _summary(course, result)
    is_whole = result["guaranteed_short_fen"] == 0
    return Answer({**result, "feasible": is_whole}, _waits(waiting), True, result["waiting_fen"])


def _course(course: Course) -> dict[str, Any]:
    return {
        "first_short": course.first_short.isoformat() if course.first_short else None,
        "asked_fen": list(course.asked_fen),
        "plain": _way(course.plain),
        "guarded": _way(course.guarded),
    }


def _way(way: Way) -> dict[str, Any]:
    return {
        "due_fen": [list(row) for row in way.due_fen],
        "paid_fen": [list(row) for row in way.paid_fen],
        "first_gap": [day.isoformat() if day else None for day in way.first_gap],
        "daily_fen": list(way.daily_fen),
        "month_end_fen": list(way.month_end_fen),
        "cover": [_hundredths(value) for value in way.cover],
    }


def _hundredths(value: Fraction | None) -> int | None:
    return (
        None
        if value is None
        else int(value * 100 + Fraction(1, 2))
        if value >= 0
        else -int(-value * 100 + Fraction(1, 2))
    )


def _until(course: Course, rank: int) -> str:
    """When what waits can go on: the first month's end from which nothing of the rank is behind."""
    rows = [i for i, item in enumerate(course.situation.outflows) if item.rank == rank]
    behind = [
        sum(course.guarded.due_fen[i][month] - course.guarded.paid_fen[i][month] for i in rows)
        for month in range(course.situation.length)
    ]
    if not any(behind):
        return ""
    last = max(month for month, amount in enumerate(behind) if amount)
    months = months_from(course.situation.first_month, course.situation.length)
    if last == len(behind) - 1:
        return "测试期内不能恢复"
    month = months[last + 1]
    return f"预计 {month // 100} 年 {month % 100} 月底可恢复"


def _summary(course: Course, result: Mapping[str, Any]) -> str:
    if course.first_short is None:
        return "库款能够按期支付全部到期支出，三保不受影响，不需要暂缓支出。"
    day = course.first_short
    gaps = [
        gap
        for gap, item in zip(course.plain.first_gap, course.situation.outflows, strict=True)
        if gap and item.rank == GUARANTEED
    ]
    words = [f"照到期先后支付，{day.year} 年 {day.month} 月 {day.day} 日库款首次不足"]
    if gaps:
        first = min(gaps)
        words.append(f"{first.year} 年 {first.month} 月 {first.day} 日起三保不能足额支付")
    short = result["guaranteed_short_fen"]
    if short:
        words.append(f"即使其他支出全部暂缓，三保仍缺 {_yuan(short)} 元，须申请上级调度")
    else:
        parts = [
            f"{RANK_LABELS[rank]} {_yuan(course.held_back_fen(rank))} 元"
            for rank in (UPPER, REST)
            if course.held_back_fen(rank)
        ]
        words.append(f"为保三保，最多须暂缓{'、'.join(parts)}" if parts else "三保不受影响")
        words += [
            f"{RANK_LABELS[rank]}仍有 {_yuan(course.held_back_fen(rank))} 元不能按期支付"
            for rank in (WAGES, DEBT)
            if course.held_back_fen(rank)
        ]
    return "；".join(words) + "。"


def _waits(waiting: HoldBack) -> list[dict[str, Any]]:
    return [
        {
            "row_no": number, "key": item.candidate.key, "unit_id": item.candidate.unit_id,
            "project_id": item.candidate.project_id, "title": (item.candidate.title or "—")[:200],
            "kind": item.candidate.category, "nature": item.candidate.nature, "grade": item.candidate.grade,
            "asked_fen": item.candidate.base_fen, "base_fen": item.candidate.base_fen, "cap_fen": item.candidate.free_fen,
            "cut_fen": item.amount_fen, "flat_fen": 0, "weight": item.candidate.weight, "reason_code": item.reason_code,
            "reason": item.reason,
        }
        for number, item in enumerate(waiting.waits, 1)
    ]  # fmt: skip


def _yuan(fen: int) -> str:
    return format_fen(fen, "yuan", 2)
