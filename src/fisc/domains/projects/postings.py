"""What each step of a project moves in the book `project`. Pure.

811 可安排额度 may not go below zero: that is how Σ arranged ≤ total is held by the database. The budget module
moves 811 → 821 when it arranges money for the project.
"""

from fisc.kernel.ledger.keys import AccountKey, Line

BOOK = "project"
SOURCE, ROOM, ARRANGED = "801", "811", "821"


def account(project_id: int, subject: str) -> AccountKey:
    """The project's account under a subject."""
    return AccountKey(book=BOOK, subject=subject, project_id=project_id)


def raise_total(project_id: int, amount_fen: int) -> Line:
    """入库 or 总额调增: 801 → 811."""
    return Line(debit=account(project_id, ROOM), credit=account(project_id, SOURCE), amount_fen=amount_fen)


def lower_total(project_id: int, amount_fen: int) -> Line:
    """总额调减, 结项 or 中止: 811 → 801."""
    return Line(debit=account(project_id, SOURCE), credit=account(project_id, ROOM), amount_fen=amount_fen)
