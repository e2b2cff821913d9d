"""支付指令文件与银行回单: one file per batch, answers matched once (README: layout)."""

import datetime as dt

import pytest

from fisc.domains.treasury import bank
from fisc.domains.treasury.bank import Order, Receipt
from fisc.domains.treasury.models import BankFile, Instruction, Payment
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many

DAY = dt.date(2023, 3, 1)


def receipt(doc_id: int, *, paid: bool = True, **facts) -> Receipt:
    """The bank's answer to a payment, as it was sent unless `facts` say otherwise."""
    header = Document.objects.get(pk=doc_id)
    given = {
        "reference": header.number, "is_paid": paid, "amount_fen": header.amount_fen, "paid_on": DAY,
        "bank_serial": f"BANK{doc_id}", "reason": "" if paid else "户名与账号不符",
    }  # fmt: skip
    return Receipt(**(given | facts))


@pytest.fixture
def receive(district):
    def run(*receipts):
        return bank.receive(receipts=receipts, actor=district.people["treasury_officer"], at=district.at)

    return run


class TestTheFile:
    """README: head line with count and sum, heads, one line per instruction."""

    def test_layout(self):
        order = Order(
            "ZF2023-000001", 1, None, "general", "甲公司", "3305", "建行", 123_456, "维修费", "transfer"
        )

        text = bank.orders_file(filename="F.csv", day=DAY, orders=[order])

        assert text.splitlines() == [
            "\ufeffFISC-PAY,1,F.csv,2023-03-01,1,1234.56",
            "指令号,资金性质,收款人,收款账号,开户行,金额（元）,用途,结算方式",
            "ZF2023-000001,一般公共预算,甲公司,3305,建行,1234.56,维修费,转账",
        ]

    def test_sending_writes_one_file_for_all(self, district):
        allotment = district.allotment(yuan=10_000)
        ids = [district.approved(allotment, yuan=yuan, payee_account=f"3305{yuan}") for yuan in (100, 200)]

        perform_many(
            kind="treasury.payment",
            ids=ids,
            step="send",
            actor=district.people["treasury_officer"],
            at=district.at,
        )

        file = BankFile.objects.select_related("document").get()
        assert (file.sequence_no, file.line_count, file.document.amount_fen) == (1, 2, 30_000)
        assert file.filename == "FISC_PAY_20230301_001.csv"
        assert len(file.sha256) == 64
        assert Document.objects.filter(pk__in=ids, state="sent").count() == 2

    def test_files_of_a_day_are_numbered(self, district):
        allotment = district.allotment(yuan=10_000)

        district.sent(allotment, 100)
        district.sent(allotment, 200)

        assert sorted(BankFile.objects.values_list("sequence_no", flat=True)) == [1, 2]


class TestReceipts:
    """成功结转，失败释放，重复跳过，矛盾说明。"""

    def test_paid_settles_the_hold(self, district, receive):
        allotment = district.allotment(yuan=1_000)
        payment = district.sent(allotment, yuan=400)

        result = receive(receipt(payment))

        assert (result.paid, result.failed, result.skipped) == (1, 0, 0)
        assert district.figures(allotment) == {"635": 600, "661": 400}
        row = Payment.objects.get(pk=payment)
        assert (row.paid_fen, row.paid_on) == (40_000, DAY)
        assert Document.objects.get(pk=payment).state == "booked"
        assert BankFile.objects.get().document.state == "answered"

    def test_failed_gives_the_money_back_and_can_be_issued_again(self, district, receive):
        allotment = district.allotment(yuan=1_000)
        payment = district.sent(allotment, yuan=400)

        receive(receipt(payment, paid=False))

        assert district.figures(allotment) == {"635": 1_000}
        assert Document.objects.get(pk=payment).state == "bank_refused"
        district.step(payment, "reissue", "maker")
        again = Document.objects.get(source_id=payment)
        assert (again.state, again.amount_fen) == ("draft", 40_000)
        assert Payment.objects.get(pk=again.pk).payee_account == "33050161001"

    def test_the_same_answer_twice_changes_nothing(self, district, receive):
        allotment = district.allotment(yuan=1_000)
        payment = district.sent(allotment, yuan=400)
        receive(receipt(payment))

        result = receive(receipt(payment))

        assert (result.paid, result.skipped) == (0, 1)
        assert district.figures(allotment) == {"635": 600, "661": 400}

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"reference": "ZF2023-999999"}, "没有发出过指令"),
            ({"amount_fen": 40_001}, "两者不符"),
        ],
    )
    def test_unknown_and_changed_lines_are_explained_and_nothing_is_taken_in(
        self, district, receive, facts, sentence
    ):
        payment = district.sent(district.allotment(yuan=1_000), yuan=400)
        other = district.sent(district.allotment(yuan=1_000), yuan=300)

        with pytest.raises(bank.BadReceipt, match=sentence):
            receive(receipt(other), receipt(payment, **facts))

        assert Document.objects.get(pk=other).state == "sent"

    def test_a_contradiction_is_explained(self, district, receive):
        payment = district.sent(district.allotment(yuan=1_000), yuan=400)
        receive(receipt(payment))

        with pytest.raises(bank.BadReceipt, match="不一致"):
            receive(receipt(payment, paid=False))

    def test_a_file_is_answered_when_its_last_line_is(self, district, receive):
        allotment = district.allotment(yuan=10_000)
        ids = [district.approved(allotment, yuan=yuan, payee_account=f"3305{yuan}") for yuan in (100, 200)]
        perform_many(
            kind="treasury.payment",
            ids=ids,
            step="send",
            actor=district.people["treasury_officer"],
            at=district.at,
        )

        receive(receipt(ids[0]))
        assert BankFile.objects.get().document.state == "sent"
        receive(receipt(ids[1], paid=False))

        assert BankFile.objects.get().document.state == "answered"
        assert Instruction.objects.filter(state="sent").count() == 0


class TestBatches:
    """批量支付: one hold, settled in part when some lines fail."""

    @pytest.fixture
    def batch(self, district):
        self.allotment = district.allotment(yuan=10_000, economic_code="30102", category="personnel")
        lines = [
            {"payee_name": f"教师{n}", "payee_account": f"6217{n:06d}", "amount_fen": 100_000 + n}
            for n in range(3)
        ]
        doc_id = district.create(
            "treasury.batch",
            "maker",
            title="2023年3月工资",
            allotment_id=self.allotment,
            category="salary",
            lines=lines,
        )
        district.step(doc_id, "submit", "maker")
        assert district.approve_on(doc_id).state == "approved"
        district.step(doc_id, "send", "treasury_officer")
        return doc_id

    def answers(self, *results: bool) -> list[Receipt]:
        return [
            Receipt(
                instruction.reference,
                paid,
                instruction.amount_fen,
                DAY,
                f"S{instruction.pk}",
                "" if paid else "账号不存在",
            )
            for instruction, paid in zip(Instruction.objects.order_by("reference"), results, strict=False)
        ]

    def test_held_as_one(self, district, batch):
        assert district.figures(self.allotment) == {"635": 10_000, "held": 3_000.03}
        assert Document.objects.get(pk=batch).counterparty == "教师0等 3 人"

    def test_waits_for_the_last_answer(self, district, batch, receive):
        receive(*self.answers(True, True))

        assert Document.objects.get(pk=batch).state == "sent"

    def test_failed_lines_go_back_to_the_allotment(self, district, batch, receive):
        receive(*self.answers(True, False, True))

        assert Document.objects.get(pk=batch).state == "booked"
        assert district.figures(self.allotment) == {"635": 7_999.98, "661": 2_000.02}

    def test_all_failed_is_a_refused_batch(self, district, batch, receive):
        receive(*self.answers(False, False, False))

        assert Document.objects.get(pk=batch).state == "bank_refused"
        assert district.figures(self.allotment) == {"635": 10_000}
