"""What names an account, and what moves between accounts: plain values, no database."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self

DIMENSIONS = (
    "fiscal_year", "unit_id", "project_id", "fund", "function_code", "economic_code", "revenue_code",
    "allotment_id", "counterparty", "flags",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountKey:
    """An account: book, subject and dimensions. `fiscal_year` None: its balance carries on from year to year."""

    book: str
    subject: str
    fiscal_year: int | None = None
    unit_id: int | None = None
    project_id: int | None = None
    fund: str | None = None
    function_code: str | None = None
    economic_code: str | None = None
    revenue_code: str | None = None
    allotment_id: int | None = None
    counterparty: str | None = None
    flags: int = 0

    @property
    def text(self) -> str:
        """The key as one text, the same that the database makes (`ledger_account.key`)."""
        parts = (
            self.book, self.subject, self.fiscal_year, self.unit_id, self.project_id, self.fund,
            self.function_code, self.economic_code, self.revenue_code, self.allotment_id, int(self.flags),
            self.counterparty,
        )  # fmt: skip
        return "|".join(["" if part is None else str(part) for part in parts])

    def with_subject(self, subject: str) -> Self:
        """Return the account beside this one: same book and dimensions, another subject."""
        return replace(self, subject=subject)

    def columns(self) -> dict[str, Any]:
        """Return the values by column name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Line:
    """One positive amount of 分 that the credit account gives and the debit account gets."""

    debit: AccountKey
    credit: AccountKey
    amount_fen: int

    def __post_init__(self) -> None:
        """Refuse what can only be a mistake of the program.

        :raises ValueError: if the amount is not positive, or the accounts are one, or of two books.
        """
        if self.amount_fen <= 0:
            raise ValueError(f"a line moves a positive amount, not {self.amount_fen}")
        if self.debit.book != self.credit.book:
            raise ValueError(f"a line stays in one book: {self.debit.book}, {self.credit.book}")
        if self.debit == self.credit:
            raise ValueError(f"a line needs two accounts: {self.debit}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """The lines of one event, in one or several books; they stand or fall together."""

    kind: str
    document_id: int | None
    effective_on: date
    lines: tuple[Line, ...]
    memo: str = ""
    fiscal_year: int | None = None  # None: the year of effective_on

    def __post_init__(self) -> None:
        """:raises ValueError: if there are no lines."""
        if not self.lines:
            raise ValueError(f"an entry needs lines: {self.kind}")

    @property
    def booked_year(self) -> int:
        """The fiscal year in which it is booked."""
        return self.effective_on.year if self.fiscal_year is None else self.fiscal_year


@dataclass(frozen=True, kw_only=True, slots=True)
class Settle:
    """Settle a hold: whole (`amounts_fen` None), or the given 分 of each of its lines; the rest is released.

    `extra`: lines that are booked in the same entry without having been held.
    """

    hold_id: int
    effective_on: date
    kind: str
    amounts_fen: tuple[int, ...] | None = None
    memo: str = ""
    fiscal_year: int | None = None
    extra: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        """:raises ValueError: if an amount is negative."""
        if any(amount < 0 for amount in self.amounts_fen or ()):
            raise ValueError(f"a settled amount is not negative: {self.amounts_fen}")

    @property
    def booked_year(self) -> int:
        """The fiscal year in which it is booked."""
        return self.effective_on.year if self.fiscal_year is None else self.fiscal_year


def keys_of(lines: Iterable[Line]) -> set[AccountKey]:
    """Return all accounts that the lines name."""
    return {key for line in lines for key in (line.debit, line.credit)}
