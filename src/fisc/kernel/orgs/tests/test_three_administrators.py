"""三员分立（GB/T 22239-2019 8.1.5）：互斥、不兼业务、不自授；服务与数据库各自把守。"""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput, Conflict, NotAllowed
from fisc.kernel.orgs import accounts
from fisc.kernel.orgs.access import actor_for, system_actor
from fisc.kernel.orgs.accounts import AdministratorsExclude, GrantToOneself
from fisc.kernel.orgs.models import Grant, Role, User
from fisc.kernel.orgs.tests.conftest import AT, DAY, PASSWORD

pytestmark = pytest.mark.django_db
GROUPS = ("system_admin", "security_admin", "audit_admin", "leader")


def give(user, role, **kwargs):
    values = {"actor": system_actor(), "at": AT, "valid_from": DAY, **kwargs}
    return accounts.grant(user_id=user.pk, role_code=role, **values)


def raw_grant(user, role_code, *, group=None, granted_by=None, valid_from=DAY, valid_to=None):
    role = Role.objects.get(code=role_code)
    by = granted_by or User.objects.get(is_system=True)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO orgs_grant (user_id, role_id, "group", valid_from, valid_to, granted_by_id, granted_at)'
            " VALUES (%s, %s, %s, %s, %s, %s, now())",
            [user.pk, role.pk, group or role.group, valid_from, valid_to, by.pk],
        )


class TestExclusion:
    """系统、安全、审计管理员互斥，且不兼任业务。"""

    @pytest.mark.parametrize("held", GROUPS)
    @pytest.mark.parametrize("wanted", GROUPS)
    def test_every_pair_by_the_service(self, person, held, wanted):
        user = person("zhang", roles=(held,), unit="100")
        if held == wanted:
            with pytest.raises(Conflict):
                give(user, wanted)
        else:
            with pytest.raises(AdministratorsExclude, match="互斥"):
                give(user, wanted)

    @pytest.mark.parametrize("held", GROUPS)
    @pytest.mark.parametrize("wanted", GROUPS)
    def test_every_pair_by_raw_sql(self, person, held, wanted):
        user = person("zhang", roles=(held,), unit="100")
        name = "orgs_grant_once" if held == wanted else "orgs_grant_administrators_exclude"

        with pytest.raises(IntegrityError) as error, transaction.atomic():
            raw_grant(user, wanted)

        assert error.value.__cause__.diag.constraint_name == name

    def test_two_business_roles_go_together(self, person):
        user = person("zhang", roles=("treasury_officer", "revenue_officer"), unit="100")

        assert actor_for(user, on=AT.date()).roles == {"treasury_officer", "revenue_officer"}

    def test_one_after_the_other_is_allowed_from_the_next_day_not_the_same(self, person):
        user = person("zhang", unit="100")
        give(user, "leader", valid_to=date(2023, 6, 30))

        with pytest.raises(AdministratorsExclude):
            give(user, "audit_admin", valid_from=date(2023, 6, 30))
        give(user, "audit_admin", valid_from=date(2023, 7, 1))

        assert actor_for(user, on=date(2023, 7, 1)).roles == {"audit_admin"}

    def test_a_false_group_does_not_get_round_it(self, person):
        user = person("zhang", roles=("leader",), unit="100")

        with pytest.raises(IntegrityError) as error, transaction.atomic():
            raw_grant(user, "audit_admin", group="business")

        assert error.value.__cause__.diag.constraint_name == "orgs_grant_group_is_the_roles"

    def test_nor_does_changing_the_group_of_a_role(self, person):
        person("zhang", roles=("leader",), unit="100")

        with pytest.raises(IntegrityError), transaction.atomic():
            Role.objects.filter(code="leader").update(group="audit_admin")

    def test_a_grant_is_never_deleted_nor_changed(self, person):
        user = person("zhang", roles=("leader",), unit="100")

        with pytest.raises(IntegrityError, match="不能删除"), transaction.atomic():
            Grant.objects.filter(user=user).delete()
        with pytest.raises(IntegrityError, match="不能改动"), transaction.atomic():
            Grant.objects.filter(user=user).update(valid_from=date(2020, 1, 1))


class TestWhoMayDoWhat:
    """系统管理员开户不授权，安全管理员授权不开户，审计管理员只读；谁都不给自己办。"""

    DRAFT = accounts.AccountDraft(username="li", name="李某", password=PASSWORD)

    def test_system_admin_makes_accounts_and_grants_nothing(self, acting):
        admin = acting("sa", roles=("system_admin",), unit="100")

        user = accounts.create_user(draft=self.DRAFT, actor=admin, at=AT)

        assert actor_for(user, on=AT.date()).permissions == frozenset()
        with pytest.raises(NotAllowed):
            give(user, "leader", actor=admin)

    def test_security_admin_grants_and_makes_no_accounts(self, acting, person):
        admin = acting("se", roles=("security_admin",), unit="100")
        user = person("zhang", unit="100")

        give(user, "leader", actor=admin)

        with pytest.raises(NotAllowed):
            accounts.create_user(draft=self.DRAFT, actor=admin, at=AT)

    def test_audit_admin_reads_only(self, acting, person):
        admin = acting("au", roles=("audit_admin",), unit="100")

        assert admin.can("events.audit.view")
        with pytest.raises(NotAllowed):
            accounts.create_user(draft=self.DRAFT, actor=admin, at=AT)
        with pytest.raises(NotAllowed):
            give(person("zhang", unit="100"), "leader", actor=admin)

    def test_nobody_grants_to_himself(self, person):
        user = person("se", roles=("security_admin",), unit="100")
        actor = actor_for(user, on=AT.date())

        with pytest.raises(GrantToOneself):
            give(user, "security_admin", actor=actor, valid_from=date(2025, 1, 1))
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            raw_grant(user, "security_admin", granted_by=user, valid_from=date(2030, 1, 1))
        assert error.value.__cause__.diag.constraint_name == "orgs_grant_not_to_oneself"

    def test_nor_edits_the_role_he_holds(self, acting):
        admin = acting("se", roles=("security_admin",), unit="100")

        with pytest.raises(GrantToOneself):
            accounts.edit_role(
                code="security_admin",
                name="安全",
                permissions=["orgs.*"],
                sees_all_units=False,
                actor=admin,
                at=AT,
            )

    @pytest.mark.parametrize(
        ("code", "pattern"),
        [
            ("leader", "orgs.users.edit"),
            ("leader", "*"),
            ("audit_admin", "treasury.payment.view"),
            ("system_admin", "*"),
        ],
    )
    def test_a_role_does_not_cross_over(self, acting, code, pattern):
        admin = acting("se", roles=("security_admin",), unit="100")

        with pytest.raises(NotAllowed):
            accounts.edit_role(
                code=code, name="角色", permissions=[pattern], sees_all_units=False, actor=admin, at=AT
            )

    def test_withdrawing_ends_the_grant_with_the_day(self, acting, person):
        admin = acting("se", roles=("security_admin",), unit="100")
        user = person("zhang", roles=("leader",), unit="100")
        row = Grant.objects.get(user=user)

        accounts.withdraw_grant(grant_id=row.pk, last_day=date(2023, 7, 2), actor=admin, at=AT)

        assert actor_for(user, on=date(2023, 7, 2)).roles == {"leader"}
        assert actor_for(user, on=date(2023, 7, 3)).roles == frozenset()
        with pytest.raises(BadInput, match="已经终止"):
            accounts.withdraw_grant(grant_id=row.pk, last_day=date(2023, 8, 1), actor=admin, at=AT)


class TestAuditTrail:
    """每一次管理操作都留痕，不含口令。"""

    def test_acts_are_recorded_without_secrets(self, acting, person):
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM events_audit")
            before = cursor.fetchone()[0]
        admin = acting("sa", roles=("system_admin",), unit="100")
        user = accounts.create_user(draft=TestWhoMayDoWhat.DRAFT, actor=admin, at=AT)
        accounts.reset_password(user_id=user.pk, new="Another-good-1", actor=admin, at=AT)
        accounts.set_active(user_id=user.pk, is_active=False, actor=admin, at=AT)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT action, detail::text FROM events_audit WHERE id > %s AND actor_id = %s ORDER BY id",
                [before, admin.user_id],
            )
            rows = cursor.fetchall()

        assert [action for action, _ in rows] == [
            "orgs.user.create",
            "orgs.user.reset_password",
            "orgs.user.disable",
        ]
        assert not any("Another-good-1" in detail or "scrypt" in detail for _, detail in rows)
