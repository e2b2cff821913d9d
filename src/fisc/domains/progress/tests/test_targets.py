"""支出进度任务细化分解至单位、股室: the parts carry the whole, paths only rise, one version is in force."""

from dataclasses import replace
from decimal import Decimal

import pytest
import xlsxwriter
from django.db import IntegrityError, transaction

from fisc.base.errors import BadInput
from fisc.domains.progress import services
from fisc.domains.progress.models import Target, TargetLine
from fisc.domains.progress.services import EVEN, TargetRow, problems
from fisc.kernel.documents.models import Document
from fisc.kernel.exchange.commands import import_file

pytestmark = pytest.mark.django_db


def path(june, rest=None):
    """Twelve months: half-way values, `june` at the end of June, `rest` from July on."""
    june = Decimal(june)
    return tuple([june / 2] * 5 + [june] + [Decimal(rest or 100)] * 6)


def whole(june, base):
    return TargetRow("district", path(june), "", None, base)


def section(code, june, base):
    return TargetRow("section", path(june), code, None, base)


def unit(pk, code, june, base):
    return TargetRow("unit", path(june), code, pk, base)


class TestSplit:
    """分解要托得住：Σ（下级进度×下级预算数）≥ 上级进度×上级预算数."""

    def rows(self, one="60", two="40", june="50"):
        return [whole(june, 200), section("JK", june, 200), unit(1, "JK", one, 100), unit(2, "JK", two, 100)]

    def test_parts_that_reach_the_whole_on_average_pass(self):
        assert problems(self.rows(), {}) == []

    def test_parts_that_fall_short_are_named_with_the_month(self):
        short = [*self.rows()[:3], unit(2, "JK", "39.98", 100)]
        short[3] = replace(short[3], months=(*path("40")[:5], *short[3].months[5:]))

        assert problems(short, {("section", "JK"): "教科文股"}) == [
            "教科文股6月任务 50%，下级加权只有 49.99%。"
        ]

    def test_rounding_to_two_decimals_is_no_shortfall(self):
        assert problems(self.rows(two="39.99"), {}) == []

    def test_budgets_weigh(self):
        rows = [
            whole("50", 400),
            section("JK", "50", 400),
            unit(1, "JK", "60", 300),
            unit(2, "JK", "20", 100),
        ]

        assert problems(rows, {}) == []
        assert (
            "1月任务 25%，下级加权只有 24.88%"
            in problems([*rows[:3], replace(rows[3], months=path("19"))], {})[0]
        )

    def test_budgets_add_up(self):
        rows = self.rows()

        assert "下级合计 1.99 元" in problems([*rows[:3], replace(rows[3], base_fen=99)], {})[0]

    @pytest.mark.parametrize(
        ("rows", "sentence"),
        [
            ([], "只有一行全区"),
            ([whole("50", 0), whole("50", 0)], "全区出现两次"),
            ([whole("50", 100), section("JK", "50", 100)], "没有分解到下一级"),
            ([whole("50", 100), unit(1, "JK", "50", 100)], "没有股室任务"),
        ],
    )
    def test_a_split_is_whole(self, rows, sentence):
        assert any(sentence in text for text in problems(rows, {}))

    @pytest.mark.parametrize(
        ("months", "sentence"),
        [
            ((*EVEN[:11], Decimal("100.01")), "0到100"),
            ((Decimal(9), *EVEN[1:]), None),
            ((Decimal(20), *EVEN[1:]), "2月低于1月"),
            (EVEN[:11], "十二个月"),
        ],
    )
    def test_a_path_only_rises(self, months, sentence):
        rows = [replace(row, months=months) for row in self.rows()]

        found = problems(rows, {})

        assert (sentence is None and not found) or any(sentence in text for text in found)


class TestVersions:
    """先按时间进度生成，改好送审，新版本换下旧版本。"""

    def draft(self, district, **row):
        return district.create("progress.target", "treasury_officer", year="2023", **row)

    def test_it_begins_with_time_for_everybody_who_has_a_budget(self, district):
        district.allotment(yuan=300)
        district.allotment(yuan=700)

        target = self.draft(district)

        lines = list(TargetLine.objects.filter(target_id=target).values_list("level", "base_fen", "m06"))
        assert sorted(lines) == [
            ("district", 100_000, Decimal("50.00")), ("section", 100_000, Decimal("50.00")),
            ("unit", 100_000, Decimal("50.00")),
        ]  # fmt: skip

    def test_without_a_budget_there_is_nothing_to_split(self, district):
        with pytest.raises(BadInput, match="还没有下达的指标"):
            self.draft(district)

    def test_approved_it_is_in_force_and_the_next_takes_its_place(self, district):
        district.allotment(yuan=300)
        first = self.draft(district)
        assert district.approve(first, "treasury_officer").state == "in_force"

        second = self.draft(district)
        assert district.approve(second, "treasury_officer").state == "in_force"

        assert Document.objects.get(pk=first).state == "replaced"
        assert Target.objects.get(is_in_force=True).version_no == 2

    def test_what_does_not_carry_is_not_submitted(self, district):
        district.allotment(yuan=300)
        target = self.draft(district)
        rows = services.rows_of(target)
        low = [replace(row, months=path("20", "30")) if row.level == "unit" else row for row in rows]
        services.save_lines(
            document_id=target, rows=low, version=1, actor=district.people["treasury_officer"], at=district.at
        )

        with pytest.raises(services.BadTarget, match="下级加权只有"):
            district.step(target, "submit", "treasury_officer")

    def test_the_database_holds_that_a_path_rises(self, district):
        district.allotment(yuan=300)
        target = self.draft(district)

        with pytest.raises(IntegrityError, match="progress_targetline_months_rise"), transaction.atomic():
            TargetLine.objects.filter(target_id=target, level="unit").update(m05=Decimal("50.01"))

    @pytest.mark.parametrize("text", ["八", "8.333", "inf"])
    def test_percentages_have_two_decimals(self, text):
        with pytest.raises(BadInput):
            services.percent(text)


class TestExcel:
    """从 Excel 导入整张任务分解表。"""

    def load(self, district, tmp_path, *rows):
        heads = ("层级", "股室", "单位编码", *(f"{month}月" for month in range(1, 13)))
        file = tmp_path / "任务.xlsx"
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet("任务")
            for number, row in enumerate((heads, *rows)):
                sheet.write_row(number, 0, row)
        return import_file(
            "progress.target",
            file,
            actor=district.people["treasury_officer"],
            at=district.at,
            fiscal_year=2023,
        )

    def test_a_good_file_makes_a_version(self, district, tmp_path):
        district.allotment(yuan=300)
        months = [month * 8 for month in range(1, 13)]

        report = self.load(
            district, tmp_path, ("全区", "", "", *months), ("股室", "教科文股", "", *months),
            ("单位", "", "121001", *months),
        )  # fmt: skip

        assert report.refusal is None, [problem.message for problem in report.problems]
        line = TargetLine.objects.get(level="section")
        assert (line.section_code, line.base_fen, line.m12) == ("JK", 30_000, Decimal(96))
        assert district.approve(line.target_id, "treasury_officer").state == "in_force"

    def test_bad_cells_are_named(self, district, tmp_path):
        district.allotment(yuan=300)
        months = [month * 8 for month in range(1, 13)]

        report = self.load(
            district, tmp_path, ("全区", "", "", *months), ("股室", "没有股", "", *months),
            ("单位", "", "121001", 8, 7, *months[2:]),
        )  # fmt: skip

        said = [problem.message for problem in report.problems]
        assert any("没有这个股室" in text for text in said) and any("2月低于上月" in text for text in said)
        assert not Target.objects.exists()
