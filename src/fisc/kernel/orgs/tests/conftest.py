"""A small bureau: one department with two units, two sections, and people to act."""

from datetime import UTC, date, datetime

import pytest

from fisc.kernel.orgs import accounts, units
from fisc.kernel.orgs.access import actor_for, system_actor
from fisc.kernel.orgs.models import User

AT = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)
DAY = date(2023, 1, 1)
PASSWORD = "Haidao-2023-yi"


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """Scrypt is slow on purpose; these tests are not about it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def tree(db):
    """教育局（教科文股）下辖一小、二中；二中归口综合股；卫健局归口社保股。"""
    actor = system_actor()
    units.save_sections(names={"jkw": "教科文股", "sb": "社保股", "zh": "综合股"}, actor=actor, at=AT)
    drafts = [
        units.UnitDraft("100", "区财政局", kind="bureau"),
        units.UnitDraft("301", "区教育局", kind="department", section_code="jkw"),
        units.UnitDraft("301001", "第一小学", parent_code="301", unit_kind="institution"),
        units.UnitDraft("301002", "第二中学", parent_code="301", unit_kind="institution", section_code="zh"),
        units.UnitDraft("302", "区卫健局", kind="department", section_code="sb"),
    ]
    return units.save_units(drafts=drafts, actor=actor, at=AT)


@pytest.fixture
def person(tree):
    """Make a person with roles: person("zhang", "单位甲", roles=("unit_maker",), unit="301")."""

    def make(username, *, roles=(), unit=None, section=None, grant_unit=None):
        draft = accounts.AccountDraft(
            username=username,
            name=f"{username}先生",
            unit_id=tree[unit].pk if unit else None,
            section_code=section,
            password=PASSWORD,
            must_change_password=False,
        )
        user = accounts.create_user(draft=draft, actor=system_actor(), at=AT)
        for role in roles:
            accounts.grant(
                user_id=user.pk,
                role_code=role,
                actor=system_actor(),
                at=AT,
                valid_from=DAY,
                unit_id=tree[grant_unit].pk if grant_unit else None,
            )
        return user

    return make


@pytest.fixture
def acting(person):
    """Make a person and give his actor on 2023-07-03."""

    def make(username, **kwargs):
        user: User = person(username, **kwargs)
        return actor_for(user, on=AT.date())

    return make
