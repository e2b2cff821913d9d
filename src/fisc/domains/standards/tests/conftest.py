"""An education department with three schools, an office, and the people who fill in, review and set standards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from fisc.domains.standards import services
from fisc.domains.standards.services import BaseRow
from fisc.kernel.ledger import periods
from fisc.kernel.orgs import accounts, clock, units
from fisc.kernel.orgs.access import actor_for, system_actor
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit, User

AT = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)
KIND = services.KIND
SCHOOL = {
    "posts_career": 20,
    "staff_career": 18,
    "retirees": 5,
    "area": 3_000,
    "pupils_primary": 300,
    "registered_primary": 300,
    "boarders": 40,
}
OFFICE = {
    "posts_admin": 12, "staff_admin": 10, "posts_career": 3, "staff_career": 2, "vehicle_posts": 2, "vehicles": 3,
    "area": 1_000,
}  # fmt: skip


@pytest.fixture
def tree(db: None) -> Mapping[str, Unit]:
    """财政局、教育局及三所学校、统计局。"""
    clock.set_business_date(date(2023, 7, 3))
    for year in (2022, 2023):
        periods.open_year(year)
    system = system_actor()
    units.save_sections(names={"YS": "预算股", "JK": "教科文股", "XZ": "行政政法股"}, actor=system, at=AT)
    below = {"parent_code": "121", "unit_kind": "institution", "section_code": "JK"}
    return units.save_units(
        drafts=[
            units.UnitDraft("101", "云屿区财政局", kind="bureau", section_code="YS"),
            units.UnitDraft("121", "云屿区教育局", kind="department", section_code="JK"),
            units.UnitDraft("121001", "云屿区实验小学", **below),
            units.UnitDraft("121002", "云屿区南礁小学", **below),
            units.UnitDraft("121003", "云屿区教师发展中心", **below),
            units.UnitDraft("131", "云屿区统计局", kind="department", section_code="XZ"),
        ],
        actor=system,
        at=AT,
    )


PEOPLE = {
    "maker": ("unit_maker", "121001", None),
    "department_maker": ("unit_maker", "121", None),
    "office_maker": ("unit_maker", "131", None),
    "unit_reviewer": ("unit_reviewer", "121001", None),
    "section": ("section_reviewer", "101", "JK"),
    "other_section": ("section_reviewer", "101", "XZ"),
    "officer": ("budget_officer", "101", "YS"),
    "leader": ("leader", "101", "YS"),
}


@pytest.fixture
def people(tree: Mapping[str, Unit]) -> dict[str, Actor]:
    """People by what they do."""
    system, made = system_actor(), {}
    for username, (role, unit, section) in PEOPLE.items():
        user = accounts.create_user(
            draft=accounts.AccountDraft(
                username=username, name=username, unit_id=tree[unit].pk, section_code=section, must_change_password=False
            ),
            actor=system,
            at=AT,
        )  # fmt: skip
        accounts.grant(user_id=user.pk, role_code=role, actor=system, at=AT, valid_from=date(2022, 1, 1))
        made[username] = actor_for(user, on=AT.date())
    return made


@pytest.fixture
def browse(people: dict[str, Actor]):
    """A function that gives a browser logged in as one of them."""

    def log_in(name: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=name))
        return client

    return log_in


@pytest.fixture
def fill(tree: Mapping[str, Unit]):
    """A function that writes figures of units (by code) and, if asked, has them accepted."""

    def write(year: int = 2023, *, accepted: bool = True, **by_code: Mapping[str, int]) -> dict[str, int]:
        rows = [BaseRow(tree[code[1:]].pk, figures) for code, figures in by_code.items()]
        ids = services.set_base_figures(year=year, rows=rows, actor=system_actor(), at=AT)
        if accepted:
            services.accept_reports(
                year=year, actor=system_actor(), at=AT, unit_ids=[row.unit_id for row in rows]
            )
        return {code[1:]: ids[tree[code[1:]].pk] for code in by_code}

    return write
