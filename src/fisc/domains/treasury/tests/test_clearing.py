"""清算、对账、退款: the cash side (norm A.10)."""

import datetime as dt

import pytest

from fisc.base.errors import BadInput, Refusal
from fisc.domains.treasury import clearing
from fisc.domains.treasury.models import Instruction, Payment
from fisc.domains.treasury.tests.test_bank import DAY, receipt, receive  # noqa: F401
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.keys import AccountKey, Entry, Line

TODAY = dt.date(2023, 3, 1)


def fill(yuan: int, fund: str = "general") -> None:
    """Put cash into the treasury account."""
    line = Line(
        debit=AccountKey(book="cash", subject="1001", fund=fund),
        credit=AccountKey(book="cash", subject="4001", fund=fund, fiscal_year=2023),
        amount_fen=yuan * 100,
    )
    entry = Entry(kind="test.receipt", document_id=None, effective_on=dt.date(2023, 2, 1), lines=(line,))
    ledger.post(entry=entry, actor_id=1, at=dt.datetime(2023, 2, 1, tzinfo=dt.UTC))


@pytest.fixture
def booked(district, receive):  # noqa: F811
    """A payment of 400 元 out of 1,000, paid by the bank."""
    allotment = district.allotment(yuan=1_000)
    doc_id = district.sent(allotment, yuan=400)
    receive(receipt(doc_id))
    return doc_id


class TestClearing:
    """每日清算 1001 → 5001。"""

    def test_moves_the_cash_of_the_day(self, district, booked):
        fill(1_000)
        doc_id = clearing.make_clearing(on=TODAY, actor=district.people["treasury_officer"], at=district.at)

        district.approve(doc_id, "treasury_officer")

        assert Document.objects.get(pk=doc_id).state == "cleared"
        assert clearing.cash_balance("general", TODAY) == 60_000
        assert clearing.cash_balance("general", dt.date(2023, 2, 28)) == 100_000

    def test_nothing_is_cleared_twice(self, district, booked):
        clearing.make_clearing(on=TODAY, actor=district.people["treasury_officer"], at=district.at)

        with pytest.raises(clearing.NothingToClear):
            clearing.make_clearing(on=TODAY, actor=district.people["treasury_officer"], at=district.at)

    def test_a_void_clearing_gives_its_instructions_up(self, district, booked):
        doc_id = clearing.make_clearing(on=TODAY, actor=district.people["treasury_officer"], at=district.at)

        district.step(doc_id, "void", "treasury_officer", comment="日期选错")

        assert Instruction.objects.filter(clearing=None, state="paid").count() == 1

    def test_more_than_the_cash_is_refused(self, district, booked):
        fill(399)
        doc_id = clearing.make_clearing(on=TODAY, actor=district.people["treasury_officer"], at=district.at)
        district.step(doc_id, "submit", "treasury_officer")

        with pytest.raises(clearing.CashShort, match=r"余额 399\.00 元，本次清算 400\.00 元，还差 1\.00 元"):
            district.step(doc_id, "approve", "treasury_reviewer")


class TestStatements:
    """国库对账：账面 = 银行。"""

    def statement(self, district, closing_yuan):
        facts = {
            "opening_fen": 0,
            "inflow_fen": closing_yuan * 100,
            "outflow_fen": 0,
            "closing_fen": closing_yuan * 100,
        }
        doc_id = district.create(
            "treasury.statement", "treasury_officer", statement_on=TODAY, fund="general", **facts
        )
        return district.step(doc_id, "compare", "treasury_officer")

    def test_agreed(self, district):
        fill(1_000)

        assert self.statement(district, 1_000).state == "agreed"

    def test_a_difference_is_shown_and_can_be_compared_again(self, district):
        fill(1_000)

        header = self.statement(district, 1_100)
        assert header.state == "differs"
        fill(100)

        assert district.step(header.pk, "compare", "treasury_officer").state == "agreed"

    def test_one_that_does_not_add_up_is_refused(self, district):
        with pytest.raises(BadInput, match="期末"):
            district.create(
                "treasury.statement", "treasury_officer", statement_on=TODAY, fund="general", opening_fen=0,
                inflow_fen=5, outflow_fen=0, closing_fen=4,
            )  # fmt: skip


class TestRefunds:
    """当年退款恢复原指标。"""

    def refund(self, district, payment, yuan):
        doc_id = district.create(
            "treasury.refund",
            "maker",
            payment_id=payment,
            amount_fen=yuan * 100,
            received_on=TODAY,
            reason="多付退回",
        )
        return district.approve(doc_id, "maker")

    def test_part_comes_back_to_the_allotment_and_the_cash(self, district, booked):
        fill(1_000)

        assert self.refund(district, booked, 150).state == "approved"

        row = Payment.objects.get(pk=booked)
        assert district.figures(row.allotment_id) == {"635": 750, "661": 250}
        assert row.refunded_fen == 15_000
        assert clearing.cash_balance("general", TODAY) == 115_000

    def test_the_whole_to_the_fen_but_not_one_more(self, district, booked):
        self.refund(district, booked, 399)
        doc_id = district.create(
            "treasury.refund",
            "maker",
            payment_id=booked,
            amount_fen=101,
            received_on=TODAY,
            reason="多付退回",
        )
        district.step(doc_id, "submit", "maker")
        district.step(doc_id, "approve", "reviewer")

        with pytest.raises(Refusal, match=r"最多还可退 1\.00 元"):
            district.step(doc_id, "approve", "treasury_reviewer")

    def test_only_what_was_paid_can_be_refunded(self, district):
        payment = district.sent(district.allotment())

        with pytest.raises(BadInput, match="已支付的支付单"):
            self.refund(district, payment, 1)
