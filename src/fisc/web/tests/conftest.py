"""People and a little data for the pages: enough to render each of them, nothing more."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from fisc.kernel.ledger import periods
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import Grant, Region, Role, Section, Unit, User

TODAY = date(2023, 7, 3)
PASSWORD = "Yunyu-2023-demo"


@pytest.fixture
def district(db: None) -> dict[str, User]:
    """A district with one unit and one person per office, on 2023-07-03; people by log-in name."""
    Region.objects.create(code="469999", name="云屿区")
    section = Section.objects.create(code="treasury", name="国库股")
    bureau = Unit.objects.create(code="001", name="云屿区财政局", short_name="区财政局", kind="bureau")
    school = Unit.objects.create(code="101", name="云屿区第一中学", short_name="第一中学", kind="unit")
    clock.set_business_date(TODAY)
    periods.open_year(2023)
    people = {
        "treasurer": _person("treasurer", "周涛", bureau, "treasury_reviewer", section),
        "officer": _person("officer", "林晓", bureau, "treasury_officer", section),
        "budget": _person("budget", "吴敏", bureau, "budget_officer", section),
        "maker": _person("maker", "王丽华", school, "unit_maker"),
        "system": _person("system_one", "邓伟", bureau, "system_admin"),
        "security": _person("security_one", "曹红", bureau, "security_admin"),
        "audit": _person("audit_one", "许胜", bureau, "audit_admin"),
    }
    return people


def _person(username: str, name: str, unit: Unit, role_code: str, section: Section | None = None) -> User:
    user = User(username=username, name=name, unit=unit, section=section)
    user.set_password(PASSWORD)
    user.save()
    role = Role.objects.get(code=role_code)
    giver = User.objects.get(is_system=True)
    Grant.objects.create(
        user=user, role=role, group=role.group, valid_from=date(2020, 1, 1), granted_by=giver
    )
    return user


@pytest.fixture
def as_user(district: dict[str, User]):
    """A function that gives a client logged in as one of them."""

    def log_in(name: str) -> Client:
        client = Client()
        client.force_login(district[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def moment() -> datetime:
    """Now, by the business clock."""
    return clock.business_now()
