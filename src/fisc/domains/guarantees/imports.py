"""The files the module takes: a whole 三保 list from a year on, and the need by item and unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from fisc.base.errors import BadInput, Refusal
from fisc.domains.guarantees import catalogue, services
from fisc.domains.guarantees.areas import AREAS, CONFIDENCES, LEVELS
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


def _item(row: ImportRow) -> catalogue.ItemRow:
    return catalogue.ItemRow(
        code=row["code"],
        name=row["name"],
        area=row["area"],
        level=row["level"],
        standard=row.get("standard", ""),
        basis=row.get("basis", ""),
        confidence=row.get("confidence", "local"),
        month_weights=catalogue.parse_weights(row.get("months", "")),
        selectors=catalogue.parse_selectors(row.get("selectors", "")),
    )


def validate_list(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return the problems of a list: codes twice, weights, selectors."""
    items, problems = [], []
    for row in rows:
        try:
            items.append((row, _item(row)))
        except BadInput as error:
            problems.append(CellProblem(row.number, "selectors", error.message))
    if problems:
        return problems
    found = catalogue.check_items([item for _, item in items])
    return [CellProblem(items[index][0].number, key, message) for index, key, message in found]


def write_list(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will bring the list into force from the fiscal year of the upload on."""
    version = catalogue.adopt_list(
        valid_from_year=ctx.fiscal_year,
        items=[_item(row) for row in rows],
        basis=str(ctx.params.get("basis") or ""),
        actor=ctx.actor,
        at=ctx.at,
    )
    return Written(
        facts={"version": version.pk},
        message=f"三保清单（{len(rows)} 项）自 {version.valid_from_year} 年起启用。",
    )


LIST = ImportSpec(
    code="guarantees.list",
    title="三保清单",
    permission="imports.guarantees.list",
    description="上级下发的三保清单，整份启用，自所选年度起有效；该年度的需求测算一经批准，清单不再改。",
    columns=(
        ImportColumn("code", "编码", ("项目编码",), required=True, example="L06", max_length=12),
        ImportColumn(
            "name", "名称", ("项目名称", "三保项目"), required=True, example="城乡低保", max_length=60
        ),
        ImportColumn(
            "area", "类别", ("保障类别",), "choice", required=True, choices=AREAS, example="保基本民生"
        ),
        ImportColumn(
            "level", "标准", ("标准层级",), "choice", required=True, choices=LEVELS, example="地方标准"
        ),
        ImportColumn("standard", "标准内容", example="低保标准减家庭人均收入", max_length=200),
        ImportColumn("basis", "依据", ("文号",), example="省级三保清单", max_length=200),
        ImportColumn("confidence", "可信度", kind="choice", choices=CONFIDENCES, default="local"),
        ImportColumn("months", "分月权重", help="十二个整数，逗号分开；留空为每月相同"),
        ImportColumn(
            "selectors",
            "归集口径",
            help="类别/经济分类/功能分类，多个用分号；不写类别的只归集带三保标识的。如 personnel/30101;//20819",
            example="//20819",
        ),
    ),
    params=(ImportColumn("basis", "清单依据", required=True, help="文号"),),
    keys=("code",),
    validate=validate_list,
    write=write_list,
    template_example_rows=(
        {
            "code": "L06",
            "name": "城乡低保",
            "area": "保基本民生",
            "level": "地方标准",
            "standard": "低保标准减家庭人均收入",
            "selectors": "//20819",
        },
    ),
)


def _need(row: ImportRow) -> services.NeedRow:
    return services.NeedRow(
        item=row["item"],
        unit_id=row["unit"],
        quantity=row.get("quantity", Decimal(0)),
        standard_fen=row.get("standard", 0),
        need_fen=row.get("need"),
        note=row.get("note", ""),
    )


def validate_needs(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return the problems: items not in the year's list, amounts, sums that disagree, lines twice."""
    needs = [_need(row) for row in rows]
    found = services.check_rows(needs, year=ctx.fiscal_year)
    problems = [CellProblem(rows[index].number, key, message) for index, key, message in found]
    for row, need in zip(rows, needs, strict=True):
        counted = services.NeedRow(need.item, need.unit_id, need.quantity, need.standard_fen).amount_fen
        if need.need_fen is not None and counted and counted != need.need_fen:
            problems.append(
                CellProblem(
                    row.number,
                    "need",
                    f"数量×标准为 {counted / 100:,.2f} 元，与需求 {need.need_fen / 100:,.2f} 元不符。",
                )
            )
    return problems


def write_needs(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will draft the year's need: what the standards give, and the rows beside it."""
    document_id = services.draft_need(
        year=ctx.fiscal_year,
        own=[_need(row) for row in rows],
        from_standards=bool(ctx.params.get("with_standards", True)),
        actor=ctx.actor,
        at=ctx.at,
    )
    return Written(
        document_ids=(document_id,), message=f"已生成 {ctx.fiscal_year} 年三保需求测算草稿，请送审。"
    )


def undo_needs(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """This will void the draft. :raises Refusal: it is under review or in force."""
    comment = f"撤销导入 {batch.number}"
    result = perform_many(
        kind=services.KIND, ids=batch.document_ids, step="void", actor=actor, at=at, comment=comment
    )
    refused: list[Refusal] = list(result.refused.values())
    if refused:
        raise refused[0]


NEEDS = ImportSpec(
    code="guarantees.need",
    title="三保需求测算",
    permission="imports.guarantees.need",
    description="按人数（数量）乘标准测算的三保需求，逐单位逐项填列；人员和公用经费可由支出标准测算自动带入。",
    columns=(
        ImportColumn("item", "三保项目", ("项目编码",), required=True, example="L06", max_length=12),
        ImportColumn("name", "项目名称", example="城乡低保", help="只供核对"),
        ImportColumn("unit", "单位", ("预算单位", "单位编码"), "unit", required=True, example="区民政局"),
        ImportColumn("quantity", "数量", ("人数",), "decimal", example="1200"),
        ImportColumn(
            "standard", "标准", ("补助标准",), "amount", example="7200.00", help="每人（每单位）每年，元"
        ),
        ImportColumn("need", "需求", ("需求金额",), "amount", help="留空按数量×标准计算"),
        ImportColumn("note", "说明", max_length=200),
    ),
    params=(
        ImportColumn(
            "with_standards", "带入支出标准测算", kind="bool", default=True, help="是、否；留空为是"
        ),
    ),
    keys=("item", "unit"),
    control_total="need",
    validate=validate_needs,
    write=write_needs,
    undo=undo_needs,
    template_example_rows=(
        {"item": "L06", "name": "城乡低保", "unit": "区民政局", "quantity": "1200", "standard": "7200.00"},
    ),
)

IMPORTS = (LIST, NEEDS)
