"""Excel with live formulas, print rows, PDF, snapshots."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from pypdf import PdfReader

from fisc.kernel.metrics.tests import books
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Unit
from fisc.kernel.reports import layouts, snapshots
from fisc.kernel.reports.build import build
from fisc.kernel.reports.excel import safe_text, sum_of, to_excel
from fisc.kernel.reports.pdf import to_pdf, to_print
from fisc.kernel.reports.spec import Report, ReportQuery

pytestmark = pytest.mark.django_db

KNOWN = books.metrics()
JUNE = ReportQuery(year=2023, month=6, level=3)
MAY = date(2023, 5, 10)


@pytest.fixture(autouse=True)
def _books() -> None:
    books.open_books()
    unit = Unit.objects.create(code="201", name="云屿区教育局", kind="department").pk
    wan = 1_000_000
    books.book(
        books.budget(1000 * wan, unit=unit, function="2050202"),
        books.budget(500 * wan, unit=unit, function="2050101"),
        books.budget(100 * wan + 1, unit=unit, function="2100101"),
        books.payment(630 * wan + 33, on=MAY, unit=unit, function="2050202"),
        books.payment(100 * wan, on=MAY, unit=unit, function="2050101"),
        books.payment(50 * wan, on=MAY, unit=unit, function="2100101"),
        books.payment(400 * wan, on=date(2022, 6, 1), unit=unit, function="2050202"),
    )


def report(query: ReportQuery = JUNE) -> Report:
    return build(layouts.EXPENDITURE_BY_FUNCTION, query, actor=books.BOSS, catalogue=KNOWN)


class TestExcel:
    """真数字、活公式、分级显示、表头说明"""

    @pytest.fixture
    def sheet(self) -> object:
        content = to_excel(report(), unit="wan", exported_by="周涛", at=books.AT)
        return openpyxl.load_workbook(BytesIO(content)).active

    def rows(self, sheet: object) -> dict[str, int]:
        return {str(sheet.cell(row=r, column=1).value).strip(): r for r in range(6, sheet.max_row + 1)}

    def test_head_says_what_it_is(self, sheet: object) -> None:
        assert sheet["A1"].value == "一般公共预算支出执行情况"
        assert "2023年1－6月" in sheet["A2"].value and "资金性质：一般公共预算" in sheet["A2"].value
        assert "导出人：周涛" in sheet["A3"].value and "万元" in sheet["A3"].value
        assert sheet.freeze_panes == "B6"

    def test_numbers_are_numbers(self, sheet: object) -> None:
        line = self.rows(sheet)["2050202 小学教育"]

        assert sheet.cell(row=line, column=5).value == pytest.approx(630.000033)
        assert sheet.row_dimensions[line].outlineLevel == 2

    def test_totals_are_formulas_over_the_rows_below(self, sheet: object) -> None:
        rows = self.rows(sheet)

        assert sheet.cell(row=rows["205 教育支出"], column=5).value == (
            f"=SUM(E{rows['20501 教育管理事务']},E{rows['20502 普通教育']})"
        )
        assert (
            sheet.cell(row=rows["合计"], column=5).value
            == f"=SUM(E{rows['205 教育支出']},E{rows['210 卫生健康支出']})"
        )
        assert sheet.cell(row=rows["合计"], column=6).value == (
            f'=IF(D{rows["合计"]}>0,E{rows["合计"]}/D{rows["合计"]}*100,"")'
        )

    def test_cached_values_equal_the_report(self) -> None:
        content = to_excel(report(), unit="yuan", exported_by="周涛", at=books.AT)
        sheet = openpyxl.load_workbook(BytesIO(content), data_only=True).active

        total = sheet.cell(row=self.rows(sheet)["合计"], column=5).value

        assert round(total * 100) == report().total.cell("paid").value

    def test_formula_like_names_are_text(self) -> None:
        assert safe_text("=cmd()") == "'=cmd()"

    def test_long_sums_stay_within_excel_s_limit(self) -> None:
        formula = sum_of(list(range(0, 1000, 2)), 1)

        assert formula.count("SUM(") == 3
        assert sum_of([4, 5, 6], 1) == "SUM(B5:B7)"


class TestPrint:
    """打印与 PDF"""

    def test_rows_as_text(self) -> None:
        printed = to_print(report(), unit="wan")

        assert printed[-1]["name"] == "合计" and printed[-1]["cells"][3] == "780.00"
        growth = printed[0]["cells"][-1]
        assert growth == "+82.5"

    def test_pdf(self) -> None:
        content = to_pdf(report(), unit="wan", office="云屿区财政局", printed_by="周涛", at=books.AT)

        text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        assert "一般公共预算支出执行情况" in text and "云屿区财政局" in text and "780.00" in text
        assert content == to_pdf(report(), unit="wan", office="云屿区财政局", printed_by="周涛", at=books.AT)


class TestSnapshots:
    """快照：按同一时点重算，摘要不变"""

    def test_same_digest_after_later_postings(self) -> None:
        actor = system_actor()
        kept = snapshots.take(
            layouts.EXPENDITURE_BY_FUNCTION, JUNE, actor=actor, at=books.AT, catalogue=KNOWN
        )
        books.book(books.payment(1, on=MAY, function="2050202"), at=books.AT + timedelta(hours=1))

        again = snapshots.compare(kept, layouts.EXPENDITURE_BY_FUNCTION, actor=actor, catalogue=KNOWN)

        assert again.is_equal and again.differing == ()
        assert snapshots.digest(report()) != snapshots.digest(report(replace(JUNE, as_known_on=books.AT)))

    def test_entry_slipped_in_behind(self) -> None:
        actor = system_actor()
        kept = snapshots.take(
            layouts.EXPENDITURE_BY_FUNCTION, JUNE, actor=actor, at=books.AT, catalogue=KNOWN
        )
        books.book(books.payment(1, on=MAY, function="2050202"), at=books.AT)

        again = snapshots.compare(kept, layouts.EXPENDITURE_BY_FUNCTION, actor=actor, catalogue=KNOWN)

        assert not again.is_equal
        assert "function:205" in again.differing and "合计" in again.differing
