"""用款计划与双控 (norm A.8): Σ plans ≤ allotment; 双控 pays only what is planned and due."""

import datetime as dt

import pytest

from fisc.base.errors import BadInput, Refusal
from fisc.domains.treasury import drawing, plans
from fisc.domains.treasury.models import ControlMode
from fisc.kernel.documents.models import Document
from fisc.kernel.events.outbox import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def double(district):
    """The general budget is under 双控 from 2023 on."""
    ControlMode.objects.create(fund="general", mode="plan", valid_from=dt.date(2023, 1, 1))
    return district


def plan(district, allotment, yuan, month):
    doc_id = district.create(
        "treasury.cash_plan", "maker", allotment_id=allotment, amount_fen=yuan * 100, month=month
    )
    return district.approve(doc_id, "maker")


class TestPlans:
    """用款计划按月生效。"""

    def test_this_month_is_due_at_once_the_next_is_not(self, district):
        allotment = district.allotment(yuan=1_000)

        assert plan(district, allotment, 300, 202303).state == "due"
        assert plan(district, allotment, 200, 202304).state == "planned"

        assert district.figures(allotment) == {"635": 500, "651": 300, "650": 200}

    def test_the_sum_of_plans_stays_within_the_allotment(self, district):
        allotment = district.allotment(yuan=1_000)
        plan(district, allotment, 1_000, 202303)
        doc_id = district.create(
            "treasury.cash_plan", "maker", allotment_id=allotment, amount_fen=1, month=202304
        )
        district.step(doc_id, "submit", "maker")
        district.step(doc_id, "approve", "reviewer")
        district.step(doc_id, "approve", "section")

        with pytest.raises(Refusal, match=r"还差 0\.01 元"):
            district.step(doc_id, "approve", "treasury_reviewer")

    def test_the_timetable_makes_due_plans_payable(self, district):
        allotment = district.allotment(yuan=1_000)
        header = plan(district, allotment, 200, 202304)

        assert plans.release_due(on=dt.date(2023, 3, 31), at=district.at).done == []
        assert plans.release_due(on=dt.date(2023, 4, 1), at=district.at).done == [header.pk]

        assert district.figures(allotment) == {"635": 800, "651": 200}

    def test_cancelled_plans_go_back(self, district):
        allotment = district.allotment(yuan=1_000)
        header = plan(district, allotment, 200, 202304)

        district.step(header.pk, "cancel", "treasury_officer", comment="计划调减")

        assert district.figures(allotment) == {"635": 1_000}

    @pytest.mark.parametrize("month", [202213, 202212, 202401, 0])
    def test_a_month_of_another_year_is_refused(self, district, month):
        allotment = district.allotment()

        with pytest.raises(BadInput, match="用款月份"):
            district.create("treasury.cash_plan", "maker", allotment_id=allotment, amount_fen=1, month=month)


class TestCuts:
    """调减：退回未编计划的指标，用掉的部分不能调减。"""

    def cut(self, district, plan_id, fen, **facts):
        return district.create(
            "treasury.plan_cut", "maker", plan_id=plan_id, amount_fen=fen, **{"reason": "进度滞后", **facts}
        )

    @pytest.mark.parametrize(
        ("month", "fen", "state", "figures"),
        [
            (202304, 19_999, "planned", {"635": 999.99, "650": 0.01}),
            (202304, 20_000, "cancelled", {"635": 1_000}),
            (202303, 5_000, "due", {"635": 850, "651": 150}),
        ],
    )
    def test_what_is_cut_can_be_planned_again(self, district, month, fen, state, figures):
        allotment = district.allotment(yuan=1_000)
        header = plan(district, allotment, 200, month)

        assert district.approve(self.cut(district, header.pk, fen), "maker").state == "approved"

        header.refresh_from_db()
        assert header.state == state
        assert district.figures(allotment) == figures
        assert state == "cancelled" or header.amount_fen == 20_000 - fen

    def test_what_is_held_cannot_be_cut(self, double):
        allotment = double.allotment(yuan=1_000)
        header = plan(double, allotment, 200, 202303)
        double.submitted(allotment, yuan=150)
        cut = self.cut(double, header.pk, 5_001)
        double.step(cut, "submit", "maker")
        double.step(cut, "approve", "reviewer")

        with pytest.raises(Refusal, match=r"还差 0\.01 元"):
            double.step(cut, "approve", "treasury_reviewer")

    @pytest.mark.parametrize("fen", [0, 20_001])
    def test_not_more_than_there_is(self, district, fen):
        header = plan(district, district.allotment(yuan=1_000), 200, 202304)

        with pytest.raises(Refusal, match="不能调减"):
            self.cut(district, header.pk, fen)

    def test_two_cuts_together_stay_within_the_plan(self, district):
        header = plan(district, district.allotment(yuan=1_000), 200, 202304)
        first, second = self.cut(district, header.pk, 15_000), self.cut(district, header.pk, 5_001)
        district.approve(first, "maker")
        district.step(second, "submit", "maker")
        district.step(second, "approve", "reviewer")

        with pytest.raises(Refusal, match="现有 50"):
            district.step(second, "approve", "treasury_reviewer")


class TestDoubleControl:
    """双控：支付不得超过累计可用计划。"""

    def test_without_a_plan_nothing_is_paid(self, double):
        allotment = double.allotment(yuan=1_000)
        payment = double.payment(allotment, yuan=100)

        with pytest.raises(Refusal) as refused:
            double.step(payment, "submit", "maker")

        assert refused.value.error_code == "treasury.plan_short"
        assert refused.value.ways[0].label == "编报用款计划"

    def test_what_is_planned_is_paid_to_the_fen(self, double):
        allotment = double.allotment(yuan=1_000)
        plan(double, allotment, 100, 202303)

        double.submitted(allotment, yuan=100)

        assert double.figures(allotment) == {"635": 900, "651": 100, "held": 100}

    def test_a_units_own_mode_goes_before_the_funds(self, double):
        unit = double.units["121001"]
        ControlMode.objects.create(
            fund="general", unit=unit, mode="allotment", valid_from=dt.date(2023, 1, 1)
        )

        payment = double.submitted(double.allotment(yuan=1_000), yuan=100)

        assert Document.objects.get(pk=payment).state == "in_review"

    def test_the_mode_holds_from_its_day(self, district):
        ControlMode.objects.create(fund="general", mode="plan", valid_from=dt.date(2023, 3, 2))

        district.submitted(district.allotment(yuan=1_000), yuan=100)


class TestControl:
    """控制方式调整：自生效之日起，不溯及既往。"""

    def control(self, district, day, **facts):
        return district.create(
            "treasury.control",
            "treasury_officer",
            fund="general",
            mode="plan",
            valid_from=day,
            reason="推行双控",
            **facts,
        )

    def test_from_its_day_on(self, district):
        doc_id = self.control(district, dt.date(2023, 3, 1), controlled_unit=district.units["121001"])

        assert district.approve(doc_id, "treasury_officer").state == "approved"

        modes = drawing.Modes.on(dt.date(2023, 3, 1))
        assert modes.drawn_from("general", district.units["121001"].pk) == "651"
        assert modes.drawn_from("general", district.units["121002"].pk) == "635"
        assert (
            drawing.Modes.on(dt.date(2023, 2, 28)).drawn_from("general", district.units["121001"].pk) == "635"
        )

    def test_not_for_days_that_are_past(self, district):
        doc_id = self.control(district, dt.date(2023, 2, 28))
        district.step(doc_id, "submit", "treasury_officer")

        with pytest.raises(plans.ModeStarted):
            district.step(doc_id, "approve", "treasury_reviewer")


def test_a_new_day_makes_plans_due(district):
    allotment = district.allotment(yuan=1_000)
    plan(district, allotment, 200, 202304)
    event = Event(
        id=1, name="calendar.day_began", payload={"day": "2023-04-01"}, at=district.at, document_id=None
    )

    plans.day_began(event)

    assert district.figures(allotment) == {"635": 800, "651": 200}
