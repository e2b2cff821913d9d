"""`fisc verify` and `fisc rebuild`: what somebody did behind the ledger's back is found and mended."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from fisc.kernel import ledger
from fisc.kernel.events import seals
from fisc.kernel.ledger import commands
from fisc.kernel.ledger.tests.books import ACTOR, AT, MAY, move, value


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "seals.log"


@pytest.fixture
def sealed(
    committed_books: None, superuser: psycopg.Connection[Any], log: Path, monkeypatch: pytest.MonkeyPatch
) -> psycopg.Connection[Any]:
    """Some vouchers, a reversal and a hold, sealed; the superuser who may do what he likes."""
    ids = ledger.post_many(
        entries=[move("source > free", 100), *[move("free > paid", 1) for _ in range(40)]],
        actor_id=ACTOR,
        at=AT,
    ).entry_ids
    ledger.reverse_many(entry_ids=ids[3:4], effective_on=MAY, actor_id=ACTOR, at=AT, memo="红字冲销")
    ledger.hold(entry=move("free > paid", 10), actor_id=ACTOR, at=AT)
    # all that this test has written; the real horizon also waits for whoever else writes in the same cluster
    own = "SELECT pg_current_xact_id()::text::bigint + xact_offset FROM events_origin"
    monkeypatch.setattr(seals, "HORIZON", own)
    commands.seal_new_rows(at=AT, log=log)
    return superuser


def broken(log: Path) -> tuple[set[tuple[str, int | None]], set[str]]:
    """What verifying finds: violations of the seals, and the codes of broken invariants."""
    found = commands.verify(log=log)
    assert found.ok == (not found.violations and not found.broken)
    assert "".join(found.lines())
    return {(one.kind, one.key) for one in found.violations}, {one.invariant.code for one in found.broken}


def entry_id(place: int) -> int:
    return int(value("SELECT id FROM ledger_entry ORDER BY id OFFSET %s LIMIT 1", place))


def test_all_is_well(sealed: object, log: Path) -> None:
    assert broken(log) == (set(), set())
    assert seals.seals()[0].row_count == 42


def test_a_changed_amount(sealed: psycopg.Connection[Any], log: Path) -> None:
    key = entry_id(5)
    sealed.execute("UPDATE ledger_transfer SET amount_fen = 2 WHERE entry_id = %s", [key])

    assert broken(log) == ({("changed", key)}, {"ledger.turnovers_match_transfers"})


def test_a_changed_amount_with_everything_made_to_fit(sealed: psycopg.Connection[Any], log: Path) -> None:
    """连同余额、发生额一起改，恒等关系都成立，仍被封存发现。"""
    key = entry_id(5)
    sealed.execute("UPDATE ledger_transfer SET amount_fen = 2 WHERE entry_id = %s", [key])
    for account, sign in (("free", -1), ("paid", 1)):
        sealed.execute(
            "UPDATE ledger_balance SET posted_fen = posted_fen + %s FROM ledger_account WHERE id = account_id "
            "AND subject = %s", [sign, account],
        )  # fmt: skip
    sealed.execute(
        "UPDATE ledger_turnover SET debit_fen = debit_fen + (subject = 'paid')::int, "
        "credit_fen = credit_fen + (subject = 'free')::int FROM ledger_account WHERE id = account_id "
        "AND period = 202305 AND subject IN ('paid', 'free')"
    )

    assert broken(log) == ({("changed", key)}, set())


def test_a_removed_voucher(sealed: psycopg.Connection[Any], log: Path) -> None:
    key = entry_id(5)
    sealed.execute("DELETE FROM ledger_transfer WHERE entry_id = %s", [key])
    sealed.execute("DELETE FROM ledger_entry WHERE id = %s", [key])

    violations, codes = broken(log)

    assert violations == {("missing", key)}
    assert {"ledger.vouchers_have_no_gaps", "ledger.turnovers_match_transfers"} <= codes


def test_an_added_line(sealed: psycopg.Connection[Any], log: Path) -> None:
    key = entry_id(5)
    sealed.execute(
        "INSERT INTO ledger_transfer SELECT (transfer).* FROM (SELECT transfer FROM ledger_transfer AS transfer "
        "WHERE entry_id = %s) AS twice", [key],
    )  # fmt: skip

    violations, codes = broken(log)

    assert violations == {("changed", key)}
    assert "ledger.lines_are_unique" in codes


def test_a_forged_voucher(sealed: psycopg.Connection[Any], log: Path) -> None:
    sealed.execute(
        "INSERT INTO ledger_entry (id, document_id, voucher_no, actor_id, recorded_at, xact_id, effective_on, "
        "fiscal_year, kind, memo) SELECT 9999999, 1, 43, 7, recorded_at, xact_id, effective_on, fiscal_year, kind, '' "
        "FROM ledger_entry ORDER BY id LIMIT 1"
    )

    violations, codes = broken(log)

    assert violations == {("added", 9999999)}
    assert {"ledger.entries_have_transfers", "ledger.vouchers_have_no_gaps"} <= codes


def test_a_changed_balance(sealed: psycopg.Connection[Any], log: Path) -> None:
    sealed.execute("UPDATE ledger_balance SET posted_fen = posted_fen + 1 WHERE floor_fen = 0")

    assert broken(log) == (set(), {"ledger.balances_sum_to_zero", "ledger.turnovers_match_transfers"})


def test_a_changed_hold(sealed: psycopg.Connection[Any], log: Path) -> None:
    sealed.execute("UPDATE ledger_hold_line SET open_fen = 0")

    assert broken(log) == (set(), {"ledger.holds_match_balances"})


def test_a_changed_date(sealed: psycopg.Connection[Any], log: Path) -> None:
    key = entry_id(5)
    sealed.execute("UPDATE ledger_transfer SET effective_on = '2023-06-01' WHERE entry_id = %s", [key])

    violations, codes = broken(log)

    assert violations == {("changed", key)}
    assert "ledger.periods_match_dates" in codes


def test_a_reversal_that_does_not_mirror(sealed: psycopg.Connection[Any], log: Path) -> None:
    sealed.execute("UPDATE ledger_transfer SET amount_fen = 3 WHERE is_reversal")

    assert "ledger.reversals_mirror" in broken(log)[1]


def test_rebuild_mends_turnovers(sealed: psycopg.Connection[Any], log: Path) -> None:
    """发生额损坏后，可由分录重算。"""
    sealed.execute("UPDATE ledger_turnover SET debit_fen = 5 WHERE debit_fen > 90")
    sealed.execute("INSERT INTO ledger_turnover SELECT account_id, 199901, 1, 1 FROM ledger_turnover LIMIT 1")
    assert broken(log)[1] == {"ledger.turnovers_match_transfers"}

    rebuilt = commands.rebuild_turnovers()

    assert rebuilt.changed_count == 2
    assert "2" in "".join(rebuilt.lines())
    assert broken(log) == (set(), set())
