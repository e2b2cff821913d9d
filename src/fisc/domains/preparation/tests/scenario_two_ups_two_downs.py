"""A year's budget from the first ask to disclosure: 一上 → 审核 → 一下 → 二上 → 汇总 → 人大 → 二下 → 转批 → 公开."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from fisc.domains.preparation import services
from fisc.domains.preparation.invariants import INVARIANTS
from fisc.domains.preparation.models import Approved, Timer, Version
from fisc.kernel.documents.models import Document
from fisc.kernel.modules.install import deliver_events

pytestmark = pytest.mark.django_db


def test_the_whole_year(year):
    repair, trips = year.district.project(title="校舍维修"), year.district.project(title="教师培训")
    year.enter([year.row(repair, 200_000), year.row(trips, 50_000, economic_code="30216")])
    year.send()
    year.review((year.line(repair), 150_000, "压减面积"))
    assert year.accept() == 1
    assert year.step("close_first").state == "review"

    assert year.control().state == "issued"
    assert year.step("issue_controls").state == "second"
    services.fill_second(round_id=year.round_id, actor=year.actor("maker"), at=year.at)
    year.send("second")
    assert year.step("collect").state == "collected"

    year.congress(unallocated=[services.Unallocated("general", "2050203", 1_000_000)])
    assert year.state == "approved"
    reply_id = year.reply()
    year.issue(reply_id)
    assert year.state == "replied"

    line = year.line(repair)
    assert (line.first_fen, line.reviewed_fen, line.second_fen, line.reply_fen) == (
        20_000_000, 15_000_000, 15_000_000, 15_000_000,
    )  # fmt: skip
    (approved,) = Approved.objects.all()
    assert (approved.approved_fen, approved.replied_fen, approved.pending_fen) == (
        21_000_000, 20_000_000, 1_000_000,
    )  # fmt: skip
    assert list(Version.objects.order_by("number").values_list("stage", "total_fen")) == [
        ("first", 25_000_000), ("review", 20_000_000), ("control", 20_000_000), ("second", 20_000_000),
        ("reply", 20_000_000),
    ]  # fmt: skip
    timer = Timer.objects.get()
    assert timer.unit_id == year.unit("121")
    assert timer.forward_due_on - timer.replied_on == dt.timedelta(days=15)

    day = year.at.date()
    services.forward(round_id=year.round_id, on=day, actor=year.actor("budget_officer"), at=year.at)
    assert year.state == "forwarded"
    services.disclose(round_id=year.round_id, on=day, actor=year.actor("budget_officer"), at=year.at)
    assert year.state == "disclosed"
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM events_outbox WHERE name = 'preparation.reply.issued'")
        assert '"reference": "云财预〔2023〕1号"' in str(cursor.fetchone()[0])
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.code

    deliver_events(year.at)
    appropriation = Document.objects.get(kind="budget.appropriation")
    assert (appropriation.source_id, appropriation.amount_fen) == (reply_id, 20_000_000)
