"""What a report is: a tree of rows (dimension levels) by groups of columns (metrics).

Owns only declarations. A module lists its `ReportLayout`s in its spec; `build.py` turns one into rows, `excel.py`,
`pdf.py` and the web's report page show them. Metrics are named by code, so a layout may use another module's figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

LevelKind = Literal["function", "revenue", "economic", "unit", "allotment", "payment", "transfer"]
CellKind = Literal["amount", "percent", "points", "rate", "count"]

DOCUMENT_PATH = "/doc/"
ENTRY_PATH = "/ledger/entries/"

CODE_KINDS: dict[str, str] = {"function": "function", "revenue": "revenue", "economic": "economic_department"}
"""Level kind → code list that names its rows."""


@dataclass(frozen=True)
class Level:
    """One level of the row tree: a code prefix of `length` digits, budget units, allotments or their payments.

    "unit" shows first-level units (主管部门) and opens to the units below them.
    """

    kind: LevelKind
    label: str
    length: int = 0


@dataclass(frozen=True)
class Column:
    """One column: a metric, and how its cells look and add up.

    kind "rate" draws a bar with the 时间进度 tick; `month` fixes the month (class × month reports), else the report's;
    `only_month` takes the month alone; `last_year` asks the same month one year before; `formula` is the Excel formula of the cell in terms of other
    column keys ("{paid}/{adjusted}*100"); without it the cell is a number and totals are SUMs; `signed` writes "+".
    """

    key: str
    head: str
    metric: str
    kind: CellKind = "amount"
    month: int | None = None
    only_month: bool = False
    last_year: bool = False
    formula: str | None = None
    signed: bool = False


@dataclass(frozen=True)
class ColumnGroup:
    """Columns under one head ("预算数", "执行", "与上年同期比")."""

    head: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class ReportLayout:
    """A report: code, title, levels of rows from the top, groups of columns.

    `default_level` is the number of levels shown at first (1 = classes only). `behind_points`: a rate this many
    百分点 or more behind 时间进度 is marked orange. `permission` opens the report.
    """

    code: str
    title: str
    levels: tuple[Level, ...]
    groups: tuple[ColumnGroup, ...]
    fund: str | None = None
    default_level: int = 1
    row_head: str = "科目"
    source: str = "预算指标账、国库收付记录"
    behind_points: int = 5
    permission: str = "reports.view"
    code_prefixes: tuple[str, ...] = ()
    """Only rows of the first level whose code begins so (revenue items of one budget)."""
    entry_column: str = ""
    """The column whose booked lines the levels "payment" and "transfer" list."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns from left to right."""
        return tuple(column for group in self.groups for column in group.columns)

    def column(self, key: str) -> Column:
        """The column of that key. :raises KeyError: no such column."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)


@dataclass(frozen=True)
class ReportQuery:
    """What a reader asked for: the month, and the part of the books.

    `unit_ids` None means all units; `level` how many levels to show (None: the layout's default).
    """

    year: int
    month: int
    unit_ids: tuple[int, ...] | None = None
    fund: str | None = None
    function: str | None = None
    level: int | None = None
    as_known_on: datetime | None = None

    def narrowed(self, **filters: object) -> ReportQuery:
        """The query with other filters."""
        return replace(self, **filters)  # type: ignore[arg-type]

    @property
    def period(self) -> int:
        """The month as yyyymm."""
        return self.year * 100 + self.month


@dataclass(frozen=True)
class Step:
    """One step of a row's path: level kind and the key chosen there (code, unit id, allotment id)."""

    kind: LevelKind
    key: str


Path = tuple[Step, ...]


def path_text(path: Path) -> str:
    """A path as it stands in an address: "function:205/function:20502/unit:12"."""
    return "/".join(f"{step.kind}:{step.key}" for step in path)


def parse_path(text: str) -> Path:
    """This will read a path back. :raises ValueError: not a path."""
    if not text:
        return ()
    steps = []
    for part in text.split("/"):
        kind, _, key = part.partition(":")
        if (
            kind not in ("function", "revenue", "economic", "unit", "allotment", "payment", "transfer")
            or not key
        ):
            raise ValueError(f"not a report path: {text}")
        steps.append(Step(kind=kind, key=key))  # type: ignore[arg-type]
    return tuple(steps)


@dataclass(frozen=True)
class Cell:
    """One cell: the exact value (分 for amounts, percent else), its figure's page, and whether it lags.

    `value` None is shown empty; `figure_id` None means that the cell is not a figure (a payment's own amount).
    """

    key: str
    value: object
    kind: CellKind
    figure_id: str | None = None
    url: str | None = None
    behind: bool = False


@dataclass(frozen=True)
class Row:
    """One row. `depth` is 0 for the top; `code` "" for rows without one; `url` opens a document."""

    path: Path
    depth: int
    code: str
    name: str
    cells: tuple[Cell, ...]
    has_children: bool
    is_total: bool = False
    url: str | None = None
    detail: str = ""

    @property
    def path_text(self) -> str:
        """The path as it stands in an address."""
        return path_text(self.path)

    def cell(self, key: str) -> Cell:
        """The cell of that column. :raises KeyError: no such column."""
        for cell in self.cells:
            if cell.key == key:
                return cell
        raise KeyError(key)


@dataclass(frozen=True)
class Report:
    """A report that was built: head, rows from top to bottom (children after their parent), the total row.

    `time_progress` is in percent. `unmatched` is the total minus the rows shown (zero when the rows are complete).
    """

    layout: ReportLayout
    query: ReportQuery
    rows: tuple[Row, ...]
    total: Row
    time_progress: object
    notes: tuple[str, ...] = ()
    filter_text: str = ""

    @property
    def period_text(self) -> str:
        """2023年1－6月."""
        span = "1月" if self.query.month == 1 else f"1－{self.query.month}月"
        return f"{self.query.year}年{span}"
