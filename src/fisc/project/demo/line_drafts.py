"""Draws the budget lines and the payments of 2022 and 2023 before they are scaled to the half-year targets.

Salaries and running costs are quantity × standard; small projects have prices; the programmes carry weights and
take up what is left of each half-year's target.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from fisc.base.workdays import is_workday
from fisc.project.demo import basics, district, payees, programmes, small_projects

YEARS = (2022, 2023)
GENERAL = "general"
Pools = Mapping[str, list[payees.PlanPayee]]

# Units that were slow in 2022, and what they paid of their special projects, in percent.
SLOW_UNITS: Mapping[str, int] = {
    "区文广旅体局": 55,
    "区供销社": 42,
    "区科技局": 74,
    "团区委": 66,
    "区林业中心": 83,
}


@dataclass(frozen=True)
class LineDraft:
    """One budget line of one year; without ``approved_fen`` its budget follows from its payments."""

    year: int
    unit: district.PlanUnit
    project_code: str
    project_name: str
    kind: str  # personnel | running | operating | special
    fund: str
    function_code: str
    economic_code: str
    flags: int
    approved_fen: int | None = None
    carried_from: int | None = None  # the line of the year before whose left-over money this one spends
    money_since: int | None = None  # year of money that was already carried into the first year of the plan


@dataclass(frozen=True)
class PaymentDraft:
    """A payment before scaling: ``weight`` is fen for fixed lines, a relative number for programme lines."""

    line: int
    on: date
    weight: int
    fixed: bool
    payee: payees.PlanPayee
    purpose: str


@dataclass
class Drafts:
    """The lines and payments drawn so far."""

    lines: list[LineDraft] = field(default_factory=list)
    payments: list[PaymentDraft] = field(default_factory=list)

    def add(self, line: LineDraft) -> int:
        """Add a line; returns its index."""
        self.lines.append(line)
        return len(self.lines) - 1

    def pay(
        self, index: int, total_fen: int, slots: Sequence[tuple[date, int, payees.PlanPayee, str]]
    ) -> None:
        """Pay a fixed total on the slots (day, weight, payee, purpose)."""
        parts = spread(total_fen, [weight for _, weight, _, _ in slots])
        self.payments += [
            PaymentDraft(index, on, part, True, payee, purpose)
            for (on, _, payee, purpose), part in zip(slots, parts, strict=True)
        ]


ALL_YEAR = tuple(range(1, 13))
# economic item → function override, months, what it is
_PERSONNEL: Mapping[str, tuple[str | None, tuple[int, ...], str]] = {
    "30101": (None, ALL_YEAR, "基本工资"),
    "30102": (None, ALL_YEAR, "津贴补贴"),
    "30107": (None, ALL_YEAR, "绩效工资"),
    "30103": (None, (12,), "年终一次性奖金"),
    "30108": ("2080505", ALL_YEAR, "机关事业单位基本养老保险缴费"),
    "30109": ("2080506", (3, 6, 9, 12), "职业年金缴费"),
    "30110": ("medical", ALL_YEAR, "职工基本医疗保险缴费"),
    "30113": ("2210201", ALL_YEAR, "住房公积金"),
    "30302": ("retired", (3, 6, 9, 12), "离退休人员补助"),
}
# economic item → payments per month, purpose
_RUNNING: Mapping[str, tuple[int, str]] = {
    "30201": (2, "办公用品采购"),
    "30202": (1, "文件资料印刷"),
    "30206": (1, "电费"),
    "30207": (1, "邮电通讯费"),
    "30211": (2, "差旅费报销"),
    "30213": (1, "办公设施维修"),
    "30216": (1, "业务培训费"),
    "30226": (1, "临时用工劳务费"),
    "30228": (1, "工会经费"),
    "30217": (1, "公务接待费"),
    "30231": (1, "公务用车运行维护"),
    "30299": (1, "其他日常公用支出"),
}
# function item by kind of unit: administrative, institution
_BY_KIND = {"medical": ("2101101", "2101102"), "retired": ("2080501", "2080502")}
_PAID_OF_SALARIES, _PAID_OF_RUNNING = 985, 965  # thousandths of the budget


def personnel(rng: random.Random, year: int, unit: district.PlanUnit, drafts: Drafts) -> None:
    """This function will draw a unit's salaries, contributions and pensioners."""
    payee = payees.PlanPayee(
        f"{unit.short_name}职工工资（统发）", f"9100{unit.code:0>15}", "云屿农村商业银行", "person"
    )
    for economic, fen in basics.personnel_fen(basics.of_unit(unit, year)).items():
        function, months, what = _PERSONNEL[economic]
        index = drafts.add(
            LineDraft(
                year, unit, f"{unit.code}R01", f"{unit.short_name}人员经费", "personnel", GENERAL,
                _personnel_function(function, unit), economic, programmes.GUARANTEE, fen,
            )
        )  # fmt: skip
        slots = [
            (pay_day(year, month, 2), rng.randint(985, 1015), payee, f"{month}月{what}") for month in months
        ]
        drafts.pay(index, fen * _PAID_OF_SALARIES // 1000 // 100 * 100, slots)


def _personnel_function(function: str | None, unit: district.PlanUnit) -> str:
    if function in _BY_KIND:
        return _BY_KIND[function][unit.unit_kind == "institution"]
    return function or unit.function_code


def running(rng: random.Random, year: int, unit: district.PlanUnit, pools: Pools, drafts: Drafts) -> None:
    """This function will draw a unit's running costs: by heads and vehicles, in schools by pupils."""
    for economic, fen in basics.running_fen(basics.of_unit(unit, year)).items():
        per_month, what = _RUNNING[economic]
        index = drafts.add(
            LineDraft(year, unit, f"{unit.code}Y01", f"{unit.short_name}公用经费", "running", GENERAL,
                      unit.function_code, economic, programmes.GUARANTEE, fen)
        )  # fmt: skip
        usual = rng.sample(pools["company"], 4)
        slots = [
            (pay_day(year, month, rng.randrange(6)), rng.randint(60, 140), rng.choice(usual),
             _purpose(what, month, part))
            for month in ALL_YEAR
            for part in range(per_month + unit.staff // 110)
        ]  # fmt: skip
        drafts.pay(index, fen * _PAID_OF_RUNNING // 1000 // 100 * 100, slots)


def small(
    rng: random.Random, rows: Sequence[small_projects.SmallProject], pools: Pools, drafts: Drafts
) -> None:
    """This function will draw the small projects; slow units leave much of their money."""
    serials: dict[str, int] = {}
    for row in rows:
        serials[row.unit.code] = serials.get(row.unit.code, 0) + 1
        code = f"{row.unit.code}Q{serials[row.unit.code]:02d}"
        usual = rng.sample(pools["works" if row.economic_code in ("31005", "31006") else "company"], 2)
        for year, yuan in row.yuan.items():
            index = drafts.add(
                LineDraft(year, row.unit, code, row.name, row.category, GENERAL, row.function_code,
                          row.economic_code, 0, yuan * 100)
            )  # fmt: skip
            paid = rng.randint(90, 99)
            if year == YEARS[0]:
                paid = min(paid, SLOW_UNITS.get(row.unit.short_name, 100) + rng.randint(-6, 6))
            slots = [
                (pay_day(year, month, rng.randrange(6)), rng.randint(70, 130), rng.choice(usual),
                 _purpose(row.name.removeprefix(row.unit.short_name), month, 0))
                for month in row.months
            ]  # fmt: skip
            drafts.pay(index, yuan * paid // 100 * 100, slots)


def programme(
    rng: random.Random,
    row: programmes.Programme,
    unit: district.PlanUnit,
    code: str,
    pools: Pools,
    drafts: Drafts,
) -> None:
    """This function will draw one programme in both years; works carried by the upper level spend last year's
    left-over money first, in the first month they build."""
    before: int | None = None
    usual = _payees(rng, pools, row.payees)
    for year in YEARS:
        line = LineDraft(year, unit, code, row.name, "special", row.fund, row.function_code,
                         row.economic_code, row.flags)  # fmt: skip
        index = drafts.add(line)
        carried = None
        if before is not None and carries_over(row):
            carried = drafts.add(LineDraft(**{**vars(line), "carried_from": before}))
        weight = row.weight_2022 if year == YEARS[0] else row.weight_2023
        for month in row.months:
            for part in range(row.per_month):
                on = pay_day(year, month, rng.randrange(6))
                spent_from = carried if carried is not None and month == row.months[0] else index
                drafts.payments.append(
                    PaymentDraft(spent_from, on, weight * rng.randint(70, 130), False, rng.choice(usual),
                                 _purpose(row.name, month, part))
                )  # fmt: skip
        before = index


def carries_over(row: programmes.Programme) -> bool:
    """Works with the upper level's or bond money: what is left at the year's end goes on with them."""
    return row.economic_code.startswith("310") and bool(row.flags & (programmes.DIRECT | programmes.BOND))


def fixed_project(
    *,
    year: int,
    unit: district.PlanUnit,
    code: str,
    name: str,
    category: str,
    function_code: str,
    economic_code: str,
    approved_fen: int,
    paid_fen: int,
    months: Sequence[int],
    payee: payees.PlanPayee,
    drafts: Drafts,
    money_since: int | None = None,
) -> None:
    """This function will draw one line with a price, paid in equal parts in the months."""
    index = drafts.add(
        LineDraft(year, unit, code, name, category, GENERAL, function_code, economic_code, 0, approved_fen,
                  money_since=money_since)
    )  # fmt: skip
    if paid_fen:
        what = name.removeprefix(unit.short_name)
        slots = [(pay_day(year, month, 3), 1, payee, _purpose(what, month, 0)) for month in months]
        drafts.pay(index, paid_fen, slots)


def _payees(rng: random.Random, pools: Pools, wanted: str) -> list[payees.PlanPayee]:
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


def spread(total_fen: int, weights: Sequence[int]) -> list[int]:
    """This function will split a total by weights into parts of whole 元, the last part taking the remainder."""
    whole = sum(weights)
    parts = [total_fen * weight // whole // 100 * 100 for weight in weights]
    parts[-1] += total_fen - sum(parts)
    return parts
