"""年终工作台: what is left by kind, totals, progress; lines changed by list; the same as Excel."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, FiscError
from fisc.base.text import clean
from fisc.domains.budget.dimensions import FUND_LABELS, Origin, flags_text
from fisc.domains.budget.pages.common import bureau_of, money, today, year_of
from fisc.domains.budget.yearend import services
from fisc.domains.budget.yearend.models import Kind, YearEndLine
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web import ways
from fisc.web.components import (
    Cell,
    Empty,
    Head,
    Option,
    Pager,
    Row,
    Table,
    Total,
    encode,
    link,
    page_links,
    tag,
)
from fisc.web.pages.exports import attachment, sheet_of
from fisc.web.request import allowed

VIEW = f"{services.YEAR_END}.view"
PAGE_ROWS = 100
DONE = ("approved", "closed")
TONES = {"recover": "orange", "carry": "blue", "carry_upper": "green", "reclaim": "red", "repay": ""}
CHOICES = (Kind.RECOVER, Kind.CARRY, Kind.RECLAIM)
LEFT_BY_UNIT = """
    SELECT unit_id, kind, count(*), sum(left_fen)::bigint
    FROM budget_yearendline
    WHERE year_end_id = %s AND (%s::bigint[] IS NULL OR unit_id = ANY (%s::bigint[]))
    GROUP BY unit_id, kind
"""


def index(request: HttpRequest) -> HttpResponse:
    """The year ends there are, and, where none is under way, what the year would leave."""
    actor = allowed(request, VIEW)
    year = year_of(request, today(request).year - 1)
    error = _propose(request, actor, year) if request.method == "POST" else None
    if isinstance(error, HttpResponse):
        return error
    found = Document.objects.filter(kind=services.YEAR_END).exclude(state="voided").order_by("-fiscal_year")
    is_open = _sees_all(actor) and not found.filter(fiscal_year=year).exists()
    left = services.left_of(year) if is_open else {}
    found = found if _sees_all(actor) else found.filter(state__in=DONE)
    context = {
        "title": "年终结转",
        "year": year,
        "years": range(today(request).year, today(request).year - 4, -1),
        "table": _documents_table(found, with_sums=_sees_all(actor)),
        "left": _left(left) if left else None,
        "rules": _rules_table(year),
        "may_propose": actor.can(f"{services.YEAR_END}.create") and bool(left),
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "budget/year_end_index.html", context, status=409 if error else 200)


def _propose(request: HttpRequest, actor: Actor, year: int) -> FiscError | HttpResponse:
    try:
        doc_id = services.propose_year_end(
            year=year, unit_id=bureau_of(actor), actor=actor, at=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip
    except FiscError as error:
        return error
    messages.success(request, f"{year}年年终处理已生成，请核对处理方式后送审。")
    return HttpResponseRedirect(f"/budget/year-end/{doc_id}/")


def _rules_table(year: int) -> Table:
    """The dated table of kinds, in its order: the first that fits counts."""
    heads = (
        Head("编号", pin=True),
        Head("情形"),
        Head("处理方式"),
        Head("满几年", "count"),
        Head("依据"),
        Head("自"),
    )
    return Table(
        "年终处理规则", heads,
        tuple(
            Row((
                Cell(rule.code, pin=True), Cell(rule.title, css="m-main"),
                Cell(tag(Kind(rule.kind).label + ("（锁定）" if rule.is_locked else ""), TONES[rule.kind])),
                Cell(str(rule.min_years or ""), "count"), Cell(rule.basis, css="cut"),
                Cell(rule.valid_from.isoformat()),
            ))
            for rule in services.rules_of(year)
        ),
        empty=Empty("没有生效的规则"),
    )  # fmt: skip


def _left(left: dict[Any, services.Left]) -> dict[str, Any]:
    return {
        "count": len(left),
        "fen": money(sum(item.fen for item in left.values())).content,
        "held": sum(1 for item in left.values() if item.held_fen),
        "held_fen": money(sum(item.held_fen for item in left.values())).content,
        "frozen": sum(1 for item in left.values() if item.by_subject.get("636")),
    }


def _documents_table(found: QuerySet[Document], *, with_sums: bool) -> Table:
    heads = (Head("年度", pin=True), Head("单号"), Head("状态"), Head("结余合计", "amount", money=True))
    rows = tuple(
        Row(
            (
                Cell(
                    link(f"{header.fiscal_year}年", f"/budget/year-end/{header.pk}/"), pin=True, css="m-main"
                ),
                Cell(link(header.number, f"/doc/{header.pk}/")),
                Cell(header.state_label),
                money(header.amount_fen if with_sums else None),
            )
        )
        for header in found
    )
    return Table("年终处理", heads, rows, cards=True, empty=Empty("还没有办理过年终处理"))


def workbench(request: HttpRequest, document_id: int) -> HttpResponse:
    """One year end: by kind and fund, by unit, and the lines of a unit or a kind."""
    actor = allowed(request, VIEW)
    header = _header(actor, document_id)
    query = _query(request)
    lines = _lines(actor, document_id, query)
    page = int(query["page"]) if query["page"].isdigit() else 1
    count = lines.count()
    pages = max(1, -(-count // PAGE_ROWS))
    shown = list(lines[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
    editable = header.state in ("draft", "returned") and actor.can(f"{services.YEAR_END}.edit")
    context = {
        "title": header.title,
        "document": header,
        "query": query,
        "kinds": [Option(kind.value, kind.label, kind.value == query["kind"]) for kind in Kind],
        "choices": [Option(kind.value, kind.label) for kind in CHOICES],
        "kinds_table": _kinds_table(document_id, actor),
        "units_table": _units_table(document_id, actor),
        "table": _lines_table(shown, ticks=editable),
        "editable": editable,
        "pager": Pager(
            f"共 {count} 条",  # type: ignore[arg-type]
            page_links(page=page, pages=pages, query={k: v for k, v in query.items() if k != "page"}),
        ),
        "export": encode({k: v for k, v in query.items() if k != "page"}),
        "here": encode(query),
    }
    return render(request, "budget/year_end.html", context)


@require_POST
def change_listed(request: HttpRequest, document_id: int) -> HttpResponse:
    """处理方式 of a pasted list of allotment numbers, with one reason: whole or not at all."""
    actor = allowed(request, f"{services.YEAR_END}.edit")
    _header(actor, document_id)
    numbers = set(clean(request.POST.get("numbers", "")).split())
    try:
        found = dict(
            YearEndLine.objects.filter(year_end_id=document_id, allotment__number__in=numbers).values_list(
                "allotment__number", "allotment_id"
            )
        )
        if missing := sorted(numbers - set(found)):
            raise BadInput(
                f"单上没有指标 {'、'.join(missing[:5])}，请核对单号。", code="budget.year_end_number"
            )
        changed = services.set_kinds(
            year_end_id=document_id, kinds=dict.fromkeys(found.values(), _kind(request)),
            reason=clean(request.POST.get("reason", "")), actor=actor, at=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip
    except FiscError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"按清单调整 {changed} 条。")
    return HttpResponseRedirect(f"/budget/year-end/{document_id}/")


def _kind(request: HttpRequest) -> str:
    kind = request.POST.get("kind", "")
    if kind not in {choice.value for choice in CHOICES}:
        raise BadInput("请选择处理方式。", code="budget.year_end_kind")
    return kind


@require_POST
def change(request: HttpRequest, document_id: int) -> HttpResponse:
    """处理方式 of the ticked lines, with one reason."""
    actor = allowed(request, f"{services.YEAR_END}.edit")
    _header(actor, document_id)
    ids = [int(value) for value in request.POST.getlist("ids") if value.isdigit()]
    back = f"/budget/year-end/{document_id}/?{request.POST.get('back', '')}"
    try:
        kind = _kind(request)
        changed = services.set_lines(
            year_end_id=document_id, kinds=dict.fromkeys(ids, kind), reason=clean(request.POST.get("reason", "")),
            actor=actor, at=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip
    except FiscError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已调整 {changed} 条。")
    return HttpResponseRedirect(back)


def export(request: HttpRequest, document_id: int) -> HttpResponse:
    """The lines as a sheet for the accountant: unit, project, 文号, what is left, what becomes of it and why."""
    actor = allowed(request, VIEW)
    header = _header(actor, document_id)
    content = sheet_of(
        title=header.title,
        facts=(("单号", header.number), ("状态", header.state_label), ("导出人", actor.name)),
        heads=(
            "单位编码", "单位", "项目", "指标", "资金性质", "功能分类", "部门经济分类", "标识", "来源", "首次安排年度",
            "结余", "处理方式", "规则", "调整理由",
        ),
        kinds_of=("text",) * 10 + ("amount",) + ("text",) * 3,
        rows=(
            (
                line.unit.code, line.unit.name, line.project.title,
                line.allotment.number if line.allotment else "待分", FUND_LABELS[line.fund], line.function_code,
                line.economic_code, flags_text(line.flags), Origin(line.origin).label, line.first_year, line.left_fen,
                Kind(line.kind).label, line.rule, line.reason,
            )
            for line in _lines(actor, document_id, _query(request)).iterator(chunk_size=2_000)
        ),
        unit=request.look.unit,  # type: ignore[attr-defined]
    )  # fmt: skip
    return attachment(content, f"{header.title}.xlsx")


def _header(actor: Actor, document_id: int) -> Document:
    """The year end; a unit sees its own lines of it, once it is carried out."""
    header = Document.objects.filter(pk=document_id, kind=services.YEAR_END).first()
    if header is None or not (_sees_all(actor) or header.state in DONE):
        raise Http404
    return header


def _sees_all(actor: Actor) -> bool:
    return actor.unit_ids is None


def _query(request: HttpRequest) -> dict[str, str]:
    return {key: clean(request.GET.get(key, "")) for key in ("kind", "unit", "page")}


def _lines(actor: Actor, document_id: int, query: dict[str, str]) -> QuerySet[YearEndLine]:
    lines = YearEndLine.objects.filter(year_end_id=document_id).select_related(
        "unit", "project", "allotment", "carried"
    )
    if actor.unit_ids is not None:
        lines = lines.filter(unit_id__in=actor.unit_ids)
    if query["kind"]:
        lines = lines.filter(kind=query["kind"])
    if query["unit"].isdigit():
        lines = lines.filter(unit_id=int(query["unit"]))
    return lines.order_by("row_no")


def _by_unit(document_id: int, actor: Actor) -> list[tuple[int, str, int, int]]:
    seen = None if actor.unit_ids is None else sorted(actor.unit_ids)
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BY_UNIT, [document_id, seen, seen])
        return [(unit, kind, count, fen) for unit, kind, count, fen in cursor.fetchall()]


def _kinds_table(document_id: int, actor: Actor) -> Table:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, kind, count, fen in _by_unit(document_id, actor):
        sums[kind][0] += count
        sums[kind][1] += fen
    heads = (Head("处理方式", pin=True), Head("条数", "count"), Head("金额", "amount", money=True))
    rows = tuple(
        Row((Cell(link(kind.label, f"?kind={kind.value}"), pin=True), Cell(str(sums[kind.value][0]), "count"),
             money(sums[kind.value][1])))
        for kind in Kind if kind.value in sums
    )  # fmt: skip
    whole = Total((Cell("合计", pin=True), Cell(str(sum(item[0] for item in sums.values())), "count"),
                   money(sum(item[1] for item in sums.values()))))  # fmt: skip
    return Table("按处理方式", heads, rows, totals=(whole,), frame="tw plain", empty=Empty("没有结余"))


def _units_table(document_id: int, actor: Actor) -> Table:
    sums: dict[int, dict[str, int]] = defaultdict(dict)
    for unit_id, kind, _, fen in _by_unit(document_id, actor):
        sums[unit_id][kind] = fen
    heads = (Head("单位", pin=True), *(Head(kind.label, "amount", money=True) for kind in Kind),
             Head("结余", "amount", money=True))  # fmt: skip
    units = Unit.objects.filter(pk__in=sums).order_by("code").values_list("pk", "name")
    rows = tuple(
        Row(
            (
                Cell(link(name, f"?unit={pk}"), pin=True, css="m-main"),
                *(money(sums[pk].get(kind.value, 0)) for kind in Kind),
                money(sum(sums[pk].values())),
            )
        )
        for pk, name in units
    )
    return Table("按单位", heads, rows, empty=Empty("没有结余"))


def _lines_table(lines: list[YearEndLine], *, ticks: bool) -> Table:
    heads = (
        Head("单位", pin=True), Head("项目"), Head("指标"), Head("资金性质"), Head("标识"), Head("来源"),
        Head("首年", "count"), Head("结余", "amount", money=True), Head("处理方式"), Head("理由"),
    )  # fmt: skip
    return Table(
        "结余明细", heads, tuple(_line_row(line, ticks=ticks) for line in lines), ticks=ticks,
        empty=Empty("没有符合条件的结余", "可以换一种处理方式或单位。"),
    )  # fmt: skip


def _line_row(line: YearEndLine, *, ticks: bool) -> Row:
    name = line.allotment.number if line.allotment else "待分"
    shown = link(name, f"/doc/{line.allotment_id}/") if line.allotment_id else name
    carried = link("结转指标", f"/doc/{line.carried_id}/") if line.carried_id else line.reason
    label = Kind(line.kind).label + ("（锁定）" if line.is_locked else "")
    return Row(
        (
            Cell(line.unit.name, pin=True, css="m-main"),
            Cell(line.project.title, css="cut m-desc"),
            Cell(shown),
            Cell(FUND_LABELS[line.fund]),
            Cell(flags_text(line.flags)),
            Cell(Origin(line.origin).label),
            Cell(str(line.first_year), "count"),
            money(line.left_fen),
            Cell(tag(label, TONES[line.kind])),
            Cell(carried, css="cut"),
        ),
        id=line.pk if ticks and not line.is_locked else None,
        label=name,
        amount_fen=line.left_fen,
    )
