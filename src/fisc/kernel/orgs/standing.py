"""The rows without which nobody can act: the system account and the policy. Idempotent."""

from __future__ import annotations

from fisc.kernel.orgs.models import SYSTEM_USERNAME, Clock, Policy, Role, User
from fisc.kernel.orgs.roles import STANDING_ROLES, RoleDefault


def install(*, using: str = "default") -> None:
    """This will write the standing rows that are missing and leave the others as their owner edited them."""
    User.objects.using(using).get_or_create(
        is_system=True, defaults={"username": SYSTEM_USERNAME, "name": "系统", "password": "!"}
    )
    Policy.objects.using(using).get_or_create(id=1)
    Clock.objects.using(using).get_or_create(id=1)
    install_roles(roles=STANDING_ROLES, using=using)


def install_roles(*, roles: tuple[RoleDefault, ...], using: str = "default") -> None:
    """This will add the roles that are missing, set-based; a role that exists keeps its edited permissions."""
    Role.objects.using(using).bulk_create(
        [
            Role(
                code=role.code,
                name=role.name,
                group=role.group,
                permissions=list(role.permissions),
                sees_all_units=role.sees_all_units,
                is_standing=True,
            )
            for role in roles
        ],
        ignore_conflicts=True,
    )
