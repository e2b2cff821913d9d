"""国库日报和收入任务的文件导入：从 Excel 到账，错误到单元格。"""

import re

import openpyxl
import pytest

from fisc.domains.revenue.models import DailyReport, Receipt, TaskLine
from fisc.domains.revenue.tests.conftest import AT
from fisc.domains.revenue.tests.ledgers import broken, cash, levels
from fisc.kernel import exchange
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db
HEAD = ["日期", "预算科目编码", "科目名称", "级次/共享", "纳税人", "金额", "流水号", "库存余额"]
GOOD = [
    ["2023-06-30", "1010101", "国内增值税", "共享", "海州甲公司", 100.01, "GK1", None],
    ["2023-06-30", "1030501", "一般罚没收入", "区级", "海州乙公司", 50, "GK2", 72.01],
    ["2023-06-30", "1010101", "国内增值税", "", "海州甲公司", -45, "GK3", None],
]


def workbook(path, head, rows):
    book = openpyxl.Workbook()
    book.active.append(head)
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.fixture
def load(tmp_path, officer):
    def run(rows, head=HEAD, kind="revenue.daily_report", **kwargs):
        path = workbook(tmp_path / "国库日报.xlsx", head, rows)
        return exchange.import_file(kind, path, actor=officer, at=AT, fiscal_year=2023, **kwargs)

    return run


class TestDailyReportFile:
    """一次导入，逐笔入账。"""

    def test_from_the_sheet_to_the_books(self, load):
        report = load(GOOD)

        assert report.is_good, [problem.message for problem in report.problems]
        assert levels("10101") == (2751, 550, 2200)
        assert cash() == 7200 + 0
        assert DailyReport.objects.get().source == "国库日报.xlsx"
        assert Receipt.objects.get(serial="GK3").amount_fen == -4500

    def test_the_stated_balance_is_held_against_the_ledger(self, load):
        load(GOOD)

        assert broken()["revenue.stated_balance_equals_cash"][0]["difference_fen"] == 1

    def test_a_control_total_that_disagrees_stops_it(self, load):
        assert not load(GOOD, control_total="105.02").is_good
        assert not Document.objects.exists()
        assert load(GOOD, control_total="105.01").is_good

    @pytest.mark.parametrize(
        ("column", "text", "message"),
        [
            (1, "10101", "不是末级科目"),
            (1, "1019999", "没有编码 1019999"),
            (5, "一百元", "不是数字"),
            (5, 0, "零"),
            (0, "2023-13-01", "没有这一天"),
            (3, "乡级", "级次"),
            (6, "GK2", "重复"),
            (6, None, "流水号|凭证号"),
        ],
    )
    def test_each_bad_cell_is_named_and_nothing_is_half_imported(self, load, column, text, message):
        rows = [list(row) for row in GOOD]
        rows[0][column] = text

        report = load(rows)

        assert not report.is_good

        assert any(re.search(message, problem.message) for problem in report.problems), report.problems
        assert not Document.objects.exists() and not Receipt.objects.exists()

    def test_the_same_receipts_again_are_named(self, load):
        load(GOOD)
        report = load([*GOOD[:1], ["2023-06-30", "1010101", "", "", "丙", 1, "GK9", None]])

        assert not report.is_good
        assert any("RB2023" in problem.message for problem in report.problems)
        assert Receipt.objects.count() == 3

    def test_undo_takes_everything_back(self, load, reviewer):
        report = load(GOOD)
        exchange.undo(report.batch.id, actor=reviewer, at=AT, reason="文件错了")

        assert levels() == (0, 0, 0) and cash() == 0
        assert load(GOOD, confirm_seen=True).is_good


class TestTaskFile:
    """任务文件：月季年核对；只填全年的按上年实绩分解。"""

    HEAD = ["级次", "科目编码", "全年任务", "一季度", *[f"{month}月" for month in range(1, 13)]]

    def test_months_given(self, load):
        report = load([["区级", "1030501", 12, 3, *[1] * 12]], head=self.HEAD, kind="revenue.task")

        assert report.is_good, report.problems
        assert TaskLine.objects.get().year_fen == 1200

    def test_sums_that_disagree_name_the_cells(self, load):
        report = load([["区级", "1030501", 12.01, 4, *[1] * 12]], head=self.HEAD, kind="revenue.task")

        assert not report.is_good
        messages = "".join(problem.message for problem in report.problems)
        assert "相差 0.01 元" in messages and "相差 1.00 元" in messages

    def test_a_year_alone_is_split(self, load):
        report = load([["区级", "10101", 100]], head=self.HEAD[:3], kind="revenue.task")

        assert report.is_good, report.problems
        line = TaskLine.objects.get()
        assert (line.year_fen, line.m01_fen, line.m12_fen) == (10_000, 834, 833)
