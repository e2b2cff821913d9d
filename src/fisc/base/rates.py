"""The rates people argue about: growth, completion, share, points. Formulas F1 to F5, F11 of the figure dictionary.

Every rate is in percent, kept to 50 significant digits and rounded half up only at print (`format_percent`).
With amounts below 10^19 fen a quotient that is no tie lies at least 10^-24 from any tie, so this rounding is exact.
None means: no rate can be given (no data, or a base that is not positive). No data is not zero.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

from fisc.base.money import MINUS

EXACT = Context(prec=50)
HUNDRED = Decimal(100)
MONTHS_PER_YEAR = 12


def quotient_percent(part: int | None, whole: int | None) -> Decimal | None:
    """Return part ÷ whole × 100; None if one is missing or the whole is not positive."""
    if part is None or whole is None or whole <= 0:
        return None
    return EXACT.divide(Decimal(part) * 100, Decimal(whole))


def growth_percent(current: int | None, base: int | None) -> Decimal | None:
    """F1 同比增长%: (current − base) ÷ base × 100; None if the base is not positive (print the difference only)."""
    if current is None or base is None:
        return None
    return quotient_percent(current - base, base)


def completion_percent(done: int | None, task: int | None) -> Decimal | None:
    """F2 完成年度任务%: done ÷ task × 100."""
    return quotient_percent(done, task)


def schedule_percent(month: int) -> Decimal:
    """Time passed, by fiscal months: month ÷ 12 × 100."""
    return EXACT.divide(Decimal(month) * 100, Decimal(MONTHS_PER_YEAR))


def schedule_gap_points(completion: Decimal | None, month: int) -> Decimal | None:
    """F3 序时差: completion less the time passed, in 百分点."""
    return None if completion is None else EXACT.subtract(completion, schedule_percent(month))


def share_percent(part: int | None, whole: int | None) -> Decimal | None:
    """F4 占比%: part ÷ whole × 100."""
    return quotient_percent(part, whole)


def points_difference(current: Decimal | None, base: Decimal | None) -> Decimal | None:
    """F4 变动百分点: the difference of two percentages, from their unrounded values."""
    return None if current is None or base is None else EXACT.subtract(current, base)


def share_of_increase_percent(part_increase: int | None, whole_increase: int | None) -> Decimal | None:
    """F11 民生增量占比: Δpart ÷ Δwhole × 100; None if the whole did not grow."""
    return quotient_percent(part_increase, whole_increase)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Return the value as it is printed: rounded half away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=EXACT)


def format_percent(
    value: Decimal | None, places: int = 1, *, signed: bool = False, trim: bool = False
) -> str:
    """Return the number without the sign %, with U+2212 as minus; "—" for None.

    :param signed: put "+" before growth.
    :param trim: drop zeros at the end, as running text does: 58.0 → 58.
    """
    if value is None:
        return "—"
    rounded = round_half_up(value, places)
    if trim:
        rounded = rounded.normalize() if rounded % 1 else rounded.quantize(Decimal(1))
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,f}"
