"""Who is calling: a bearer token, nothing else. No cookie is ever looked at, so no other site can act for somebody."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from fisc.api import tokens
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.actor import Actor


class TokenBearer(HttpBearer):
    """`Authorization: Bearer fisc_…`"""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The actor behind the token; it becomes `request.auth`."""
        actor, _ = tokens.actor_of(token, ip=ip_of(request), device=device_of(request), at=timezone.now())
        return actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor of an authenticated request."""
    return request.auth  # type: ignore[attr-defined, no-any-return]


def now() -> dt.datetime:
    """The business moment: what documents and imports are dated with."""
    return clock.business_now()


def ip_of(request: HttpRequest) -> str:
    """The caller's address."""
    return str(request.META.get("REMOTE_ADDR", ""))


def device_of(request: HttpRequest) -> str:
    """What the caller says it is."""
    return str(request.META.get("HTTP_USER_AGENT", ""))[:200]
