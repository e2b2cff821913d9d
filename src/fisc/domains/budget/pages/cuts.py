"""执行率核减: the ladder, the notices of a year, and one notice with its appeals and decisions line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from fisc.base.errors import BadInput, FiscError
from fisc.base.money import parse_yuan, plain_yuan
from fisc.base.text import clean
from fisc.domains.budget import reference
from fisc.domains.budget.execution import services
from fisc.domains.budget.execution.models import CutExemption, CutLadder, ExecutionCutLine
from fisc.domains.budget.pages.common import money, today, year_of
from fisc.kernel.documents import get_visible
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.orgs.actor import Actor
from fisc.web import ways
from fisc.web.components import Cell, Empty, Head, Row, Table, Total, link, tag
from fisc.web.pages.exports import attachment, sheet_of
from fisc.web.request import allowed

KIND = services.EXECUTION_CUT
VIEW = f"{KIND}.view"
STEP_OF_STATE = {"issued": "appeal", "appealed": "decide"}


def index(request: HttpRequest) -> HttpResponse:
    """The notices for a year, the ladder they rest on, what is exempt."""
    actor = allowed(request, VIEW)
    year = year_of(request, today(request).year + 1)
    error = _propose(request, actor, year) if request.method == "POST" else None
    if request.method == "POST" and error is None:
        return HttpResponseRedirect(f"/budget/cuts/?year={year}")
    headers = _headers(actor, year)
    context = {
        "title": "执行率核减",
        "year": year,
        "years": range(today(request).year + 1, today(request).year - 3, -1),
        "period": _last_month(request, year),
        "table": _notices_table(headers),
        "ladder": _ladder_table(request),
        "exemptions": reference.in_force(CutExemption.objects.order_by("id"), today(request)),
        "may_propose": actor.can(f"{KIND}.create") and not headers,
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "budget/cuts.html", context, status=409 if error else 200)


def _last_month(request: HttpRequest, year: int) -> int:
    """The last period of the year before that counts: December, or this month while that year runs."""
    day = today(request)
    return (year - 1) * 100 + (day.month if day.year == year - 1 else 12)


def _propose(request: HttpRequest, actor: Actor, year: int) -> FiscError | None:
    text = request.POST.get("executed_to", "")
    try:
        if not (text.isdigit() and len(text) == 6 and 1 <= int(text) % 100 <= 12):
            raise BadInput("执行截至应为六位期间，如 202312。", code="budget.period")
        made = services.propose_cuts(
            based_on_year=int(text) // 100, cut_year=year, executed_to=int(text), actor=actor,
            at=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip
    except FiscError as error:
        return error
    messages.success(request, f"已生成 {len(made)} 张核减单。" if made else "各单位执行率均未触及核减阶梯。")
    return None


def _headers(actor: Actor, year: int) -> list[Document]:
    found = (
        Document.objects.filter(kind=KIND, fiscal_year=year).exclude(state="voided").select_related("unit")
    )
    if actor.unit_ids is not None:
        found = found.filter(unit_id__in=actor.unit_ids).exclude(state="draft")
    return list(found.order_by("unit__code"))


def _sums(ids: list[int]) -> Mapping[int, Mapping[str, Any]]:
    rows = (
        ExecutionCutLine.objects.filter(cut_id__in=ids)
        .values("cut_id")
        .annotate(
            projects=Count("id"), initial=Sum("initial_fen"), proposed=Sum("proposed_fen"), cut=Sum("cut_fen"),
            appeals=Count("id", filter=~Q(appeal="")),
        )
    )  # fmt: skip
    return {row["cut_id"]: row for row in rows}


def _notices_table(headers: list[Document]) -> Table:
    sums = _sums([header.pk for header in headers])
    heads = (
        Head("单位", pin=True), Head("单号"), Head("状态"), Head("项目", "count"), Head("年初预算", "amount", money=True),
        Head("按阶梯核减", "amount", money=True), Head("申诉", "count"), Head("核减额", "amount", money=True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(link(header.unit.name, f"/budget/cuts/{header.pk}/"), pin=True, css="m-main"),
                Cell(link(header.number, f"/doc/{header.pk}/")),
                Cell(header.state_label),
                Cell(str(sums[header.pk]["projects"]), "count"),
                money(sums[header.pk]["initial"]),
                money(sums[header.pk]["proposed"]),
                Cell(str(sums[header.pk]["appeals"] or ""), "count"),
                money(sums[header.pk]["cut"]),
            )
        )
        for header in headers
    )
    whole = Total(
        (
            Cell("合计", pin=True), Cell(""), Cell(""), Cell(str(sum(row["projects"] for row in sums.values())), "count"),
            *(money(sum(row[key] for row in sums.values())) for key in ("initial", "proposed")),
            Cell(str(sum(row["appeals"] for row in sums.values())), "count"),
            money(sum(row["cut"] for row in sums.values())),
        )
    )  # fmt: skip
    return Table("核减单", heads, rows, totals=(whole,), empty=Empty("这一年还没有核减单"))


def _ladder_table(request: HttpRequest) -> Table:
    rows = reference.in_force(CutLadder.objects.order_by("-from_percent"), today(request))
    heads = (Head("执行率", pin=True), Head("核减比例", "percent"), Head("依据"), Head("自"))
    return Table(
        "核减阶梯", heads,
        tuple(
            Row((
                Cell(_band(row), pin=True), Cell(f"{row.cut_percent.normalize():f}%", "percent"), Cell(row.basis, css="cut"),
                Cell(row.valid_from.isoformat()),
            ))
            for row in rows
        ),
        frame="tw plain", empty=Empty("没有生效的阶梯"),
    )  # fmt: skip


def _band(row: CutLadder) -> str:
    if row.to_percent > 100:
        return f"{row.from_percent.normalize():f}% 及以上"
    return f"{row.from_percent.normalize():f}%（含）至 {row.to_percent.normalize():f}%"


def notice(request: HttpRequest, document_id: int) -> HttpResponse:
    """One notice: the figures of every project; the unit appeals, the bureau decides, line by line."""
    actor = allowed(request, VIEW)
    header = get_visible(actor, document_id)
    if header.kind != KIND:
        raise Http404
    step = STEP_OF_STATE.get(header.state, "")
    may = bool(step) and actor.can(f"{KIND}.{step}")
    error = _save(request, header, step, actor) if request.method == "POST" and may else None
    if request.method == "POST" and error is None:
        return HttpResponseRedirect(f"/budget/cuts/{document_id}/")
    lines = list(
        ExecutionCutLine.objects.filter(cut_id=document_id).select_related("project").order_by("row_no")
    )
    context = {
        "title": header.title,
        "document": header,
        "step": step if may else "",
        "lines": [_view(line) for line in lines],
        "totals": {
            key: money(sum(getattr(line, key) for line in lines)).content
            for key in ("initial_fen", "budget_fen", "paid_fen", "exempt_fen", "proposed_fen", "cut_fen")
        },
        "refusal": ways.refusal_view(error) if error else None,
    }  # fmt: skip
    return render(request, "budget/cut.html", context, status=409 if error else 200)


def _view(line: ExecutionCutLine) -> dict[str, Any]:
    amounts = ("initial_fen", "budget_fen", "paid_fen", "exempt_fen", "proposed_fen", "cut_fen")
    return {
        "line": line,
        "project": link(line.project.title, f"/doc/{line.project_id}/"),
        "exempt": tag(line.exempt, "green") if line.exempt else "",
        "typed": plain_yuan(line.cut_fen),
        **{key: money(getattr(line, key)).content for key in amounts},
    }


def _save(request: HttpRequest, header: Document, step: str, actor: Actor) -> FiscError | None:
    given = request.POST
    try:
        data: dict[str, Any]
        if step == "appeal":
            texts = {key: clean(given.get(f"appeal:{key}", "")) for key in _ids(given, "appeal:")}
            data = {"appeals": {key: text for key, text in texts.items() if text}}
            if not data["appeals"]:
                raise BadInput("请在要申诉的项目后写明理由。", code="budget.no_appeal")
            comment = "、".join(dict.fromkeys(data["appeals"].values()))
        else:
            data = {
                "decisions": {
                    key: [parse_yuan(given.get(f"fen:{key}", "")), clean(given.get(f"text:{key}", ""))]
                    for key in _ids(given, "fen:")
                }
            }
            comment = clean(given.get("comment", ""))
        perform(
            kind=KIND, id=header.pk, step=step, actor=actor, at=request.now, comment=comment, data=data,  # type: ignore[attr-defined]
        )  # fmt: skip
    except FiscError as error:
        return error
    messages.success(request, "申诉已提交。" if step == "appeal" else "裁定已记录，单位可见。")
    return None


def _ids(given: Mapping[str, str], prefix: str) -> list[int]:
    return [
        int(key.removeprefix(prefix))
        for key in given
        if key.startswith(prefix) and key.removeprefix(prefix).isdigit()
    ]


def export(request: HttpRequest) -> HttpResponse:
    """All lines of a year's notices as a sheet."""
    actor = allowed(request, VIEW)
    year = year_of(request, today(request).year + 1)
    headers = {header.pk: header for header in _headers(actor, year)}
    lines = (
        ExecutionCutLine.objects.filter(cut_id__in=headers)
        .select_related("project")
        .order_by("cut_id", "row_no")
    )
    content = sheet_of(
        title=f"{year}年执行率核减表",
        facts=(("口径", "核减额＝年初预算（扣除豁免）×阶梯比例"), ("导出人", actor.name)),
        heads=("单位", "单号", "状态", "项目", "年初预算", "调整预算", "已支付", "执行率％", "核减比例％", "豁免情形",
               "按阶梯核减", "申诉理由", "裁定意见", "核减额"),
        kinds_of=("text",) * 4 + ("amount",) * 3 + ("text",) * 3 + ("amount", "text", "text", "amount"),
        rows=(
            (
                headers[line.cut_id].unit.name, headers[line.cut_id].number, headers[line.cut_id].state_label,
                line.project.title, line.initial_fen, line.budget_fen, line.paid_fen, line.rate_percent,
                line.cut_percent, line.exempt, line.proposed_fen, line.appeal, line.decision, line.cut_fen,
            )
            for line in lines
        ),
        unit=request.look.unit,  # type: ignore[attr-defined]
    )  # fmt: skip
    return attachment(content, f"{year}年执行率核减表.xlsx")
