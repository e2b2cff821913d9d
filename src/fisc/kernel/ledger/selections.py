"""Which accounts a figure is made of, as a value; and the SQL that finds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fisc.kernel.ledger.keys import DIMENSIONS

Side = Literal["debit", "credit", "net_debit", "net_credit"]
SIDES: dict[str, str] = {  # how a figure is made of an account's debit and credit turnover
    "debit": "debit_fen",
    "credit": "credit_fen",
    "net_debit": "debit_fen - credit_fen",
    "net_credit": "credit_fen - debit_fen",
}
GROUPABLE = ("book", "subject", *DIMENSIONS)
NUMERIC = frozenset({"fiscal_year", "unit_id", "project_id", "allotment_id", "flags"})


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Accounts of one book, and which side of them counts. An empty condition admits everything.

    Subjects, functions, economic and revenue items are prefixes: a class takes all that is below it.
    `side`: all that came in (debit), all that went out (credit), or the difference. What was reversed counts as
    never booked from the day of its reversal, on either side.
    `flags_all`: all of these marks must be set. `fiscal_years` are the years of the accounts, not of the entries.
    """

    book: str
    subjects: tuple[str, ...] = ()
    side: Side = "net_debit"
    fiscal_years: tuple[int, ...] = ()
    funds: tuple[str, ...] = ()
    unit_ids: tuple[int, ...] = ()
    project_ids: tuple[int, ...] = ()
    function_prefixes: tuple[str, ...] = ()
    economic_prefixes: tuple[str, ...] = ()
    revenue_prefixes: tuple[str, ...] = ()
    revenue_exclude_prefixes: tuple[str, ...] = ()
    allotment_ids: tuple[int, ...] = ()
    flags_all: int = 0
    counterparties: tuple[str, ...] = ()

    def where(self, account: str = "account") -> tuple[str, list[Any]]:
        """Return the condition on `ledger_account`, under the given alias, and its parameters."""
        clauses = [f"{account}.book = %s"]
        parameters: list[Any] = [self.book]
        for column, values in self._values():
            if values:
                clauses.append(f"{account}.{column} = ANY (%s)")
                parameters.append(list(values))
        for column, prefixes in self._prefixes():
            if prefixes:
                clauses.append("(" + " OR ".join([_starts_with(account, column)] * len(prefixes)) + ")")
                parameters += [bound for prefix in prefixes for bound in _range(prefix)]
        for prefix in self.revenue_exclude_prefixes:
            clauses.append(f"({_starts_with(account, 'revenue_code')}) IS NOT TRUE")
            parameters += _range(prefix)
        if self.flags_all:
            clauses.append(f"{account}.flags & %s = %s")
            parameters += [int(self.flags_all), int(self.flags_all)]
        return " AND ".join(clauses), parameters

    def _values(self) -> list[tuple[str, Sequence[Any]]]:
        return [
            ("fiscal_year", self.fiscal_years),
            ("fund", self.funds),
            ("unit_id", self.unit_ids),
            ("project_id", self.project_ids),
            ("allotment_id", self.allotment_ids),
            ("counterparty", self.counterparties),
        ]

    def _prefixes(self) -> list[tuple[str, Sequence[str]]]:
        return [
            ("subject", self.subjects),
            ("function_code", self.function_prefixes),
            ("economic_code", self.economic_prefixes),
            ("revenue_code", self.revenue_prefixes),
        ]


def _starts_with(account: str, column: str) -> str:
    return f"{account}.{column} >= %s AND {account}.{column} < %s"


def _range(prefix: str) -> list[str]:
    """Return the bounds of all codes that begin with the prefix; codes compare byte by byte."""
    return [prefix, prefix + "\U0010ffff"]


def group_expression(name: str, account: str = "account") -> str:
    """Return the SQL of one grouping: a column, or its first n characters as `function_code:3`.

    :raises ValueError: if an account has no such column.
    """
    column, _, length = name.partition(":")
    if column not in GROUPABLE or (length and (column in NUMERIC or not length.isdigit())):
        raise ValueError(f"accounts cannot be grouped by {name}")
    return f"left({account}.{column}, {int(length)})" if length else f"{account}.{column}"


def group_value(name: str, text: str | None) -> Any:
    """Return a grouping's value in its own type."""
    return int(text) if text is not None and name in NUMERIC else text
