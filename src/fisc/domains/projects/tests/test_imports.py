"""Excel in: the register with its new columns, estimates, indicators, evaluations; the demo's way through the gate."""

import pytest
import xlsxwriter

from fisc.domains.projects.models import EstimateLine, Evaluation, Indicator, Project, Source, YearAmount
from fisc.kernel.documents.models import Document
from fisc.kernel.exchange.commands import import_file

pytestmark = pytest.mark.django_db
TARGETS = "产出|数量|维修校舍面积|≥|1200|平方米|60\n满意度|服务对象|师生满意度|≥|90|%|40"
OLD = (
    "单位编码",
    "项目编码",
    "项目名称",
    "项目类别",
    "开始年度",
    "结束年度",
    "项目总额（元）",
    "立项依据",
    "绩效目标",
)


@pytest.fixture
def load(district, tmp_path):
    """load(kind, heads, *rows): the report of importing that file as the budget section."""

    def run(kind, heads, *rows, who="budget_officer"):
        path = tmp_path / f"{kind}.xlsx"
        with xlsxwriter.Workbook(path) as workbook:
            sheet = workbook.add_worksheet("明细")
            for number, row in enumerate((heads, *rows)):
                sheet.write_row(number, 0, row)
        return import_file(kind, path, actor=district.people[who], at=district.at, fiscal_year=2023)

    return run


def sentences(report):
    return [problem.message for problem in report.problems]


def row(code, yuan=1_000.0, category="special"):
    return ("121001", code, f"项目{code}", category, 2023, 2025, yuan, "依据", "目标")


class TestRegister:
    """项目库导入."""

    def test_the_old_heads_still_do(self, load):
        report = load("projects.register", OLD, row("P1"), row("P2", category="public"))

        assert report.refusal is None, sentences(report)
        assert set(Project.objects.values_list("code", "nature", "is_bond")) == {
            ("P1", "ordinary", False), ("P2", "ordinary", False),
        }  # fmt: skip

    def test_the_new_ones_bring_everything(self, district, load):
        heads = (
            *OLD, "项目属性", "三保事项", "债券", "新增政策", "合同待付额（元）", "上次绩效等级", "绩效等级年度",
            "本级资金（元）", "一般债券（元）", "绩效指标", "一两案书", "一案两书文号",
        )  # fmt: skip
        facts = (
            "重点",
            "L01",
            "是",
            "否",
            120.5,
            "良",
            2022,
            400,
            600,
            TARGETS.replace("\n", "；"),
            "",
            "云财债1号",
        )

        report = load("projects.register", heads, (*row("P1"), *facts))

        assert report.refusal is None, sentences(report)
        project = Project.objects.get(code="P1")
        assert (project.nature, project.guarantee_item, project.is_bond) == ("priority", "L01", True)
        assert (project.contract_fen, project.grade, project.grade_year) == (12_050, "良", 2022)
        assert dict(Source.objects.values_list("kind", "amount_fen")) == {
            "own": 40_000,
            "general_bond": 60_000,
        }
        assert Indicator.objects.count() == 2
        assert district.approve(project.pk, "maker").state == "in_library"

    def test_bad_cells_are_named(self, load):
        report = load(
            "projects.register", (*OLD, "本级资金（元）", "绩效指标"), (*row("P1"), 999.99, "产出|数量"),
        )  # fmt: skip

        assert not Project.objects.exists()
        assert any("资金来源合计 999.99 元" in text for text in sentences(report))
        assert any("七段" in text for text in sentences(report))


ESTIMATES = ("项目编码", "年度", "测算内容", "部门经济分类", "标准（元）", "数量", "计量单位", "金额（元）")


class TestParts:
    """测算明细、绩效指标."""

    def test_estimates_of_several_projects(self, load):
        load("projects.register", OLD, row("P1"), row("P2"))

        report = load(
            "projects.estimates", ESTIMATES, ("P1", 2023, "防水", "30213", 2.5, 100, "平方米", 250),
            ("P1", 2024, "涂料", "30213", 3, 100, "平方米", ""), ("P2", 2023, "防水", "30213", 1, 1, "平方米", ""),
        )  # fmt: skip

        assert report.refusal is None, sentences(report)
        assert EstimateLine.objects.count() == 3
        assert dict(YearAmount.objects.filter(project__code="P1").values_list("fiscal_year", "amount_fen")) == {
            2023: 25_000, 2024: 30_000,
        }  # fmt: skip

    def test_a_stated_amount_is_held_against_the_product(self, load):
        load("projects.register", OLD, row("P1"))

        report = load(
            "projects.estimates", ESTIMATES, ("P1", 2023, "防水", "30213", 2.5, 100, "平方米", 250.01)
        )

        assert any("标准×数量为 250.00 元" in text for text in sentences(report))

    def test_nothing_is_written_when_one_project_does_not_fit(self, load):
        load("projects.register", OLD, row("P1"), row("P2"))

        report = load(
            "projects.estimates", ESTIMATES, ("P1", 2023, "防水", "30213", 1, 1, "平方米", ""),
            ("P2", 2023, "防水", "30213", 1_000.01, 1, "平方米", ""),
        )  # fmt: skip

        assert report.refusal is not None and not EstimateLine.objects.exists()

    def test_the_unit_s_own_drafts_only(self, district, load):
        district.project(code="P1")

        report = load(
            "projects.estimates", ESTIMATES, ("P1", 2023, "防水", "30213", 1, 1, "平方米", ""),
            ("P9", 2023, "防水", "30213", 1, 1, "平方米", ""), who="maker",
        )  # fmt: skip

        assert any("财政库，不能再改" in text for text in sentences(report))
        assert any("没有编码 P9" in text for text in sentences(report))

    def test_indicators(self, load):
        load("projects.register", OLD, row("P1"))
        heads = ("项目编码", "一级指标", "二级指标", "三级指标", "符号", "指标值", "计量单位", "权重")

        report = load(
            "projects.indicators", heads, ("P1", "产出", "数量", "面积", "≥", 1200, "平方米", 60),
            ("P1", "满意度", "服务对象", "师生满意度", "≥", 90, "%", 40),
        )  # fmt: skip

        assert report.refusal is None, sentences(report)
        assert list(Indicator.objects.values_list("name", "target")) == [
            ("面积", "1200"),
            ("师生满意度", "90"),
        ]


def test_a_large_new_project_comes_in_by_files(district, load):
    heads = (
        "项目编码",
        "必要性",
        "经济性",
        "目标合理性",
        "实施可行性",
        "筹资合规性",
        "评估结论",
        "评估报告文号",
    )
    load(
        "projects.register", (*OLD, "绩效指标"), (*row("P1", 5_000_000), TARGETS.replace("\n", "；")),
    )  # fmt: skip
    project = Project.objects.get(code="P1").pk

    report = load("projects.evaluations", heads, ("P1", 18, 16, 17, 15, 0, "通过", "云财评〔2023〕3号"))

    assert report.refusal is None, sentences(report)
    row_ = Evaluation.objects.get()
    assert (row_.suggested_fen, row_.project_id) == (500_000_000, project)
    assert district.approve(row_.pk).state == "concluded"
    assert district.approve(project, "budget_officer").state == "in_library"
    assert Document.objects.get(pk=project).amount_fen == 500_000_000
