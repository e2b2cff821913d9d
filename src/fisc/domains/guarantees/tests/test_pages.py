"""页面：三保监测、清单、民生支出，导出与导入，从浏览器的角度走一遍。"""

import datetime as dt
import json

import pytest
from django.test import Client

from fisc.domains.guarantees import position as positions
from fisc.domains.guarantees import services
from fisc.domains.guarantees.tests.test_need import approved, draft
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published")]


@pytest.fixture
def browse(district):
    """Log somebody in without the form."""
    clock.set_business_date(district.at.date())

    def client(who="budget_officer"):
        session = Client()
        session.force_login(User.objects.get(pk=district.people[who].user_id))
        return session

    return client


@pytest.fixture
def gap(district):
    """W01 is arranged 120 of 100, O01 40 of 50."""
    district.allotment(120, district.project(category="personnel"), economic_code="30101")
    district.allotment(40, district.project(category="public"), economic_code="30201")
    return approved(district, ("W01", "121001", 100_00), ("O01", "121001", 50_00))


class TestReport:
    """三保监测：逐项列出，缺口标红，不相抵。"""

    def test_the_gap_stands_by_its_item(self, browse, gap):
        page = browse().get("/guarantees/?year=2023&month=3").content.decode()

        assert "有缺口" in page and "O01 公用经费" in page
        assert "106.7%" in page and "80.0%" in page

    def test_every_stage_opens(self, browse, gap):
        for stage in ("first", "reviewed", "second", "reply", "execution", "nothing"):
            assert browse().get(f"/guarantees/?year=2023&stage={stage}").status_code == 200

    def test_without_a_need_the_page_says_so(self, browse):
        assert "还没有批准的三保需求测算" in browse().get("/guarantees/").content.decode()

    def test_wages_not_paid_are_named(self, browse, gap):
        assert "云屿区第一中学" in browse().get("/guarantees/?year=2023&month=3").content.decode()

    def test_the_sheet(self, browse, gap):
        answer = browse().get("/guarantees/export.xlsx?year=2023&month=3")

        assert answer.status_code == 200 and answer.content[:2] == b"PK"

    @pytest.mark.parametrize("path", ["/guarantees/", "/guarantees/list/", "/guarantees/livelihood/"])
    def test_units_do_not_see_the_district(self, browse, path):
        assert browse("maker").get(path).status_code == 403
        assert browse("leader").get(path).status_code == 200

    def test_more_rows_ask_no_more(self, district, browse, gap, django_assert_max_num_queries):
        with django_assert_max_num_queries(40):
            browse().get("/guarantees/?year=2023&month=3")

    def test_a_figure_opens_down_to_its_items(self, browse, gap):
        page = browse().get("/figures/guarantees.gap~202303/").content.decode()

        assert "O01 公用经费" in page


class TestOtherPages:
    """清单与民生。"""

    def test_the_list_says_what_belongs_to_an_item(self, browse):
        page = browse().get("/guarantees/list/").content.decode()

        assert "W01" in page and "人员类 经济 30101" in page and "三保标识 功能 20819" in page

    def test_livelihood(self, browse):
        page = browse().get("/guarantees/livelihood/?year=2023&month=3").content.decode()

        assert "三分之二" in page and "民生清单" in page

    def test_the_document_and_its_form(self, browse, gap):
        page = browse().get(f"/doc/{gap}/").content.decode()

        assert "需求构成" in page and "保运转" in page
        assert browse().get("/d/guarantees.need/new/").status_code == 200

    def test_a_need_is_drafted_in_the_browser(self, browse):
        page = browse().post(
            "/d/guarantees.need/new/", {"year": "2023", "business_on": "2023-03-01"}, follow=True
        )

        assert page.status_code == 200
        assert Document.objects.get(kind="guarantees.need").title == "2023年三保需求测算（第1版）"


class TestWageDay:
    """发薪期限：自某日起启用，以前的不变。"""

    NEW = {"valid_from": "2023-04-01", "day": "10", "basis": "区政府常务会"}

    def test_a_new_day(self, browse):
        assert browse().post("/guarantees/list/", self.NEW).status_code == 302
        assert (positions.wage_day(dt.date(2023, 3, 31)), positions.wage_day(dt.date(2023, 4, 1))) == (15, 10)

    @pytest.mark.parametrize("change", [{"day": "32"}, {"day": "x"}, {"valid_from": ""}, {"basis": " "}])
    def test_mistakes_are_said(self, browse, change):
        assert browse().post("/guarantees/list/", {**self.NEW, **change}).status_code == 409

    def test_others_look_only(self, browse):
        assert browse("leader").post("/guarantees/list/", self.NEW).status_code == 409
        assert positions.wage_day(dt.date(2023, 4, 1)) == 15


class TestSheet:
    """需求表：人数×标准像 Excel 一样填；需求随数量和标准，填了按填的；整行清空即删除。"""

    @pytest.fixture
    def need(self, district):
        return draft(district, ("L06", "121001", 100_00), ("L07", "121001", 70_00))

    def save(self, client, need, *cells, version=1):
        body = json.dumps({"version": version, "changes": [[*cell, ""] for cell in cells]})
        return client.post(f"/guarantees/needs/{need}/save/", body, content_type="application/json")

    def test_it_opens_from_the_document(self, browse, need):
        assert "填写人数×标准" in browse().get(f"/doc/{need}/").content.decode()
        assert "L06 城乡低保" in browse().get(f"/guarantees/needs/{need}/").content.decode()

    def test_quantity_times_standard(self, district, browse, need):
        unit = str(district.units["121002"].pk)
        cells = [
            ("new:1", "item", "L08"),
            ("new:1", "unit", unit),
            ("new:1", "quantity", "12"),
            ("new:1", "standard", "7.5"),
        ]
        answer = self.save(browse(), need, *cells)

        assert answer.status_code == 200, answer.content
        assert answer.json()["keys"] == {"new:1": "2"}
        assert services.rows_of(need)[2].amount_fen == 90_00
        assert Document.objects.get(pk=need).amount_fen == 260_00

        again = self.save(browse(), need, ("2", "quantity", "13"), version=2)
        assert again.status_code == 200 and services.rows_of(need)[2].amount_fen == 97_50

    def test_an_emptied_row_is_gone(self, browse, need):
        cells = [("0", column, "") for column in ("item", "unit", "need")]

        assert self.save(browse(), need, *cells).status_code == 200
        assert [row.item for row in services.rows_of(need)] == ["L07"]

    @pytest.mark.parametrize(
        ("cells", "column"),
        [
            ([("0", "item", "")], "item"),
            ([("0", "quantity", "很多")], "quantity"),
            ([("0", "quantity", "-1")], "quantity"),
            ([("0", "need", "0")], "need"),
        ],
    )
    def test_mistakes_are_marked_and_nothing_is_saved(self, browse, need, cells, column):
        answer = self.save(browse(), need, *cells)

        assert answer.status_code == 422
        assert answer.json()["problems"][0][1] == column
        assert Document.objects.get(pk=need).amount_fen == 170_00

    def test_an_older_version_is_not_saved(self, browse, need):
        self.save(browse(), need, ("0", "need", "1"))

        assert self.save(browse(), need, ("0", "need", "2")).status_code == 409
