"""What receipts and tasks move in the ledger. Pure: facts in, lines out.

Book `revenue`: a receipt moves 4001/4002/4003 (own revenue by level), 4005 (transfers) or 4009 (debt) → 4000; a refund
the other way. Book `cash`: the district part of a day moves 4001 收入流入 → 1001 国库存款. Tasks: 800x → 8000 by month.
"""

from collections.abc import Iterable
from functools import lru_cache

from fisc.kernel.ledger.keys import AccountKey, Line

BOOK, CASH_BOOK = "revenue", "cash"
COUNTERPART, TASK_COUNTERPART = "4000", "8000"
TRANSFERS, DEBT = "4005", "4009"
OWN = {"central": "4001", "province": "4002", "district": "4003"}
TASKS = {"central": "8001", "province": "8002", "district": "8003"}
CASH, INFLOW = "1001", "4001"
DEBT_PREFIXES = ("105", "11011")  # 债务收入, 债务转贷收入
TRANSFER_PREFIX = "110"


def subject_of(level: str, revenue_code: str) -> str:
    """The subject of one level's part: transfers and debt stand apart whatever the level."""
    if revenue_code.startswith(DEBT_PREFIXES):
        return DEBT
    if revenue_code.startswith(TRANSFER_PREFIX):
        return TRANSFERS
    return OWN[level]


@lru_cache(maxsize=20_000)
def revenue_key(level: str, fund: str, revenue_code: str, year: int) -> AccountKey:
    """The account of one level's part of an item in a year."""
    return AccountKey(
        book=BOOK,
        subject=subject_of(level, revenue_code),
        fiscal_year=year,
        fund=fund,
        revenue_code=revenue_code,
    )


@lru_cache(maxsize=1_000)
def counterpart_key(fund: str, year: int, subject: str = COUNTERPART) -> AccountKey:
    """The other side of all revenue (or of all tasks) of a fund in a year."""
    return AccountKey(book=BOOK, subject=subject, fiscal_year=year, fund=fund)


def moved(debit: AccountKey, credit: AccountKey, amount_fen: int) -> tuple[Line, ...]:
    """A line for an amount of either sign; none for zero."""
    if amount_fen > 0:
        return (Line(debit, credit, amount_fen),)
    if amount_fen < 0:
        return (Line(credit, debit, -amount_fen),)
    return ()


def receipt_lines(*, fund: str, revenue_code: str, year: int, shares_fen: Iterable[int]) -> tuple[Line, ...]:
    """The lines of one receipt: a part for central, province and district each, where there is one."""
    other = counterpart_key(fund, year)
    return tuple(
        line
        for level, fen in zip(OWN, shares_fen, strict=True)
        if fen
        for line in moved(other, revenue_key(level, fund, revenue_code, year), fen)
    )


def cash_lines(*, fund: str, year: int, district_fen: int) -> tuple[Line, ...]:
    """The district's money of a day comes in: 4001 收入流入 → 1001 国库存款; net refunds go out."""
    cash = AccountKey(book=CASH_BOOK, subject=CASH, fund=fund)
    inflow = AccountKey(book=CASH_BOOK, subject=INFLOW, fund=fund, fiscal_year=year)
    return moved(cash, inflow, district_fen)


def task_line(*, level: str, fund: str, revenue_code: str, year: int, amount_fen: int) -> tuple[Line, ...]:
    """One month of one item's task: 800x → 8000."""
    account = AccountKey(
        book=BOOK, subject=TASKS[level], fiscal_year=year, fund=fund, revenue_code=revenue_code
    )
    return moved(counterpart_key(fund, year, TASK_COUNTERPART), account, amount_fen)
