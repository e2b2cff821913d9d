"""Accounts: found or made by their keys, with what they hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput
from fisc.kernel import lean
from fisc.kernel.ledger.keys import DIMENSIONS, AccountKey
from fisc.kernel.ledger.outcomes import AccountView

FIND = "SELECT key, id FROM ledger_account WHERE key = ANY (%s::text[])"
CREATE = "SELECT ledger_create_accounts(%s::jsonb)"
SET_FLOORS = "SELECT ledger_set_floors(%s::bigint[], %s::bigint[])"
ACCOUNT_COLUMNS = ", ".join(f"account.{name}" for name in ("book", "subject", *DIMENSIONS))
VIEWS = f"""
    SELECT account.id, subject.name, posted_fen, held_fen, floor_fen, {ACCOUNT_COLUMNS}
    FROM ledger_account AS account
    JOIN ledger_subject AS subject ON subject.book = account.book AND subject.code = account.subject
    JOIN ledger_balance AS balance ON balance.account_id = account.id
"""


class UnknownSubject(BadInput):
    """科目“{subject}”不在科目表中，或者不是末级科目，不能记账。"""

    code = "ledger.unknown_subject"


class FloorTooHigh(BadInput):
    """账户现有余额低于要设定的下限，不能设定。"""

    code = "ledger.floor_too_high"


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """What an account holds, in 分. `posted_fen`: debits − credits; `available_fen`: posted − held − floor."""

    posted_fen: int = 0
    held_fen: int = 0
    available_fen: int = 0


def ensure_accounts(
    keys: Iterable[AccountKey], floors: Mapping[AccountKey, int | None] | None = None
) -> dict[AccountKey, int]:
    """This function will return the ids of all the accounts, and make those that are missing.

    :param floors: the floors, in 分 (None: no floor), of accounts made now that differ from their subject's.
        The floor of an account that exists already is left as it is: see `set_floors`.
    :raises UnknownSubject: if a subject is not in its book's chart, or has subjects below it.
    """
    texts = {key: key.text for key in keys}
    ids = _find(texts.values())
    missing = [key for key, text in texts.items() if text not in ids]
    if missing:
        _create(missing, floors or {})
        ids |= _find([texts[key] for key in missing])
    return {key: ids[text] for key, text in texts.items()}


def existing_accounts(keys: Iterable[AccountKey]) -> lean.Statement:
    """The statement that asks which of these accounts exist (rows: key text, id), to be sent along with others."""
    return FIND, (sorted(key.text for key in keys),)


def _find(texts: Iterable[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(FIND, [list(texts)])
        return dict(cursor.fetchall())


def _create(keys: Sequence[AccountKey], floors: Mapping[AccountKey, int | None]) -> None:
    wanted = [
        key.columns() | {"key": key.text, "has_floor": key in floors, "floor_fen": floors.get(key)}
        for key in keys
    ]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CREATE, [json.dumps(wanted)])
    except IntegrityError as error:
        diagnosis = error.__cause__.diag  # type: ignore[union-attr]
        if diagnosis.constraint_name == "ledger_account_subject":
            raise UnknownSubject(subject=diagnosis.message_detail) from error
        raise


def set_floors(floors: Mapping[AccountKey, int | None]) -> None:
    """This function will set the floors, in 分, of accounts, which are made if missing. None: no floor.

    :raises FloorTooHigh: if an account already holds less than its new floor.
    """
    ids = ensure_accounts(floors, floors)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SET_FLOORS, [[ids[key] for key in floors], list(floors.values())])
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name == "ledger_balance_floor":  # type: ignore[union-attr]
            raise FloorTooHigh from error
        raise


def views_by_id(account_ids: Iterable[int]) -> dict[int, AccountView]:
    """Return the accounts with the given ids."""
    with connection.cursor() as cursor:
        cursor.execute(VIEWS + "WHERE account.id = ANY (%s::bigint[])", [list(account_ids)])
        views = [view_from_row(row) for row in cursor.fetchall()]
    return {view.id: view for view in views}


def view_from_row(row: Sequence[Any]) -> AccountView:
    """Return an account from a row of the query `VIEWS`."""
    account_id, name, posted, held, floor, book, subject, *dimensions = row
    key = AccountKey(book=book, subject=subject, **dict(zip(DIMENSIONS, dimensions, strict=True)))
    return AccountView(
        id=account_id, key=key, subject_name=name, posted_fen=posted, held_fen=held, floor_fen=floor
    )


def balance(keys: Iterable[AccountKey]) -> dict[AccountKey, Balance]:
    """Return what each account holds; an account that does not exist holds nothing."""
    texts = {key.text: key for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, posted_fen, held_fen, posted_fen - held_fen - coalesce(floor_fen, 0) "
            "FROM ledger_account JOIN ledger_balance ON account_id = id WHERE key = ANY (%s::text[])",
            [list(texts)],
        )
        found = {
            texts[text]: Balance(posted_fen=posted, held_fen=held, available_fen=available)
            for text, posted, held, available in cursor.fetchall()
        }
    return {key: found.get(key, Balance()) for key in texts.values()}
