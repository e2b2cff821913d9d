"""入库条件: measurable targets, ex-ante evaluation of large new projects, papers of bond projects."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from fisc.base.errors import BadInput, Refusal
from fisc.domains.projects.gate import NotFit
from fisc.domains.projects.indicators import as_text, parse, why_unmeasurable
from fisc.domains.projects.models import Indicator
from fisc.kernel.documents.errors import RuleBlocks
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.rules.editing import set_parameter
from fisc.kernel.rules.models import StoredFinding

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2023, 3, 1, 10, 0, tzinfo=SHANGHAI)
TARGETS = "产出|数量|维修校舍面积|≥|1200|平方米|60\n满意度|服务对象|师生满意度|≥|90|%|40"
LIMIT = 5_000_000  # 500 万元
SCORES = {"necessity": 18, "economy": 16, "goals": 17, "feasibility": 15, "funding": 14}


def draft(district, **facts):
    facts = {
        "title": "操场改造", "amount_fen": 100_000_00, "category": "special", "indicator_text": TARGETS, **facts,
    }  # fmt: skip
    return district.create("projects.project", "maker", **facts)


def evaluation(district, project, **facts):
    facts = {**SCORES, "conclusion": "passed", "report_reference": "云财评〔2023〕3号", **facts}
    return district.create("projects.evaluation", project_id=project, **facts)


class TestTargets:
    """绩效目标与预算同步申报；指标要有指标值、有计量单位，权重合计100。"""

    @pytest.mark.parametrize("category", ["operating", "special"])
    def test_without_targets_nothing_enters(self, district, category):
        project = draft(district, category=category, indicator_text="")

        with pytest.raises(RuleBlocks, match="没有填报绩效指标"):
            district.step(project, "submit", "maker")

    @pytest.mark.parametrize("category", ["personnel", "public"])
    def test_staff_and_running_costs_need_none(self, district, category):
        project = draft(district, category=category, indicator_text="")

        assert district.approve(project, "maker").state == "in_library"

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("产出|数量|维修面积|≥|1200||100", "没有计量单位"),
            ("产出|数量|维修面积|≥||平方米|100", "没有指标值"),
            ("产出|数量|维修面积|≥|若干|平方米|100", "指标值不是数字"),
            ("效益|社会效益|群众满意情况|定性|||100", "没有指标值"),
        ],
    )
    def test_what_cannot_be_measured_is_named(self, district, line, why):
        project = draft(district, indicator_text=line)
        row = Indicator.objects.get(project_id=project)

        assert why_unmeasurable(direction=row.direction, target=row.target, measure=row.measure) == why
        with pytest.raises(RuleBlocks, match=f"无法衡量：{row.name}"):
            district.step(project, "submit", "maker")

    @pytest.mark.parametrize(
        "line", ["产出|数量|面积|≥|1200.5|平方米|100", "效益|社会效益|办学条件|定性|优良||100"]
    )
    def test_what_can_be_measured_passes(self, district, line):
        project = draft(district, indicator_text=line)

        assert district.approve(project, "maker").state == "in_library"

    @pytest.mark.parametrize(("weight", "passes"), [("99.99", False), ("100", True)])
    def test_weights_make_a_hundred(self, district, weight, passes):
        project = draft(district, indicator_text=f"产出|数量|面积|≥|1|平方米|{weight}")
        if passes:
            assert district.approve(project, "maker").state == "in_library"
            return

        with pytest.raises(RuleBlocks, match=r"合计为 99\.99"):
            district.step(project, "submit", "maker")

    def test_vague_words_are_hinted_at(self, district):
        project = draft(district, indicator_text="效益|社会效益|办学水平逐步提高|≥|95|%|100")

        district.step(project, "submit", "maker")

        assert StoredFinding.objects.filter(subject_id=project, rule_code="XM04", is_open=True).exists()

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("产出|数量|面积", "七段"),
            ("投入|数量|面积|≥|1|平方米|100", "一级指标"),
            ("产出|数量|面积|大概|1|平方米|100", "符号"),
            ("产出|数量|面积|≥|1|平方米|101", "0到100"),
            ("产出|数量||≥|1|平方米|100", "没有指标名称"),
            ("产出|数量|面积|≥|1|平方米|50；产出|质量|面积|≥|1|平方米|50", "出现两次"),
        ],
    )
    def test_lines_that_cannot_be_read_are_refused(self, district, text, sentence):
        with pytest.raises(BadInput, match=sentence):
            draft(district, indicator_text=text)

    def test_text_and_rows_say_the_same(self, district):
        project = draft(district)

        text = as_text(Indicator.objects.filter(project_id=project))

        assert text == TARGETS and len(parse(text)) == 2


class TestExAnteEvaluation:
    """新增政策、新增大额项目先评估、后入库。"""

    def test_below_the_limit_none_is_needed(self, district):
        project = draft(district, amount_fen=LIMIT * 100 - 1)

        assert district.approve(project, "maker").state == "in_library"

    def at_the_gate(self, district, **facts):
        """A project that only the last approval separates from the library."""
        project = draft(district, **{"amount_fen": LIMIT * 100, **facts})
        district.step(project, "submit", "maker")
        district.step(project, "approve", "reviewer")
        district.step(project, "approve", "section")
        return project

    def test_from_the_limit_on_it_stops_at_the_gate(self, district):
        project = self.at_the_gate(district)

        with pytest.raises(NotFit, match="须先通过事前绩效评估") as refused:
            district.step(project, "approve", "budget_reviewer")

        assert refused.value.ways[0].params == {"kind": "projects.evaluation", "project_id": project}
        assert Document.objects.get(pk=project).state == "in_review"

    def test_a_running_policy_of_earlier_years_needs_none(self, district):
        project = self.at_the_gate(district, start_year=2022, end_year=2024)

        assert district.step(project, "approve", "budget_reviewer").state == "in_library"

    def test_a_new_policy_needs_one_whenever_it_began(self, district):
        project = self.at_the_gate(district, start_year=2022, end_year=2024, is_new_policy=True)

        with pytest.raises(NotFit):
            district.step(project, "approve", "budget_reviewer")

    def test_staff_costs_need_none(self, district):
        project = self.at_the_gate(district, category="personnel")

        assert district.step(project, "approve", "budget_reviewer").state == "in_library"

    def test_passed_it_enters(self, district):
        project = self.at_the_gate(district)

        assert district.approve(evaluation(district, project)).state == "concluded"

        assert district.step(project, "approve", "budget_reviewer").state == "in_library"

    def test_a_draft_of_an_evaluation_is_not_enough(self, district):
        project = self.at_the_gate(district)
        evaluation(district, project)

        with pytest.raises(NotFit):
            district.step(project, "approve", "budget_reviewer")

    def test_failed_it_does_not_enter_and_the_newest_counts(self, district):
        project = self.at_the_gate(district)
        district.approve(evaluation(district, project))
        district.approve(evaluation(district, project, conclusion="failed", necessity=0))

        with pytest.raises(NotFit, match="须先通过"):
            district.step(project, "approve", "budget_reviewer")

    @pytest.mark.parametrize(("short_fen", "enters"), [(0, True), (1, False)])
    def test_no_more_than_was_held_to_be_right(self, district, short_fen, enters):
        project = self.at_the_gate(district)
        district.approve(evaluation(district, project, suggested_fen=LIMIT * 100 - short_fen))
        if enters:
            assert district.step(project, "approve", "budget_reviewer").state == "in_library"
            return

        with pytest.raises(NotFit, match="超过事前评估核定"):
            district.step(project, "approve", "budget_reviewer")

    def test_the_limit_is_data_with_a_date(self, district):
        set_parameter(
            rule_code="XM05", key="from_fen", value=LIMIT * 100 + 1, valid_from=AT.date(), actor=system_actor(), at=AT
        )  # fmt: skip
        project = self.at_the_gate(district)

        assert district.step(project, "approve", "budget_reviewer").state == "in_library"

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"necessity": 21}, "立项必要性"),
            ({"funding": ""}, "筹资合规性"),
            ({"conclusion": "maybe"}, "通过或不通过"),
            ({"project": 0}, "请选择要评估的项目"),
        ],
    )
    def test_an_evaluation_must_be_whole(self, district, facts, sentence):
        with pytest.raises(BadInput, match=sentence):
            evaluation(district, **{"project": draft(district), **facts})

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"report_reference": ""}, "评估报告"),
            (dict.fromkeys(SCORES, 11) | {"economy": 15}, "五项总分 59 分"),
            ({"suggested_fen": LIMIT * 100 + 1}, "超过项目申报总额"),
        ],
    )
    def test_its_report_score_and_amount_agree(self, district, facts, sentence):
        doc_id = evaluation(district, draft(district, amount_fen=LIMIT * 100), **facts)

        with pytest.raises(RuleBlocks, match=sentence):
            district.step(doc_id, "submit", "budget_officer")

    def test_sixty_points_may_pass(self, district):
        scores = dict.fromkeys(SCORES, 12)

        assert district.approve(evaluation(district, draft(district), **scores)).state == "concluded"

    def test_after_the_library_it_is_too_late(self, district):
        with pytest.raises(BadInput, match="入库之前"):
            evaluation(district, district.project())

    def test_coverage_is_evaluated_of_those_to_be(self, district):
        done, missing = self.at_the_gate(district), self.at_the_gate(district, title="图书馆")
        draft(district, title="小额")
        district.approve(evaluation(district, done, suggested_fen=LIMIT * 100 - 30_000))
        codes = ["due", "done", "coverage", "reduced"]
        requests = [FigureRequest(f"projects.evaluation.{code}", 2023, 3) for code in codes]

        found = figures(requests)

        assert [found[request].value for request in requests] == [2, 1, 50, 30_000]
        assert missing


class TestBondProjects:
    """债券项目：一案两书；专项债券收益自求平衡。"""

    def submit(self, district, **facts):
        project = draft(district, **facts)
        return district.approve(project, "maker")

    def test_without_papers_it_does_not_enter(self, district):
        with pytest.raises(Refusal, match="实施方案、财务评价报告和法律意见书，现有 0 份"):
            project = draft(district, is_bond=True)
            district.step(project, "submit", "maker")
            district.step(project, "approve", "reviewer")
            district.step(project, "approve", "section")
            district.step(project, "approve", "budget_reviewer")

    def test_a_reference_of_the_papers_will_do(self, district):
        assert self.submit(district, is_bond=True, bond_reference="云财债〔2023〕1号").state == "in_library"

    def test_special_bonds_must_be_covered_by_the_project_s_income(self, district):
        facts = {"sources": {"special_bond": 100_000_00}, "bond_reference": "云财债〔2023〕1号"}

        assert self.submit(district, **facts).state == "in_review"
        assert self.submit(district, **facts, is_self_balanced=True).state == "in_library"

    def test_bond_money_makes_a_bond_project(self, district):
        project = draft(district, sources={"general_bond": 40_000_00, "upper": 60_000_00})

        row = Document.objects.get(pk=project).spec.model.objects.get(pk=project)

        assert (row.is_bond, row.has_upper_money) == (True, True)
