"""页面：库款预测、支付排队、用款计划总览，从浏览器的角度走一遍；查询次数不随数据增加。"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from fisc.domains.treasury import forecast
from fisc.domains.treasury.models import CashLine, ForecastRun, KnownFlow
from fisc.domains.treasury.tests import test_forecast, test_queue
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.fetch import figure
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse(district):
    """Log somebody in on the small district's day."""
    clock.set_business_date(district.at.date())

    def client(username: str) -> Client:
        session = Client()
        session.force_login(User.objects.get(username=username))
        return session

    return client


def text_of(answer) -> str:
    assert answer.status_code == 200, strip_tags(answer.content.decode())[-4000:]
    return answer.content.decode()


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


class TestForecastPage:
    """库款预测页。"""

    def test_before_the_first_run(self, browse):
        assert "至少 12 个整月" in text_of(browse("treasury_officer").get("/treasury/forecast/"))

    def test_a_run_is_made_and_shown(self, district, browse):
        test_forecast.play(district)
        project = district.project(total_yuan=1_000_000)
        payment = district.approved(district.allotment(yuan=400_000, project_id=project), yuan=300_000)

        page = text_of(
            browse("treasury_officer").post("/treasury/forecast/run/", {"days": "90"}, follow=True)
        )

        run = ForecastRun.objects.get()
        assert f"（第 {run.pk} 次）" in page and 'role="img"' in page and "polyline" in page
        assert "缺口" in page and f'href="/doc/{payment}/"' in page
        assert "回测" in page and "警戒线 0.30 倍" in page

    def test_a_week_opens_down_to_its_payments(self, district, browse):
        test_forecast.play(district)
        payment = district.approved(district.allotment(yuan=100_000), yuan=40_000)
        officer = district.people["treasury_officer"]
        run_id = forecast.run_forecast(on=test_forecast.ON, actor=officer, at=district.at)
        client = browse("treasury_officer")
        address = f"/treasury/forecast/items/?run={run_id}&from=2023-03-01&to=2023-03-07"

        assert address.replace("&", "&amp;") in text_of(client.get("/treasury/forecast/"))
        assert f'href="/doc/{payment}/"' in text_of(client.get(address))
        assert client.get("/treasury/forecast/items/?run=x").status_code == 404

    def test_too_little_history_is_said(self, browse):
        answer = browse("treasury_officer").post("/treasury/forecast/run/", {"days": "90"})

        assert answer.status_code == 409 and "12 个整月" in answer.content.decode()

    def test_runs_are_compared_and_judged_by_what_came(self, district, browse):
        test_forecast.play(district)
        officer = district.people["treasury_officer"]
        first = forecast.run_forecast(on=test_forecast.ON, actor=officer, at=district.at)
        second = forecast.run_forecast(on=test_forecast.ON, actor=officer, at=district.at, days=30)
        clock.set_business_date(dt.date(2023, 3, 20))

        page = text_of(browse("treasury_officer").get(f"/treasury/forecast/?run={first}&with={second}"))

        assert "实际余额" in page and "对比中值" in page
        assert browse("treasury_officer").get("/treasury/forecast/?run=999999").status_code == 404

    def test_money_is_announced_and_taken_back(self, district, browse):
        client = browse("treasury_officer")
        given = {
            "on": "2023-03-20",
            "fund": "general",
            "kind": "repayment",
            "label": "债券付息",
            "amount": "1,000.50",
        }

        assert "债券付息" in text_of(client.post("/treasury/forecast/known/", given, follow=True))
        flow = KnownFlow.objects.get()
        assert flow.amount_fen == -100_050
        assert "不再计入预测" in text_of(client.get(f"/treasury/forecast/known/{flow.pk}/cancel/"))
        assert "债券付息" not in text_of(
            client.post(f"/treasury/forecast/known/{flow.pk}/cancel/", follow=True)
        ).replace("已取消", "")

    @pytest.mark.parametrize("wrong", [{"amount": "x"}, {"on": ""}, {"label": " "}, {"fund": ""}])
    def test_mistakes_are_said(self, browse, wrong):
        given = {
            "on": "2023-03-20",
            "fund": "general",
            "kind": "transfer",
            "label": "预告",
            "amount": "1",
            **wrong,
        }

        assert browse("treasury_officer").post("/treasury/forecast/known/", given).status_code == 409

    def test_the_lines_are_set(self, browse):
        given = {"valid_from": "2023-03-01", "low": "0.4", "high": "0.9", "basis": "省厅要求"}

        assert "警戒线 0.40 倍" in text_of(
            browse("treasury_officer").post("/treasury/forecast/line/", given, follow=True)
        )
        assert CashLine.objects.count() == 2
        assert (
            browse("treasury_officer").post("/treasury/forecast/line/", {**given, "low": "1"}).status_code
            == 409
        )

    @pytest.mark.parametrize("address", ["/treasury/forecast/", "/treasury/queue/"])
    def test_units_are_kept_away(self, browse, address):
        assert browse("maker").get(address).status_code == 403

    def test_the_number_of_queries_does_not_grow(self, district, browse):
        test_forecast.play(district)
        officer, client = district.people["treasury_officer"], browse("treasury_officer")
        forecast.run_forecast(on=test_forecast.ON, actor=officer, at=district.at, days=30)
        client.get("/treasury/forecast/")
        few = queries_of(client, "/treasury/forecast/")
        allotment = district.allotment(yuan=100_000)
        for number in range(8):
            district.approved(allotment, yuan=10_000, payee_account=f"3305{number}")
        forecast.run_forecast(on=test_forecast.ON, actor=officer, at=district.at)

        assert queries_of(client, "/treasury/forecast/") <= few + 1


class TestQueuePage:
    """支付排队页。"""

    def approved(self, district):
        plain = district.allotment(yuan=10_000)
        vital = district.allotment(yuan=10_000, flags=1, economic_code="30201")
        return (
            district.approved(plain, 300, payee_account="3304"),
            district.approved(vital, 300, payee_account="3301", title="学校水电办公费"),
        )

    def test_who_waits_and_who_is_paid(self, district, browse):
        rest, vital = (Document.objects.get(pk=pk) for pk in self.approved(district))
        test_queue.cash(district, 500)
        test_queue.order(district)

        page = text_of(browse("treasury_officer").get("/treasury/queue/"))

        assert page.index(vital.number) < page.index(rest.number)
        assert "自 2023-03-01 起按顺序支付" in page and "今日可用库款 500.00 元，可付 1 笔 300.00 元" in page

    def test_the_plan_is_sent_with_one_button(self, district, browse):
        rest, vital = self.approved(district)
        test_queue.cash(district, 500)
        test_queue.order(district)

        page = text_of(
            browse("treasury_officer").post("/treasury/queue/send/", {"fund": "general"}, follow=True)
        )

        assert "按顺序发送银行 1 笔" in page
        states = dict(Document.objects.filter(pk__in=(rest, vital)).values_list("pk", "state"))
        assert states == {rest: "approved", vital: "sent"}

    def test_overtakings_are_listed(self, district, browse):
        rest, _ = self.approved(district)
        test_queue.order(district)
        doc_id = district.create(
            "treasury.overtaking", "treasury_officer", payment_id=rest, reason="抢险救灾，今日必须到账"
        )
        district.approve(doc_id, "treasury_officer")

        page = text_of(browse("leader").get("/treasury/queue/"))

        assert "抢险救灾" in page and "插队" in page
        assert "插队影响" in text_of(browse("leader").get(f"/doc/{doc_id}/"))

    def test_the_payment_says_its_place(self, district, browse):
        rest, _ = self.approved(district)
        test_queue.order(district)

        page = text_of(browse("maker").get(f"/doc/{rest}/"))

        assert "第 2 位（其他）" in page and "继续等候" in page

    @pytest.mark.parametrize("kind", ["treasury.queue_order", "treasury.overtaking"])
    def test_lists_and_forms(self, browse, kind):
        assert browse("treasury_officer").get(f"/d/{kind}/").status_code == 200
        assert browse("treasury_officer").get(f"/d/{kind}/new/").status_code == 200

    def test_an_order_is_drafted_in_the_browser(self, browse):
        given = {
            "fund": "general",
            "business_on": "2023-03-01",
            "starts_on": "2023-03-02",
            "daily_quota_fen": "1000",
            "reason": "紧张",
        }

        text_of(browse("treasury_officer").post("/d/treasury.queue_order/new/", given, follow=True))

        assert Document.objects.get(kind="treasury.queue_order").amount_fen == 100_000

    def test_the_number_of_queries_does_not_grow(self, district, browse):
        allotment = district.allotment(yuan=10_000)
        district.approved(allotment, 100, payee_account="33")
        client = browse("treasury_officer")
        client.get("/treasury/queue/")
        few = queries_of(client, "/treasury/queue/")
        for number in range(6):
            district.approved(allotment, 100, payee_account=f"33{number}")

        assert queries_of(client, "/treasury/queue/") <= few

    def test_the_figures(self, district, browse):
        self.approved(district)
        clock.set_business_date(dt.date(2023, 3, 4))

        def value(metric):
            return figure(FigureRequest(metric=metric, year=2023, month=3)).value

        assert not value("treasury.queue.amount")
        test_queue.order(district)
        assert [value(f"treasury.queue.{name}") for name in ("amount", "count", "days")] == [60_000, 2, 6]


class TestPlansPage:
    """用款计划总览。"""

    def test_units_by_months(self, district, browse):
        allotment = district.allotment(yuan=1_000)
        for yuan, month in ((300, 202303), (200, 202304)):
            doc_id = district.create(
                "treasury.cash_plan", "maker", allotment_id=allotment, amount_fen=yuan * 100, month=month
            )
            district.approve(doc_id, "maker")

        page = text_of(browse("treasury_officer").get("/treasury/plans/"))

        assert "云屿区第一中学" in page
        for fen in (30_000, 20_000, 50_000):
            assert f'data-fen="{fen}"' in page

    def test_a_unit_sees_its_own(self, district, browse):
        doc_id = district.create(
            "treasury.cash_plan",
            "maker",
            allotment_id=district.allotment(yuan=1_000),
            amount_fen=100,
            month=202303,
        )
        district.approve(doc_id, "maker")

        assert "云屿区第一中学" in text_of(browse("maker").get("/treasury/plans/"))
        assert "还没有用款计划" in text_of(browse("other_maker").get("/treasury/plans/"))
