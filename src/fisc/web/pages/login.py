"""Log-in, log-out, one's own password and second factor. The rules are in `fisc.kernel.orgs.auth`."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import segno
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fisc.base.errors import FiscError
from fisc.kernel.orgs import accounts, auth, passwords
from fisc.kernel.orgs.models import Region
from fisc.web.request import Request
from fisc.web.shell import BRAND

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
def login_page(request: Request) -> HttpResponse:
    """User name and password, then the code of the second factor where one is set up."""
    if request.user.is_authenticated:
        return HttpResponseRedirect("/")
    context = {"title": "登录", "brand": BRAND, "next": _goal(request), "district": _district()}
    if request.method != "POST":
        return render(request, "web/login.html", context)
    result = auth.authenticate(
        username=request.POST.get("username", ""),
        password=request.POST.get("password", ""),
        totp=request.POST.get("totp", ""),
        ip=request.META.get("REMOTE_ADDR", ""),
        at=timezone.now(),  # the real moment: lock-outs and codes follow the clock on the wall
    )
    if result.user is not None:
        login(request, result.user, backend=BACKEND)
        until = timezone.now() + timedelta(hours=passwords.policy().session_hours)
        request.session["until"] = until.isoformat()  # however busy, a session ends (Gate)
        if result.outcome == auth.Outcome.MUST_CHANGE_PASSWORD:
            return HttpResponseRedirect("/account/password/")
        return HttpResponseRedirect(_goal(request))
    context |= {
        "username": request.POST.get("username", ""),
        "message": "" if result.outcome == auth.Outcome.CODE_NEEDED else result.message,
        "code_needed": result.outcome == auth.Outcome.CODE_NEEDED or bool(request.POST.get("totp")),
        "locked": result.outcome == auth.Outcome.LOCKED,
    }
    return render(
        request, "web/login.html", context, status=200 if result.outcome == auth.Outcome.CODE_NEEDED else 401
    )


def _district() -> str:
    region = Region.objects.filter(level=Region.Level.DISTRICT).only("name").first()
    return region.name if region else ""


def _goal(request: Request) -> str:
    goal = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return goal if safe and not goal.startswith("/log") else "/"


@require_POST
def logout_page(request: Request) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect("/login/")


@never_cache
def password_page(request: Request) -> HttpResponse:
    """Change one's own password; all sessions end, this one goes on."""
    context = {"title": "修改密码", "forced": request.user.must_change_password}
    if request.method == "POST":
        old, new, again = (request.POST.get(name, "") for name in ("old", "new", "again"))
        try:
            if new != again:
                return render(
                    request,
                    "web/password.html",
                    {**context, "message": "两次输入的新密码不一样。"},
                    status=400,
                )
            user = accounts.change_own_password(
                user=request.user,
                old=old,
                new=new,
                at=timezone.now(),
                actor=request.actor,
            )
        except FiscError as error:
            return render(request, "web/password.html", {**context, "message": error.message}, status=400)
        login(request, user, backend=BACKEND)
        messages.success(request, "密码已修改，其他登录已全部退出。")
        return HttpResponseRedirect("/")
    return render(request, "web/password.html", context)


@never_cache
def totp_page(request: Request) -> HttpResponse:
    """Enrol a phone for codes: the QR is shown once, a first right code switches it on."""
    user, actor = request.user, request.actor
    context = {"title": "动态口令", "enrolled": user.totp_confirmed_at}
    if request.method != "POST":
        return render(request, "web/totp.html", context)
    try:
        if "code" in request.POST:
            auth.confirm_totp(user=user, code=request.POST["code"], at=timezone.now(), actor=actor)
            messages.success(request, "动态口令已启用，下次登录时需要输入。")
            return HttpResponseRedirect("/account/totp/")
        address = auth.enrol_totp(user=user, at=timezone.now(), actor=actor)
    except FiscError as error:
        return render(
            request, "web/totp.html", {**context, "message": error.message, "pending": True}, status=400
        )
    return render(
        request, "web/totp.html", {**context, "qr": qr_svg(address), "address": address, "pending": True}
    )


def qr_svg(text: str) -> str:
    """A QR code as SVG without inline style."""
    out = BytesIO()
    segno.make(text, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        dark="#000",
        light=None,
        title="动态口令二维码",
    )
    return mark_safe(out.getvalue().decode())
