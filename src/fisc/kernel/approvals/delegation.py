"""Standing in for somebody who is away: for a time, for some kinds or all, never passed on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from fisc.kernel import lean
from fisc.kernel.approvals.errors import DelegationError
from fisc.kernel.approvals.models import Delegation
from fisc.kernel.orgs.access import actor_for
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import User

PRINCIPALS = """
SELECT DISTINCT from_user_id
FROM approvals_delegation
WHERE to_user_id = %s AND valid_from <= %s AND valid_to >= %s AND ended_at IS NULL
    AND (kinds = '{}' OR %s = ANY(kinds))
ORDER BY from_user_id
"""


def principals(deputy_id: int, *, kind: str, on: dt.date) -> list[Actor]:
    """The people for whom somebody stands in on a day, for a kind, with the rights they have that day."""
    ids = [row[0] for row in lean.fetch(PRINCIPALS, (deputy_id, on, on, kind))]
    if not ids:
        return []
    users = User.objects.filter(pk__in=ids, is_active=True).select_related("section")
    return [actor_for(user, on=on) for user in users]


def delegate(
    *,
    actor: Actor,
    to_user_id: int,
    valid_from: dt.date,
    valid_to: dt.date,
    at: dt.datetime,
    kinds: Sequence[str] = (),
    reason: str = "",
    from_user_id: int | None = None,
) -> Delegation:
    """This will let somebody act for the actor (or, with the right approvals.delegate, for another) for a time.

    :raises DelegationError: the dates are in disorder, to oneself, the deputy is inactive or sees fewer units.
    """
    principal_id = from_user_id or actor.user_id
    if principal_id != actor.user_id and not actor.can("approvals.delegate"):
        raise DelegationError("您只能委托自己的审批事项。")
    if principal_id == to_user_id:
        raise DelegationError("不能委托给本人。")
    if valid_to < valid_from:
        raise DelegationError("委托的截止日早于起始日。")
    _check_deputy(principal_id, to_user_id, on=valid_from)
    return Delegation.objects.create(
        from_user_id=principal_id,
        to_user_id=to_user_id,
        kinds=list(kinds),
        valid_from=valid_from,
        valid_to=valid_to,
        reason=reason,
        created_at=at,
        created_by_id=actor.user_id,
    )


def end_delegation(*, id: int, actor: Actor, at: dt.datetime) -> None:
    """This will take a delegation back early. :raises DelegationError: it is not the actor's."""
    row = Delegation.objects.filter(pk=id, ended_at=None).first()
    if row is None or (
        actor.user_id not in (row.from_user_id, row.created_by_id) and not actor.can("approvals.delegate")
    ):
        raise DelegationError("没有这项委托，或不由您作出。")
    row.ended_at = at
    row.save(update_fields=["ended_at"])


def _check_deputy(principal_id: int, deputy_id: int, *, on: dt.date) -> None:
    users = {
        user.pk: user
        for user in User.objects.filter(pk__in=(principal_id, deputy_id)).select_related("section")
    }
    deputy = users.get(deputy_id)
    if deputy is None or not deputy.is_active or deputy.is_system:
        raise DelegationError("受托人不存在或已停用。")
    sees, needed = actor_for(deputy, on=on).unit_ids, actor_for(users[principal_id], on=on).unit_ids
    if sees is not None and (needed is None or not needed <= sees):
        raise DelegationError(f"{deputy.name}看不到委托人所管的全部单位，不能受托。")
