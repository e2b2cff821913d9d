"""The files the module takes: 基础信息 of many units, 支出标准 with their dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fisc.domains.standards import measures, rates, services
from fisc.domains.standards.models import BaseReport, Category, Confidence, Level, Rate, Scope
from fisc.domains.standards.services import BaseRow
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.exchange.spec import (
    CellProblem,
    ImportColumn,
    ImportContext,
    ImportRow,
    ImportSpec,
    Written,
    WrittenBatch,
)

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor


def validate_base(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return the problems of the rows: units of others, reports that are closed, pupils above 学籍."""
    held = {
        report.unit_id: report.document
        for report in BaseReport.objects.filter(
            year=ctx.fiscal_year, is_current=True, unit_id__in=[row["unit"] for row in rows]
        ).select_related("document")
    }
    problems = []
    for row in rows:
        document = held.get(row["unit"])
        if not ctx.actor.sees(row["unit"]):
            problems.append(CellProblem(row.number, "unit", "这个单位不在您的填报范围内，请删去这一行。"))
        elif document is not None and document.state not in services.EDITABLE:
            problems.append(
                CellProblem(
                    row.number,
                    "unit",
                    f"{ctx.fiscal_year}年基础信息表 {document.number} 现为“{document.state_label}”，不能再导入；需要修改的由业务股室退回。",
                )
            )
        problems += _pupil_problems(row)
    return problems


def _pupil_problems(row: ImportRow) -> list[CellProblem]:
    problems = []
    for one in measures.MEASURES:
        pupils, registered = (
            row.values.get(one.code),
            row.values.get(one.registered) if one.registered else None,
        )
        if pupils is not None and registered is not None and pupils > registered:
            problems.append(
                CellProblem(
                    row.number,
                    one.code,
                    f"{one.name} {pupils:,} 人，多于学籍 {registered:,} 人；送审时会被拦截，请核对。",
                    severity="warn",
                    also_keys=(one.registered,),
                )
            )
    return problems


def write_base(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will write the numbers into the units' drafts; empty cells leave what is there."""
    taken = [
        BaseRow(
            row["unit"],
            {
                one.code: row.values[one.code]
                for one in measures.MEASURES
                if row.values.get(one.code) is not None
            },
        )
        for row in rows
    ]
    unit_ids = [row.unit_id for row in taken]
    held = dict(
        BaseReport.objects.filter(year=ctx.fiscal_year, is_current=True, unit_id__in=unit_ids).values_list(
            "pk", "unit_id"
        )
    )
    before = services.figures_of(held)
    ids = services.set_base_figures(year=ctx.fiscal_year, rows=taken, actor=ctx.actor, at=ctx.at)
    facts = {
        "before": {
            str(unit_id): {
                code: before.get(report_id, {}).get(code)
                for row in taken
                if row.unit_id == unit_id
                for code in row.figures
            }
            for report_id, unit_id in held.items()
        },
        "made": [report_id for report_id in ids.values() if report_id not in held],
    }
    return Written(
        document_ids=tuple(ids.values()),
        facts=facts,
        message=f"已写入 {len(taken)} 个单位的{ctx.fiscal_year}年基础信息，请核对后送审。",
    )


def undo_base(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """This will put back what the file changed and void what it made. :raises Refusal: a report has gone on."""
    before: Mapping[str, Mapping[str, int | None]] = batch.facts.get("before", {})
    if before:
        services.set_base_figures(
            year=batch.fiscal_year,
            rows=[BaseRow(int(unit_id), figures) for unit_id, figures in before.items()],
            actor=actor,
            at=at,
        )
    if made := batch.facts.get("made"):
        result = perform_many(
            kind=services.KIND, ids=made, step="void", actor=actor, at=at, comment=f"撤销导入 {batch.number}"
        )
        if result.refused:
            raise next(iter(result.refused.values()))


BASE = ImportSpec(
    code="standards.base",
    title="基础信息",
    permission="imports.standards.base",
    description="各单位的编制、在职、离退休、公车、房屋、分学段学生和学籍数。空白单元格不改原数；导入后仍可在表格中修改，再送审。",
    columns=(
        ImportColumn(
            "unit", "单位编码", ("单位", "单位代码", "填报单位"), "unit", required=True, example="120001"
        ),
        ImportColumn("name", "单位名称", ("学校名称",), help="只供核对", example="云屿区实验小学", width=24),
        ImportColumn("state", "状态", help="导出文件带有，导入时不用"),
        *(
            ImportColumn(
                one.code, one.head, (one.name,), "integer", zero=True, help=f"{one.group}，{one.unit}"
            )
            for one in measures.MEASURES
        ),
    ),
    keys=("unit",),
    validate=validate_base,
    write=write_base,
    undo=undo_base,
    template_example_rows=(
        {
            "unit": "120001",
            "name": "云屿区实验小学",
            "posts_career": "160",
            "staff_career": "156",
            "retirees": "48",
            "area": "15200",
            "pupils_primary": "2860",
            "registered_primary": "2860",
        },
    ),
)

_NEEDED = ("name", "category", "level", "economic", "measure")


def validate_rates(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return the problems of the rows: half-described new standards, dates, history."""
    codes = {row["code"] for row in rows}
    known = set(rates.Standard.objects.filter(code__in=codes).values_list("code", flat=True))
    latest: dict[str, dt.date] = {}
    for code, day in Rate.objects.filter(standard__code__in=codes).values_list(
        "standard__code", "valid_from"
    ):
        latest[code] = max(day, latest.get(code, day))
    problems = []
    for row in rows:
        if row["code"] not in known:
            problems += [
                CellProblem(row.number, key, "新的标准编码须填写这一列。")
                for key in _NEEDED
                if not row.get(key)
            ]
        if row["valid_from"].day != 1:
            problems.append(
                CellProblem(
                    row.number,
                    "valid_from",
                    "标准从某月1日起执行。",
                    suggestion=str(row["valid_from"].replace(day=1)),
                )
            )
        elif row["code"] in latest and row["valid_from"] <= latest[row["code"]]:
            problems.append(
                CellProblem(
                    row.number,
                    "valid_from",
                    f"现行标准自 {latest[row['code']]} 起，新标准须在其后；历史标准不改。",
                )
            )
    return problems


def write_rates(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will add the standards that are new and put the amounts into force."""
    first = {row["code"]: row for row in reversed(rows)}
    new = rates.add_standards(
        lines=[
            rates.Line(
                code=code,
                name=row["name"],
                category=row["category"],
                guarantee_item=row.get("guarantee_item", ""),
                level=row["level"],
                economic_code=row["economic"],
                measure=row["measure"],
                scope=row.get("scope", Scope.ANY),
                note=row.get("note", ""),
            )
            for code, row in first.items()
            if all(row.get(key) for key in _NEEDED)
        ],
        actor=ctx.actor,
        at=ctx.at,
    )
    made = rates.set_rates(
        rates=[
            rates.NewRate(
                row["code"],
                row["amount"],
                row["valid_from"],
                row["source"],
                row.get("least_quantity"),
                row.get("confidence", Confidence.VERIFIED),
            )
            for row in rows
        ],
        actor=ctx.actor,
        at=ctx.at,
    )
    return Written(message=f"已启用 {len(made)} 条标准，其中新增标准 {new} 项。")


def _choice(key: str, head: str, choices: Sequence[tuple[str, str]], **more: Any) -> ImportColumn:
    return ImportColumn(key, head, kind="choice", choices=tuple(choices), **more)


RATES = ImportSpec(
    code="standards.rate",
    title="支出标准",
    permission="imports.standards.rate",
    description="支出标准及其执行日期、依据。已有编码只填标准、启用日期和依据；新编码须填齐名称、类别、口径等。历史标准不改不删，导入后不能撤销。",
    columns=(
        ImportColumn("code", "标准编码", required=True, max_length=12, example="P0102"),
        ImportColumn(
            "name", "标准名称", ("项目",), max_length=60, example="小学生均公用经费（地方提标）", width=28
        ),
        _choice("category", "经费类别", Category.choices),
        ImportColumn("guarantee_item", "三保项目", max_length=6, example="L01"),
        _choice("level", "标准层级", Level.choices),
        ImportColumn(
            "economic",
            "部门经济分类",
            ("经济分类",),
            "code",
            code_kind="economic_department",
            example="30299",
        ),
        _choice("measure", "数量口径", measures.CHOICES),
        _choice("scope", "适用单位", Scope.choices),
        ImportColumn(
            "amount", "标准（元/年）", ("标准", "金额"), "amount", required=True, zero=True, example="330.00"
        ),
        ImportColumn("least_quantity", "不足按此数计", (), "integer", zero=True, example="100"),
        ImportColumn(
            "valid_from", "启用日期", ("自", "执行日期"), "date", required=True, example="2024-01-01"
        ),
        ImportColumn(
            "source",
            "依据",
            ("文号", "来源"),
            required=True,
            max_length=200,
            example="区财教〔2023〕88号",
            width=28,
        ),
        _choice("confidence", "可信度", Confidence.choices),
        ImportColumn("note", "说明", max_length=200),
    ),
    keys=("code", "valid_from"),
    validate=validate_rates,
    write=write_rates,
    template_example_rows=(
        {
            "code": "P0102",
            "amount": "330.00",
            "least_quantity": "100",
            "valid_from": "2024-01-01",
            "source": "区财教〔2023〕88号",
        },
    ),
)

IMPORTS = (BASE, RATES)
