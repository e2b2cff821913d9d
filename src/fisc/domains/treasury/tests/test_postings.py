"""The pure postings, in ledger notation: credit → debit amount."""

from fisc.domains.treasury import postings
from fisc.kernel.ledger.keys import AccountKey

EXECUTABLE = AccountKey(
    book="allotment", subject="635", fiscal_year=2023, unit_id=7, fund="general", function_code="2050203",
    economic_code="302", allotment_id=99,
)  # fmt: skip


def notation(line) -> str:
    return f"{line.credit.subject} → {line.debit.subject} {line.amount_fen}"


def test_paying_and_giving_back():
    paid = postings.pay(EXECUTABLE, drawn_from="651", economic_code="30213", amount_fen=5)
    back = postings.give_back(EXECUTABLE, drawn_from="651", economic_code="30213", amount_fen=5)

    assert (notation(paid), notation(back)) == ("651 → 661 5", "661 → 651 5")
    assert (paid.credit.economic_code, paid.debit.economic_code) == ("302", "30213")
    assert (paid.credit, paid.debit) == (back.debit, back.credit)


def test_plans():
    assert notation(postings.plan(EXECUTABLE, is_due=False, amount_fen=5)) == "635 → 650 5"
    assert notation(postings.plan(EXECUTABLE, is_due=True, amount_fen=5)) == "635 → 651 5"
    assert notation(postings.fall_due(EXECUTABLE, 5)) == "650 → 651 5"
    assert notation(postings.unplan(EXECUTABLE, is_due=True, amount_fen=5)) == "651 → 635 5"


def test_cash():
    line = postings.clear("general", 2023, 5)

    assert notation(line) == "1001 → 5001 5"
    assert (line.credit.fiscal_year, line.debit.fiscal_year) == (None, 2023)
    assert notation(postings.cash_back("general", 2023, 5)) == "5001 → 1001 5"
