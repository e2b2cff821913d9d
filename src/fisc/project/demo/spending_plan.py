"""Plans projects, budget lines and every payment of 2022 and 2023, scaled to the half-year targets.

Salaries and running costs follow head counts; the earmarked projects take up what is left of each half-year's
target, apart for livelihood classes (民生) and the others, so that the totals hit the targets to the 分.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fisc.base.workdays import is_workday
from fisc.project.demo import district, payees, programmes, targets


@dataclass(frozen=True)
class PlanProject:
    """One project: 人员类, 公用经费 or 特定目标类; the code stays for life."""

    code: str
    name: str
    kind: str  # personnel | running | special
    unit_code: str
    start_year: int
    total_fen: int


@dataclass(frozen=True)
class PlanPayment:
    """One payment of a budget line, on its day, in whole 分."""

    line: int
    on: date
    amount_fen: int
    payee: payees.PlanPayee
    purpose: str
    contract_no: str = ""


@dataclass(frozen=True)
class PlanLine:
    """One budget line of one year; becomes one allotment. ``approved_fen`` stands in the approved budget."""

    index: int
    year: int
    unit_code: str
    project_code: str
    project_name: str
    kind: str
    fund: str
    function_code: str
    economic_code: str
    flags: int
    approved_fen: int
    supplement_fen: int
    supplement_month: int


@dataclass(frozen=True)
class SpendingPlan:
    """Everything the budget and treasury modules are asked to play."""

    projects: tuple[PlanProject, ...]
    lines: tuple[PlanLine, ...]
    payments: tuple[PlanPayment, ...]


@dataclass(frozen=True)
class _Draft:
    """A payment before scaling: ``weight`` is fen for fixed lines, a relative number for programme lines."""

    line: int
    on: date
    weight: int
    fixed: bool
    payee: payees.PlanPayee
    purpose: str


@dataclass(frozen=True)
class _Line:
    year: int
    unit: district.PlanUnit
    project_code: str
    project_name: str
    kind: str
    fund: str
    function_code: str
    economic_code: str
    flags: int


# economic item, function override, yuan per head and month, months, flag 三保
_PERSONNEL: tuple[tuple[str, str | None, int, tuple[int, ...], str], ...] = (
    ("30101", None, 3300, tuple(range(1, 13)), "基本工资"),
    ("allowance", None, 2900, tuple(range(1, 13)), "津贴补贴"),
    ("30103", None, 6400, (1, 12), "年终一次性奖金"),
    ("30108", "2080505", 1250, tuple(range(1, 13)), "机关事业单位基本养老保险缴费"),
    ("30110", "medical", 620, tuple(range(1, 13)), "职工基本医疗保险缴费"),
    ("30113", "2210201", 980, tuple(range(1, 13)), "住房公积金"),
)
# economic item, yuan per head and month, payments per month, purpose
_RUNNING: tuple[tuple[str, int, int, str], ...] = (
    ("30201", 150, 2, "办公用品采购"),
    ("30202", 36, 1, "文件资料印刷"),
    ("30206", 110, 1, "电费"),
    ("30207", 60, 1, "邮电通讯费"),
    ("30211", 130, 2, "差旅费报销"),
    ("30213", 120, 1, "办公设施维修"),
    ("30216", 45, 1, "业务培训费"),
    ("30226", 90, 1, "临时用工劳务费"),
    ("30228", 70, 1, "工会经费"),
    ("30217", 14, 1, "公务接待费"),
    ("30231", 40, 1, "公务用车运行维护"),
    ("30299", 60, 1, "其他日常公用支出"),
)


def build(*, livelihood: Iterable[str]) -> SpendingPlan:
    """This function will draw the whole plan; ``livelihood`` are the function classes that count as 民生."""
    rng = random.Random(district.SEED)
    pools = payees.payee_pools(rng)
    units = district.units()
    lines: list[_Line] = []
    drafts: list[_Draft] = []
    for year in (2022, 2023):
        for unit in units:
            _personnel(rng, year, unit, lines, drafts)
            _running(rng, year, unit, pools, lines, drafts)
        for programme, unit in _programmes_of(units):
            _programme(rng, year, programme, unit, pools, lines, drafts)
    amounts = _scaled(drafts, lines, frozenset(livelihood))
    payments = tuple(
        PlanPayment(draft.line, draft.on, amount, draft.payee, draft.purpose, _contract(lines, draft))
        for draft, amount in zip(drafts, amounts, strict=True)
        if amount > 0
    )
    plan_lines = _with_amounts(lines, payments)
    return SpendingPlan(_projects(plan_lines), plan_lines, tuple(sorted(payments, key=lambda row: row.on)))


def _personnel(
    rng: random.Random, year: int, unit: district.PlanUnit, lines: list[_Line], drafts: list[_Draft]
) -> None:
    growth = 100 if year == 2022 else 104
    staff_payee = payees.PlanPayee(
        f"{unit.short_name}职工工资（统发）", f"9100{unit.code:0>15}", "云屿农村商业银行", "person"
    )
    for economic, function, yuan, months, purpose in _PERSONNEL:
        line = _Line(
            year, unit, f"{unit.code}R01", f"{unit.short_name}人员经费", "personnel", "general",
            _personnel_function(function, unit), _personnel_item(economic, unit), programmes.GUARANTEE,
        )  # fmt: skip
        lines.append(line)
        for month in months:
            fen = unit.staff * yuan * growth * rng.randint(985, 1015) // 1000
            drafts.append(
                _Draft(len(lines) - 1, pay_day(year, month, 2), fen, True, staff_payee, f"{month}月{purpose}")
            )


def _personnel_function(function: str | None, unit: district.PlanUnit) -> str:
    if function == "medical":
        return "2101101" if unit.unit_kind == "administrative" else "2101102"
    return function or unit.function_code


def _personnel_item(economic: str, unit: district.PlanUnit) -> str:
    if economic == "allowance":
        return "30102" if unit.unit_kind == "administrative" else "30107"
    return economic


def _running(
    rng: random.Random,
    year: int,
    unit: district.PlanUnit,
    pools: dict[str, list[payees.PlanPayee]],
    lines: list[_Line],
    drafts: list[_Draft],
) -> None:
    for economic, yuan, per_month, purpose in _RUNNING:
        lines.append(
            _Line(year, unit, f"{unit.code}Y01", f"{unit.short_name}公用经费", "running", "general",
                  unit.function_code, economic, programmes.GUARANTEE)
        )  # fmt: skip
        usual = rng.sample(pools["company"], 4)
        count = per_month + unit.staff // 110
        for month in range(1, 13):
            for part in range(count):
                fen = max(unit.staff * yuan * rng.randint(60, 140) // count, 5_000)
                on = pay_day(year, month, rng.randrange(6))
                text = _purpose(purpose, month, part)
                drafts.append(_Draft(len(lines) - 1, on, fen, True, rng.choice(usual), text))


def _programmes_of(
    units: Sequence[district.PlanUnit],
) -> list[tuple[programmes.Programme, district.PlanUnit]]:
    by_name = {unit.short_name: unit for unit in units} | {unit.name: unit for unit in units}
    pairs = [(row, by_name[row.unit]) for row in programmes.PROGRAMMES]
    towns = [unit for unit in units if unit.kind == "town"]
    return pairs + [(row, town) for town in towns for row in programmes.TOWN_PROGRAMMES]


def _programme(
    rng: random.Random,
    year: int,
    row: programmes.Programme,
    unit: district.PlanUnit,
    pools: dict[str, list[payees.PlanPayee]],
    lines: list[_Line],
    drafts: list[_Draft],
) -> None:
    serial = (
        sum(1 for line in lines if line.year == year and line.unit == unit and line.kind == "special") + 1
    )
    lines.append(
        _Line(year, unit, f"{unit.code}T{serial:02d}", row.name, "special", row.fund, row.function_code,
              row.economic_code, row.flags)
    )  # fmt: skip
    weight = row.weight_2022 if year == 2022 else row.weight_2023
    usual = _payees(rng, pools, row.payees)
    for month in row.months:
        for part in range(row.per_month):
            on = pay_day(year, month, rng.randrange(6))
            share = weight * rng.randint(70, 130)
            drafts.append(
                _Draft(len(lines) - 1, on, share, False, rng.choice(usual), _purpose(row.name, month, part))
            )


def _payees(
    rng: random.Random, pools: dict[str, list[payees.PlanPayee]], wanted: str
) -> list[payees.PlanPayee]:
    """Four of a pool, or the one institution of that name."""
    if wanted in pools:
        return rng.sample(pools[wanted], 4)
    return [payee for payee in pools["institution"] if payee.name == wanted]


def _purpose(name: str, month: int, part: int) -> str:
    return f"{month}月{name}" if part == 0 else f"{month}月{name}（第{part + 1}笔）"


def pay_day(year: int, month: int, slot: int) -> date:
    """This function will give the ``slot``-th (0 to 5) payment day of a month, moved on to a working day."""
    on = date(year, month, (4, 8, 12, 16, 20, 24)[slot])
    while not is_workday(on):
        on += timedelta(days=1)
    return on


def _scaled(drafts: Sequence[_Draft], lines: Sequence[_Line], livelihood: frozenset[str]) -> list[int]:
    """Amounts in 分: fixed drafts keep theirs, the others share what is left of their group's target."""
    groups: dict[tuple[str, int, int, bool], list[int]] = defaultdict(list)
    for index, draft in enumerate(drafts):
        line = lines[draft.line]
        half = 1 if draft.on.month <= 6 else 2
        groups[(line.fund, line.year, half, line.function_code[:3] in livelihood)].append(index)
    amounts = [draft.weight if draft.fixed else 0 for draft in drafts]
    for key, members in groups.items():
        open_members = [index for index in members if not drafts[index].fixed]
        left = targets.spending_fen(*key) - sum(amounts[index] for index in members)
        if left <= 0 or not open_members:
            raise ValueError(f"demo plan: group {key} leaves {left} fen for {len(open_members)} payments")
        parts = spread(left, [drafts[index].weight for index in open_members])
        for index, part in zip(open_members, parts, strict=True):
            amounts[index] = part
    return amounts


def spread(total_fen: int, weights: Sequence[int]) -> list[int]:
    """This function will split a total by weights into parts of whole 元, the last part taking the remainder."""
    whole = sum(weights)
    parts = [total_fen * weight // whole // 100 * 100 for weight in weights]
    parts[-1] += total_fen - sum(parts)
    return parts


def _contract(lines: Sequence[_Line], draft: _Draft) -> str:
    """Works and purchases are paid under a contract: one for each project and payee."""
    line = lines[draft.line]
    if line.economic_code[:2] != "31" or draft.payee.kind == "person":
        return ""
    return f"YY-{line.project_code}-{int(draft.payee.account[-5:]) % 900 + 100}"


def _with_amounts(lines: Sequence[_Line], payments: Sequence[PlanPayment]) -> tuple[PlanLine, ...]:
    """Budget lines large enough for their year: some of the money of special projects comes as a supplement."""
    paid: dict[int, int] = defaultdict(int)
    for row in payments:
        paid[row.line] += row.amount_fen
    result = []
    for index, line in enumerate(lines):
        need = (paid[index] * 104 // 100 // 10_000 + 1) * 10_000
        late = line.kind == "special" and line.flags & (programmes.DIRECT | programmes.BOND)
        supplement = need // 4 // 10_000 * 10_000 if late else 0
        result.append(
            PlanLine(
                index, line.year, line.unit.code, line.project_code, line.project_name, line.kind, line.fund,
                line.function_code, line.economic_code, line.flags, need - supplement, supplement,
                4 if supplement else 0,
            )
        )  # fmt: skip
    return tuple(result)


def _projects(lines: Sequence[PlanLine]) -> tuple[PlanProject, ...]:
    totals: dict[str, int] = defaultdict(int)
    first: dict[str, PlanLine] = {}
    for line in lines:
        totals[line.project_code] += line.approved_fen + line.supplement_fen
        first.setdefault(line.project_code, line)
    return tuple(
        PlanProject(code, line.project_name, line.kind, line.unit_code, line.year, totals[code] * 11 // 10)
        for code, line in first.items()
    )


def until(plan: SpendingPlan, through: date) -> SpendingPlan:
    """This function will cut the plan after a day; lines keep their yearly amounts."""
    return replace(plan, payments=tuple(row for row in plan.payments if row.on <= through))
