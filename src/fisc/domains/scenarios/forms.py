"""The two forms of the desk: what they show, and from what was typed to parameters. Amounts are typed in 元."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from fisc.base.errors import BadInput
from fisc.base.money import parse_yuan, plain_yuan
from fisc.base.text import clean
from fisc.domains.scenarios import parameters, policy
from fisc.web.components import Option

FUNDS = (
    ("", "全部资金"),
    ("general", "一般公共预算"),
    ("govfund", "政府性基金预算"),
    ("statecapital", "国有资本经营预算"),
)
STAGES = (("execution", "执行中（已下达指标）"), ("preparation", "编制（一上、审定数）"))
GRADES = (("优", "grade_a"), ("良", "grade_b"), ("中", "grade_c"), ("差", "grade_d"), ("", "grade_none"))
DEBT_ROWS = 3
SWITCH_LABELS = {
    "rigid": "刚性支出不压", "priority": "重点项目不压", "contract": "已签合同不低于待付额",
}  # fmt: skip


@dataclass(frozen=True)
class Number:
    """One percentage of the form."""

    key: str
    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True)
class Switch:
    """One switch of the form; `fixed` ones hold by law and are shown only."""

    key: str
    label: str
    is_on: bool
    fixed: bool = False


def cut_form(given: Mapping[str, Any], *, on: date, year: int) -> dict[str, Any]:
    """What the form of a cut shows: typed values, else the policy of the day."""
    rules = policy.policy_of(on)
    fresh = not given
    numbers = [
        Number(
            "unit_percent",
            "单个单位最多压减",
            _shown(given, "unit_percent", rules.limits["unit_percent"]),
            "占其可压范围",
        ),
        Number(
            "upper_percent",
            "上级专项最多压减",
            _shown(given, "upper_percent", rules.limits["upper_percent"]),
            "0 为不压",
        ),
        Number(
            "fair_percent",
            "为均衡最多让步",
            _shown(given, "fair_percent", rules.limits["fair_percent"]),
            "加权影响可多出的比例",
        ),
    ]
    grades = [
        Number(
            key,
            f"绩效“{grade}”最多压减" if grade else "未评价最多压减",
            _shown(given, key, rules.grade_percent[grade]),
        )
        for grade, key in GRADES
    ]
    switches = [
        Switch("", "三保足额保障，不压", True, fixed=True),
        Switch("", "已执行和在途不压", True, fixed=True),
        Switch("", "政府债券资金不压", True, fixed=True),
        *(
            Switch(key, label, key != "priority" if fresh else key in given)
            for key, label in SWITCH_LABELS.items()
        ),
    ]
    return {
        "title_value": given.get("title", ""),
        "years": [
            Option(str(y), f"{y}年", str(y) == given.get("year", str(year)))
            for y in range(year - 1, year + 2)
        ],
        "stages": [Option(code, label, code == given.get("stage")) for code, label in STAGES],
        "funds": [Option(code, label, code == given.get("fund")) for code, label in FUNDS],
        "steps": [
            Option("yuan", "整元", given.get("step") != "wan"),
            Option("wan", "整万元", given.get("step") == "wan"),
        ],
        "target_yuan": given.get("target_yuan", ""),
        "target_percent": given.get("target_percent", ""),
        "switches": switches,
        "numbers": numbers,
        "grades": grades,
        "whole": "whole" in given,
        "minimum_percent": _shown(given, "minimum_percent", rules.limits["minimum_percent"]),
        "note": given.get("note", ""),
    }


def cut_from(given: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """Parameters of a cut from what was typed. :raises BadInput: something is missing or no number."""
    target, percent = clean(given.get("target_yuan", "")), clean(given.get("target_percent", ""))
    return parameters.cut_parameters(
        on=on,
        target_fen=parse_yuan(target) if target else None,
        target_percent=_decimal(percent, "压减比例") if percent else None,
        fund=given.get("fund", ""),
        step=given.get("step", "yuan"),
        **{name: name in given for name in SWITCH_LABELS},
        upper_percent=_percent(given, "upper_percent", "上级专项上限"),
        unit_percent=_percent(given, "unit_percent", "单位上限"),
        fair_percent=_percent(given, "fair_percent", "均衡让步"),
        grade_percent={
            grade: value
            for grade, key in GRADES
            if (value := _percent(given, key, f"绩效“{grade or '未评价'}”上限")) is not None
        },
        minimum_percent=_percent(given, "minimum_percent", "项目最低保留") if "whole" in given else None,
    )


def shortfall_form(given: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """What the form of a stress test shows."""
    rules = policy.policy_of(on)
    months = [on.year * 100 + month for month in range(1, 13)]
    first = given.get("first_month", str(on.year * 100 + on.month))
    return {
        "title_value": given.get("title", ""),
        "months": [Option(str(m), f"{m // 100}年{m % 100}月", str(m) == first) for m in months],
        "delays": [
            Option(str(n), f"晚 {n} 个月" if n else "按时", str(n) == given.get("delay_months", "0"))
            for n in range(13)
        ],
        "numbers": [
            Number("revenue_percent", "一般公共预算收入短收", _shown(given, "revenue_percent", Decimal(10))),
            Number("land_percent", "土地出让收入短收", _shown(given, "land_percent", Decimal(30))),
            Number(
                "wage_percent",
                "工程款中农民工工资占",
                _shown(given, "wage_percent", rules.limits["wage_percent"]),
            ),
        ],
        "with_debt": "with_debt" in given or not given,
        "reserve_yuan": given.get("reserve_yuan", ""),
        "debts": [
            {
                "months": [
                    Option(str(m), f"{m % 100}月", str(m) == given.get(f"debt_month_{n}")) for m in months
                ],
                "month_key": f"debt_month_{n}",
                "amount_key": f"debt_yuan_{n}",
                "amount": given.get(f"debt_yuan_{n}", ""),
            }
            for n in range(1, DEBT_ROWS + 1)
        ],
        "note": given.get("note", ""),
    }


def shortfall_from(given: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """Parameters of a stress test from what was typed. :raises BadInput: something is missing or no number."""
    first = clean(given.get("first_month", ""))
    delay = clean(given.get("delay_months", "")) or "0"
    if not (first.isdigit() and delay.isdigit()):
        raise BadInput.of("scenarios.month", "请选择起始月份和补助晚到的月数。")
    debts: dict[int, int] = {}
    for number in range(1, DEBT_ROWS + 1):
        amount, month = clean(given.get(f"debt_yuan_{number}", "")), given.get(f"debt_month_{number}", "")
        if amount and month.isdigit():
            debts[int(month)] = debts.get(int(month), 0) + parse_yuan(amount)
    reserve = clean(given.get("reserve_yuan", ""))
    return parameters.shortfall_parameters(
        on=on,
        first_month=int(first),
        revenue_percent=_percent(given, "revenue_percent", "收入短收") or Decimal(0),
        land_percent=_percent(given, "land_percent", "土地短收") or Decimal(0),
        delay_months=int(delay),
        with_debt="with_debt" in given,
        debts=debts,
        wage_percent=_percent(given, "wage_percent", "农民工工资比例"),
        reserve_fen=parse_yuan(reserve) if reserve else 0,
    )


def typed_again(kept: Mapping[str, Any]) -> dict[str, str]:
    """What would have to be typed to ask the same again."""
    if "first_month" in kept:
        typed = {
            name: str(kept[name])
            for name in ("first_month", "revenue_percent", "land_percent", "delay_months", "wage_percent")
        }
        if kept["with_debt"]:
            typed["with_debt"] = "1"
        for number, (month, fen) in enumerate(list(kept["debts"].items())[:DEBT_ROWS], 1):
            typed |= {f"debt_month_{number}": month, f"debt_yuan_{number}": plain_yuan(fen)}
        return {**typed, "reserve_yuan": plain_yuan(kept["reserve_fen"]) if kept["reserve_fen"] else ""}
    typed = {
        name: kept[name] or ""
        for name in ("fund", "step", "unit_percent", "upper_percent", "fair_percent", "target_percent")
    }
    typed["target_yuan"] = plain_yuan(kept["target_fen"]) if kept["target_fen"] else ""
    typed |= {key: kept["grade_percent"][grade] for grade, key in GRADES}
    typed |= {name: "1" for name in SWITCH_LABELS if kept[name]}
    if kept["minimum_percent"] is not None:
        typed |= {"whole": "1", "minimum_percent": kept["minimum_percent"]}
    return typed


def _shown(given: Mapping[str, Any], key: str, default: Decimal) -> str:
    return str(given[key]) if key in given else f"{default:f}"


def _percent(given: Mapping[str, Any], key: str, label: str) -> Decimal | None:
    text = clean(given.get(key, "")).rstrip("%％")
    return _decimal(text, label) if text else None


def _decimal(text: str, label: str) -> Decimal:
    try:
        value = Decimal(text.rstrip("%％"))
    except InvalidOperation as error:
        raise BadInput.of("scenarios.number", "{label}“{text}”不是数字。", label=label, text=text) from error
    if not value.is_finite():
        raise BadInput.of("scenarios.number", "{label}“{text}”不是数字。", label=label, text=text)
    return value
