"""The Excel files the project register accepts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from fisc.base.errors import Refusal
from fisc.domains.projects import services
from fisc.domains.projects.models import Category, Project
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


def _validate(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    return [
        CellProblem(row.number, "end_year", "结束年度早于开始年度，请核对。", also_keys=("start_year",))
        for row in rows
        if row.get("end_year", ctx.fiscal_year) < row.get("start_year", ctx.fiscal_year)
    ]


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
        },
    ),
)
