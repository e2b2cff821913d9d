"""What is heard: cuts by execution lower the proposed control figure; supplements to cut items are 先压后追."""

from __future__ import annotations

import pytest

from fisc.base.errors import BadInput, NotAllowed, NotFound
from fisc.domains.preparation import listening, services
from fisc.domains.preparation.models import CarriedCut, Restored
from fisc.kernel.events.outbox import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewed(year):
    """A special project asked 1,000, allowed 600 (cut 400); nothing else."""
    project = year.district.project()
    year.enter([year.row(project, 1_000)])
    year.send()
    year.review((year.line(project), 600, "压减"))
    return year, project


def cut(year, project, yuan, document, fiscal_year=2023):
    payload = {
        "fiscal_year": fiscal_year,
        "unit_id": year.unit(),
        "project_id": project,
        "cut_fen": yuan * 100,
    }
    listening.carry_cut(
        Event(id=1, name="budget.execution_cut.confirmed", at=year.at, document_id=document, payload=payload)
    )


def supplement(year, project, yuan, document, economic="30213"):
    payload = {
        "allotment_id": project, "unit_id": year.unit(), "project_id": project, "economic_code": economic,
        "amount_fen": yuan * 100, "fiscal_year": 2023,
    }  # fmt: skip
    listening.flag_restored(
        Event(id=1, name="budget.supplement.approved", at=year.at, document_id=document, payload=payload)
    )


class TestExecutionCut:
    """执行核减：进入当年控制数建议，看得见来源。"""

    @pytest.mark.parametrize(("yuan", "proposed_fen"), [(0, 60_000), (100, 50_000), (600, 0), (601, 0)])
    def test_less_the_cut_never_below_zero(self, reviewed, yuan, proposed_fen):
        year, project = reviewed
        if yuan:
            cut(year, project, yuan, document=project)

        (proposal,) = services.proposals(round_id=year.round_id)

        assert proposal.proposed_fen == proposed_fen

    def test_heard_twice_counts_once_another_year_not(self, reviewed):
        year, project = reviewed
        cut(year, project, 100, document=project)
        cut(year, project, 100, document=project)
        cut(year, project, 300, document=project, fiscal_year=2024)

        assert CarriedCut.objects.count() == 2
        assert services.proposals(round_id=year.round_id)[0].carried_cut_fen == 10_000

    def test_protected_money_is_not_reached(self, year):
        project = year.district.project(category="personnel", nature="rigid")
        year.enter([year.row(project, 1_000, economic_code="30101")])
        year.send()
        year.accept()
        cut(year, project, 300, document=project)

        assert services.proposals(round_id=year.round_id)[0].proposed_fen == 100_000


class TestRestored:
    """先压后追：年初压减的，年中追加要说明；追回额不超过原压减额。"""

    @pytest.mark.parametrize(("yuan", "restored_fen"), [(100, 10_000), (400, 40_000), (401, 40_000)])
    def test_up_to_what_was_cut(self, reviewed, yuan, restored_fen):
        year, project = reviewed
        supplement(year, project, yuan, document=project)

        (found,) = Restored.objects.all()
        assert (found.restored_fen, found.cut_fen, found.added_fen) == (restored_fen, 40_000, yuan * 100)

    def test_what_was_given_back_before_counts(self, reviewed):
        year, project = reviewed
        others = [year.district.project(title=f"单据{n}") for n in range(3)]
        supplement(year, project, 300, document=others[0])
        supplement(year, project, 300, document=others[1])
        supplement(year, project, 300, document=others[2])

        assert list(Restored.objects.order_by("pk").values_list("restored_fen", flat=True)) == [
            30_000,
            10_000,
        ]

    def test_an_item_that_was_not_cut(self, reviewed):
        year, _ = reviewed
        other = year.district.project(title="另一项目")
        supplement(year, other, 100, document=other)

        assert not Restored.objects.exists()

    def test_heard_twice(self, reviewed):
        year, project = reviewed
        supplement(year, project, 100, document=project)
        supplement(year, project, 100, document=project)

        assert Restored.objects.count() == 1

    def test_the_answer(self, reviewed):
        year, project = reviewed
        supplement(year, project, 100, document=project)
        found = Restored.objects.get()
        officer = {"restored_id": found.pk, "actor": year.actor("budget_officer"), "at": year.at}

        with pytest.raises(NotAllowed):
            listening.answer_restored(restored_id=found.pk, answer="x", actor=year.actor("maker"), at=year.at)
        with pytest.raises(BadInput):
            listening.answer_restored(answer=" ", **officer)
        listening.answer_restored(answer="上级新增任务", **officer)
        with pytest.raises(NotFound):
            listening.answer_restored(answer="再改", **officer)
        assert Restored.objects.get().answer == "上级新增任务"
