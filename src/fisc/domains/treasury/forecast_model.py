"""How cash is foreseen: pure functions over daily history. No database, no clock.

A *stream* is one kind of money by day (税收, 非税, 转移支付, 工资, 其他支出 …). Its month is foreseen from the same month
last year × growth, or from the month's task × completion so far where a task is set; the month is spread over days by
the stream's profile by working day (what share came on the first, second … working day). What is known by name
(payments under way, plans, transfers announced) takes the place of as much of the profile.
The band comes from the errors this very method would have made: each of the last months is foreseen again from what was
known before it, the weekly errors are drawn again and again (block bootstrap), and 10 % and 90 % of the sums are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fisc.base.workdays import is_workday

Days = NDArray[np.float64]
MOST_WORKDAYS = 24
LEAST_GROWTH, MOST_GROWTH = 0.5, 2.0
WEEK = 7


@dataclass(frozen=True)
class Settings:
    """What a run may choose. `history_months`: how far back; `low`, `high`: quantiles of the band."""

    days: int = 90
    history_months: int = 24
    paths: int = 1000
    block_weeks: int = 2
    low: float = 0.10
    high: float = 0.90
    seed: int = 20230703

    def __post_init__(self) -> None:
        """:raises ValueError: values with which nothing can be foreseen."""
        if not (
            1 <= self.days <= 366 and 12 <= self.history_months <= 60 and 0 < self.low < 0.5 < self.high < 1
        ):
            raise ValueError("settings out of range")


@dataclass(frozen=True)
class Stream:
    """One kind of money: its daily amounts in 分 from the history's first day on, and its tasks by month (yyyymm)."""

    name: str
    daily: Days
    task: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """Daily money of the same days, the last of them the day before the forecast's first."""

    first_day: dt.date
    inflows: tuple[Stream, ...]
    outflows: tuple[Stream, ...]

    @property
    def day_count(self) -> int:
        """How many days are known."""
        return len(next(iter((*self.inflows, *self.outflows))).daily)

    @property
    def months(self) -> int:
        """How many whole months are known."""
        return len(whole_months(self.first_day, self.day_count))

    def net(self) -> Days:
        """What came in less what went out, by day."""
        total = np.zeros(self.day_count)
        for stream in self.inflows:
            total += stream.daily
        for stream in self.outflows:
            total -= stream.daily
        return total

    def before(self, day: dt.date) -> History:
        """The history as it was known when `day` began."""
        count = (day - self.first_day).days

        def cut(streams: tuple[Stream, ...]) -> tuple[Stream, ...]:
            return tuple(Stream(s.name, s.daily[:count], s.task) for s in streams)

        return History(self.first_day, cut(self.inflows), cut(self.outflows))


@dataclass(frozen=True)
class Backtest:
    """What the method would have been worth: origins, mean absolute error of the net flow summed to 30, 60, 90 days
    (as a share of the outflow of these days), and how often the balance stayed within the band (by week)."""

    origins: tuple[dt.date, ...]
    error_percent: Mapping[int, float | None]
    coverage_percent: float | None


@dataclass(frozen=True)
class Band:
    """How far below and above the middle the sum of all days up to each may lie, in 分."""

    below: Days
    above: Days


# --- calendar ------------------------------------------------------------------------------------------------


def day_at(first: dt.date, offset: int) -> dt.date:
    """The day so many days after the first."""
    return first + dt.timedelta(days=offset)


def period_of(day: dt.date) -> int:
    """yyyymm of a day."""
    return day.year * 100 + day.month


def month_days(period: int) -> list[dt.date]:
    """All days of a month."""
    first = dt.date(period // 100, period % 100, 1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    return [day_at(first, offset) for offset in range((after - first).days)]


def shifted(period: int, months: int) -> int:
    """The month so many months later (negative: earlier)."""
    number = period // 100 * 12 + period % 100 - 1 + months
    return number // 12 * 100 + number % 12 + 1


def whole_months(first_day: dt.date, count: int) -> list[int]:
    """The months of which every day is among these days."""
    periods: dict[int, int] = {}
    for offset in range(count):
        period = period_of(day_at(first_day, offset))
        periods[period] = periods.get(period, 0) + 1
    return [period for period, days in periods.items() if days == len(month_days(period))]


@lru_cache(maxsize=8192)
def workday_number(day: dt.date) -> int:
    """On which working day of its month a day falls, from 0; a free day counts with the next working day."""
    return sum(is_workday(day.replace(day=number)) for number in range(1, day.day))


# --- one stream ----------------------------------------------------------------------------------------------


def by_month(first_day: dt.date, daily: Days) -> dict[int, float]:
    """Sums of the whole months."""
    sums = dict.fromkeys(whole_months(first_day, len(daily)), 0.0)
    for offset, fen in enumerate(daily):
        period = period_of(day_at(first_day, offset))
        if period in sums:
            sums[period] += float(fen)
    return sums


def growth(sums: Mapping[int, float], months: int = 6) -> float:
    """The last months against the same months a year before, within bounds; 1 where that cannot be told."""
    pairs = [
        (fen, sums[shifted(p, -12)]) for p, fen in sorted(sums.items())[-months:] if shifted(p, -12) in sums
    ]
    before = sum(old for _, old in pairs)
    if before <= 0:
        return 1.0
    return float(min(MOST_GROWTH, max(LEAST_GROWTH, sum(new for new, _ in pairs) / before)))


def month_total(stream: Stream, sums: Mapping[int, float], period: int) -> float:
    """What a month of the stream is foreseen to be in all, in 分."""
    planned = {p: fen for p, fen in stream.task.items() if p // 100 == period // 100}
    done = [p for p in planned if p in sums]
    if planned.get(period, 0) > 0 and sum(planned[p] for p in done) > 0:
        completion = sum(sums[p] for p in done) / sum(planned[p] for p in done)
        return planned[period] * min(MOST_GROWTH, max(LEAST_GROWTH, completion))
    same_month = shifted(period, -12)
    if same_month in sums:
        return sums[same_month] * growth(sums)
    last = [fen for _, fen in sorted(sums.items())[-12:]]
    return sum(last) / len(last) if last else 0.0


def profile(first_day: dt.date, daily: Days, months: int = 12) -> Days:
    """The share of a month that comes on its first, second … working day, from the last whole months."""
    wanted = set(sorted(whole_months(first_day, len(daily)))[-months:])
    shares = np.zeros(MOST_WORKDAYS)
    for offset in np.flatnonzero(daily):
        day = day_at(first_day, int(offset))
        if period_of(day) in wanted:
            shares[min(workday_number(day), MOST_WORKDAYS - 1)] += max(0.0, float(daily[offset]))
    total = shares.sum()
    return shares / total if total > 0 else np.full(MOST_WORKDAYS, 1 / MOST_WORKDAYS)


def spread(period: int, shares: Days) -> dict[dt.date, float]:
    """The share of each working day of a month; they sum to 1. What falls behind the last one falls on it."""
    days = [day for day in month_days(period) if is_workday(day)]
    if not days:
        days = month_days(period)[-1:]
    parts = {day: float(shares[number]) for number, day in enumerate(days) if number < MOST_WORKDAYS}
    parts[days[-1]] += float(shares[len(days) :].sum())
    total = sum(parts.values())
    if total <= 0:
        return dict.fromkeys(days, 1 / len(days))
    return {day: part / total for day, part in parts.items()}


def foresee(stream: Stream, first_day: dt.date, days: int) -> Days:
    """The stream's days after its history, in 分."""
    sums = by_month(first_day, stream.daily)
    shares = profile(first_day, stream.daily)
    start = day_at(first_day, len(stream.daily))
    foreseen = np.zeros(days)
    spreads: dict[int, tuple[float, dict[dt.date, float]]] = {}
    for offset in range(days):
        day = day_at(start, offset)
        period = period_of(day)
        if period not in spreads:
            spreads[period] = month_total(stream, sums, period), spread(period, shares)
        total, parts = spreads[period]
        foreseen[offset] = total * parts.get(day, 0.0)
    return foreseen


def replaced(foreseen: Days, start: dt.date, known: Days) -> Days:
    """What is left of the profile once known money takes its place: per month, never below zero."""
    rest = foreseen.copy()
    periods = np.array([period_of(day_at(start, offset)) for offset in range(len(foreseen))])
    for period in np.unique(periods):
        here = periods == period
        total = foreseen[here].sum()
        if total > 0:
            rest[here] *= max(0.0, total - known[here].sum()) / total
    return rest


# --- the band ------------------------------------------------------------------------------------------------


def net_foreseen(history: History, days: int) -> Days:
    """The net flow of the days after the history, by profiles alone."""
    total = np.zeros(days)
    for stream in history.inflows:
        total += foresee(stream, history.first_day, days)
    for stream in history.outflows:
        total -= foresee(stream, history.first_day, days)
    return total


def origins(history: History, most: int = 12, least_months: int = 12) -> list[dt.date]:
    """First days of months that have a year of history before them and at least four weeks of truth after them."""
    end = day_at(history.first_day, history.day_count)
    months = whole_months(history.first_day, history.day_count)
    found = [
        dt.date(period // 100, period % 100, 1)
        for number, period in enumerate(months)
        if number >= least_months and (end - dt.date(period // 100, period % 100, 1)).days >= 4 * WEEK
    ]
    return found[-most:]


def weekly_errors(history: History, days: int) -> dict[dt.date, Days]:
    """Per origin the errors (true − foreseen) of the net flow by week, as far as the truth is known."""
    net = history.net()
    errors = {}
    for origin in origins(history):
        at = (origin - history.first_day).days
        count = min(days, history.day_count - at) // WEEK * WEEK
        wrong = net[at : at + count] - net_foreseen(history.before(origin), count)
        errors[origin] = wrong.reshape(-1, WEEK).sum(axis=1)
    return errors


def plain_errors(history: History) -> Days:
    """Where nothing can be tested back: how the weeks of the last year lay about their mean."""
    net = history.net()
    weeks = net[len(net) % WEEK :].reshape(-1, WEEK).sum(axis=1)[-52:]
    return weeks - weeks.mean()


def band_of(errors: Iterable[Days], settings: Settings) -> Band:
    """The band that these weekly errors make, summed over the days of the run."""
    series = [wrong - wrong.mean() for wrong in errors if len(wrong) >= settings.block_weeks]
    weeks = -(-settings.days // WEEK)
    if not series:
        return Band(np.zeros(settings.days), np.zeros(settings.days))
    blocks = np.array([
        wrong[start : start + settings.block_weeks]
        for wrong in series
        for start in range(len(wrong) - settings.block_weeks + 1)
    ])  # fmt: skip
    draw = np.random.default_rng(settings.seed)
    needed = -(-weeks // settings.block_weeks)
    chosen = draw.integers(0, len(blocks), size=(settings.paths, needed))
    paths = blocks[chosen].reshape(settings.paths, -1)[:, :weeks].cumsum(axis=1)
    low = np.minimum(0, np.quantile(paths, settings.low, axis=0))
    high = np.maximum(0, np.quantile(paths, settings.high, axis=0))
    ends = np.arange(weeks + 1) * WEEK
    days = np.arange(1, settings.days + 1)
    return Band(np.interp(days, ends, np.append(0, low)), np.interp(days, ends, np.append(0, high)))


def tested_back(history: History, settings: Settings) -> tuple[Backtest, Band]:
    """Test the method on its own past, and make the band from the errors found there.

    Each origin's coverage is judged by a band made from the other origins' errors.
    """
    errors = weekly_errors(history, settings.days)
    outflow = np.sum([stream.daily for stream in history.outflows], axis=0)
    shares: dict[int, list[float]] = {30: [], 60: [], 90: []}
    inside = total = 0
    for origin, wrong in errors.items():
        at = (origin - history.first_day).days
        for horizon, found in shares.items():
            weeks = round(horizon / WEEK)
            spent = outflow[at : at + weeks * WEEK].sum()
            if len(wrong) >= weeks and spent > 0:
                found.append(abs(wrong[:weeks].sum()) / spent * 100)
        others = [other for key, other in errors.items() if key != origin]
        if others and len(wrong):
            band = band_of(others, settings)
            sums, ends = wrong.cumsum(), np.arange(1, len(wrong) + 1) * WEEK - 1
            ends = np.minimum(ends, settings.days - 1)
            inside += int(((sums >= band.below[ends]) & (sums <= band.above[ends])).sum())
            total += len(wrong)
    backtest = Backtest(
        origins=tuple(errors),
        error_percent={
            horizon: float(np.mean(found)) if found else None for horizon, found in shares.items()
        },
        coverage_percent=inside / total * 100 if total else None,
    )
    return backtest, band_of(list(errors.values()) or [plain_errors(history)], settings)


def balances(opening_fen: int, inflow: Sequence[int], outflow: Sequence[int]) -> list[int]:
    """The balance at the end of each day, in whole 分."""
    found, at = [], opening_fen
    for money_in, money_out in zip(inflow, outflow, strict=True):
        at += money_in - money_out
        found.append(at)
    return found
