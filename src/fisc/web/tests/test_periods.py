"""The month a page opens with: until the tenth day the one before, whose books are just complete."""

from datetime import date

import pytest

from fisc.web.periods import default_month, default_period


@pytest.mark.parametrize(
    ("today", "year", "month"),
    [
        (date(2023, 7, 10), 2023, 6),
        (date(2023, 7, 11), 2023, 7),
        (date(2023, 1, 3), 2023, 1),
        (date(2023, 7, 3), 2022, 12),
    ],
)
def test_the_month(today: date, year: int, month: int) -> None:
    assert default_month(today, year) == month


@pytest.mark.parametrize(
    ("today", "period"),
    [(date(2023, 1, 10), 202212), (date(2023, 1, 11), 202301), (date(2023, 7, 3), 202306)],
)
def test_the_period(today: date, period: int) -> None:
    assert default_period(today) == period
