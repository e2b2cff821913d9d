"""二上 ≤ 一下, by unit and project, to the 分: through the service, past it, and by two people at once."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from fisc.base.errors import BadInput, Refusal
from fisc.domains.preparation import services
from fisc.domains.preparation.models import Ceiling, Line
from fisc.domains.preparation.refusals import BelowSecond, NoCeiling, NotReviewed, OverControl
from fisc.domains.preparation.words import CONTROL
from fisc.kernel.documents import kinds
from fisc.kernel.documents.spec import Draft

pytestmark = pytest.mark.django_db


def second(year, *yuans, **facts):
    """Second asks of the project's lines by economic item, in 元."""
    project = Line.objects.values_list("project_id", flat=True).first()
    items = ("30213", "30216")
    rows = [year.row(project, yuan, economic_code=items[place], **facts) for place, yuan in enumerate(yuans)]
    return year.enter(rows, stage="second")


@pytest.fixture
def open_second(year):
    """One project of two items, asked 1,000 and 500, control figure 1,500.00."""
    project = year.district.project()
    year.to_second([year.row(project, 1_000), year.row(project, 500, economic_code="30216")])
    return year


class TestSecondWithinControl:
    """二上合计不超过控制数：到分。"""

    def test_equal_is_allowed(self, open_second):
        second(open_second, 900, 600)

        assert Ceiling.objects.get().second_fen == 150_000

    def test_one_fen_more_is_refused(self, open_second):
        with pytest.raises(OverControl) as refused:
            second(open_second, 900, 600.01)

        assert "1,500.01 元" in str(refused.value) and "1,500.00 元" in str(refused.value)
        assert "超出 0.01 元" in str(refused.value) and "云屿区第一中学" in str(refused.value)
        assert refused.value.ways
        assert Ceiling.objects.get().second_fen == 0

    def test_less_makes_room_again(self, open_second):
        second(open_second, 1_000, 500)
        second(open_second, 1_100, 400)

        assert Ceiling.objects.get().second_fen == 150_000

    def test_a_project_without_a_control_figure_gets_nothing(self, open_second):
        other = open_second.district.project(title="另一项目")

        with pytest.raises(OverControl):
            open_second.enter([open_second.row(other, 0.01)], stage="second")

    @pytest.mark.parametrize(("fen", "is_refused"), [(50_000, False), (50_001, True)])
    def test_past_the_service_too(self, open_second, fen, is_refused):
        """谁都绕不过：直接写表也一样。"""
        second(open_second, 1_000, 0)
        line = Line.objects.get(economic_code="30216")
        if not is_refused:
            Line.objects.filter(pk=line.pk).update(second_fen=fen)
            return
        with (
            pytest.raises(IntegrityError, match="超过下达的控制数"),
            transaction.atomic(),
        ):
            Line.objects.filter(pk=line.pk).update(second_fen=fen)

    def test_the_ceiling_cannot_be_talked_down(self, open_second):
        second(open_second, 1_000, 500)

        with (
            pytest.raises(IntegrityError, match="preparation_ceiling_second_within_control"),
            transaction.atomic(),
        ):
            Ceiling.objects.update(control_fen=149_999)


class TestFillSecond:
    """按控制数带入：不超过的按审定数，超过的按比例，合计分毫不差。"""

    @pytest.mark.parametrize(
        ("control_fen", "parts"), [(150_000, [100_000, 50_000]), (100_000, [66_667, 33_333]), (1, [1, 0])]
    )
    def test_parts_sum_to_the_control_figure(self, year, control_fen, parts):
        project = year.district.project()
        year.enter([year.row(project, 1_000), year.row(project, 500, economic_code="30216")])
        year.send()
        year.accept()
        year.step("close_first")
        year.control(
            [
                {
                    "unit_id": year.unit(),
                    "project_id": project,
                    "control_fen": control_fen,
                    "reason": "统一压减",
                }
            ]
        )
        year.step("issue_controls")

        filled = services.fill_second(round_id=year.round_id, actor=year.actor("maker"), at=year.at)

        assert list(Line.objects.order_by("economic_code").values_list("second_fen", flat=True)) == parts
        assert filled.total_fen == control_fen


class TestControlDocuments:
    """控制数下达单：由审定数生成，也可由测算台生成；审批后生效。"""

    def test_made_from_outside(self, year):
        project = year.district.project()
        year.enter([year.row(project, 1_000)])
        year.send()
        year.accept()
        year.step("close_first")
        lines = [{"unit_id": year.unit(), "project_id": project, "control_fen": 80_000, "reason": "绩效差"}]
        draft = Draft(0, 2023, year.at.date(), "", 0, row={"lines": lines, "fiscal_year": 2023})

        (made,) = kinds.get(CONTROL).create(drafts=[draft], actor=year.actor("budget_officer"), at=year.at)
        assert year.district.approve(made).state == "issued"

        assert Ceiling.objects.get().control_fen == 80_000

    def test_no_round_no_control(self, year):
        draft = Draft(0, 2024, year.at.date(), "", 0, row={"lines": [], "fiscal_year": 2024})

        with pytest.raises(BadInput, match="2024年的预算编制还没有启动"):
            kinds.get(CONTROL).create(drafts=[draft], actor=year.actor("budget_officer"), at=year.at)

    def test_protected_items_keep_their_amount(self, year):
        project = year.district.project(category="personnel", nature="rigid")
        year.enter([year.row(project, 1_000, economic_code="30101")])
        year.send()
        year.accept()

        for fen, is_refused in ((100_000, False), (99_999, True)):
            rows = [{"unit_id": year.unit(), "project_id": project, "control_fen": fen}]
            if is_refused:
                with pytest.raises(BadInput, match="不得压减"):
                    services.draft_control(
                        round_id=year.round_id, actor=year.actor("budget_officer"), at=year.at, rows=rows
                    )
            else:
                services.draft_control(
                    round_id=year.round_id, actor=year.actor("budget_officer"), at=year.at, rows=rows
                )

    def test_a_lower_figure_than_asked_already_is_refused(self, open_second):
        second(open_second, 1_000, 500)
        project = Line.objects.values_list("project_id", flat=True).first()
        rows = [
            {"unit_id": open_second.unit(), "project_id": project, "control_fen": 149_999, "reason": "再压"}
        ]
        control_id = services.draft_control(
            round_id=open_second.round_id,
            actor=open_second.actor("budget_officer"),
            at=open_second.at,
            rows=rows,
        )
        open_second.district.step(control_id, "submit", "budget_officer")
        open_second.district.step(control_id, "approve", "budget_reviewer")

        with pytest.raises(BelowSecond, match=r"1,499\.99 元低于已编报的二上 1,500\.00 元"):
            open_second.district.step(control_id, "approve", "leader")

    def test_everything_is_reviewed_and_controlled_first(self, year):
        project = year.district.project()
        year.enter([year.row(project, 1_000)])
        year.send()
        year.step("close_first")
        with pytest.raises(NotReviewed):
            year.step("issue_controls")

        year.accept()
        with pytest.raises(NoCeiling):
            year.step("issue_controls")


class TestClosedStages:
    """阶段结束后，数字不能再改，直接写表也不行。"""

    def test_first_asks_after_the_close(self, open_second):
        with pytest.raises(IntegrityError, match="已经结束并冻结"), transaction.atomic():
            Line.objects.update(first_fen=1, reason="改数")
        with pytest.raises(Refusal, match="不能填报一上"):
            project = Line.objects.values_list("project_id", flat=True).first()
            open_second.enter([open_second.row(project, 1)])

    def test_the_review_after_the_control_figures(self, open_second):
        with pytest.raises(IntegrityError, match="已经结束并冻结"), transaction.atomic():
            Line.objects.update(reviewed_fen=0, reason="再压")
