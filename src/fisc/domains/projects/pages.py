"""The register's own pages: a department's ranking, idle projects, and the sheets of a project's parts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from fisc.base.errors import BadInput, FiscError
from fisc.base.text import clean
from fisc.domains.projects import idle, parts, ranking
from fisc.domains.projects import indicators as targets
from fisc.domains.projects.models import EstimateLine, Indicator, Nature, Project, Withdrawal
from fisc.domains.projects.parts import EstimateRow, Parts
from fisc.kernel.documents import get_visible, kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.web import formats, grid, ways
from fisc.web.components import Cell, Empty, Head, Row, Table, link, state, tag
from fisc.web.request import Request, allowed

VIEW, REPLAN = "projects.project.view", "projects.project.replan"
SHOWN_IDLE = 500
LEVELS2 = ("数量", "质量", "时效", "成本", "经济效益", "社会效益", "生态效益", "可持续影响", "服务对象")


def ranking_page(request: Request) -> HttpResponse:
    """项目排序: the projects of a department for a budget year, with their places to be typed in."""
    allowed(request, VIEW)
    departments = ranking.departments(request.actor)
    chosen = request.POST.get("department") or request.GET.get("department") or ""
    department = next((unit for unit in departments if str(unit.pk) == chosen), None)
    department = department or (departments[0] if departments else None)
    year = _year(request)
    error = None
    typed: dict[int, str] = {}
    if request.method == "POST" and department is not None:
        typed = {
            int(key[5:]): str(text)
            for key, text in request.POST.items()
            if key[:5] == "rank-" and key[5:].isdigit()
        }
        error = _save_ranks(request, department.pk, year, typed)
        if error is None:
            return HttpResponseRedirect(f"/projects/ranking/?department={department.pk}&year={year}")
    rows = ranking.candidates(department_id=department.pk, fiscal_year=year) if department else []
    context = {
        "title": "项目排序",
        "departments": departments,
        "department": department,
        "year": year,
        "years": range(request.now.year - 1, request.now.year + 4),
        "rows": [_ranked(row, typed.get(row.project_id)) for row in rows],
        "version": ranking.version_of(department_id=department.pk, fiscal_year=year) if department else "",
        "may_rank": request.actor.can(ranking.PERMISSION),
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "projects/ranking.html", context, status=409 if error else 200)


def _ranked(row: ranking.Candidate, typed: str | None) -> dict[str, Any]:
    spec = kinds.get(parts.PROJECT_KIND)
    label = f"待{row.node}" if row.node else spec.state(row.state).label
    return {
        "id": row.project_id,
        "rank": typed if typed is not None else row.rank or "",
        "code": row.code,
        "title": row.title,
        "unit": row.unit,
        "state": state(label, spec.state(row.state).tone),
        "nature": row.nature,
        "total": formats.amount(row.total_fen, fixed=True),
        "year": formats.amount(row.year_fen, fixed=True),
    }


def _save_ranks(request: Request, department_id: int, year: int, typed: dict[int, str]) -> FiscError | None:
    try:
        ranks = {pk: _place(text) for pk, text in typed.items() if clean(text)}
        count = ranking.save_ranks(
            department_id=department_id, fiscal_year=year, ranks=ranks, actor=request.actor, at=request.now,
            version=request.POST.get("version", ""),
        )  # fmt: skip
    except FiscError as error:
        return error
    messages.success(request, f"{year}年排序已保存，共 {count} 个项目。")
    return None


def _place(text: str) -> int:
    plain = clean(text)
    if not plain.isdecimal():
        raise BadInput(f"排序“{plain}”不是整数，请填 1、2、3……", code="projects.rank")
    return int(plain)


def _year(request: Request) -> int:
    text = request.POST.get("year") or request.GET.get("year") or ""
    return int(text) if text.isdecimal() and 2000 <= int(text) <= 2100 else request.now.year


def idle_page(request: Request) -> HttpResponse:
    """闲置项目: proposals that wait for an answer, the longest idle first; several are answered at once."""
    allowed(request, VIEW)
    error = None
    if request.method == "POST":
        error = _act(request)
        if error is None:
            return HttpResponseRedirect("/projects/idle/")
    rows = Withdrawal.objects.filter(answer="").select_related("project__document__unit")
    if request.actor.unit_ids is not None:
        rows = rows.filter(project__document__unit_id__in=request.actor.unit_ids)
    listed = list(rows.order_by("since", "pk")[:SHOWN_IDLE])
    context = {
        "title": "闲置项目",
        "table": _idle_table(listed, request),
        "limits": idle.values_of(idle.RULE, on=request.now.date()),
        "may_propose": request.actor.can(idle.PERMISSION),
        "may_recall": request.actor.can("projects.project.recall"),
        "may_keep": request.actor.can("projects.project.keep"),
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "projects/idle.html", context, status=409 if error else 200)


def _act(request: Request) -> FiscError | None:
    what = request.POST.get("act", "")
    try:
        if what == "propose":
            count = idle.propose_withdrawals(on=request.now.date(), actor=request.actor, at=request.now)
            messages.success(request, f"新提出 {count} 个项目的清理建议。" if count else "没有新的闲置项目。")
            return None
        if what not in ("recall", "keep"):
            raise BadInput("请选择收回或保留。", code="projects.idle")
        ids = [int(text) for text in request.POST.getlist("ids") if text.isdecimal()]
        if not ids:
            raise BadInput("请先勾选项目。", code="projects.idle")
        result = perform_many(
            kind=parts.PROJECT_KIND, ids=ids, step=what, actor=request.actor, at=request.now,
            comment=request.POST.get("keep_reason" if what == "keep" else "comment", ""),
        )  # fmt: skip
    except FiscError as error:
        return error
    if result.refused:
        return next(iter(result.refused.values()))
    messages.success(request, f"已{'收回' if what == 'recall' else '保留'} {len(result.done)} 个项目。")
    return None


def _idle_table(rows: Sequence[Withdrawal], request: Request) -> Table:
    heads = (
        Head("项目", pin=True),
        Head("单位"),
        Head("情形"),
        Head("闲置自"),
        Head("月数", "n"),
        Head("项目总额", "amount", money=True),
        Head("可收回", "amount", money=True),
        Head("提出日期"),
    )
    made = []
    for row in rows:
        document = row.project.document
        months = (request.now.year - row.since.year) * 12 + request.now.month - row.since.month
        cells = (
            Cell(link(f"{row.project.code} {document.title}", f"/doc/{document.pk}/"), pin=True, css="m-no"),
            Cell(str(document.unit), css="m-main"),
            Cell(tag(row.get_why_display(), "orange"), css="m-state"),
            Cell(row.since.isoformat()),
            Cell(str(months), "n"),
            Cell(formats.amount(document.amount_fen, unit=request.look.unit), "amount"),
            Cell(formats.amount(row.room_fen, unit=request.look.unit), "amount", css="m-amt"),
            Cell(row.proposed_on.isoformat()),
        )
        made.append(
            Row(cells, id=document.pk, label=document.title, amount_fen=row.room_fen, steps="recall keep")
        )
    empty = Empty("没有待处理的清理建议", "每月 1 日自动查找，也可以现在查找", "archive-restore")
    return Table("闲置项目", heads, tuple(made), ticks=True, cards=True, empty=empty)


def estimates_page(request: Request, document_id: int) -> HttpResponse:
    """测算明细 as a sheet: standard × quantity by year; the years follow."""
    document = _planned(request, document_id)
    return _sheet_page(request, document, _estimate_sheet(document, request), "测算明细")


@grid.answers_json
def save_estimates(request: Request, document_id: int) -> JsonResponse:
    """Takes a save of the sheet: the lines as they are then take the place of the old ones."""
    document = _planned(request, document_id)
    sheet = _estimate_sheet(document, request)
    rows = _merged(sheet, grid.changes(request, sheet))
    lines: list[EstimateRow] = []
    problems: list[grid.CellProblem] = []
    for key, row, row_no in rows:
        line = _estimate(key, row, row_no, document, problems)
        if line is not None:
            lines.append(line)
    if problems:
        return grid.answer(problems)
    made = {str(line.row_no): line.amount_fen for line in lines}
    cells = [grid.CellChange(key, "amount", made.get(str(row_no))) for key, _, row_no in rows]
    return _replace(request, document, sheet, Parts(estimates=tuple(lines)), rows, cells)


def _estimate(
    key: str, row: dict[str, Any], row_no: int, document: Document, problems: list[grid.CellProblem]
) -> EstimateRow | None:
    for column, head in (
        ("year", "年度"), ("name", "测算内容"), ("economic", "部门经济分类"), ("standard", "标准"), ("quantity", "数量"),
        ("measure", "计量单位"),
    ):  # fmt: skip
        if row.get(column) in (None, ""):
            problems.append(grid.CellProblem(key, column, f"请填写{head}。"))
            return None
    try:
        quantity = Decimal(str(row["quantity"]).replace(",", ""))
    except InvalidOperation:
        problems.append(grid.CellProblem(key, "quantity", f"“{row['quantity']}”不是数字。"))
        return None
    line = EstimateRow(
        fiscal_year=int(row["year"]), name=row["name"], economic_code=row["economic"],
        standard_fen=row["standard"], quantity=quantity, measure=row["measure"], note=row.get("note") or "",
        row_no=row_no,
    )  # fmt: skip
    if bad := parts.bad_codes([line], year=document.fiscal_year):
        problems.append(grid.CellProblem(key, "economic", next(iter(bad.values()))))
    return line


def _estimate_sheet(document: Document, request: Request) -> grid.Grid:
    rows = tuple(
        grid.GridRow(
            key=str(line.row_no),
            values={
                "year": line.fiscal_year, "name": line.name, "economic": line.economic_code,
                "standard": line.standard_fen, "quantity": f"{line.quantity.normalize():f}",
                "measure": line.measure, "amount": line.amount_fen, "note": line.note,
            },
            label=line.name,
        )
        for line in EstimateLine.objects.filter(project_id=document.pk).order_by("row_no")
    )  # fmt: skip
    return grid.Grid(
        name="测算明细",
        columns=(
            grid.GridColumn("year", "年度", "integer", width="s", minimum=2000),
            grid.GridColumn("name", "测算内容", width="l", pin=True),
            grid.GridColumn("economic", "部门经济分类", "code", code_kind="economic_department"),
            grid.GridColumn("standard", "标准", "amount", minimum=1),
            grid.GridColumn("quantity", "数量", width="s"),
            grid.GridColumn("measure", "计量单位", width="s"),
            grid.GridColumn("amount", "金额（标准×数量）", "amount", editable=False, total=True),
            grid.GridColumn("note", "说明"),
        ),
        rows=rows,
        save_url=f"/projects/{document.pk}/estimates/save/" if _may_replan(request, document) else "",
        version=document.version,
        may_add=_may_replan(request, document),
        empty="还没有测算明细",
    )


def indicators_page(request: Request, document_id: int) -> HttpResponse:
    """绩效指标 as a sheet."""
    document = _planned(request, document_id)
    return _sheet_page(request, document, _indicator_sheet(document, request), "绩效指标")


@grid.answers_json
def save_indicators(request: Request, document_id: int) -> JsonResponse:
    """Takes a save of the sheet: the indicators as they are then take the place of the old ones."""
    document = _planned(request, document_id)
    sheet = _indicator_sheet(document, request)
    lines, problems = [], []
    rows = _merged(sheet, grid.changes(request, sheet))
    for key, row, row_no in rows:
        try:
            lines.append(targets.typed({**row, "row_no": row_no}, row_no))
        except BadInput as error:
            problems.append(grid.CellProblem(key, "name", error.message))
    if problems:
        return grid.answer(problems)
    targets.refuse_twice(lines)
    return _replace(request, document, sheet, Parts(indicators=tuple(lines)), rows)


def _indicator_sheet(document: Document, request: Request) -> grid.Grid:
    rows = []
    for row in Indicator.objects.filter(project_id=document.pk).order_by("row_no"):
        why = targets.why_unmeasurable(direction=row.direction, target=row.target, measure=row.measure)
        rows.append(
            grid.GridRow(
                key=str(row.row_no),
                values={
                    **{key: getattr(row, key) for key in targets.FIELDS},
                    "weight": f"{row.weight.normalize():f}",
                },
                label=row.name,
                notes={"target": f"{why}，无法衡量"} if why else {},
            )
        )
    return grid.Grid(
        name="绩效指标",
        columns=(
            grid.GridColumn(
                "level1", "一级指标", "choice", choices=tuple(Indicator.Level.choices), width="s"
            ),
            grid.GridColumn("level2", "二级指标", width="s", help="、".join(LEVELS2)),
            grid.GridColumn("name", "三级指标", width="l", pin=True),
            grid.GridColumn(
                "direction", "符号", "choice", choices=tuple(Indicator.Direction.choices), width="s"
            ),
            grid.GridColumn("target", "指标值", width="s"),
            grid.GridColumn("measure", "计量单位", width="s"),
            grid.GridColumn("weight", "权重", width="s", help="合计 100"),
        ),
        rows=tuple(rows),
        save_url=f"/projects/{document.pk}/indicators/save/" if _may_replan(request, document) else "",
        version=document.version,
        unit="",
        may_add=_may_replan(request, document),
        empty="还没有绩效指标",
    )


Merged = list[tuple[str, dict[str, Any], int]]


def _merged(sheet: grid.Grid, changed: Sequence[grid.CellChange]) -> Merged:
    """The rows as they are after the save: key, values, number; emptied rows are gone, new ones come last."""
    rows: dict[str, dict[str, Any]] = {row.key: dict(row.values) for row in sheet.rows}
    typed = {column.key for column in sheet.columns if column.editable}
    for change in changed:
        rows.setdefault(change.row, {})[change.column] = change.value
    last = max((int(row.key) for row in sheet.rows), default=0)
    merged: Merged = []
    for key, row in rows.items():
        if key.startswith(grid.NEW_ROW):
            last += 1
        if any(row.get(column) not in (None, "") for column in typed):
            merged.append((key, row, last if key.startswith(grid.NEW_ROW) else int(key)))
    return merged


def _replace(
    request: Request,
    document: Document,
    sheet: grid.Grid,
    part: Parts,
    rows: Merged,
    cells: Sequence[grid.CellChange] = (),
) -> JsonResponse:
    """:raises Refusal: the parts do not fit the project; nothing is saved."""
    result = parts.replan_many(
        parts={document.pk: part}, actor=request.actor, at=request.now, versions={document.pk: sheet.version}
    )
    if result.refused:
        raise result.refused[document.pk]
    keys = {key: str(row_no) for key, _, row_no in rows if key.startswith(grid.NEW_ROW)}
    return grid.answer(
        version=sheet.version + 1, cells=cells, keys=keys, grid=sheet, message=f"已保存 {len(rows)} 行。"
    )


def _sheet_page(request: Request, document: Document, sheet: grid.Grid, what: str) -> HttpResponse:
    project = Project.objects.get(pk=document.pk)
    context = {
        "title": f"{document.title} {what}",
        "document": document,
        "what": what,
        "nature": Nature(project.nature).label,
        "years": f"{project.start_year}—{project.end_year}年",
        "total": formats.amount(document.amount_fen, fixed=True),
        "grid": sheet,
    }
    return render(request, "projects/sheet.html", context)


def _planned(request: Request, document_id: int) -> Document:
    """The project the reader may see. :raises Http404: the document is no project."""
    allowed(request, VIEW)
    document = get_visible(request.actor, document_id)
    if document.kind != parts.PROJECT_KIND:
        raise Http404
    return document


def _may_replan(request: Request, document: Document) -> bool:
    if document.state in parts.DRAFT_STATES:
        return request.actor.can(REPLAN)
    return document.state in ("in_library", "running") and request.actor.can(parts.REPLAN_LIBRARY)
