"""代码表: browse by level, search, versions and confidence; new versions from a fiscal year on."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html

from fisc.base.errors import FiscError, NotAllowed
from fisc.base.text import clean
from fisc.kernel import codes
from fisc.kernel.codes import editing, models
from fisc.kernel.codes.kinds import KINDS
from fisc.kernel.orgs.actor import Actor
from fisc.web import ways
from fisc.web.components import Cell, Empty, Head, Option, Row, Table, link, tag
from fisc.web.pages.values import FUND_NAMES
from fisc.web.request import Request

TONES = {"verified": "green", "likely": "orange", "local": "blue"}


def kinds_page(request: Request) -> HttpResponse:
    """All code lists, with how many codes each has this year."""
    actor = _reader(request)
    year = _year(request)
    counted = models.Code.objects.filter(valid_from_year__lte=year).exclude(valid_to_year__lt=year)
    counts: dict[str, list[int]] = {}
    for kind_code, confidence in counted.values_list("kind", "confidence"):
        counts.setdefault(kind_code, [0, 0])
        counts[kind_code][0] += 1
        counts[kind_code][1] += confidence == models.Confidence.LIKELY
    rows = []
    for kind in KINDS.values():
        total, likely = counts.get(kind.code, [0, 0])
        doubt = tag(f"待核对 {likely}", "orange") if likely else ""
        cells = (
            Cell(link(kind.title, f"/codes/{kind.code}/"), pin=True),
            Cell(kind.basis),
            Cell(f"{total:,}", "n"),
            Cell(doubt),
        )
        rows.append(Row(cells))
    heads = (Head("代码表", pin=True), Head("依据"), Head("本年代码数", "n"), Head("可信度"))
    table = Table("代码表", heads, tuple(rows))
    return render(
        request,
        "web/codes.html",
        {"title": "代码表", "year": year, "table": table, "may_edit": actor.can("codes.edit")},
    )


def _reader(request: Request) -> Actor:
    actor: Actor = request.actor
    if not actor.can("codes.view"):
        raise NotAllowed()
    return actor


def _year(request: Request) -> int:
    return request.look.year or request.now.year


def list_page(request: Request, kind: str) -> HttpResponse:
    """One list: the codes below a code, or those that fit a search."""
    actor = _reader(request)
    if kind not in KINDS:
        raise Http404
    year, text, parent = _year(request), clean(request.GET.get("q", "")), request.GET.get("parent", "")
    fund = request.GET.get("fund", "") if KINDS[kind].by_fund else ""
    fund = fund or ("general" if KINDS[kind].by_fund else "")
    if text:
        found = codes.search(kind=kind, text=text, year=year, fund=fund or None, leaf_only=False, limit=200)
    else:
        found = codes.children(kind=kind, parent=parent, year=year, fund=fund or None)
    path = codes.path(kind=kind, code=parent, year=year, fund=fund or None) if parent and not text else []
    rows = []
    for code in found:
        deeper = f"?parent={code.code}&fund={fund}" if not code.is_leaf else ""
        label = (
            models.Confidence(code.confidence).label
            if code.confidence in models.Confidence.values
            else code.confidence
        )
        cells = (
            Cell(link(code.code, f"/codes/{kind}/{code.code}/?fund={code.fund}"), pin=True, css="m-no"),
            Cell(link(code.name, deeper) if deeper else code.name, css="m-main"),
            Cell("末级" if code.is_leaf else "有下级"),
            Cell(tag(label, TONES.get(code.confidence, "")), css="m-state"),
            Cell(code.note, css="cut m-desc"),
        )
        rows.append(Row(cells))
    heads = (Head("编码", pin=True), Head("名称"), Head("级次"), Head("可信度"), Head("说明"))
    empty = Empty(
        f"{year} 年度没有匹配的代码",
        "换个编码、名称或拼音首字母；或在上方换一个年度",
        "list-tree",
        f"/codes/{kind}/",
        "看全部",
    )
    context = {
        "title": KINDS[kind].title,
        "kind": KINDS[kind],
        "year": year,
        "text": text,
        "path": path,
        "fund": fund,
        "funds": [Option(code, name, code == fund) for code, name in FUND_NAMES.items() if code != "unit"]
        if KINDS[kind].by_fund
        else [],
        "table": Table(KINDS[kind].title, heads, tuple(rows), cards=True, empty=empty),
        "may_edit": actor.can("codes.edit"),
        "parent": parent,
    }
    return render(request, "web/code_list.html", context)


def code_page(request: Request, kind: str, code: str) -> HttpResponse:
    """One code: its versions, where it stands, whether it is in use; editing with effective years."""
    actor = _reader(request)
    if kind not in KINDS:
        raise Http404
    fund = request.GET.get("fund", "")
    refusal = None
    if request.method == "POST":
        try:
            _edit(request, kind, code, fund, actor)
            return HttpResponseRedirect(request.get_full_path())
        except FiscError as error:
            refusal = ways.refusal_view(error)
    versions = list(models.Code.objects.filter(kind=kind, code=code, fund=fund).order_by("-valid_from_year"))
    if not versions:
        raise Http404
    rows = [
        Row((
            Cell(f"{v.valid_from_year} 起" + (f"，至 {v.valid_to_year} 止" if v.valid_to_year else ""), pin=True),
            Cell(v.name),
            Cell(tag(v.get_confidence_display(), TONES.get(v.confidence, ""))),
            Cell(v.evidence),
            Cell(v.note, css="w"),
        ))
        for v in versions
    ]  # fmt: skip
    used = (
        models.Usage.objects.filter(kind=kind, code=code, fund=fund)
        .order_by("-fiscal_year")
        .values_list("fiscal_year", flat=True)
    )
    context = {
        "title": format_html("{} {}", code, versions[0].name),
        "kind": KINDS[kind],
        "code": versions[0],
        "year": _year(request),
        "next_year": _year(request) + 1,
        "table": Table(
            "版本",
            (Head("有效年度", pin=True), Head("名称"), Head("可信度"), Head("依据"), Head("说明")),
            tuple(rows),
            frame="tw plain",
        ),
        "used": list(used),
        "refusal": refusal,
        "may_edit": actor.can("codes.edit"),
        "confidences": [
            Option(v, label, v == versions[0].confidence) for v, label in models.Confidence.choices
        ],
        "fund": fund,
    }
    return render(request, "web/code.html", context, status=409 if refusal else 200)


def _edit(request: Request, kind: str, code: str, fund: str, actor: Actor) -> None:
    """The acts of the code page: a new version, an end, a better note."""
    post, at = request.POST, request.now
    code_id = int(post.get("code_id") or 0)
    match post.get("act"):
        case "version":
            held = models.Code.objects.get(pk=code_id)
            draft = editing.CodeDraft(
                kind=kind, code=code, name=post.get("name", ""), valid_from_year=int(post.get("from_year") or 0), fund=fund,
                parent=held.parent, note=post.get("note", ""), evidence=post.get("evidence", ""), attributes=held.attributes,
            )  # fmt: skip
            editing.add_version(draft=draft, actor=actor, at=at)
            messages.success(request, f"{code} 新版本自 {draft.valid_from_year} 年度起启用。")
        case "end":
            editing.end_version(
                code_id=code_id, last_year=int(post.get("last_year") or 0), actor=actor, at=at
            )
            messages.success(request, f"{code} 将在 {post.get('last_year')} 年度后停用。")
        case "note":
            editing.annotate(
                code_id=code_id,
                note=post.get("note", ""),
                evidence=post.get("evidence", ""),
                confidence=post.get("confidence", ""),
                actor=actor,
                at=at,
            )
            messages.success(request, "说明已保存。")
        case _:
            raise Http404


def new_page(request: Request, kind: str) -> HttpResponse:
    """A new code below another."""
    actor = _reader(request)
    if kind not in KINDS or not actor.can("codes.edit"):
        raise Http404
    refusal = None
    if request.method == "POST":
        post = request.POST
        draft = editing.CodeDraft(
            kind=kind, code=post.get("code", ""), name=post.get("name", ""), valid_from_year=int(post.get("from_year") or 0),
            fund=post.get("fund", ""), parent=post.get("parent", ""), note=post.get("note", ""), evidence=post.get("evidence", ""),
        )  # fmt: skip
        try:
            row = editing.add_version(draft=draft, actor=actor, at=request.now)
            messages.success(request, f"{row.code} {row.name} 已新增。")
            return HttpResponseRedirect(f"/codes/{kind}/{row.code}/?fund={row.fund}")
        except FiscError as error:
            refusal = ways.refusal_view(error)
    context = {"title": f"新增{KINDS[kind].title}代码", "kind": KINDS[kind], "year": _year(request), "refusal": refusal,
               "given": {**request.GET.dict(), **request.POST.dict()}, "funds": FUND_NAMES.items() if KINDS[kind].by_fund else ()}  # fmt: skip
    return render(request, "web/code_new.html", context, status=409 if refusal else 200)
