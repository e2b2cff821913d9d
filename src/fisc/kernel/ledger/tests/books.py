"""A small set of books for the tests, and a short notation: `move("free > paid", 70)` pays 70 分."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from fisc.kernel.ledger import AccountKey, Entry, Line, charts, periods

AT = datetime(2023, 7, 3, 9, 0, tzinfo=UTC)
MAY = date(2023, 5, 10)
ACTOR = 7


def open_books() -> None:
    """The charts of the books `test` and `other`, and the fiscal years 2022 and 2023."""
    charts.load_chart(Path(__file__).parent / "chart.csv")
    periods.open_year(2022)
    periods.open_year(2023)


def account(name: str) -> AccountKey:
    """`free` or `free/2` (of the second allotment); `plan` and its like are in the book `other`."""
    subject, _, allotment = name.strip().partition("/")
    book = "other" if subject in ("pool", "plan", "used") else "test"
    return AccountKey(book=book, subject=subject, allotment_id=int(allotment or 1))


def line(route: str, amount_fen: int) -> Line:
    """`source > free` moves the amount from the account source to the account free."""
    credit, debit = route.split(">")
    return Line(debit=account(debit), credit=account(credit), amount_fen=amount_fen)


def entry(*moves: tuple[str, int], on: date = MAY, **facts: Any) -> Entry:
    """An entry of the given moves."""
    facts = {"kind": "test.move", "document_id": 1, **facts}
    return Entry(effective_on=on, lines=tuple(line(route, amount) for route, amount in moves), **facts)


def move(route: str, amount_fen: int, **facts: Any) -> Entry:
    """An entry of one move."""
    return entry((route, amount_fen), **facts)


def rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a query returns."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def value(query: str, *parameters: Any) -> Any:
    """The one value that a query returns."""
    return rows(query, *parameters)[0][0]
