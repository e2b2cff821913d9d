"""项目库 (norm A.2): a code for life, a total that the database holds, states."""

import pytest
from django.db import IntegrityError, transaction

from fisc.base.errors import BadInput, Refusal
from fisc.domains.projects import services
from fisc.domains.projects.models import Project, YearAmount
from fisc.domains.projects.panels import money_panel, yearly_panel
from fisc.kernel import ledger
from fisc.kernel.documents import update_draft
from fisc.kernel.documents.models import Document
from fisc.kernel.events.outbox import Event

pytestmark = pytest.mark.django_db


def room(project: int) -> float:
    selection = ledger.Selection(book="project", subjects=("811",), project_ids=(project,))
    return sum(balance.posted_fen for balance in ledger.balances(selection).values()) / 100


class TestCodes:
    """编码一次赋予、终身不变。"""

    def test_a_code_is_made_of_year_unit_and_category(self, district):
        code = Project.objects.get(pk=district.project(category="special")).code

        assert code.startswith("20231210014")

    def test_a_given_code_is_kept_and_never_used_twice(self, district):
        district.project(code="XM-1")

        with pytest.raises(BadInput, match="已经使用"):
            district.project(code="XM-1")

    def test_the_database_refuses_to_change_it(self, district):
        doc_id = district.project()

        with pytest.raises(IntegrityError, match="终身不变"), transaction.atomic():
            Project.objects.filter(pk=doc_id).update(code="other")

    def test_code_and_category_are_on_the_header_for_other_modules(self, district):
        doc_id = district.project(code="XM-1", category="public")

        assert Document.objects.get(pk=doc_id).tags == ["XM-1", "运转类（公用经费）"]


class TestDrafts:
    """申报书要合理。"""

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"total_yuan": 0}, "大于零"),
            ({"category": "other"}, "项目类别"),
            ({"start_year": 2024, "end_year": 2023}, "早于开始年度"),
            ({"years": {2022: 1}}, "不在起止年度"),
            ({"total_yuan": 1, "years": {2023: 101}}, "超过项目总额"),
            ({"start_year": "今年"}, "四位数字"),
        ],
    )
    def test_what_cannot_be_is_refused(self, district, facts, sentence):
        with pytest.raises(BadInput, match=sentence):
            district.project(**facts)

    def test_years_within_the_total_are_held_by_the_database(self, district):
        doc_id = district.project(total_yuan=100, years={2023: 10_000})

        with pytest.raises(IntegrityError, match="分年安排"), transaction.atomic():
            YearAmount.objects.filter(project_id=doc_id).update(amount_fen=10_001)
            from django.db import connection

            connection.check_constraints()

    def test_a_changed_draft_is_checked_as_a_new_one(self, district):
        doc_id = district.create(
            "projects.project",
            "maker",
            title="操场改造",
            amount_fen=100,
            category="special",
            years={2023: 100},
        )
        document = Document.objects.get(pk=doc_id)

        with pytest.raises(BadInput, match="超过项目总额"):
            update_draft(
                kind="projects.project", id=doc_id, values={"amount_fen": 99}, version=document.version,
                actor=district.people["maker"], at=district.at,
            )  # fmt: skip


class TestTotals:
    """Σ 已安排 ≤ 项目总额。"""

    def test_admitted_its_total_is_room(self, district):
        assert room(district.project(total_yuan=1_000)) == 1_000

    def test_arranging_takes_room(self, district):
        project = district.project(total_yuan=1_000)
        district.appropriate([{"project_id": project, "yuan": 600}])

        assert room(project) == 400

    def change(self, district, project, yuan):
        doc_id = district.create(
            "projects.change", project_id=project, new_total_fen=yuan * 100, reason="概算调整"
        )
        return district.approve(doc_id)

    def test_a_total_can_be_raised_and_lowered_to_what_is_arranged(self, district):
        project = district.project(total_yuan=1_000)
        district.appropriate([{"project_id": project, "yuan": 600}])

        assert self.change(district, project, 2_000).state == "approved"
        assert room(project) == 1_400
        assert self.change(district, project, 600).state == "approved"

        assert (room(project), Document.objects.get(pk=project).amount_fen) == (0, 60_000)

    def test_but_not_below_it(self, district):
        project = district.project(total_yuan=1_000)
        district.appropriate([{"project_id": project, "yuan": 600}])
        doc_id = district.create(
            "projects.change", project_id=project, new_total_fen=59_999, reason="概算调整"
        )
        district.step(doc_id, "submit", "budget_officer")
        district.step(doc_id, "approve", "section")

        with pytest.raises(services.TotalBelowArranged, match=r"已安排 600\.00 元"):
            district.step(doc_id, "approve", "budget_reviewer")


class TestStates:
    """储备 → 财政库 → 执行中 → 结项、中止。"""

    def test_an_approved_budget_starts_it(self, district):
        project = district.project()
        event = Event(
            id=1, name="budget.appropriation.approved", payload={"project_ids": [project]}, at=district.at,
            document_id=None,
        )  # fmt: skip

        services.start_arranged(event)
        services.start_arranged(event)

        assert Document.objects.get(pk=project).state == "running"

    def test_closed_it_gets_nothing_more(self, district):
        project = district.project(total_yuan=1_000)

        district.step(project, "stop", "budget_officer", comment="不再实施")

        assert room(project) == 0
        with pytest.raises(BadInput, match="已经结束"):
            district.appropriate([{"project_id": project, "yuan": 1}])

    def test_stopping_needs_a_reason(self, district):
        with pytest.raises(Refusal, match="理由"):
            district.step(district.project(), "stop", "budget_officer")


def test_the_page_shows_money_and_years(district):
    project = district.project(total_yuan=1_000, years={2023: 60_000, 2024: 40_000}, end_year=2024)
    district.appropriate([{"project_id": project, "yuan": 600}])
    document = Document.objects.get(pk=project)

    assert money_panel(document, district.people["maker"]).rows == (
        ("已支付", 0), ("已安排未支付", 60_000), ("可安排", 40_000),
    )  # fmt: skip
    assert yearly_panel(document, district.people["maker"]).rows == (
        ("2023年", "600.00", "600.00", "0.00"), ("2024年", "400.00", "0.00", "0.00"),
    )  # fmt: skip
