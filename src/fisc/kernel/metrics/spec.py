"""What a figure is: a named metric, where its amounts come from, which period, which filters.

Owns only declarations (frozen dataclasses). A domain's `metrics.py` lists `Metric(...)` instances; `fetch.py`
gathers the requests of a page and reads them in a few queries. Formulas are in `formulas.py` (F1 to F22 of the
mission). No data is not zero: a figure's value may be None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Literal, Protocol

Unit = Literal["fen", "percent", "points", "count", "number"]
PeriodRule = Literal["month", "ytd", "year", "balance", "opening"]
Side = Literal["debit", "credit"]
Turnover = Literal["net", "debit", "credit"]
Exact = Fraction | int | None

FIGURE_PATH = "/figures/"


@dataclass(frozen=True)
class FigureRequest:
    """One figure to be fetched: which metric, up to which month, narrowed to which part of the books.

    `function`, `revenue`, `economic` are code prefixes (a class code counts everything below it); `as_known_on` asks
    what the books said at that moment (`recorded_at` not later), None means now. `only_month` takes the month alone
    where the metric adds up from January.
    """

    metric: str
    year: int
    month: int
    unit_ids: tuple[int, ...] | None = None
    function: str | None = None
    revenue: str | None = None
    fund: str | None = None
    as_known_on: datetime | None = None
    economic: str | None = None
    project_id: int | None = None
    allotment_id: int | None = None
    only_month: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"month {self.month} is not a month")
        if self.unit_ids is not None:
            object.__setattr__(self, "unit_ids", tuple(sorted(set(self.unit_ids))))

    @property
    def period(self) -> int:
        """The month as yyyymm."""
        return self.year * 100 + self.month

    def of(self, metric: str) -> FigureRequest:
        """The same place and time, another metric."""
        return replace(self, metric=metric)

    def last_year(self, metric: str | None = None) -> FigureRequest:
        """The same place, the same month one year before (上年同期)."""
        return replace(self, metric=metric or self.metric, year=self.year - 1)


@dataclass(frozen=True)
class Flow:
    """Amounts read from account turnovers of one book.

    `subjects` are subject codes of that book's chart. `side`: an account's net is Σdebit − Σcredit; "credit" flips the
    sign, so receipts come out positive. `turnover`: "net" of both sides or one side alone ("debit": all that came
    in). `period`: the month, January to the month ("ytd"), the whole fiscal year, the balance at the month's end
    ("balance"), or the balance when the year began ("opening"). `code_list` names a dated code list (as "livelihood")
    whose counted codes narrow the functions; `flags` is a bit mask (1 三保, 2 直达, 4 债券): all its bits must be set.
    `by_unit`: the book's accounts carry a budget unit, so the figure may be shown to people who see only some units.
    """

    book: str
    subjects: tuple[str, ...]
    side: Side = "debit"
    period: PeriodRule = "ytd"
    turnover: Turnover = "net"
    fund: str | None = None
    functions: tuple[str, ...] = ()
    revenues: tuple[str, ...] = ()
    economics: tuple[str, ...] = ()
    code_list: str | None = None
    flags: int = 0
    by_unit: bool = False
    fiscal_year: bool = True


@dataclass(frozen=True)
class ViewCount:
    """A count or sum over a fact view: `SELECT <measure> FROM <view> WHERE <condition>` and the period's dates.

    `measure` is "*" (rows), "distinct:<column>" or "sum:<column>" (fen). `on` is the view's date column; `filters`
    maps a request's filter ("unit_ids", "function", "fund", …) to the view's column. Names are checked as SQL
    identifiers; `where` maps columns to the values they must have.
    """

    view: str
    on: str
    measure: str = "*"
    period: PeriodRule = "ytd"
    where: tuple[tuple[str, tuple[str | int | bool, ...]], ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    document: str | None = "document_id"
    known: str = ""
    """Column that says when a row was recorded, for figures as known on a moment."""


class Formula(Protocol):
    """A calculation over other figures; pure. Implemented in `formulas.py`."""

    @property
    def formula_id(self) -> str: ...

    def inputs(self, request: FigureRequest) -> tuple[FigureRequest, ...]: ...

    def compute(self, values: tuple[Exact, ...], request: FigureRequest) -> Exact: ...

    def wording(self, names: tuple[str, ...]) -> str: ...


Source = Flow | ViewCount | Formula


@dataclass(frozen=True)
class Metric:
    """A named figure and its definition.

    `scope` is the 口径 in Chinese, shown wherever the figure is explained. `places` are the decimals printed by
    default (for fen: in 万元). A definition that changes is declared twice under one code with disjoint
    `valid_from`/`valid_to` (both inclusive, by the last day of the figure's period) and a higher `version`.
    """

    code: str
    title: str
    unit: Unit
    scope: str
    source: Source
    places: int = 2
    note: str = ""
    version: int = 1
    valid_from: date | None = None
    valid_to: date | None = None
    basis: str = ""

    @property
    def formula_id(self) -> str:
        """F1 to F22 for calculated figures, empty for amounts read from the books."""
        return getattr(self.source, "formula_id", "")

    def holds_on(self, day: date) -> bool:
        """Whether this version of the definition counts on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )
