"""Working days around the Dragon Boat holiday of 2023 (22–24 June free, Sunday 25 June worked)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fisc.base import workdays

days = st.dates(date(2022, 1, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("day", "expected"),
    [(21, True), (22, False), (23, False), (24, False), (25, True), (26, True)],
)
def test_holiday_and_make_up_day(day, expected):
    assert workdays.is_workday(date(2023, 6, day)) is expected


def test_adding():
    assert workdays.add_workdays(date(2023, 6, 21), 1) == date(2023, 6, 25)
    assert workdays.add_workdays(date(2023, 6, 25), -1) == date(2023, 6, 21)
    assert workdays.add_workdays(date(2023, 6, 22), 0) == date(2023, 6, 25)
    assert workdays.add_workdays(date(2023, 6, 21), 0) == date(2023, 6, 21)


def test_counting():
    assert workdays.workdays_between(date(2023, 6, 21), date(2023, 6, 25)) == 1
    assert workdays.workdays_between(date(2023, 6, 25), date(2023, 6, 21)) == -1
    assert workdays.workdays_between(date(2023, 6, 21), date(2023, 6, 24)) == 0


def test_month_end():
    assert workdays.last_workday_of_month(date(2022, 12, 5)) == date(2022, 12, 30)


def test_a_year_not_announced_knows_weekends_only():
    assert not workdays.calendar_is_known(2199)
    assert workdays.is_workday(date(2199, 1, 1)) is True  # a Tuesday
    assert workdays.calendar_is_known(2022) and workdays.calendar_is_known(2023)


@given(day=days, count=st.integers(1, 60))
def test_adding_and_counting_agree(day, count):
    assert workdays.workdays_between(day, workdays.add_workdays(day, count)) == count
