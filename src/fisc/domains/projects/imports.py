"""The Excel files the project register accepts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.base.money import format_fen
from fisc.domains.projects import indicators as targets
from fisc.domains.projects import services
from fisc.domains.projects.models import Category, Grade, Nature, Project, SourceKind
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

SOURCE_COLUMNS = {
    "own_fen": SourceKind.OWN, "upper_fen": SourceKind.UPPER, "general_bond_fen": SourceKind.GENERAL_BOND,
    "special_bond_fen": SourceKind.SPECIAL_BOND, "unit_fen": SourceKind.UNIT,
}  # fmt: skip
FLAG_COLUMNS = {
    "is_bond": "债券", "is_procurement": "采购", "is_asset": "资产", "is_new_policy": "新增政策",
    "has_upper_money": "上级资金", "is_self_balanced": "收益自平衡",
}  # fmt: skip
SOURCE_HEADS = {
    "own_fen": "本级资金", "upper_fen": "上级资金额", "general_bond_fen": "一般债券",
    "special_bond_fen": "专项债券", "unit_fen": "单位资金",
}  # fmt: skip
FACT_KEYS = ("nature", "guarantee_item", "contract_fen", "grade", "grade_year", "bond_reference")


def _validate(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    problems = []
    for row in rows:
        if row.get("end_year", ctx.fiscal_year) < row.get("start_year", ctx.fiscal_year):
            problems.append(
                CellProblem(
                    row.number, "end_year", "结束年度早于开始年度，请核对。", also_keys=("start_year",)
                )
            )
        sources = _sources(row)
        if sources and sum(sources.values()) != row["total"]:
            shown = f"资金来源合计 {format_fen(sum(sources.values()))} 元，项目总额 {format_fen(row['total'])} 元。"
            keys = tuple(key for key, kind in SOURCE_COLUMNS.items() if kind.value in sources)
            problems.append(CellProblem(row.number, "total", shown, also_keys=keys))
        if problem := _indicator_problem(row):
            problems.append(problem)
    return problems


def _indicator_problem(row: ImportRow) -> CellProblem | None:
    try:
        targets.refuse_twice(targets.parse(row.get("indicator_text", "")))
    except BadInput as error:
        return CellProblem(row.number, "indicator_text", error.message)
    return None


def _sources(row: ImportRow) -> dict[str, int]:
    return {kind.value: row[key] for key, kind in SOURCE_COLUMNS.items() if row.get(key)}


def _existing(keys: Sequence[tuple[Any, ...]], ctx: ImportContext) -> Mapping[tuple[Any, ...], str]:
    codes = [key[0] for key in keys if key[0]]
    found = Project.objects.filter(code__in=codes).values_list("code", "document__title")
    return {(code,): f"项目“{title}”" for code, title in found}


def _write(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    drafts = [
        Draft(
            unit_id=row["unit"],
            fiscal_year=ctx.fiscal_year,
            business_on=timezone.localdate(ctx.at),
            title=row["name"],
            amount_fen=row["total"],
            row={
                "code": row.get("code", ""),
                "category": row["category"],
                "start_year": row.get("start_year", ctx.fiscal_year),
                "end_year": row.get("end_year", row.get("start_year", ctx.fiscal_year)),
                "responsible": row.get("responsible", ""),
                "basis": row.get("basis", ""),
                "target": row.get("target", ""),
                "indicator_text": row.get("indicator_text", ""),
                "sources": _sources(row),
                **{key: row[key] for key in (*FACT_KEYS, *FLAG_COLUMNS) if row.get(key) is not None},
            },
        )
        for row in rows
    ]
    ids = services.create_projects(drafts=drafts, actor=ctx.actor, at=ctx.at)
    return Written(document_ids=ids, message=f"已登记 {len(ids)} 个项目（储备），请送审入库。")


def _undo(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    void_drafts(services.PROJECT_KIND, batch, actor, at)


def void_drafts(kind: str, batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """:raises Refusal: a document of the batch has gone on its way already."""
    on_way = Document.objects.filter(id__in=batch.document_ids).exclude(
        state__in=("draft", "returned", "voided")
    )
    if first := on_way.order_by("id").first():
        raise Refusal(f"{first.number} 已{first.state_label}，本批不能撤销。", code="exchange.depends")
    ids = (
        Document.objects.filter(id__in=batch.document_ids)
        .exclude(state="voided")
        .values_list("id", flat=True)
    )
    result = perform_many(
        kind=kind, ids=list(ids), step="void", actor=actor, at=at, comment=f"撤销导入批次 {batch.number}"
    )
    if result.refused:
        raise next(iter(result.refused.values()))


REGISTER = ImportSpec(
    code="projects.register",
    title="项目库导入",
    description="由各单位项目申报表汇总的项目清单，一行一个项目；项目编码留空由系统赋予。",
    permission="imports.projects.register",
    columns=(
        ImportColumn(
            "unit",
            "单位编码",
            aliases=("单位", "单位名称", "预算单位"),
            kind="unit",
            required=True,
            example="101",
        ),
        ImportColumn(
            "code", "项目编码", kind="text", max_length=32, help="留空由系统赋予，一次赋予、终身不变"
        ),
        ImportColumn(
            "name", "项目名称", required=True, max_length=200, example="城乡义务教育补助经费", width=30
        ),
        ImportColumn(
            "category",
            "项目类别",
            kind="choice",
            required=True,
            choices=tuple(Category.choices),
            example="特定目标类",
        ),
        ImportColumn("start_year", "开始年度", kind="integer", example="2023"),
        ImportColumn("end_year", "结束年度", kind="integer", example="2025"),
        ImportColumn(
            "total",
            "项目总额（元）",
            aliases=("项目总额", "总额", "金额"),
            kind="amount",
            required=True,
            example="1200000.00",
        ),
        ImportColumn("responsible", "负责人", max_length=60),
        ImportColumn("basis", "立项依据", width=30),
        ImportColumn("target", "绩效目标", width=30),
        ImportColumn("nature", "项目属性", kind="choice", choices=tuple(Nature.choices), example="一般"),
        ImportColumn("guarantee_item", "三保事项", max_length=3, help="三保清单编码，如 L01"),
        *(ImportColumn(key, head, kind="bool") for key, head in FLAG_COLUMNS.items()),
        ImportColumn("bond_reference", "一案两书文号", max_length=100),
        ImportColumn("contract_fen", "合同待付额（元）", kind="amount", zero=True),
        ImportColumn("grade", "上次绩效等级", kind="choice", choices=tuple(Grade.choices)),
        ImportColumn("grade_year", "绩效等级年度", kind="integer"),
        *(
            ImportColumn(key, f"{SOURCE_HEADS[key]}（元）", kind="amount", zero=True)
            for key in SOURCE_COLUMNS
        ),
        ImportColumn(
            "indicator_text",
            "绩效指标",
            width=60,
            help="一级|二级|指标|符号|指标值|计量单位|权重，多条用“；”分开，权重合计100",
            example="产出|数量|维修校舍面积|≥|1200|平方米|60；满意度|服务对象|师生满意度|≥|90|%|40",
        ),
    ),
    keys=("code",),
    existing=_existing,
    control_total="total",
    validate=_validate,
    write=_write,
    undo=_undo,
    template_example_rows=(
        {
            "unit": "101",
            "name": "信息系统运行维护",
            "category": "特定目标类",
            "start_year": "2023",
            "end_year": "2025",
            "total": "600000.00",
            "nature": "一般",
            "own_fen": "600000.00",
            "indicator_text": "产出|数量|维护系统数量|≥|3|个|60；满意度|服务对象|使用人员满意度|≥|90|%|40",
        },
    ),
)
