"""硬约束与例外: no budget no spending; the typed exceptions are double signed, limited, aged and cleared."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from fisc.base.errors import BadInput, Refusal
from fisc.domains.budget import places
from fisc.domains.budget.advances import ageing, services
from fisc.domains.budget.advances.models import Advance
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.tests.test_execution_cut import paid
from fisc.domains.budget.tests.test_four_budgets import balance, broken
from fisc.domains.budget.yearend import effect
from fisc.domains.budget.yearend import services as yearend
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.ledger import periods

pytestmark = pytest.mark.django_db


def advance(district, yuan: int = 1_000, type_: str = "temporary", **facts) -> int:
    row = {
        "type": type_, "basis": "《预算法》第五十四条", "reason": "先行支付", "due_on": dt.date(2023, 4, 1),
        "fund": "general", "function_code": "2050203", "economic_code": "30213", "flags": 0,
        "project_id": facts.pop("project_id", None) or district.project(), **facts,
    }  # fmt: skip
    return district.create(services.ADVANCE, amount_fen=yuan * 100, **row)


def released(district, yuan: int = 1_000, type_: str = "temporary", **facts) -> Advance:
    doc_id = advance(district, yuan, type_, **facts)
    assert district.approve(doc_id).state == "released"
    return Advance.objects.get(pk=doc_id)


def clear(district, advance_row: Advance, fen: int, allotment: int | None = None) -> int:
    doc_id = district.create(
        services.CLEARING, advance_id=advance_row.pk, allotment_id=allotment, amount_fen=fen, reason="清理"
    )
    district.approve(doc_id)
    return doc_id


def source(subject: str) -> int:
    return sum(
        item.posted_fen for item in ledger.balances(ledger.Selection(book="allotment", subjects=(subject,))).values()
    )  # fmt: skip


class TestHardConstraint:
    """预拨也不得超支。"""

    def test_paid_from_like_an_allotment_to_the_fen(self, district):
        row = released(district, 1_000)

        district.submitted(row.allotment_id, 1_000)

        with pytest.raises(Refusal, match="可用"):
            district.submitted(row.allotment_id, 1)

    def test_two_people_sign(self, district):
        doc_id = advance(district)
        district.step(doc_id, "submit", "budget_officer")
        district.step(doc_id, "approve", "budget_reviewer")

        assert Document.objects.get(pk=doc_id).state == "in_review"
        with pytest.raises(Refusal):
            district.step(doc_id, "approve", "budget_reviewer")

        assert district.step(doc_id, "approve", "leader").state == "released"

    def test_it_draws_on_a_source_of_its_own(self, district):
        released(district, 1_000)

        assert (source("605"), source("601"), source("608")) == (-100_000, 0, 100_000)
        assert not broken(district)


class TestBeforeTheBudget:
    """预算批准前：参照上年同期，批准后不再预拨。"""

    def test_nothing_was_spent_last_year(self, district):
        doc_id = advance(district, 1, "pre_budget")

        with pytest.raises(services.OverLastYear, match=r"上年同期支出 0\.00 元.*超出 1\.00 元"):
            district.step(doc_id, "submit", "budget_officer")

    def test_up_to_last_year_to_the_fen(self, district, monkeypatch):
        monkeypatch.setattr(services, "spent_last_year", lambda unit_id, fund, on: 100_000)
        project = district.project()
        row = released(district, 999, "pre_budget", project_id=project)
        over = advance(district, 2, "pre_budget", project_id=project)
        with pytest.raises(services.OverLastYear):
            district.step(over, "submit", "budget_officer")

        last = released(district, 1, "pre_budget", project_id=project)

        assert (row.released_at, last.scope_fen) == (district.at, 100_000)

    def test_not_once_the_budget_stands(self, district, monkeypatch):
        monkeypatch.setattr(services, "spent_last_year", lambda unit_id, fund, on: 100_000)
        project = district.project()
        doc_id = advance(district, 1, "pre_budget", project_id=project)
        district.appropriate([{"project_id": project, "yuan": 1}])

        with pytest.raises(services.BudgetStands, match="请走指标下达"):
            district.step(doc_id, "submit", "budget_officer")


class TestClearing:
    """冲抵或退回，清完为止。"""

    def test_set_against_the_regular_allotment(self, district):
        project = district.project()
        row = released(district, 400, project_id=project)
        regular = district.allotment(yuan=1_000, project_id=project)

        clear(district, row, 40_000, regular)

        assert Document.objects.get(pk=row.pk).state == "cleared"
        assert (source("605"), source("608"), source("601")) == (0, 0, -100_000)
        assert places.figures([regular])[regular].approved_fen == 60_000
        assert not broken(district)

    def test_one_fen_more_than_open_is_refused(self, district):
        row = released(district, 400)
        doc_id = district.create(services.CLEARING, advance_id=row.pk, amount_fen=40_001, reason="退回")
        district.step(doc_id, "submit", "budget_officer")

        with pytest.raises(services.ClearingTooLarge, match=r"待清理 400\.00 元，本次 400\.01 元"):
            district.step(doc_id, "approve", "budget_reviewer")

    def test_what_is_unspent_goes_back(self, district):
        row = released(district, 400)

        clear(district, row, 10_000)

        assert Document.objects.get(pk=row.pk).state == "released"
        assert services.open_amounts([row]) == {row.pk: 30_000}
        assert not broken(district)

    def test_what_is_spent_cannot_go_back(self, district):
        row = released(district, 400)
        district.submitted(row.allotment_id, 400)
        doc_id = district.create(services.CLEARING, advance_id=row.pk, amount_fen=1, reason="退回")
        district.step(doc_id, "submit", "budget_officer")

        with pytest.raises(places.AllotmentShort):
            district.step(doc_id, "approve", "budget_reviewer")


class TestChangedDrafts:
    """草稿改资金性质、科目，单据与明细一致，照样核对。"""

    def change(self, district, doc_id: int, **values):
        header = Document.objects.get(pk=doc_id)
        return update_draft(
            kind=header.kind, id=doc_id, values=values, version=header.version, actor=district.people["budget_officer"],
            at=district.at,
        )  # fmt: skip

    def test_an_advance(self, district):
        doc_id = advance(district)

        self.change(district, doc_id, fund="govfund", function_code="2120801", amount_fen=5, flag_marks="2")

        row = Advance.objects.select_related("document").get(pk=doc_id)
        assert (row.fund, row.document.fund, row.flags, row.document.amount_fen) == (
            "govfund",
            "govfund",
            2,
            5,
        )

    def test_a_code_that_is_none(self, district):
        with pytest.raises(BadInput, match="没有编码"):
            self.change(district, advance(district), function_code="2059998")

    def test_a_clearing(self, district):
        row = released(district, 400)
        doc_id = district.create(services.CLEARING, advance_id=row.pk, amount_fen=1, reason="退回")

        self.change(district, doc_id, amount_fen=2, reason="核对")

        assert Document.objects.get(pk=doc_id).amount_fen == 2

    def test_an_allotment(self, district):
        doc_id = district.create(
            "budget.allotment", amount_fen=100, project_id=district.project(), fund="general",
            function_code="2050203", economic_code="30213", reference="区财教〔2023〕31号",
        )  # fmt: skip

        self.change(district, doc_id, fund="govfund", function_code="2120801")

        row = Allotment.objects.select_related("document").get(pk=doc_id)
        assert (row.fund, row.document.fund) == ("govfund", "govfund")

    def test_a_balance_keeps_its_fund(self, district):
        doc_id = balance(district)

        self.change(district, doc_id, stage="adjusted", surplus_fen=51_00, upper_fen=501_00)

        header = Document.objects.get(pk=doc_id)
        assert (header.title, header.amount_fen) == ("2023年一般公共预算收支平衡表（调整预算）", 1_161_00)
        with pytest.raises(BadInput, match="另建"):
            self.change(district, doc_id, fund="govfund")


class TestYearEnd:
    """年终：未用的退回，已支付的预拨须先冲抵，暂付款可由下年消化。"""

    @pytest.fixture
    def ending(self, district):
        periods.open_year(2024)
        return district

    def propose(self, district) -> int:
        district.at = dt.datetime(2024, 1, 5, 9, 0, tzinfo=dt.UTC)
        return yearend.propose_year_end(
            year=2023,
            unit_id=district.units["101"].pk,
            actor=district.people["budget_officer"],
            at=district.at,
        )

    def test_what_is_unspent_goes_back(self, ending):
        row = released(ending, 400)

        assert ending.approve(self.propose(ending)).state == "approved"

        assert (source("605"), source("608"), source("672")) == (0, 0, 0)
        assert Document.objects.get(pk=row.pk).state == "cleared"
        assert not broken(ending)

    def test_a_spent_emergency_must_be_set_against_the_budget(self, ending):
        row = released(ending, 400, "emergency")
        paid(ending, row.allotment_id, 1)
        doc_id = self.propose(ending)

        with pytest.raises(effect.AdvancesOpen, match=r"1 笔.*已支付 1\.00 元"):
            ending.step(doc_id, "submit", "budget_officer")

    def test_a_temporary_payment_is_borne_by_the_next_year(self, ending):
        row = released(ending, 400)
        paid(ending, row.allotment_id, 400)
        ending.allotment(yuan=1_000, origin="transfer")
        assert ending.approve(self.propose(ending)).state == "approved"
        carried = Document.objects.get(kind="budget.allotment", fiscal_year=2024)

        clear(ending, row, 40_000, carried.pk)

        assert Document.objects.get(pk=row.pk).state == "cleared"
        assert (source("605"), source("608")) == (0, 0)
        assert not [text for text in broken(ending) if text.startswith("budget.")]


class TestAgeing:
    """超期标红；应急 48 小时内复核；暂付款占比。"""

    def test_late_by_a_day(self, district):
        row = released(district, 400)
        due = dt.datetime.combine(row.due_on, dt.time(1), tzinfo=dt.UTC)

        (on_time,) = ageing.ageing(at=due)
        (late,) = ageing.ageing(at=due + dt.timedelta(days=1))

        assert (on_time.late_days, on_time.is_late, late.late_days, late.is_late) == (0, False, 1, True)

    @pytest.mark.parametrize(("hours", "late"), [(48, False), (49, True)])
    def test_the_review_of_an_emergency(self, district, hours, late):
        row = released(district, 400, "emergency")
        district.at += dt.timedelta(hours=hours)

        reviewer = replace(
            district.people["leader"],
            permissions=district.people["leader"].permissions | {"budget.advance.review"},
        )
        district.people = {**district.people, "auditor": reviewer}

        district.step(row.pk, "review", "auditor", comment="情况属实")

        row.refresh_from_db()
        assert row.reviewed_at == district.at
        assert bool(row.late_review) is late
        assert ageing.review_is_late(Advance.objects.get(pk=row.pk), district.at) is late

    def test_the_share_of_temporary_payments(self, district):
        released(district, 400)

        share = ageing.temporary_share(on=district.at.date())

        assert (share.open_fen, share.spent_fen, share.is_over) == (40_000, 0, True)
        assert not ageing.TemporaryShare(5, 100).is_over
        assert ageing.TemporaryShare(6, 100).is_over
