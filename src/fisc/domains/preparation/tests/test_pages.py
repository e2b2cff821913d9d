"""The module's pages as people open them: the sheet's save, the review, comparison, cuts, limits; constant queries."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fisc.domains.preparation import services
from fisc.domains.preparation.models import Line, Request, Round, Timer, Version
from fisc.kernel.documents.models import Document
from fisc.kernel.exchange.commands import import_file
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(year):
    """Clients of people, logged in on the day of the round."""
    clock.set_business_date(year.at.date())

    def of(who: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=who))
        return client

    return of


@pytest.fixture
def asked(year):
    """A sheet of two lines of one project, still with the unit."""
    project = year.district.project(title="校舍维修")
    entered = year.enter([year.row(project, 1_000), year.row(project, 500, economic_code="30216")])
    return entered.request_ids[0]


def post(client, address, version, *changes):
    return client.post(
        address, json.dumps({"version": version, "changes": [list(one) for one in changes]}),
        content_type="application/json",
    )  # fmt: skip


class TestSheet:
    """填报：像 Excel 一样，成块保存，全对才存。"""

    def test_it_opens_for_the_maker(self, client_of, asked):
        page = client_of("maker").get(f"/preparation/requests/{asked}/lines/")

        assert page.status_code == 200
        text = page.content.decode()
        assert "data-sheet" in text and "按标准测算填列" in text and "1,000.00" in text

    def test_a_save_of_amounts_codes_and_a_new_row(self, year, client_of, asked):
        first, other = Line.objects.order_by("economic_code")
        version = Document.objects.get(pk=asked).version

        answer = post(
            client_of("maker"), f"/preparation/requests/{asked}/lines/save/", version,
            (str(first.pk), "first_fen", "1,200.50", "1000.00"), (str(other.pk), "economic_code", "30211", "30216"),
            ("new:1", "project_id", str(first.project_id), ""), ("new:1", "function_code", "2050203", ""),
            ("new:1", "economic_code", "30216", ""), ("new:1", "first_fen", "99.5", ""),
        )  # fmt: skip

        assert answer.status_code == 200, answer.content.decode()
        body = answer.json()
        assert body["version"] == version + 1
        made = Line.objects.get(pk=int(body["keys"]["new:1"]))
        assert (made.first_fen, made.economic_code) == (9_950, "30216")
        assert Line.objects.get(pk=other.pk).economic_code == "30211"
        assert Document.objects.get(pk=asked).amount_fen == 120_050 + 50_000 + 9_950

    def test_a_wrong_cell_saves_nothing(self, client_of, asked):
        first, other = Line.objects.order_by("economic_code")

        answer = post(
            client_of("maker"), f"/preparation/requests/{asked}/lines/save/", Document.objects.get(pk=asked).version,
            (str(first.pk), "first_fen", "7", "1000.00"), (str(other.pk), "economic_code", "12345", "30216"),
        )  # fmt: skip

        assert answer.status_code == 422
        assert answer.json()["problems"][0][:2] == [str(other.pk), "economic_code"]
        assert Line.objects.get(pk=first.pk).first_fen == 100_000

    def test_a_line_twice_is_marked(self, client_of, asked):
        first, other = Line.objects.order_by("economic_code")

        answer = post(
            client_of("maker"), f"/preparation/requests/{asked}/lines/save/", Document.objects.get(pk=asked).version,
            (str(other.pk), "economic_code", first.economic_code, "30216"),
        )  # fmt: skip

        assert answer.status_code == 422 and "完全相同" in answer.json()["problems"][0][2]

    def test_an_old_version_is_stale(self, client_of, asked):
        first = Line.objects.order_by("economic_code").first()

        answer = post(
            client_of("maker"), f"/preparation/requests/{asked}/lines/save/", Document.objects.get(pk=asked).version - 1,
            (str(first.pk), "first_fen", "7", "1000.00"),
        )  # fmt: skip

        assert answer.status_code == 409
        assert Line.objects.get(pk=first.pk).first_fen == 100_000

    def test_a_sent_request_is_closed(self, year, client_of, asked):
        first = Line.objects.order_by("economic_code").first()
        year.district.step(asked, "submit", "maker")

        answer = post(
            client_of("maker"), f"/preparation/requests/{asked}/lines/save/", Document.objects.get(pk=asked).version,
            (str(first.pk), "first_fen", "7", "1000.00"),
        )  # fmt: skip

        assert answer.status_code in (409, 422)
        assert Line.objects.get(pk=first.pk).first_fen == 100_000

    def test_second_over_control_is_told_with_numbers(self, year, client_of):
        project = year.district.project()
        year.to_second([year.row(project, 1_000)])
        services.fill_second(round_id=year.round_id, actor=year.actor("maker"), at=year.at)
        second, line = Request.objects.get(stage="second"), Line.objects.get()

        answer = post(
            client_of("maker"), f"/preparation/requests/{second.pk}/lines/save/", second.document.version,
            (str(line.pk), "second_fen", "1000.01", "1000.00"),
        )  # fmt: skip

        assert answer.status_code == 409
        assert "1,000.01 元" in answer.json()["message"] and "1,000.00 元" in answer.json()["message"]

    def test_the_review(self, year, client_of, asked):
        year.district.step(asked, "submit", "maker")
        first = Line.objects.order_by("economic_code").first()
        client, address = client_of("section"), f"/preparation/requests/{asked}/lines/"
        assert "其余按申报数审定" in client.get(address).content.decode()

        bare = post(client, f"{address}review/", Document.objects.get(pk=asked).version,
                    (str(first.pk), "reviewed_fen", "800", ""))  # fmt: skip
        assert bare.status_code == 422 and "请写明理由" in bare.json()["problems"][0][2]
        good = post(client, f"{address}review/", Document.objects.get(pk=asked).version,
                    (str(first.pk), "reviewed_fen", "800", ""), (str(first.pk), "reason", "压减面积", ""))  # fmt: skip

        assert good.status_code == 200, good.content.decode()
        assert Line.objects.get(pk=first.pk).reviewed_fen == 80_000
        assert client.post(f"/preparation/requests/{asked}/fill/").status_code == 302
        assert not Line.objects.filter(reviewed_fen=None).exists()

    def test_others_do_not_see_it(self, client_of, asked):
        assert client_of("other_maker").get(f"/preparation/requests/{asked}/lines/").status_code in (403, 404)


class TestWorkbook:
    """预算表：标题、单位行、合并表头、冻结窗格、合计公式、签字行；填好后可直接导入。"""

    def test_what_an_accountant_expects(self, client_of, asked):
        content = client_of("maker").get(f"/preparation/requests/{asked}/workbook/").content
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active

        assert sheet["A1"].value == "2023年部门预算项目支出申报表（一上）"
        assert sheet["A2"].value == "编制单位：云屿区第一中学"
        assert sheet.freeze_panes == "E5"
        assert len(sheet.merged_cells.ranges) >= 6
        assert sheet["A7"].value == "合计" and sheet["J7"].value == "=SUM(J5:J6)"
        assert "单位负责人" in sheet["A9"].value

    def test_it_comes_back(self, year, client_of, asked, tmp_path):
        content = client_of("maker").get(f"/preparation/requests/{asked}/workbook/").content
        book = openpyxl.load_workbook(io.BytesIO(content))
        book.active["J5"] = 1_500
        path = tmp_path / "预算表.xlsx"
        book.save(path)

        report = import_file(
            "preparation.lines", path, actor=year.actor("maker"), at=year.at, fiscal_year=2023
        )

        assert report.is_good, [(one.number, one.message) for one in report.problems]
        assert sorted(Line.objects.values_list("first_fen", flat=True)) == [50_000, 150_000]

    def test_the_second_table_shows_the_control_figure(self, year, client_of):
        project = year.district.project()
        year.to_second([year.row(project, 1_000)])
        services.fill_second(round_id=year.round_id, actor=year.actor("maker"), at=year.at)
        request_id = Request.objects.get(stage="second").pk

        content = client_of("maker").get(f"/preparation/requests/{request_id}/workbook/").content
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active

        assert sheet["A1"].value == "2023年部门预算项目支出申报表（二上）"
        assert [cell.value for cell in sheet[4]][9:13] == ["申报数", "一上数", "审定数", "控制数（按项目）"]
        assert [cell.value for cell in sheet[5]][9:13] == [1_000, 1_000, 1_000, 1_000]

    def test_bad_rows_are_named(self, year, client_of, asked, tmp_path):
        content = client_of("maker").get(f"/preparation/requests/{asked}/workbook/").content
        book = openpyxl.load_workbook(io.BytesIO(content))
        book.active["C5"], book.active["H6"] = "没有这个", "12345"
        path = tmp_path / "预算表.xlsx"
        book.save(path)

        report = import_file(
            "preparation.lines", path, actor=year.actor("maker"), at=year.at, fiscal_year=2023
        )

        assert not report.is_good
        assert {one.number for one in report.problems if one.severity == "error"} == {5, 6}


class TestOtherPages:
    """总览、比较、压减、先压后追、时限：打得开，查询次数不随行数变。"""

    def pages(self, year):
        ids = list(Version.objects.order_by("number").values_list("pk", flat=True))
        return [
            "/preparation/", f"/preparation/compare/?old={ids[0]}&new={ids[-1]}", f"/preparation/cuts/?unit={year.unit()}",
            "/preparation/restored/", "/preparation/timers/",
        ]  # fmt: skip

    def queries(self, client, addresses):
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                page = client.get(address)
            assert page.status_code == 200, (address, page.content.decode()[:500])
            found.append(len(queries))
        return found

    def test_they_open_with_constant_queries(self, year, client_of):
        project = year.district.project()
        rows = [year.row(project, 100, economic_code=code) for code in ("30201", "30202", "30205", "30206")]
        year.to_collected(rows)
        year.congress()
        client = client_of("budget_officer")
        few = self.queries(client, self.pages(year))
        Timer.objects.create(round_id=year.round_id, unit_id=year.unit("101"), reply_due_on=year.at.date())
        more = [
            year.row(project, 100, economic_code=code)
            for code in ("30211", "30213", "30214", "30215", "30226")
        ]
        Round.objects.update(closed_stages=0)
        Line.objects.bulk_create(
            [
                Line(
                    round_id=year.round_id,
                    category="special",
                    nature="ordinary",
                    first_fen=row.pop("amount_fen"),
                    reviewed_fen=0,
                    reason="压减",
                    **row,
                )
                for row in more
            ]
        )

        assert self.queries(client, self.pages(year)) == few
        assert max(few) < 30

    def test_the_overview_tells_who_has_not_reported(self, year, client_of, asked):
        text = client_of("budget_officer").get("/preparation/").content.decode()

        assert "云屿区第一中学" in text and "草稿" in text

    def test_the_comparison_as_excel(self, year, client_of):
        project = year.district.project()
        year.enter([year.row(project, 1_000), year.row(project, 500, economic_code="30216")])
        year.send()
        first, other = Line.objects.order_by("economic_code")
        year.review((first, 700, "压减"), (other, 0, "取消"))
        year.step("close_first")
        year.control()
        year.step("issue_controls")
        old, new = Version.objects.order_by("number").values_list("pk", flat=True)[:2]

        page = client_of("budget_officer").get(f"/preparation/compare/?old={old}&new={new}").content.decode()
        content = client_of("budget_officer").get(f"/preparation/compare/excel/?old={old}&new={new}").content
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active

        assert "取消" in page and "变动" in page
        assert [sheet["A4"].value, sheet["A5"].value] == ["取消", "变动"]
        assert sheet["J6"].value == "=SUM(J4:J5)"

    def test_the_congress_and_the_limits(self, year, client_of):
        project = year.district.project()
        year.to_collected([year.row(project, 1_000)])
        client = client_of("budget_officer")

        answer = client.post(
            f"/preparation/{year.round_id}/approve/", {"on": "2023-03-01", "number": "云人大〔2023〕2号"}
        )
        assert answer.status_code == 302 and year.state == "approved"
        year.issue(year.reply())
        answer = client.post(
            f"/preparation/{year.round_id}/tick/", {"what": "forward", "unit": "", "on": "2023-03-01"}
        )

        assert answer.status_code == 302 and year.state == "forwarded"
