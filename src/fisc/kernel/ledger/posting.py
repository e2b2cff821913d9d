"""The doors through which money moves. Each is one call of the database's function of the same name.

All work in batches, decided as if one element came after the other (docs/adr/ledger-batches.md).
They run in the caller's transaction; outside of one, each call is a transaction of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection

from fisc.kernel.ledger import arrays
from fisc.kernel.ledger.accounts import ensure_accounts, views_by_id
from fisc.kernel.ledger.database import call
from fisc.kernel.ledger.keys import AccountKey, Entry, Line, Settle, keys_of
from fisc.kernel.ledger.outcomes import HoldOutcome, LedgerRefusal, Outcome, Refused, VoidOutcome

T = TypeVar("T")

PORTION = 20_000  # see ledger_transfer in sql/tables.sql
POST = """
    SELECT entry_ids, to_jsonb(refusals) FROM ledger_post(
        %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
HOLD = """
    SELECT hold_ids, to_jsonb(refusals) FROM ledger_hold(
        %s::bigint, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
SETTLE = """
    SELECT entry_ids, to_jsonb(refusals) FROM ledger_settle(
        %s::bigint, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
RELEASE = "SELECT %s, to_jsonb(ledger_release(%s::bigint, %s, %s, %s, %s))"
REVERSE = """
    SELECT entry_ids, to_jsonb(refusals) FROM ledger_reverse(%s::bigint, %s, %s, %s::integer, %s, %s)
"""


def post_many(*, entries: Sequence[Entry], actor_id: int, at: datetime) -> Outcome:
    """This function will book the entries, each whole or not at all, and say for each refused one why.

    :param at: when it is recorded (which period it counts in says each entry's `effective_on`).
    :raises UnknownSubject: if an account's subject is not in its chart.
    """
    if not entries:
        return Outcome(entry_ids=[])
    ids = ensure_accounts(keys_of(line for entry in entries for line in entry.lines))
    return post_with_ids(entries=entries, ids=ids, actor_ids=[actor_id] * len(entries), at=at)


def post_with_ids(
    *, entries: Sequence[Entry], ids: Mapping[AccountKey, int], actor_ids: Sequence[int], at: datetime
) -> Outcome:
    """This function will do the same for a caller who knows the ids of all accounts; each entry has its actor."""
    entry_ids, refusals = call_door(POST, [
        at,
        arrays.bigints(actor_ids),
        arrays.texts(entry.kind for entry in entries),
        arrays.bigints(entry.document_id or 0 for entry in entries),
        arrays.integers(entry.booked_year for entry in entries),
        arrays.dates(entry.effective_on for entry in entries),
        arrays.texts(entry.memo for entry in entries),
        arrays.bigints([0] * len(entries)),
        *_line_columns([entry.lines for entry in entries], ids),
        arrays.bigints([0] * sum(len(entry.lines) for entry in entries)),
    ])  # fmt: skip
    return Outcome(entry_ids=entry_ids, refusals=refusals)


def post(*, entry: Entry, actor_id: int, at: datetime) -> int:
    """This function will book one entry and return its id.

    :raises LedgerRefusal: if it is refused.
    """
    outcome = post_many(entries=[entry], actor_id=actor_id, at=at)
    return _only(outcome.entry_ids, outcome.refusals)


def hold_many(
    *, entries: Sequence[Entry], actor_id: int, at: datetime, expires_on: date | None = None
) -> HoldOutcome:
    """This function will reserve the entries' lines on their credit accounts, each entry whole or not at all.

    :param expires_on: the last day on which the holds hold, if they are not to hold for ever.
    """
    if not entries:
        return HoldOutcome(hold_ids=[])
    ids = ensure_accounts(keys_of(line for entry in entries for line in entry.lines))
    hold_ids, refusals = call_door(HOLD, [
        actor_id, at, expires_on,
        arrays.texts(entry.kind for entry in entries),
        arrays.bigints(entry.document_id or 0 for entry in entries),
        arrays.dates(entry.effective_on for entry in entries),
        arrays.texts(entry.memo for entry in entries),
        *_line_columns([entry.lines for entry in entries], ids),
    ])  # fmt: skip
    return HoldOutcome(hold_ids=hold_ids, refusals=refusals)


def hold(*, entry: Entry, actor_id: int, at: datetime, expires_on: date | None = None) -> int:
    """This function will reserve one entry's lines and return the hold's id.

    :raises LedgerRefusal: if it is refused.
    """
    outcome = hold_many(entries=[entry], actor_id=actor_id, at=at, expires_on=expires_on)
    return _only(outcome.hold_ids, outcome.refusals)


def settle_many(*, holds: Sequence[Settle], actor_id: int, at: datetime) -> Outcome:
    """This function will book the holds, whole or in part, and release what is not booked. Once per hold.

    :raises ValueError: if a hold has another number of lines than amounts are given for it.
    """
    entry_ids, refusals = _in_runs(
        holds, lambda settle: settle.hold_id, lambda run: _settle_run(run, actor_id=actor_id, at=at)
    )
    return Outcome(entry_ids=entry_ids, refusals=refusals)


def _settle_run(
    holds: Sequence[Settle], *, actor_id: int, at: datetime
) -> tuple[list[int | None], list[Refused]]:
    _check_amounts(holds)
    extra = keys_of(line for settle in holds for line in settle.extra)
    ids = ensure_accounts(extra) if extra else {}
    parts = [
        (no, line_no, amount)
        for no, settle in enumerate(holds, 1)
        for line_no, amount in enumerate(settle.amounts_fen or (), 1)
    ]
    return call_door(SETTLE, [
        actor_id, at,
        arrays.bigints(settle.hold_id for settle in holds),
        arrays.texts(settle.kind for settle in holds),
        arrays.integers(settle.booked_year for settle in holds),
        arrays.dates(settle.effective_on for settle in holds),
        arrays.texts(settle.memo for settle in holds),
        arrays.integers(no for no, _, _ in parts),
        arrays.integers(line_no for _, line_no, _ in parts),
        arrays.bigints(amount for _, _, amount in parts),
        *_line_columns([settle.extra for settle in holds], ids),
    ])  # fmt: skip


def _check_amounts(holds: Sequence[Settle]) -> None:
    given = {settle.hold_id: len(settle.amounts_fen) for settle in holds if settle.amounts_fen is not None}
    if not given:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hold_id, count(*) FROM ledger_hold_line WHERE hold_id = ANY (%s::bigint[]) GROUP BY hold_id",
            [list(given)],
        )
        for hold_id, count in cursor.fetchall():
            if given[hold_id] != count:
                raise ValueError(f"hold {hold_id} has {count} lines, not {given[hold_id]}")


def void_many(*, hold_ids: Sequence[int], actor_id: int, at: datetime, reason: str) -> VoidOutcome:
    """This function will give back what the holds reserve. Once per hold."""
    return _release(hold_ids, actor_id=actor_id, at=at, state="voided", reason=reason)


def expire_due(*, on: date, actor_id: int, at: datetime) -> int:
    """This function will give back all holds whose last day is before `on`, and return how many they were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_hold WHERE state = 'held' AND expires_on < %s ORDER BY id", [on]
        )
        due = [row[0] for row in cursor.fetchall()]
    outcome = _release(due, actor_id=actor_id, at=at, state="expired", reason="到期自动释放")
    return len(due) - len(outcome.refusals)


def _release(hold_ids: Sequence[int], *, actor_id: int, at: datetime, state: str, reason: str) -> VoidOutcome:
    def run(part: Sequence[int]) -> tuple[list[int | None], list[Refused]]:
        wanted = arrays.bigints(part)
        released, refusals = call_door(RELEASE, [wanted, actor_id, at, wanted, state, reason])
        refused = {refusal.index for refusal in refusals}
        return [None if index in refused else hold_id for index, hold_id in enumerate(released)], refusals

    released, refusals = _in_runs(hold_ids, lambda hold_id: hold_id, run)
    return VoidOutcome(hold_ids=released, refusals=refusals)


def reverse_many(
    *, entry_ids: Sequence[int], effective_on: date, actor_id: int, at: datetime, memo: str
) -> Outcome:
    """This function will reverse entries in red, dated on the day it is made (红字冲销). Once per entry."""

    def run(part: Sequence[int]) -> tuple[list[int | None], list[Refused]]:
        return call_door(REVERSE, [actor_id, at, arrays.bigints(part), effective_on.year, effective_on, memo])

    reversed_ids, refusals = _in_runs(entry_ids, lambda entry_id: entry_id, run)
    return Outcome(entry_ids=reversed_ids, refusals=refusals)


def _line_columns(lines: Iterable[Sequence[Line]], ids: Mapping[AccountKey, int]) -> list[bytes]:
    """Return the columns entry_no, line_no, debit, credit, amount of the lines, sorted by account in portions."""
    groups = [
        [
            (no, line_no, ids[line.debit], ids[line.credit], line.amount_fen)
            for line_no, line in enumerate(group, 1)
        ]
        for no, group in enumerate(lines, 1)
    ]
    rows = [
        row
        for start in range(0, len(groups), PORTION)
        for group in sorted(groups[start : start + PORTION], key=lambda group: [row[3] for row in group[:1]])
        for row in group
    ]
    return [
        arrays.integers(row[0] for row in rows),
        arrays.integers(row[1] for row in rows),
        arrays.bigints(row[2] for row in rows),
        arrays.bigints(row[3] for row in rows),
        arrays.bigints(row[4] for row in rows),
    ]


def _in_runs(
    elements: Sequence[T],
    identity: Callable[[T], int],
    run: Callable[[Sequence[T]], tuple[list[int | None], list[Refused]]],
) -> tuple[list[int | None], list[Refused]]:
    """Do a batch in runs in which nothing occurs twice: a second time is decided after the first is done."""
    ids: list[int | None] = []
    refusals: list[Refused] = []
    for part in _runs(elements, identity):
        part_ids, part_refusals = run(part)
        refusals += [replace(refusal, index=refusal.index + len(ids)) for refusal in part_refusals]
        ids += part_ids
    return ids, refusals


def _runs(elements: Sequence[T], identity: Callable[[T], int]) -> list[list[T]]:
    runs: list[list[T]] = []
    seen: set[int] = set()
    for element in elements:
        if not runs or identity(element) in seen:
            runs.append([])
            seen = set()
        runs[-1].append(element)
        seen.add(identity(element))
    return runs


def call_door(statement: str, parameters: list[Any]) -> tuple[list[int | None], list[Refused]]:
    """Call a function of the ledger; returns ids (None: refused) and refusals, ordered by index."""
    ids, refusals = call(statement, parameters)
    return [number or None for number in ids], _refused(refusals)


def _refused(rows: list[dict[str, Any]]) -> list[Refused]:
    if not rows:
        return []
    views = views_by_id({row["account_id"] for row in rows if row["account_id"]})
    return [
        Refused(
            index=row["entry_no"] - 1,
            code=row["code"],
            account=views.get(row["account_id"]),
            available_fen=row["available_fen"],
            required_fen=row["required_fen"],
        )
        for row in sorted(rows, key=lambda row: row["entry_no"])
    ]


def _only(ids: list[int | None], refusals: list[Refused]) -> int:
    if refusals:
        raise LedgerRefusal(refusals[0])
    (number,) = ids
    assert number is not None, "neither booked nor refused"
    return number
