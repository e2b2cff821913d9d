"""The register's own pages, as somebody with a browser uses them."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fisc.domains.projects import idle
from fisc.domains.projects.models import EstimateLine, Indicator, Rank, Withdrawal
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def log_in(district):
    """log_in(who): a client logged in as that person, on the district's day."""
    clock.set_business_date(district.at.date())

    def enter(who):
        client = Client()
        client.force_login(User.objects.get(username=who))
        return client

    return enter


class TestRanking:
    """项目排序页."""

    def url(self, district):
        return f"/projects/ranking/?department={district.units['121'].pk}&year=2023"

    def post(self, client, district, **ranks):
        return client.post(
            "/projects/ranking/",
            {"department": district.units["121"].pk, "year": 2023, "version": "", **ranks},
        )

    def test_it_lists_and_saves(self, district, log_in):
        one, two = district.project(title="操场"), district.project(title="校舍")
        client = log_in("budget_officer")
        assert "操场" in client.get(self.url(district)).content.decode()

        response = self.post(client, district, **{f"rank-{one}": "2", f"rank-{two}": "1"})

        assert response.status_code == 302
        assert dict(Rank.objects.values_list("project_id", "rank")) == {one: 2, two: 1}

    def test_what_was_typed_stays_when_it_is_wrong(self, district, log_in):
        one, two = district.project(), district.project()

        response = self.post(log_in("budget_officer"), district, **{f"rank-{one}": "1", f"rank-{two}": "1"})

        assert response.status_code == 409 and not Rank.objects.exists()
        assert "都排第 1" in response.content.decode()

    def test_the_unit_only_reads(self, district, log_in):
        one = district.project()

        assert '<input name="rank-' not in log_in("maker").get(self.url(district)).content.decode()
        assert self.post(log_in("maker"), district, **{f"rank-{one}": "1"}).status_code == 409

    def test_many_projects_ask_no_more_than_one(self, district, log_in):
        client = log_in("budget_officer")
        district.project()
        client.get(self.url(district))

        def count():
            with CaptureQueriesContext(connection) as captured:
                client.get(self.url(district))
            return len(captured)

        before = count()
        for number in range(5):
            district.project(title=f"项目{number}")

        assert count() <= before


class TestIdle:
    """闲置项目页."""

    def test_found_and_answered(self, district, log_in):
        project = district.project(total_yuan=1_000)
        clock.set_business_date(dt.date(2024, 3, 1))
        client = log_in("budget_officer")
        clock.set_business_date(dt.date(2024, 3, 1))

        assert client.post("/projects/idle/", {"act": "propose"}).status_code == 302
        page = client.get("/projects/idle/").content.decode()
        assert "入库后未安排预算" in page and "2023-03-01" in page
        assert client.post("/projects/idle/", {"act": "keep", "ids": project}).status_code == 409
        response = client.post("/projects/idle/", {"act": "keep", "ids": project, "keep_reason": "下年实施"})

        assert response.status_code == 302
        assert Withdrawal.objects.get().reason == "下年实施"

    def test_nothing_ticked_nothing_done(self, district, log_in):
        response = log_in("budget_officer").post("/projects/idle/", {"act": "recall", "comment": "x"})

        assert "请先勾选项目" in response.content.decode()

    def test_units_see_their_own(self, district, log_in):
        district.project(title="一中项目")
        at = dt.datetime(2024, 3, 1, 9, tzinfo=SHANGHAI)
        idle.propose_withdrawals(on=at.date(), actor=system_actor(), at=at)

        assert "一中项目" in log_in("maker").get("/projects/idle/").content.decode()
        assert "一中项目" not in log_in("other_maker").get("/projects/idle/").content.decode()


class TestSheets:
    """测算明细、绩效指标的表格."""

    def draft(self, district):
        return district.create(
            "projects.project", "maker", title="校舍", amount_fen=100_000, category="special"
        )

    def save(self, client, project, what, changes, version=1):
        body = {"version": version, "changes": [[row, column, text, ""] for row, column, text in changes]}
        return client.post(
            f"/projects/{project}/{what}/save/", json.dumps(body), content_type="application/json"
        )

    def line(self, key="new:1", **cells):
        cells = {
            "year": "2023", "name": "屋面防水", "economic": "30213", "standard": "300", "quantity": "2.5",
            "measure": "平方米", **cells,
        }  # fmt: skip
        return [(key, column, text) for column, text in cells.items()]

    def test_a_line_is_added_changed_and_emptied(self, district, log_in):
        project, client = self.draft(district), log_in("maker")
        assert client.get(f"/projects/{project}/estimates/").status_code == 200

        added = self.save(
            client, project, "estimates", self.line() + self.line("new:2", name="涂料", quantity="0.5")
        )
        assert added.status_code == 200, added.content.decode()
        assert added.json()["keys"] == {"new:1": "1", "new:2": "2"}
        assert added.json()["cells"][0] == ["new:1", "amount", "750.00"]
        emptied = self.save(client, project, "estimates", [(key, c, "") for key, c, _ in self.line("1")], 2)
        assert emptied.status_code == 200, emptied.content.decode()
        changed = self.save(client, project, "estimates", [("2", "quantity", "3")], 3)

        assert changed.status_code == 200, changed.content.decode()
        assert list(EstimateLine.objects.values_list("row_no", "name", "amount_fen")) == [(2, "涂料", 90_000)]

    @pytest.mark.parametrize(
        ("cells", "column", "sentence"),
        [
            ({"quantity": "三"}, "quantity", "不是数字"),
            ({"measure": ""}, "measure", "计量单位"),
            ({"economic": "99999"}, "economic", "99999"),
        ],
    )
    def test_bad_cells_are_named(self, district, log_in, cells, column, sentence):
        project = self.draft(district)

        response = self.save(log_in("maker"), project, "estimates", self.line(**cells))

        assert response.status_code == 422
        assert response.json()["problems"][0][:2] == ["new:1", column]
        assert sentence in response.json()["problems"][0][2]
        assert not EstimateLine.objects.exists()

    def test_more_than_the_total_is_refused(self, district, log_in):
        project = self.draft(district)

        response = self.save(log_in("maker"), project, "estimates", self.line(standard="400.01"))

        assert response.status_code == 409 and "超过项目总额" in response.json()["message"]

    def test_indicators(self, district, log_in):
        project, client = self.draft(district), log_in("maker")
        cells = {
            "level1": "产出", "level2": "数量", "name": "面积", "direction": "≥", "target": "1200", "measure": "",
            "weight": "100",
        }  # fmt: skip

        saved = self.save(
            client, project, "indicators", [("new:1", key, text) for key, text in cells.items()]
        )

        assert saved.status_code == 200, saved.content.decode()
        assert Indicator.objects.get().name == "面积"
        assert "没有计量单位，无法衡量" in client.get(f"/projects/{project}/indicators/").content.decode()

    def test_in_the_library_the_unit_reads_only(self, district, log_in):
        project = district.project()

        assert "data-add" not in log_in("maker").get(f"/projects/{project}/estimates/").content.decode()
        assert self.save(
            log_in("maker"), project, "estimates", self.line(), Document.objects.get(pk=project).version
        ).status_code in (403, 409)

    def test_the_project_s_page_shows_its_parts(self, district, log_in):
        project = self.draft(district)
        self.save(log_in("maker"), project, "estimates", self.line())

        page = log_in("maker").get(f"/doc/{project}/").content.decode()

        assert "屋面防水" in page and f"/projects/{project}/indicators/" in page

    def test_other_documents_have_no_sheet(self, district, log_in):
        change = district.create(
            "projects.change", project_id=district.project(), new_total_fen=1, reason="调整"
        )

        assert log_in("budget_officer").get(f"/projects/{change}/estimates/").status_code == 404
