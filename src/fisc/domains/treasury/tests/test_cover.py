"""库款保障水平 F14 = 月末库款 ÷ 前12个月月均流出：0.3 以下预警，0.8 以上提示，正好在线上都不报。"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from fisc.domains.treasury import bank, clearing, cover
from fisc.domains.treasury.forecast_model import shifted
from fisc.domains.treasury.tests.test_bank import DAY, receipt
from fisc.domains.treasury.tests.test_forecast import move
from fisc.domains.treasury.tests.test_queue import cash
from fisc.kernel import ledger
from fisc.kernel.events.outbox import Event
from fisc.kernel.metrics.fetch import figure
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.rules.models import StoredFinding

pytestmark = pytest.mark.django_db


def year_before(district) -> None:
    """Eleven months, from 2022-04 on, in each of which 10,000 元 came and went; with the first, 2022-04, they are a year."""
    entries = []
    for number in range(11, 0, -1):
        period = shifted(202303, -number)
        day = dt.date(period // 100, period % 100, 10)
        entries += [move(day, 10_000), move(day, -10_000)]
    ledger.post_many(entries=entries, actor_id=1, at=district.at)


def clear(district, yuan: int) -> int:
    """Pay and clear so much on the day."""
    payment = district.sent(district.allotment(yuan=100_000), yuan)
    bank.receive(receipts=[receipt(payment)], actor=district.people["treasury_officer"], at=district.at)
    doc_id = clearing.make_clearing(on=DAY, actor=district.people["treasury_officer"], at=district.at)
    assert district.approve(doc_id, "treasury_officer").state == "cleared"
    return doc_id


@pytest.mark.parametrize(("left", "found"), [(2_999, ["T08"]), (3_000, []), (8_000, []), (8_001, ["T09"])])
def test_both_sides_of_both_lines(district, left, found):
    """120,000 元 went out in twelve months, 10,000 a month: the lines are 3,000 and 8,000 元."""
    year_before(district)
    cash(district, 10_000 + left)
    clear(district, 10_000)

    kept = cover.check_cover(on=dt.date(2023, 4, 1), at=district.at)

    assert [finding.rule.code for finding in kept] == found
    if found == ["T08"]:
        assert "保障水平 0.2999 倍，低于警戒线 0.3 倍" in kept[0].message


def test_the_view_says_what_the_metric_says(district):
    year_before(district)
    cash(district, 17_500)
    clear(district, 10_000)

    with connection.cursor() as cursor:
        cursor.execute("SELECT cover FROM v_treasury_cash_cover")
        (shown,) = cursor.fetchone()
    value = figure(FigureRequest(metric="cash.cover", year=2023, month=3)).value
    assert float(shown) == float(value) == 0.75


def test_before_a_year_of_books_nothing_is_judged(district):
    cash(district, 10_001)
    clear(district, 10_000)

    assert cover.check_cover(on=dt.date(2023, 4, 1), at=district.at) == []


def test_only_the_newest_month_alerts_and_only_on_its_morrow(district):
    year_before(district)
    cash(district, 11_000)
    clear(district, 10_000)
    alerts = StoredFinding.objects.filter(is_open=True, rule_code="T08")

    def began(day: str) -> None:
        cover.day_began(
            Event(id=1, name="calendar.day_began", payload={"day": day}, at=district.at, document_id=None)
        )

    began("2023-03-31")
    assert not alerts.exists()
    began("2023-04-01")
    assert alerts.count() == 1
    began("2023-04-01")
    assert alerts.count() == 1
