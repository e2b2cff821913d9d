"""Whatever is done to the ledger, in whatever batches: it equals the plain model, and the sums hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from fisc.kernel import ledger
from fisc.kernel.ledger import Entry, Line, Settle
from fisc.kernel.ledger.tests.books import ACTOR, AT, account, open_books, rows, value
from fisc.kernel.ledger.tests.model import Model

NAMES = ["source/1", "free/1", "free/2", "free/3", "frozen/1", "paid/1", "paid/2"]
OTHER_NAMES = ["pool/1", "plan/1", "plan/2", "used/1"]
DATES = [date(2022, 12, 31), date(2023, 1, 1), date(2023, 5, 10), date(2023, 6, 30)]

PROPERTY = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)


@st.composite
def lines(draw: Callable[..., Any]) -> Line:
    """A move between two accounts of one book; small amounts, so that floors are met to the 分."""
    names = draw(st.sampled_from([NAMES, OTHER_NAMES]))
    credit, debit = draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
    return Line(debit=account(debit), credit=account(credit), amount_fen=draw(st.integers(1, 30)))


@st.composite
def entries(draw: Callable[..., Any]) -> Entry:
    """One to four moves of one date."""
    return Entry(
        kind="test.move",
        document_id=draw(st.none() | st.integers(1, 3)),
        effective_on=draw(st.sampled_from(DATES)),
        lines=tuple(draw(st.lists(lines(), min_size=1, max_size=4))),
    )


SUPPLY = Entry(
    kind="test.supply",
    document_id=None,
    effective_on=DATES[0],
    lines=tuple(
        Line(debit=account(f"{name}/{no}"), credit=account(f"{origin}/1"), amount_fen=amount)
        for origin, name, no, amount in [
            ("source", "free", 1, 60),
            ("source", "free", 2, 25),
            ("pool", "plan", 1, 40),
        ]
    ),
)
ACTIONS = st.one_of(
    st.tuples(st.just("post"), st.lists(entries(), min_size=1, max_size=12)),
    st.tuples(st.just("hold"), st.lists(entries(), min_size=1, max_size=6)),
    st.tuples(
        st.just("settle"), st.lists(st.tuples(st.integers(0, 99), st.integers(0, 3)), min_size=1, max_size=4)
    ),
    st.tuples(st.just("void"), st.lists(st.integers(0, 99), min_size=1, max_size=3)),
    st.tuples(st.just("reverse"), st.lists(st.integers(0, 99), min_size=1, max_size=4)),
)


class Played:
    """The database's ledger and the model, played side by side."""

    def __init__(self) -> None:
        self.model = Model()
        self.entry_ids: list[int] = []
        self.hold_ids: list[int] = []

    def act(self, action: str, things: list[Any]) -> None:
        """Do one batch on both and compare the decisions."""
        getattr(self, action)(things)

    def post(self, batch: list[Entry]) -> None:
        expected = [self.model.post(entry) for entry in batch]
        outcome = ledger.post_many(entries=batch, actor_id=ACTOR, at=AT)
        self.agree(expected, outcome.entry_ids, outcome.refusals, self.entry_ids)

    def hold(self, batch: list[Entry]) -> None:
        expected = [self.model.hold(entry) for entry in batch]
        outcome = ledger.hold_many(entries=batch, actor_id=ACTOR, at=AT)
        self.agree(expected, outcome.hold_ids, outcome.refusals, self.hold_ids)

    def settle(self, wishes: list[tuple[int, int]]) -> None:
        if not self.hold_ids:
            return
        batch = [self.settlement(number % len(self.hold_ids), part) for number, part in wishes]
        expected = [self.model.settle(self.hold_ids.index(one.hold_id), one) for one in batch]
        outcome = ledger.settle_many(holds=batch, actor_id=ACTOR, at=AT)
        self.agree(expected, outcome.entry_ids, outcome.refusals, self.entry_ids)

    def settlement(self, number: int, part: int) -> Settle:
        """The whole (3), a part, nothing (0), or one 分 too much (1) of a hold."""
        amounts = [line.amount_fen for line in self.model.holds[number].entry.lines]
        given = {
            0: [0] * len(amounts),
            1: [amount + 1 for amount in amounts],
            2: [amount // 2 for amount in amounts],
        }
        return Settle(
            hold_id=self.hold_ids[number], kind="test.settle", effective_on=DATES[2],
            amounts_fen=tuple(given[part]) if part in given else None,
        )  # fmt: skip

    def void(self, numbers: list[int]) -> None:
        if not self.hold_ids:
            return
        numbers = [number % len(self.hold_ids) for number in numbers]
        expected = [self.model.void(number) for number in numbers]
        outcome = ledger.void_many(
            hold_ids=[self.hold_ids[number] for number in numbers], actor_id=ACTOR, at=AT, reason="不再支付"
        )
        self.agree(expected, outcome.hold_ids, outcome.refusals, [])

    def reverse(self, numbers: list[int]) -> None:
        numbers = [number % len(self.entry_ids) for number in numbers]
        expected = [
            self.model.reverse(number, replace(self.model.entries[number], effective_on=DATES[3]))
            for number in numbers
        ]
        outcome = ledger.reverse_many(
            entry_ids=[self.entry_ids[number] for number in numbers], effective_on=DATES[3], actor_id=ACTOR, at=AT,
            memo="红字冲销",
        )  # fmt: skip
        self.agree(expected, outcome.entry_ids, outcome.refusals, self.entry_ids)

    def agree(
        self, expected: list[str | None], ids: list[int | None], refusals: list[Any], known: list[int]
    ) -> None:
        """The decisions are the model's; remember the new ids."""
        codes: list[str | None] = [None] * len(expected)
        for refusal in refusals:
            codes[refusal.index] = refusal.code
            if refusal.code == "floor":
                assert refusal.shortfall_fen > 0
        assert codes == expected
        assert [number is None for number in ids] == [code is not None for code in expected]
        known += [number for number in ids if number is not None]


def check_books(played: Played) -> None:
    """Every balance and turnover equals the model's; turnovers and balances equal the transfers; nothing is lost."""
    model = played.model
    keys = [account(name) for name in NAMES + OTHER_NAMES]
    for key, balance in ledger.balance(keys).items():
        assert (balance.posted_fen, balance.held_fen) == (model.posted[key], model.held[key]), key
        assert model.available(key) is None or balance.available_fen >= 0
    turnovers = {
        (text, period): (debit, credit)
        for text, period, debit, credit in rows(
            "SELECT key, period, debit_fen, credit_fen FROM ledger_turnover JOIN ledger_account ON id = account_id"
        )
    }
    texts = {key.text: key for key in keys}
    for (text, period), (debit, credit) in turnovers.items():
        assert debit == model.debits[texts[text], period]
        assert credit == model.credits[texts[text], period]
    assert value("SELECT coalesce(sum(posted_fen), 0) FROM ledger_balance") == 0
    assert value("SELECT count(*) FROM ledger_entry") == len(model.entries)
    gaps = value(
        "SELECT count(*) FROM (SELECT voucher_no, row_number() OVER (PARTITION BY fiscal_year ORDER BY id) AS no "
        "FROM ledger_entry) AS numbered WHERE voucher_no <> no"
    )
    assert gaps == 0
    from fisc.kernel.ledger.invariants import invariants

    for invariant in invariants():
        assert rows(invariant.sql) == [], invariant.code


@pytest.mark.django_db
@PROPERTY
@given(actions=st.lists(ACTIONS, min_size=1, max_size=8))
def test_any_history_equals_the_plain_model(actions: list[tuple[str, list[Any]]]) -> None:
    """任意的记账、预占、结算、撤销、冲销，分批办理与逐笔办理结果相同。"""
    with transaction.atomic():
        open_books()
        played = Played()
        played.act("post", [SUPPLY])

        for action, things in actions:
            note(f"{action} {things}")
            played.act(action, things)

        check_books(played)
        transaction.set_rollback(True)


@pytest.mark.django_db
@PROPERTY
@given(batch=st.lists(entries(), min_size=1, max_size=25), cut=st.integers(0, 25))
def test_how_a_batch_is_cut_does_not_matter(batch: list[Entry], cut: int) -> None:
    """一批办理、分两批办理、逐笔办理，哪些通过、哪些拒绝完全一样。"""
    decisions = []
    for parts in ([batch], [batch[:cut], batch[cut:]], [[entry] for entry in batch]):
        with transaction.atomic():
            open_books()
            ledger.post_many(entries=[SUPPLY], actor_id=ACTOR, at=AT)

            ids = [
                number
                for part in parts
                for number in ledger.post_many(entries=part, actor_id=ACTOR, at=AT).entry_ids
            ]

            balances = {
                key: (b.posted_fen, b.held_fen) for key, b in ledger.balance(map(account, NAMES)).items()
            }
            decisions.append(([number is None for number in ids], balances))
            transaction.set_rollback(True)
    assert decisions[0] == decisions[1] == decisions[2]


@pytest.mark.django_db
@PROPERTY
@given(batch=st.lists(entries(), min_size=1, max_size=6))
def test_reversal_restores(batch: list[Entry]) -> None:
    """全部冲销之后，余额与从前一样。"""
    with transaction.atomic():
        open_books()
        ledger.post_many(entries=[SUPPLY], actor_id=ACTOR, at=AT)
        keys = [account(name) for name in NAMES + OTHER_NAMES]
        before = ledger.balance(keys)

        booked = [one for one in ledger.post_many(entries=batch, actor_id=ACTOR, at=AT).entry_ids if one]
        for entry_id in reversed(booked):
            outcome = ledger.reverse_many(
                entry_ids=[entry_id], effective_on=DATES[3], actor_id=ACTOR, at=AT, memo="红字冲销"
            )
            assert outcome.refusals == []

        assert ledger.balance(keys) == before
        transaction.set_rollback(True)


@pytest.mark.django_db
@PROPERTY
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["pay", "hold", "freeze", "thaw", "settle", "void"]), st.integers(1, 40)),
        max_size=20,
    )
)
def test_approved_is_paid_and_held_and_frozen_and_available(steps: list[tuple[str, int]]) -> None:
    """批复 = 已付 + 预占 + 冻结 + 可用，任何时候都成立。"""
    with transaction.atomic():
        open_books()
        approved = 100
        ledger.post(entry=_allot(approved), actor_id=ACTOR, at=AT)
        open_holds: list[int] = []

        for step, amount in steps:
            _allotment_step(step, amount, open_holds)

            free, frozen, paid = (
                ledger.balance([account(n)])[account(n)] for n in ("free", "frozen", "paid")
            )
            assert approved == paid.posted_fen + free.held_fen + frozen.posted_fen + free.available_fen
        transaction.set_rollback(True)


def _allot(amount: int) -> Entry:
    return Entry(
        kind="test.allot", document_id=1, effective_on=DATES[1],
        lines=(Line(debit=account("free"), credit=account("source"), amount_fen=amount),),
    )  # fmt: skip


def _allotment_step(step: str, amount: int, open_holds: list[int]) -> None:
    routes = {
        "pay": ("paid", "free"),
        "freeze": ("frozen", "free"),
        "thaw": ("free", "frozen"),
        "hold": ("paid", "free"),
    }
    if step in routes:
        debit, credit = routes[step]
        entry = Entry(
            kind=f"test.{step}", document_id=1, effective_on=DATES[2],
            lines=(Line(debit=account(debit), credit=account(credit), amount_fen=amount),),
        )  # fmt: skip
        if step == "hold":
            outcome = ledger.hold_many(entries=[entry], actor_id=ACTOR, at=AT)
            open_holds += [number for number in outcome.hold_ids if number]
        else:
            ledger.post_many(entries=[entry], actor_id=ACTOR, at=AT)
    elif open_holds and step == "settle":
        part = Settle(hold_id=open_holds.pop(), effective_on=DATES[2], kind="test.settle", amounts_fen=(1,))
        ledger.settle_many(holds=[part], actor_id=ACTOR, at=AT)
    elif open_holds:
        ledger.void_many(hold_ids=[open_holds.pop()], actor_id=ACTOR, at=AT, reason="不再支付")
