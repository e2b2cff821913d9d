"""推演台的页面：列表、表单、结果、比较、导出；看不到全区的人打不开。"""

from __future__ import annotations

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fisc.domains.scenarios.models import Scenario
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

TYPED = {
    "title": "方案一", "year": "2023", "stage": "execution", "fund": "", "step": "yuan", "target_yuan": "50,000", "target_percent": "",
    "rigid": "1", "bond": "1", "contract": "1", "unit_percent": "100", "upper_percent": "0", "fair_percent": "10",
    "grade_a": "100", "grade_b": "100", "grade_c": "100", "grade_d": "100", "grade_none": "100", "source": "",
}  # fmt: skip
STRESS = {"title": "压力", "first_month": "202303", "delay_months": "1", "revenue_percent": "10", "land_percent": "30",
          "wage_percent": "20", "with_debt": "1", "debt_month_1": "202306", "debt_yuan_1": "1000", "reserve_yuan": ""}  # fmt: skip


@pytest.fixture
def client_of(desk):
    clock.set_business_date(dt.date(2023, 3, 1))

    def log_in(name: str) -> Client:
        client = Client()
        client.force_login(
            User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return log_in


def make(client, sort="cut", **facts):
    given = {**(TYPED if sort == "cut" else STRESS), **facts}
    return client.post(
        f"/scenarios/new/{sort}/", {key: value for key, value in given.items() if value is not None}
    )


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200, response
    text = response.content.decode()
    assert not re.search(r'style="|<script>', text), "no inline style or script"
    return text


class TestAPlanFromFormToFile:
    def test_the_form_shows_the_guards(self, client_of):
        text = page(client_of("budget_officer"), "/scenarios/new/cut/")

        assert "三保足额保障，不压" in text and "刚性支出不压" in text
        assert re.search(r'name="grade_c" value="20"', text)

    def test_from_form_to_result_to_file(self, client_of, allotments):
        client = client_of("budget_officer")
        made = make(client)
        assert made.status_code == 302

        text = page(client, made["Location"])

        assert "压减 50,000.00 元可以实现" in text and "必须足额保障" in text and 'class="c"' in text
        file = client.get(f"{made['Location']}lines.xlsx").content
        book = openpyxl.load_workbook(io.BytesIO(file))
        cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
        assert any("理由" in row for row in cells)
        assert sum(row[10] for row in cells if isinstance(row[10], int | float)) == 50_000

    def test_lines_are_filtered_by_unit_and_reason(self, client_of, allotments):
        client = client_of("budget_officer")
        address = make(client)["Location"]

        assert "共 <b>1</b> 行" in page(client, f"{address}?reason=guarantee")
        assert "没有符合条件的行" in page(client, f"{address}?reason=guarantee&cut=1")

    def test_out_of_reach_says_by_how_much(self, client_of, allotments):
        client = client_of("budget_officer")

        text = page(client, make(client, target_yuan="105,001")["Location"])

        assert "这个目标不能实现" in text and "还差 1.00 元" in text and "“三保”不压" in text

    @pytest.mark.parametrize(
        "facts",
        [
            {"target_yuan": ""},
            {"target_percent": "5"},
            {"unit_percent": "120"},
            {"grade_a": "好"},
            {"stage": ""},
        ],
    )
    def test_what_is_wrong_is_said_in_the_form(self, client_of, facts):
        response = make(client_of("budget_officer"), **facts)

        assert response.status_code == 409
        assert "操作没有完成" in response.content.decode()
        assert not Scenario.objects.exists()

    def test_nothing_to_read_leaves_a_scenario_that_waits(self, client_of):
        client = client_of("budget_officer")

        text = page(client, make(client)["Location"])

        assert "还没有算出结果" in text and "没有可以推演的已下达指标" in text

    def test_keep_then_draw_up(self, client_of, allotments):
        client = client_of("budget_officer")
        address = make(client)["Location"]

        client.post(f"{address}act/", {"act": "keep"})
        assert "生成追减草稿" in page(client, address)
        client.post(f"{address}act/", {"act": "draw_up"})

        assert (
            sum(Document.objects.filter(kind="budget.cut").values_list("amount_fen", flat=True)) == 50_000_00
        )

    def test_again_with_other_numbers(self, client_of, allotments):
        client = client_of("budget_officer")
        first = make(client, target_yuan="40,000")["Location"]

        text = page(client, f"/scenarios/new/cut/?from={first.strip('/').split('/')[-1]}")

        assert 'value="40000.00"' in text or 'value="40000"' in text


class TestAStressTestFromFormToFile:
    def test_the_result(self, client_of, allotments):
        client = client_of("budget_officer")
        address = make(client, "shortfall")["Location"]

        text = page(client, address)

        regions = re.findall(r'role="region" aria-label="([^"]+)"', text)
        assert len(set(regions)) == len(regions), "regions are told apart by their names"
        assert "首个缺口日" in text and "保障程度：先留三保" in text and "到期债务本息" in text
        assert client.get(f"{address}months.xlsx").status_code == 200
        assert client.get(f"{address}lines.xlsx").status_code == 200

    def test_the_form(self, client_of):
        assert "一般公共预算收入短收" in page(client_of("budget_officer"), "/scenarios/new/shortfall/")


class TestTheListAndTheComparison:
    def test_two_side_by_side(self, client_of, allotments):
        client = client_of("budget_officer")
        ids = [
            make(client, target_yuan=amount)["Location"].strip("/").split("/")[-1]
            for amount in ("10000", "105001")
        ]

        text = page(client, f"/scenarios/compare/?ids={ids[0]}&ids={ids[1]}")

        assert "不同" in text and "目标金额" in text

    def test_stress_tests_share_a_chart(self, client_of, allotments):
        client = client_of("budget_officer")
        ids = [
            make(client, "shortfall", delay_months=n)["Location"].strip("/").split("/")[-1]
            for n in ("0", "3")
        ]

        text = page(client, f"/scenarios/compare/?ids={ids[0]}&ids={ids[1]}")

        assert 'class="l2"' in text and "补助晚到（月）" in text

    def test_different_sorts_are_not_compared(self, client_of, allotments):
        client = client_of("budget_officer")
        ids = [make(client, sort)["Location"].strip("/").split("/")[-1] for sort in ("cut", "shortfall")]

        assert client.get(f"/scenarios/compare/?ids={ids[0]}&ids={ids[1]}").status_code == 400
        assert client.get(f"/scenarios/compare/?ids={ids[0]}").status_code == 400

    def test_the_list_asks_no_more_for_many(self, client_of, allotments):
        client = client_of("budget_officer")
        make(client)
        page(client, "/scenarios/")
        with CaptureQueriesContext(connection) as few:
            page(client, "/scenarios/")
        for _ in range(3):
            make(client)

        with CaptureQueriesContext(connection) as many:
            page(client, "/scenarios/")

        assert len(many) <= len(few)

    def test_who_sees_only_a_unit_is_kept_out(self, client_of):
        assert client_of("maker").get("/scenarios/").status_code == 403
        assert client_of("leader").get("/scenarios/").status_code == 200
        assert client_of("leader").get("/scenarios/new/cut/").status_code == 403
