"""The chapters of the play in their order: how a district's two years go, month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from fisc.base.workdays import is_workday
from fisc.domains.revenue import services as revenue
from fisc.domains.revenue.receipts import ReceiptRow
from fisc.domains.revenue.tasks import KIND as TASK
from fisc.domains.revenue.tasks import TaskRow, create_task
from fisc.kernel.ledger import periods
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.clock import set_business_date
from fisc.project.demo import (
    bank,
    budgets,
    ceilings,
    four_budgets,
    looking_ahead,
    needs,
    next_round,
    payments,
    people,
    preparing,
    pushing,
    revenue_plan,
    spending_plan,
    unfinished,
    year_end,
)
from fisc.project.demo.cast import approve, moment
from fisc.project.demo.stage import FIRST_DAY, LAST_DAY, Stage, shares


@dataclass(frozen=True)
class Chapter:
    """One part of the play; ``weight`` is its share of the progress bar."""

    key: str
    title: str
    weight: int
    run: Callable[[], None]


def chapters(stage: Stage, through: date) -> Iterator[Chapter]:
    """This function will list what is played up to a day."""
    yield Chapter("settle", "机构与人员", 1500, partial(_settle, stage))
    for month in (9, 10, 11, 12):
        yield from _preparation(stage, FIRST_DAY.year, month)
    for year in range(FIRST_DAY.year, through.year + 1):
        yield Chapter(f"budget-{year}", f"{year}年预算批复", 2500, partial(_year, stage, year))
        for month in range(1, (12 if year < through.year else through.month) + 1):
            last = min(through, _month_end(year, month))
            key = f"month-{year}-{month:02d}"
            yield Chapter(key, f"{year}年{month}月", 4200, partial(_month, stage, year, month, last))
            if last == _month_end(year, month):
                yield from _after(stage, year, month)
    on = _next_workday(through)
    yield Chapter(f"today-{through}", "在途业务", 600, partial(_today, stage, through, on))
    if on.year == through.year == LAST_DAY.year:
        yield Chapter(
            f"round-{on.year + 1}", f"{on.year + 1}年预算启动", 400, partial(_next_round, stage, on)
        )
        yield Chapter(f"ahead-{on}", "库款预测与推演", 600, partial(_ahead, stage, through, on))


def _after(stage: Stage, year: int, month: int) -> Iterator[Chapter]:
    """What follows a month: the next year's budget in autumn, the end of the last year in January."""
    if year < LAST_DAY.year:
        yield from _preparation(stage, year + 1, month)
    if month == 1:
        yield Chapter(f"targets-{year}", f"{year}年批复转批与进度任务", 200, partial(_targets, stage, year))
    if year == FIRST_DAY.year:
        return
    if month == 1:
        yield Chapter(
            f"year-end-{year - 1}", f"{year - 1}年年终结转", 1500, partial(_year_end, stage, year - 1)
        )
    elif month == 2:
        yield Chapter(f"ladder-{year + 1}", "按执行率核减", 200, partial(_ladder, stage, year - 1))
    elif month == 5:
        yield Chapter(f"idle-{year}", "盘活存量资金", 200, partial(_idle, stage, year))
        yield Chapter(f"bulletin-{year}-05", "支出进度通报", 200, partial(_bulletin, stage, year))


def _preparation(stage: Stage, year: int, month: int) -> Iterator[Chapter]:
    """What is done for the next year's budget at the end of a month."""
    if month == 9:
        yield Chapter(f"bank-{year}", f"{year}年项目库", 1500, partial(_bank, stage, year))
    elif month == 10:
        yield Chapter(f"first-{year}", f"{year}年预算一上", 800, partial(_first, stage, year))
    elif month == 11:
        yield Chapter(f"control-{year}", f"{year}年预算审核与一下", 600, partial(_control, stage, year))
    elif month == 12:
        yield Chapter(f"second-{year}", f"{year}年预算二上", 600, partial(_second, stage, year))


# --- the chapters ---


def _settle(stage: Stage) -> None:
    people.settle(actor=system_actor(), at=moment(date(FIRST_DAY.year - 1, 9, 1), 8))
    periods.open_year(FIRST_DAY.year - 1)  # the project bank is older than the first budget


def _bank(stage: Stage, year: int) -> None:
    on = date(year - 1, 9, 15)
    stage.now = moment(on, 8)
    periods.open_year(year)
    new = [entry for entry in stage.bank if entry.project.first_year == year]
    bank.register(entries=new, lines=stage.lines_of(new), year=year, cast=stage.cast, on=on)
    registered = [entry for entry in stage.bank if entry.project.first_year <= year]
    bank.rank(entries=registered, year=year, cast=stage.cast, on=on)


def _first(stage: Stage, year: int) -> None:
    on = date(year - 1, 10, 20)
    stage.now = moment(on, 8)
    needs.play_basic_data(year=year, cast=stage.cast, on=date(year - 1, 10, 10))
    ceilings.play(year=year, asks=stage.asks(year), cast=stage.cast, on=date(year - 1, 10, 12))
    preparing.open_and_ask(year=year, asks=stage.asks(year), cast=stage.cast, on=on)


def _control(stage: Stage, year: int) -> None:
    on = date(year - 1, 11, 25)
    stage.now = moment(on, 8)
    preparing.review_and_control(year=year, asks=stage.asks(year), cast=stage.cast, on=on)


def _second(stage: Stage, year: int) -> None:
    on = date(year - 1, 12, 28)
    stage.now = moment(on, 8)
    needs.play_need(year=year, asks=stage.asks(year), cast=stage.cast, on=date(year - 1, 12, 20))
    preparing.second_and_approval(
        year=year, cast=stage.cast, on=on, number=f"云屿区人大〔{year - 1}〕{year % 10 + 7}号"
    )


def _year(stage: Stage, year: int) -> None:
    on = revenue_plan.pay_open(year)
    stage.now = moment(on, 8)
    preparing.reply_and_release(year=year, cast=stage.cast, on=on)
    carried = [line for line in stage.spending.lines if line.year == year and line.money_since is not None]
    if carried:
        budgets.play_carried_in(lines=carried, cast=stage.cast, on=on)
    four_budgets.play(year=year, asks=stage.asks(year), cast=stage.cast, on=on)
    _tasks(stage, year, on)


def _tasks(stage: Stage, year: int, on: date) -> None:
    rows = [
        TaskRow(level=row.level, revenue_code=row.revenue_code, months_fen=row.months_fen)
        for row in revenue_plan.tasks(year=year, share=shares())
    ]
    officer = stage.cast.revenue_officer
    doc_id = create_task(year=year, rows=rows, actor=officer, at=moment(on, 14), basis=f"区政〔{year}〕3号")
    approve(kind=TASK, ids=[doc_id], maker=officer, cast=stage.cast, on=on, hour=15)


def _month(stage: Stage, year: int, month: int, last: date) -> None:
    receipts = [row for row in stage.receipts(year, month) if row.on <= last]
    stage.now = moment(date(year, month, 1), 8)
    revenue.import_daily_reports(
        rows=[
            ReceiptRow(row.on, row.fund, row.revenue_code, row.payer, row.amount_fen, row.serial)
            for row in receipts
        ],
        actor=stage.cast.revenue_officer,
        at=stage.now.replace(day=28, hour=17),
        source=f"国库日报{year}年{month}月",
    )
    allotments = stage.allotments()
    if month == 4:
        on = spending_plan.pay_day(year, month, 0)
        budgets.play_supplements(lines=stage.spending.lines, allotments=allotments, cast=stage.cast, on=on)
    due = [
        row
        for row in stage.spending.payments
        if (row.on.year, row.on.month) == (year, month) and row.on <= last
    ]
    payments.play_payments(
        payments=due, allotments=allotments, years={row.line: year for row in due}, cast=stage.cast
    )
    _close_before(stage, year, month)


def _close_before(stage: Stage, year: int, month: int) -> None:
    """Close the month before last: people go on correcting the last one."""
    two_back = (year * 12 + month - 1) - 2
    period = two_back // 12 * 100 + two_back % 12 + 1
    if period >= FIRST_DAY.year * 100 + 1:
        reviewer = stage.cast.reviewers["treasury_reviewer"]
        periods.close_period(
            fiscal_year=period // 100, period=period, actor_id=reviewer.user_id, at=stage.now
        )


def _year_end(stage: Stage, year: int) -> None:
    on = date(year + 1, 1, 30)
    stage.now = moment(on, 8)
    year_end.close(year=year, cast=stage.cast, on=on)


def _ladder(stage: Stage, based_on: int) -> None:
    on = date(based_on + 1, 2, 27)
    stage.now = moment(on, 8)
    year_end.cut_slow_units(
        based_on=based_on,
        cut_year=based_on + 2,
        cast=stage.cast,
        on=on,
        confirmed_on=date(based_on + 1, 3, 10),
    )


def _targets(stage: Stage, year: int) -> None:
    on = date(year, 1, 31)
    stage.now = moment(on, 8)
    preparing.forward_and_disclose(
        year=year, cast=stage.cast, forwarded_on=date(year, 1, 13), disclosed_on=date(year, 1, 19)
    )
    pushing.set_targets(year=year, cast=stage.cast, on=on)


def _bulletin(stage: Stage, year: int) -> None:
    on = date(year, 5, 31)
    stage.now = moment(on, 8)
    pushing.tell_who_is_behind(cast=stage.cast, as_of=on, on=date(year, 6, 6))


def _idle(stage: Stage, year: int) -> None:
    on = date(year, 5, 30)
    stage.now = moment(on, 8)
    year_end.recover_idle(fiscal_year=year, cast=stage.cast, on=on)


def _today(stage: Stage, through: date, on: date) -> None:
    set_business_date(on)
    if on.year <= through.year:
        stage.now = moment(on, 8)
        unfinished.play(plan=stage.spending, allotments=stage.allotments(), cast=stage.cast, on=on)


def _next_round(stage: Stage, on: date) -> None:
    stage.now = moment(on, 8)
    periods.open_year(on.year + 1)
    next_round.play(plan=stage.spending, year=on.year + 1, cast=stage.cast, on=on)
    next_round.propose_projects(year=on.year + 1, cast=stage.cast, on=on)


def _ahead(stage: Stage, through: date, on: date) -> None:
    stage.now = moment(on, 8)
    ceilings.register_receptions(cast=stage.cast, on=on)
    pushing.leave_bulletin_to_the_leader(cast=stage.cast, as_of=through, on=on)
    looking_ahead.foresee_cash(cast=stage.cast, on=on)
    looking_ahead.plan_cash(lines=stage.spending.lines, allotments=stage.allotments(), cast=stage.cast, on=on)
    looking_ahead.keep_scenarios(cast=stage.cast, on=on)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _next_workday(day: date) -> date:
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day
