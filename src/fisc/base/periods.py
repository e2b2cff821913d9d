"""Fiscal years and periods. The fiscal year is the calendar year (预算法 第十八条); a period is a month, yyyymm."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

FIRST_YEAR, LAST_YEAR = 1950, 2199


@dataclass(frozen=True, slots=True, order=True)
class FiscalYear:
    """A fiscal year, 1 January to 31 December."""

    number: int

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.number <= LAST_YEAR:
            raise ValueError(f"{self.number} is not a fiscal year")

    @property
    def first_day(self) -> date:
        return date(self.number, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.number, 12, 31)

    @property
    def previous(self) -> "FiscalYear":
        return FiscalYear(self.number - 1)

    def periods(self) -> "list[Period]":
        """Return the twelve months."""
        return [Period.of(self.number, month) for month in range(1, 13)]

    def __contains__(self, day: date) -> bool:
        return day.year == self.number

    def __str__(self) -> str:
        return f"{self.number}年"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month as yyyymm, such as 202306."""

    yyyymm: int

    def __post_init__(self) -> None:
        year, month = divmod(self.yyyymm, 100)
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
            raise ValueError(f"{self.yyyymm} is not a period yyyymm")

    @classmethod
    def of(cls, year: int, month: int) -> Self:
        """Return the period of a year and a month."""
        return cls(year * 100 + month)

    @classmethod
    def containing(cls, day: date) -> Self:
        """Return the period in which a day lies."""
        return cls.of(day.year, day.month)

    @property
    def year(self) -> int:
        return self.yyyymm // 100

    @property
    def month(self) -> int:
        return self.yyyymm % 100

    @property
    def quarter(self) -> int:
        return (self.month + 2) // 3

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def plus(self, months: int) -> "Period":
        """Return the period so many months later (or earlier)."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Period.of(year, month + 1)

    @property
    def same_period_last_year(self) -> "Period":
        """上年同期."""
        return self.plus(-12)

    def year_to_date(self) -> "PeriodRange":
        """Return January to this month: 累计."""
        return PeriodRange(Period.of(self.year, 1), self)

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月"


@dataclass(frozen=True, slots=True)
class PeriodRange:
    """The months from `first` to `last`, both included."""

    first: Period
    last: Period

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last.yyyymm} is before {self.first.yyyymm}")

    @property
    def same_period_last_year(self) -> "PeriodRange":
        return PeriodRange(self.first.same_period_last_year, self.last.same_period_last_year)

    def __contains__(self, period: Period) -> bool:
        return self.first <= period <= self.last

    def __iter__(self) -> Iterator[Period]:
        period = self.first
        while period <= self.last:
            yield period
            period = period.plus(1)

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        if self.first.year == self.last.year:
            return f"{self.first.year}年{self.first.month}-{self.last.month}月"
        return f"{self.first}至{self.last}"


def period_of(day: date) -> int:
    """Return the period of a day as a plain number yyyymm, as tables hold it."""
    return day.year * 100 + day.month


def year_to_date(period: int) -> tuple[int, int]:
    """Return the first and last period, plain numbers, from January to the given one."""
    return period // 100 * 100 + 1, period


def same_period_last_year(period: int) -> int:
    """Return the same month of last year, plain numbers."""
    return period - 100
