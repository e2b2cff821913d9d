"""支付申请: what each step does to the allotment (norm A.10), allowed to the fen and refused by one fen."""

import datetime as dt

import pytest

from fisc.base.errors import BadInput, Refusal
from fisc.kernel.documents.errors import StepNotPermitted, WrongState
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many

pytestmark = pytest.mark.django_db


class TestSubmittingHoldsTheMoney:
    """送审即预占。"""

    def test_the_whole_allotment_can_be_held(self, district):
        allotment = district.allotment(yuan=1_000)

        district.submitted(allotment, yuan=1_000)

        assert district.figures(allotment) == {"635": 1_000, "held": 1_000}

    def test_one_fen_more_is_refused_and_leaves_no_trace(self, district):
        allotment = district.allotment(yuan=1_000)
        payment = district.payment(allotment, yuan=1_000)
        other = district.create(
            "treasury.payment", "maker", title="教学楼照明维修", counterparty="云屿电气有限公司", payee_account="33050161002",
            amount_fen=1, allotment_id=allotment,
        )  # fmt: skip
        district.step(payment, "submit", "maker")

        with pytest.raises(Refusal) as refused:
            district.step(other, "submit", "maker")

        assert refused.value.error_code == "treasury.allotment_short"
        assert district.figures(allotment) == {"635": 1_000, "held": 1_000}
        assert Document.objects.get(pk=other).state == "draft"

    def test_of_many_those_that_fit_are_held(self, district):
        allotment = district.allotment(yuan=1_000)
        ids = [
            district.payment(allotment, yuan=yuan, payee_account=f"33050{yuan}") for yuan in (600, 500, 400)
        ]

        result = perform_many(
            kind="treasury.payment", ids=ids, step="submit", actor=district.people["maker"], at=district.at
        )

        assert result.done == [ids[0], ids[2]]
        assert result.refused[ids[1]].facts["available_fen"] == 40_000


class TestTheRefusalExplains:
    """为什么不能支付。"""

    def test_it_names_allotment_figures_holders_and_ways(self, district):
        allotment = district.allotment(yuan=1_000)
        holder = district.submitted(allotment, yuan=700)
        district.approve(
            district.create(
                "budget.freeze", allotment_id=allotment, amount_fen=10_000, reason="巡察整改期间暂停使用"
            )
        )
        payment = district.payment(allotment, yuan=500, payee_account="33050161009")

        with pytest.raises(Refusal) as refused:
            district.step(payment, "submit", "maker")

        number = Document.objects.get(pk=holder).number
        text = refused.value.message
        assert "区财教〔2023〕31号" in text
        assert "可用 200.00 元，本次支付 500.00 元，还差 300.00 元" in text
        assert (
            f"批复 1,000.00 元，已支付 0.00 元，在途 700.00 元（{number} 700.00 元），冻结 100.00 元" in text
        )
        assert [way.label for way in refused.value.ways] == [
            "减少金额至 200.00 元以内", "申请调剂", "申请追加", "查看指标",
        ]  # fmt: skip
        assert refused.value.facts["shortfall_fen"] == 30_000


class TestTheChain:
    """单位审核 → 业务股室审核（5 万元起）→ 国库审核。"""

    @pytest.mark.parametrize(
        ("yuan", "nodes"),
        [
            (49_999, ["单位审核", "国库审核"]),
            (50_000, ["单位审核", "业务股室审核", "国库审核"]),
            (5_000_000, ["单位审核", "业务股室审核", "国库审核", "局领导审批"]),
        ],
    )
    def test_amount_bands_decide_who_looks(self, district, yuan, nodes):
        allotment = district.allotment(yuan=10_000_000, category="public")
        payment = district.submitted(allotment, yuan=yuan)
        seen = []

        for who in ("reviewer", "section", "treasury_reviewer", "leader"):
            header = Document.objects.get(pk=payment)
            if header.state == "in_review" and who == _ROLE[header.node]:
                seen.append(header.node)
                district.step(payment, "approve", who)

        assert seen == nodes
        assert Document.objects.get(pk=payment).state == "approved"

    def test_the_maker_does_not_approve(self, district):
        payment = district.submitted(district.allotment())

        with pytest.raises(StepNotPermitted):
            district.step(payment, "approve", "maker")

    def test_sent_back_gives_the_money_back_and_may_be_submitted_again(self, district):
        allotment = district.allotment(yuan=1_000)
        payment = district.submitted(allotment, yuan=1_000)

        district.step(payment, "send_back", "reviewer", comment="请补合同")

        assert Document.objects.get(pk=payment).state == "returned"
        assert district.figures(allotment) == {"635": 1_000}
        district.step(payment, "submit", "maker")
        assert district.figures(allotment) == {"635": 1_000, "held": 1_000}

    def test_withdrawn_and_void_give_the_money_back(self, district):
        allotment = district.allotment(yuan=1_000)
        first, second = (
            district.submitted(allotment, yuan=400),
            district.approved(allotment, yuan=500, payee_account="33050161009"),
        )

        district.step(first, "withdraw", "maker")
        district.step(second, "void", "maker", comment="不再支付")

        assert district.figures(allotment) == {"635": 1_000}
        assert Document.objects.get(pk=first).state == "draft"
        assert Document.objects.get(pk=second).state == "voided"

    def test_what_is_with_the_bank_cannot_be_voided(self, district):
        payment = district.sent(district.allotment())

        with pytest.raises(WrongState):
            district.step(payment, "void", "maker", comment="不再支付")


_ROLE = {
    "单位审核": "reviewer",
    "业务股室审核": "section",
    "国库审核": "treasury_reviewer",
    "局领导审批": "leader",
}


class TestDrafts:
    """制单时就能看出的错。"""

    def test_unit_fund_and_dimensions_come_from_the_allotment(self, district):
        allotment = district.allotment(flags=2)

        header = Document.objects.get(pk=district.payment(allotment))

        assert (header.unit_id, header.fund, header.tags) == (
            district.units["121001"].pk,
            "general",
            ["直达"],
        )

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"yuan": 0}, "treasury.amount"),
            ({"title": " "}, "treasury.purpose"),
            ({"economic_code": "31002"}, "treasury.economic_unfit"),
        ],
    )
    def test_what_cannot_be_is_refused(self, district, facts, code):
        allotment = district.allotment()

        with pytest.raises(BadInput) as refused:
            district.payment(allotment, **facts)

        assert refused.value.error_code == code

    def test_an_allotment_that_is_not_released_pays_nothing(self, district):
        with pytest.raises(BadInput):
            district.payment(999_999)

    def test_another_units_allotment_is_not_drawn_on(self, district):
        allotment = district.allotment()

        with pytest.raises(StepNotPermitted):
            district.create(
                "treasury.payment", "other_maker", title="维修费用结算", counterparty="云屿建筑工程有限公司",
                amount_fen=1, allotment_id=allotment,
            )  # fmt: skip


class TestCash:
    """现金: not sent to the bank, registered at the counter."""

    def test_cash_is_paid_at_the_counter(self, district):
        allotment = district.allotment(yuan=1_000)
        payment = district.approved(allotment, yuan=300, settlement="cash", payee_account="")

        with pytest.raises(Refusal, match="不发银行"):
            district.step(payment, "send", "treasury_officer")
        district.step(payment, "pay_cash", "treasury_officer")

        assert Document.objects.get(pk=payment).state == "booked"
        assert district.figures(allotment) == {"635": 700, "661": 300}

    def test_a_transfer_is_not_paid_at_the_counter(self, district):
        payment = district.approved(district.allotment())

        with pytest.raises(Refusal, match="现金结算"):
            district.step(payment, "pay_cash", "treasury_officer")


class TestTheYear:
    """本年指标本年支付：12 月 31 日还可以，次日不行；年度没开始也不行。"""

    @pytest.mark.parametrize(
        ("day", "code"),
        [
            (dt.date(2022, 12, 31), "treasury.year_ahead"),
            (dt.date(2023, 1, 1), None),
            (dt.date(2023, 12, 31), None),
            (dt.date(2024, 1, 1), "treasury.year_over"),
        ],
    )
    def test_only_in_its_own_year(self, district, day, code):
        payment = district.payment(district.allotment())
        district.at = district.at.replace(year=day.year, month=day.month, day=day.day)

        result = perform_many(
            kind="treasury.payment",
            ids=[payment],
            step="submit",
            actor=district.people["maker"],
            at=district.at,
        )

        refused = result.refused.get(payment)
        assert (refused.error_code if refused else None) == code
