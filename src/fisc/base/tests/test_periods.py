"""Fiscal years and months."""

from datetime import date

import pytest

from fisc.base.periods import FiscalYear, Period, PeriodRange, period_of, same_period_last_year, year_to_date


@pytest.mark.parametrize("wrong", [202300, 202313, 2023, 0, -202301])
def test_not_a_period(wrong):
    with pytest.raises(ValueError):
        Period(wrong)


def test_parts_of_a_period():
    june = Period(202306)

    assert (june.year, june.month, june.quarter) == (2023, 6, 2)
    assert (june.first_day, june.last_day) == (date(2023, 6, 1), date(2023, 6, 30))
    assert Period(202402).last_day == date(2024, 2, 29)
    assert Period.containing(date(2023, 12, 31)) == Period(202312) and str(june) == "2023年6月"


def test_steps_cross_the_year():
    assert Period(202312).plus(1) == Period(202401)
    assert Period(202301).plus(-1) == Period(202212)
    assert Period(202306).same_period_last_year == Period(202206)


def test_year_to_date():
    cumulated = Period(202306).year_to_date()

    assert len(list(cumulated)) == 6 and str(cumulated) == "2023年1-6月"
    assert Period(202301) in cumulated and Period(202307) not in cumulated and Period(202212) not in cumulated
    assert str(cumulated.same_period_last_year) == "2022年1-6月"
    with pytest.raises(ValueError):
        PeriodRange(Period(202306), Period(202305))


def test_plain_numbers():
    assert period_of(date(2023, 6, 30)) == 202306
    assert year_to_date(202306) == (202301, 202306) and same_period_last_year(202306) == 202206


def test_fiscal_year():
    year = FiscalYear(2023)

    assert date(2023, 1, 1) in year and date(2024, 1, 1) not in year
    assert (year.first_day, year.last_day, year.previous) == (
        date(2023, 1, 1),
        date(2023, 12, 31),
        FiscalYear(2022),
    )
    assert [period.yyyymm for period in year.periods()][::11] == [202301, 202312]
    with pytest.raises(ValueError):
        FiscalYear(23)
