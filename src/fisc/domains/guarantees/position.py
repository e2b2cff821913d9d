"""三保 as it stands: need, arranged, executed, gap by item (F13), while the budget is prepared and while it runs.

A gap is counted item by item and never netted: what one item has too much does not help another.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection

from fisc.base.errors import BadInput
from fisc.domains.guarantees import catalogue
from fisc.domains.guarantees.models import Need, WageDay
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest

STAGES: tuple[tuple[str, str], ...] = (
    ("first", "一上"),
    ("reviewed", "控制数"),
    ("second", "二上"),
    ("reply", "批复"),
    ("execution", "执行"),
)
STAGE_NAMES = dict(STAGES)
EXECUTION = "execution"
STAGE_COLUMNS = {
    "first": "line.first_fen",
    "reviewed": "line.reviewed_fen",
    "second": "line.second_fen",
    "reply": "coalesce(line.reply_fen, line.second_fen)",
}

NEEDED = """
SELECT item, sum(need_fen) FROM v_guarantees_need_line
WHERE fiscal_year = %s AND (%s::integer[] IS NULL OR unit_id = ANY (%s::integer[]))
GROUP BY item
"""
MONTHLY = "SELECT item, monthly::text FROM v_guarantees_need WHERE fiscal_year = %s"
BOOKED = """
SELECT item, sum(arranged_fen), coalesce(sum(executed_fen) FILTER (WHERE period <= %s), 0)
FROM v_guarantees_arranged
WHERE fiscal_year = %s AND (%s::integer[] IS NULL OR unit_id = ANY (%s::integer[]))
GROUP BY item
"""
PREPARED = """
SELECT guarantees_item_of(line.fiscal_year, line.category, line.guarantee_item, line.economic_code,
        line.function_code, line.flags) AS item,
    sum({amount})
FROM v_preparation_line AS line
WHERE line.fiscal_year = %s AND (%s::integer[] IS NULL OR line.unit_id = ANY (%s::integer[]))
GROUP BY 1
"""
UNPAID = """
SELECT arranged.unit_id, unit.name, sum(arranged.arranged_fen)::bigint
FROM v_guarantees_arranged AS arranged
JOIN v_guarantees_item AS item ON item.fiscal_year = arranged.fiscal_year AND item.item = arranged.item
JOIN orgs_unit AS unit ON unit.id = arranged.unit_id
WHERE arranged.fiscal_year = %s AND item.area = 'wages'
GROUP BY arranged.unit_id, unit.name, unit.code
HAVING sum(arranged.arranged_fen) > 0
    AND coalesce(sum(arranged.executed_fen) FILTER (WHERE arranged.period = %s), 0) <= 0
ORDER BY unit.code
"""


@dataclass(frozen=True)
class ItemPosition:
    """One item, in 分. `need_fen` None: no need is in force. `due_fen`: the need of the months so far."""

    item: str
    name: str
    area: str
    level: str
    need_fen: int | None
    arranged_fen: int
    executed_fen: int = 0
    due_fen: int | None = None

    @property
    def gap_fen(self) -> int:
        """F13 缺口 of this item: max(0, 需求 − 安排)."""
        return max(0, (self.need_fen or 0) - self.arranged_fen)

    @property
    def coverage(self) -> Fraction | None:
        """F13 覆盖率: 安排 ÷ 需求 × 100; None without a need."""
        return percent(self.arranged_fen, self.need_fen)

    @property
    def execution(self) -> Fraction | None:
        """F13 执行: 支出 ÷ 需求 × 100."""
        return percent(self.executed_fen, self.need_fen)

    @property
    def progress(self) -> Fraction | None:
        """支出 ÷ the need due by the month × 100."""
        return percent(self.executed_fen, self.due_fen)


@dataclass(frozen=True)
class Sum:
    """Several items together: amounts added up, gaps added up and never netted."""

    label: str
    need_fen: int | None
    arranged_fen: int
    executed_fen: int
    gap_fen: int
    due_fen: int | None = None

    @property
    def coverage(self) -> Fraction | None:
        """安排 ÷ 需求 × 100, of the sums."""
        return percent(self.arranged_fen, self.need_fen)

    @property
    def execution(self) -> Fraction | None:
        """支出 ÷ 需求 × 100, of the sums."""
        return percent(self.executed_fen, self.need_fen)

    @property
    def progress(self) -> Fraction | None:
        """支出 ÷ the need due by the month × 100, of the sums."""
        return percent(self.executed_fen, self.due_fen)


def percent(part: int, whole: int | None) -> Fraction | None:
    """part ÷ whole × 100; None when there is no whole."""
    return Fraction(part * 100, whole) if whole else None


def total(items: Iterable[ItemPosition], label: str = "合计") -> Sum:
    """This function will add items up; the gap is the sum of the gaps."""
    rows = list(items)
    needs = [row.need_fen for row in rows if row.need_fen is not None]
    due = [row.due_fen for row in rows if row.due_fen is not None]
    return Sum(
        label=label,
        need_fen=sum(needs) if needs else None,
        arranged_fen=sum(row.arranged_fen for row in rows),
        executed_fen=sum(row.executed_fen for row in rows),
        gap_fen=sum(row.gap_fen for row in rows),
        due_fen=sum(due) if due else None,
    )


def need_in_force(year: int) -> Need | None:
    """The approved need of a year."""
    return Need.objects.select_related("document").filter(year=year, is_in_force=True).first()


def position(
    *, year: int, stage: str = EXECUTION, month: int = 12, unit_ids: Sequence[int] | None = None
) -> list[ItemPosition]:
    """This function will give every item of the year's list with need, arranged and executed (to the month's end).

    Arranged is what the stage says: 一上, 控制数, 二上, 批复 from the budget being prepared, else from the ledger.
    """
    if stage not in STAGE_NAMES:
        raise BadInput(f"没有“{stage}”这个阶段。")
    units = list(unit_ids) if unit_ids is not None else None
    has_need = Need.objects.filter(year=year, is_in_force=True).exists()
    needed = {item: int(fen) for item, fen in _rows(NEEDED, [year, units, units])} if has_need else {}
    due = due_by(year=year, month=month) if has_need and units is None else {}
    arranged = prepared(year=year, stage=stage, unit_ids=units) if stage != EXECUTION else {}
    booked = {
        item: (int(arranged_fen), int(executed_fen))
        for item, arranged_fen, executed_fen in _rows(BOOKED, [year * 100 + month, year, units, units])
    }
    return [
        ItemPosition(
            item=row.code,
            name=row.name,
            area=row.area,
            level=row.level,
            need_fen=needed.get(row.code, 0) if has_need else None,
            arranged_fen=(
                booked.get(row.code, (0, 0))[0] if stage == EXECUTION else arranged.get(row.code, 0)
            ),
            executed_fen=booked.get(row.code, (0, 0))[1],
            due_fen=due.get(row.code),
        )
        for row in catalogue.items_of(year)
    ]


def due_by(*, year: int, month: int) -> dict[str, int]:
    """Item → the need of January to the month, by the item's weights."""
    found = {}
    for item, monthly in _rows(MONTHLY, [year]):
        found[item] = sum(int(amount) for amount in json.loads(monthly)[:month])
    return found


def prepared(*, year: int, stage: str, unit_ids: Sequence[int] | None = None) -> dict[str, int]:
    """Item → what the budget being prepared arranges at a stage; nothing while there is no such budget."""
    if not view_exists("v_preparation_line"):
        return {}
    units = list(unit_ids) if unit_ids is not None else None
    rows = _rows(PREPARED.format(amount=STAGE_COLUMNS[stage]), [year, units, units])
    return {item: int(amount or 0) for item, amount in rows if item is not None}


def view_exists(name: str) -> bool:
    """Whether a module publishes this view."""
    return bool(_rows("SELECT to_regclass(%s) IS NOT NULL", [name])[0][0])


def wage_day(on: dt.date) -> int:
    """The day of the month by which wages must be paid (data with dates); 0: nobody has set one."""
    held = WageDay.objects.filter(valid_from__lte=on).order_by("-valid_from").first()
    return held.day if held else 0


@dataclass(frozen=True)
class Unpaid:
    """A unit that has money for wages and has paid none of it in the month."""

    unit_id: int
    unit: str
    arranged_fen: int
    month: int


def unpaid_wages(*, on: dt.date) -> list[Unpaid]:
    """This function will name the units whose wages of the last due month are unpaid on a day (保工资 without payment).

    After the wage day the month itself is due, until then the month before it (of the same fiscal year).
    """
    day = wage_day(on)
    month = on.month if day and on.day > day else on.month - 1
    if not day or month < 1:
        return []
    rows = _rows(UNPAID, [on.year, on.year * 100 + month])
    return [Unpaid(unit_id, name, int(fen), month) for unit_id, name, fen in rows]


def cash_months(*, year: int, month: int) -> Fraction | None:
    """How many months of 三保 the treasury account covers at the month's end: 库款余额 ÷ (三保需求 ÷ 12); below 1 is red."""
    cash = FigureRequest(metric="cash.balance", year=year, month=month)
    need = FigureRequest(metric="guarantees.need", year=year, month=month)
    found = figures([cash, need])
    balance, whole = found[cash].value, found[need].value
    return None if balance is None or not whole else Fraction(balance) * 12 / Fraction(whole)


def by_key(items: Iterable[ItemPosition]) -> Mapping[str, ItemPosition]:
    """The items by code."""
    return {row.item: row for row in items}


def _rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
