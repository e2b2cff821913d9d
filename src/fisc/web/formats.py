"""How values read on a page: amounts in the reader's unit, dates, percentages. Pure.

Amounts go out twice: as text in the chosen unit and, in `data-fen`, as whole 分, from which the unit switch in the
browser writes the text again.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from fisc.base.money import MINUS, UNIT_NAMES, Unit, format_fen, round_fraction

ZONE = ZoneInfo("Asia/Shanghai")
TABLE_PLACES: dict[str, int] = {"yuan": 2, "wan": 2, "yi": 4}
NO_DATA = "—"


def amount_text(fen: int, unit: Unit = "yuan", *, key: bool = False) -> str:
    """The amount in the unit; 亿元 with 4 decimals in tables, 2 in key figures."""
    return format_fen(fen, unit, 2 if key else TABLE_PLACES[unit])


def amount(
    fen: int | None,
    *,
    unit: Unit = "yuan",
    href: str = "",
    fixed: bool = False,
    key: bool = False,
    label: str = "",
) -> SafeString:
    """An amount as HTML: a link to what it is made of, red when negative; `fixed` amounts stay in 元."""
    if fen is None:
        return mark_safe("")
    text = amount_text(fen, "yuan" if fixed else unit, key=key)
    data = "" if fixed else f' data-fen="{int(fen)}"' + (' data-k="1"' if key else "")
    names = "n neg" if fen < 0 else "n"
    if href:
        voice = f' aria-label="{escape(label)}"' if label else ""
        return mark_safe(f'<a class="{names}" href="{escape(href)}"{data}{voice}>{text}</a>')
    return mark_safe(f'<span class="{names}"{data}>{text}</span>')


def number_text(
    value: Fraction | Decimal | int | float | None, places: int = 1, *, sign: bool = False
) -> str:
    """A rate or a count, rounded half up; `sign` writes the plus; None is —."""
    if value is None:
        return NO_DATA
    scaled = round_fraction(Fraction(value) * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    mark = MINUS if scaled < 0 else "+" if sign and scaled > 0 else ""
    return f"{mark}{whole:,}" + (f".{rest:0{places}d}" if places else "")


def percent_text(value: Any, places: int = 1, *, sign: bool = False) -> str:
    """A percentage with its sign; None is —."""
    return NO_DATA if value is None else f"{number_text(value, places, sign=sign)}%"


def date_text(value: date | datetime | None) -> str:
    """2026-11-20; a moment to the minute in Beijing time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return value.isoformat()


def date_words(value: date | datetime | None) -> str:
    """2026 年 11 月 20 日, for printing."""
    if value is None:
        return ""
    day = value.astimezone(ZONE).date() if isinstance(value, datetime) else value
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def short_time(value: datetime, *, now: datetime) -> str:
    """11-20 15:08; the year too when it is another one."""
    local = value.astimezone(ZONE)
    return local.strftime("%m-%d %H:%M" if local.year == now.astimezone(ZONE).year else "%Y-%m-%d %H:%M")


def waiting_text(since: datetime, *, now: datetime) -> str:
    """How long something waits: 5 分钟, 2 小时, 3 天."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // 1440} 天"


def account_text(text: str) -> str:
    """A bank account in groups of four."""
    plain = "".join(text.split())
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def month_text(period: int | None) -> str:
    """202306 → 2023-06."""
    return f"{period // 100}-{period % 100:02d}" if period else ""


def size_text(count: int) -> str:
    """Bytes as KB or MB."""
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1048576:.1f} MB"


def code_name(code: str, name: str) -> SafeString:
    """A grey code and its name."""
    return format_html('<span class="code">{}</span>{}', code, name) if code else mark_safe("")


def time_progress(day: date) -> Decimal:
    """时间进度: the part of the year that is over at the end of the day, in percent."""
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    return Decimal((day - first).days + 1) * 100 / ((last - first).days + 1)


def unit_name(unit: Unit) -> str:
    """元, 万元, 亿元."""
    return UNIT_NAMES[unit]
