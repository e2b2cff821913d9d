"""What a ceiling moves in the ledger's book `ceiling`. Pure: facts in, lines out.

910 → 911 gives a unit's ceiling for one item, 910 → 921 its total. Payments move 911 → 912 and 921 → 922 (treasury).
911 and 921 may not go below zero, so a ceiling is lowered only by what is neither spent nor held.
"""

from fisc.domains.austerity.items import TOTAL
from fisc.kernel.ledger.keys import AccountKey, Line

BOOK = "ceiling"
SOURCE, ITEM, ITEM_USED, WHOLE, WHOLE_USED = "910", "911", "912", "921", "922"


def source() -> AccountKey:
    """910 额度来源, the other side of every ceiling."""
    return AccountKey(book=BOOK, subject=SOURCE)


def account(*, year: int, unit_id: int, economic_code: str) -> AccountKey:
    """911 of a unit's item, or 921 of the unit where no item is named. Treasury looks for the same keys."""
    if economic_code == TOTAL:
        return AccountKey(book=BOOK, subject=WHOLE, fiscal_year=year, unit_id=unit_id)
    return AccountKey(book=BOOK, subject=ITEM, fiscal_year=year, unit_id=unit_id, economic_code=economic_code)


def give(*, year: int, unit_id: int, economic_code: str, amount_fen: int) -> Line:
    """A ceiling is given or raised: 910 → 911 or 921."""
    key = account(year=year, unit_id=unit_id, economic_code=economic_code)
    return Line(debit=key, credit=source(), amount_fen=amount_fen)


def take(*, year: int, unit_id: int, economic_code: str, amount_fen: int) -> Line:
    """A ceiling is lowered: 911 or 921 → 910."""
    key = account(year=year, unit_id=unit_id, economic_code=economic_code)
    return Line(debit=source(), credit=key, amount_fen=amount_fen)
