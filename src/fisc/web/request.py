"""The request as the middleware hands it to the views: with its actor, its moment and the reader's choices."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

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
