"""Charts drawn as SVG: text that prints sharp, follows the theme, can be read aloud and asserted on. Pure.

Coordinates: x in percent, y in pixels of a fixed height and no viewBox on the outer element, so text never
stretches; curves go into a nested SVG with a viewBox. Colour comes from classes, so no inline style is needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from fisc.base.money import FEN_PER_UNIT, UNIT_NAMES, Unit, format_fen
from fisc.web.formats import number_text

PLOT_TOP, PLOT_FOOT = 34, 22
MONTHS = tuple(f"{month}月" for month in range(1, 13))


@dataclass(frozen=True)
class Series:
    """Twelve months of this and last year in 分; None = no data yet. `hrefs` lead to the entries of a month."""

    title: str
    year: int
    this: tuple[int | None, ...]
    last: tuple[int | None, ...]
    hrefs: tuple[str, ...] = ()
    last_hrefs: tuple[str, ...] = ()


def growth_percent(now: int | None, before: int | None) -> Fraction | None:
    """同比 in percent; None without a base."""
    if now is None or not before:
        return None
    return Fraction((now - before) * 100, abs(before))


def scale_unit(values: Sequence[int | None]) -> Unit:
    """The unit in which the largest value is easy to read."""
    top = max((abs(value) for value in values if value is not None), default=0)
    return "yi" if top >= FEN_PER_UNIT["yi"] else "wan"


def nice_step(top: float, parts: int = 4) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that reaches `top` in `parts` steps."""
    if top <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(top / parts))
    return next(
        step for step in (power, 2 * power, 2.5 * power, 5 * power, 10 * power) if step * parts >= top * 0.999
    )


def monthly_columns(series: Series, *, height: int = 210) -> SafeString:
    """Columns by month: last year ochre on the left, this year petrol on the right, coming months pale."""
    unit = scale_unit((*series.this, *series.last))
    per = FEN_PER_UNIT[unit]
    peak = max((value for value in (*series.this, *series.last) if value), default=0) / per
    step = nice_step(peak)
    floor, room = height - PLOT_FOOT, height - PLOT_FOOT - PLOT_TOP
    parts = _grid(step=step, unit=unit, floor=floor, room=room)
    for month in range(12):
        parts.append(_month_pair(series, month, unit=unit, floor=floor, room=room, top=step * 4))
    return _svg(parts, height=height, label=columns_sentence(series))


def _month_pair(series: Series, month: int, *, unit: Unit, floor: int, room: int, top: float) -> str:
    left = 4.6 + month * 8.0
    now, before = series.this[month], series.last[month]
    out = [f'<g data-tip="{escape(_month_tip(series, month, unit))}"><rect class="hit" x="{left - 0.5:.2f}%" y="4" '
           f'width="8%" height="{floor - 4}"/>']  # fmt: skip
    if before:
        out.append(_column(left + 0.45, before, "d2 pale" if now is None else "d2", unit, floor, room, top))
    if now:
        out.append(_column(left + 3.55, now, "d1", unit, floor, room, top))
        y = floor - _height(now, unit, room, top) - 5
        out.append(f'<text class="val" x="{left + 5:.2f}%" y="{y:.0f}" text-anchor="middle">'
                   f"{format_fen(now, unit, 2)}</text>")  # fmt: skip
    out.append(
        f'<text x="{left + 3.5:.2f}%" y="{floor + 16}" text-anchor="middle">{MONTHS[month]}</text></g>'
    )
    return "".join(out)


def _height(fen: int, unit: Unit, room: int, top: float) -> float:
    return max(0.0, fen / FEN_PER_UNIT[unit] / top * room) if top else 0.0


def _column(x: float, fen: int, names: str, unit: Unit, floor: int, room: int, top: float) -> str:
    tall = _height(fen, unit, room, top)
    return f'<rect class="{names}" x="{x:.2f}%" y="{floor - tall:.1f}" width="2.9%" height="{tall:.1f}"/>'


def _grid(*, step: float, unit: Unit, floor: int, room: int) -> list[str]:
    parts = []
    for index in range(1, 5):
        y = floor - room * index / 4
        word = f" {UNIT_NAMES[unit]}" if index == 4 else ""
        parts.append(f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="0" y="{y - 4:.1f}">{_tick(step * index)}{word}</text>')
    parts.append(f'<line class="base" x1="0" x2="100%" y1="{floor}" y2="{floor}"/>')
    return parts


def _tick(value: float) -> str:
    return f"{value:,.10g}"


def _month_tip(series: Series, month: int, unit: Unit) -> str:
    now, before = series.this[month], series.last[month]
    word = UNIT_NAMES[unit]
    lines = [f"{month + 1}月"]
    if now is not None:
        lines.append(f"本年 {format_fen(now, unit, 2)} {word}")
    if before is not None:
        lines.append(f"上年 {format_fen(before, unit, 2)} {word}")
    growth = growth_percent(now, before)
    if growth is not None:
        lines.append(f"同比 {number_text(growth, 1, sign=True)}%")
    return "|".join(lines)


def columns_sentence(series: Series) -> str:
    """What a reader hears instead of the chart."""
    known = [(month, value) for month, value in enumerate(series.this) if value is not None]
    if not known:
        return f"{series.title}：{series.year} 年还没有数据。"
    unit = scale_unit(series.this)
    most = max(known, key=lambda pair: pair[1])
    last = known[-1]
    growth = growth_percent(last[1], series.last[last[0]])
    word = f"，同比 {number_text(growth, 1, sign=True)}%" if growth is not None else ""
    return (
        f"{series.title}：{series.year} 年 {last[0] + 1} 月 {format_fen(last[1], unit, 2)} {UNIT_NAMES[unit]}{word}；"
        f"最高为 {most[0] + 1} 月 {format_fen(most[1], unit, 2)} {UNIT_NAMES[unit]}。"
    )


def cumulate(values: Sequence[int | None]) -> tuple[int | None, ...]:
    """Running totals; after the last known month there is nothing."""
    total, out = 0, []
    known = max((index for index, value in enumerate(values) if value is not None), default=-1)
    for index, value in enumerate(values):
        total += value or 0
        out.append(total if index <= known else None)
    return tuple(out)


def cumulative_lines(series: Series, *, task_fen: int | None = None, height: int = 210) -> SafeString:
    """Lines of running totals: last year dashed, the yearly task as a red dashed line, the future shaded."""
    this, last = cumulate(series.this), cumulate(series.last)
    unit = scale_unit((*this, *last, task_fen))
    peak = max((value for value in (*this, *last, task_fen) if value), default=0) / FEN_PER_UNIT[unit]
    step = nice_step(peak)
    floor, room, top = height - PLOT_FOOT, height - PLOT_FOOT - PLOT_TOP, step * 4
    known = sum(value is not None for value in this)
    parts = _grid(step=step, unit=unit, floor=floor, room=room)
    if known < 12:
        x = 4.6 + known * 8.0
        parts.insert(
            0, f'<rect class="future" x="{x:.2f}%" y="{PLOT_TOP}" width="{100 - x:.2f}%" height="{room}"/>'
        )
    parts.append(f'<svg x="0" y="{PLOT_TOP}" width="100%" height="{room}" viewBox="0 0 100 100" '
                 'preserveAspectRatio="none">')  # fmt: skip
    if task_fen:
        y = 100 - task_fen / FEN_PER_UNIT[unit] / top * 100
        parts.append(f'<line class="l3" x1="4.6" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>')
    parts += [_line(last, "l2", unit, top), _line(this, "l1", unit, top), "</svg>"]
    cumulated = Series(title=series.title, year=series.year, this=this, last=last)
    for month in range(12):
        left = 4.6 + month * 8.0
        parts.append(
            f'<g data-tip="{escape(_month_tip(cumulated, month, unit))}"><rect class="hit" x="{left - 0.5:.2f}%" '
            f'y="4" width="8%" height="{floor - 4}"/><text x="{left + 3.5:.2f}%" y="{floor + 16}" '
            f'text-anchor="middle">{MONTHS[month]}</text></g>'
        )
    return _svg(parts, height=height, label=columns_sentence(cumulated))


def _line(values: Sequence[int | None], names: str, unit: Unit, top: float) -> str:
    points = " ".join(
        f"{8.1 + month * 8.0:.2f},{100 - value / FEN_PER_UNIT[unit] / top * 100:.2f}"
        for month, value in enumerate(values)
        if value is not None
    )
    return f'<polyline class="{names}" points="{points}"/>' if points else ""


def _svg(parts: Sequence[str], *, height: int, label: str) -> SafeString:
    return mark_safe(
        f'<svg class="c" width="100%" height="{height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True)
class Part:
    """One part of a whole, in 分; `tone` is d1, d2, now, rest, frozen, plan or over."""

    label: str
    fen: int
    tone: str
    href: str = ""


def stacked_bar(parts: Sequence[Part], *, label: str) -> SafeString:
    """One bar of parts of a whole; parts that are not positive take no room."""
    shown = [part for part in parts if part.fen > 0]
    whole = sum(part.fen for part in shown) or 1
    rects, at = [], 0.0
    for part in shown:
        width = part.fen * 100 / whole
        gap = 0.2 if width > 0.6 else 0
        tip = f"{part.label} {format_fen(part.fen)} 元|占 {number_text(Fraction(part.fen * 100, whole))}%"
        rects.append(f'<rect class="{part.tone}" x="{at:.3f}%" width="{width - gap:.3f}%" height="16" '
                     f'data-tip="{escape(tip)}"/>')  # fmt: skip
        at += width
    words = "，".join(f"{part.label} {format_fen(part.fen)} 元" for part in parts)
    return mark_safe(
        f'<svg class="stacked" width="100%" height="16" role="img" aria-label="{escape(f"{label}：{words}")}">'
        f"{''.join(rects)}</svg>"
    )


def progress_bar(
    percent: Fraction | Decimal | float | None,
    *,
    tick: Fraction | Decimal | float | None = None,
    late_points: float = 5,
    label: str = "",
    height: int = 8,
    mark_late: bool = True,
) -> SafeString:
    """A bar with a tick for 时间进度; `late_points` or more behind the tick turns it orange."""
    value = 0.0 if percent is None else max(0.0, min(100.0, float(percent)))
    late = mark_late and is_late(percent, tick, late_points)
    words = f"{label} {number_text(percent)}%" + (
        f"，时间进度 {number_text(tick)}%" if tick is not None else ""
    )
    mark = ""
    if tick is not None:
        mark = f'<rect class="tick" x="{min(99.4, float(tick)):.2f}%" y="0" width="2" height="{height + 4}"/>'
    return mark_safe(
        f'<svg class="bar" width="100%" height="{height + 4}" role="img" aria-label="{escape(words.strip())}">'
        f'<rect class="rail" y="2" width="100%" height="{height}"/>'
        f'<rect class="v{" late" if late else ""}" y="2" width="{value:.2f}%" height="{height}"/>{mark}</svg>'
    )


def is_late(percent: Any, tick: Any, late_points: float = 5) -> bool:
    """Whether a rate is `late_points` or more 百分点 behind the tick."""
    if percent is None or tick is None:
        return False
    return Fraction(tick) - Fraction(percent) >= Fraction(late_points)


@dataclass(frozen=True)
class Grade:
    """One grade of a band: from the end of the last one up to `upto`; `tone` is g, y, o or r."""

    label: str
    upto: float
    tone: str


def band(
    value: Fraction | Decimal | float, grades: Sequence[Grade], *, label: str, unit: str = "%"
) -> SafeString:
    """A band of grades with ▼ at the value; the grade it falls in stands out."""
    top = grades[-1].upto
    at = min(99.0, max(1.0, float(value) / top * 100))
    parts, start = [], 0.0
    for grade in grades:
        here = start <= float(value) < grade.upto or (grade is grades[-1] and float(value) >= start)
        tone, text_class = (grade.tone, "here") if here else (f"{grade.tone} off", "")
        x, width = start / top * 100, (grade.upto - start) / top * 100
        parts.append(
            f'<rect class="{tone}" x="{x:.2f}%" y="26" width="{width - 0.3:.2f}%" height="22"/>'
            f'<text class="{text_class}" x="{x + width / 2:.2f}%" y="41" text-anchor="middle">'
            f"{escape(grade.label)}</text>"
        )
        if grade is not grades[-1]:
            parts.append(
                f'<text x="{x + width:.2f}%" y="63" text-anchor="middle">{grade.upto:g}{unit}</text>'
            )
        start = grade.upto
    shown = f"{number_text(value)}{unit}"
    parts.append(
        f'<text class="val" x="{at:.2f}%" y="12" text-anchor="middle">{shown}</text>'
        f'<svg x="{at:.2f}%" y="17" width="1" height="8" overflow="visible"><path class="mk" d="M-5 0H5L0 7Z"/></svg>'
    )
    words = escape(f"{label} {shown}")
    return mark_safe(
        f'<svg class="c band" width="100%" height="68" role="img" aria-label="{words}">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True)
class BandDay:
    """One day of a foreseen balance in 分: low, middle and high value; what it really was, where that is known."""

    on: date
    low: int
    mid: int
    high: int
    actual: int | None = None
    short: bool = False


def balance_band(
    days: Sequence[BandDay], *, label: str, line_fen: int | None = None, height: int = 240
) -> SafeString:
    """A balance by day: the band shaded, the middle a line, the truth dashed, the safety line and zero across."""
    if not days:
        return mark_safe("")
    values = [fen for day in days for fen in (day.low, day.high, day.actual) if fen is not None]
    unit = scale_unit(values)
    per = FEN_PER_UNIT[unit]
    top, bottom = max(0, *values, line_fen or 0) / per, min(0, *values) / per
    step = nice_step(top - bottom, 4)
    low = math.floor(bottom / step) * step
    high = max(math.ceil(top / step), round(low / step) + 1) * step
    room = height - PLOT_FOOT - PLOT_TOP

    def y_at(fen: float) -> float:
        return (high - fen / per) / (high - low) * 100

    def x_at(number: float) -> float:
        return 6 + number * 94 / max(1, len(days) - 1)

    parts = []
    for number in range(round((high - low) / step) + 1):
        value = high - number * step
        y = PLOT_TOP + room * number / ((high - low) / step)
        word = f" {UNIT_NAMES[unit]}" if number == 0 else ""
        name = "base" if abs(value) < step / 1000 else "grid"
        parts.append(f'<line class="{name}" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="0" y="{y - 4:.1f}">{_tick(0.0 if name == "base" else value)}{word}</text>')
    parts.append(f'<svg x="0" y="{PLOT_TOP}" width="100%" height="{room}" viewBox="0 0 100 100" '
                 'preserveAspectRatio="none">')  # fmt: skip
    upper = [f"{x_at(n):.2f},{y_at(day.high):.2f}" for n, day in enumerate(days)]
    lower = [f"{x_at(n):.2f},{y_at(day.low):.2f}" for n, day in enumerate(days)]
    parts.append(f'<polygon class="range" points="{" ".join([*upper, *reversed(lower)])}"/>')
    if line_fen is not None:
        parts.append(
            f'<line class="l3" x1="6" x2="100" y1="{y_at(line_fen):.2f}" y2="{y_at(line_fen):.2f}"/>'
        )
    known = [f"{x_at(n):.2f},{y_at(d.actual):.2f}" for n, d in enumerate(days) if d.actual is not None]
    if known:
        parts.append(f'<polyline class="l2" points="{" ".join(known)}"/>')
    middle = " ".join(f"{x_at(n):.2f},{y_at(day.mid):.2f}" for n, day in enumerate(days))
    parts.append(f'<polyline class="l1" points="{middle}"/></svg>')
    parts += [
        _band_week(days[start : start + 7], x_at(start), 94 * 7 / len(days), height, unit)
        for start in range(0, len(days), 7)
    ]
    return _svg(parts, height=height, label=label)


def _band_week(week: Sequence[BandDay], left: float, width: float, height: int, unit: Unit) -> str:
    last, word = week[-1], UNIT_NAMES[unit]
    lines = [
        f"{week[0].on:%m-%d} 至 {last.on:%m-%d}",
        f"周末中值 {format_fen(last.mid, unit, 2)} {word}",
        f"低值 {format_fen(last.low, unit, 2)} {word}",
        f"高值 {format_fen(last.high, unit, 2)} {word}",
    ]
    if last.actual is not None:
        lines.append(f"实际 {format_fen(last.actual, unit, 2)} {word}")
    wide = min(width, 100 - left)
    return (
        f'<g data-tip="{escape("|".join(lines))}"><rect class="hit" x="{left:.2f}%" y="4" width="{wide:.2f}%" '
        f'height="{height - PLOT_FOOT - 4}"/><text x="{left:.2f}%" y="{height - 6}">{week[0].on:%m-%d}</text></g>'
    )
