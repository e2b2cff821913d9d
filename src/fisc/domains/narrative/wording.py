"""Numbers into words, as the work report writes them: sign words, full-width ％, decimals without trailing zeros.

Pure functions: a slot and its figure in, a phrase out. Rounding happens here, once, half away from zero; the word
follows the number as printed, so nothing "grows by 0".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from fisc.base.money import FEN_PER_UNIT, UNIT_NAMES
from fisc.domains.narrative.template import Slot
from fisc.kernel.metrics.figure import Figure, round_half_up

MASK = "*"
PERCENT = "％"
POINTS = "个百分点"
YI_FEN = FEN_PER_UNIT["yi"]


@dataclass(frozen=True)
class Phrase:
    """What is printed for a slot. `start`/`end` bound the number inside `text`; equal when there is no number."""

    text: str
    number: str = ""
    start: int = 0
    end: int = 0
    is_missing: bool = False


def month_span(month: int) -> str:
    """1－6月; 1月 for January."""
    return "1月" if month == 1 else f"1－{month}月"


def decimal_text(value: Fraction | int, *, places: int, trim: bool) -> str:
    """The size of a number: rounded, without sign, trailing zeros cut if so wanted. No grouping, as in prose."""
    text = f"{abs(round_half_up(value, places)):f}"
    return text.rstrip("0").rstrip(".") if trim and "." in text else text


def money_unit(value: Fraction | int, unit: str) -> str:
    """The unit an amount is written in: 亿元 from one 亿 on when left open, else 万元."""
    if unit != "auto":
        return unit
    return "yi" if abs(Fraction(value)) >= YI_FEN else "wan"


def phrase(slot: Slot, figures: tuple[Figure, ...], *, masked: bool) -> Phrase:
    """This will write a slot's figures in words; what has no data says so."""
    makers = {
        "amount": _amount,
        "rate": _rate,
        "change": _change,
        "points": _points,
        "count": _count,
        "reached": _reached,
    }
    if slot.form == "respectively":
        return _respectively(slot, figures, masked=masked)
    return makers[slot.form](slot, figures[0], masked=masked)


def _filled(words: str, number: str, unit: str) -> Phrase:
    start = words.index("{}")
    return Phrase(
        text=words.replace("{}", number + unit, 1), number=number, start=start, end=start + len(number)
    )


def _missing(slot: Slot) -> Phrase:
    return Phrase(text=slot.missing, is_missing=True)


def _signed(text: str, value: Fraction | int) -> str:
    return f"−{text}" if value < 0 and text.strip("0.") else text


def _amount(slot: Slot, figure: Figure, *, masked: bool) -> Phrase:
    if figure.value is None:
        return _missing(slot)
    unit = money_unit(figure.value, slot.unit)
    number = _money_number(figure.value, unit, slot)
    return _filled(slot.words, MASK if masked else _signed(number, figure.value), UNIT_NAMES[unit])


def _money_number(value: Fraction | int, unit: str, slot: Slot) -> str:
    places = 0 if unit == "wan" and slot.unit == "auto" else slot.places
    return decimal_text(Fraction(value, FEN_PER_UNIT[unit]), places=places, trim=slot.trim)


def _rate(slot: Slot, figure: Figure, *, masked: bool) -> Phrase:
    if figure.value is None:
        return _missing(slot)
    number = _signed(decimal_text(figure.value, places=slot.places, trim=slot.trim), figure.value)
    return _filled(slot.words, MASK if masked else number, PERCENT)


def _count(slot: Slot, figure: Figure, *, masked: bool) -> Phrase:
    if figure.value is None:
        return _missing(slot)
    if figure.value == 0 and slot.flat:
        return Phrase(text=slot.flat)
    number = _signed(decimal_text(figure.value, places=slot.places, trim=slot.trim), figure.value)
    return _filled(slot.words, MASK if masked else number, "")


def _reached(slot: Slot, figure: Figure, *, masked: bool) -> Phrase:
    """A share of at least `slot.at` % is claimed in words; a smaller one is printed. The exact value decides."""
    if figure.value is None:
        return _missing(slot)
    if figure.value >= slot.at:
        return Phrase(text=slot.reached)
    return _rate(replace(slot, words=slot.below), figure, masked=masked)


def _change(slot: Slot, figure: Figure, *, masked: bool) -> Phrase:
    if figure.value is None:
        return _increase(slot, figure, masked=masked)
    return _by_sign(slot, figure.value, PERCENT, masked=masked)


def _points(slot: Slot, figure: Figure, *, masked: bool) -> Phrase:
    return _missing(slot) if figure.value is None else _by_sign(slot, figure.value, POINTS, masked=masked)


def _by_sign(slot: Slot, value: Fraction | int, unit: str, *, masked: bool) -> Phrase:
    if value == 0:
        return Phrase(text=slot.flat)
    if round_half_up(value, slot.places) == Decimal(0):
        return Phrase(text=slot.near)
    number = decimal_text(value, places=slot.places, trim=slot.trim)
    return _filled(slot.up if value > 0 else slot.down, MASK if masked else number, unit)


def _increase(slot: Slot, figure: Figure, *, masked: bool) -> Phrase:
    """F1: a base that is not positive gives no percentage, only the 增减额."""
    values = [item.value for item in figure.inputs[:2]]
    if len(values) < 2 or values[0] is None or values[1] is None:
        return _missing(slot)
    change = values[0] - values[1]
    if change == 0:
        return Phrase(text=slot.flat)
    unit = money_unit(change, "auto")
    number = decimal_text(Fraction(change, FEN_PER_UNIT[unit]), places=2, trim=True)
    words = "同比增加{}" if change > 0 else "同比减少{}"
    return _filled(words, MASK if masked else number, UNIT_NAMES[unit])


def _respectively(slot: Slot, figures: tuple[Figure, ...], *, masked: bool) -> Phrase:
    """分别为 a、b 和 c: several rates of one kind; all or nothing."""
    if any(figure.value is None for figure in figures):
        return _missing(slot)
    numbers = [
        MASK
        if masked
        else _signed(decimal_text(item.value or 0, places=slot.places, trim=slot.trim), item.value or 0)
        for item in figures
    ]
    text = "、".join(number + PERCENT for number in numbers)
    words = slot.words if slot.words != "{}" else "分别为{}"
    start = words.index("{}")
    return Phrase(text=words.replace("{}", text, 1), number=text, start=start, end=start + len(text))
