"""审计日志: who did what, when, from where; only ever added to, filtered in the address."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from fisc.base.errors import NotAllowed
from fisc.base.text import clean
from fisc.web.components import Empty, Pager, Table, page_links
from fisc.web.pages import trails
from fisc.web.request import Request

PAGE = 100


def audit_page(request: Request) -> HttpResponse:
    """The trail."""
    if not request.actor.can("events.audit.view"):
        raise NotAllowed()
    given = {key: clean(request.GET.get(key, "")) for key in ("who", "action", "since", "until", "ip")}
    where, values, error = conditions(given)
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    table, count = trails.audit_table(where, values, limit=PAGE, offset=(max(1, page) - 1) * PAGE)
    pages = max(1, -(-count // PAGE))
    context = {
        "title": "审计日志",
        "given": given,
        "error": error,
        "table": Table(
            "审计日志",
            table.heads,
            table.rows,
            cards=True,
            empty=Empty("没有符合条件的记录", "放宽条件再查", "history"),
        ),
        "pager": Pager(
            format_html("共 <b>{}</b> 条，每页 {} 条", f"{count:,}", PAGE),
            page_links(page=page, pages=pages, query=given),
        ),
    }
    return render(request, "web/audit.html", context)


def conditions(given: dict[str, str]) -> tuple[str, list[Any], str]:
    """The condition in SQL, its parameters, and what is wrong with the filter."""
    parts, error = ["true"], ""
    values: list[Any] = []
    if given["who"]:
        parts.append("actor_name ILIKE %s")
        values.append(f"%{given['who']}%")
    if given["action"]:
        parts.append("action ILIKE %s")
        values.append(f"%{given['action']}%")
    if given["ip"]:
        parts.append("ip::text LIKE %s")
        values.append(f"{given['ip']}%")
    for key, sign in (("since", ">="), ("until", "<")):
        if not given[key]:
            continue
        try:
            day = date.fromisoformat(given[key])
        except ValueError:
            error = "日期格式不对，已忽略。"
            continue
        parts.append(
            f"at {sign} (%s::date{' + 1' if key == 'until' else ''})::timestamp AT TIME ZONE 'Asia/Shanghai'"
        )
        values.append(day)
    return " AND ".join(parts), values, error
