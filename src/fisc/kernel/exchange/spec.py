"""What a module says about a file it accepts: columns, business keys, checks, how rows are written, undone.

Owns no tables and touches no database, so every `module.py` may import it. The engine that runs a spec is
`fisc.kernel.exchange.service`.

Typed values handed to `validate`, `existing` and `write`, by column kind (an empty optional cell is None):

    text      str, outer blanks cut, full-width letters and digits made half-width
    account   str of digits (bank accounts, identity numbers): refused when Excel holds it as a rounded number
    amount    int, 分 (cells are in 元)
    integer   int
    decimal   decimal.Decimal (a rate in percent is written as 12.5)
    date      datetime.date
    month     int period yyyymm
    code      str, the code (the cell may say "2050203", "2050203 初中教育" or just "初中教育")
    unit      int, orgs Unit id (the cell may hold its code, name or short name)
    choice    str, the choice's value
    bool      bool (是/否)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fisc.kernel.orgs.actor import Actor

ColumnKind = Literal[
    "text", "account", "amount", "integer", "decimal", "date", "month", "code", "unit", "choice", "bool"
]
Severity = Literal["error", "warn", "note"]
Progress = Callable[[str, int, int], None]
"""Called as progress(stage, done, total); stage is 读取, 校验 or 写入."""


@dataclass(frozen=True)
class ImportColumn:
    """One column of the accepted file."""

    key: str
    head: str
    aliases: tuple[str, ...] = ()
    kind: ColumnKind = "text"
    required: bool = False
    code_kind: str | None = None
    """For kind "code": the code list (see the codes package)."""
    fund_key: str | None = None
    """For codes that differ by fund: the key of the column (or parameter) that holds the fund code."""
    fund: str | None = None
    """For codes that differ by fund, when the fund is fixed for this file."""
    leaf_only: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    """For kind "choice": (value, Chinese label); both are accepted in the cell."""
    help: str = ""
    example: str = ""
    negative: bool = False
    """May an amount or a number be below zero?"""
    zero: bool = False
    """May an amount be exactly zero?"""
    max_length: int | None = None
    default: Any = None
    """The typed value of an empty optional cell."""
    width: int = 16


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One staged row that passed the cell checks. `row["amount"]` is the typed value."""

    number: int
    """Row number as Excel shows it (1-based)."""
    values: Mapping[str, Any]
    raw: Mapping[str, str]
    """The cell texts as the file holds them."""
    sheet: str = ""
    id: int = 0
    """Id of the staging row."""

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:
        value = self.values.get(key)
        return default if value is None else value


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell (without a key: a whole row), in a sentence that says how to mend it."""

    row: int
    key: str | None
    message: str
    severity: Severity = "error"
    suggestion: str | None = None
    """The cell text that would mend it: the page offers it as 采用."""
    suggestion_label: str = ""
    code: str = "module_check"
    also_rows: tuple[int, ...] = ()
    """Other Excel rows concerned, e.g. the first of two equal rows."""
    also_keys: tuple[str, ...] = ()
    """Other cells of the row to be outlined."""


@dataclass(frozen=True)
class ImportContext:
    """What a spec's functions may know besides the rows."""

    spec_code: str
    batch_id: int
    batch_number: str
    actor: Actor
    at: dt.datetime
    fiscal_year: int
    filename: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Values asked at the upload (ImportSpec.params), or given by a page (e.g. {"document_id": 7})."""
    progress: Progress | None = None

    def tick(self, done: int, total: int) -> None:
        """Report progress of writing."""
        if self.progress is not None:
            self.progress("写入", done, total)


@dataclass(frozen=True)
class Written:
    """What `write` made."""

    document_ids: Sequence[int] = ()
    """Documents made, in any order; kept with the batch, so that `undo` and the document page find them."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Small JSON facts kept with the batch (ids of rows that are not documents, dates loaded, …)."""
    message: str = ""
    """One Chinese sentence for the last page of the wizard."""


@dataclass(frozen=True)
class WrittenBatch:
    """What `undo` gets: a finished batch."""

    id: int
    number: str
    spec_code: str
    fiscal_year: int
    document_ids: tuple[int, ...]
    facts: Mapping[str, Any]
    params: Mapping[str, Any]


Validate = Callable[[Sequence[ImportRow], ImportContext], Sequence[CellProblem]]
Existing = Callable[[Sequence[tuple[Any, ...]], ImportContext], Mapping[tuple[Any, ...], str]]
Write = Callable[[Sequence[ImportRow], ImportContext], Written]
Undo = Callable[[WrittenBatch, Actor, dt.datetime], None]


@dataclass(frozen=True)
class ImportSpec:
    """A kind of file the product accepts.

    write and undo are called inside the engine's transaction; a Refusal stops it (nothing is kept).
    validate gets all rows whose cells are good and returns problems; it must ask the database set-wise.
    """

    code: str
    """"<module>.<noun>", e.g. "budget.approved"; also the `kind` of the command line's import."""
    title: str
    columns: tuple[ImportColumn, ...]
    permission: str
    write: Write
    undo: Undo | None = None
    """None: cannot be undone; otherwise raises a Refusal naming what depends on the batch."""
    validate: Validate | None = None
    keys: tuple[str, ...] = ()
    """Business key: two rows of one file may not agree in all of these columns."""
    existing: Existing | None = None
    """Which business keys are in the database already → what holds them ("指标 ZB2023-000012")."""
    existing_severity: Severity = "error"
    control_total: str | None = None
    """Column (amount) whose sum is held against the file's 合计 row and the total the user types."""
    control_total_required: bool = False
    all_or_nothing: bool = True
    allow_formulas: bool = False
    """Take the cached values of formula cells; otherwise each formula cell is named and refused."""
    period_key: str | None = None
    """Column of kind date or month: rows that fall in a closed accounting period are refused."""
    params: tuple[ImportColumn, ...] = ()
    """Asked once at the upload (e.g. the bank account); typed like cells."""
    template_example_rows: tuple[Mapping[str, str], ...] = ()
    """Cell texts by column key, for the template's example sheet."""
    description: str = ""
    """What the file is and where it comes from; printed on the template's 填写说明 and on the upload page."""
    max_rows: int = 200_000

    def column(self, key: str) -> ImportColumn:
        """The column of that key. :raises KeyError: no such column."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)
