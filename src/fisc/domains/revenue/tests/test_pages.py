"""页面：列表、单据、表单、分成比例、任务明细，从浏览器的角度走一遍。"""

import pytest
from django.test import Client

from fisc.domains.revenue import corrections, services, tasks
from fisc.domains.revenue.models import Sharing, TaskLine
from fisc.domains.revenue.tasks import TaskRow, create_task
from fisc.domains.revenue.tests.conftest import AT, receipt
from fisc.domains.revenue.tests.ledgers import value
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db
MONTHS = [f"m{month:02d}" for month in range(1, 13)]


@pytest.fixture
def at_demo_date():
    clock.set_business_date(AT.date())


@pytest.fixture
def browse(at_demo_date):
    """Log somebody in without the form."""

    def client(actor):
        session = Client()
        session.force_login(User.objects.get(pk=actor.user_id))
        return session

    return client


@pytest.fixture
def day(officer):
    return services.import_daily_reports(
        rows=[receipt(100_00, serial="GK1"), receipt(-1_00, "1030501", level="central")], actor=officer, at=AT
    )


class TestGenericPages:
    """列表、单据页、图表页对本模块的单据都能打开。"""

    @pytest.mark.parametrize("kind", ["revenue.daily_report", "revenue.correction", "revenue.task"])
    def test_lists(self, day, officer, browse, kind):
        page = browse(officer).get(f"/d/{kind}/")

        assert page.status_code == 200

    def test_the_day_and_its_receipts(self, day, officer, browse):
        page = browse(officer).get(f"/doc/{day.document_ids[0]}/").content.decode()

        assert "国库日报 2023-06-30" in page
        assert "GK1" in page and "国内增值税" in page and "分级次" in page

    @pytest.mark.parametrize("kind", ["revenue.correction", "revenue.task"])
    def test_forms(self, officer, browse, kind):
        assert browse(officer).get(f"/d/{kind}/new/").status_code == 200

    def test_a_correction_is_drafted_in_the_browser(self, day, officer, browse):
        given = {
            "serial": "GK1",
            "new_fund": "",
            "new_revenue_code": "1010901",
            "new_level": "shared",
            "note": "科目错",
        }
        page = browse(officer).post("/d/revenue.correction/new/", given, follow=True)

        assert page.status_code == 200
        document = Document.objects.get(kind=corrections.KIND)
        assert (document.amount_fen, document.fund) == (100_00, "general")

    @pytest.mark.parametrize(
        "report", ["revenue.general_completion", "revenue.total_completion", "revenue.by_month"]
    )
    def test_reports(self, day, leader, browse, report):
        page = browse(leader).get(f"/reports/{report}/?year=2023&month=6")

        assert page.status_code == 200
        assert "增值税" in page.content.decode()

    def test_a_figure_opens_down_to_its_day(self, day, leader, browse):
        page = browse(leader).get("/figures/revenue.general~202306/").content.decode()

        assert "一般公共预算收入" in page


class TestSharingPage:
    """分成比例页：看全部版本，审核岗启用新比例。"""

    NEW = {
        "fund": "general",
        "code": "10101",
        "central": "50",
        "province": "12.5",
        "district": "37.5",
        "valid_from": "2023-07-01",
        "note": "新体制",
    }

    def test_a_new_rule(self, reviewer, browse):
        page = browse(reviewer).post("/revenue/sharing/", self.NEW, follow=True)

        assert page.status_code == 200 and "37.5" in page.content.decode()
        assert Sharing.objects.filter(revenue_code="10101").count() == 2

    @pytest.mark.parametrize(
        ("change", "message"),
        [({"district": "38"}, "100.5%"), ({"central": "x"}, "不是数字"), ({"valid_from": ""}, "启用日期")],
    )
    def test_mistakes_are_said(self, reviewer, browse, change, message):
        page = browse(reviewer).post("/revenue/sharing/", {**self.NEW, **change})

        assert page.status_code == 409 and message in page.content.decode()

    def test_the_officer_looks_only(self, officer, browse):
        client = browse(officer)

        assert "启用新比例" not in client.get("/revenue/sharing/").content.decode()
        assert client.post("/revenue/sharing/", self.NEW).status_code == 409
        assert Sharing.objects.filter(revenue_code="10101").count() == 1


class TestTaskGrid:
    """任务明细页：逐月填写，只填全年的自动分解，合计不符的退回。"""

    @pytest.fixture
    def draft(self, officer):
        return create_task(
            year=2023, rows=[TaskRow("district", "1030501", (100,) * 12)], actor=officer, at=AT
        )

    def post(self, client, task_id, *rows, version=1):
        data = {
            "version": version,
            "level": [],
            "fund": [],
            "code": [],
            "year": [],
            **{key: [] for key in MONTHS},
        }
        for row in rows:
            for key in data:
                if key != "version":
                    data[key].append(row.get(key, {"level": "district", "fund": "general"}.get(key, "")))
        return client.post(f"/revenue/tasks/{task_id}/lines/", data)

    def test_months_and_a_year_alone(self, draft, officer, browse):
        rows = [
            {"code": "1030501", **dict.fromkeys(MONTHS, "2")},
            {"code": "10101 增值税", "year": "0.13"},
            {},
        ]
        answer = self.post(browse(officer), draft, *rows)

        assert answer.status_code == 302
        assert list(
            TaskLine.objects.order_by("revenue_code").values_list("revenue_code", "year_fen", "m01_fen")
        ) == [
            ("10101", 13, 2),
            ("1030501", 2400, 200),
        ]
        assert Document.objects.get(pk=draft).amount_fen == 2413

    def test_sums_that_disagree_come_back_as_typed(self, draft, officer, browse):
        answer = self.post(
            browse(officer), draft, {"code": "1030501", "year": "24.01", **dict.fromkeys(MONTHS, "2")}
        )

        page = answer.content.decode()
        assert answer.status_code == 409
        assert "相差 0.01 元" in page and "24.01" in page
        assert TaskLine.objects.get().year_fen == 1200

    def test_somebody_elses_change_is_not_overwritten(self, draft, officer, browse):
        client = browse(officer)
        self.post(client, draft, {"code": "1030501", "year": "12"}, version=1)

        assert self.post(client, draft, {"code": "1030501", "year": "13"}, version=1).status_code == 409
        assert TaskLine.objects.get().year_fen == 1200

    def test_the_page_is_for_those_who_make_tasks(self, draft, leader, browse):
        assert browse(leader).get(f"/revenue/tasks/{draft}/lines/").status_code == 403

    def test_a_new_version_begins_with_the_one_in_force(self, officer, reviewer, draft):
        from fisc.kernel.documents.perform import perform

        perform(kind=tasks.KIND, id=draft, step="submit", actor=officer, at=AT)
        perform(kind=tasks.KIND, id=draft, step="approve", actor=reviewer, at=AT)
        empty = Draft(
            unit_id=0, fiscal_year=2023, business_on=AT.date(), title="", amount_fen=0, row={"year": "2023"}
        )

        (second,) = tasks.create_tasks(drafts=[empty], actor=officer, at=AT)

        assert Document.objects.get(pk=second).amount_fen == 1200
        assert TaskLine.objects.get(task_id=second).months_fen == (100,) * 12
        assert value("revenue.general.task") == 1200
