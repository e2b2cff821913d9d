"""The play: chapter by chapter, each one transaction and remembered, so that it can be interrupted and taken up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from fisc.base.progress import Progress
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.modules.install import deliver_events
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.clock import fixed_date
from fisc.project.demo import people
from fisc.project.demo.stage import LAST_DAY, Stage
from fisc.project.demo.timeline import Chapter, chapters

ACTION = "demo.chapter"


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
    stage = Stage()
    due = [chapter for chapter in chapters(stage, through) if chapter.key not in done]
    total = sum(chapter.weight for chapter in due)
    reached = 0
    for chapter in due:
        progress("建立演示区", reached, total)
        with transaction.atomic():
            chapter.run()
            _remember(chapter, stage.now)
        deliver_events(stage.now)
        reached += chapter.weight
        progress("建立演示区", reached, total)
    if due:
        _analyze()
    return Played(fixed_date() or through, len(due), _count("treasury_payment"), _count("revenue_receipt"))


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
