"""规则与疑点: the rules in force with their hit rates, the findings, answering and judging them."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from fisc.base.errors import NotAllowed, NotFound
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.rules import findings as rule_findings
from fisc.kernel.rules.models import Parameter, Rule, StoredFinding
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, Pager, Row, Tab, Table, link, page_links, tag
from fisc.web.request import Request

PAGE = 50
TONES = {"block": "red", "warn": "orange", "hint": "yellow"}


def _tabs(current: str) -> list[Tab]:
    return [
        Tab("规则", "/rules/", current=current == "rules"),
        Tab("疑点", "/rules/findings/", current=current == "findings"),
    ]


def rules_page(request: Request) -> HttpResponse:
    """Rules in force; how often each hit in a year and how often it was right, so that noisy ones show."""
    actor: Actor = request.actor
    if not actor.can("rules.view"):
        raise NotAllowed()
    now = request.now
    records = {
        r.rule_code: r
        for r in rule_findings.statistics(since=now - timedelta(days=365), until=now + timedelta(days=1))
    }
    rows = []
    for rule in Rule.objects.filter(state="active").order_by("stage", "code"):
        record = records.get(rule.code)
        hits, confirmed, dismissed = (getattr(record, name, 0) for name in ("hits", "confirmed", "dismissed"))
        right = (
            formats.percent_text(confirmed * 100 / (confirmed + dismissed), 0)
            if confirmed + dismissed
            else formats.NO_DATA
        )
        cells = (
            Cell(link(rule.code, f"/rules/{rule.code}/"), pin=True, css="m-no"), Cell(rule.title, css="m-main"),
            Cell(tag(rule.get_severity_display(), TONES[rule.severity]), css="m-state"), Cell(rule.get_stage_display()), Cell(rule.owner),
            Cell(link(f"{hits:,}", f"/rules/findings/?rule={rule.code}"), "n", css="m-amt"), Cell(right, "n"), Cell(rule.basis, css="cut m-desc"),
        )  # fmt: skip
        rows.append(Row(cells))
    heads = (
        Head("编号", pin=True),
        Head("名称"),
        Head("处置"),
        Head("环节"),
        Head("责任股室"),
        Head("近一年命中", "n"),
        Head("属实率", "n"),
        Head("依据"),
    )
    table = Table(
        "规则", heads, tuple(rows), cards=True, empty=Empty("还没有启用的规则", icon="shield-check")
    )
    return render(
        request,
        "web/rules.html",
        {"title": "规则与疑点", "tabs": _tabs("rules"), "table": table, "sub": "点命中数看疑点"},
    )


def rule_page(request: Request, code: str) -> HttpResponse:
    """One rule: the sentence, the condition, the basis, the parameters with their dates, its versions."""
    versions = list(Rule.objects.filter(code=code).order_by("-version"))
    if not versions:
        raise Http404
    rule = versions[0]
    parameters = Parameter.objects.filter(rule_code=code).order_by("key", "-valid_from")
    return render(
        request,
        "web/rule.html",
        {"title": rule.title, "rule": rule, "versions": versions, "parameters": parameters},
    )


def findings_page(request: Request) -> HttpResponse:
    """Findings about documents the reader may see, the open and unjudged first."""
    actor: Actor = request.actor
    if not (actor.can("findings.view") or actor.can("documents.view")):
        raise NotAllowed()
    given = {key: request.GET.get(key, "") for key in ("rule", "severity", "state")}
    found = StoredFinding.objects.select_related("rule").order_by("-id")
    documents = Document.objects.all()
    if actor.unit_ids is not None:
        documents = documents.filter(unit_id__in=actor.unit_ids)
        found = found.filter(subject_id__in=documents.values("pk"))
    if given["rule"]:
        found = found.filter(rule_code=given["rule"])
    if given["severity"] in TONES:
        found = found.filter(severity=given["severity"])
    if given["state"] != "all":
        found = found.filter(is_open=True, judgement="")
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    count = found.count()
    shown = list(found[(page - 1) * PAGE : page * PAGE])
    heads_by_id = documents.select_related("unit").in_bulk([finding.subject_id for finding in shown])
    rows = []
    for finding in shown:
        document = heads_by_id.get(finding.subject_id)
        judged = finding.get_judgement_display() or ("待复核" if finding.is_open else "已消除")
        cells = (
            Cell(link(document.number, f"/doc/{document.pk}/") if document else f"{finding.subject_id}", pin=True, css="m-no"),
            Cell(tag(finding.get_severity_display(), TONES[finding.severity]), css="m-state"), Cell(link(finding.rule.title, f"/rules/{finding.rule_code}/")),
            Cell(finding.message, css="w m-desc"), Cell(str(document.unit) if document else "", css="m-main"),
            Cell(formats.amount(document.amount_fen, unit=request.look.unit, href=f"/doc/{document.pk}/") if document else "", "n", css="m-amt"),
            Cell(formats.date_text(finding.found_at)), Cell(finding.answer, css="cut"), Cell(link(judged, f"/rules/findings/{finding.pk}/")),
        )  # fmt: skip
        rows.append(Row(cells))
    heads = (
        Head("单据", pin=True),
        Head("处置"),
        Head("规则"),
        Head("提示"),
        Head("单位"),
        Head("金额", "amount", money=True),
        Head("时间"),
        Head("说明"),
        Head("复核"),
    )
    context = {
        "title": "规则与疑点", "tabs": _tabs("findings"), "given": given, "rules": Rule.objects.filter(state="active").order_by("code"),
        "table": Table("疑点", heads, tuple(rows), cards=True, empty=Empty("没有待处理的疑点", icon="shield-check")),
        "pager": Pager(format_html("共 <b>{}</b> 条", f"{count:,}"), page_links(page=page, pages=max(1, -(-count // PAGE)), query=given)),
    }  # fmt: skip
    return render(request, "web/findings.html", context)


def finding_page(request: Request, pk: int) -> HttpResponse:
    """One finding with the facts the rule saw, its answer and its judgement."""
    actor: Actor = request.actor
    finding = StoredFinding.objects.select_related("rule", "answered_by", "judged_by").filter(pk=pk).first()
    document = (
        Document.objects.select_related("unit").filter(pk=finding.subject_id).first() if finding else None
    )
    if (
        finding is None
        or (document is None and actor.unit_ids is not None)
        or (document and not actor.sees(document.unit_id))
    ):
        raise NotFound()
    facts = [(key, value) for key, value in finding.facts.items() if value not in (None, "", [])]
    context = {
        "title": finding.rule.title,
        "finding": finding,
        "doc": document,
        "facts": facts,
        "may_judge": actor.can("findings.judge"),
        "may_answer": document is not None and actor.can("documents.view"),
    }
    return render(request, "web/finding.html", context)


@require_POST
def act_on_finding(request: Request, pk: int) -> HttpResponse:
    """Answer a finding, or judge it."""
    actor: Actor = request.actor
    finding = StoredFinding.objects.filter(pk=pk).first()
    document = Document.objects.filter(pk=finding.subject_id).first() if finding else None
    if finding is None or document is None or not actor.sees(document.unit_id):
        raise NotFound()
    if request.POST.get("act") == "answer":
        rule_findings.answer(finding_id=pk, text=request.POST.get("text", ""), actor=actor, at=request.now)
        messages.success(request, "说明已保存。")
    else:
        if not actor.can("findings.judge"):
            raise NotAllowed()
        judgement: Literal["confirmed", "dismissed"] = (
            "confirmed" if request.POST.get("judgement") == "confirmed" else "dismissed"
        )
        rule_findings.judge(finding_id=pk, judgement=judgement, actor=actor, at=request.now)
        messages.success(request, "复核已保存。")
    return HttpResponseRedirect(f"/rules/findings/{pk}/")
