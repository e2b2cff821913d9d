"""Working days: weekends, holidays and the make-up workdays (调休) that the State Council announces each autumn.

The calendar comes with the library `chinesecalendar`. For a year not yet announced, only weekends are free; a caller
that must know asks `calendar_is_known`.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
from chinese_calendar import constants

LAST_KNOWN_YEAR = max(constants.holidays).year
FIRST_KNOWN_YEAR = min(constants.holidays).year


def calendar_is_known(year: int) -> bool:
    """Say whether the holidays of a year have been announced to this program."""
    return FIRST_KNOWN_YEAR <= year <= LAST_KNOWN_YEAR


@lru_cache(maxsize=8192)
def is_workday(day: date) -> bool:
    """Say whether offices work on a day."""
    if calendar_is_known(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def add_workdays(day: date, count: int) -> date:
    """Return the day `count` working days after (or, negative, before) a day; the day itself does not count.

    With 0: the day itself if it is a working day, else the next one.
    """
    if count == 0:
        return day if is_workday(day) else add_workdays(day, 1)
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_workday(day)
    return day


def workdays_between(start: date, end: date) -> int:
    """Return how many working days lie after `start` up to and including `end`; negative if the end is earlier."""
    if end < start:
        return -workdays_between(end, start)
    days = (end - start).days
    return sum(is_workday(start + timedelta(days=offset)) for offset in range(1, days + 1))


def last_workday_of_month(day: date) -> date:
    """Return the last working day of the month in which a day lies."""
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return add_workdays(next_month, -1)
