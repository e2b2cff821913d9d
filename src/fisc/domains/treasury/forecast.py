"""库款预测: what the books and the documents say of the days to come, made into a run that is kept (method: forecast_model).

Opening balance: 1001 at the end of the day before. Going out: payments under way, cash plans, the salary calendar, what
is announced, and the seasonal rest. Coming in: revenue by kind with its tasks, what is announced. 库款保障水平 F14.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction

from fisc.base.errors import BadInput, NotAllowed, Refusal
from fisc.base.money import format_fen
from fisc.base.workdays import add_workdays, is_workday
from fisc.domains.treasury import forecast_model as model
from fisc.domains.treasury import postings
from fisc.domains.treasury.bank import FUND_NAMES
from fisc.domains.treasury.forecast_model import Days, History, Settings, Stream
from fisc.domains.treasury.models import CashLine, ForecastDay, ForecastItem, ForecastRun, KnownFlow
from fisc.kernel import lean, ledger
from fisc.kernel.documents.create import insert_rows
from fisc.kernel.events.audit import AuditRow, record_many

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

RUN, RECORD, SET_LINE = "treasury.forecast.run", "treasury.forecast.record", "treasury.forecast.set_line"
ONE_OFF = "11008"
"""上年结余: moves the account once when books begin, and says nothing of any other year."""
SALARY_ITEMS = "301"
NAMES = {
    "tax": "税收收入", "nontax": "非税收入", "fund": "基金和其他预算收入", "transfer": "上级转移支付", "debt": "债务收入",
    "other_in": "其他流入", "known_in": "已知流入", "salary": "工资", "rest": "其他支出（按历史规律）", "payment": "在途支付",
    "plan": "用款计划", "known_out": "已知支出",
}  # fmt: skip
REPLACED = {
    ("transfer", True): "transfer", ("debt", True): "debt", ("salary", False): "salary", ("repayment", False): "rest",
    ("other", False): "rest",
}  # fmt: skip
"""Which stream announced money is part of, by its kind and whether it comes in."""

CASH_HISTORY = """
SELECT subject, effective_on, sum(debit_fen - credit_fen)::bigint
FROM v_ledger_day
WHERE book = 'cash' AND subject IN ('4001', '5001') AND effective_on >= %s AND effective_on < %s
    AND (%s = '' OR fund = %s)
GROUP BY subject, effective_on
"""
OPENING = """
SELECT coalesce(sum(debit_fen - credit_fen), 0)::bigint, min(effective_on)
FROM v_ledger_day
WHERE book = 'cash' AND subject = '1001' AND effective_on < %s AND (%s = '' OR fund = %s)
"""
REVENUE_HISTORY = """
SELECT subject, left(revenue_code, 3), fund, starts_with(revenue_code, '11008'), effective_on,
    sum(credit_fen - debit_fen)::bigint
FROM v_ledger_day
WHERE book = 'revenue' AND subject IN ('4003', '4005', '4009') AND effective_on >= %s AND effective_on < %s
    AND (%s = '' OR fund = %s)
GROUP BY 1, 2, 3, 4, 5
"""
TASKS = """
SELECT left(revenue_code, 3), fund, period, sum(-net_fen)::bigint
FROM v_ledger_turnover
WHERE book = 'revenue' AND subject = '8003' AND (%s = '' OR fund = %s)
GROUP BY 1, 2, 3
"""
SALARIES = """
SELECT instruction.paid_on, sum(instruction.amount_fen)::bigint
FROM treasury_instruction AS instruction
JOIN documents_document AS header ON header.id = instruction.document_id
JOIN (
    SELECT document_id, economic_code FROM treasury_payment
    UNION ALL
    SELECT document_id, economic_code FROM treasury_batch
) AS paying ON paying.document_id = instruction.document_id
WHERE instruction.state = 'paid' AND instruction.paid_on >= %s AND instruction.paid_on < %s
    AND starts_with(paying.economic_code, %s) AND (%s = '' OR header.fund = %s)
GROUP BY instruction.paid_on
"""
# One row: a payment or batch whose money is still in the account: what will leave, and how far it has come.
UNDER_WAY = """
SELECT header.id, header.number, header.counterparty, starts_with(paying.economic_code, %s),
    CASE WHEN header.state IN ('in_review', 'approved') THEN header.state ELSE 'sent' END,
    CASE WHEN header.state IN ('in_review', 'approved') THEN header.amount_fen ELSE coalesce(told.fen, 0) END::bigint
FROM (
    SELECT document_id, economic_code FROM treasury_payment
    UNION ALL
    SELECT document_id, economic_code FROM treasury_batch
) AS paying
JOIN documents_document AS header ON header.id = paying.document_id
LEFT JOIN LATERAL (
    SELECT sum(instruction.amount_fen) AS fen
    FROM treasury_instruction AS instruction
    LEFT JOIN documents_document AS clearing ON clearing.id = instruction.clearing_id
    WHERE instruction.document_id = header.id AND instruction.state <> 'failed'
        AND clearing.state IS DISTINCT FROM 'cleared'
) AS told ON header.state IN ('sent', 'booked')
WHERE header.state IN ('in_review', 'approved', 'sent')
        AND (%s = '' OR header.fund = %s)
    OR header.state = 'booked' AND told.fen > 0 AND (%s = '' OR header.fund = %s)
ORDER BY header.id
"""
PLANNED = """
SELECT plan.month, count(*), sum(header.amount_fen)::bigint
FROM treasury_cashplan AS plan
JOIN documents_document AS header ON header.id = plan.document_id
WHERE header.state = 'planned' AND (%s = '' OR header.fund = %s)
GROUP BY plan.month
ORDER BY plan.month
"""


class TooLittleHistory(Refusal):
    """库款历史只有 {months} 个整月，预测至少需要 12 个整月。"""

    code = "treasury.forecast_history"


@dataclass(frozen=True, slots=True)
class KnownMoney:
    """Money known to come (positive) or go (negative) on a day; `kind` is one of `KnownFlow.Kind`."""

    on: dt.date
    fund: str
    kind: str
    label: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Item:
    """One cause of a day's flow, signed: positive comes in."""

    on: dt.date
    cause: str
    label: str
    amount_fen: int
    document_id: int | None = None
    replaces: str = ""
    """The stream whose seasonal guess it takes the place of; "" where it comes on top."""


# --- announced money, lines ----------------------------------------------------------------------------------


def add_known(*, rows: Sequence[KnownMoney], actor: Actor, at: dt.datetime) -> int:
    """This function will record money that is known to come or go (转移支付预告、还本付息) and return how many rows.

    :raises BadInput: an unknown fund or kind, no label, no amount. :raises NotAllowed: not the actor's business.
    """
    _check_permission(actor, RECORD)
    for row in rows:
        if row.fund not in FUND_NAMES or row.kind not in KnownFlow.Kind.values:
            raise BadInput.of("treasury.known_flow", "请选择资金性质和类别。")
        if not row.label.strip() or row.amount_fen == 0:
            raise BadInput.of("treasury.known_flow", "请填写摘要和金额。")
    with transaction.atomic():
        insert_rows(
            KnownFlow,
            [
                {
                    "on_day": row.on, "fund": row.fund, "kind": row.kind, "label": row.label.strip()[:100],
                    "amount_fen": row.amount_fen, "recorded_at": at, "recorded_by_id": actor.user_id,
                }
                for row in rows
            ],
        )  # fmt: skip
        total = sum(row.amount_fen for row in rows)
        _trail(actor, at, RECORD, "", {"rows": len(rows), "amount": format_fen(total)})
    return len(rows)


def cancel_known(*, flow_id: int, actor: Actor, at: dt.datetime) -> None:
    """This function will take back announced money. :raises NotAllowed: not the actor's business."""
    _check_permission(actor, RECORD)
    with transaction.atomic():
        KnownFlow.objects.filter(pk=flow_id).update(is_void=True)
        _trail(actor, at, "treasury.forecast.cancel", str(flow_id), {})


def set_line(
    *, valid_from: dt.date, low: Decimal, high: Decimal, basis: str, actor: Actor, at: dt.datetime
) -> None:
    """This function will set the two lines of 库款保障水平 from a day on.

    :raises BadInput: the lines are not 0 < low < high, or no basis is given.
    """
    _check_permission(actor, SET_LINE)
    if not Decimal(0) < low < high <= Decimal(24) or not basis.strip():
        raise BadInput.of("treasury.cash_line", "警戒线应大于零且小于充裕线，并写明依据。")
    with transaction.atomic():
        CashLine.objects.update_or_create(
            valid_from=valid_from,
            defaults={"low_cover": low, "high_cover": high, "basis": basis.strip()[:200]},
        )
        _trail(actor, at, SET_LINE, valid_from.isoformat(), {"low": str(low), "high": str(high)})


def line_on(day: dt.date) -> CashLine:
    """The lines in force on a day; the migration sets the first."""
    return CashLine.objects.filter(valid_from__lte=day).latest("valid_from")


def _check_permission(actor: Actor, permission: str) -> None:
    if not actor.can(permission):
        raise NotAllowed


def _trail(actor: Actor, at: dt.datetime, action: str, object_id: str, detail: Mapping[str, object]) -> None:
    record_many([
        AuditRow(
            at=at, actor_id=actor.user_id, actor_name=actor.name, action=action, object_kind="treasury.forecast",
            object_id=object_id, ip=actor.ip or None, detail=dict(detail),
        )
    ])  # fmt: skip


# --- reading -------------------------------------------------------------------------------------------------


def read_history(on: dt.date, fund: str, months: int) -> tuple[History, int]:
    """The daily streams before a day, and the balance with which it begins, in 分.

    :raises TooLittleHistory: fewer than twelve whole months.
    """
    ((opening, earliest),) = lean.fetch(OPENING, (on, fund, fund))
    first = on.replace(day=1)
    for _ in range(months):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    first = max(first, (earliest or on).replace(day=1))
    count = (on - first).days
    whole = len(model.whole_months(first, count)) if count > 0 else 0
    if whole < 12:
        raise TooLittleHistory(months=whole)
    cash_in, cash_out = np.zeros(count), np.zeros(count)
    for subject, day, net in lean.fetch(CASH_HISTORY, (first, on, fund, fund)):
        (cash_out if subject == postings.OUTFLOW else cash_in)[(day - first).days] += (
            net if subject == postings.OUTFLOW else -net
        )
    inflows = _inflow_streams(first, on, fund, cash_in)
    salary = np.zeros(count)
    for day, fen in lean.fetch(SALARIES, (first, on, SALARY_ITEMS, fund, fund)):
        salary[(day - first).days] += fen
    outflows = (Stream("salary", salary), Stream("rest", cash_out - salary))
    return History(first, inflows, outflows), int(opening)


def _inflow_streams(first: dt.date, on: dt.date, fund: str, cash_in: Days) -> tuple[Stream, ...]:
    daily: dict[str, Days] = {}
    rest = cash_in.copy()
    for subject, code, of_fund, is_one_off, day, fen in lean.fetch(REVENUE_HISTORY, (first, on, fund, fund)):
        at = (day - first).days
        rest[at] -= fen
        if not is_one_off:
            daily.setdefault(_stream_of(subject, code, of_fund), np.zeros(len(cash_in)))[at] += fen
    tasks: dict[str, dict[int, float]] = {}
    for code, of_fund, period, fen in lean.fetch(TASKS, (fund, fund)):
        months = tasks.setdefault(_stream_of("4003", code, of_fund), {})
        months[period] = months.get(period, 0.0) + fen
    streams = [Stream(name, amounts, tasks.get(name, {})) for name, amounts in sorted(daily.items())]
    return (*streams, Stream("other_in", rest))


def _stream_of(subject: str, code: str, fund: str) -> str:
    if subject == "4005":
        return "transfer"
    if subject == "4009":
        return "debt"
    if fund != "general":
        return "fund"
    return "tax" if code == "101" else "nontax"


def known_items(on: dt.date, fund: str, days: int) -> list[Item]:
    """What is known by name of the days from `on`: payments under way, cash plans, announced money."""
    end = on + dt.timedelta(days=days)
    found = [*_under_way(on, fund), *_planned(on, fund), *_announced(on, end, fund)]
    return [item for item in found if on <= item.on < end]


def _under_way(on: dt.date, fund: str) -> list[Item]:
    days = {"sent": add_workdays(on, 0), "approved": add_workdays(on, 1), "in_review": add_workdays(on, 3)}
    rows = lean.fetch(UNDER_WAY, (SALARY_ITEMS, fund, fund, fund, fund))
    return [
        Item(
            days[stage], "payment", f"{number} {payee}"[:120], -fen, doc_id, "salary" if is_salary else "rest"
        )
        for doc_id, number, payee, is_salary, stage, fen in rows
        if fen
    ]


def _planned(on: dt.date, fund: str) -> list[Item]:
    """Plans that are due but not used yet go out over the rest of this month, the others over their own month."""
    selection = ledger.Selection(
        book=postings.BOOK,
        subjects=(postings.PLAN_DUE,),
        funds=(fund,) if fund else (),
        fiscal_years=(on.year,),
    )
    due = sum(balance.available_fen for balance in ledger.balances(selection).values())
    this_month = model.period_of(on)
    months: dict[int, int] = {this_month: due} if due > 0 else {}
    for month, _, fen in lean.fetch(PLANNED, (fund, fund)):
        at = max(month, this_month)
        months[at] = months.get(at, 0) + fen
    items = []
    for month, fen in months.items():
        left = [day for day in model.month_days(month) if day >= on and is_workday(day)]
        left = left or [max(on, model.month_days(month)[-1])]
        parts = [fen // len(left) + (number < fen % len(left)) for number in range(len(left))]
        label = f"{month % 100}月用款计划"
        items += [
            Item(day, "plan", label, -part, replaces="rest")
            for day, part in zip(left, parts, strict=True)
            if part
        ]
    return items


def _announced(on: dt.date, end: dt.date, fund: str) -> list[Item]:
    rows = KnownFlow.objects.filter(is_void=False, on_day__gte=on, on_day__lt=end).order_by("on_day", "id")
    if fund:
        rows = rows.filter(fund=fund)
    return [
        Item(
            row.on_day,
            "known_in" if row.amount_fen > 0 else "known_out",
            row.label,
            row.amount_fen,
            replaces=REPLACED.get((row.kind, row.amount_fen > 0), ""),
        )
        for row in rows
    ]


# --- one run -------------------------------------------------------------------------------------------------


def seasonal_items(history: History, known: Iterable[Item], days: int) -> list[Item]:
    """What the profiles say of the days after the history, less what is known by name in the same month."""
    start = model.day_at(history.first_day, history.day_count)
    taken = {stream.name: np.zeros(days) for stream in (*history.inflows, *history.outflows)}
    for item in known:
        if item.replaces in taken:
            taken[item.replaces][(item.on - start).days] += abs(item.amount_fen)
    items = []
    for sign, streams in ((1, history.inflows), (-1, history.outflows)):
        for stream in streams:
            foreseen = model.replaced(
                model.foresee(stream, history.first_day, days), start, taken[stream.name]
            )
            items += [
                Item(model.day_at(start, int(at)), stream.name, NAMES[stream.name], sign * round(float(fen)))
                for at, fen in enumerate(foreseen)
                if round(float(fen))
            ]
    return items


def run_forecast(
    *, on: dt.date, actor: Actor, at: dt.datetime, fund: str = "", days: int = 90, history_months: int = 24
) -> int:
    """This function will foresee the treasury account from `on` for so many days and keep the run; returns its id.

    :param fund: one 资金性质, or "" for all together.
    :raises TooLittleHistory: fewer than twelve whole months of cash. :raises BadInput: an unknown fund.
    """
    _check_permission(actor, RUN)
    if fund and fund not in FUND_NAMES:
        raise BadInput.of("treasury.forecast_fund", "没有这种资金性质。")
    settings = Settings(days=days, history_months=history_months)
    history, opening = read_history(on, fund, history_months)
    known = known_items(on, fund, days)
    items = [*known, *seasonal_items(history, known, days)]
    backtest, band = model.tested_back(history, settings)
    average = average_outflow(history)
    safety = round(float(line_on(on).low_cover) * average)
    rows = day_rows(on, opening, items, band, safety)
    errors = {
        "origins": [origin.isoformat() for origin in backtest.origins],
        "error_percent": {str(key): value for key, value in backtest.error_percent.items()},
        "coverage_percent": backtest.coverage_percent,
    }
    with transaction.atomic():
        run = ForecastRun.objects.create(
            on_day=on, days=days, fund=fund, made_at=at, made_by_id=actor.user_id, opening_fen=opening,
            average_outflow_fen=average, safety_fen=safety, settings=asdict(settings), errors=errors,
        )  # fmt: skip
        insert_rows(ForecastDay, [{"run_id": run.pk, **row} for row in rows])
        insert_rows(
            ForecastItem,
            [
                {
                    "run_id": run.pk, "on_day": item.on, "cause": item.cause, "label": item.label,
                    "amount_fen": item.amount_fen, "document_id": item.document_id,
                }
                for item in items
            ],
        )  # fmt: skip
        _trail(actor, at, RUN, str(run.pk), {"on": on.isoformat(), "fund": fund, "days": days})
    return run.pk


def average_outflow(history: History) -> int:
    """月均流出 of the last twelve whole months, in 分."""
    total = np.sum([stream.daily for stream in history.outflows], axis=0)
    sums = [fen for _, fen in sorted(model.by_month(history.first_day, total).items())[-12:]]
    return round(sum(sums) / len(sums)) if sums else 0


def day_rows(
    on: dt.date, opening_fen: int, items: Iterable[Item], band: model.Band, safety_fen: int
) -> list[dict[str, object]]:
    """The days of a run: flows, the balance with its band, and how short it gets."""
    count = len(band.below)
    inflow, outflow = [0] * count, [0] * count
    for item in items:
        at = (item.on - on).days
        if item.amount_fen > 0:
            inflow[at] += item.amount_fen
        else:
            outflow[at] -= item.amount_fen
    rows: list[dict[str, object]] = []
    for at, mid in enumerate(model.balances(opening_fen, inflow, outflow)):
        low, high = mid + round(float(band.below[at])), mid + round(float(band.above[at]))
        rows.append(
            {
                "on_day": model.day_at(on, at), "inflow_fen": inflow[at], "outflow_fen": outflow[at],
                "low_fen": low, "mid_fen": mid, "high_fen": high, "level": level_of(low, mid, safety_fen),
            }
        )  # fmt: skip
    return rows


def level_of(low_fen: int, mid_fen: int, safety_fen: int) -> str:
    """How short a day is: 缺口 (the middle below zero), 有缺口风险 (the low value), 低于警戒线, or nothing."""
    if mid_fen < 0:
        return ForecastDay.Level.GAP
    if low_fen < 0:
        return ForecastDay.Level.RISK
    return ForecastDay.Level.THIN if mid_fen < safety_fen else ForecastDay.Level.FINE
