"""Reading the books: sums of many selections in few queries, balances, and the transfers behind every figure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import connection

from fisc.kernel.ledger.accounts import ACCOUNT_COLUMNS, Balance
from fisc.kernel.ledger.keys import DIMENSIONS, AccountKey
from fisc.kernel.ledger.selections import SIDES, Selection, group_expression, group_value

SELECTIONS_PER_QUERY = 60
FIRST_PERIOD, LAST_PERIOD = 0, 999_999

# One row: one side of one transfer, signed as it counts: a reversal counts negative on the side it takes back.
POSTINGS = """
    SELECT debit_account_id AS account_id, credit_account_id AS other_id, period, effective_on, recorded_at,
        fiscal_year, entry_id, line_no,
        CASE WHEN is_reversal THEN 0 ELSE amount_fen END AS debit_fen,
        CASE WHEN is_reversal THEN -amount_fen ELSE 0 END AS credit_fen
    FROM ledger_transfer
    UNION ALL
    SELECT credit_account_id, debit_account_id, period, effective_on, recorded_at, fiscal_year, entry_id, line_no,
        CASE WHEN is_reversal THEN -amount_fen ELSE 0 END,
        CASE WHEN is_reversal THEN 0 ELSE amount_fen END
    FROM ledger_transfer
"""

Request = tuple[Selection, int | None, int | None]
Group = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """One side of one transfer. `amount_fen` is signed by the selection's side: the sum of all is the figure."""

    entry_id: int
    line_no: int
    fiscal_year: int
    voucher_no: int
    kind: str
    memo: str
    document_id: int | None
    effective_on: date
    recorded_at: datetime
    reverses_id: int | None
    amount_fen: int
    account_id: int
    account: AccountKey
    other_account_id: int

    @property
    def cursor(self) -> tuple[date, int, int, int]:
        """Where the next page goes on."""
        return self.effective_on, self.entry_id, self.line_no, self.account_id


def sums(
    requests: Sequence[Request], *, as_known_on: datetime | None = None, group_by: Sequence[str] = ()
) -> list[dict[Group, int]]:
    """This function will sum many selections, each over its periods (yyyymm, both included), in few queries.

    :param requests: (selection, first period or None for the beginning, last period or None for the end).
    :param as_known_on: only what was recorded by that moment; reads the transfers instead of the turnovers.
    :param group_by: account columns, or their first n characters as `function_code:3`; also `period`.
    :returns: per request the sums in 分 by group; without grouping the group is (). No data: no group.
    """
    ranges: dict[Selection, list[tuple[int, int]]] = defaultdict(list)
    for selection, first, last in requests:
        ranges[selection].append((first or FIRST_PERIOD, last or LAST_PERIOD))
    by_selection = _turnovers_by_period(ranges, as_known_on, group_by)
    return [
        _sum_up(by_selection[selection], first or FIRST_PERIOD, last or LAST_PERIOD, "period" in group_by)
        for selection, first, last in requests
    ]


def is_recorded_after(moment: datetime) -> bool:
    """Whether anything was recorded later; if not, "as known on" that moment is what the turnovers say now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_entry WHERE recorded_at > %s)", [moment])
        return bool(cursor.fetchone()[0])


def _sum_up(
    rows: Iterable[tuple[int, Group, int]], first: int, last: int, by_period: bool
) -> dict[Group, int]:
    total: dict[Group, int] = defaultdict(int)
    for period, group, amount in rows:
        if first <= period <= last:
            total[(*group, period) if by_period else group] += amount
    return dict(total)


def _turnovers_by_period(
    ranges: dict[Selection, list[tuple[int, int]]], as_known_on: datetime | None, group_by: Sequence[str]
) -> dict[Selection, list[tuple[int, Group, int]]]:
    """Return (period, group, amount) of each selection over the span of its ranges."""
    names = [name for name in group_by if name != "period"]
    found: dict[Selection, list[tuple[int, Group, int]]] = {selection: [] for selection in ranges}
    for part in _chunks(list(ranges), SELECTIONS_PER_QUERY):
        queries, parameters = [], []
        for number, selection in enumerate(part):
            first = min(low for low, _ in ranges[selection])
            last = max(high for _, high in ranges[selection])
            query, values = _turnover_query(number, selection, (first, last), as_known_on, names)
            queries.append(query)
            parameters += values
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(queries), parameters)
            for number, period, texts, amount in cursor.fetchall():
                group = tuple(group_value(name, text) for name, text in zip(names, texts, strict=True))
                found[part[number]].append((period, group, int(amount)))
    return found


def _turnover_query(
    number: int,
    selection: Selection,
    span: tuple[int, int],
    as_known_on: datetime | None,
    names: Sequence[str],
) -> tuple[str, list[Any]]:
    where, parameters = selection.where()
    source = "ledger_turnover"
    if as_known_on is not None:
        source = f"(SELECT * FROM ({POSTINGS}) AS posting WHERE recorded_at <= %s)"
        parameters = [as_known_on, *parameters]
    groups = ", ".join(f"({group_expression(name)})::text" for name in names)
    query = f"""
        SELECT {number}, turnover.period, ARRAY[{groups}]::text[] AS grouping, sum({SIDES[selection.side]})
        FROM ledger_account AS account
        JOIN {source} AS turnover ON turnover.account_id = account.id
        WHERE {where} AND turnover.period BETWEEN %s AND %s
        GROUP BY turnover.period, grouping
    """
    return query, [*parameters, *span]


def _chunks(items: list[Selection], size: int) -> Iterator[list[Selection]]:
    for _, group in groupby(enumerate(items), lambda pair: pair[0] // size):
        yield [item for _, item in group]


def balances(selection: Selection, *, group_by: Sequence[str] = ()) -> dict[Group, Balance]:
    """This function will sum what the selected accounts hold now, in 分, by group. `side` is not looked at."""
    where, parameters = selection.where()
    groups = ", ".join(f"({group_expression(name)})::text" for name in group_by)
    query = f"""
        SELECT ARRAY[{groups}]::text[] AS grouping, sum(posted_fen), sum(held_fen),
            sum(posted_fen - held_fen - coalesce(floor_fen, 0))
        FROM ledger_account AS account
        JOIN ledger_balance AS balance ON balance.account_id = account.id
        WHERE {where}
        GROUP BY grouping
    """
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return {
            tuple(group_value(name, text) for name, text in zip(group_by, texts, strict=True)): Balance(
                posted_fen=int(posted), held_fen=int(held), available_fen=int(available)
            )
            for texts, posted, held, available in cursor.fetchall()
        }


def transfers_of(
    selection: Selection,
    *,
    period_from: int | None = None,
    period_to: int | None = None,
    as_known_on: datetime | None = None,
    limit: int = 100,
    cursor: tuple[date, int, int, int] | None = None,
) -> list[Posting]:
    """This function will list the transfers that a figure is made of, by date, one page at a time.

    :param cursor: the `cursor` of the last row of the page before.
    """
    where, parameters = selection.where()
    amount = SIDES[selection.side]
    conditions = [f"account_id IN (SELECT account.id FROM ledger_account AS account WHERE {where})",
                  "period BETWEEN %s AND %s", f"{amount} <> 0"]  # fmt: skip
    parameters += [period_from or FIRST_PERIOD, period_to or LAST_PERIOD]
    if as_known_on is not None:
        conditions.append("recorded_at <= %s")
        parameters.append(as_known_on)
    if cursor is not None:
        conditions.append("(effective_on, entry_id, line_no, account_id) > (%s, %s, %s, %s)")
        parameters += cursor
    query = f"""
        WITH posting AS (
            SELECT *, {amount} AS amount_fen
            FROM ({POSTINGS}) AS posting
            WHERE {" AND ".join(conditions)}
            ORDER BY effective_on, entry_id, line_no, account_id
            LIMIT %s
        )
        SELECT posting.entry_id, posting.line_no, posting.fiscal_year, entry.voucher_no, entry.kind, entry.memo,
            entry.document_id, posting.effective_on, posting.recorded_at, entry.reverses_id, posting.amount_fen,
            posting.account_id, posting.other_id, {ACCOUNT_COLUMNS}
        FROM posting
        JOIN ledger_entry AS entry ON entry.id = posting.entry_id
        JOIN ledger_account AS account ON account.id = posting.account_id
        ORDER BY posting.effective_on, posting.entry_id, posting.line_no, posting.account_id
    """
    with connection.cursor() as database:
        database.execute(query, [*parameters, limit])
        return [_posting(row) for row in database.fetchall()]


def _posting(row: Sequence[Any]) -> Posting:
    names = (
        "entry_id", "line_no", "fiscal_year", "voucher_no", "kind", "memo", "document_id", "effective_on",
        "recorded_at", "reverses_id", "amount_fen", "account_id", "other_account_id",
    )  # fmt: skip
    book, subject, *dimensions = row[len(names) :]
    account = AccountKey(book=book, subject=subject, **dict(zip(DIMENSIONS, dimensions, strict=True)))
    return Posting(**dict(zip(names, row, strict=False)), account=account)
