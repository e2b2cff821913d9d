"""What every request passes: security headers, who is asking, whether they may come in, what they are told when
something is refused or broken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone

from fisc.base.errors import BadInput, Conflict, FiscError, NotAllowed, NotFound, Refusal
from fisc.kernel.orgs import access, clock
from fisc.kernel.orgs.actor import Actor
from fisc.web import errors
from fisc.web.look import read_look

logger = logging.getLogger("fisc.web")
GetResponse = Callable[[HttpRequest], HttpResponse]
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'",
    )
)  # fmt: skip
MACHINE_PREFIXES = ("/api/", "/healthz", "/metrics", "/static/", "/favicon.ico")
OPEN_PREFIXES = (*MACHINE_PREFIXES, "/login/")


class PageCompression(GZipMiddleware):
    """Compress pages; answers to machines go out as they are described in the interface."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path.startswith(MACHINE_PREFIXES):
            return response
        return super().process_response(request, response)


class SecurityHeaders:
    """Strict CSP (no inline script or style), and the other headers a scan asks for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "user", None) is not None and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


class Reader:
    """Gives the request its actor, its moment and the reader's choices."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.look = read_look(request.COOKIES)  # type: ignore[attr-defined]
        if not request.path.startswith(MACHINE_PREFIXES):
            request.now = clock.business_now()  # type: ignore[attr-defined]
            request.actor = _actor(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor | None:
    if not request.user.is_authenticated:
        return None  # the gate sends strangers to the log-in page
    return access.actor_for(
        request.user, ip=request.META.get("REMOTE_ADDR", ""), device=request.META.get("HTTP_USER_AGENT", "")
    )


class Gate:
    """Sends strangers to the log-in page, and people whose password must change to that page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.path.startswith(OPEN_PREFIXES):
            return None
        if not request.user.is_authenticated:
            return self._to_login(request)
        until = request.session.get("until")
        if until and datetime.fromisoformat(until) < timezone.now():
            logout(request)
            return self._to_login(request)
        if request.user.must_change_password and not request.path.startswith(
            ("/account/password/", "/logout/")
        ):
            return HttpResponseRedirect("/account/password/")
        return None

    def _to_login(self, request: HttpRequest) -> HttpResponse:
        goal = f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}"
        if getattr(request, "htmx", False):
            return HttpResponse(status=401, headers={"HX-Redirect": settings.LOGIN_URL})
        return HttpResponseRedirect(goal)


class Doorstep:
    """The outermost door: refusals become pages with their numbers and ways on, faults a page with a number."""

    STATUS = ((NotAllowed, 403), (NotFound, 404), (Conflict, 409), (Refusal, 409), (BadInput, 400))

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.path.startswith(("/api/", "/healthz", "/metrics")):
            return None
        if isinstance(error, FiscError):
            status = next((status for kind, status in self.STATUS if isinstance(error, kind)), 400)
            return errors.refused(request, error, status=status)
        if isinstance(error, Http404 | PermissionDenied) or settings.DEBUG:
            return None
        number = error_number(request.now)  # type: ignore[attr-defined]
        logger.exception("error %s at %s", number, request.path, exc_info=error)
        return errors.page(request, status=500, number=number)


def error_number(now: datetime) -> str:
    """A number people can read out on the telephone."""
    return f"{now:%m%d}-{token_hex(3).upper()}"
