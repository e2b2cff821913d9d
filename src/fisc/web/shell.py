"""What stands around every page: navigation the reader may use, counts waiting for them, year, unit, the foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import SimpleLazyObject

from fisc.base.money import UNIT_NAMES
from fisc.kernel.modules import registry
from fisc.kernel.modules.spec import NAV_GROUPS
from fisc.kernel.orgs.actor import Actor
from fisc.web import waiting
from fisc.web.look import DENSITIES
from fisc.web.request import Request

BRAND = "Fisc 财政一本账"


@dataclass(frozen=True)
class Item:
    """One line of the navigation."""

    label: str
    href: str
    icon: str
    current: bool = False
    count: int = 0
    loud: bool = False
    children: tuple[Item, ...] = ()
    is_open: bool = False


@dataclass(frozen=True)
class Group:
    """A headed group of the navigation."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Fixed:
    """A page that belongs to no module; shown to those who hold any of the permissions (none: to all)."""

    group: str
    label: str
    href: str
    icon: str
    permissions: tuple[str, ...] = ()


FIXED = (
    Fixed("工作台", "驾驶舱", "/", "layout-dashboard", ("figures.view",)),
    Fixed("工作台", "我的待办", "/inbox/", "inbox"),
    Fixed("核算与报告", "总会计账", "/ledger/", "book-open", ("ledger.view",)),
    Fixed("核算与报告", "执行报表", "/reports/", "table-2", ("reports.view",)),
    Fixed("风险与监督", "规则与疑点", "/rules/", "shield-check", ("rules.view", "findings.view")),
    Fixed("系统", "导入数据", "/imports/", "file-up", ("imports.*",)),
    Fixed("系统", "后台作业", "/jobs/", "list-checks", ("imports.*",)),
    Fixed("系统", "代码表", "/codes/", "list-tree", ("codes.view",)),
    Fixed("系统", "人员与权限", "/people/users/", "users", ("orgs.users.view", "orgs.roles.view")),
    Fixed("系统", "单位与股室", "/people/units/", "building-2", ("orgs.view",)),
    Fixed("系统", "审计日志", "/audit/", "history", ("events.audit.view",)),
)


def shell(request: Request) -> Mapping[str, Any]:
    """This will give templates the frame of the page; read only when a full page is rendered."""
    if getattr(request, "user", None) is None or not request.user.is_authenticated:
        return {"brand": BRAND, "look": getattr(request, "look", None)}
    return {
        "brand": BRAND,
        "look": request.look,
        "densities": DENSITIES,
        "unit_choices": tuple(UNIT_NAMES.items()),
        "frame": SimpleLazyObject(lambda: _frame(request)),
    }


def _frame(request: Request) -> Mapping[str, Any]:
    actor: Actor = request.actor
    counts = waiting.counts(actor)
    now = request.now
    groups = navigation(actor, path=request.path, counts=counts)
    year = request.look.year or now.year
    return {
        "groups": groups,
        "waiting": sum(counts.values()),
        "years": [(value, value == year) for value in range(now.year + 1, now.year - 5, -1)],
        "year": year,
        "scope": "全区"
        if actor.unit_ids is None
        else "本单位及下属"
        if actor.section_code is None
        else "归口单位",
        "who": actor.name,
        "post": request.user.section.name if request.user.section else _unit_name(request),
        "today": now.date().isoformat(),
        "bar": _bar(groups),
        "security": actor.can("orgs.grants.edit"),
    }


def _unit_name(request: Request) -> str:
    unit = request.user.unit
    return (unit.short_name or unit.name) if unit else ""


def navigation(actor: Actor, *, path: str, counts: Mapping[str, int]) -> tuple[Group, ...]:
    """This will list the pages the actor may open; modules without permission are absent, not greyed."""
    found: dict[str, list[Item]] = {group: [] for group in NAV_GROUPS}
    for fixed in FIXED:
        if not fixed.permissions or any(_holds(actor, permission) for permission in fixed.permissions):
            count = sum(counts.values()) if fixed.href == "/inbox/" else 0
            found[fixed.group].append(Item(fixed.label, fixed.href, fixed.icon, count=count, loud=count > 0))
    for item in registry.current().nav:
        if actor.can(item.permission):
            href = f"/d/{item.target}/" if item.is_kind else item.target
            found[item.group].append(Item(item.label, href, item.icon, count=counts.get(item.target, 0)))
    current = _current(path, [item for items in found.values() for item in items])
    parents = {item.label: item.under for item in registry.current().nav if item.under}
    return tuple(Group(group, _nested(items, parents, current)) for group, items in found.items() if items)


def _nested(items: Sequence[Item], parents: Mapping[str, str], current: str) -> tuple[Item, ...]:
    """The lines with those below them; below a line that the actor does not have, a line stands by itself."""
    labels = {item.label for item in items}
    below: dict[str, list[Item]] = {}
    for item in items:
        if parents.get(item.label) in labels:
            below.setdefault(parents[item.label], []).append(replace(item, current=item.href == current))
    tops = [item for item in items if parents.get(item.label) not in labels]
    return tuple(_with_children(item, tuple(below.get(item.label, ())), current) for item in tops)


def _with_children(item: Item, children: tuple[Item, ...], current: str) -> Item:
    is_current = item.href == current
    is_open = bool(children) and (is_current or any(child.current for child in children))
    hidden = 0 if is_open else sum(child.count for child in children)
    return replace(item, current=is_current, count=item.count + hidden, children=children, is_open=is_open)


def _holds(actor: Actor, permission: str) -> bool:
    """Whether the actor holds the permission, or for a pattern ("imports.*") anything under it."""
    if permission.endswith(".*"):
        stem = permission[:-1]
        return any(held == "*" or held.startswith(stem) for held in actor.permissions)
    return actor.can(permission)


def _current(path: str, items: list[Item]) -> str:
    """The longest address the path begins with."""
    fits = [
        item.href for item in items if path == item.href or (item.href != "/" and path.startswith(item.href))
    ]
    return max(fits, key=len, default="")


def _bar(groups: tuple[Group, ...]) -> tuple[Item, ...]:
    """Four places of the phone's bottom bar: dashboard, inbox, the first list, reports."""
    items = [item for group in groups for item in group.items]
    wanted = [item for item in items if item.href in ("/", "/inbox/", "/reports/")]
    lists = [item for item in items if item.href.startswith("/d/treasury.")] or [
        item for item in items if item.href.startswith("/d/")
    ]
    return (*wanted[:2], *lists[:1], *wanted[2:])[:4]
