"""总账：money moves here and nowhere else.

Owns: accounts, transfers, holds, balances, turnovers, periods. Not: why money moves (documents and domains do).
Import from here; the modules below are the ledger's own affair.
"""

from fisc.kernel.ledger.accounts import (
    Balance,
    FloorTooHigh,
    UnknownSubject,
    balance,
    ensure_accounts,
    existing_accounts,
    set_floors,
)
from fisc.kernel.ledger.figures import Posting, balances, is_recorded_after, sums, transfers_of
from fisc.kernel.ledger.flags import Flag
from fisc.kernel.ledger.keys import AccountKey, Entry, Line, Settle
from fisc.kernel.ledger.outcomes import AccountView, HoldOutcome, LedgerRefusal, Outcome, Refused, VoidOutcome
from fisc.kernel.ledger.posting import (
    expire_due,
    hold,
    hold_many,
    post,
    post_many,
    reverse_many,
    settle_many,
    void_many,
)
from fisc.kernel.ledger.selections import Selection
from fisc.kernel.ledger.vouchers import (
    Explanation,
    Voucher,
    explain,
    voucher_by_number,
    vouchers_by_id,
    vouchers_of_documents,
    vouchers_of_year,
)

__all__ = [
    "AccountKey",
    "AccountView",
    "Balance",
    "Entry",
    "Explanation",
    "Flag",
    "FloorTooHigh",
    "HoldOutcome",
    "LedgerRefusal",
    "Line",
    "Outcome",
    "Posting",
    "Refused",
    "Selection",
    "Settle",
    "UnknownSubject",
    "VoidOutcome",
    "Voucher",
    "balance",
    "balances",
    "ensure_accounts",
    "existing_accounts",
    "expire_due",
    "explain",
    "hold",
    "hold_many",
    "is_recorded_after",
    "post",
    "post_many",
    "reverse_many",
    "set_floors",
    "settle_many",
    "sums",
    "transfers_of",
    "void_many",
    "voucher_by_number",
    "vouchers_by_id",
    "vouchers_of_documents",
    "vouchers_of_year",
]
