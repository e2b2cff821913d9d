"""The book of ceilings, as whoever sets them would open it; the tests of payments need no more of it."""

from __future__ import annotations

import datetime as dt

from fisc.kernel import ledger
from fisc.kernel.ledger.charts import Subject, save_subjects
from fisc.kernel.ledger.keys import AccountKey, Entry, Line

BOOK, RECEPTION, CAR = "ceiling", "30217", "30231"
SUBJECTS = (
    Subject(book=BOOK, code="910", name="额度来源", normal_side="credit", default_floor_fen=None),
    Subject(book=BOOK, code="911", name="分项额度", normal_side="debit", default_floor_fen=0),
    Subject(book=BOOK, code="912", name="分项已用", normal_side="debit", default_floor_fen=0),
    Subject(book=BOOK, code="921", name="总额额度", normal_side="debit", default_floor_fen=0),
    Subject(book=BOOK, code="922", name="总额已用", normal_side="debit", default_floor_fen=0),
)


def set_ceilings(district, items: dict[str, int], total_yuan: int | None = None, year: int = 2023) -> None:
    """The unit 121001 gets ceilings by item, in 元, and one in total (none: no total is set)."""
    save_subjects(SUBJECTS)
    unit_id = district.units["121001"].pk
    source = AccountKey(book=BOOK, subject="910", fiscal_year=year)
    lines = [
        Line(debit=key(year, unit_id, code), credit=source, amount_fen=yuan * 100)
        for code, yuan in items.items()
        if yuan
    ]
    ledger.ensure_accounts(key(year, unit_id, code) for code in items)
    if total_yuan is not None:
        lines.append(Line(debit=key(year, unit_id), credit=source, amount_fen=total_yuan * 100))
    if lines:
        entry = Entry(
            kind="ceiling.set", document_id=None, effective_on=dt.date(year, 1, 1), lines=tuple(lines)
        )
        ledger.post(entry=entry, actor_id=1, at=district.at)


def key(year: int, unit_id: int, economic_code: str | None = None) -> AccountKey:
    """911 of an item, 921 of the unit without one."""
    return AccountKey(
        book=BOOK, subject="911" if economic_code else "921", fiscal_year=year, unit_id=unit_id,
        economic_code=economic_code,
    )  # fmt: skip


def ceilings(district) -> dict[str, float]:
    """What the unit's ceilings hold, in 元, by subject; what payments hold of them under "held"."""
    selection = ledger.Selection(book=BOOK, subjects=("91", "92"), unit_ids=(district.units["121001"].pk,))
    found = ledger.balances(selection, group_by=("subject",))
    shown = {subject: balance.posted_fen / 100 for (subject,), balance in found.items() if balance.posted_fen}
    held = {f"held {subject}": b.held_fen / 100 for (subject,), b in found.items() if b.held_fen}
    return {**shown, **held}
