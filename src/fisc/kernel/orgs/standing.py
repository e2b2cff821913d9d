"""The rows without which nobody can act: the system account and the policy. Idempotent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections

from fisc.kernel.orgs.models import SYSTEM_USERNAME, Clock, Policy, Role, User
from fisc.kernel.orgs.roles import STANDING_ROLES, RoleDefault


def install(*, using: str = "default") -> None:
    """This will write the standing rows that are missing and leave the others as their owner edited them."""
    if User._meta.db_table not in connections[using].introspection.table_names():
        return  # only some other application was migrated
    User.objects.using(using).get_or_create(
        is_system=True, defaults={"username": SYSTEM_USERNAME, "name": "系统", "password": "!"}
    )
    Policy.objects.using(using).get_or_create(id=1)
    Clock.objects.using(using).get_or_create(id=1)
    install_roles(roles=STANDING_ROLES, using=using)


def install_roles(*, roles: Sequence[RoleDefault], using: str = "default") -> None:
    """This will add roles that are missing and offer each role the patterns it was never offered before.

    A pattern that the security administrator took away stays away.
    """
    known = {role.code: role for role in Role.objects.using(using).all()}
    Role.objects.using(using).bulk_create(
        [_new_role(role) for role in roles if role.code not in known], ignore_conflicts=True
    )
    for default in roles:
        if role := known.get(default.code):
            _offer(role, default.permissions)


def _new_role(default: RoleDefault) -> Role:
    return Role(
        code=default.code,
        name=default.name,
        group=default.group,
        permissions=sorted(set(default.permissions)),
        offered=sorted(set(default.permissions)),
        sees_all_units=default.sees_all_units,
        is_standing=True,
    )


def _offer(role: Role, patterns: Sequence[str]) -> None:
    new = set(patterns) - set(role.offered)
    if new:
        role.permissions = sorted(set(role.permissions) | new)
        role.offered = sorted(set(role.offered) | new)
        role.save(update_fields=["permissions", "offered"])


def offer_permissions(*, additions: Iterable[tuple[str, str, Sequence[str]]]) -> None:
    """This will offer roles the patterns that modules add to them, each pattern once ever.

    ``additions`` are (role code, role name, patterns); a role that does not exist is made as a business role if it
    is named. :raises KeyError: an unknown role without a name.
    """
    for code, name, patterns in additions:
        role = Role.objects.filter(code=code).first()
        if role is None:
            if not name:
                raise KeyError(f"no role {code!r}")
            role = Role.objects.create(code=code, name=name, permissions=[], offered=[], is_standing=True)
        _offer(role, patterns)
