"""Many writers on few accounts, with connections killed mid-way: the sums hold to the 分, and nobody deadlocks."""

import random
import threading
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from fisc.kernel import ledger
from fisc.kernel.ledger import Entry, LedgerRefusal, Settle, UnknownSubject, periods
from fisc.kernel.ledger.collector import Collector
from fisc.kernel.ledger.invariants import invariants
from fisc.kernel.ledger.tests.books import ACTOR, AT, MAY, account, entry, move, rows, value
from fisc.project import embedded

WRITERS = 6
ROUNDS = 25
SUPPLY_FEN = 30_000


@pytest.fixture
def books(committed_books: None) -> None:
    """Four allotments with money."""
    ledger.post(
        entry=entry(*[(f"source > free/{no}", SUPPLY_FEN) for no in range(1, 5)]), actor_id=ACTOR, at=AT
    )


class Writer(threading.Thread):
    """Pays, holds, settles, voids and reverses at random on four allotments; notes what it was told is booked."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.booked: list[int] = []
        self.killed = 0
        self.errors: list[BaseException] = []

    def run(self) -> None:
        try:
            for _ in range(ROUNDS):
                self.attempt()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.errors.append(error)
        finally:
            connection.close()

    def attempt(self) -> None:
        try:
            with transaction.atomic():
                booked = self.step()
        except OperationalError as error:
            if "deadlock" in str(error):
                raise
            self.killed += 1
            connection.close()
        else:
            self.booked += booked

    def step(self) -> list[int]:
        batch = [self.payment() for _ in range(self.random.randint(1, 12))]
        action = self.random.choice(["post", "post", "hold", "reverse"])
        if action == "hold":
            holds = [one for one in ledger.hold_many(entries=batch, actor_id=ACTOR, at=AT).hold_ids if one]
            keep = [Settle(hold_id=one, effective_on=MAY, kind="test.settle") for one in holds[::2]]
            ledger.void_many(hold_ids=holds[1::3], actor_id=ACTOR, at=AT, reason="不再支付")
            return [one for one in ledger.settle_many(holds=keep, actor_id=ACTOR, at=AT).entry_ids if one]
        if action == "reverse" and self.booked:
            outcome = ledger.reverse_many(
                entry_ids=self.random.sample(self.booked, min(3, len(self.booked))), effective_on=MAY,
                actor_id=ACTOR, at=AT, memo="红字冲销",
            )  # fmt: skip
        else:
            outcome = ledger.post_many(entries=batch, actor_id=ACTOR, at=AT)
        return [one for one in outcome.entry_ids if one]

    def payment(self) -> Entry:
        no = self.random.randint(1, 4)
        debit = self.random.choice(["paid", "frozen", f"free/{no % 4 + 1}"])
        return move(f"free/{no} > {debit}", self.random.randint(1, 6_000))


def kill_somebody(database: psycopg.Connection[Any]) -> None:
    """End one of the writers' connections, wherever it stands."""
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename = %s AND pid <> pg_backend_pid() AND state <> 'idle' ORDER BY random() LIMIT 1",
        [embedded.ROLE],
    )


def check_invariants() -> None:
    for invariant in invariants():
        assert rows(invariant.sql) == [], invariant.code
    assert value("SELECT sum(posted_fen) FROM ledger_balance JOIN ledger_account ON id = account_id "
                 "WHERE subject <> 'source'") == 4 * SUPPLY_FEN  # fmt: skip
    assert value("SELECT count(*) FROM ledger_balance WHERE posted_fen - held_fen < floor_fen") == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_writers_killed_mid_way(books: None) -> None:
    writers = [Writer(seed) for seed in range(WRITERS)]
    connection.close()
    with embedded.admin_connection(connection.settings_dict["NAME"]) as killer:
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            time.sleep(0.15)
            kill_somebody(killer)
    for writer in writers:
        writer.join()

    assert [error for writer in writers for error in writer.errors] == []
    told = {one for writer in writers for one in writer.booked}
    assert told <= {
        one for (one,) in rows("SELECT id FROM ledger_entry")
    }  # who was told is booked, is booked
    assert len(told) > WRITERS
    check_invariants()


def test_callers_share_batches(books: None) -> None:
    """64 个调用者同时记账，合并提交，各自得到结果。"""
    answers: list[int | str] = []

    def call(number: int) -> None:
        try:
            answers.append(
                collector.post(
                    entry=move(f"free/{number % 4 + 1} > paid", 6_000), actor_id=100 + number, at=AT
                )
            )
        except LedgerRefusal as refusal:
            answers.append(refusal.error_code)

    with Collector(wait_seconds=0.02) as collector:
        callers = [threading.Thread(target=call, args=(number,)) for number in range(64)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    assert answers.count("ledger.floor") == 64 - 4 * SUPPLY_FEN // 6_000
    booked = {answer for answer in answers if isinstance(answer, int)}
    assert booked == {one for (one,) in rows("SELECT id FROM ledger_entry WHERE actor_id >= 100")}
    assert collector.batch_count < 64
    assert value("SELECT count(DISTINCT actor_id) FROM ledger_entry") == len(booked) + 1
    check_invariants()


def test_one_bad_caller_does_not_spoil_the_batch(books: None) -> None:
    answers: dict[str, object] = {}

    def call(route: str) -> None:
        try:
            answers[route] = collector.post(entry=move(route, 1), actor_id=1, at=AT + timedelta(seconds=1))
        except UnknownSubject as error:
            answers[route] = error

    with Collector(wait_seconds=0.05) as collector:
        callers = [
            threading.Thread(target=call, args=(route,)) for route in ("free > paid", "free > nowhere")
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    assert isinstance(answers["free > paid"], int)
    assert isinstance(answers["free > nowhere"], UnknownSubject)
    with pytest.raises(RuntimeError, match="closed"):
        collector.post(entry=move("free > paid", 1), actor_id=1, at=AT)


def test_closing_waits_for_postings_under_way(books: None) -> None:
    """结账等待正在进行的记账；结账之后的记账被拒绝。"""
    order: list[str] = []
    booked = threading.Event()

    def write() -> None:
        with transaction.atomic():
            ledger.post(entry=move("free > paid", 1, on=MAY.replace(month=1)), actor_id=ACTOR, at=AT)
            booked.set()
            time.sleep(0.3)
            order.append("booked")
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    booked.wait(5)
    periods.close_period(fiscal_year=2023, period=202301, actor_id=ACTOR, at=AT)
    order.append("closed")
    writer.join()

    assert order == ["booked", "closed"]
    outcome = ledger.post_many(
        entries=[move("free > paid", 1, on=MAY.replace(month=1)), move("free > paid", 1)],
        actor_id=ACTOR,
        at=AT,
    )
    assert [one.code for one in outcome.refusals] == ["period_closed"]


def test_two_make_the_same_accounts(books: None) -> None:
    """两人同时建立同样的账户，得到同一个账户。"""
    found: list[int] = []
    barrier = threading.Barrier(4)

    def make() -> None:
        barrier.wait(5)
        with transaction.atomic():
            found.append(ledger.ensure_accounts([account("paid/77"), account("free/77")])[account("free/77")])
        connection.close()

    makers = [threading.Thread(target=make) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert len(found) == 4
    assert len(set(found)) == 1
