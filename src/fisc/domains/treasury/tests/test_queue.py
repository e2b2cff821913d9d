"""库款紧张排队: 三保 > 农民工工资 > 上级转移支付 > 其他，先到先付；插队要局领导签批。"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fisc.base.errors import BadInput, Refusal
from fisc.domains.treasury import bank, queueing
from fisc.domains.treasury.models import Overtaking, QueueOrder
from fisc.domains.treasury.queueing import Order, QueueCash, QueueWaits, Waiting, lined_up, out_of_turn
from fisc.domains.treasury.tests.test_bank import DAY, receipt
from fisc.kernel import ledger
from fisc.kernel.documents.errors import StepNotPermitted
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.ledger.keys import AccountKey, Entry, Line

ROW = Waiting(1, "treasury.payment", "ZF1", 1, "", "", 0, 4, "transfer", DAY, False)


def waiting(*facts: tuple[int, int]) -> list[Waiting]:
    """Rows of (priority, 分) as they came in, in the order of the law."""
    rows = [
        replace(ROW, document_id=number, priority=priority, amount_fen=fen)
        for number, (priority, fen) in enumerate(facts, 1)
    ]
    return sorted(rows, key=lambda row: (row.priority, row.document_id))


queues = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 50)), max_size=12)


class TestTheLaw:
    """纯规则：顺序、整笔、先到先付。"""

    @given(queues, st.integers(0, 200))
    def test_no_lower_class_is_paid_while_a_higher_waits(self, facts, cash):
        rows = lined_up(waiting(*facts), cash)

        paid, unpaid = [row for row in rows if row.pays], [row for row in rows if not row.pays]

        assert sum(row.amount_fen for row in paid) <= cash
        assert all(low.priority >= high.priority for low in unpaid for high in paid)
        assert not unpaid or sum(row.amount_fen for row in paid) + unpaid[0].amount_fen > cash

    @given(queues, st.integers(0, 200), st.data())
    def test_what_leaves_never_outruns_what_waits(self, facts, cash, data):
        rows = waiting(*facts)
        asked = data.draw(st.sets(st.sampled_from([row.document_id for row in rows]))) if rows else set()

        refused = out_of_turn(rows, asked, cash)

        left = [row for row in rows if row.document_id in asked and row.document_id not in refused]
        paid = sum(row.amount_fen for row in left)
        assert paid <= cash
        for row in left:  # whoever was passed could still be paid from what is left
            passed = sum(r.amount_fen for r in rows[: rows.index(row)] if r not in left)
            assert passed + paid - sum(r.amount_fen for r in left[left.index(row) + 1 :]) <= cash

    @given(queues, st.integers(0, 200))
    def test_the_plan_of_the_day_is_what_the_door_lets_through(self, facts, cash):
        rows = lined_up(waiting(*facts), cash)

        refused = out_of_turn(rows, {row.document_id for row in rows}, cash)

        assert {row.document_id for row in rows if row.pays} == {
            row.document_id for row in rows if row.document_id not in refused
        } or all(not row.pays for row in rows if row.document_id in refused)

    @pytest.mark.parametrize(
        ("cash", "places"),
        [
            (0, []),
            (9, []),
            (10, [2]),
            (14, [2]),
            (15, [2, 3]),
            (44, [2, 3]),
            (45, [2, 3, 1]),
            (46, [2, 3, 1, 4]),
        ],
    )
    def test_to_the_fen(self, cash, places):
        rows = lined_up(waiting((4, 30), (1, 10), (2, 5), (4, 1)), cash)

        assert [row.document_id for row in rows if row.pays] == places

    @pytest.mark.parametrize(
        ("day", "spent", "left"),
        [
            (dt.date(2023, 3, 1), 0, 100),
            (dt.date(2023, 3, 2), 0, 200),
            (dt.date(2023, 3, 2), 150, 50),
            (dt.date(2023, 3, 5), 0, 300),  # a Sunday adds nothing to Friday
        ],
    )
    def test_unspent_quota_is_carried_on(self, day, spent, left):
        order = Order(1, "general", dt.date(2023, 3, 1), 100, 0)

        assert queueing.quota_left(order, day, spent) == left


def cash(district, yuan: int, fund: str = "general") -> None:
    """The treasury account of a fund gets money."""
    line = Line(
        debit=AccountKey(book="cash", subject="1001", fund=fund),
        credit=AccountKey(book="cash", subject="4001", fund=fund, fiscal_year=2023),
        amount_fen=yuan * 100,
    )
    ledger.post(
        entry=Entry(kind="revenue.cash", document_id=None, effective_on=DAY, lines=(line,)),
        actor_id=1,
        at=district.at,
    )


def order(district, **facts) -> int:
    """An order in force for the general budget from today on."""
    doc_id = district.create(
        "treasury.queue_order", "treasury_officer", fund="general",
        **{"starts_on": DAY, "reason": "库款余额低于警戒线", "reserve_fen": 0, **facts},
    )  # fmt: skip
    assert district.approve(doc_id, "treasury_officer").state == "in_force"
    return doc_id


@pytest.fixture
def street(district):
    """One payment of 300 元 in each class, approved in the reverse of the law's order: (rest, upper, wage, 三保)."""
    plain = district.allotment(yuan=10_000)
    upper = district.allotment(yuan=10_000, flags=2)
    vital = district.allotment(yuan=10_000, flags=1, economic_code="30201")
    return {
        4: district.approved(plain, 300, payee_account="3304"),
        3: district.approved(upper, 300, payee_account="3303"),
        2: district.approved(
            plain, 300, payee_account="3302", title="工程款中的人工费", is_migrant_wage=True
        ),
        1: district.approved(vital, 300, payee_account="3301", title="学校水电办公费"),
    }


@pytest.mark.django_db
class TestTheQueue:
    """队列：按类、按先后。"""

    def test_the_class_comes_from_the_money_and_the_mark(self, district, street):
        rows = queueing.queue_of(fund="general", on=DAY).rows

        assert [(row.priority, row.document_id) for row in rows] == [(n, street[n]) for n in (1, 2, 3, 4)]
        assert [row.rank for row in rows] == ["三保", "农民工工资", "上级转移支付", "其他"]

    def test_money_from_above_is_known_by_its_appropriation(self, district):
        project = district.project()
        approval = district.appropriate(
            [{"project_id": project, "yuan": 1_000}],
            origin="transfer",
            funding="上级补助",
            reference="财教〔2023〕9号",
        )
        allotment = district.create(
            "budget.allotment", amount_fen=100_000, project_id=project, fund="general", function_code="2050203",
            economic_code="30213", reference="区财教〔2023〕32号", source_id=approval,
        )  # fmt: skip
        district.approve(allotment)

        payment = district.approved(allotment, 100)

        (row,) = queueing.queue_of(fund="general", on=DAY).rows
        assert (row.document_id, row.rank) == (payment, "上级转移支付")

    def test_inside_a_class_who_was_approved_first_is_first(self, district):
        allotment = district.allotment(yuan=10_000)
        ids = [district.submitted(allotment, 100, payee_account=f"33{n}") for n in range(3)]
        for number, doc_id in enumerate(reversed(ids)):
            district.at = district.at + dt.timedelta(minutes=number)
            district.approve_on(doc_id)

        rows = queueing.queue_of(fund="general", on=DAY).rows

        assert [row.document_id for row in rows] == list(reversed(ids))


@pytest.mark.django_db
class TestTheDoor:
    """发送银行时按顺序放行。"""

    def test_without_an_order_nobody_queues(self, district, street):
        district.step(street[4], "send", "treasury_officer")

        assert Document.objects.get(pk=street[4]).state == "sent"

    def test_before_its_first_day_nobody_queues(self, district, street):
        order(district, starts_on=dt.date(2023, 3, 2))

        district.step(street[4], "send", "treasury_officer")

    def test_cash_for_both_lets_both_through_in_any_order(self, district, street):
        cash(district, 1_200)
        order(district)

        district.step(street[4], "send", "treasury_officer")

    def test_one_fen_too_little_and_the_lower_class_waits(self, district, street):
        cash(district, 1_199)
        order(district)

        with pytest.raises(QueueWaits) as refused:
            district.step(street[4], "send", "treasury_officer")

        text = refused.value.message
        assert "排第 4 位，前面还有 3 张 900.00 元待付（最先为" in text and "三保" in text
        assert "今日可用库款 1,199.00 元" in text
        assert [way.label for way in refused.value.ways] == ["查看支付排队", "申请插队"]
        assert Document.objects.get(pk=street[4]).state == "approved"

    def test_sent_together_the_law_decides_who_leaves(self, district, street):
        cash(district, 700)
        order(district)

        result = perform_many(
            kind="treasury.payment", ids=list(street.values()), step="send",
            actor=district.people["treasury_officer"], at=district.at,
        )  # fmt: skip

        assert sorted(result.done) == sorted([street[1], street[2]])
        assert isinstance(result.refused[street[3]], QueueCash)
        assert isinstance(result.refused[street[4]], QueueWaits)

    def test_what_is_with_the_bank_is_cash_no_more(self, district, street):
        cash(district, 600)
        order(district)
        district.step(street[1], "send", "treasury_officer")
        district.step(street[2], "send", "treasury_officer")

        with pytest.raises(QueueCash, match="还差 300"):
            district.step(street[3], "send", "treasury_officer")

    def test_what_the_bank_refuses_is_cash_again(self, district, street):
        cash(district, 300)
        order(district)
        district.step(street[1], "send", "treasury_officer")
        bank.receive(
            receipts=[receipt(street[1], paid=False)],
            actor=district.people["treasury_officer"],
            at=district.at,
        )

        district.step(street[2], "send", "treasury_officer")

    def test_the_reserve_stays(self, district, street):
        cash(district, 400)
        order(district, reserve_fen=10_001)

        with pytest.raises(QueueCash):
            district.step(street[1], "send", "treasury_officer")

    def test_the_daily_quota_holds(self, district, street):
        cash(district, 100_000)
        order(district, daily_quota_fen=60_000)
        district.step(street[1], "send", "treasury_officer")
        district.step(street[2], "send", "treasury_officer")

        with pytest.raises(QueueCash):
            district.step(street[3], "send", "treasury_officer")

    def test_the_counter_is_no_way_round(self, district, street):
        cash(district, 300)
        order(district)
        paid = district.approved(
            district.allotment(yuan=1_000), 100, settlement="cash", payee_account="", title="零星购置"
        )

        with pytest.raises(QueueWaits):
            district.step(paid, "pay_cash", "treasury_officer")

    def test_another_fund_does_not_queue(self, district, street):
        order(district)
        fund = district.allotment(yuan=1_000, fund="govfund", function_code="2120803", economic_code="31005")

        district.sent(fund, 100, payee_account="339")

    def test_the_plan_of_the_day_is_sent_in_one_go(self, district, street):
        cash(district, 650)
        order(district)

        sent = queueing.pay_plan(
            fund="general", on=DAY, actor=district.people["treasury_officer"], at=district.at
        )

        assert sent == sorted([street[1], street[2]])
        assert queueing.queue_of(fund="general", on=DAY).cash_fen == 5_000


@pytest.mark.django_db
class TestOvertaking:
    """插队：局领导签批，留痕可查。"""

    def ask(self, district, payment, **facts):
        return district.create(
            "treasury.overtaking",
            "treasury_officer",
            payment_id=payment,
            reason="抢险救灾，今日必须到账",
            **facts,
        )

    def test_signed_it_leaves_first_and_whom_it_passed_is_kept(self, district, street):
        cash(district, 300)
        order(district)
        request = self.ask(district, street[4])

        assert district.approve(request, "treasury_officer").state == "signed"

        row = Overtaking.objects.get(pk=request)
        assert (row.passed_count, row.passed_fen) == (3, 90_000)
        with pytest.raises(QueueWaits, match="已签批插队"):
            district.step(street[1], "send", "treasury_officer")
        district.step(street[4], "send", "treasury_officer")

    def test_signed_it_still_needs_the_cash(self, district, street):
        cash(district, 299)
        order(district)
        district.approve(self.ask(district, street[4]), "treasury_officer")

        with pytest.raises(QueueCash):
            district.step(street[4], "send", "treasury_officer")

    def test_without_the_leader_it_is_not_signed(self, district, street):
        cash(district, 300)
        order(district)
        request = self.ask(district, street[4])
        district.step(request, "submit", "treasury_officer")
        district.step(request, "approve", "treasury_reviewer")

        assert Document.objects.get(pk=request).node == "局领导签批"
        with pytest.raises(QueueWaits):
            district.step(street[4], "send", "treasury_officer")

    def test_revoked_it_goes_back_to_its_place(self, district, street):
        cash(district, 300)
        order(district)
        request = self.ask(district, street[4])
        district.approve(request, "treasury_officer")

        district.step(request, "revoke", "leader", comment="情况已变")

        with pytest.raises(QueueWaits):
            district.step(street[4], "send", "treasury_officer")

    def test_once_is_enough(self, district, street):
        first, second = self.ask(district, street[4]), self.ask(district, street[4])
        district.approve(first, "treasury_officer")
        district.step(second, "submit", "treasury_officer")
        district.step(second, "approve", "treasury_reviewer")

        with pytest.raises(Refusal, match="已经签批"):
            district.step(second, "approve", "leader")

    @pytest.mark.parametrize("reason", ["", " "])
    def test_a_reason_is_needed(self, district, street, reason):
        with pytest.raises(BadInput, match="理由"):
            district.create("treasury.overtaking", "treasury_officer", payment_id=street[4], reason=reason)

    def test_what_is_paid_needs_none(self, district, street):
        district.step(street[4], "send", "treasury_officer")

        with pytest.raises(BadInput, match="审核中或待发银行"):
            self.ask(district, street[4])


@pytest.mark.django_db
class TestTheOrder:
    """排队令：局领导批准才生效，局领导才能解除，一种资金同时只有一个。"""

    def test_ended_nobody_queues(self, district, street):
        doc_id = order(district)
        with pytest.raises(StepNotPermitted):
            district.step(doc_id, "end", "treasury_officer", comment="库款已到")

        district.step(doc_id, "end", "leader", comment="库款已到")

        assert QueueOrder.objects.get(pk=doc_id).ended_on == DAY
        district.step(street[4], "send", "treasury_officer")

    def test_one_at_a_time(self, district):
        order(district)
        doc_id = district.create(
            "treasury.queue_order", "treasury_officer", fund="general", starts_on=DAY, reason="再来一个"
        )

        district.step(doc_id, "submit", "treasury_officer")
        district.step(doc_id, "approve", "treasury_reviewer")
        with pytest.raises(Refusal, match="已有执行中的排队令"):
            district.step(doc_id, "approve", "leader")

    def test_not_for_days_that_are_past(self, district):
        doc_id = district.create(
            "treasury.queue_order",
            "treasury_officer",
            fund="general",
            starts_on=dt.date(2023, 2, 28),
            reason="补发",
        )
        district.step(doc_id, "submit", "treasury_officer")
        district.step(doc_id, "approve", "treasury_reviewer")

        with pytest.raises(Refusal, match="已经过去"):
            district.step(doc_id, "approve", "leader")
