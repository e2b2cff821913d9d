"""存量资金（F16）: found by age and silence, recognised, recovered, arranged once."""

from __future__ import annotations

import datetime as dt

import pytest

from fisc.base.errors import BadInput
from fisc.domains.budget import places
from fisc.domains.budget.idle import services
from fisc.domains.budget.idle.models import IdleLine
from fisc.domains.budget.tests.test_four_budgets import broken
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest

pytestmark = pytest.mark.django_db


def idle(district, **facts) -> int | None:
    return services.create_idle(
        on=district.at.date(), fiscal_year=2023, unit_id=district.units["101"].pk,
        actor=district.people["budget_officer"], at=district.at, **facts,
    )  # fmt: skip


def recovered(district, **facts) -> int:
    doc_id = idle(district, **facts)
    assert doc_id is not None
    assert district.approve(doc_id).state == "recognised"
    assert district.step(doc_id, "recover", "budget_reviewer", comment="清理存量").state == "recovered"
    return doc_id


def figure(code: str, month: int = 3):
    request = FigureRequest(metric=code, year=2023, month=month)
    return figures([request])[request].value


def supplement(district, allotment: int, fen: int) -> int:
    return district.create(
        "budget.supplement", allotment_id=allotment, amount_fen=fen, source_kind="idle", funding="盘活存量资金",
        reason="统筹用于民生", offset_note="收回资金再安排",
    )  # fmt: skip


class TestFound:
    """连续两年未用完，或长期未支付。"""

    def test_two_years(self, district):
        old = district.allotment(yuan=1_000, origin="carryover", first_year=2022)
        district.allotment(yuan=500)

        (found,) = services.find_idle(on=district.at.date(), fiscal_year=2023)

        assert (found.allotment_id, found.why, found.available_fen) == (old, "two_years", 100_000)

    @pytest.mark.parametrize(("months", "count"), [(6, 1), (7, 0)])
    def test_silent_for_some_months(self, district, months, count):
        district.allotment(yuan=500)
        later = dt.date(2023, 9, 1)

        found = services.find_idle(on=later, fiscal_year=2023, months=months)

        assert len(found) == count

    def test_bonds_are_left_alone(self, district):
        district.allotment(yuan=1_000, origin="carryover", first_year=2020, flags=4)

        assert services.find_idle(on=district.at.date(), fiscal_year=2023) == []

    def test_the_largest_up_to_a_limit(self, district):
        project = district.project()
        for yuan in (300, 1_000, 500):
            district.allotment(yuan=yuan, origin="carryover", first_year=2021, project_id=project)

        doc_id = idle(district, limit_fen=120_000)

        lines = IdleLine.objects.filter(idle_id=doc_id).order_by("row_no")
        assert [line.amount_fen for line in lines] == [100_000, 20_000]

    def test_nothing(self, district):
        assert idle(district) is None


class TestRecovered:
    """收回计入盘活一次；再安排不得超过收回。"""

    def test_the_money_leaves_the_allotment(self, district):
        allotment = district.allotment(yuan=1_000, origin="carryover", first_year=2021)

        recovered(district)

        assert places.figures([allotment])[allotment].approved_fen == 0
        assert not broken(district)

    def test_f16(self, district):
        district.allotment(yuan=1_000, origin="carryover", first_year=2021)
        doc_id = idle(district)
        district.approve(doc_id)
        assert (figure("budget.idle.recognised"), figure("budget.idle.recovered")) == (100_000, None)

        district.step(doc_id, "recover", "budget_reviewer", comment="清理存量")

        assert figure("budget.idle.recovered") == 100_000
        assert figure("budget.idle.rate") == 100

    def test_arranged_anew_to_the_fen_and_counted_once(self, district):
        district.allotment(yuan=1_000, origin="carryover", first_year=2021)
        recovered(district)
        target = district.allotment(yuan=100)
        district.approve(supplement(district, target, 100_000))

        assert (figure("budget.idle.rearranged"), figure("budget.idle.recovered")) == (100_000, 100_000)

        over = supplement(district, target, 1)
        district.step(over, "submit", "budget_officer")
        with pytest.raises(places.IdleShort, match=r"只有 0\.00 元，本次需要 0\.01 元"):
            district.step(over, "approve", "budget_reviewer")

    def test_moved_to_the_general_budget_it_is_no_longer_idle(self, district):
        district.allotment(
            yuan=1_000, origin="carryover", first_year=2021, fund="govfund", function_code="2120801"
        )
        recovered(district)
        pair = district.create(
            "budget.transfer_between", from_fund="govfund", to_fund="general", amount_fen=100_000,
            idle_fen=100_000, reason="统筹", unit_id=district.units["101"].pk,
        )  # fmt: skip
        assert district.approve(pair).state == "approved"

        assert figure("budget.idle.transferred") == 100_000
        again = district.create(
            "budget.transfer_between", from_fund="govfund", to_fund="general", amount_fen=1, idle_fen=1,
            reason="统筹", unit_id=district.units["101"].pk,
        )  # fmt: skip
        district.step(again, "submit", "budget_officer")
        district.step(again, "approve", "budget_reviewer")
        with pytest.raises(places.IdleShort):
            district.step(again, "approve", "leader")

    def test_spent_meanwhile(self, district):
        allotment = district.allotment(yuan=1_000, origin="carryover", first_year=2021)
        doc_id = idle(district)
        district.approve(doc_id)
        district.submitted(allotment, 1)

        with pytest.raises(places.AllotmentShort, match=r"还差 1\.00 元"):
            district.step(doc_id, "recover", "budget_reviewer", comment="清理存量")

    def test_idle_is_never_more_than_the_pair(self, district):
        with pytest.raises(BadInput, match="不能超过"):
            district.create(
                "budget.transfer_between", from_fund="govfund", to_fund="general", amount_fen=1, idle_fen=2,
                reason="x", unit_id=district.units["101"].pk,
            )  # fmt: skip
