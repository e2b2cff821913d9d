"""A ledger to measure: allotments with money, and a million payments of which one in a hundred asks too much."""

import random
from array import array
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from fisc.kernel import ledger
from fisc.kernel.ledger import AccountKey, Entry, Line, charts, periods

AT = datetime(2023, 7, 3, 9, 0, tzinfo=UTC)
ACTOR = 1
CHART = Path(__file__).parent / "chart.csv"
ALLOTMENTS = 10_000
SHARE_PAID = (
    0.9925  # of what is asked for, the budget covers this; leaves about one payment in a hundred refused
)


@dataclass(frozen=True)
class Payments:
    """Payments as columns, in the order in which they come."""

    allotments: array  # index of the allotment
    amounts_fen: array
    approved_fen: list[int]

    def __len__(self) -> int:
        return len(self.amounts_fen)


def make_payments(count: int, *, allotments: int = ALLOTMENTS, seed: int = 20230703) -> Payments:
    """Return payments on random allotments, and budgets that nearly cover them."""
    chance = random.Random(seed)
    picks = array("q", [chance.randrange(allotments) for _ in range(count)])
    amounts = array("q", [chance.randrange(100, 10_000_000) for _ in range(count)])
    wanted = [0] * allotments
    for pick, amount in zip(picks, amounts, strict=True):
        wanted[pick] += amount
    return Payments(picks, amounts, [int(total * SHARE_PAID) for total in wanted])


def expected_refusals(payments: Payments) -> set[int]:
    """Decide the payments one after the other in plain Python: the indexes of those that must be refused."""
    left = list(payments.approved_fen)
    refused = set()
    for index, (pick, amount) in enumerate(zip(payments.allotments, payments.amounts_fen, strict=True)):
        if amount > left[pick]:
            refused.add(index)
        else:
            left[pick] -= amount
    return refused


def key(subject: str, allotment: int = 0) -> AccountKey:
    """The account of an allotment, with all the dimensions that a real one has."""
    if subject == "source":
        return AccountKey(book="bench", subject=subject, fiscal_year=2023, fund="general")
    return AccountKey(
        book="bench", subject=subject, fiscal_year=2023, unit_id=allotment % 120, fund="general",
        function_code=f"20{allotment % 20 + 1:02}{allotment % 9 + 1:02}01", economic_code=f"30{allotment % 9 + 1}",
        allotment_id=allotment,
    )  # fmt: skip


def open_books(approved_fen: list[int]) -> tuple[list[int], list[int]]:
    """Open chart and year, approve the budgets; returns the ids of the accounts that pay and that are paid."""
    charts.load_chart(CHART)
    periods.open_year(2023)
    allotments = range(1, len(approved_fen) + 1)
    entries = [
        Entry(
            kind="bench.allot", document_id=None, effective_on=date(2023, 1, 1),
            lines=(Line(debit=key("free", no), credit=key("source"), amount_fen=approved),),
        )
        for no, approved in zip(allotments, approved_fen, strict=True) if approved
    ]  # fmt: skip
    keys = [key(subject, no) for subject in ("free", "paid") for no in allotments]
    ids = ledger.ensure_accounts(keys)
    ledger.post_many(entries=entries, actor_id=ACTOR, at=AT)
    return [ids[key("free", no)] for no in allotments], [ids[key("paid", no)] for no in allotments]
