"""Which month a page shows when nobody says: the last one whose books are complete."""

from datetime import date

from fisc.web.components import Option

BOOKED_AFTER_DAYS = 10
"""Until this day of a month the month before is shown: its books are just complete."""


def default_month(today: date, year: int) -> int:
    """The last month whose books are complete enough to look at."""
    if year != today.year:
        return 12
    return today.month - 1 if today.day <= BOOKED_AFTER_DAYS and today.month > 1 else today.month


def default_period(today: date) -> int:
    """The same as yyyymm; early in January December of the year before."""
    if today.month == 1 and today.day <= BOOKED_AFTER_DAYS:
        return (today.year - 1) * 100 + 12
    return today.year * 100 + default_month(today, today.year)


def month_options(year: int, month: int) -> list[Option]:
    """The months of a year to choose from."""
    return [Option(str(number), f"{year} 年 {number} 月", number == month) for number in range(1, 13)]
