"""What a scenario is asked with, as kept: plain JSON with amounts in 分 and percentages as text. Pure.

`cut_parameters` and `shortfall_parameters` make it, filled up from the day's policy; `question_of` and `shock_of` read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fisc.base.errors import BadInput
from fisc.domains.scenarios import policy
from fisc.domains.scenarios.lines import CutLine, Guards
from fisc.domains.scenarios.planner import STEP_WAN, STEP_YUAN, Question
from fisc.domains.scenarios.policy import Policy
from fisc.domains.scenarios.shortfall import Shock

STEPS = {"yuan": STEP_YUAN, "wan": STEP_WAN}
MOST_DELAY = 12
SWITCHES = ("rigid", "bond", "priority", "contract")


def cut_parameters(
    *,
    on: date,
    target_fen: int | None = None,
    target_percent: Decimal | None = None,
    fund: str = "",
    step: str = "yuan",
    rigid: bool = True,
    bond: bool = True,
    priority: bool = False,
    contract: bool = True,
    upper_percent: Decimal | None = None,
    unit_percent: Decimal | None = None,
    grade_percent: Mapping[str, Decimal] | None = None,
    fair_percent: Decimal | None = None,
    minimum_percent: Decimal | None = None,
) -> dict[str, Any]:
    """This will make the parameters of a cut; what is not given comes from the policy of that day. The target is an amount
    (分) or per cent of what the guards leave open. `minimum_percent` None: no project is cut whole.

    :raises BadInput: no target, or a percentage outside 0 to 100.
    """
    if (target_fen is None) == (target_percent is None) or (target_fen is not None and target_fen <= 0):
        raise BadInput.of("scenarios.target", "压减目标填金额或比例，二者取一，且应大于零。")
    if target_percent is not None and not 0 < target_percent <= 100:
        raise BadInput.of("scenarios.target", "压减比例应大于0、不超过100%。")
    if step not in STEPS:
        raise BadInput.of("scenarios.step", "压减单位应为元或万元。")
    rules = policy.policy_of(on)
    grades = {**rules.grade_percent, **(grade_percent or {})}
    percents = {
        "upper_percent": _or(upper_percent, rules, "upper_percent"),
        "unit_percent": _or(unit_percent, rules, "unit_percent"),
        "fair_percent": _or(fair_percent, rules, "fair_percent"),
    }
    for value in (*grades.values(), *percents.values(), minimum_percent or Decimal(0)):
        _check_percent(value)
    return {
        "target_fen": target_fen,
        "target_percent": _text(target_percent),
        "fund": fund,
        "step": step,
        "rigid": rigid,
        "bond": bond,
        "priority": priority,
        "contract": contract,
        **{name: _text(value) for name, value in percents.items()},
        "grade_percent": {grade: _text(value) for grade, value in grades.items()},
        "minimum_percent": _text(minimum_percent),
        "weights": rules.plain(),
    }


def shortfall_parameters(
    *,
    on: date,
    first_month: int,
    length: int | None = None,
    revenue_percent: Decimal = Decimal(0),
    land_percent: Decimal = Decimal(0),
    delay_months: int = 0,
    with_debt: bool = True,
    debts: Mapping[int, int] | None = None,
    wage_percent: Decimal | None = None,
    reserve_fen: int = 0,
) -> dict[str, Any]:
    """This will make the parameters of a stress test from `first_month` (yyyymm) on, to December unless `length` is shorter.

    :param debts: month (yyyymm) → principal and interest due, 分.
    :raises BadInput: a month, length, delay, percentage or amount that cannot be.
    """
    if not (1 <= first_month % 100 <= 12 and 2000 <= first_month // 100 <= 2999):
        raise BadInput.of("scenarios.month", "起始月份不正确。")
    longest = 13 - first_month % 100
    length = longest if length is None else length
    if not 1 <= length <= longest:
        raise BadInput.of("scenarios.length", "测试期应在1到{longest}个月之间（不跨年度）。", longest=longest)
    if not 0 <= delay_months <= MOST_DELAY:
        raise BadInput.of("scenarios.delay", "上级补助晚到的月数应在0到12之间。")
    if reserve_fen < 0 or any(amount < 0 for amount in (debts or {}).values()):
        raise BadInput.of("scenarios.amount", "最低库款和到期债务不能为负数。")
    rules = policy.policy_of(on)
    wages = _or(wage_percent, rules, "wage_percent")
    for value in (revenue_percent, land_percent, wages):
        _check_percent(value)
    return {
        "first_month": first_month,
        "length": length,
        "revenue_percent": _text(revenue_percent),
        "land_percent": _text(land_percent),
        "delay_months": delay_months,
        "with_debt": with_debt,
        "debts": {str(month): amount for month, amount in sorted((debts or {}).items()) if amount},
        "wage_percent": _text(wages),
        "reserve_fen": reserve_fen,
        "weights": rules.plain(),
    }


def question_of(kept: Mapping[str, Any], target_fen: int) -> Question:
    """The planner's question."""
    weights = weights_of(kept)

    @lru_cache(maxsize=4096)
    def weight(nature: str, grade: str, category: str, rank: int) -> int:
        return weights.weight(nature=nature, grade=grade, category=category, rank=rank)

    def weigh(line: CutLine) -> int:
        return weight(line.nature, line.grade, line.category, line.rank)

    minimum = kept["minimum_percent"]
    return Question(
        target_fen=target_fen,
        guards=guards_of(kept),
        weigh=weigh,
        step_fen=STEPS[kept["step"]],
        fair_percent=Decimal(kept["fair_percent"]),
        minimum_percent=Decimal(minimum) if minimum is not None else None,
    )


def guards_of(kept: Mapping[str, Any]) -> Guards:
    """The guards of a cut."""
    return Guards(
        **{name: kept[name] for name in SWITCHES},
        upper_percent=Decimal(kept["upper_percent"]),
        unit_percent=Decimal(kept["unit_percent"]),
        grade_percent={grade: Decimal(value) for grade, value in kept["grade_percent"].items()},
    )


def shock_of(kept: Mapping[str, Any]) -> Shock:
    """The shock of a stress test."""
    return Shock(
        revenue_percent=Decimal(kept["revenue_percent"]),
        land_percent=Decimal(kept["land_percent"]),
        delay_months=kept["delay_months"],
        with_debt=kept["with_debt"],
    )


def weights_of(kept: Mapping[str, Any]) -> Policy:
    """The weights a scenario was made with."""
    return policy.from_plain(kept["weights"])


def _or(value: Decimal | None, rules: Policy, name: str) -> Decimal:
    return rules.limits[name] if value is None else value


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _check_percent(value: Decimal) -> None:
    if not (value.is_finite() and 0 <= value <= 100):
        raise BadInput.of("scenarios.percent", "比例“{value}”应在0到100之间。", value=value)
    if value * 100 != int(value * 100):
        raise BadInput.of("scenarios.percent", "比例“{value}”最多两位小数。", value=value)
