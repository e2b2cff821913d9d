"""委托办理: somebody acts for me while I am away; taken back early when I return."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from fisc.base.errors import BadInput, FiscError
from fisc.kernel.approvals import delegation
from fisc.kernel.approvals.models import Delegation
from fisc.kernel.orgs.models import User
from fisc.web import ways
from fisc.web.request import Request


def delegations_page(request: Request) -> HttpResponse:
    """My delegations, given and received; giving a new one, taking one back."""
    actor, post, refusal = request.actor, request.POST, None
    if request.method == "POST":
        try:
            if post.get("act") == "end":
                delegation.end_delegation(id=int(post.get("id") or 0), actor=actor, at=request.now)
                messages.success(request, "委托已收回。")
            else:
                delegation.delegate(
                    actor=actor,
                    to_user_id=int(post.get("to") or 0),
                    valid_from=_day(post.get("from")),
                    valid_to=_day(post.get("until")),
                    at=request.now,
                    reason=post.get("reason", ""),
                )
                messages.success(request, "委托已登记，期间的待办会同时送给受托人。")
            return HttpResponseRedirect("/account/delegation/")
        except FiscError as error:
            refusal = ways.refusal_view(error)
    mine = Q(from_user_id=actor.user_id) | Q(to_user_id=actor.user_id)
    shown = [
        {
            "row": row,
            "is_mine": row.from_user_id == actor.user_id,
            "is_over": row.ended_at is not None or row.valid_to < request.now.date(),
        }
        for row in Delegation.objects.filter(mine).select_related("from_user", "to_user")[:50]
    ]
    colleagues = User.objects.filter(is_active=True, is_system=False).exclude(pk=actor.user_id)
    colleagues = colleagues.filter(unit_id=actor.unit_id or 0).order_by("name")
    context = {
        "title": "委托办理",
        "delegations": shown,
        "colleagues": colleagues,
        "refusal": refusal,
        "today": request.now.date().isoformat(),
    }
    return render(request, "web/delegations.html", context, status=409 if refusal else 200)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        raise BadInput("请填写起止日期。") from error
