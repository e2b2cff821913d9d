"""Large batches of one-line entries, handed over as columns: payrolls, subsidies, imports of a hundred thousand rows.

The same door and the same decisions as `post_many`, without an object per entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from fisc.kernel.ledger import arrays
from fisc.kernel.ledger.outcomes import Outcome
from fisc.kernel.ledger.posting import PORTION, POST, call_door

Numbers = Any  # a sequence of whole numbers, or a numpy array


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Entries of one line each, of one kind and date. Account ids come from `ensure_accounts`; amounts in 分."""

    kind: str
    effective_on: date
    debit_ids: Numbers
    credit_ids: Numbers
    amounts_fen: Numbers
    document_ids: Numbers
    memos: Sequence[str] | str = ""
    fiscal_year: int | None = None

    def __post_init__(self) -> None:
        """:raises ValueError: if the columns differ in length or an amount is not positive."""
        count = len(self.amounts_fen)
        columns = (self.debit_ids, self.credit_ids, self.document_ids)
        if any(len(column) != count for column in columns):
            raise ValueError("the columns differ in length")
        if not isinstance(self.memos, str) and len(self.memos) != count:
            raise ValueError("the columns differ in length")
        if count and np.min(self.amounts_fen) <= 0:
            raise ValueError("a line moves a positive amount")


def post_columns(*, columns: Columns, actor_id: int, at: datetime) -> Outcome:
    """This function will book a large batch: each row by itself, decided in the order of the rows."""
    count = len(columns.amounts_fen)
    if count == 0:
        return Outcome(entry_ids=[])
    credits = np.asarray(columns.credit_ids, dtype=np.int64)
    positions = np.arange(count, dtype=np.int32)
    order = np.lexsort((credits, positions // PORTION))
    year = columns.effective_on.year if columns.fiscal_year is None else columns.fiscal_year
    nothing = arrays.same(0, count, "q", 20)
    memos = columns.memos
    entry_ids, refusals = call_door(POST, [
        at,
        arrays.Bigints(arrays.same(actor_id, count, "q", 20)),
        arrays.same_text(columns.kind, count),
        arrays.Bigints(_packed(columns.document_ids, "i8", 20)),
        arrays.Integers(arrays.same(year, count, "i", 23)),
        arrays.Dates(arrays.same(arrays.day_number(columns.effective_on), count, "i", 1082)),
        arrays.same_text(memos, count) if isinstance(memos, str) else arrays.texts(memos),
        arrays.Bigints(nothing),
        arrays.Integers(_packed(order + 1, "i4", 23)),
        arrays.Integers(arrays.same(1, count, "i", 23)),
        arrays.Bigints(_packed(np.asarray(columns.debit_ids, dtype=np.int64)[order], "i8", 20)),
        arrays.Bigints(_packed(credits[order], "i8", 20)),
        arrays.Bigints(_packed(np.asarray(columns.amounts_fen, dtype=np.int64)[order], "i8", 20)),
        arrays.Bigints(nothing),
    ])  # fmt: skip
    return Outcome(entry_ids=entry_ids, refusals=refusals)


def _packed(values: Any, kind: str, element_oid: int) -> bytes:
    elements = np.empty(len(values), dtype=[("size", ">i4"), ("value", f">{kind}")])
    elements["size"] = elements.dtype["value"].itemsize
    elements["value"] = values
    return arrays.header(len(values), element_oid) + elements.tobytes()
