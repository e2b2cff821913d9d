"""测算明细、资金来源: the lines make the year, the years stay within the total, the sources make the total."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fisc.base.errors import BadInput, Refusal
from fisc.domains.projects import parts, services
from fisc.domains.projects.models import EstimateLine, Indicator, Source, YearAmount
from fisc.domains.projects.parts import EstimateRow, Parts
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db


def line(yuan, quantity="1", year=2023, **facts):
    return EstimateRow(
        **{
            "fiscal_year": year, "name": "屋面防水", "economic_code": "30213", "standard_fen": yuan * 100,
            "quantity": Decimal(quantity), "measure": "平方米", **facts,
        }
    )  # fmt: skip


def draft(district, yuan=1_000, **facts):
    facts = {"title": "校舍维修", "category": "special", "end_year": 2024, **facts}
    return district.create("projects.project", "maker", amount_fen=yuan * 100, **facts)


def replan(district, project, who="maker", versions=None, **part):
    result = parts.replan_many(
        parts={project: Parts(**part)}, actor=district.people[who], at=district.at, versions=versions
    )
    if result.refused:
        raise result.refused[project]


def years(project):
    rows = YearAmount.objects.filter(project_id=project).order_by("fiscal_year")
    return {row.fiscal_year: row.amount_fen / 100 for row in rows}


class TestEstimates:
    """标准×数量，分年合计即当年安排，合计不超过项目总额。"""

    @pytest.mark.parametrize(
        ("standard_fen", "quantity", "amount_fen"),
        [(333, "3", 999), (1, "0.5", 1), (1, "1.4999", 1), (18_000, "1200", 21_600_000), (3, "0.5", 2)],
    )
    def test_an_amount_is_standard_times_quantity(self, standard_fen, quantity, amount_fen):
        assert line(0, quantity, standard_fen=standard_fen).amount_fen == amount_fen

    def test_the_database_multiplies_the_same_way(self, district):
        rows = tuple(
            line(0, quantity, standard_fen=fen) for fen, quantity in [(3, "0.5"), (333, "1.5"), (7, "0.3571")]
        )
        project = draft(district, estimates=rows)

        assert list(EstimateLine.objects.filter(project_id=project).values_list("amount_fen", flat=True)) == [
            2,
            500,
            2,
        ]
        with pytest.raises(IntegrityError, match="standard_times_quantity"), transaction.atomic():
            EstimateLine.objects.filter(project_id=project, row_no=1).update(amount_fen=3)

    def test_the_lines_of_a_year_make_the_year(self, district):
        project = draft(district, estimates=(line(100, "2"), line(300), line(500, year=2024)))

        assert years(project) == {2023: 500, 2024: 500}

    def test_a_stated_year_must_agree(self, district):
        with pytest.raises(BadInput, match="不等于当年安排"):
            draft(district, estimates=(line(500),), years={2023: 49_999})

    @pytest.mark.parametrize(("yuan", "fits"), [(1_000, True), (1_001, False)])
    def test_all_years_together_stay_within_the_total(self, district, yuan, fits):
        if fits:
            assert years(draft(district, estimates=(line(yuan),))) == {2023: 1_000}
            return

        with pytest.raises(BadInput, match="超过项目总额"):
            draft(district, estimates=(line(yuan),))

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"year": 2025}, "不在起止年度"),
            ({"name": ""}, "没有测算内容"),
            ({"measure": ""}, "没有计量单位"),
            ({"quantity": "0"}, "大于零"),
            ({"quantity": "1.00001"}, "四位小数"),
            ({"economic_code": "99999"}, "99999"),
            ({"standard_fen": 1, "quantity": "0.4"}, "不足一分"),
        ],
    )
    def test_what_cannot_be_is_refused(self, district, facts, sentence):
        with pytest.raises(BadInput, match=sentence):
            draft(district, estimates=(line(1, **facts),))

    def test_the_database_holds_the_sum_of_a_year(self, district):
        project = draft(district, estimates=(line(500),))

        with pytest.raises(IntegrityError, match="2023年测算明细合计"), transaction.atomic():
            YearAmount.objects.filter(project_id=project).update(amount_fen=49_999)
            connection.check_constraints()
        with pytest.raises(IntegrityError, match="2023年测算明细合计"), transaction.atomic():
            EstimateLine.objects.filter(project_id=project).update(standard_fen=1, quantity=1, amount_fen=1)
            connection.check_constraints()


class TestReplan:
    """调整测算：草稿由单位改，入库以后由预算股改。"""

    def test_new_lines_take_the_place_of_old_ones(self, district):
        project = draft(district, estimates=(line(100), line(400, year=2024)))

        replan(district, project, estimates=(line(700),))

        assert years(project) == {2023: 700}

    def test_years_without_lines_stay(self, district):
        project = draft(district, years={2024: 30_000})

        replan(district, project, estimates=(line(700),))

        assert years(project) == {2023: 700, 2024: 300}
        with pytest.raises(Refusal, match="超过项目总额"):
            replan(district, project, estimates=(line(701),))
        assert years(project) == {2023: 700, 2024: 300}

    def test_in_the_library_the_unit_changes_nothing(self, district):
        project = district.project(total_yuan=1_000)

        with pytest.raises(parts.NotYetPlannable, match="财政库"):
            replan(district, project, estimates=(line(700),))
        replan(district, project, "budget_officer", estimates=(line(700),))

        assert years(project) == {2023: 700}

    def test_nobody_changes_what_somebody_else_has_changed(self, district):
        project = draft(district)
        version = Document.objects.get(pk=project).version
        replan(district, project, estimates=(line(1),), versions={project: version})

        with pytest.raises(Refusal, match="已被他人更改"):
            replan(district, project, estimates=(line(2),), versions={project: version})

    def test_other_units_projects_are_not_there(self, district):
        project = draft(district)

        with pytest.raises(Refusal):
            replan(district, project, "other_maker", estimates=(line(1),))

    def test_many_projects_take_as_many_queries_as_a_few(self, district):
        def count(projects):
            wanted = {pk: Parts(estimates=(line(1), line(2, year=2024))) for pk in projects}
            with CaptureQueriesContext(
                connection,
            ) as captured:
                result = parts.replan_many(parts=wanted, actor=district.people["maker"], at=district.at)
            assert not result.refused
            return len(captured)

        many = [draft(district, title=f"项目{number}") for number in range(40)]
        few = count(many[:15])

        assert count(many) <= few


class TestSources:
    """资金来源合计等于项目总额。"""

    @pytest.mark.parametrize("own", [59_999, 60_001])
    def test_they_make_the_total(self, district, own):
        with pytest.raises(BadInput, match="不等于项目总额"):
            draft(district, sources={"own": own, "upper": 40_000})

    def test_the_database_holds_it(self, district):
        project = draft(district, sources={"own": 60_000, "upper": 40_000})

        with pytest.raises(IntegrityError, match="资金来源合计"), transaction.atomic():
            Source.objects.filter(project_id=project, kind="own").update(amount_fen=59_999)
            connection.check_constraints()

    def change(self, district, project, fen, **facts):
        doc_id = district.create(
            "projects.change", project_id=project, new_total_fen=fen, reason="概算调整", **facts
        )
        district.step(doc_id, "submit", "budget_officer")
        district.step(doc_id, "approve", "section")
        district.step(doc_id, "approve", "budget_reviewer")
        return dict(Source.objects.filter(project_id=project).values_list("kind", "amount_fen"))

    def test_a_changed_total_changes_one_source(self, district):
        project = district.project(total_yuan=1_000, sources={"own": 60_000, "upper": 40_000})

        assert self.change(district, project, 110_000) == {"own": 70_000, "upper": 40_000}
        assert self.change(district, project, 70_000, source_kind="upper") == {"own": 70_000}
        with pytest.raises(services.SourceTooSmall, match="上级转移支付"):
            self.change(district, project, 69_999, source_kind="upper")

    def test_a_total_is_not_cut_below_the_years(self, district):
        project = district.project(total_yuan=1_000, years={2023: 80_000})

        with pytest.raises(services.TotalBelowYears, match=r"800\.00"):
            self.change(district, project, 79_999)
        self.change(district, project, 80_000)

        assert Document.objects.get(pk=project).amount_fen == 80_000


class TestFacts:
    """绩效等级、合同待付额由批量写入。"""

    def test_grades_and_contracts(self, district):
        project, officer = district.project(), district.people["budget_officer"]

        assert services.set_grades(grades={project: ("良", 2022)}, actor=officer, at=district.at) == 1
        assert services.set_grades(grades={project: ("良", 2022)}, actor=officer, at=district.at) == 0
        assert services.set_contracts(contracts={project: 5_000}, actor=officer, at=district.at) == 1
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT code, department_id, category, nature, contract_fen, grade, rank, total_fen, state"
                " FROM v_projects_project WHERE project_id = %s",
                [project],
            )
            row = cursor.fetchone()

        assert row[1:] == (
            district.units["121"].pk, "special", "ordinary", 5_000, "良", None, 100_000_000, "in_library",
        )  # fmt: skip

    def test_what_is_no_grade_is_refused(self, district):
        with pytest.raises(BadInput, match="优、良、中、差"):
            services.set_grades(
                grades={1: ("好", 2022)}, actor=district.people["budget_officer"], at=district.at
            )


def test_a_revised_draft_keeps_text_and_rows_in_step(district):
    from fisc.kernel.documents import update_draft

    project = draft(district, indicator_text="产出|数量|面积|≥|1|平方米|100")
    update_draft(
        kind="projects.project", id=project, version=1, actor=district.people["maker"], at=district.at,
        values={"indicator_text": "产出|数量|长度|≥|2|米|100", "nature": None, "grade": "优", "contract_fen": None},
    )  # fmt: skip

    assert [row.name for row in Indicator.objects.filter(project_id=project)] == ["长度"]
