"""主管部门排序 and 闲置项目清理."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fisc.base.errors import BadInput, NotAllowed, Refusal
from fisc.domains.projects import idle, ranking, services
from fisc.domains.projects.models import Rank, Withdrawal
from fisc.kernel.documents.models import Document
from fisc.kernel.events.outbox import Event
from fisc.kernel.orgs.access import system_actor

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2023, 3, 1, 10, 0, tzinfo=SHANGHAI)


class TestRanking:
    """部门内每年一个名次只给一个项目。"""

    def save(self, district, ranks, who="budget_officer", **facts):
        facts = {"department_id": district.units["121"].pk, "fiscal_year": 2023, **facts}
        return ranking.save_ranks(ranks=ranks, actor=district.people[who], at=district.at, **facts)

    def order(self, district):
        rows = ranking.candidates(department_id=district.units["121"].pk, fiscal_year=2023)
        return [(row.project_id, row.rank) for row in rows]

    def test_ranked_ones_come_first_then_the_largest(self, district):
        one, two, three = (district.project(total_yuan=yuan) for yuan in (100, 200, 300))

        self.save(district, {one: 1})

        assert self.order(district) == [(one, 1), (three, None), (two, None)]

    def test_a_save_takes_the_place_of_the_one_before(self, district):
        one, two = district.project(), district.project()
        self.save(district, {one: 1, two: 2})

        self.save(district, {two: 1})

        assert self.order(district) == [(two, 1), (one, None)]

    @pytest.mark.parametrize(("place", "sentence"), [(1, "都排第 1"), (0, "从1开始")])
    def test_no_place_twice_and_none_below_one(self, district, place, sentence):
        one, two = district.project(), district.project()

        with pytest.raises(BadInput, match=sentence):
            self.save(district, {one: 1, two: place})

    def test_the_database_holds_a_place_for_one(self, district):
        one, two = district.project(), district.project()
        self.save(district, {one: 1, two: 2})

        with pytest.raises(IntegrityError, match="projects_rank_place_once"), transaction.atomic():
            Rank.objects.filter(project_id=two).update(rank=1)

    def test_other_years_and_staff_costs_are_not_ranked(self, district):
        later = district.project(start_year=2024, end_year=2024)
        staff = district.project(category="personnel")

        assert self.order(district) == []
        for project in (later, staff):
            with pytest.raises(BadInput, match="不是本部门2023年可排序的项目"):
                self.save(district, {project: 1})

    def test_the_maker_does_not_rank_nor_a_unit_its_department(self, district):
        project = district.project()

        for who in ("maker", "reviewer"):
            with pytest.raises(NotAllowed):
                self.save(district, {project: 1}, who)

    def test_two_people_do_not_overwrite_each_other(self, district):
        project = district.project()
        department = district.units["121"].pk
        before = ranking.version_of(department_id=department, fiscal_year=2023)
        self.save(district, {project: 1}, version=before)

        with pytest.raises(ranking.RankedMeanwhile, match="budget_officer 已在 03-01 10:00"):
            self.save(district, {project: 2}, version=before)


class TestIdle:
    """入库十二个月未安排、执行十二个月未支付的项目，提出清理。"""

    def propose(self, on):
        return idle.propose_withdrawals(
            on=on, actor=system_actor(), at=dt.datetime.combine(on, dt.time(9), SHANGHAI)
        )

    @pytest.mark.parametrize(
        ("on", "count"), [(dt.date(2024, 2, 29), 0), (dt.date(2024, 3, 1), 1), (dt.date(2024, 3, 2), 1)]
    )
    def test_in_the_library_without_a_budget(self, district, on, count):
        project = district.project(total_yuan=1_000)

        assert self.propose(on) == count

        rows = list(Withdrawal.objects.values_list("project_id", "why", "since", "room_fen"))
        assert rows == [(project, "not_arranged", AT.date(), 100_000)][:count]

    def running(self, district, **facts):
        allotment = district.allotment(yuan=1_000, **facts)
        project = Document.objects.get(pk=allotment).spec.model.objects.get(pk=allotment).project_id
        event = Event(
            id=1, name="budget.appropriation.approved", payload={"project_ids": [project]}, at=district.at,
            document_id=None,
        )  # fmt: skip
        services.start_arranged(event)
        return allotment, project

    def test_running_without_a_payment(self, district):
        _, project = self.running(district)

        assert self.propose(dt.date(2024, 2, 29)) == 0
        assert self.propose(dt.date(2024, 3, 1)) == 1

        assert Withdrawal.objects.get().why == "not_paid" and Withdrawal.objects.get().project_id == project

    def test_the_search_is_repeatable_and_by_the_month(self, district):
        district.project()
        event = Event(
            id=1,
            name="calendar.day_began",
            payload={"day": "2024-04-02"},
            at=timezone.now(),
            document_id=None,
        )
        idle.propose_monthly(event)
        assert not Withdrawal.objects.exists()

        first = Event(
            id=2,
            name="calendar.day_began",
            payload={"day": "2024-04-01"},
            at=timezone.now(),
            document_id=None,
        )
        idle.propose_monthly(first)
        idle.propose_monthly(first)

        assert Withdrawal.objects.count() == 1

    def test_taken_back_its_room_is_given_up(self, district):
        project = district.project(total_yuan=1_000)
        self.propose(dt.date(2024, 3, 1))

        with pytest.raises(Refusal, match="理由"):
            district.step(project, "recall", "budget_officer")
        district.step(project, "recall", "budget_officer", comment="长期未实施")

        row = Withdrawal.objects.get()
        assert Document.objects.get(pk=project).state == "stopped"
        assert (row.answer, row.reason) == ("recalled", "长期未实施")
        assert idle._rooms().get(project, 0) == 0
        district.step(project, "archive", "budget_officer")
        assert Document.objects.get(pk=project).state == "archived"

    def test_kept_it_is_looked_at_again_a_year_later(self, district):
        project = district.project()
        self.propose(dt.date(2024, 3, 1))
        district.at = dt.datetime(2024, 3, 5, 10, tzinfo=SHANGHAI)
        district.step(project, "keep", "budget_officer", comment="已列入下年计划")

        assert Document.objects.get(pk=project).state == "in_library"
        assert self.propose(dt.date(2025, 3, 4)) == 0
        assert self.propose(dt.date(2025, 3, 5)) == 1

    def test_only_what_was_proposed_is_answered(self, district):
        project = district.project()

        with pytest.raises(idle.NotProposed):
            district.step(project, "keep", "budget_officer", comment="继续")

    def test_arranged_after_all_the_proposal_is_settled(self, district):
        project = district.project(total_yuan=1_000)
        self.propose(dt.date(2024, 3, 1))
        event = Event(
            id=1, name="budget.appropriation.approved", payload={"project_ids": [project]}, at=district.at,
            document_id=None,
        )  # fmt: skip
        services.start_arranged(event)

        assert Withdrawal.objects.get().answer == "kept"

    @pytest.mark.parametrize(
        ("day", "months", "before"),
        [
            (dt.date(2024, 3, 31), 1, dt.date(2024, 2, 29)),
            (dt.date(2024, 3, 1), 12, dt.date(2023, 3, 1)),
            (dt.date(2024, 2, 29), 12, dt.date(2023, 2, 28)),
        ],
    )
    def test_months_before(self, day, months, before):
        assert idle.months_before(day, months) == before
