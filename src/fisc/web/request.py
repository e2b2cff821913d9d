"""The request as the middleware hands it to the views: with its actor, its moment and the reader's choices."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from fisc.base.errors import NotAllowed
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import User
from fisc.web.look import Look


class Request(HttpRequest):
    """An HTTP request that has passed the gate."""

    actor: Actor
    now: datetime
    look: Look
    htmx: HtmxDetails
    user: User  # type: ignore[assignment]


def allowed(
    request: HttpRequest, permission: str, *, whole: bool = False, message: str | None = None
) -> Actor:
    """The actor, who may; with `whole`, people who see only some units are kept away from the district's own business.

    :raises NotAllowed: they may not.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.can(permission) or (whole and not actor.sees_everything):
        raise NotAllowed(message)
    return actor
