"""The Excel files of a project's parts: 测算明细, 绩效指标, 事前绩效评估; each takes many projects at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from fisc.base.errors import BadInput
from fisc.base.money import format_fen
from fisc.domains.projects import evaluations, parts
from fisc.domains.projects import indicators as targets
from fisc.domains.projects.imports import void_drafts
from fisc.domains.projects.models import Evaluation, Indicator, Project
from fisc.domains.projects.parts import EstimateRow, Parts
from fisc.kernel.documents.models import Document
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

PROJECT = ImportColumn("project", "项目编码", required=True, max_length=32, example="20231210014000001")


def _projects(rows: Iterable[ImportRow]) -> dict[str, Document]:
    """The projects of these codes, with their header."""
    wanted = {row["project"] for row in rows}
    found = Project.objects.filter(code__in=wanted).select_related("document")
    return {row.code: row.document for row in found}


def _unknown(rows: Sequence[ImportRow], ctx: ImportContext, states: Sequence[str]) -> list[CellProblem]:
    """A problem for every row whose project is not there, not the reader's, or not in a state to be changed."""
    projects = _projects(rows)
    problems = []
    for row in rows:
        project = projects.get(row["project"])
        if project is None or not ctx.actor.sees(project.unit_id):
            message = f"项目库中没有编码 {row['project']}，请先登记项目。"
            problems.append(CellProblem(row.number, "project", message))
        elif project.state not in states:
            message = f"项目“{project.title}”{project.state_label}，不能再改。"
            problems.append(CellProblem(row.number, "project", message))
    return problems


def _plan_states(ctx: ImportContext) -> tuple[str, ...]:
    allowed = ctx.actor.can(parts.REPLAN_LIBRARY)
    return (*parts.DRAFT_STATES, "in_library", "running") if allowed else parts.DRAFT_STATES


def _validate_estimates(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    problems = _unknown(rows, ctx, _plan_states(ctx))
    for row in rows:
        line = _estimate(row)
        stated = row.get("amount")
        if stated is not None and stated != line.amount_fen:
            shown = f"标准×数量为 {format_fen(line.amount_fen)} 元，所填金额为 {format_fen(stated)} 元。"
            problems.append(
                CellProblem(
                    row.number, "amount", shown, suggestion=f"{line.amount_fen / 100:.2f}",
                    also_keys=("standard", "quantity"),
                )
            )  # fmt: skip
    return problems


def _estimate(row: ImportRow) -> EstimateRow:
    return EstimateRow(
        fiscal_year=row["year"], name=row["name"], economic_code=row["economic"], standard_fen=row["standard"],
        quantity=row["quantity"], measure=row["measure"], note=row.get("note", ""),
    )  # fmt: skip


def _write_estimates(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    lines: dict[int, list[EstimateRow]] = defaultdict(list)
    projects = _projects(rows)
    for row in rows:
        lines[projects[row["project"]].pk].append(_estimate(row))
    return _replan(
        {pk: Parts(estimates=tuple(found)) for pk, found in lines.items()}, ctx, "测算明细", len(rows)
    )


def _replan(wanted: dict[int, Parts], ctx: ImportContext, what: str, count: int) -> Written:
    """:raises Refusal: the first project that refuses; then nothing is written."""
    result = parts.replan_many(parts=wanted, actor=ctx.actor, at=ctx.at)
    if result.refused:
        raise next(iter(result.refused.values()))
    return Written(message=f"已替换 {len(result.done)} 个项目的{what}，共 {count} 行。")


def _validate_indicators(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    problems = _unknown(rows, ctx, _plan_states(ctx))
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        try:
            targets.typed(_indicator(row), row.number)
        except BadInput as error:
            problems.append(CellProblem(row.number, "name", error.message))
        key = (row["project"], row["name"])
        if key in seen:
            message = f"与第 {seen[key]} 行的项目、指标相同。"
            problems.append(CellProblem(row.number, "name", message, also_rows=(seen[key],)))
        seen.setdefault(key, row.number)
    return problems


def _indicator(row: ImportRow) -> dict[str, Any]:
    return {key: row.get(key, "") for key in targets.FIELDS}


def _write_indicators(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    projects = _projects(rows)
    for row in rows:
        lines[projects[row["project"]].pk].append(targets.typed(_indicator(row), row.number))
    return _replan(
        {pk: Parts(indicators=tuple(found)) for pk, found in lines.items()}, ctx, "绩效指标", len(rows)
    )


def _validate_evaluations(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    problems = _unknown(rows, ctx, evaluations.EVALUATED_STATES)
    for row in rows:
        for key, label in evaluations.ASPECTS.items():
            if not 0 <= row[key] <= evaluations.FULL_SCORE:
                message = f"{label}应为0到{evaluations.FULL_SCORE}的整数。"
                problems.append(CellProblem(row.number, key, message))
    return problems


def _write_evaluations(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    projects = _projects(rows)
    keys = (*evaluations.ASPECTS, "conclusion", "suggested_fen", "report_reference", "opinion")
    drafts = [
        Draft(
            unit_id=0, fiscal_year=ctx.fiscal_year, business_on=timezone.localdate(ctx.at), title="", amount_fen=0,
            row={"project_id": projects[row["project"]].pk, **{key: row.get(key) for key in keys}},
        )
        for row in rows
    ]  # fmt: skip
    ids = evaluations.create_evaluations(drafts=drafts, actor=ctx.actor, at=ctx.at)
    return Written(document_ids=ids, message=f"已登记 {len(ids)} 份事前绩效评估，请送审。")


def _undo_evaluations(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    void_drafts(evaluations.KIND, batch, actor, at)


ESTIMATES = ImportSpec(
    code="projects.estimates",
    title="项目测算明细导入",
    description="一行一项测算：标准×数量；所列项目的原有测算明细整体替换，当年安排等于当年各行之和。",
    permission="imports.projects.estimates",
    columns=(
        PROJECT,
        ImportColumn("year", "年度", kind="integer", required=True, example="2023"),
        ImportColumn("name", "测算内容", required=True, max_length=100, example="屋面防水维修", width=30),
        ImportColumn(
            "economic",
            "部门经济分类",
            kind="code",
            code_kind="economic_department",
            required=True,
            example="30213",
        ),
        ImportColumn("standard", "标准（元）", kind="amount", required=True, example="180.00"),
        ImportColumn("quantity", "数量", kind="decimal", required=True, example="1200"),
        ImportColumn("measure", "计量单位", required=True, max_length=20, example="平方米"),
        ImportColumn("amount", "金额（元）", kind="amount", help="可不填；填写的须等于标准×数量"),
        ImportColumn("note", "说明", max_length=200),
    ),
    validate=_validate_estimates,
    write=_write_estimates,
    template_example_rows=(
        {
            "project": "20231210014000001", "year": "2023", "name": "屋面防水维修", "economic": "30213",
            "standard": "180.00", "quantity": "1200", "measure": "平方米", "amount": "216000.00",
        },
    ),
)  # fmt: skip

INDICATORS = ImportSpec(
    code="projects.indicators",
    title="项目绩效指标导入",
    description="一行一个三级指标；所列项目的原有指标整体替换，每个项目的权重合计应为100。",
    permission="imports.projects.indicators",
    columns=(
        PROJECT,
        ImportColumn(
            "level1",
            "一级指标",
            kind="choice",
            required=True,
            choices=tuple(Indicator.Level.choices),
            example="产出",
        ),
        ImportColumn("level2", "二级指标", required=True, max_length=20, example="数量"),
        ImportColumn(
            "name", "三级指标", aliases=("指标",), required=True, max_length=100, example="维修校舍面积", width=30
        ),
        ImportColumn(
            "direction",
            "符号",
            kind="choice",
            choices=tuple(Indicator.Direction.choices),
            default="ge",
            example="≥",
        ),
        ImportColumn("target", "指标值", max_length=60, example="1200"),
        ImportColumn("measure", "计量单位", max_length=20, example="平方米"),
        ImportColumn("weight", "权重", kind="decimal", required=True, zero=True, example="50"),
    ),
    validate=_validate_indicators,
    write=_write_indicators,
    template_example_rows=(
        {
            "project": "20231210014000001", "level1": "产出", "level2": "数量", "name": "维修校舍面积",
            "direction": "≥", "target": "1200", "measure": "平方米", "weight": "50",
        },
    ),
)  # fmt: skip

EVALUATIONS = ImportSpec(
    code="projects.evaluations",
    title="事前绩效评估导入",
    description="一行一个项目的事前绩效评估结果：五项评分（各20分）、结论、核定额和报告文号。",
    permission="imports.projects.evaluations",
    columns=(
        PROJECT,
        *(
            ImportColumn(
                key, label, aliases=(label[2:],), kind="integer", required=True, zero=True, example="16"
            )
            for key, label in evaluations.ASPECTS.items()
        ),
        ImportColumn(
            "conclusion",
            "评估结论",
            kind="choice",
            required=True,
            choices=tuple(Evaluation.Conclusion.choices),
            example="通过",
        ),
        ImportColumn("suggested_fen", "评估核定额（元）", kind="amount", zero=True, help="留空为项目总额"),
        ImportColumn("report_reference", "评估报告文号", max_length=100, example="云财评〔2023〕3号"),
        ImportColumn("opinion", "评估意见", width=30),
    ),
    keys=("project",),
    validate=_validate_evaluations,
    write=_write_evaluations,
    undo=_undo_evaluations,
    template_example_rows=(
        {
            "project": "20231210014000001", **dict.fromkeys(evaluations.ASPECTS, "16"), "conclusion": "通过",
            "report_reference": "云财评〔2023〕3号",
        },
    ),
)  # fmt: skip

LINE_IMPORTS = (ESTIMATES, INDICATORS, EVALUATIONS)
