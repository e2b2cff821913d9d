"""The play: chapter by chapter, each one transaction and remembered, so that it can be interrupted and taken up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import connection, transaction

from fisc.base.progress import Progress
from fisc.base.workdays import is_workday
from fisc.domains.budget.dimensions import Origin
from fisc.domains.revenue import services as revenue
from fisc.domains.revenue.receipts import ReceiptRow
from fisc.domains.revenue.sharing import SharingTable, district_share
from fisc.domains.revenue.tasks import KIND as TASK
from fisc.domains.revenue.tasks import TaskRow, create_task
from fisc.kernel import codes
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.ledger import periods
from fisc.kernel.modules.install import deliver_events
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.clock import fixed_date, set_business_date
from fisc.project.demo import budgets, payments, people, revenue_plan, spending_plan, unfinished
from fisc.project.demo.cast import Cast, approve, call, moment
from fisc.project.demo.revenue_plan import PlanReceipt
from fisc.project.demo.spending_plan import SpendingPlan

ACTION = "demo.chapter"
FIRST_DAY = date(2022, 1, 1)
LAST_DAY = date(2023, 12, 31)


@dataclass(frozen=True)
class Chapter:
    """One part of the play; ``weight`` is its share of the progress bar."""

    key: str
    title: str
    weight: int
    run: Callable[[], None]


@dataclass(frozen=True)
class Played:
    """What ``load`` leaves behind."""

    business_on: date
    chapters: int
    payments: int
    receipts: int

    def lines(self) -> list[str]:
        """What the command line prints."""
        return [
            f"演示区 云屿区：业务日期 {self.business_on}，支付 {self.payments:,} 笔，入库 {self.receipts:,} 笔。"
            if self.chapters
            else f"演示区 云屿区已就绪，业务日期 {self.business_on}，数据保留未动。",
            "",
            f"登录（密码均为 {people.PASSWORD}）：",
            *(
                f"  {person.username:<14}{person.name}  {person.post}"
                for person in people.PEOPLE
                if person.for_visitors
            ),
        ]


def load(*, through: date, progress: Progress) -> Played:
    """This function will play all chapters up to a day that were not played yet.

    An interrupted play goes on with the next call; chapters already there are kept.
    """
    through = min(max(through, date(2022, 1, 31)), LAST_DAY)
    done = _chapters_done()
    stage = _Stage()
    chapters = [chapter for chapter in stage.chapters(through) if chapter.key not in done]
    total = sum(chapter.weight for chapter in chapters)
    reached = 0
    for chapter in chapters:
        progress("建立演示区", reached, total)
        with transaction.atomic():
            chapter.run()
            _remember(chapter, stage.now)
        deliver_events(stage.now)
        reached += chapter.weight
        progress("建立演示区", reached, total)
    if chapters:
        _analyze()
    return Played(
        fixed_date() or through, len(chapters), _count("treasury_payment"), _count("revenue_receipt")
    )


class _Stage:
    """The plan and the cast, drawn once, when the first chapter needs them."""

    def __init__(self) -> None:
        self.now = moment(FIRST_DAY, 8)
        self._spending: SpendingPlan | None = None
        self._receipts: dict[int, list[PlanReceipt]] = {}
        self._cast: Cast | None = None
        self._allotments: dict[int, int] = {}

    def chapters(self, through: date) -> Iterator[Chapter]:
        yield Chapter("settle", "机构与人员", 1500, self._settle)
        for year in range(FIRST_DAY.year, through.year + 1):
            yield Chapter(f"budget-{year}", f"{year}年预算", 3500, partial(self._year, year))
            for month in range(1, (12 if year < through.year else through.month) + 1):
                last = min(through, _month_end(year, month))
                key = f"month-{year}-{month:02d}"
                yield Chapter(key, f"{year}年{month}月", 4200, partial(self._month, year, month, last))
        key = f"today-{through}"
        yield Chapter(key, "在途业务", 600, lambda: self._today(through))

    # --- what the chapters need ---

    @property
    def cast(self) -> Cast:
        """The actors, after they have been settled."""
        if self._cast is None:
            self._cast = call()
        return self._cast

    @property
    def spending(self) -> SpendingPlan:
        """The spending plan, by the district's own list of livelihood classes."""
        if self._spending is None:
            self._spending = spending_plan.build(livelihood=codes.counted(kind="livelihood", year=2023))
        return self._spending

    def _month_receipts(self, year: int, month: int) -> list[PlanReceipt]:
        if not self._receipts:
            for row in revenue_plan.receipts(share=_shares(), spending=self.spending):
                self._receipts.setdefault(row.on.year * 100 + row.on.month, []).append(row)
        return self._receipts.get(year * 100 + month, [])

    def _allotments_of(self, year: int) -> dict[int, int]:
        if not any(line.index in self._allotments for line in self.spending.lines if line.year == year):
            self._allotments |= budgets.allotments_of(self.spending.lines)
        return self._allotments

    # --- the chapters ---

    def _settle(self) -> None:
        people.settle(actor=system_actor(), at=self.now)

    def _year(self, year: int) -> None:
        on = revenue_plan.pay_open(year)
        self.now = moment(on, 8)
        periods.open_year(year)
        new = [project for project in self.spending.projects if project.first_year == year]
        if new:
            budgets.play_projects(projects=new, cast=self.cast, on=on)
        lines = [line for line in self.spending.lines if line.year == year]
        prepared = [line for line in lines if line.is_prepared]
        self._allotments |= budgets.play_approved_budget(lines=prepared, cast=self.cast, on=on)
        carried = [line for line in lines if not line.is_prepared]
        self._allotments |= budgets.play_approved_budget(
            lines=carried, cast=self.cast, on=on, origin=Origin.CARRYOVER
        )
        self._tasks(year, on)

    def _tasks(self, year: int, on: date) -> None:
        rows = [
            TaskRow(level=row.level, revenue_code=row.revenue_code, months_fen=row.months_fen)
            for row in revenue_plan.tasks(year=year, share=_shares())
        ]
        officer = self.cast.revenue_officer
        doc_id = create_task(
            year=year, rows=rows, actor=officer, at=moment(on, 14), basis=f"区政〔{year}〕3号"
        )
        approve(kind=TASK, ids=[doc_id], maker=officer, cast=self.cast, on=on, hour=15)

    def _month(self, year: int, month: int, last: date) -> None:
        receipts = [row for row in self._month_receipts(year, month) if row.on <= last]
        self.now = moment(date(year, month, 1), 8)
        revenue.import_daily_reports(
            rows=[
                ReceiptRow(row.on, row.fund, row.revenue_code, row.payer, row.amount_fen, row.serial)
                for row in receipts
            ],
            actor=self.cast.revenue_officer,
            at=self.now.replace(day=28, hour=17),
            source=f"国库日报{year}年{month}月",
        )
        allotments = self._allotments_of(year)
        if month == 4:
            on = spending_plan.pay_day(year, month, 0)
            budgets.play_supplements(lines=self.spending.lines, allotments=allotments, cast=self.cast, on=on)
        due = [
            row
            for row in self.spending.payments
            if (row.on.year, row.on.month) == (year, month) and row.on <= last
        ]
        payments.play_payments(
            payments=due, allotments=allotments, years={row.line: year for row in due}, cast=self.cast
        )
        self._close_before(year, month)

    def _close_before(self, year: int, month: int) -> None:
        """Close the month before last: people go on correcting the last one."""
        two_back = (year * 12 + month - 1) - 2
        period = two_back // 12 * 100 + two_back % 12 + 1
        if period >= FIRST_DAY.year * 100 + 1:
            reviewer = self.cast.reviewers["treasury_reviewer"]
            periods.close_period(
                fiscal_year=period // 100, period=period, actor_id=reviewer.user_id, at=self.now
            )

    def _today(self, through: date) -> None:
        on = _next_workday(through)
        set_business_date(on)
        if on.year <= through.year:
            self.now = moment(on, 8)
            unfinished.play(
                plan=self.spending, allotments=self._allotments_of(on.year), cast=self.cast, on=on
            )


def _shares() -> Callable[[str], Decimal]:
    table = SharingTable.read()
    return lambda code: district_share(code, on=FIRST_DAY, table=table)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _next_workday(day: date) -> date:
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def _chapters_done() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT object_id FROM events_audit WHERE action = %s", [ACTION])
        return {row[0] for row in cursor.fetchall()}


def _remember(chapter: Chapter, at: datetime) -> None:
    actor = system_actor()
    row = AuditRow(
        at=at, action=ACTION, actor_id=actor.user_id, actor_name=actor.name, object_kind="demo",
        object_id=chapter.key, detail={"title": chapter.title},
    )  # fmt: skip
    record_many([row])


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])
