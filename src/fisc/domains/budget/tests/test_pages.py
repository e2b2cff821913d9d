"""The budget's own pages: every figure is there, units see their own, Excel opens with numbers that add up."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.test import Client

from fisc.domains.budget.execution import services as execution
from fisc.domains.budget.execution.models import ExecutionCutLine
from fisc.domains.budget.tests import test_four_budgets as four
from fisc.domains.budget.tests.test_advances import released
from fisc.domains.budget.yearend import services as yearend
from fisc.domains.budget.yearend.models import YearEndLine
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger import periods
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse(district):
    def opened(username: str, day: dt.date = dt.date(2023, 3, 1)) -> Client:
        clock.set_business_date(day)
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    return opened


def text(response, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def sheet(response):
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(response.content), data_only=True)


class TestFourBudgets:
    """四本预算一页表。"""

    def test_the_bridge_and_its_rules(self, district, browse):
        district.approve(four.transfer(district, "govfund", "general", 20_00))
        district.approve(four.balance(district, surplus_fen=70_00))

        page = text(browse("budget_officer").get("/budget/four/?year=2023"))

        assert "1,180.00" in page and "社会保险基金预算" in page and "不得用于平衡其他政府预算" in page
        assert 'href="/figures/' in page

    def test_few_queries(self, district, browse, django_assert_max_num_queries):
        district.approve(four.balance(district))
        client = browse("budget_officer")
        client.get("/budget/four/?year=2023")

        with django_assert_max_num_queries(60):
            client.get("/budget/four/?year=2023")

    def test_as_excel(self, district, browse):
        district.approve(four.balance(district))

        book = sheet(browse("budget_officer").get("/budget/four/export.xlsx?year=2023"))

        assert book.sheetnames == ["预算", "执行"]
        assert book["预算"].cell(5, 2).value == "一般公共预算"

    def test_a_year_that_is_none(self, browse):
        assert browse("budget_officer").get("/budget/four/?year=abc").status_code in (400, 409)


class TestYearEnd:
    """年终工作台。"""

    @pytest.fixture
    def proposed(self, district, browse):
        periods.open_year(2024)
        district.allotment(yuan=1_000)
        district.allotment(yuan=500, origin="transfer")
        client = browse("budget_officer", dt.date(2024, 1, 5))
        page = text(client.get("/budget/year-end/"))
        assert "2023 年还有结余" in page and "1,500.00" in page and "结转满两年" in page
        response = client.post("/budget/year-end/?year=2023")
        assert response.status_code == 302, response.content.decode()[:500]
        return client, Document.objects.get(kind=yearend.YEAR_END).pk

    def test_by_kind_and_unit(self, proposed):
        client, doc_id = proposed

        page = text(client.get(f"/budget/year-end/{doc_id}/"))

        assert "收回总预算" in page and "上级专款结转（锁定）" in page and "1,500.00" in page

    def test_ticked_lines_are_changed_with_a_reason(self, proposed):
        client, doc_id = proposed
        line = YearEndLine.objects.get(year_end_id=doc_id, kind="recover")

        client.post(
            f"/budget/year-end/{doc_id}/change/",
            {"ids": [line.pk], "kind": "carry", "reason": "已签合同", "back": ""},
        )

        line.refresh_from_db()
        assert (line.kind, line.reason) == ("carry", "已签合同")

    def test_by_a_pasted_list(self, proposed):
        client, doc_id = proposed
        line = YearEndLine.objects.get(year_end_id=doc_id, kind="recover")
        number = Document.objects.get(pk=line.allotment_id).number
        address = f"/budget/year-end/{doc_id}/list/"

        page = text(
            client.post(
                address, {"numbers": f"{number}\nZB0", "kind": "carry", "reason": "清单"}, follow=True
            )
        )
        assert "单上没有指标 ZB0" in page
        client.post(address, {"numbers": f"{number}\r\n", "kind": "carry", "reason": "清单"})

        line.refresh_from_db()
        assert (line.kind, line.reason) == ("carry", "清单")

    def test_without_a_reason_nothing_changes(self, proposed):
        client, doc_id = proposed
        line = YearEndLine.objects.get(year_end_id=doc_id, kind="recover")

        page = text(
            client.post(
                f"/budget/year-end/{doc_id}/change/", {"ids": [line.pk], "kind": "carry", "reason": ""}, follow=True
            )
        )  # fmt: skip

        line.refresh_from_db()
        assert line.kind == "recover" and "理由" in page

    def test_as_excel(self, proposed):
        client, doc_id = proposed

        rows = list(sheet(client.get(f"/budget/year-end/{doc_id}/export.xlsx")).worksheets[0].values)

        assert sorted(row[10] for row in rows[5:]) == [500, 1_000]

    def test_a_unit_sees_nothing_before_it_is_done(self, proposed, browse):
        _, doc_id = proposed

        assert browse("maker").get(f"/budget/year-end/{doc_id}/").status_code == 404

    def test_a_line_of_a_document_opens(self, proposed):
        client, doc_id = proposed

        assert "打开年终工作台" in text(client.get(f"/doc/{doc_id}/"))


class TestCuts:
    """执行率核减：生成、申诉、裁定都在页上。"""

    @pytest.fixture
    def notice(self, district, browse):
        district.allotment(yuan=1_000)
        client = browse("budget_officer")
        page = text(client.get("/budget/cuts/?year=2024"))
        assert "202303" in page and "三保支出" in page
        client.post("/budget/cuts/?year=2024", {"executed_to": "202312"})
        doc_id = Document.objects.get(kind=execution.EXECUTION_CUT).pk
        district.step(doc_id, "issue", "budget_officer")
        return doc_id

    def test_a_unit_appeals_and_the_bureau_decides(self, notice, browse):
        line = ExecutionCutLine.objects.get(cut_id=notice)
        maker = browse("maker")
        assert f'name="appeal:{line.pk}"' in text(maker.get(f"/budget/cuts/{notice}/"))

        response = maker.post(f"/budget/cuts/{notice}/", {f"appeal:{line.pk}": "雨季停工"})
        assert response.status_code == 302, response.content.decode()[:800]
        reviewer = browse("budget_reviewer")
        assert f'name="fen:{line.pk}"' in text(reviewer.get(f"/budget/cuts/{notice}/"))
        response = reviewer.post(
            f"/budget/cuts/{notice}/", {f"fen:{line.pk}": "100.00", f"text:{line.pk}": "部分支持", "comment": "已核实"}
        )  # fmt: skip

        line.refresh_from_db()
        assert (line.cut_fen, line.appeal, line.decision) == (10_000, "雨季停工", "部分支持")
        assert "300.00" in text(reviewer.get("/budget/cuts/?year=2024"))

    def test_other_units_do_not_see_it(self, notice, browse):
        assert browse("other_maker").get(f"/budget/cuts/{notice}/").status_code == 404

    def test_a_wrong_period(self, district, browse):
        page = text(browse("budget_officer").post("/budget/cuts/?year=2024", {"executed_to": "2023"}), 409)

        assert "六位期间" in page

    def test_as_excel(self, notice, browse):
        rows = list(
            sheet(browse("budget_officer").get("/budget/cuts/export.xlsx?year=2024")).worksheets[0].values
        )

        assert rows[-1][-1] == 300


class TestAdvances:
    """预拨垫付账龄。"""

    def test_late_is_red(self, district, browse):
        row = released(district, 400)

        on_time = text(browse("budget_officer", row.due_on).get("/budget/advances/"))
        late = text(browse("budget_officer", row.due_on + dt.timedelta(days=3)).get("/budget/advances/"))

        assert "未到期" in on_time and "超期 3 天" in late and "tag red" in late
        assert "400.00" in late

    def test_as_excel(self, district, browse):
        released(district, 400)

        rows = list(sheet(browse("budget_officer").get("/budget/advances/export.xlsx")).worksheets[0].values)

        assert rows[-1][6] == 400


class TestIdle:
    """存量资金清单。"""

    def test_ticked_and_recognised(self, district, browse):
        old = district.allotment(yuan=1_000, origin="carryover", first_year=2021)
        client = browse("budget_officer")
        assert "结转结余满两年" in text(client.get("/budget/idle/"))

        response = client.post("/budget/idle/?year=2023&months=12", {"ids": [old], "reason": "清理"})

        header = Document.objects.get(kind="budget.idle")
        assert (response.status_code, response["Location"]) == (302, f"/doc/{header.pk}/")
        assert header.amount_fen == 100_000
        assert "1,000.00" in text(client.get(f"/doc/{header.pk}/"))

    def test_nothing_ticked(self, district, browse):
        assert "请先勾选" in text(browse("budget_officer").post("/budget/idle/", {}), 409)

    def test_as_excel(self, district, browse):
        district.allotment(yuan=1_000, origin="carryover", first_year=2021)

        rows = list(sheet(browse("budget_officer").get("/budget/idle/export.xlsx")).worksheets[0].values)

        assert rows[-1][6] == 1_000
