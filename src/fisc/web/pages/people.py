"""Administration by the three administrators: accounts, grants, roles, units, approval chains."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import format_html

from fisc.base.errors import BadInput, FiscError, NotAllowed
from fisc.base.money import parse_yuan, plain_yuan
from fisc.base.text import clean
from fisc.kernel.approvals import chains
from fisc.kernel.approvals.models import SCOPES, Chain
from fisc.kernel.documents import kinds
from fisc.kernel.modules import registry
from fisc.kernel.orgs import accounts, auth, units
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Grant, Region, Role, Section, Unit, User
from fisc.web import formats, ways
from fisc.web.components import Cell, Empty, Head, Option, Pager, Row, Tab, Table, link, page_links, state
from fisc.web.request import Request

PAGE = 50


def tabs(actor: Actor, current: str) -> list[Tab]:
    """The pages of administration that the actor may open."""
    every = (
        ("users", "用户", actor.can("orgs.users.view")),
        ("roles", "角色", actor.can("orgs.roles.view") or actor.can("orgs.roles.edit")),
        ("units", "单位与股室", actor.can("orgs.view")),
        ("chains", "审批流程", actor.can("orgs.view")),
    )
    return [Tab(label, f"/people/{code}/", current=code == current) for code, label, may in every if may]


def _require(actor: Actor, *permissions: str) -> None:
    if not any(actor.can(permission) for permission in permissions):
        raise NotAllowed()


def users_page(request: Request) -> HttpResponse:
    """Accounts with their roles."""
    actor: Actor = request.actor
    _require(actor, "orgs.users.view")
    text = clean(request.GET.get("q", ""))
    found = User.objects.filter(is_system=False).select_related("unit", "section").order_by("username")
    if text:
        found = found.filter(
            Q(username__icontains=text) | Q(name__icontains=text) | Q(unit__name__icontains=text)
        )
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    count = found.count()
    shown = list(found[(page - 1) * PAGE : page * PAGE])
    today = request.now.date()
    held: dict[int, list[str]] = {}
    grants = (
        Grant.objects.filter(user__in=shown, valid_from__lte=today)
        .exclude(valid_to__lt=today)
        .select_related("role")
    )
    for grant in grants:
        held.setdefault(grant.user_id, []).append(grant.role.name)
    rows = []
    for user in shown:
        locked = user.locked_until and user.locked_until > timezone.now()
        mark = (
            state("停用", "wrong")
            if not user.is_active
            else state("已锁定", "waiting")
            if locked
            else state("启用", "done")
        )
        cells = (
            Cell(link(user.username, f"/people/users/{user.pk}/"), pin=True, css="m-no"), Cell(user.name, css="m-main"), Cell(mark, css="m-state"),
            Cell(str(user.unit or "")), Cell(str(user.section or "")), Cell("、".join(held.get(user.pk, [])), css="cut m-desc"),
            Cell("已启用" if user.totp_confirmed_at else ""), Cell(formats.date_text(user.last_login)),
        )  # fmt: skip
        rows.append(Row(cells))
    heads = tuple(
        Head(h, pin=i == 0)
        for i, h in enumerate(("登录名", "姓名", "状态", "单位", "股室", "角色", "动态口令", "上次登录"))
    )
    pages = max(1, -(-count // PAGE))
    context = {
        "title": "人员与权限",
        "tabs": tabs(actor, "users"),
        "text": text,
        "table": Table("用户", heads, tuple(rows), cards=True, empty=Empty("没有匹配的用户", icon="users")),
        "pager": Pager(
            format_html("共 <b>{}</b> 人", count), page_links(page=page, pages=pages, query={"q": text})
        ),
        "may_edit": actor.can("orgs.users.edit"),
    }
    return render(request, "web/people/users.html", context)


def user_page(request: Request, pk: int) -> HttpResponse:
    """One account: who it is, its grants; each administrator sees the acts of their own office."""
    actor: Actor = request.actor
    _require(actor, "orgs.users.view")
    user = get_object_or_404(User.objects.select_related("unit", "section"), pk=pk, is_system=False)
    refusal = None
    if request.method == "POST":
        try:
            messages.success(request, _act_on_user(request, user, actor))
            return HttpResponseRedirect(request.path)
        except FiscError as error:
            refusal = ways.refusal_view(error)
    today = request.now.date()
    grants = [
        {
            "id": g.pk, "role": g.role.name, "group": g.role.get_group_display(), "scope": str(g.unit or "本人单位"),
            "from": g.valid_from, "to": g.valid_to, "by": g.granted_by.name, "over": bool(g.valid_to and g.valid_to < today),
        }
        for g in user.grants.select_related("role", "unit", "granted_by").order_by("-valid_from", "-pk")
    ]  # fmt: skip
    context = {
        "title": user.name,
        "who": user,
        "locked": user.locked_until and user.locked_until > timezone.now(),
        "grants": grants,
        "roles": Role.objects.order_by("group", "pk"),
        "units": Unit.objects.filter(is_active=True).order_by("code"),
        "sections": Section.objects.filter(is_active=True),
        "may_edit": actor.can("orgs.users.edit") and user.pk != actor.user_id,
        "may_grant": actor.can("orgs.grants.edit") and user.pk != actor.user_id,
        "refusal": refusal,
        "today": today.isoformat(),
    }
    return render(request, "web/people/user.html", context, status=409 if refusal else 200)


def _act_on_user(request: Request, user: User, actor: Actor) -> str:
    """One act on an account; returns what to say. The rights are checked below, in orgs."""
    post, now = request.POST, timezone.now()
    match post.get("act"):
        case "edit":
            accounts.edit_user(
                user_id=user.pk, actor=actor, at=now, name=post.get("name", ""), unit_id=_id(post.get("unit")),
                section_code=post.get("section") or None, phone=post.get("phone", ""), post=post.get("post", ""),
            )  # fmt: skip
            return "资料已保存。"
        case "password":
            accounts.reset_password(user_id=user.pk, new=post.get("password", ""), actor=actor, at=now)
            return "密码已重置，下次登录须修改。"
        case "unlock":
            accounts.unlock(user_id=user.pk, actor=actor, at=now)
            return "已解锁。"
        case "enable" | "disable" as act:
            accounts.set_active(user_id=user.pk, is_active=act == "enable", actor=actor, at=now)
            return "账户已启用。" if act == "enable" else "账户已停用，登录已全部退出。"
        case "totp":
            auth.clear_totp(user_id=user.pk, at=now, actor=actor)
            return "动态口令已清除。"
        case "grant":
            accounts.grant(
                user_id=user.pk, role_code=post.get("role", ""), actor=actor, at=now, valid_from=_day(post.get("from")),
                valid_to=_day(post.get("to")) if post.get("to") else None, unit_id=_id(post.get("unit")),
            )  # fmt: skip
            return "角色已授予。"
        case "withdraw":
            accounts.withdraw_grant(
                grant_id=_id(post.get("grant")) or 0, last_day=_day(post.get("last")), actor=actor, at=now
            )
            return "授权已收回。"
    raise Http404


def _id(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        raise BadInput("日期格式不对，请写成 2023-06-30。") from error


def new_user_page(request: Request) -> HttpResponse:
    """Open an account; it has no right until the security administrator grants one."""
    actor: Actor = request.actor
    _require(actor, "orgs.users.edit")
    refusal = None
    if request.method == "POST":
        post = request.POST
        draft = accounts.AccountDraft(
            username=post.get("username", ""), name=post.get("name", ""), unit_id=_id(post.get("unit")),
            section_code=post.get("section") or None, phone=post.get("phone", ""), post=post.get("post", ""), password=post.get("password") or None,
        )  # fmt: skip
        try:
            user = accounts.create_user(draft=draft, actor=actor, at=timezone.now())
            messages.success(request, f"账户 {user.username} 已开立，请安全管理员授权。")
            return HttpResponseRedirect(f"/people/users/{user.pk}/")
        except FiscError as error:
            refusal = ways.refusal_view(error)
    context = {
        "title": "新增用户",
        "refusal": refusal,
        "given": request.POST.dict(),
        "units": Unit.objects.filter(is_active=True).order_by("code"),
        "sections": Section.objects.filter(is_active=True),
    }
    return render(request, "web/people/user_new.html", context, status=409 if refusal else 200)


def roles_page(request: Request) -> HttpResponse:
    """Roles and their permission patterns, editable by the security administrator."""
    actor: Actor = request.actor
    _require(actor, "orgs.roles.view", "orgs.roles.edit")
    refusal = None
    if request.method == "POST":
        post = request.POST
        try:
            role = accounts.edit_role(
                code=post.get("code", ""), name=post.get("name", ""), permissions=post.get("permissions", "").split(),
                sees_all_units="all" in post, actor=actor, at=timezone.now(),
            )  # fmt: skip
            messages.success(request, f"角色“{role.name}”已保存。")
            return HttpResponseRedirect("/people/roles/")
        except FiscError as error:
            refusal = ways.refusal_view(error)
    roles = [
        {
            "role": r,
            "patterns": r.permissions,
            "text": "\n".join(r.permissions),
            "rows": min(14, max(3, len(r.permissions))),
        }
        for r in Role.objects.order_by("group", "pk")
    ]
    context = {
        "title": "角色",
        "tabs": tabs(actor, "roles"),
        "roles": roles,
        "refusal": refusal,
        "may_edit": actor.can("orgs.roles.edit"),
    }
    return render(request, "web/people/roles.html", context, status=409 if refusal else 200)


def units_page(request: Request) -> HttpResponse:
    """Budget units as a tree under their departments, and the sections."""
    actor: Actor = request.actor
    _require(actor, "orgs.view")
    refusal = None
    if request.method == "POST":
        try:
            messages.success(request, _save_unit(request, actor))
            return HttpResponseRedirect("/people/units/")
        except FiscError as error:
            refusal = ways.refusal_view(error)
    text = clean(request.GET.get("q", ""))
    found = Unit.objects.select_related("parent", "section").order_by("code")
    if text:
        found = found.filter(
            Q(code__startswith=text) | Q(name__icontains=text) | Q(short_name__icontains=text)
        )
    rows = []
    for unit in found:
        mark = state("启用", "done") if unit.is_active else state("停用", "wrong")
        name = format_html("{}{}", "　" if unit.parent_id else "", unit.name)
        cells = (
            Cell(unit.code, pin=True, css="m-no"), Cell(name, css="m-main"), Cell(mark, css="m-state"), Cell(unit.short_name),
            Cell(unit.get_kind_display()), Cell(unit.get_unit_kind_display()), Cell(str(unit.parent or ""), css="m-desc"), Cell(str(unit.section or "")),
        )  # fmt: skip
        rows.append(Row(cells))
    heads = tuple(
        Head(h, pin=i == 0)
        for i, h in enumerate(("编码", "名称", "状态", "简称", "类别", "性质", "上级", "归口股室"))
    )
    context = {
        "title": "单位与股室", "tabs": tabs(actor, "units"), "text": text, "refusal": refusal, "may_edit": actor.can("orgs.units.edit"),
        "table": Table("单位", heads, tuple(rows), cards=True, empty=Empty("没有匹配的单位", icon="building-2")), "sections": Section.objects.all(),
        "kinds": Unit.Kind.choices, "unit_kinds": Unit.UnitKind.choices, "parents": Unit.objects.filter(is_active=True, parent=None).order_by("code"),
        "regions": Region.objects.all(), "count": len(rows),
    }  # fmt: skip
    return render(request, "web/people/units.html", context, status=409 if refusal else 200)


def _save_unit(request: Request, actor: Actor) -> str:
    post, now = request.POST, timezone.now()
    if post.get("act") == "section":
        units.save_sections(names={post.get("code", ""): post.get("name", "")}, actor=actor, at=now)
        return f"股室“{post.get('name')}”已保存。"
    draft = units.UnitDraft(
        code=post.get("code", ""), name=post.get("name", ""), kind=post.get("kind", ""), short_name=post.get("short_name", ""),
        parent_code=post.get("parent") or None, unit_kind=post.get("unit_kind", ""), section_code=post.get("section") or None,
    )  # fmt: skip
    units.save_units(drafts=[draft], actor=actor, at=now)
    return f"单位“{draft.name}”已保存。"


def chains_page(request: Request) -> HttpResponse:
    """Approval chains by kind: who acts, for which amounts, within how many working days."""
    actor: Actor = request.actor
    _require(actor, "orgs.view")
    refusal = None
    may_edit = actor.can("approvals.chains.edit") or actor.can("orgs.roles.edit")
    if request.method == "POST":
        _require(actor, "approvals.chains.edit", "orgs.roles.edit")
        try:
            chains.save_chain(
                kind=request.POST.get("kind", ""),
                nodes=_nodes(request.POST),
                actor=actor,
                at=request.now,
                note=request.POST.get("note", ""),
            )
            messages.success(request, "审批流程已保存，新提交的单据按新流程办理。")
            return HttpResponseRedirect(
                f"/people/chains/?module={request.POST.get('kind', '').partition('.')[0]}"
            )
        except FiscError as error:
            refusal = ways.refusal_view(error)
    titles = {kind.code: kind.title for kind in kinds.installed()}
    current = list(Chain.objects.filter(is_current=True).prefetch_related("nodes").order_by("kind"))
    modules = {chain.kind.partition(".")[0] for chain in current}
    asked = request.POST.get("kind", "").partition(".")[0] or request.GET.get("module", "")
    chosen = asked if asked in modules else min(modules, default="")
    shown = []
    for chain in current:
        if chain.kind.partition(".")[0] != chosen:
            continue
        nodes = [
            {"label": n.label, "role": n.role, "scope": n.scope, "low": "" if n.amount_from_fen is None else plain_yuan(n.amount_from_fen),
             "high": "" if n.amount_to_fen is None else plain_yuan(n.amount_to_fen), "limit": n.limit_workdays, "condition": n.condition}
            for n in chain.nodes.all()
        ]  # fmt: skip
        shown.append(
            {
                "kind": chain.kind,
                "title": titles.get(chain.kind, chain.kind),
                "version": chain.version,
                "note": chain.note,
                "nodes": nodes,
                "count": len(nodes),
            }
        )
    context = {"title": "审批流程", "tabs": tabs(actor, "chains"), "chains": shown, "refusal": refusal, "may_edit": may_edit, "scopes": SCOPES,
               "modules": [Option(m.name, m.title, m.name == chosen) for m in registry.current().modules if m.name in modules],
               "roles": Role.objects.filter(group="business"), "role_names": dict(Role.objects.values_list("code", "name"))}  # fmt: skip
    return render(request, "web/people/chains.html", context, status=409 if refusal else 200)


def _nodes(post: Any) -> list[chains.Node]:
    """The typed lines of a chain; empty lines fall out."""
    made = []
    columns = [post.getlist(name) for name in ("label", "role", "scope", "low", "high", "limit", "condition")]
    for label, role, scope, low, high, limit, condition in zip(*columns, strict=True):
        if label.strip():
            made.append(
                chains.Node(
                    seq=0,
                    label=label.strip(),
                    role=role,
                    scope=scope,
                    limit_workdays=int(limit or 1),
                    condition=condition.strip(),
                    amount_from_fen=parse_yuan(low) if low.strip() else None,
                    amount_to_fen=parse_yuan(high) if high.strip() else None,
                )
            )
    return made
