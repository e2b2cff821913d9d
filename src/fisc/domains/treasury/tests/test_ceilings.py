"""三公经费双控: 分项 and 总额 are locked at payment, to the fen, through every step of a payment's life."""

from __future__ import annotations

import pytest

from fisc.base.errors import Refusal
from fisc.domains.treasury import bank, panels
from fisc.domains.treasury.tests.ceiling_book import CAR, RECEPTION, ceilings, set_ceilings
from fisc.domains.treasury.tests.test_bank import DAY
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.rules.standing import run_one

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception(district):
    """An allotment of 10,000 元 for 公务接待, more than any ceiling below allows."""
    return district.allotment(yuan=10_000, economic_code=RECEPTION, function_code="2050201")


@pytest.fixture
def cars(district):
    """An allotment of 10,000 元 for 公车运行维护."""
    return district.allotment(yuan=10_000, economic_code=CAR, function_code="2050201")


def answer(district, doc_id, *, paid=True, reference="", fen=0):
    header = Document.objects.get(pk=doc_id)
    receipt = bank.Receipt(
        reference or header.number, paid, fen or header.amount_fen, DAY, f"S{reference or doc_id}",
        "" if paid else "账号不存在",
    )  # fmt: skip
    bank.receive(receipts=[receipt], actor=district.people["treasury_officer"], at=district.at)


def batch(district, allotment, *yuan):
    return district.create(
        "treasury.batch", "maker", allotment_id=allotment, title="3月接待费报销", category="other",
        lines=[
            {"payee_name": f"职工{n}", "payee_account": f"6217{n}", "amount_fen": amount * 100}
            for n, amount in enumerate(yuan)
        ],
    )  # fmt: skip


class TestTheItemIsACeiling:
    """分项：公务接待不得超过限额，哪怕指标还有钱。"""

    def test_up_to_the_fen(self, district, reception):
        set_ceilings(district, {RECEPTION: 1_000}, 5_000)

        district.submitted(reception, yuan=1_000)

        assert ceilings(district) == {"911": 1_000, "921": 5_000, "held 911": 1_000, "held 921": 1_000}

    def test_one_fen_more_is_refused_with_every_figure(self, district, reception):
        set_ceilings(district, {RECEPTION: 1_000}, 5_000)
        paid = district.sent(reception, yuan=300)
        answer(district, paid)
        district.submitted(reception, yuan=200, payee_account="330502")
        payment = district.create(
            "treasury.payment", "maker", title="公务接待费结算", counterparty="云屿宾馆有限公司",
            payee_account="330503", amount_fen=50_001, allotment_id=reception,
        )  # fmt: skip

        with pytest.raises(Refusal) as refused:
            district.step(payment, "submit", "maker")

        text = refused.value.message
        assert refused.value.error_code == "treasury.ceiling_short"
        assert (
            "云屿区第一中学2023年“公务接待费”（30217）限额 1,000.00 元，已用 300.00 元，在途 200.00 元"
            in text
        )
        assert "还可用 500.00 元；本次 500.01 元，超出 0.01 元" in text
        assert "不得从其他科目调入" in text and "报批调整三公限额" in text
        assert refused.value.ways[0].label == "减少金额至 500.00 元以内"
        assert Document.objects.get(pk=payment).state == "draft"
        assert district.figures(reception) == {"635": 9_700, "661": 300, "held": 200}

    def test_a_ceiling_of_zero_lets_nothing_through(self, district, reception):
        set_ceilings(district, {RECEPTION: 0}, 5_000)

        with pytest.raises(Refusal, match=r"限额 0\.00 元"):
            district.submitted(reception, yuan=1)

    def test_of_many_those_that_fit_are_held(self, district, reception):
        set_ceilings(district, {RECEPTION: 1_000})
        ids = [district.payment(reception, yuan=yuan, payee_account=f"33{yuan}") for yuan in (600, 500, 400)]

        result = perform_many(
            kind="treasury.payment", ids=ids, step="submit", actor=district.people["maker"], at=district.at
        )

        assert result.done == [ids[0], ids[2]]
        assert result.refused[ids[1]].facts["available_fen"] == 40_000


class TestTheTotalIsACeiling:
    """总额：分项都够，合计超了也不行。"""

    def test_items_fit_but_the_total_does_not(self, district, reception, cars):
        set_ceilings(district, {RECEPTION: 1_000, CAR: 1_000}, 1_500)
        district.submitted(reception, yuan=1_000)

        with pytest.raises(Refusal, match="三公经费总额限额 1,500"):
            district.submitted(cars, yuan=501)
        district.submitted(cars, yuan=500, payee_account="330502")

        assert ceilings(district)["held 921"] == 1_500

    def test_the_allotment_is_named_before_the_ceiling(self, district):
        set_ceilings(district, {RECEPTION: 1_000})
        small = district.allotment(yuan=500, economic_code=RECEPTION, function_code="2050201")

        with pytest.raises(Refusal) as refused:
            district.submitted(small, yuan=1_001)

        assert refused.value.error_code == "treasury.allotment_short"


class TestNoCeilingNoControl:
    """没有设限额的科目、单位、年度，不受控制。"""

    def test_other_items_and_units_are_free(self, district):
        set_ceilings(district, {RECEPTION: 1}, 1)

        district.submitted(district.allotment(yuan=1_000), yuan=1_000)

        assert ceilings(district) == {"911": 1, "921": 1}

    def test_a_ceiling_of_another_year_says_nothing(self, district, reception):
        set_ceilings(district, {RECEPTION: 1}, year=2022)

        district.submitted(reception, yuan=1_000)

        assert ceilings(district) == {"911": 1}


class TestThroughItsLife:
    """支付到哪一步，限额就到哪一步。"""

    @pytest.fixture(autouse=True)
    def _set(self, district):
        set_ceilings(district, {RECEPTION: 1_000}, 2_000)

    def test_paid_is_used(self, district, reception):
        answer(district, district.sent(reception, yuan=600))

        assert ceilings(district) == {"911": 400, "912": 600, "921": 1_400, "922": 600}

    @pytest.mark.parametrize(("step", "who"), [("withdraw", "maker"), ("send_back", "reviewer")])
    def test_given_back_on_the_way(self, district, reception, step, who):
        district.step(district.submitted(reception, yuan=600), step, who, comment="重新核对")

        assert ceilings(district) == {"911": 1_000, "921": 2_000}

    def test_given_back_when_void(self, district, reception):
        district.step(district.approved(reception, yuan=600), "void", "maker", comment="不再支付")

        assert ceilings(district) == {"911": 1_000, "921": 2_000}

    def test_given_back_when_the_bank_refuses_and_taken_again_when_reissued(self, district, reception):
        payment = district.sent(reception, yuan=600)
        answer(district, payment, paid=False)
        assert ceilings(district) == {"911": 1_000, "921": 2_000}

        district.step(payment, "reissue", "maker")
        again = Document.objects.get(source_id=payment, kind="treasury.payment")
        district.step(again.pk, "submit", "maker")

        assert ceilings(district)["held 911"] == 600

    def test_a_batch_that_fails_in_part_uses_what_was_paid(self, district, reception):
        doc_id = batch(district, reception, 200, 300)
        district.step(doc_id, "submit", "maker")
        district.approve_on(doc_id)
        district.step(doc_id, "send", "treasury_officer")
        number = Document.objects.get(pk=doc_id).number

        answer(district, doc_id, reference=f"{number}-00001", fen=20_000)
        answer(district, doc_id, reference=f"{number}-00002", fen=30_000, paid=False)

        assert district.figures(reception) == {"635": 9_800, "661": 200}
        assert ceilings(district) == {"911": 800, "912": 200, "921": 1_800, "922": 200}

    def test_refunded_may_be_used_again(self, district, reception):
        payment = district.sent(reception, yuan=1_000)
        answer(district, payment)
        refund = district.create(
            "treasury.refund",
            "maker",
            payment_id=payment,
            amount_fen=25_000,
            received_on=DAY,
            reason="多付退回",
        )
        district.approve(refund, "maker")

        assert ceilings(district) == {"911": 250, "912": 750, "921": 1_250, "922": 750}
        district.submitted(reception, yuan=250, payee_account="330502")
        with pytest.raises(Refusal, match="三公经费只减不增"):
            district.submitted(reception, yuan=1, payee_account="330503")

    def test_the_standing_checks_hold(self, district, reception):
        payment = district.sent(reception, yuan=600)
        answer(district, payment)
        district.submitted(reception, yuan=100, payee_account="330502")

        for invariant in district.invariants:
            result = run_one(invariant, at=district.at)
            assert result.holds, (result.invariant.code, result.sample)


class TestThePage:
    """单据页写明限额还剩多少。"""

    def test_where_the_ceilings_stand(self, district, reception):
        set_ceilings(district, {RECEPTION: 1_000}, 2_000)
        answer(district, district.sent(reception, yuan=300))
        payment = Document.objects.get(pk=district.submitted(reception, yuan=200, payee_account="330502"))

        panel = panels.ceiling_panel(payment, district.people["maker"])

        assert panel is not None
        assert panel.rows == (
            ("分项 1,000.00", "300.00", "200.00", "500.00"),
            ("总额 2,000.00", "300.00", "200.00", "1,500.00"),
        )

    def test_nothing_where_nothing_is_capped(self, district):
        payment = Document.objects.get(pk=district.submitted(district.allotment(yuan=1_000), yuan=200))

        assert panels.ceiling_panel(payment, district.people["maker"]) is None


class TestTheHotPath:
    """没有限额时，送审最多多问一句。"""

    def test_at_most_one_statement_more(self, district, django_assert_max_num_queries):
        allotment = district.allotment(yuan=1_000)
        payments = [district.payment(allotment, yuan=10, payee_account=f"33{n}") for n in range(4)]
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as few:
            district.step(payments[0], "submit", "maker")
        with CaptureQueriesContext(connection) as many:
            perform_many(
                kind="treasury.payment", ids=payments[1:], step="submit", actor=district.people["maker"],
                at=district.at,
            )  # fmt: skip

        asked = [query for query in few.captured_queries if "ceiling|911" in query["sql"]]
        assert len(asked) == 1
        assert len(many) <= len(few) + 1
