"""The desk's charts as SVG, in the manner of `fisc.web.charts`: percent across, pixels down, colours by class. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from fisc.base.money import FEN_PER_UNIT, UNIT_NAMES, Unit, format_fen
from fisc.web.charts import nice_step, scale_unit

ROW, LABEL_PERCENT, SHOWN_LABEL = 34, 26.0, 9
CASH_HEIGHT, TOP, FOOT = 240, 26, 24
LEFT, WIDTH = 1.0, 98.0


@dataclass(frozen=True)
class Bar:
    """One row of paired bars: the plan above, the flat cut below, in 分."""

    label: str
    plan_fen: int
    flat_fen: int


def paired_bars(bars: Sequence[Bar], *, title: str) -> SafeString:
    """Horizontal pairs: the plan petrol, the flat cut ochre."""
    unit = scale_unit([amount for bar in bars for amount in (bar.plan_fen, bar.flat_fen)])
    most = max((amount for bar in bars for amount in (bar.plan_fen, bar.flat_fen)), default=0) or 1
    room = 100 - LABEL_PERCENT - 14
    parts = []
    for number, bar in enumerate(bars):
        y = number * ROW + 4
        tip = (
            f"{bar.label}|推演 {format_fen(bar.plan_fen, unit, 2)} {UNIT_NAMES[unit]}"
            f"|同比例 {format_fen(bar.flat_fen, unit, 2)} {UNIT_NAMES[unit]}"
        )
        parts.append(
            f'<g data-tip="{escape(tip)}"><rect class="hit" x="0" y="{y - 3}" width="100%" height="{ROW}"/>'
        )
        short = bar.label if len(bar.label) <= SHOWN_LABEL else f"{bar.label[: SHOWN_LABEL - 1]}…"
        parts.append(f'<text x="0" y="{y + 17}">{escape(short)}</text>')
        for row, (amount, tone) in enumerate(((bar.plan_fen, "d1"), (bar.flat_fen, "d2"))):
            width = amount / most * room
            top = y + row * 13
            parts.append(
                f'<rect class="{tone}" x="{LABEL_PERCENT:.2f}%" y="{top}" width="{width:.2f}%" height="11"/>'
                f'<text class="val" x="{LABEL_PERCENT + width + 0.8:.2f}%" y="{top + 10}">'
                f"{format_fen(amount, unit, 2)}</text>"
            )
        parts.append("</g>")
    words = "；".join(
        f"{bar.label} 推演 {format_fen(bar.plan_fen, unit, 2)}、同比例 {format_fen(bar.flat_fen, unit, 2)}"
        for bar in bars[:5]
    )
    return _svg(parts, height=len(bars) * ROW + 8, label=f"{title}（{UNIT_NAMES[unit]}）：{words}")


@dataclass(frozen=True)
class Line:
    """One daily series in 分; `tone` is l1 (this), l2 (dashed), l3 (red, dashed)."""

    label: str
    tone: str
    daily_fen: tuple[int, ...]


def cash_chart(
    days: Sequence[date], lines: Sequence[Line], *, marks: Sequence[tuple[date, str]], title: str
) -> SafeString:
    """Daily balances as lines over a zero line; `marks` are days with a word (the first short day)."""
    values = [amount for line in lines for amount in line.daily_fen] or [0]
    unit = scale_unit(values)
    high, low = max(0, *values), min(0, *values)
    step = nice_step((high - low) / FEN_PER_UNIT[unit] or 1.0) * FEN_PER_UNIT[unit]
    top = -(-high // step) * step
    bottom = low // step * step
    span = (top - bottom) or step
    room = CASH_HEIGHT - TOP - FOOT

    def down(amount: float) -> float:
        return TOP + (top - amount) / span * room

    parts = []
    amount = bottom
    while amount <= top:
        y = down(amount)
        name = "base" if amount == 0 else "grid"
        word = f" {UNIT_NAMES[unit]}" if amount + step > top else ""
        parts.append(f'<line class="{name}" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="0" y="{y - 4:.1f}">{amount / FEN_PER_UNIT[unit]:,.6g}{word}</text>')
        amount += step
    parts.append(
        f'<svg x="0" y="{TOP}" width="100%" height="{room}" viewBox="0 0 100 100" preserveAspectRatio="none">'
    )
    last = max(1, len(days) - 1)
    for line in lines:
        points = " ".join(
            f"{LEFT + WIDTH * n / last:.2f},{(top - fen) / span * 100:.2f}"
            for n, fen in enumerate(line.daily_fen)
        )
        parts.append(f'<polyline class="{line.tone}" points="{points}"/>')
    parts.append("</svg>")
    parts += _marks(days, marks, last)
    parts += _months(days, lines, unit, last)
    return _svg(parts, height=CASH_HEIGHT, label=_sentence(title, lines, marks, unit))


def _marks(days: Sequence[date], marks: Sequence[tuple[date, str]], last: int) -> list[str]:
    parts = []
    for row, (day, word) in enumerate(marks):
        if day not in days:
            continue
        x = LEFT + WIDTH * days.index(day) / last
        anchor = "end" if x > 60 else "start"
        parts.append(
            f'<line class="l3" x1="{x:.2f}%" x2="{x:.2f}%" y1="{TOP - 8}" y2="{CASH_HEIGHT - FOOT}"/>'
        )
        parts.append(
            f'<text class="val" x="{x:.2f}%" y="{TOP - 12 + row * 14}" text-anchor="{anchor}">{escape(word)}</text>'
        )
    return parts


def _months(days: Sequence[date], lines: Sequence[Line], unit: Unit, last: int) -> list[str]:
    """Month names, and what a hovered month ends with."""
    parts = []
    starts = [n for n, day in enumerate(days) if day.day == 1]
    for place, start in enumerate(starts):
        end = (starts[place + 1] if place + 1 < len(starts) else len(days)) - 1
        x, width = LEFT + WIDTH * start / last, WIDTH * (end - start) / last
        tip = "|".join(
            [f"{days[start].year}年{days[start].month}月末"]
            + [
                f"{line.label} {format_fen(line.daily_fen[end], unit, 2)} {UNIT_NAMES[unit]}"
                for line in lines
            ]
        )
        parts.append(
            f'<g data-tip="{escape(tip)}"><rect class="hit" x="{x:.2f}%" y="{TOP}" width="{width:.2f}%" '
            f'height="{CASH_HEIGHT - TOP - FOOT}" opacity=".35"/><text x="{x + width / 2:.2f}%" y="{CASH_HEIGHT - 6}" '
            f'text-anchor="middle">{days[start].month}月</text></g>'
        )
    return parts


def _sentence(title: str, lines: Sequence[Line], marks: Sequence[tuple[date, str]], unit: Unit) -> str:
    words = [
        f"{line.label} 期末 {format_fen(line.daily_fen[-1], unit, 2)} {UNIT_NAMES[unit]}"
        for line in lines
        if line.daily_fen
    ]
    words += [f"{day.isoformat()} {word}" for day, word in marks]
    return f"{title}：{'；'.join(words)}"


def _svg(parts: Sequence[str], *, height: int, label: str) -> SafeString:
    return mark_safe(
        f'<svg class="c" width="100%" height="{height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
