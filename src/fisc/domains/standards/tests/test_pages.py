"""The module's pages: the sheet and its save, standards with their effect, 测算表 on screen and as Excel."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest
from django.test import Client

from fisc.domains.standards import services
from fisc.domains.standards.models import BaseReport, Rate
from fisc.domains.standards.tests.conftest import OFFICE, SCHOOL
from fisc.kernel.orgs.models import Unit

pytestmark = pytest.mark.django_db


def version_of(page: str) -> int:
    return int(re.search(r'data-version="(\d+)"', page)[1])


def save(client: Client, address: str, version: int, *cells: tuple[str, str, str, str]):
    body = json.dumps({"version": version, "changes": [list(cell) for cell in cells]})
    return client.post(address, body, content_type="application/json")


class TestTheSheet:
    """基础信息表格：看得见的行，能填的格，保存、错误、他人已改。"""

    def test_rows_one_may_see(self, browse, people):
        mine = browse("maker").get("/standards/base/?year=2023").content.decode()
        department = browse("department_maker").get("/standards/base/?year=2023").content.decode()

        assert "实验小学" in mine and "南礁小学" not in mine
        assert "南礁小学" in department and "统计局" not in department

    def test_saving_makes_the_report(self, browse, people, tree):
        client, unit = browse("maker"), tree["121001"]
        page = client.get("/standards/base/?year=2023").content.decode()

        response = save(
            client, "/standards/base/save/?year=2023", version_of(page),
            (str(unit.pk), "staff_career", "1,018", ""), (str(unit.pk), "pupils_primary", "２６", ""),
        )  # fmt: skip

        answer = response.json()
        assert response.status_code == 200, answer
        assert [str(unit.pk), "state", "填报中"] in answer["cells"]
        assert answer["message"] == "已保存 2 格。请注意：1 个单位在校生多于学籍，送审时会被拦截。"
        report = BaseReport.objects.get()
        assert services.figures_of([report.pk])[report.pk] == {"staff_career": 1018, "pupils_primary": 26}
        again = save(
            client,
            "/standards/base/save/?year=2023",
            answer["version"],
            (str(unit.pk), "staff_career", "", "1018"),
        )
        assert again.status_code == 200
        assert "staff_career" not in services.figures_of([report.pk])[report.pk]

    def test_bad_cells_save_nothing(self, browse, people, tree):
        key = str(tree["121001"].pk)

        response = save(
            browse("maker"), "/standards/base/save/?year=2023", 0,
            (key, "staff_career", "18", ""), (key, "vehicles", "-1", ""), (key, "area", "很大", ""),
        )  # fmt: skip

        assert response.status_code == 422
        assert [problem[1] for problem in response.json()["problems"]] == ["vehicles", "area"]
        assert not BaseReport.objects.exists()

    def test_somebody_was_quicker(self, browse, people, tree, fill):
        fill(_121001=SCHOOL, accepted=False)
        key = str(tree["121001"].pk)

        response = save(browse("maker"), "/standards/base/save/?year=2023", 0, (key, "boarders", "50", ""))

        assert response.status_code == 409
        assert response.json()["stale"]["cells"] == [[key, "boarders", "40"]]

    def test_accepted_rows_are_locked(self, browse, people, tree, fill):
        fill(_121001=SCHOOL)
        client = browse("maker")
        page = client.get("/standards/base/?year=2023").content.decode()

        response = save(
            client,
            "/standards/base/save/?year=2023",
            version_of(page),
            (str(tree["121001"].pk), "boarders", "1", "40"),
        )

        assert "已审定" in page and 'aria-readonly="true">40<' in page
        assert response.status_code == 422 and "已锁定" in response.json()["problems"][0][2]

    def test_strangers_rows_are_no_rows(self, browse, people, tree):
        response = save(
            browse("maker"), "/standards/base/save/?year=2023", 0, (str(tree["131"].pk), "boarders", "1", "")
        )

        assert response.status_code == 409
        assert not BaseReport.objects.exists()

    def test_readers_do_not_save(self, browse, people, tree):
        client = browse("leader")

        assert 'data-save=""' in client.get("/standards/base/?year=2023").content.decode()
        response = save(
            client, "/standards/base/save/?year=2023", 0, (str(tree["131"].pk), "boarders", "1", "")
        )
        assert response.status_code == 403

    def test_last_year_s_number_is_noted_when_it_differs_much(self, browse, people, fill):
        fill(2022, _121001={"pupils_primary": 300, "staff_career": 18})
        fill(2023, _121001={"pupils_primary": 400, "staff_career": 19}, accepted=False)

        page = browse("maker").get("/standards/base/?year=2023").content.decode()

        assert "上年 300 人，变动 +100" in page and "上年 18" not in page

    def test_last_year_is_carried_over(self, browse, people, tree, fill):
        fill(2022, _121001=SCHOOL, _121002=SCHOOL)
        fill(2023, _121002={"pupils_primary": 1})

        page = (
            browse("department_maker").post("/standards/base/carry/?year=2023", follow=True).content.decode()
        )

        assert "已为 1 个单位带入2022年的数据" in page
        figures = services.figures_of(BaseReport.objects.filter(year=2023).values_list("pk", flat=True))
        assert sorted(figures.values(), key=len) == [{"pupils_primary": 1}, SCHOOL]
        again = (
            browse("department_maker").post("/standards/base/carry/?year=2023", follow=True).content.decode()
        )
        assert "没有可带入的单位" in again
        assert browse("leader").post("/standards/base/carry/?year=2023").status_code == 403

    def test_parts_and_search(self, browse, people):
        client = browse("officer")

        pupils = client.get("/standards/base/?year=2023&part=pupils").content.decode()
        assert "小学学籍" in pupils and "公车编制" not in pupils
        found = client.get("/standards/base/?year=2023&q=统计").content.decode()
        assert "统计局" in found and "实验小学" not in found

    def test_many_units_come_in_pages(self, browse, people):
        Unit.objects.bulk_create(
            Unit(code=f"9{number:03}", name=f"单位{number}", kind="unit") for number in range(80)
        )
        client = browse("officer")

        first = client.get("/standards/base/?year=2023").content.decode()
        second = client.get("/standards/base/?year=2023&page=2").content.decode()

        assert first.count("<tr data-r=") == 60 and second.count("<tr data-r=") == 26
        assert 'aria-label="第 61 行' in second and "全部合计" in first

    def test_queries_do_not_grow(self, browse, people, fill, tree, django_assert_max_num_queries):
        fill(_121001=SCHOOL, _131=OFFICE, _121002=SCHOOL, _121003=OFFICE)
        client = browse("officer")
        client.get("/standards/base/?year=2023")
        with django_assert_max_num_queries(22):
            client.get("/standards/base/?year=2023")


class TestStandards:
    """支出标准：清单、历史、影响、启用。"""

    def test_the_list(self, browse, people, fill):
        fill(_121001=SCHOOL)

        page = browse("officer").get("/standards/rates/").content.decode()

        assert "小学生均公用经费（地方提标）" in page and "280.00" in page and "30299" in page

    def test_history_tells_what_the_raise_cost(self, browse, people, fill):
        fill(2022, _121001=SCHOOL)
        fill(2023, _121001=SCHOOL)

        page = browse("officer").get("/standards/rates/P0102/").content.decode()

        assert "+50.00" in page and "15,000.00" in page, "2022 年：50 元 × 300 人"
        assert "+80.00" in page and "24,000.00" in page, "2023 年地方部分：80 元 × 300 人"

    def test_what_if(self, browse, people, fill):
        fill(_121001=SCHOOL)

        page = browse("officer").get("/standards/rates/P0102/?amount=330&from=2023-09-01").content.decode()

        effect = page[page.index('id="effect"') :]
        assert "5,000.00" in effect and "15,000.00" in effect, "50 元 × 300 人，首年 4 个月"
        assert Rate.objects.filter(standard__code="P0102").count() == 3

    def test_a_new_rate(self, browse, people):
        given = {
            "amount": "330",
            "valid_from": "2024-01-01",
            "source": "区财教〔2023〕88号",
            "confidence": "verified",
        }

        page = browse("officer").post("/standards/rates/P0102/", given, follow=True).content.decode()

        assert "330.00" in page and "区财教〔2023〕88号" in page

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"amount": "x"}, "不是数字"), ({"valid_from": ""}, "启用日期"), ({"valid_from": "2022-05-01"}, "历史标准不改"),
            ({"source": ""}, "依据"), ({"least_quantity": "一百"}, "不是整数"),
        ],
    )  # fmt: skip
    def test_mistakes_are_said(self, browse, people, change, sentence):
        given = {
            "amount": "330",
            "valid_from": "2024-01-01",
            "source": "文",
            "confidence": "verified",
            **change,
        }

        response = browse("officer").post("/standards/rates/P0102/", given)

        assert response.status_code == 409 and sentence in response.content.decode()

    def test_who_may_not(self, browse, people):
        client = browse("section")

        assert "启用新标准" not in client.get("/standards/rates/P0102/").content.decode()
        given = {"amount": "330", "valid_from": "2024-01-01", "source": "文"}
        assert client.post("/standards/rates/P0102/", given).status_code == 409
        assert client.get("/standards/rates/NIX/").status_code == 404

    def test_a_school_sees_its_own_numbers_only(self, browse, people, fill):
        fill(_121001=SCHOOL, _121002={"pupils_primary": 5_000})

        page = browse("maker").get("/standards/rates/P0101/").content.decode()

        assert "南礁" not in page and "5,000" not in page and "实验小学" in page


class TestNeeds:
    """测算汇总与测算表。"""

    def test_the_sums(self, browse, people, fill):
        fill(_121001=SCHOOL, _131=OFFICE)

        everything = browse("officer").get("/standards/needs/?year=2023").content.decode()
        mine = browse("maker").get("/standards/needs/?year=2023").content.decode()

        assert "2 个单位" in everything and "312,000.00" in everything, "300 × 1000 + 40 × 300"
        assert "统计局" not in mine

    def test_the_money_per_pupil_by_level(self, browse, people, fill):
        """小学 300 + 99（按 100）人，2023 年每生比上年提高 150 元。"""
        fill(_121001=SCHOOL, _121002={"pupils_primary": 99, "registered_primary": 99})

        page = browse("officer").get("/standards/pupils/?year=2023").content.decode()

        assert "850.00" in page and "1,000.00" in page and "+150.00" in page
        assert "399" in page and "60,000.00" in page and "400,000.00" in page
        mine = browse("maker").get("/standards/pupils/?year=2023").content.decode()
        assert "45,000.00" in mine and "400,000.00" not in mine
        assert "还没有审定的学生数" in browse("officer").get("/standards/pupils/?year=2021").content.decode()

    def test_a_unit_s_sheet(self, browse, people, fill, tree):
        fill(_121002={"pupils_primary": 99, "registered_primary": 99})

        page = browse("officer").get(f"/standards/needs/{tree['121002'].pk}/?year=2023").content.decode()

        assert "100 人" in page and "720.00 元 × 100 人 ＝ 72,000.00 元（在校生 99 人" in page
        assert browse("maker").get(f"/standards/needs/{tree['131'].pk}/?year=2023").status_code == 404

    def test_before_acceptance_it_says_so(self, browse, people, fill, tree):
        fill(_121001=SCHOOL, accepted=False)

        page = browse("maker").get(f"/standards/needs/{tree['121001'].pk}/?year=2023").content.decode()

        assert "还没有审定" in page

    def test_the_sheet_as_excel(self, browse, people, fill, tree):
        fill(_121001=SCHOOL)

        response = browse("maker").get(f"/standards/needs/{tree['121001'].pk}/export.xlsx?year=2023")
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        values = openpyxl.load_workbook(io.BytesIO(response.content), data_only=True).active

        assert sheet["A1"].value == "2023年基本支出测算表" and "实验小学" in sheet["A2"].value
        product = next(row for row in sheet.iter_rows(min_row=4) if row[1].value == "P0101")
        at = product[0].row
        assert product[10].value == f"=H{at}*I{at}" and values.cell(at, 11).value == 216_000
        total = next(row for row in values.iter_rows() if row[0].value == "合计")[10].value
        needed = 300 * 1000 + 40 * 300 + 18 * (45_600 + 62_400 + 17_280 + 8_640 + 8_640 + 12_960) + 5 * 2_400
        assert total == needed

    def test_the_sums_as_excel(self, browse, people, fill):
        fill(_121001=SCHOOL, _131=OFFICE)

        response = browse("officer").get("/standards/needs/export.xlsx?year=2023")
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active

        assert [cell.value for cell in sheet[4]][:2] == ["121001", "云屿区实验小学"]
        assert sheet["C6"].value == "=SUM(C4:C5)"

    def test_an_empty_year(self, browse, people):
        client = browse("officer")

        assert "还没有审定的基础信息" in client.get("/standards/needs/?year=2022").content.decode()
        assert client.get("/standards/needs/export.xlsx?year=2022").status_code == 200


def test_the_report_s_page_shows_both_years(browse, people, fill):
    fill(2022, _121001={"pupils_primary": 280})
    ids = fill(2023, _121001=SCHOOL)

    page = browse("officer").get(f"/doc/{ids['121001']}/").content.decode()

    assert "小学学生" in page and "+20" in page and "查看测算表" in page and "测算结果" in page
