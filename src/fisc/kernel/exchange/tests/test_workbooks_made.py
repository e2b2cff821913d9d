"""系统生成的文件：模板能填能导，错误行改好能再传。"""

import io

import openpyxl
import pytest

from fisc.kernel.exchange import error_file, run, upload
from fisc.kernel.exchange.errors import HasErrors, NothingToWrite
from fisc.kernel.exchange.template_file import template
from fisc.kernel.exchange.tests.conftest import AT, HEADS, SPEC, good, table

pytestmark = pytest.mark.django_db


class TestTemplate:
    """模板：表头批注、下拉选项、示例、填写说明。"""

    def test_sheets_comments_and_choices(self, ready):
        book = openpyxl.load_workbook(io.BytesIO(template(SPEC, year=2023)))

        assert book.sheetnames == ["预算指标", "示例", "填写说明", "选项"]
        assert book["选项"].sheet_state == "hidden"
        page = book["预算指标"]
        assert [cell.value for cell in page[1]] == [
            "*预算单位", "*指标文号", "资金性质", "*功能科目", "*经济分类", "*金额", "下达日期",
        ]  # fmt: skip
        assert "必填；预算单位编码、全称或简称；写全称" in page["A1"].comment.text
        assert page["D1"].comment.text.startswith("功能科目：必填")
        assert page.freeze_panes == "A2"
        rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
        assert rules["A2:A5001"].formula1.startswith("选项!$A$1")
        assert rules["F2:F5001"].type == "decimal"
        options = [cell.value for cell in book["选项"]["D"]]
        assert "2050203 初中教育" in options and not any(text.startswith("205 ") for text in options)

    def test_explanation_names_every_column(self, ready):
        page = openpyxl.load_workbook(io.BytesIO(template(SPEC, year=2023)))["填写说明"]

        texts = {cell.value for row in page.iter_rows() for cell in row if cell.value}
        assert "预算指标：填写说明（2023 年度）" in texts
        assert {column.head for column in SPEC.columns} <= texts
        assert "单位名称、单位" in texts

    def test_empty_template_imports_nothing_not_the_example(self, ready, bring):
        batch = bring(template(SPEC, year=2023), "模板.xlsx")

        assert (batch.sheet, batch.row_count) == ("预算指标", 0)
        with pytest.raises(NothingToWrite):
            run.commit(batch.pk, actor=ready, at=AT)

    def test_filled_template_is_imported(self, ready, bring, told):
        book = openpyxl.load_workbook(io.BytesIO(template(SPEC, year=2023)))
        for place, cell in enumerate(good(function="2050203 初中教育", economic="30201 办公费"), start=1):
            book["预算指标"].cell(2, place, cell)
        out = io.BytesIO()
        book.save(out)

        batch = bring(out.getvalue(), "模板.xlsx")

        assert told(batch) == [] and batch.summary["good"] == 1


class TestErrorRows:
    """错误行：原来的列，加一列“问题与改法”。"""

    def test_mended_rows_come_in(self, ready, bring, told):
        batch = bring(
            table(good(), good(number="2", amount="1.2万"), good(number="3", unit="=cmd|' /C calc'!A0")),
            spec="test.loose",
        )
        run.commit(batch.pk, actor=ready, at=AT, only_good=True)

        book = openpyxl.load_workbook(io.BytesIO(error_file.error_rows(batch.pk, actor=ready)))
        page = book.active
        assert [cell.value for cell in page[1]][-1] == "问题与改法"
        assert page.max_row == 3
        assert page["H2"].value.startswith("原第 3 行：金额须为数字（元），不能写“1.2万”")
        assert page["F2"].fill.fgColor.rgb == "FFFBEAE7" and page["A2"].fill.fgColor.rgb != "FFFBEAE7"
        assert page["A3"].data_type == "s", "text beginning with = stays text"

        page["F2"], page["A3"] = 12000, "区教育局"
        out = io.BytesIO()
        book.save(out)
        again = bring(out.getvalue(), "改好.xlsx", spec="test.loose")

        assert told(again) == [] and again.summary["good"] == 2

    def test_ten_thousands_stay_ten_thousands(self, ready, bring):
        heads = (*HEADS[:5], "金额", *HEADS[6:])
        batch = bring(table(good(amount=2, unit="某某"), above=[["单位：万元"]], heads=heads))

        again = bring(error_file.error_rows(batch.pk, actor=ready), "改好.xlsx")

        assert again.factor == 10_000 and again.summary["amount_fen"] == 2_000_000


def test_reading_again_keeps_problems(ready, bring):
    """写入被拒后，问题留在批次里可看。"""
    batch = bring(table(good(amount="x")))
    with pytest.raises(HasErrors):
        run.commit(batch.pk, actor=ready, at=AT)

    assert batch.problems.filter(severity="error").count() == 1
    upload.cancel(batch.pk, actor=ready, at=AT)
    assert batch.problems.count() == 0
