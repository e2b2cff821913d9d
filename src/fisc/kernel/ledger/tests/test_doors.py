"""One door: nobody writes into the ledger's tables but its functions, and what is booked stays as it is."""

import psycopg
import pytest
from django.db import Error, IntegrityError, connection, transaction

from fisc.kernel import ledger
from fisc.kernel.ledger.tests.books import ACTOR, AT, move, rows

pytestmark = pytest.mark.usefixtures("books")

SIDE_DOORS = [
    "INSERT INTO ledger_entry (voucher_no, actor_id, recorded_at, xact_id, effective_on, fiscal_year, kind, memo) "
    "VALUES (99, 1, now(), 1, '2023-05-05', 2023, 'forged', '')",
    "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer",
    "INSERT INTO ledger_transfer_2023 SELECT * FROM ledger_transfer_2023",
    "UPDATE ledger_balance SET posted_fen = posted_fen + 1",
    "UPDATE ledger_balance SET floor_fen = NULL",
    "DELETE FROM ledger_turnover",
    "TRUNCATE ledger_turnover",
    "UPDATE ledger_hold SET state = 'held'",
    "UPDATE ledger_year SET next_voucher_no = 1",
    "UPDATE ledger_period SET state = 'open', closed_at = NULL, closed_by = NULL",
    "INSERT INTO ledger_account (book, subject) VALUES ('test', 'free')",
]
CHANGES = [
    f"{action} {table}{rest}"
    for table in ("ledger_entry", "ledger_transfer", "ledger_transfer_2023")
    for action, rest in (("DELETE FROM", ""), ("TRUNCATE", ""), ("UPDATE", " SET recorded_at = now()"))
]


@pytest.fixture(autouse=True)
def _booked(books: None) -> None:
    ledger.post_many(entries=[move("source > free", 100), move("free > paid", 30)], actor_id=ACTOR, at=AT)


@pytest.mark.parametrize("statement", SIDE_DOORS)
def test_no_side_door(statement: str) -> None:
    """账务表只能由账务函数写入，表的所有者也不例外。"""
    with pytest.raises(IntegrityError, match="only the functions of the ledger"), transaction.atomic():
        run(statement)


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("door", ["shut", "open"])
def test_what_is_booked_stays(statement: str, door: str) -> None:
    """已记账的凭证不得修改、删除，即使在账务函数之内。"""
    with pytest.raises(IntegrityError, match="never changed, only reversed"), transaction.atomic():
        if door == "open":
            run("SELECT ledger_door_open()")
        run(statement)


def test_the_floor_is_held_by_postgresql() -> None:
    """即使账务函数判断有误，PostgreSQL 也拒绝透支。"""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        run("SELECT ledger_door_open()")
        run("UPDATE ledger_balance SET posted_fen = -1 WHERE floor_fen = 0")

    assert isinstance(refusal.value.__cause__, psycopg.errors.CheckViolation)
    assert refusal.value.__cause__.diag.constraint_name == "ledger_balance_floor"


def test_the_door_is_shut_again_after_an_error() -> None:
    with pytest.raises(Error), transaction.atomic():
        run("SELECT ledger_door_open()")
        run("SELECT 1 / 0")

    with pytest.raises(IntegrityError), transaction.atomic():
        run("UPDATE ledger_balance SET posted_fen = posted_fen + 1")


def test_accounts_of_two_books_are_refused_by_the_database() -> None:
    ledger.ensure_accounts([move("pool > plan", 1).lines[0].credit])
    with pytest.raises(IntegrityError, match="not two accounts of one book"), transaction.atomic():
        run(
            "SELECT ledger_decide('{1}', ARRAY[(SELECT min(id) FROM ledger_account WHERE book = 'test')], "
            "ARRAY[(SELECT min(id) FROM ledger_account WHERE book = 'other')], '{1}', '{0}')"
        )


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_keys_of_database_and_program_are_the_same() -> None:
    key = ledger.AccountKey(
        book="test", subject="free", fiscal_year=2023, unit_id=1, project_id=2, fund="general", function_code="2050201",
        economic_code="30101", revenue_code="1010101", allotment_id=3, counterparty="某公司|分公司", flags=ledger.Flag(5),
    )  # fmt: skip

    (account_id,) = ledger.ensure_accounts([key]).values()

    assert rows("SELECT key FROM ledger_account WHERE id = %s", account_id) == [(key.text,)]
    assert ledger.Flag(5).labels == ["三保", "债券"]
