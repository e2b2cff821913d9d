"""Why each line is cut so much, or not: one Chinese sentence with the guard, the grade and the numbers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from fisc.base.money import format_fen
from fisc.domains.scenarios.lines import (
    BOND,
    CONTRACT,
    GRADE,
    GUARANTEE,
    LOCKED,
    PRIORITY,
    RIGID,
    SPENT,
    UNIT,
    UPPER,
    VIABLE,
    CutLine,
    Guards,
)
from fisc.domains.scenarios.planner import Plan, Planned, Question

WHOLE, SHARED, SPARED, EVEN, SMALL, NOTHING = "whole", "shared", "spared", "even", "small", "nothing"
REASON_LABELS: dict[str, str] = {
    GUARANTEE: "三保，不压",
    BOND: "债券，不压",
    UPPER: "上级专项",
    RIGID: "刚性，不压",
    PRIORITY: "重点，不压",
    LOCKED: "标明不压",
    SPENT: "已执行、在途",
    CONTRACT: "已签合同",
    GRADE: "到绩效上限",
    VIABLE: "到最低保留",
    UNIT: "单位已到上限",
    WHOLE: "整项取消",
    SHARED: "按比例压减",
    SPARED: "影响大，未压",
    EVEN: "单位已到均衡线",
    SMALL: "不足一个单位",
    NOTHING: "没有金额",
}
NATURES = {"ordinary": "一般", "priority": "重点", "rigid": "刚性"}
CATEGORIES = {"personnel": "人员类", "public": "公用经费", "operating": "其他运转类", "special": "特定目标类"}
ITEMS = {
    "W01": "基本工资", "W02": "津贴补贴", "W03": "社保公积金", "O01": "公用经费", "O02": "村级运转", "L01": "义务教育",
    "L02": "学前和困难学生资助", "L03": "基本养老", "L04": "基本医疗", "L05": "公共卫生", "L06": "城乡低保", "L07": "特困供养",
    "L08": "救助抚恤", "L09": "保障房", "L10": "计生奖扶",
}  # fmt: skip
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Reason:
    """The class of a reason and its sentence."""

    code: str
    text: str


def reasons(plan: Plan, question: Question) -> Iterator[Reason]:
    """This will give the reason of every line, in the plan's order."""
    cut_of: dict[int, int] = defaultdict(int)
    for item in plan.planned:
        cut_of[item.line.unit_id] += item.cut_fen
    for item in plan.planned:
        yield _reason(item, plan, question, cut_of[item.line.unit_id])


def _reason(item: Planned, plan: Plan, question: Question, unit_cut_fen: int) -> Reason:
    line, held = item.line, item.capacity
    if line.base_fen <= 0:
        return Reason(NOTHING, "本行没有金额，无可压减。")
    if not held.is_open:
        return Reason(held.bound_by, _shut(line, held.bound_by))
    if item.is_whole:
        return Reason(WHOLE, f"{_look(line)}，与其压到难以完成，不如整项取消 {_yuan(item.cut_fen)} 元。")
    if item.cut_fen and held.cap_fen - item.cut_fen < question.step_fen:
        return Reason(
            held.bound_by or SHARED,
            f"压减 {_yuan(item.cut_fen)} 元（{percent(item.cut_fen, line.base_fen)}%），{_bound(item, question.guards)}。",
        )
    if item.cut_fen:
        limit = f"最多可压 {_yuan(held.cap_fen)} 元"
        if question.minimum_percent is not None and held.cap_fen == line.base_fen:
            limit = f"项目至少保留 {question.minimum_percent:f}%"
        return Reason(
            SHARED,
            f"{_look(line)}，权重 {_weight(item)}；与本单位同权重的项目一起，按可压额同比例压减 {_yuan(item.cut_fen)} 元"
            f"（{percent(item.cut_fen, line.base_fen)}%，{limit}）。",
        )
    if held.cap_fen < question.step_fen:
        if held.bound_by in (CONTRACT, SPENT, UPPER, GRADE, VIABLE):
            return Reason(held.bound_by, f"未压减：{_bound(item, question.guards)}。")
        return Reason(SMALL, f"可压 {_yuan(held.cap_fen)} 元，不足一个压减单位，未压减。")
    return _spared(item, plan, question, unit_cut_fen)


def _spared(item: Planned, plan: Plan, question: Question, unit_cut_fen: int) -> Reason:
    line = item.line
    ceiling, base = plan.ceiling_fen[line.unit_id], plan.open_fen[line.unit_id]
    if ceiling - unit_cut_fen < question.step_fen:
        return Reason(
            UNIT,
            f"本单位已压减 {_yuan(unit_cut_fen)} 元，达到单位上限 {question.guards.unit_percent:f}%"
            f"（{_yuan(ceiling)} 元），本行不再压减。",
        )
    rate = Decimal(unit_cut_fen * 100) / base
    if plan.highest_percent and plan.highest_percent - rate <= Decimal(question.step_fen * 100) / base:
        return Reason(
            EVEN,
            f"本单位压减率 {_tenth(rate)}% 已到各单位的均衡线 {_tenth(plan.highest_percent)}%；"
            f"{_look(line)}，权重 {_weight(item)}，本行不压减。",
        )
    return Reason(
        SPARED,
        f"{_look(line)}，权重 {_weight(item)}，影响较大；目标由权重较低的项目已可完成，本行不压减"
        f"（最多可压 {_yuan(item.capacity.cap_fen)} 元）。",
    )


def _shut(line: CutLine, guard: str) -> str:
    amount = f"{_yuan(line.base_fen)} 元"
    if guard == GUARANTEE:
        name = ITEMS.get(line.guarantee_item, "")
        item = f"（{line.guarantee_item} {name}）" if line.guarantee_item else ""
        return f"“三保”支出{item} {amount}，必须足额保障，不得压减。"
    return {
        BOND: f"政府债券资金 {amount}，专款专用，不压减。",
        UPPER: f"上级专项（直达）资金 {amount}，不得挪作他用，不压减。",
        RIGID: f"刚性支出 {amount}，不压减。",
        PRIORITY: f"重点项目 {amount}，按要求不压减。",
        LOCKED: f"编制中标明不可压减 {amount}。",
    }[guard]


def _bound(item: Planned, guards: Guards) -> str:
    line, cap = item.line, f"{_yuan(item.capacity.cap_fen)} 元"
    if item.capacity.bound_by == CONTRACT:
        gone = f"、已执行和在途 {_yuan(line.spent_fen)} 元" if line.spent_fen else ""
        return f"已签合同尚需支付 {_yuan(line.contract_fen)} 元{gone}，最多可压 {cap}"
    if item.capacity.bound_by == SPENT:
        return f"已执行和在途 {_yuan(line.spent_fen)} 元不能收回，最多可压 {cap}"
    if item.capacity.bound_by == UPPER:
        return f"上级专项最多压减 {guards.upper_percent:f}%，即 {cap}"
    if item.capacity.bound_by == GRADE:
        limit = guards.grade_limit(line.grade)
        return (
            f"{_grade(line)}，最多压减 {limit:f}%，即 {cap}，已到上限"
            if item.cut_fen
            else f"{_grade(line)}，最多压减 {limit:f}%"
        )
    if item.capacity.bound_by == VIABLE:
        return f"项目须保留能够完成的最低金额，最多可压 {cap}"
    return f"{_look(line)}，权重 {_weight(item)}，全部压减"


def _look(line: CutLine) -> str:
    return f"{NATURES.get(line.nature, line.nature)}{CATEGORIES.get(line.category, '项目')}、{_grade(line)}"


def _grade(line: CutLine) -> str:
    return f"绩效评价“{line.grade}”" if line.grade else "未作绩效评价"


def _weight(item: Planned) -> str:
    return f"{Decimal(item.weight) / 100:.2f}"


def _yuan(fen: int) -> str:
    return format_fen(fen, "yuan", 2)


def percent(part_fen: int, whole_fen: int) -> str:
    """A rate with one decimal, half up; — without a base."""
    return _tenth(Decimal(part_fen * 100) / whole_fen) if whole_fen else "—"


def _tenth(value: Decimal) -> str:
    return f"{value.quantize(TENTH, ROUND_HALF_UP):f}"
