"""What each step of a treasury document moves in the ledger. Pure: a step and its facts in, lines out.

Book `allotment`: payments draw 635 (指标直控) or 651 (双控) into 661; cash plans move 635 → 650 → 651.
Book `cash`: clearing moves 1001 国库存款 → 5001 支出流出, refunds the other way.
Book `ceiling`: where a 三公 ceiling holds, payments also take 911 → 912 (item) and 921 → 922 (total of the unit).
"""

from dataclasses import replace

from fisc.kernel.ledger.keys import AccountKey, Line

BOOK, CASH_BOOK, CEILING_BOOK = "allotment", "cash", "ceiling"
EXECUTABLE, FROZEN, PLAN_FUTURE, PLAN_DUE, SPENT = "635", "636", "650", "651", "661"
UNIT = "631"
CASH, INFLOW, OUTFLOW = "1001", "4001", "5001"
CEILING_ITEM, CEILING_TOTAL = "911", "921"
USED = {CEILING_ITEM: "912", CEILING_TOTAL: "922"}


def spent_account(executable: AccountKey, economic_code: str) -> AccountKey:
    """661 of the allotment, under the economic item that is paid."""
    return replace(executable, subject=SPENT, economic_code=economic_code)


def pay(executable: AccountKey, *, drawn_from: str, economic_code: str, amount_fen: int) -> Line:
    """支付: from 635 or 651 of the allotment to 661."""
    return Line(
        debit=spent_account(executable, economic_code),
        credit=executable.with_subject(drawn_from),
        amount_fen=amount_fen,
    )


def give_back(executable: AccountKey, *, drawn_from: str, economic_code: str, amount_fen: int) -> Line:
    """退款: from 661 back to where the money was drawn."""
    return Line(
        debit=executable.with_subject(drawn_from),
        credit=spent_account(executable, economic_code),
        amount_fen=amount_fen,
    )


def plan(executable: AccountKey, *, is_due: bool, amount_fen: int) -> Line:
    """用款计划: 635 → 651 when its month has come, else → 650."""
    return Line(
        debit=executable.with_subject(PLAN_DUE if is_due else PLAN_FUTURE),
        credit=executable,
        amount_fen=amount_fen,
    )


def fall_due(executable: AccountKey, amount_fen: int) -> Line:
    """The plan's month has come: 650 → 651."""
    return Line(
        debit=executable.with_subject(PLAN_DUE),
        credit=executable.with_subject(PLAN_FUTURE),
        amount_fen=amount_fen,
    )


def unplan(executable: AccountKey, *, is_due: bool, amount_fen: int) -> Line:
    """A plan is taken back: 650 or 651 → 635."""
    return Line(
        debit=executable,
        credit=executable.with_subject(PLAN_DUE if is_due else PLAN_FUTURE),
        amount_fen=amount_fen,
    )


def cash_account(fund: str) -> AccountKey:
    """1001 国库存款 of a fund; it carries on from year to year."""
    return AccountKey(book=CASH_BOOK, subject=CASH, fund=fund)


def outflow_account(fund: str, fiscal_year: int) -> AccountKey:
    """5001 支出流出 of a fund and year."""
    return AccountKey(book=CASH_BOOK, subject=OUTFLOW, fund=fund, fiscal_year=fiscal_year)


def clear(fund: str, fiscal_year: int, amount_fen: int) -> Line:
    """清算: cash leaves the treasury account."""
    return Line(debit=outflow_account(fund, fiscal_year), credit=cash_account(fund), amount_fen=amount_fen)


def cash_back(fund: str, fiscal_year: int, amount_fen: int) -> Line:
    """退款: cash comes back into the treasury account."""
    return Line(debit=cash_account(fund), credit=outflow_account(fund, fiscal_year), amount_fen=amount_fen)


def ceiling_keys(fiscal_year: int, unit_id: int, economic_code: str) -> tuple[AccountKey, AccountKey]:
    """911 of the unit's item and 921 of the unit; whether they exist says whether there is a ceiling."""
    total = AccountKey(book=CEILING_BOOK, subject=CEILING_TOTAL, fiscal_year=fiscal_year, unit_id=unit_id)
    return replace(total, subject=CEILING_ITEM, economic_code=economic_code), total


def used_of(ceiling: AccountKey) -> AccountKey:
    """912 or 922 beside a ceiling: what was spent under it."""
    return ceiling.with_subject(USED[ceiling.subject])


def charge(ceiling: AccountKey, amount_fen: int) -> Line:
    """支付 under a ceiling: 911 → 912, 921 → 922."""
    return Line(debit=used_of(ceiling), credit=ceiling, amount_fen=amount_fen)


def uncharge(ceiling: AccountKey, amount_fen: int) -> Line:
    """退款 under a ceiling: 912 → 911, 922 → 921."""
    return Line(debit=ceiling, credit=used_of(ceiling), amount_fen=amount_fen)
