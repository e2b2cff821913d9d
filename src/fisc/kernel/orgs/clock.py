"""The business date: the real date, or a fixed one where a demo or a closing of the year stands still."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fisc.kernel.orgs.models import Clock

ZONE = ZoneInfo("Asia/Shanghai")


def business_now() -> datetime:
    """This will give the business date with the real time of day, aware, in Beijing time."""
    real = datetime.now(ZONE)
    fixed = fixed_date()
    return real if fixed is None else real.replace(year=fixed.year, month=fixed.month, day=fixed.day)


def business_today() -> date:
    """This will give the business date."""
    return business_now().date()


def fixed_date() -> date | None:
    """This will give the date the clock is set to, or None when it runs."""
    return Clock.objects.filter(id=1).values_list("business_on", flat=True).first()


def set_business_date(day: date | None) -> None:
    """This will fix the business date, or let the clock run again with None."""
    Clock.objects.update_or_create(id=1, defaults={"business_on": day})
