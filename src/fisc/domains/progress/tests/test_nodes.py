"""限时办结: how long each node takes, what is late, what is stuck and with whom."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fisc.base.errors import BadInput, NotAllowed
from fisc.domains.progress import nodes
from fisc.kernel.events.audit import AuditRow, record_many

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2023, 3, 1, 10, 0, tzinfo=SHANGHAI)


def clock(day, hour=10):
    return dt.datetime(2023, 3, day, hour, tzinfo=SHANGHAI)


def measured(since=None, until=None):
    found = nodes.nodes(since=since or clock(1, 0), until=until or clock(31, 0))
    return {(row.kind, row.label): row for row in found}


class TestTimes:
    """P50、P90、逾期率."""

    def payment(self, district, allotment, *, submitted, reviewed):
        """A payment drafted on 1 March, submitted and first approved on these days."""
        district.at = AT
        self.count = getattr(self, "count", 0) + 1  # the same sum twice would look like a payment made twice
        doc_id = district.payment(allotment, yuan=self.count)
        district.at = submitted
        district.step(doc_id, "submit", "maker")
        district.at = reviewed
        district.step(doc_id, "approve", "reviewer")
        return doc_id

    def test_a_node_is_timed_by_its_task(self, district):
        allotment = district.allotment(yuan=1_000)
        for hours in (1, 2, 3):
            self.payment(district, allotment, submitted=clock(2, 9), reviewed=clock(2, 9 + hours))

        row = measured()[("treasury.payment", "单位审核")]

        assert (row.done, row.p50_hours, row.late) == (3, 2.0, 0)
        assert row.p90_hours == pytest.approx(2.8)

    @pytest.mark.parametrize(("day", "late"), [(8, 0), (9, 1)])
    def test_drafting_is_timed_by_the_trail_in_working_days(self, district, day, late):
        """制单限时 5 个工作日：3月1日（周三）制单，3月8日以前送审。"""
        self.payment(
            district, district.allotment(yuan=1_000), submitted=clock(day, 9), reviewed=clock(day, 10)
        )

        row = measured()[("treasury.payment", "草稿")]

        assert (row.done, row.limit_workdays, row.late, row.late_percent) == (1, 5, late, 100.0 * late)
        assert row.p50_hours == 24 * (day - 1) - 1

    def test_what_ended_at_another_time_does_not_count(self, district):
        self.payment(district, district.allotment(yuan=1_000), submitted=clock(2), reviewed=clock(3))

        assert ("treasury.payment", "草稿") not in measured(since=clock(3, 0))
        assert ("treasury.payment", "单位审核") in measured(since=clock(3, 0))
        assert ("treasury.payment", "单位审核") not in measured(until=clock(3, 10))

    def test_from_the_bank_to_the_clearing(self, district):
        payment = district.sent(district.allotment(yuan=1_000), yuan=100)
        moved = [
            ("treasury.payment", payment, clock(2, 10), "sent", "booked"),
            ("treasury.clearing", payment, clock(2, 9), "in_review", "cleared"),
            ("treasury.clearing", payment, clock(3, 16), "in_review", "cleared"),
            ("treasury.clearing", payment, clock(6, 16), "in_review", "cleared"),
        ]
        record_many(
            [
                AuditRow(
                    at=at, action=f"{kind}.move", object_kind=kind, object_id=str(pk), document_id=pk,
                    detail={"from": before, "to": after},
                )
                for kind, pk, at, before, after in moved
            ]
        )  # fmt: skip

        found = measured()

        bank, cleared = found[("treasury.payment", "清算中")], found[("treasury.clearing", "已支付待清算")]
        assert (bank.done, bank.p50_hours, bank.late) == (1, 24.0, 0)
        assert (cleared.done, cleared.p50_hours, cleared.late) == (1, 30.0, 0)

    def test_the_queries_do_not_grow(self, district):
        allotment = district.allotment(yuan=1_000)

        def count():
            with CaptureQueriesContext(connection) as captured:
                nodes.nodes(since=clock(1, 0), until=clock(31, 0))
                nodes.stuck(at=clock(30))
            return len(captured)

        self.payment(district, allotment, submitted=clock(2), reviewed=clock(3))
        before = count()
        for _ in range(3):
            self.payment(district, allotment, submitted=clock(2), reviewed=clock(3))

        assert count() <= before <= 12


class TestStuck:
    """卡住的单据写明责任人、责任股室。"""

    def test_a_task_names_who_holds_the_node(self, district):
        payment = district.submitted(district.allotment(yuan=1_000))

        (row,) = [row for row in nodes.stuck(at=clock(1, 11)) if row.document_id == payment]

        assert (row.node, row.owners, row.section) == ("单位审核", ("reviewer",), "单位")
        district.step(payment, "approve", "reviewer")
        (row,) = [row for row in nodes.stuck(at=clock(1, 11)) if row.document_id == payment]
        assert (row.owners, row.section) == (("treasury_reviewer",), "国库股")

    def test_a_node_of_the_section_names_that_section(self, district):
        project = district.create(
            "projects.project", "maker", title="招生", amount_fen=100, category="public"
        )
        district.step(project, "submit", "maker")
        district.step(project, "approve", "reviewer")

        (row,) = [row for row in nodes.stuck(at=clock(1, 11)) if row.document_id == project]

        assert (row.node, row.owners, row.section) == ("业务股室审核", ("section",), "教科文股")

    def test_a_payment_that_waits_for_the_bank_is_the_treasury_s(self, district):
        payment = district.approved(district.allotment(yuan=1_000))

        (row,) = [row for row in nodes.stuck(at=clock(1, 11)) if row.document_id == payment]

        assert (row.node, row.owners, row.section) == ("待发银行", ("treasury_officer",), "国库股")
        assert row.due_on == dt.date(2023, 3, 2)

    @pytest.mark.parametrize(("day", "late"), [(2, 0), (3, 1)])
    def test_it_is_late_the_day_after_its_limit(self, district, day, late):
        payment = district.approved(district.allotment(yuan=1_000))

        found = [row for row in nodes.stuck(at=clock(day), late_only=True) if row.document_id == payment]

        assert [row.days_late(clock(day).date()) for row in found] == [1] * late

    def test_units_see_their_own(self, district):
        district.submitted(district.allotment(yuan=1_000))

        assert nodes.stuck(at=clock(1, 11), unit_ids=[district.units["121002"].pk]) == []


class TestLimits:
    """限时是数据，分日期修改。"""

    def set(self, district, who="treasury_officer", **facts):
        facts = {
            "kind": "treasury.payment", "state": "approved", "limit_workdays": 3, "role": "treasury_officer",
            "valid_from": dt.date(2023, 3, 10), "basis": "局长办公会", **facts,
        }  # fmt: skip
        return nodes.set_limit(actor=district.people[who], at=district.at, **facts)

    def test_from_a_day_on(self, district):
        self.set(district)

        assert nodes.limits(dt.date(2023, 3, 9))[("treasury.payment", "approved")].limit_workdays == 1
        assert nodes.limits(dt.date(2023, 3, 10))[("treasury.payment", "approved")].limit_workdays == 3

    @pytest.mark.parametrize(
        "facts", [{"state": "nowhere"}, {"kind": "revenue.task"}, {"limit_workdays": 0}, {"role": "nobody"}]
    )
    def test_what_cannot_be_is_refused(self, district, facts):
        with pytest.raises(BadInput):
            self.set(district, **facts)

    def test_not_everybody_may(self, district):
        with pytest.raises(NotAllowed):
            self.set(district, "maker")
