"""无预算不开支，有预算不超支: one allotment is spent to the last 分, and then every door is tried for one 分 more.

Each door must refuse with a reason, and the books must stay as they were. 《预算法》第十三条: 各级政府、各部门、各单位的支出
必须以经批准的预算为依据，未列入预算的不得支出。
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from fisc.api import tokens
from fisc.base.errors import BadInput, FiscError, Refusal
from fisc.domains.treasury import bank
from fisc.domains.treasury.models import ControlMode, Instruction
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.exchange import known
from fisc.kernel.exchange.commands import import_file
from fisc.kernel.ledger.periods import close_period
from fisc.kernel.ledger.tests.conftest import superuser
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User
from fisc.kernel.rules.standing import run_one

__all__ = ["superuser"]
DAY = dt.date(2023, 3, 1)
YUAN = 1_000
SPENT = {"661": YUAN}


def answer(
    district, doc_id: int, *, paid: bool = True, on: dt.date = DAY, **facts: Any
) -> bank.ReceiptResult:
    """The bank's answer to a payment."""
    header = Document.objects.get(pk=doc_id)
    given = {
        "reference": header.number, "is_paid": paid, "amount_fen": header.amount_fen, "paid_on": on,
        "bank_serial": f"S{doc_id}", "reason": "" if paid else "账号不存在", **facts,
    }  # fmt: skip
    return bank.receive(
        receipts=[bank.Receipt(**given)], actor=district.people["treasury_officer"], at=district.at
    )


def draft(district, allotment: int, fen: int = 1, **facts: Any) -> int:
    """A draft payment of some 分 (one, if nothing is said)."""
    given = {
        "title": "屋面防水维修尾款", "counterparty": "云屿建筑工程有限公司", "payee_account": "33050161099", **facts,
    }  # fmt: skip
    return district.create("treasury.payment", "maker", amount_fen=fen, allotment_id=allotment, **given)


def standing(district, *codes: str) -> None:
    """The standing checks of money hold."""
    for invariant in district.invariants:
        if not codes or invariant.code in codes:
            result = run_one(invariant, at=district.at)
            assert result.holds, (invariant.code, result.sample)


@pytest.fixture
def spent(district):
    """An allotment of 1,000 元, all of it paid."""
    clock.set_business_date(district.at.date())
    allotment = district.allotment(yuan=YUAN)
    district.payment_id = district.sent(allotment, yuan=YUAN)
    answer(district, district.payment_id)
    assert district.figures(allotment) == SPENT
    yield allotment
    assert district.figures(allotment) == SPENT
    standing(district)


@pytest.mark.django_db
class TestOneFenMore:
    """指标用完以后，从哪个门都多付不出一分钱。"""

    def test_by_the_form(self, district, spent):
        client = Client()
        client.force_login(User.objects.get(username="maker"))
        made = client.post(
            "/d/treasury.payment/new/",
            {
                "business_on": "2023-03-01", "allotment_id": spent, "title": "屋面防水维修尾款", "amount_fen": "0.01",
                "counterparty": "云屿建筑工程有限公司", "payee_account": "33050161099", "settlement": "transfer",
            },
        )  # fmt: skip
        assert made.status_code == 302
        payment = Document.objects.filter(kind="treasury.payment").latest("id")

        page = client.post(
            f"/doc/{payment.pk}/act/", {"step": "submit", "version": payment.version}, follow=True
        )

        payment.refresh_from_db()
        assert payment.state == "draft"
        assert "还差 0.01 元" in page.content.decode()

    def test_by_the_interface(self, district, spent):
        user = User.objects.get(username="maker")
        secret = tokens.make(user=user, name="测试", days=1, ip="127.0.0.1", at=timezone.now()).secret

        def call(address: str, body: dict[str, Any]) -> Any:
            return Client(raise_request_exception=False).post(
                f"/api/v1{address}", json.dumps(body), content_type="application/json",
                headers={"Authorization": f"Bearer {secret}"},
            )  # fmt: skip

        values = {
            "allotment_id": spent, "title": "屋面防水维修尾款", "amount_fen": 1, "settlement": "transfer",
            "counterparty": "云屿建筑工程有限公司", "payee_account": "33050161099",
        }  # fmt: skip
        made = call("/documents", {"kind": "treasury.payment", "values": values, "fiscal_year": 2023})
        assert made.status_code == 201, made.content.decode()

        answered = call(f"/documents/{made.json()['id']}/steps/submit", {})

        assert answered.status_code == 409
        assert "treasury.allotment_short" in answered.content.decode()

    def test_by_a_roll_from_excel(self, district, spent, tmp_path):
        path = tmp_path / "名册.csv"
        path.write_text("姓名,账号,实发金额\n陈晓,6217000000000000001,0.01", encoding="utf-8-sig")
        before = known.installed()
        known.install(spec for module in district.modules for spec in module.imports)
        try:
            report = import_file(
                "treasury.batch", path, actor=district.people["maker"], at=district.at, fiscal_year=2023,
                params={"allotment": Document.objects.get(pk=spent).number, "purpose": "2023年3月补贴"},
            )  # fmt: skip
        finally:
            known.install(before)
        assert report.is_good, report.refusal
        batch = Document.objects.get(kind="treasury.batch")

        with pytest.raises(Refusal) as refused:
            district.step(batch.pk, "submit", "maker", answers={"M03": "名册附后"})

        assert refused.value.error_code == "treasury.allotment_short"

    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            ({"amount_fen": 100_001}, "两者不符"),
            ({"reference": "ZF2023-999999"}, "没有发出过指令"),
            ({"paid": False}, "不一致"),
        ],
    )
    def test_by_the_bank_s_receipt(self, district, spent, facts, reason):
        with pytest.raises(Refusal, match=reason):
            answer(district, district.payment_id, **facts)

    def test_by_the_same_receipt_again(self, district, spent):
        assert answer(district, district.payment_id).skipped == 1

    def test_by_many_at_once_in_one_call(self, district, spent):
        ids = [draft(district, spent, payee_account=f"3305{n}") for n in range(20)]

        result = perform_many(
            kind="treasury.payment", ids=ids, step="submit", actor=district.people["maker"], at=district.at
        )

        assert result.done == [] and len(result.refused) == 20

    def test_by_a_cash_plan(self, district, spent):
        plan = district.create("treasury.cash_plan", "maker", allotment_id=spent, amount_fen=1, month=202303)
        district.step(plan, "submit", "maker")
        district.step(plan, "approve", "reviewer")
        district.step(plan, "approve", "section")

        with pytest.raises(Refusal, match=r"还差 0\.01 元"):
            district.step(plan, "approve", "treasury_reviewer")

    def test_by_double_control(self, district, spent):
        ControlMode.objects.create(fund="general", mode="plan", valid_from=dt.date(2023, 1, 1))

        with pytest.raises(Refusal, match="用款计划"):
            district.step(draft(district, spent), "submit", "maker")

    def test_by_a_second_refund(self, district, spent):
        def refund(fen: int) -> int:
            return district.create(
                "treasury.refund", "maker", payment_id=district.payment_id, amount_fen=fen, received_on=DAY,
                reason="多付退回",
            )  # fmt: skip

        first, second = refund(100_000), refund(1)
        assert district.approve(first, "maker").state == "approved"
        district.step(second, "submit", "maker")
        district.step(second, "approve", "reviewer")

        with pytest.raises(Refusal, match=r"最多还可退 0\.00 元"):
            district.step(second, "approve", "treasury_reviewer")
        answer(district, district.sent(spent, yuan=YUAN, payee_account="33050161098"))

    def test_by_two_refunds_at_once(self, district, spent):
        ids = [
            district.create(
                "treasury.refund", "maker", payment_id=district.payment_id, amount_fen=fen, received_on=DAY,
                reason=f"多付退回{fen}",
            )
            for fen in (60_000, 40_001)
        ]  # fmt: skip
        for step, who in (("submit", "maker"), ("approve", "reviewer")):
            perform_many(
                kind="treasury.refund", ids=ids, step=step, actor=district.people[who], at=district.at
            )

        result = perform_many(
            kind="treasury.refund", ids=ids, step="approve", actor=district.people["treasury_reviewer"],
            at=district.at,
        )  # fmt: skip

        assert result.done == ids[:1] and ids[1] in result.refused
        answer(district, district.sent(spent, yuan=600, payee_account="33050161098"))

    def test_by_reissuing_what_the_bank_refused(self, district, spent):
        allotment = district.allotment(yuan=500, reference="区财教〔2023〕40号")
        refused_one = district.sent(allotment, yuan=500)
        answer(district, refused_one, paid=False)
        answer(district, district.sent(allotment, yuan=500, payee_account="33050161077"))
        district.step(refused_one, "reissue", "maker")
        again = Document.objects.get(source_id=refused_one, kind="treasury.payment")

        with pytest.raises(Refusal, match="还差 500"):
            district.step(again.pk, "submit", "maker", answers={"M27": "退票重开"})
        with pytest.raises(Refusal):
            district.step(refused_one, "reissue", "maker")

    def test_by_changing_what_is_approved(self, district, spent):
        from fisc.kernel.documents import update_draft

        document = Document.objects.get(pk=district.payment_id)
        with pytest.raises(FiscError):
            update_draft(
                kind=document.kind, id=document.pk, values={"amount_fen": 100_001}, version=document.version,
                actor=district.people["maker"], at=district.at,
            )  # fmt: skip

    def test_by_paying_at_the_counter_what_nobody_approved(self, district, spent):
        payment = draft(district, spent, settlement="cash", payee_account="")

        with pytest.raises(Refusal):
            district.step(payment, "pay_cash", "treasury_officer")

    def test_by_waiting_for_the_next_year(self, district, spent):
        payment = draft(district, spent)
        district.at = dt.datetime(2024, 1, 2, 9, tzinfo=district.at.tzinfo)

        with pytest.raises(Refusal, match="该年度已过"):
            district.step(payment, "submit", "maker")


@pytest.mark.django_db
class TestTheYearIsOver:
    """年度已过、期间已结账：不能再送、再发、再记。"""

    def test_approved_and_not_sent_stays_unsent(self, district):
        payment = district.approved(district.allotment(yuan=YUAN), yuan=YUAN)
        district.at = dt.datetime(2024, 1, 2, 9, tzinfo=district.at.tzinfo)

        with pytest.raises(Refusal, match="按结转批复"):
            district.step(payment, "send", "treasury_officer")

        with connection.cursor() as cursor:
            cursor.execute("SELECT fiscal_year, document_id, state, amount_fen FROM v_treasury_unfinished")
            assert cursor.fetchall() == [(2023, payment, "approved", YUAN * 100)]

    def test_sent_in_december_and_answered_in_january_is_december_s(self, district):
        allotment = district.allotment(yuan=YUAN)
        payment = district.sent(allotment, yuan=YUAN)

        answer(district, payment, on=dt.date(2024, 1, 2))

        assert district.figures(allotment) == SPENT
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT effective_on FROM v_ledger_day WHERE book = 'allotment' AND subject = '661' AND debit_fen > 0"
            )
            assert cursor.fetchall() == [(dt.date(2023, 12, 31),)]

    def test_a_closed_month_takes_nothing(self, district):
        allotment = district.allotment(yuan=YUAN)
        payment = district.sent(allotment, yuan=YUAN)
        for month in (1, 2, 3):
            close_period(fiscal_year=2023, period=202300 + month, actor_id=1, at=district.at)

        with pytest.raises(Refusal, match="已经结账"):
            answer(district, payment)

        assert district.figures(allotment) == {"635": YUAN, "held": YUAN}


@pytest.mark.django_db
class TestNoPaymentWithoutAllotment:
    """没有指标，连支付申请都写不进去。"""

    @pytest.mark.parametrize("allotment", [None, 0, 999_999])
    def test_none_or_none_there_is(self, district, allotment):
        with pytest.raises(BadInput, match="指标"):
            draft(district, allotment)

    def test_a_project_is_no_allotment(self, district):
        with pytest.raises(BadInput, match="指标"):
            draft(district, district.project())

    def test_one_not_released_pays_nothing(self, district):
        project = district.project()
        district.appropriate([{"project_id": project, "yuan": YUAN}])
        allotment = district.create(
            "budget.allotment", amount_fen=YUAN * 100, project_id=project, fund="general",
            function_code="2050203", economic_code="30213", reference="区财教〔2023〕50号",
        )  # fmt: skip

        with pytest.raises(BadInput, match="指标"):
            draft(district, allotment)


# What somebody with the program's own connection might type. {…} are ids of the story below.
STATEMENTS = {
    "the balance": "UPDATE ledger_balance SET posted_fen = posted_fen + 1",
    "the floor": "UPDATE ledger_balance SET floor_fen = NULL",
    "a transfer": "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer LIMIT 1",
    "a booked amount": "UPDATE ledger_transfer SET amount_fen = amount_fen + 1",
    "an entry": "DELETE FROM ledger_entry",
    "a hold": "UPDATE ledger_hold_line SET amount_fen = amount_fen + 1, open_fen = open_fen + 1",
    "the state of a hold": "UPDATE ledger_hold SET state = 'held', entry_id = NULL, finished_at = NULL, finished_by = NULL",
    "the state of a document": "UPDATE documents_document SET state = 'approved' WHERE id = {draft}",
    "the amount of a document": "UPDATE documents_document SET amount_fen = amount_fen + 1 WHERE id = {sent}",
    "an instruction without hold": (
        "INSERT INTO treasury_instruction (document_id, reference, amount_fen, state, bank_serial, reason)"
        " VALUES ({draft}, 'ZF-X', 1, 'sent', '', '')"
    ),
    "a second instruction": (
        "INSERT INTO treasury_instruction (document_id, reference, amount_fen, state, bank_serial, reason)"
        " VALUES ({sent}, 'ZF-Y', 1, 'sent', '', '')"
    ),
    "the amount of an instruction": "UPDATE treasury_instruction SET amount_fen = amount_fen + 1",
    "whose instruction it is": "UPDATE treasury_instruction SET document_id = {draft}",
    "the allotment of a payment under way": (
        "UPDATE treasury_payment SET allotment_id = {other} WHERE document_id = {sent}"
    ),
    "a project for an allotment": (
        "UPDATE treasury_payment SET allotment_id = {project} WHERE document_id = {draft}"
    ),
    "no allotment": "UPDATE treasury_payment SET allotment_id = NULL WHERE document_id = {draft}",
    "a negative refund": "UPDATE treasury_payment SET refunded_fen = -1",
    "a refund above what was paid": "UPDATE treasury_payment SET refunded_fen = paid_fen + 1",
}


@pytest.mark.django_db
class TestAtTheSqlPrompt:
    """用程序自己的数据库账号直接写表，也绕不过去。"""

    @pytest.fixture
    def ids(self, district):
        allotment, other = (district.allotment(yuan=YUAN, reference=f"区财教〔2023〕{n}号") for n in (60, 61))
        sent = district.sent(allotment, yuan=YUAN)
        return {
            "sent": sent, "draft": draft(district, allotment), "other": other, "allotment": allotment,
            "project": district.project(),
        }  # fmt: skip

    @pytest.mark.parametrize("what", list(STATEMENTS))
    def test_the_database_refuses(self, district, ids, what):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(STATEMENTS[what].format(**ids))

        assert district.figures(ids["allotment"]) == {"635": YUAN, "held": YUAN}
        standing(district)

    def test_a_payment_row_on_a_project_is_refused(self, district, ids):
        columns = (
            "project_id, function_code, economic_code, flags, settlement, allotment_economic_code, drawn_from, paid_fen,"
            " refunded_fen, payee_account, payee_bank, payee_kind, contract_no, invoice_no, likeness, ceiling,"
            " is_migrant_wage, is_upper_transfer"
        )
        copied = (
            f"INSERT INTO treasury_payment (document_id, allotment_id, {columns})"
            f" SELECT %s, %s, {columns} FROM treasury_payment WHERE document_id = %s"
        )
        with (
            pytest.raises(DatabaseError, match="names no allotment"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(copied, [ids["other"], ids["project"], ids["draft"]])

    def test_a_state_set_by_the_program_s_own_function_does_not_let_money_out(self, district, ids):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT documents_finish(ARRAY[%s]::bigint[], ARRAY['approved'], ARRAY[''], ARRAY[1]::bigint[], now())",
                [ids["draft"]],
            )

        with pytest.raises(Refusal, match="没有送审"):
            district.step(ids["draft"], "send", "treasury_officer")

        assert not Instruction.objects.filter(document_id=ids["draft"]).exists()

    def test_an_amount_raised_with_its_approval_stops_at_the_last_door(self, district, ids):
        payment = district.approved(ids["other"], yuan=YUAN, payee_account="33050161066")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT documents_finish(ARRAY[%s]::bigint[], ARRAY['approved'], ARRAY[''], ARRAY[%s]::bigint[], now())",
                [payment, YUAN * 100 + 1],
            )
            cursor.execute(
                "UPDATE approvals_route SET amount_fen = %s WHERE document_id = %s", [YUAN * 100 + 1, payment]
            )

        with pytest.raises(DatabaseError, match="it holds 100000"), transaction.atomic():
            district.step(payment, "send", "treasury_officer")

    def test_what_was_still_written_is_found_the_same_night(self, district, ids):
        """A row that the database lets through is no payment, and the standing check names it."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE treasury_payment SET hold_id = NULL WHERE document_id = %s", [ids["sent"]])
        (check,) = [i for i in district.invariants if i.code == "treasury.nothing_over_budget"]

        result = run_one(check, at=district.at)

        assert result.bad_count == 1
        assert result.sample[0]["number"] == Document.objects.get(pk=ids["sent"]).number


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads of their own that start together; what each returned."""
    start = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_by_many_people_at_the_same_moment(superuser, district):
    """六人同时送审，每人都以为还有钱：只有够付的几笔通过。"""
    allotment = district.allotment(yuan=YUAN)
    ids = [draft(district, allotment, 30_000, payee_account=f"3305{n}") for n in range(6)]

    def submit(doc_id: int) -> Callable[[], list[int]]:
        return lambda: perform_many(
            kind="treasury.payment", ids=[doc_id], step="submit", actor=district.people["maker"], at=district.at,
            data={"answers": {"M27": "分批支付，已核对"}},
        ).done  # fmt: skip

    done = [doc_id for part in at_once(*map(submit, ids)) for doc_id in part]

    assert len(done) == 3
    assert district.figures(allotment) == {"635": YUAN, "held": 900}
    assert Document.objects.filter(kind="treasury.payment", state="in_review").count() == 3
