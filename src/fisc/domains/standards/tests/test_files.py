"""Excel in and out: the exported base data can be filled in and taken in again; standards from a file."""

from __future__ import annotations

import io

import openpyxl
import pytest

from fisc.domains.standards import services
from fisc.domains.standards.models import BaseReport, Rate, Standard
from fisc.domains.standards.tests.conftest import AT, SCHOOL
from fisc.kernel import exchange
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path, people):
    """A function that imports rows as a file."""

    def run(kind, rows, who="officer", year=2023):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / "文件.xlsx"
        book.save(path)
        return exchange.import_file(kind, path, actor=people[who], at=AT, fiscal_year=year)

    return run


class TestBaseData:
    HEAD = ["单位编码", "单位名称", "事业在职（人）", "小学学生", "小学学籍（人）"]

    def figures(self, tree, code):
        report = BaseReport.objects.get(unit=tree[code], is_current=True)
        return services.figures_of([report.pk])[report.pk]

    def test_rows_become_drafts(self, load, tree):
        report = load(
            "standards.base", [self.HEAD, ["121001", "实验小学", 18, 300, 300], ["121002", "", None, 99, 99]]
        )

        assert report.is_good, [problem.message for problem in report.problems]
        assert self.figures(tree, "121001") == {
            "staff_career": 18,
            "pupils_primary": 300,
            "registered_primary": 300,
        }
        assert self.figures(tree, "121002") == {"pupils_primary": 99, "registered_primary": 99}

    def test_empty_cells_leave_what_is_there(self, load, tree, fill):
        fill(_121001=SCHOOL, accepted=False)

        assert load("standards.base", [self.HEAD, ["121001", "", 19, None, None]]).is_good
        assert self.figures(tree, "121001") == {**SCHOOL, "staff_career": 19}

    @pytest.mark.parametrize(
        ("row", "who", "sentence"),
        [
            (["121001", "", -1, 1, 1], "officer", "负"),
            (["121001", "", "很多", 1, 1], "officer", "整数|数字"),
            (["999", "", 1, 1, 1], "officer", "单位"),
            (["131", "", 1, 1, 1], "maker", "范围|单位"),
        ],
    )
    def test_bad_rows(self, load, row, who, sentence):
        report = load("standards.base", [self.HEAD, row], who)

        assert not report.is_good
        assert not BaseReport.objects.exists()

    def test_accepted_reports_take_no_file(self, load, fill):
        fill(_121001=SCHOOL)

        report = load("standards.base", [self.HEAD, ["121001", "", 1, 1, 1]])

        assert not report.is_good and "已审定" in report.problems[0].message

    def test_the_export_goes_back_in(self, tmp_path, browse, people, tree, fill):
        fill(_121001=SCHOOL, accepted=False)
        response = browse("officer").get("/standards/base/export.xlsx?year=2023")
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        sheet = book.active
        heads = [cell.value for cell in sheet[1]]
        row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "121001")
        row[heads.index("寄宿生（人）")].value = 55
        for other in list(sheet.iter_rows(min_row=2)):
            if other[0].value != "121001":
                for cell in other:
                    cell.value = None
        path = tmp_path / "基础信息.xlsx"
        book.save(path)

        report = exchange.import_file(
            "standards.base", path, actor=people["officer"], at=AT, fiscal_year=2023
        )

        assert report.is_good, [problem.message for problem in report.problems]
        assert self.figures(tree, "121001")["boarders"] == 55

    def test_undoing_puts_the_numbers_back(self, load, tree, fill, people):
        fill(_121001=SCHOOL, accepted=False)
        report = load("standards.base", [self.HEAD, ["121001", "", 1, 2, 3], ["121002", "", 1, 1, 1]])

        exchange.undo(report.batch.id, actor=people["officer"], at=AT, reason="导错文件")

        assert self.figures(tree, "121001") == SCHOOL
        assert Document.objects.get(unit=tree["121002"]).state == "voided"


class TestStandardsFile:
    HEAD = [
        "标准编码",
        "标准名称",
        "经费类别",
        "标准层级",
        "部门经济分类",
        "数量口径",
        "标准（元/年）",
        "启用日期",
        "依据",
    ]

    def test_a_new_amount_and_a_new_standard(self, load):
        report = load(
            "standards.rate",
            [
                self.HEAD,
                ["P0102", "", "", "", "", "", 330, "2024-01-01", "区财教〔2023〕88号"],
                [
                    "P0502",
                    "幼儿园提标",
                    "公用经费",
                    "地方标准",
                    "30299",
                    "幼儿园学生",
                    100,
                    "2024-01-01",
                    "区财教〔2023〕89号",
                ],
            ],
        )

        assert report.is_good, [problem.message for problem in report.problems]
        assert Rate.objects.get(standard__code="P0102", valid_to=None).amount_fen == 33_000
        assert Standard.objects.get(code="P0502").measure == "pupils_preschool"

    @pytest.mark.parametrize(
        ("row", "sentence"),
        [
            (["P0102", "", "", "", "", "", 330, "2024-01-02", "文"], "某月1日"),
            (["P0102", "", "", "", "", "", 330, "2022-01-01", "文"], "历史标准不改"),
            (["P0999", "", "", "", "", "", 330, "2024-01-01", "文"], "新的标准编码"),
        ],
    )
    def test_mistakes(self, load, row, sentence):
        report = load("standards.rate", [self.HEAD, row])

        assert not report.is_good
        assert sentence in report.problems[0].message
