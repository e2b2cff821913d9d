"""The Excel files the budget accepts: the approved budget, and allotments to be released at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from fisc.base.errors import Refusal
from fisc.domains.budget import places, services
from fisc.domains.budget.dimensions import FLAG_BOND, FLAG_DIRECT, FLAG_THREE_GUARANTEES, Origin
from fisc.domains.budget.models import Allotment
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.exchange.spec import (
    CellProblem,
    ImportColumn,
    ImportContext,
    ImportRow,
    ImportSpec,
    Written,
    WrittenBatch,
)
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit

FLAG_COLUMNS = (
    ImportColumn("three", "三保", kind="bool", default=False, example="是", width=8),
    ImportColumn("direct", "直达", aliases=("直达资金",), kind="bool", default=False, example="否", width=8),
    ImportColumn("bond", "债券", aliases=("债券资金",), kind="bool", default=False, example="否", width=8),
)
DIMENSIONS = (
    ImportColumn(
        "unit", "单位编码", aliases=("单位代码", "预算单位编码"), kind="unit", required=True, example="101"
    ),
    ImportColumn(
        "unit_name",
        "单位",
        aliases=("单位名称", "预算单位"),
        example="云屿区财政局",
        help="与编码核对，可留空",
        width=24,
    ),
    ImportColumn(
        "project", "项目编码", aliases=("项目代码",), required=True, example="20231014000001", width=22
    ),
    ImportColumn("project_name", "项目", aliases=("项目名称",), help="与编码核对，可留空", width=28),
    ImportColumn(
        "fund", "资金性质", kind="code", code_kind="fund", required=True, example="一般公共预算", width=16
    ),
    ImportColumn(
        "function",
        "功能科目",
        aliases=("支出功能分类", "功能分类", "功能分类科目"),
        kind="code",
        code_kind="function",
        fund_key="fund",
        required=True,
        example="2010601 行政运行",
        width=24,
    ),
    ImportColumn(
        "economic",
        "部门经济分类",
        aliases=("经济分类", "部门支出经济分类"),
        kind="code",
        code_kind="economic_department",
        required=True,
        example="30201 办公费",
        width=20,
    ),
    ImportColumn(
        "government",
        "政府经济分类",
        aliases=("政府支出经济分类",),
        kind="code",
        code_kind="economic_government",
        help="留空按对照表由部门经济分类得出；填写则核对",
        width=20,
    ),
    ImportColumn(
        "amount",
        "金额（元）",
        aliases=("金额", "预算数", "批复数"),
        kind="amount",
        required=True,
        example="120000.00",
    ),
    *FLAG_COLUMNS,
    ImportColumn("note", "备注", max_length=200),
)
EXAMPLE = {
    "unit": "101",
    "project": "20231014000001",
    "fund": "一般公共预算",
    "function": "2010601",
    "economic": "30201",
    "amount": "120000.00",
    "three": "否",
}


def _flags(row: ImportRow) -> int:
    return (
        FLAG_THREE_GUARANTEES * bool(row.get("three"))
        + FLAG_DIRECT * bool(row.get("direct"))
        + FLAG_BOND * bool(row.get("bond"))
    )


def _line(row: ImportRow, projects: Mapping[str, places.Project]) -> dict[str, Any]:
    return {
        "unit_id": row["unit"],
        "project_id": projects[row["project"]].id,
        "fund": row["fund"],
        "function_code": row["function"],
        "economic_code": row["economic"],
        "government_code": row.get("government", ""),
        "flags": _flags(row),
        "amount_fen": row["amount"],
        "note": row.get("note", ""),
    }


def _validate(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """Projects, names beside codes, and the government item; codes and amounts are checked by the engine."""
    projects = places.projects_by_code(row["project"] for row in rows)
    units = {
        unit.pk: unit
        for unit in Unit.objects.filter(id__in={row["unit"] for row in rows}).only(
            "name", "short_name", "unit_kind"
        )
    }
    mapper = places.Mapper(ctx.fiscal_year)
    problems = []
    for row in rows:
        for check in (_project_problem, _unit_problem):
            if problem := check(row, projects, units):
                problems.append(problem)
        if problem := _government_problem(row, units[row["unit"]].unit_kind, mapper):
            problems.append(problem)
    return problems


def _project_problem(
    row: ImportRow, projects: Mapping[str, places.Project], units: Mapping[int, Unit]
) -> CellProblem | None:
    project = projects.get(row["project"])
    if project is None:
        return CellProblem(row.number, "project", f"项目库中没有编码 {row['project']}，请先登记项目并入库。")
    if project.state not in places.OPEN_PROJECT_STATES:
        return CellProblem(row.number, "project", f"项目“{project.title}”尚未入库或已经结束，不能安排预算。")
    name = row.get("project_name", "")
    if name and name != project.title:
        message = f"编码 {row['project']} 的项目是“{project.title}”，不是“{name}”，请核对。"
        return CellProblem(row.number, "project_name", message, "warn", suggestion=project.title)
    return None


def _unit_problem(
    row: ImportRow, projects: Mapping[str, places.Project], units: Mapping[int, Unit]
) -> CellProblem | None:
    unit, name = units[row["unit"]], row.get("unit_name", "")
    if name and name not in (unit.name, unit.short_name):
        message = f"单位编码对应“{unit.name}”，不是“{name}”，请核对。"
        return CellProblem(row.number, "unit_name", message, suggestion=unit.name, also_keys=("unit",))
    return None


def _government_problem(row: ImportRow, unit_kind: str, mapper: places.Mapper) -> CellProblem | None:
    given = row.get("government", "")
    allowed = mapper.allowed(row["economic"], unit_kind)
    if given and allowed and given not in allowed:
        message = f"部门经济分类 {row['economic']} 对应政府经济分类 {'或 '.join(allowed)}，不是 {given}。"
        return CellProblem(row.number, "government", message, suggestion=allowed[0], also_keys=("economic",))
    if not given and not allowed:
        message = f"部门经济分类 {row['economic']} 没有对照的政府经济分类，请填写。"
        return CellProblem(row.number, "government", message, "warn", also_keys=("economic",))
    return None


def _write_approved(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    projects = places.projects_by_code(row["project"] for row in rows)
    params = ctx.params
    draft = Draft(
        unit_id=params.get("unit") or _bureau_id(),
        fiscal_year=ctx.fiscal_year,
        business_on=timezone.localdate(ctx.at),
        title=params.get("title") or f"{ctx.fiscal_year}年预算批复（{ctx.filename or ctx.batch_number}）",
        amount_fen=0,
        row={
            "origin": params.get("origin") or Origin.INITIAL,
            "reference": params.get("reference") or "",
            "funding": params.get("funding") or "",
            "lines": [_line(row, projects) for row in rows],
        },
    )
    ids = services.create_appropriations(drafts=[draft], actor=ctx.actor, at=ctx.at)
    return Written(document_ids=ids, message=f"已生成预算批复一张，{len(rows)} 行明细，请送审。")


def _bureau_id() -> int:
    return int(Unit.objects.filter(kind=Unit.Kind.BUREAU).order_by("code").values_list("id", flat=True)[0])


def _undo_approved(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """Void the draft, or reverse the approval while nothing depends on it.

    :raises Refusal: allotments were made from it, or it is on its way through the chain.
    """
    for header in Document.objects.filter(id__in=batch.document_ids).order_by("id"):
        depends = (
            Document.objects.filter(source_id=header.pk)
            .exclude(state__in=("voided", "revoked"))
            .order_by("id")
        )
        if first := depends.first():
            raise Refusal(
                f"已由本批生成 {first.number}（{first.title}），请先收回或作废。", code="budget.depends"
            )
        _take_back(header, batch, actor, at, booked="approved", step="reverse")


def _take_back(
    header: Document, batch: WrittenBatch, actor: Actor, at: dt.datetime, *, booked: str, step: str
) -> None:
    if header.state in ("voided", "reversed", "revoked"):
        return
    if header.state == "in_review":
        raise Refusal(f"{header.number} 正在审核，请先撤回。", code="budget.in_review")
    chosen = step if header.state == booked else "void"
    result = perform_many(
        kind=header.kind,
        ids=[header.pk],
        step=chosen,
        actor=actor,
        at=at,
        comment=f"撤销导入批次 {batch.number}",
    )
    if header.pk in result.refused:
        raise result.refused[header.pk]


def _write_allotments(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    projects = places.projects_by_code(row["project"] for row in rows)
    drafts = []
    for row in rows:
        line = _line(row, projects)
        unit_id, amount = line.pop("unit_id"), line.pop("amount_fen")
        drafts.append(
            Draft(
                unit_id=unit_id,
                fiscal_year=ctx.fiscal_year,
                business_on=timezone.localdate(ctx.at),
                title=row["reference"],
                amount_fen=amount,
                fund=line["fund"],
                row={
                    **line,
                    "reference": row["reference"],
                    "origin": ctx.params.get("origin") or Origin.INITIAL,
                },
            )
        )
    ids = services.create_allotments(drafts=drafts, actor=ctx.actor, at=ctx.at)
    return Written(document_ids=ids, message=f"已生成 {len(ids)} 条指标，请送审下达。")


def _existing_allotments(
    keys: Sequence[tuple[Any, ...]], ctx: ImportContext
) -> Mapping[tuple[Any, ...], str]:
    references = {key[0] for key in keys}
    found = Allotment.objects.filter(reference__in=references, document__fiscal_year=ctx.fiscal_year).exclude(
        document__state="voided"
    )
    tags = {
        row.project_id: row.project.tags[0] for row in found.select_related("project") if row.project.tags
    }
    return {
        (
            row.reference,
            row.document.unit_id,
            tags.get(row.project_id, ""),
            row.fund,
            row.function_code,
            row.economic_code,
        ): (f"指标 {row.document.number}")
        for row in found.select_related("document")
    }


def _undo_allotments(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """Void drafts, take back what was released; refused while any of it is paid, held, frozen or planned."""
    for header in Document.objects.filter(id__in=batch.document_ids).order_by("id"):
        _take_back(header, batch, actor, at, booked="released", step="revoke")


ORIGIN = ImportColumn(
    "origin",
    "指标来源",
    kind="choice",
    choices=tuple(Origin.choices),
    default=Origin.INITIAL.value,
    example="年初预算",
)
_Check = Callable[[Sequence[ImportRow], ImportContext], list[CellProblem]]

APPROVED = ImportSpec(
    code="budget.approved",
    title="预算批复导入",
    description="人代会批准的年初预算（或追加、结转的预算）明细，一行是 单位×项目×资金性质×功能科目×部门经济分类。",
    permission="imports.budget.approved",
    columns=DIMENSIONS,
    params=(
        ImportColumn("reference", "批复文号", example="区财预〔2023〕1号"),
        ORIGIN,
        ImportColumn("funding", "资金来源", help="追加、上级转移支付须写明"),
    ),
    keys=("unit", "project", "fund", "function", "economic", "three", "direct", "bond"),
    control_total="amount",
    validate=_validate,
    write=_write_approved,
    undo=_undo_approved,
    template_example_rows=(EXAMPLE,),
)
ALLOTMENTS = ImportSpec(
    code="budget.allotments",
    title="指标批量下达导入",
    description="同批下达的指标，一行一条；下达金额须在待分指标之内。",
    permission="imports.budget.allotments",
    columns=(
        ImportColumn(
            "reference", "指标文号", aliases=("文号",), required=True, example="区财教〔2023〕31号", width=20
        ),
        *DIMENSIONS,
    ),
    params=(ORIGIN,),
    keys=("reference", "unit", "project", "fund", "function", "economic"),
    existing=_existing_allotments,
    control_total="amount",
    validate=_validate,
    write=_write_allotments,
    undo=_undo_allotments,
    template_example_rows=({"reference": "区财教〔2023〕31号", **EXAMPLE},),
)
