"""The official tables as loaded: complete, checked, by fiscal year."""

from dataclasses import replace

import pytest

from fisc.kernel import codes
from fisc.kernel.codes import importer
from fisc.kernel.codes.models import Code, EconomicMapping
from fisc.kernel.codes.tables import TABLES, Table

pytestmark = pytest.mark.django_db


class TestLoadedLists:
    """官方代码表全部装载，可信度和依据随行保留。"""

    def test_every_row_of_every_file_is_there(self):
        expected = sum(len(importer.read_table(table)) for table in TABLES)

        assert Code.objects.count() == expected > 7000
        assert EconomicMapping.objects.count() == 167

    def test_a_second_load_adds_nothing_and_says_so(self):
        report = importer.load_official()

        assert report.is_clean
        assert report.loaded == 0
        assert all(table.present == table.rows for table in report.tables)

    def test_confidence_evidence_and_note_are_kept(self):
        code = codes.get(kind="function", code="2010101", year=2023, fund="general")

        assert (code.name, code.level, code.parent, code.is_leaf) == ("行政运行", 3, "20101", True)
        assert (code.confidence, code.evidence) == ("verified", "T2017 S C2019")

    def test_an_edited_row_is_reported_not_overwritten(self):
        Code.objects.filter(kind="fund", code="unit").update(name="单位自有资金")

        report = importer.load_official()

        differing = [problem for table in report.tables for problem in table.differing]
        assert [problem.code for problem in differing] == ["unit"]
        assert "未改动" in differing[0].message
        assert codes.get(kind="fund", code="unit", year=2023).name == "单位自有资金"


class TestChecksOfAFile:
    """装载前逐行检查：名称、重复、上级、级次、位数。"""

    TABLE = Table("x.csv", "function", 2018, fund="general", widths=(3, 5, 7))
    GOOD = (
        importer.CodeRow(2, "201", "一般公共服务支出", 1, "", "verified"),
        importer.CodeRow(3, "20101", "人大事务", 2, "201", "verified"),
        importer.CodeRow(4, "2010101", "行政运行", 3, "20101", "likely"),
    )

    def test_good_rows_have_no_problem(self):
        assert importer.check_rows(self.TABLE, self.GOOD) == []

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (importer.CodeRow(5, "20102", "", 2, "201", "likely"), "名称为空"),
            (importer.CodeRow(5, "2010101", "行政运行", 3, "20101", "likely"), "编码重复出现2次"),
            (importer.CodeRow(5, "2020101", "行政运行", 3, "20201", "likely"), "上级编码 20201 不存在"),
            (importer.CodeRow(5, "20103", "政府办公厅", 1, "201", "likely"), "级次1不低于上级 201 的级次1"),
            (importer.CodeRow(5, "201010", "行政运行", 3, "20101", "likely"), "第3级编码应为7位，实为6位"),
            (
                importer.CodeRow(5, "2030101", "行政运行", 3, "20101", "likely"),
                "上级应为 20301，文件写的是 20101",
            ),
            (importer.CodeRow(5, "20104", "发改", 2, "201", "certain"), "可信度“certain”"),
        ],
    )
    def test_each_fault_is_named_with_its_line(self, row, message):
        problems = importer.check_rows(self.TABLE, (*self.GOOD, row))

        assert any(problem.line == 5 and message in problem.message for problem in problems)

    def test_a_faulty_file_is_left_out_whole(self, tmp_path, monkeypatch):
        (tmp_path / "bad.csv").write_text(
            "code,name,level,parent,confidence\n901,甲,1,,likely\n901,乙,1,,likely\n"
        )
        table = replace(self.TABLE, file="bad.csv")
        monkeypatch.setattr(Table, "path", property(lambda self: tmp_path / self.file))
        monkeypatch.setattr(importer, "TABLES", (table,))

        report = importer.load_official()

        assert not report.is_clean
        assert report.tables[0].loaded == 0
        assert not Code.objects.filter(code="901").exists()


class TestYears:
    """同一编码在不同年度可有不同含义。"""

    def test_the_treasury_chart_changes_in_2023(self):
        old = codes.check_many(kind="treasury_account", codes=["1002", "1003"], year=2022)
        new = codes.check_many(kind="treasury_account", codes=["1002", "1003"], year=2023)

        assert set(old) == {"1002"} and old["1002"].problem == "expired"
        assert new == {}
        assert codes.get(kind="treasury_account", code="1003", year=2022).name == "国库现金管理存款"
        assert codes.get(kind="treasury_account", code="1003", year=2023).name == "国库现金管理资产"
        assert codes.find(kind="treasury_account", code="1003", year=2015) is None

    def test_livelihood_counts_only_what_is_decided(self):
        counted = codes.counted(kind="livelihood", year=2023)

        assert {"205", "208", "210", "213", "221"} <= set(counted)
        assert not {"201", "204", "216", "227"} & set(counted)


class TestEconomicMapping:
    """部门经济分类对应政府经济分类，分行政与事业单位。"""

    def test_by_kind_of_unit(self):
        assert codes.government_codes(department_code="30101", unit_kind="administrative", year=2023) == [
            "50101"
        ]
        assert codes.government_codes(department_code="30101", unit_kind="institution", year=2023) == [
            "50501"
        ]
        assert codes.government_codes(department_code="30101", unit_kind="institution", year=2017) == []
