"""Vouchers as they are shown: an entry with its lines, found by id, number or document; and who holds an account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from fisc.kernel.ledger.accounts import VIEWS, view_from_row, views_by_id
from fisc.kernel.ledger.keys import AccountKey
from fisc.kernel.ledger.outcomes import AccountView


@dataclass(frozen=True, kw_only=True, slots=True)
class VoucherLine:
    """One transfer of a voucher; in red (a reversal) its sides are those of the line it takes back, negative."""

    line_no: int
    debit: AccountView
    credit: AccountView
    amount_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Voucher:
    """An entry with its lines. `reversed_by_id`: the entry that reverses it, if one does."""

    entry_id: int
    voucher_no: int
    fiscal_year: int
    kind: str
    memo: str
    document_id: int | None
    effective_on: date
    recorded_at: datetime
    actor_id: int
    reverses_id: int | None
    reversed_by_id: int | None
    lines: tuple[VoucherLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """An open hold on an account: whose document it is and what it reserves there, in 分."""

    hold_id: int
    document_id: int | None
    kind: str
    memo: str
    amount_fen: int
    held_on: date
    expires_on: date | None
    actor_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Where an account's money is: what it has, who holds it, and the accounts beside it.

    `siblings`: the accounts of the same book and allotment under other subjects (paid, frozen, planned …).
    """

    account: AccountView
    holders: tuple[Holder, ...]
    siblings: tuple[AccountView, ...]


def vouchers_of_documents(document_ids: Iterable[int]) -> list[Voucher]:
    """Return the vouchers of the documents, by id."""
    return _vouchers("entry.document_id = ANY (%s::bigint[])", [list(document_ids)])


def vouchers_by_id(entry_ids: Iterable[int]) -> list[Voucher]:
    """Return the vouchers with the given entry ids, by id."""
    return _vouchers("entry.id = ANY (%s::bigint[])", [list(entry_ids)])


def voucher_by_number(*, fiscal_year: int, voucher_no: int) -> Voucher | None:
    """Return the voucher with a number of a year, if there is one."""
    found = _vouchers("entry.fiscal_year = %s AND entry.voucher_no = %s", [fiscal_year, voucher_no])
    return found[0] if found else None


def vouchers_of_year(
    fiscal_year: int, *, period: int | None = None, after_no: int = 0, limit: int = 50
) -> list[Voucher]:
    """Return one page of a year's (or a period's, yyyymm) vouchers, by number, after the given number."""
    in_period = "" if period is None else "AND entry.effective_on >= %s AND entry.effective_on < %s"
    bounds = [] if period is None else list(_month(period))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_entry AS entry WHERE fiscal_year = %s AND voucher_no > %s "
            f"{in_period} ORDER BY voucher_no LIMIT %s",
            [fiscal_year, after_no, *bounds, limit],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return vouchers_by_id(ids)


def _month(period: int) -> tuple[date, date]:
    year, month = divmod(period, 100)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def _vouchers(condition: str, parameters: Sequence[Any]) -> list[Voucher]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT entry.id, entry.voucher_no, entry.fiscal_year, entry.kind, entry.memo, entry.document_id,
                entry.effective_on, entry.recorded_at, entry.actor_id, entry.reverses_id, reversal.id,
                array_agg(ARRAY[transfer.line_no, transfer.debit_account_id, transfer.credit_account_id,
                                transfer.amount_fen] ORDER BY transfer.line_no)
            FROM ledger_entry AS entry
            JOIN ledger_lines_of(ARRAY(SELECT entry.id FROM ledger_entry AS entry WHERE {condition})) AS transfer
                ON transfer.entry_id = entry.id
            LEFT JOIN ledger_entry AS reversal ON reversal.reverses_id = entry.id
            GROUP BY entry.id, reversal.id
            ORDER BY entry.id
            """,
            parameters,
        )
        rows = cursor.fetchall()
    views = views_by_id({account for *_, lines in rows for line in lines for account in line[1:3]})
    return [_voucher(row, views) for row in rows]


def _voucher(row: Sequence[Any], views: dict[int, AccountView]) -> Voucher:
    names = (
        "entry_id", "voucher_no", "fiscal_year", "kind", "memo", "document_id", "effective_on", "recorded_at",
        "actor_id", "reverses_id", "reversed_by_id",
    )  # fmt: skip
    facts = dict(zip(names, row, strict=False))
    is_red = facts["reverses_id"] is not None
    lines = [
        VoucherLine(
            line_no=line_no,
            debit=views[credit if is_red else debit],
            credit=views[debit if is_red else credit],
            amount_fen=-amount if is_red else amount,
        )
        for line_no, debit, credit, amount in row[-1]
    ]
    return Voucher(**facts, lines=tuple(lines))


def explain(key: AccountKey) -> Explanation | None:
    """This function will say where an account's money is; None if there is no such account."""
    with connection.cursor() as cursor:
        cursor.execute(VIEWS + "WHERE account.key = %s", [key.text])
        row = cursor.fetchone()
        if row is None:
            return None
        account = view_from_row(row)
        cursor.execute(
            """
            SELECT hold.id, hold.document_id, hold.kind, hold.memo, sum(line.open_fen)::bigint, hold.held_on,
                hold.expires_on, hold.actor_id
            FROM ledger_hold_line AS line
            JOIN ledger_hold AS hold ON hold.id = line.hold_id
            WHERE line.credit_account_id = %s AND line.open_fen > 0
            GROUP BY hold.id
            ORDER BY hold.id
            """,
            [account.id],
        )
        names = ("hold_id", "document_id", "kind", "memo", "amount_fen", "held_on", "expires_on", "actor_id")
        holders = tuple(Holder(**dict(zip(names, row, strict=True))) for row in cursor.fetchall())
        cursor.execute(
            VIEWS + "WHERE account.book = %s AND account.allotment_id = %s AND account.id <> %s "
            "ORDER BY account.subject, account.id",
            [key.book, key.allotment_id, account.id],
        )
        siblings = tuple(view_from_row(row) for row in cursor.fetchall())
    return Explanation(account=account, holders=holders, siblings=siblings)
