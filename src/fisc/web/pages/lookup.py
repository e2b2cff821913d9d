"""Suggestions while typing: codes by code, name or pinyin initials; units; documents; and find-anything."""

from __future__ import annotations

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render

from fisc.base.text import clean
from fisc.kernel import codes, documents
from fisc.kernel.codes.kinds import KINDS
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.modules import registry
from fisc.kernel.orgs.models import Unit
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, Row, Table
from fisc.web.pages import values
from fisc.web.request import Request

LIMIT = 20


def lookup(request: Request, what: str) -> HttpResponse:
    """One list of suggestions for a field of a form."""
    name = request.GET.get("name", "")
    text = clean(request.GET.get(f"{name}__shown", ""))
    if request.GET.get(name):
        return HttpResponse("")  # a choice stands; typing clears it and asks again
    finder = {"code": _codes, "unit": _units, "document": _documents}.get(what)
    if finder is None:
        raise Http404
    found = finder(request, text, request.GET.get("kind", ""))
    return render(request, "web/parts/suggest.html", {"found": found, "text": text})


def _codes(request: Request, text: str, kind: str) -> list[tuple[str, str, str]]:
    if kind == "fund":
        return [
            (code, name, "")
            for code, name in values.FUND_NAMES.items()
            if not text or text in name or text in code
        ]
    if kind not in KINDS:
        raise Http404
    year = request.look.year or request.now.year
    fund = request.GET.get("fund") or None
    found = codes.search(
        kind=kind, text=text, year=year, fund=fund, leaf_only=KINDS[kind].leaf_posting, limit=LIMIT
    )
    suggestions = []
    for code in found:
        path = codes.path(kind=kind, code=code.code, year=year, fund=code.fund or None)
        suggestions.append(
            (code.code, f"{code.code} {code.name}", " › ".join(step.name for step in path[:-1]))
        )
    return suggestions


def _units(request: Request, text: str, kind: str) -> list[tuple[str, str, str]]:
    units = Unit.objects.filter(is_active=True).select_related("parent")
    if (visible := request.actor.unit_ids) is not None:
        units = units.filter(pk__in=visible)
    if text:
        units = units.filter(
            Q(code__startswith=text) | Q(name__icontains=text) | Q(short_name__icontains=text)
        )
    return [(str(u.pk), str(u), f"{u.code} {u.parent or ''}".strip()) for u in units.order_by("code")[:LIMIT]]


def _documents(request: Request, text: str, kind: str) -> list[tuple[str, str, str]]:
    found = Document.objects.filter(kind=kind) if kind else Document.objects.all()
    if (visible := request.actor.unit_ids) is not None:
        found = found.filter(unit_id__in=visible)
    year = request.look.year or request.now.year
    if kind != "projects.project":
        found = found.filter(fiscal_year=year)
    if text:
        found = found.filter(Q(number__icontains=text) | Q(title__icontains=text))
    found = found.select_related("unit").order_by("-pk")[:LIMIT]
    return [
        (str(d.pk), f"{d.number} {d.title}", f"{d.unit} · {formats.amount_text(d.amount_fen)} 元")
        for d in found
    ]


def find(request: Request) -> HttpResponse:
    """Find anything: documents, units, codes, pages. The box shows the first few, Enter the whole page."""
    text, actor = clean(request.GET.get("q", "")), request.actor
    found = list(documents.search(actor, text)[:50]) if len(text) >= 2 else []
    pages = _pages(actor, text)
    if request.htmx:
        return render(request, "web/parts/found.html", {"found": found[:8], "pages": pages[:4], "text": text})
    year = request.look.year or request.now.year
    rows = []
    for document in found:
        cells = (
            Cell(values.document_link(document), pin=True, css="m-no"),
            Cell(values.state_html(document.kind, document.state, document.node), css="m-state"),
            Cell(kinds.get(document.kind).title),
            Cell(document.title, css="cut m-desc"),
            Cell(document.counterparty, css="cut m-main"),
            Cell(
                formats.amount(document.amount_fen, unit=request.look.unit, href=f"/doc/{document.pk}/"),
                "amount",
                css="m-amt",
            ),
            Cell(formats.date_text(document.business_on)),
        )
        rows.append(Row(cells))
    heads = (
        Head("单号", pin=True),
        Head("状态"),
        Head("种类"),
        Head("摘要"),
        Head("对方"),
        Head("金额", "amount", money=True),
        Head("日期"),
    )
    empty = Empty(
        "没有找到" + (f"“{text}”" if text else ""),
        "换一个单号、单位、收款人或科目试试（至少两个字）",
        "search",
    )
    table = Table("查找结果", heads, tuple(rows), cards=True, empty=empty)
    found_codes = []
    if text and actor.can("codes.view"):
        for kind in ("function", "economic_department", "revenue"):
            for code in codes.search(kind=kind, text=text, year=year, leaf_only=False, limit=5):
                found_codes.append(
                    (f"{KINDS[kind].title} {code.code} {code.name}", f"/codes/{kind}/?q={code.code}")
                )
    context = {"title": "查找", "find_text": text, "table": table, "pages": pages, "codes": found_codes}
    return render(request, "web/find.html", context)


def _pages(actor: object, text: str) -> list[tuple[str, str]]:
    """Pages and words of modules whose name holds the text."""
    from fisc.web.shell import navigation

    if not text:
        return []
    tops = [item for group in navigation(actor, path="", counts={}) for item in group.items]
    items = [found for item in tops for found in (item, *item.children)]  # type: ignore[arg-type]
    words = [(item.label, item.href) for item in items]
    for module in registry.current().modules:
        words += list(getattr(module, "palette", {}).items())
    return [(label, href) for label, href in words if text in label]
