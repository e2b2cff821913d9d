"""Who sees which units, and who may do what, on a day."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput
from fisc.kernel.orgs import clock, units
from fisc.kernel.orgs.access import actor_for, system_actor, users_who_can
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Role, Unit, User
from fisc.kernel.orgs.roles import STANDING_ROLES
from fisc.kernel.orgs.tests.conftest import AT

pytestmark = pytest.mark.django_db


class TestVisibility:
    """单位看本单位及下属，股室看归口单位，全局岗位看全部。"""

    def codes(self, tree, actor):
        return (
            None if actor.unit_ids is None else {code for code, unit in tree.items() if actor.sees(unit.pk)}
        )

    @pytest.mark.parametrize(
        ("who", "seen"),
        [
            ({"roles": ("unit_maker",), "unit": "301"}, {"301", "301001", "301002"}),
            ({"roles": ("unit_maker",), "unit": "301001"}, {"301001"}),
            ({"roles": ("section_reviewer",), "unit": "100", "section": "jkw"}, {"301", "301001"}),
            ({"roles": ("section_reviewer",), "unit": "100", "section": "zh"}, {"301002"}),
            ({"roles": ("treasury_officer",), "unit": "100"}, None),
            ({"roles": ("treasury_officer",), "unit": "100", "grant_unit": "302"}, {"302"}),
            ({"roles": ("system_admin",), "unit": "100"}, set()),
            ({"roles": (), "unit": "301"}, set()),
        ],
    )
    def test_by_post_and_grant(self, tree, acting, who, seen):
        assert self.codes(tree, acting("zhang", **who)) == seen

    def test_rows_of_no_unit_are_the_bureaus(self, acting):
        assert not acting("a", roles=("unit_maker",), unit="301").sees(None)
        assert acting("b", roles=("leader",), unit="100").sees(None)


class TestPermissions:
    """角色权限按通配匹配；过期授权不算；停用账户无任何权限。"""

    def test_maker_makes_and_does_not_approve(self, acting):
        actor = acting("zhang", roles=("unit_maker",), unit="301")

        assert actor.can("treasury.payment.submit")
        assert not actor.can("treasury.payment.approve")
        assert not actor.can("orgs.users.edit")
        assert not actor.can("events.audit.view")

    def test_no_business_role_reaches_administration(self):
        for role in STANDING_ROLES:
            actor = Actor(1, "x", "x", frozenset({role.code}), frozenset(role.permissions))
            reaches = [
                p for p in ("orgs.users.edit", "orgs.grants.edit", "events.audit.view") if actor.can(p)
            ]
            assert bool(reaches) == (role.group != "business"), role.code

    def test_no_administrator_reaches_business(self):
        for role in STANDING_ROLES:
            actor = Actor(1, "x", "x", frozenset({role.code}), frozenset(role.permissions))
            if role.group != "business":
                assert not actor.can("treasury.payment.view") and not actor.can("budget.allotment.approve")

    def test_a_grant_counts_from_its_first_to_its_last_day(self, person, tree):
        from fisc.kernel.orgs import accounts

        user = person("zhang", unit="301")
        row = accounts.grant(
            user_id=user.pk,
            role_code="unit_maker",
            actor=system_actor(),
            at=AT,
            valid_from=date(2023, 7, 1),
            valid_to=date(2023, 7, 31),
        )

        on = {day: actor_for(user, on=date(2023, *day)).can("treasury.payment.submit") for day in
              ((6, 30), (7, 1), (7, 31), (8, 1))}  # fmt: skip

        assert on == {(6, 30): False, (7, 1): True, (7, 31): True, (8, 1): False}
        assert row.granted_by.is_system

    def test_a_closed_account_has_no_rights(self, person):
        user = person("zhang", roles=("leader",), unit="100")
        user.is_active = False

        assert actor_for(user, on=AT.date()).permissions == frozenset()

    def test_who_can_is_found_for_the_unit(self, person, tree):
        person("zhang", roles=("unit_reviewer",), unit="301")
        person("wang", roles=("unit_reviewer",), unit="302")

        found = users_who_can("treasury.payment.approve", unit_id=tree["301001"].pk, on=AT.date())

        assert [user.username for user in found] == ["zhang"]


class TestUnitTree:
    """单位树不成环，由数据库保证。"""

    def test_a_ring_is_refused_by_the_service(self, tree):
        draft = units.UnitDraft("301", "区教育局", kind="department", parent_code="301001")

        with pytest.raises(BadInput, match="不能隶属于自己或自己的下级"):
            units.save_units(drafts=[draft], actor=system_actor(), at=AT)

    def test_and_by_the_database(self, tree):
        with pytest.raises(IntegrityError, match="下级"), transaction.atomic():
            Unit.objects.filter(code="301").update(parent=tree["301001"])


class TestStandingRows:
    """系统账户、角色随建库生成；安全管理员删去的权限不会自己回来。"""

    def test_the_system_account_cannot_log_in(self):
        user = User.objects.get(is_system=True)

        assert not user.has_usable_password()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE orgs_user SET password = 'x' WHERE is_system")

    def test_a_pattern_taken_away_stays_away_and_new_ones_come(self):
        from fisc.kernel.orgs.roles import RoleDefault
        from fisc.kernel.orgs.standing import install_roles

        role = Role.objects.get(code="auditor")
        role.permissions = [p for p in role.permissions if p != "ledger.verify"]
        role.save()

        install_roles(roles=(RoleDefault("auditor", "监督", ("ledger.verify", "monitoring.*")),))

        role.refresh_from_db()
        assert "ledger.verify" not in role.permissions
        assert "monitoring.*" in role.permissions


class TestBusinessDate:
    """演示区停在业务日期；清空后走真实日期。"""

    def test_fixed_and_running(self):
        clock.set_business_date(date(2023, 7, 3))
        assert clock.business_today() == date(2023, 7, 3)
        assert clock.business_now().utcoffset().total_seconds() == 8 * 3600

        clock.set_business_date(None)
        assert clock.fixed_date() is None
        assert clock.business_today().year >= 2026
