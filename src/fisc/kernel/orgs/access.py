"""Who may see and do what on a day: grants, roles and the unit tree made into an ``Actor``.

Visibility: a unit's people see their unit and everything under it (主管部门 sees its 下属单位); section staff see
the units of their section (归口股室); a role marked ``sees_all_units`` sees the district. A grant with a unit of its
own widens the view to that unit's tree and is not limited by the person's post. Administrators see no unit's data.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q, QuerySet

from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.clock import business_today
from fisc.kernel.orgs.models import Grant, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterable

_SQL = Path(__file__).parent / "sql"


def actor_for(user: User, *, ip: str = "", device: str = "", on: date | None = None) -> Actor:
    """This will build the actor with the grants in force on the day (default: the business date); 2–4 queries."""
    grants = list(active_grants(on=on or business_today()).filter(user=user)) if user.is_active else []
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=user.name,
        roles=frozenset(grant.role.code for grant in grants),
        permissions=frozenset(pattern for grant in grants for pattern in grant.role.permissions),
        unit_id=user.unit_id,
        section_code=user.section.code if user.section else None,
        unit_ids=_visible_units(user, grants),
        ip=ip,
        device=device[:200],
    )


def system_actor() -> Actor:
    """This will give the actor of the machine (imports by file, the clock, the demo): a real row without log-in."""
    user = User.objects.get(is_system=True)
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=user.name,
        roles=frozenset({"system"}),
        permissions=frozenset({"*"}),
        unit_ids=None,
    )


def active_grants(*, on: date) -> QuerySet[Grant]:
    """This will select the grants in force on the day, with their roles."""
    in_force = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    return Grant.objects.filter(in_force).select_related("role")


def users_who_can(permission: str, *, unit_id: int | None = None, on: date | None = None) -> list[User]:
    """This will list the active people whose rights cover the permission and who see the unit (if one is named)."""
    candidates = User.objects.filter(is_active=True, is_system=False).select_related("section")
    holders = active_grants(on=on or business_today()).values_list("user_id", flat=True)
    found = []
    for user in candidates.filter(id__in=holders):
        actor = actor_for(user, on=on)
        if actor.can(permission) and (unit_id is None or actor.sees(unit_id)):
            found.append(user)
    return found


def unit_tree_ids(roots: Iterable[int]) -> frozenset[int]:
    """This will give the ids of these units and all their subordinates."""
    return _query_visible(roots=sorted(set(roots)), sections=[])


def _visible_units(user: User, grants: list[Grant]) -> frozenset[int] | None:
    business = [grant for grant in grants if grant.group == Role.Group.BUSINESS]
    if not business:
        return frozenset()
    if any(grant.role.sees_all_units and grant.unit_id is None for grant in business):
        return None
    roots = {grant.unit_id for grant in business if grant.unit_id}
    by_post = any(grant.unit_id is None for grant in business)
    if by_post and user.unit_id and not user.section_id:
        roots.add(user.unit_id)
    sections = [user.section_id] if by_post and user.section_id else []
    return _query_visible(roots=sorted(roots), sections=sections)


def _query_visible(*, roots: list[int], sections: list[int]) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(_visible_units_sql(), {"roots": roots, "sections": sections})
        return frozenset(row[0] for row in cursor.fetchall())


@cache
def _visible_units_sql() -> str:
    return (_SQL / "visible_units.sql").read_text(encoding="utf-8")
