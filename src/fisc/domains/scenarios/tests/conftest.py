"""The small district with the what-if desk, and a few allotments of different kinds."""

from __future__ import annotations

import pytest


@pytest.fixture
def desk(district):
    """The district; its budget officer may use the desk."""
    from fisc.domains.scenarios.module import MODULE  # the pure tests beside run without the product
    from fisc.kernel.documents import kinds
    from fisc.kernel.orgs.access import actor_for
    from fisc.kernel.orgs.models import Role, User

    for role in MODULE.roles:
        row = Role.objects.get(code=role.code)
        row.permissions = sorted({*row.permissions, *role.permissions})
        row.save(update_fields=["permissions"])
    people = {
        name: actor_for(User.objects.get(username=name), on=district.at.date()) for name in district.people
    }
    district.people = people
    with kinds.also(*MODULE.kinds):
        yield district


@pytest.fixture
def allotments(desk):
    """Three allotments: an ordinary one, one of 三保, one that a payment holds most of."""
    return {
        "plain": desk.allotment(100_000),
        "guaranteed": desk.allotment(100_000, flags=1),
        "held": _held(desk),
    }


def _held(desk):
    allotment_id = desk.allotment(100_000, unit_id=desk.units["121001"].pk)
    desk.submitted(allotment_id, 95_000)
    return allotment_id
