"""Booking, holding, settling, voiding, reversing: what is allowed to the 分, and what is refused by one 分."""

from datetime import date, timedelta

import pytest

from fisc.kernel import ledger
from fisc.kernel.ledger import LedgerRefusal, Line, Settle
from fisc.kernel.ledger.bulk import Columns, post_columns
from fisc.kernel.ledger.tests.books import ACTOR, AT, MAY, account, entry, line, move, rows, value

pytestmark = pytest.mark.usefixtures("books")


def book(*entries: ledger.Entry) -> ledger.Outcome:
    return ledger.post_many(entries=entries, actor_id=ACTOR, at=AT)


def codes(outcome: ledger.Outcome | ledger.HoldOutcome | ledger.VoidOutcome) -> list[tuple[int, str]]:
    return [(one.index, one.code) for one in outcome.refusals]


def holds(name: str) -> tuple[int, int]:
    """Posted and held of an account."""
    balance = ledger.balance([account(name)])[account(name)]
    return balance.posted_fen, balance.held_fen


class TestFloors:
    """余额不得低于下限：恰好用完可以，多一分不行。"""

    def test_to_the_last_fen(self) -> None:
        outcome = book(move("source > free", 100), move("free > paid", 100))

        assert codes(outcome) == []
        assert holds("free") == (0, 0)

    def test_one_fen_too_much(self) -> None:
        book(move("source > free", 100))

        with pytest.raises(LedgerRefusal) as refusal:
            ledger.post(entry=move("free > paid", 101), actor_id=ACTOR, at=AT)

        assert refusal.value.error_code == "ledger.floor"
        assert str(refusal.value) == "“可用”余额不足：可用 1.00 元，需要 1.01 元，还差 0.01 元。"
        assert refusal.value.refused.shortfall_fen == 1
        assert holds("free") == (100, 0)

    def test_refused_alone_and_a_smaller_one_still_passes(self) -> None:
        outcome = book(
            move("source > free", 100),
            move("free > paid", 60),
            move("free > paid", 50),
            move("free > paid", 40),
        )

        assert codes(outcome) == [(2, "floor")]
        assert outcome.refusals[0].available_fen == 40
        assert holds("paid") == (100, 0)

    def test_money_that_came_earlier_in_the_batch_can_be_spent(self) -> None:
        assert codes(book(move("free > paid", 10), move("source > free", 10), move("free > paid", 10))) == [
            (0, "floor")
        ]

    def test_who_relied_on_a_refused_one_is_refused_too(self) -> None:
        outcome = book(move("free/1 > free/2", 10), move("free/2 > paid", 10))

        assert codes(outcome) == [(0, "floor"), (1, "floor")]

    def test_lines_stand_or_fall_together(self) -> None:
        book(move("source > free", 100))

        outcome = book(entry(("free > paid", 60), ("plan > used", 1)))

        assert codes(outcome) == [(0, "floor")]
        assert outcome.refusals[0].account.key == account("plan")
        assert holds("free") == (100, 0)

    def test_an_entry_is_judged_as_a_whole(self) -> None:
        """同一凭证先付后收，以合计为准。"""
        assert codes(book(entry(("free > paid", 10), ("source > free", 10)))) == []

    def test_a_refusal_leaves_no_trace_and_no_gap(self) -> None:
        book(move("source > free", 10))
        book(move("free > paid", 11), move("free > paid", 10))

        assert rows("SELECT voucher_no FROM ledger_entry ORDER BY id") == [(1,), (2,)]
        assert value("SELECT count(*) FROM ledger_transfer") == 2

    def test_an_account_without_floor_may_go_below(self) -> None:
        assert codes(book(move("source > paid", 1))) == []
        assert holds("source") == (-1, 0)

    def test_a_floor_of_its_own(self) -> None:
        ledger.set_floors({account("source"): -50})

        assert codes(book(move("source > free", 50), move("source > free", 1))) == [(1, "floor")]
        with pytest.raises(ledger.FloorTooHigh):
            ledger.set_floors({account("source"): -49})


class TestHolds:
    """预占之后结算一次、撤销一次或过期，不能重复。"""

    @pytest.fixture
    def hold_id(self) -> int:
        book(move("source > free", 100), move("pool > plan", 100))
        return ledger.hold(entry=entry(("free > paid", 70), ("plan > used", 70)), actor_id=ACTOR, at=AT)

    def test_held_money_cannot_be_spent(self, hold_id: int) -> None:
        assert holds("free") == (100, 70)
        assert codes(book(move("free > paid", 31), move("free > paid", 30))) == [(0, "floor")]

    def test_settle_whole(self, hold_id: int) -> None:
        outcome = self.settle(hold_id)

        assert codes(outcome) == []
        assert (holds("free"), holds("paid"), holds("used")) == ((30, 0), (70, 0), (70, 0))
        assert rows("SELECT document_id, kind FROM ledger_entry WHERE id = %s", outcome.entry_ids[0]) == [
            (1, "test.clear")
        ]

    def test_settle_part_releases_the_rest(self, hold_id: int) -> None:
        self.settle(hold_id, amounts_fen=(50, 0))

        assert (holds("free"), holds("paid")) == ((50, 0), (50, 0))
        assert (holds("plan"), holds("used")) == ((100, 0), (0, 0))

    def test_settle_with_lines_that_were_not_held(self, hold_id: int) -> None:
        outcome = self.settle(hold_id, extra=(line("source > frozen", 5),))

        assert codes(outcome) == []
        assert holds("frozen") == (5, 0)

    def test_extra_lines_meet_floors_too(self, hold_id: int) -> None:
        assert codes(self.settle(hold_id, extra=(line("free > frozen", 31),))) == [(0, "floor")]
        assert holds("free") == (100, 70)

    @pytest.mark.parametrize(
        ("amounts", "code"), [((71, 70), "over_hold"), ((0, 0), "nothing_settled"), ((70, 71), "over_hold")]
    )
    def test_amounts(self, hold_id: int, amounts: tuple[int, int], code: str) -> None:
        assert codes(self.settle(hold_id, amounts_fen=amounts)) == [(0, code)]
        assert holds("free") == (100, 70)

    def test_amounts_for_every_line(self, hold_id: int) -> None:
        with pytest.raises(ValueError, match="has 2 lines, not 1"):
            self.settle(hold_id, amounts_fen=(70,))

    def test_once(self, hold_id: int) -> None:
        self.settle(hold_id)

        assert codes(self.settle(hold_id)) == [(0, "hold_settled")]
        assert codes(self.void(hold_id)) == [(0, "hold_settled")]

    def test_void_once(self, hold_id: int) -> None:
        assert self.void(hold_id).hold_ids == [hold_id]
        assert holds("free") == (100, 0)
        assert codes(self.void(hold_id)) == [(0, "hold_voided")]
        assert codes(self.settle(hold_id)) == [(0, "hold_voided")]

    def test_twice_in_one_batch(self, hold_id: int) -> None:
        wish = Settle(hold_id=hold_id, effective_on=MAY, kind="test.clear")
        outcome = ledger.settle_many(holds=[wish, wish], actor_id=ACTOR, at=AT)

        assert codes(outcome) == [(1, "hold_settled")]

    def test_a_second_try_in_one_batch_may_succeed(self, hold_id: int) -> None:
        late = Settle(hold_id=hold_id, effective_on=date(2031, 1, 1), kind="test.clear")
        good = Settle(hold_id=hold_id, effective_on=MAY, kind="test.clear")
        outcome = ledger.settle_many(holds=[late, good], actor_id=ACTOR, at=AT)

        assert codes(outcome) == [(0, "year_unopened")]
        assert outcome.entry_ids[1] is not None

    def test_expiry(self) -> None:
        book(move("source > free", 100))
        ledger.hold(entry=move("free > paid", 10), actor_id=ACTOR, at=AT, expires_on=MAY)

        assert ledger.expire_due(on=MAY, actor_id=ACTOR, at=AT) == 0  # holds through its last day
        assert ledger.expire_due(on=MAY + timedelta(days=1), actor_id=ACTOR, at=AT) == 1
        assert holds("free") == (100, 0)

    def test_unknown(self) -> None:
        assert codes(self.void(999_999_999)) == [(0, "unknown_hold")]
        assert codes(self.settle(999_999_999)) == [(0, "unknown_hold")]

    def settle(self, hold_id: int, **facts: object) -> ledger.Outcome:
        wish = Settle(hold_id=hold_id, effective_on=MAY, kind="test.clear", **facts)  # type: ignore[arg-type]
        return ledger.settle_many(holds=[wish], actor_id=ACTOR, at=AT)

    def void(self, hold_id: int) -> ledger.VoidOutcome:
        return ledger.void_many(hold_ids=[hold_id], actor_id=ACTOR, at=AT, reason="退回")


class TestReversals:
    """红字冲销：记在冲销当日，借贷发生额相应减少，每张凭证只冲一次。"""

    def test_in_red(self) -> None:
        book(move("source > free", 100))
        (paid,) = book(move("free > paid", 70)).entry_ids

        outcome = self.reverse(paid)

        assert codes(outcome) == []
        assert (holds("free"), holds("paid")) == ((100, 0), (0, 0))
        turnover = "SELECT period, debit_fen, credit_fen FROM ledger_turnover JOIN ledger_account ON id = account_id " \
            "WHERE key = %s ORDER BY period"  # fmt: skip
        assert rows(turnover, account("paid").text) == [(202305, 70, 0), (202306, -70, 0)]

    def test_once_and_never_a_reversal(self) -> None:
        (first,) = book(move("source > paid", 70)).entry_ids
        (red,) = self.reverse(first).entry_ids

        assert codes(self.reverse(first)) == [(0, "entry_reversed")]
        assert codes(self.reverse(red)) == [(0, "entry_is_reversal")]
        assert codes(self.reverse(999_999_999)) == [(0, "unknown_entry")]

    def test_money_that_is_spent_cannot_be_taken_back(self) -> None:
        (approved, _) = book(move("source > free", 100), move("free > paid", 1)).entry_ids

        assert codes(self.reverse(approved)) == [(0, "floor")]

    def reverse(self, entry_id: int) -> ledger.Outcome:
        return ledger.reverse_many(
            entry_ids=[entry_id], effective_on=date(2023, 6, 1), actor_id=ACTOR, at=AT, memo="红字冲销"
        )


class TestMistakesOfTheProgram:
    """程序错误直接报错，不作为业务拒绝。"""

    @pytest.mark.parametrize(
        ("debit", "credit", "amount"),
        [("paid", "free", 0), ("paid", "free", -1), ("free", "free", 1), ("plan", "free", 1)],
    )
    def test_lines(self, debit: str, credit: str, amount: int) -> None:
        with pytest.raises(ValueError, match="a line"):
            Line(account(debit), account(credit), amount)

    def test_no_lines(self) -> None:
        with pytest.raises(ValueError, match="needs lines"):
            entry()

    @pytest.mark.parametrize("subject", ["nowhere"])
    def test_unknown_subject(self, subject: str) -> None:
        with pytest.raises(ledger.UnknownSubject, match=f"test/{subject}"):
            book(move(f"source > {subject}", 1))


class TestLargeBatches:
    """成批的列与逐笔的凭证，判断相同。"""

    def test_columns_equal_entries(self) -> None:
        book(entry(*[(f"source > free/{no}", 1_000) for no in range(1, 6)]))
        ids = ledger.ensure_accounts(
            [account(f"{name}/{no}") for name in ("free", "paid") for no in range(1, 6)]
        )
        picks = [1 + index * 7 % 5 for index in range(300)]
        amounts = [1 + index * 37 % 50 for index in range(300)]

        outcome = post_columns(
            columns=Columns(
                kind="test.move", effective_on=MAY, memos=[f"第 {index} 笔" for index in range(300)],
                debit_ids=[ids[account(f"paid/{pick}")] for pick in picks],
                credit_ids=[ids[account(f"free/{pick}")] for pick in picks],
                amounts_fen=amounts, document_ids=range(1, 301),
            ),
            actor_id=ACTOR, at=AT,
        )  # fmt: skip

        left = dict.fromkeys(range(1, 6), 1_000)
        refused = []
        for index, (pick, amount) in enumerate(zip(picks, amounts, strict=True)):
            if left[pick] < amount:
                refused.append(index)
            else:
                left[pick] -= amount
        assert refused
        assert [one.index for one in outcome.refusals] == refused
        booked = [
            (number, index + 1, f"第 {index} 笔") for index, number in enumerate(outcome.entry_ids) if number
        ]
        assert rows("SELECT id, document_id, memo FROM ledger_entry WHERE document_id IS NOT NULL AND memo <> '' "
                    "ORDER BY id") == booked  # fmt: skip

    def test_columns_of_one_length(self) -> None:
        with pytest.raises(ValueError, match="length"):
            Columns(kind="test.move", effective_on=MAY, debit_ids=[1], credit_ids=[2], amounts_fen=[1, 2],
                    document_ids=[1, 2])  # fmt: skip

    def test_nothing(self) -> None:
        empty = Columns(
            kind="test.move", effective_on=MAY, debit_ids=[], credit_ids=[], amounts_fen=[], document_ids=[]
        )

        assert post_columns(columns=empty, actor_id=ACTOR, at=AT).entry_ids == []
        assert book().entry_ids == []
