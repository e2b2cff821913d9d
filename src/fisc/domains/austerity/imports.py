"""The files the module takes: 三公 ceilings by unit, and caps on general expenditure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fisc.base.errors import BadInput, Refusal
from fisc.domains.austerity import general_set, services
from fisc.domains.austerity.items import CATEGORIES
from fisc.domains.austerity.models import CONFIDENCES
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

ITEM_KEYS = ("abroad", "reception", "running", "purchase", "purchase_capital")


def _ceiling(row: ImportRow) -> services.CeilingRow:
    items = {f"{key}_fen": row.get(key, 0) for key in ITEM_KEYS}
    return services.CeilingRow(unit_id=row["unit"], total_fen=row.get("total"), **items)


def validate_ceilings(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return the problems: totals above the sum of the items."""
    found = services.check_ceilings([_ceiling(row) for row in rows])
    return [CellProblem(rows[index].number, key, message) for index, key, message in found]


def write_ceilings(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will draft the year's ceilings."""
    document_id = services.draft_ceilings(
        year=ctx.fiscal_year, rows=[_ceiling(row) for row in rows], actor=ctx.actor, at=ctx.at
    )
    return Written(document_ids=(document_id,), message=f"已生成 {ctx.fiscal_year} 年三公额度草稿，请送审。")


def write_caps(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will draft the year's caps as stated."""
    document_id = services.draft_caps(
        year=ctx.fiscal_year,
        rate_percent=ctx.params.get("rate") or Decimal(0),
        basis=str(ctx.params.get("basis") or ""),
        rows=[services.CapRow(row["unit"], row["cap"], row.get("base", 0)) for row in rows],
        actor=ctx.actor,
        at=ctx.at,
    )
    return Written(
        document_ids=(document_id,), message=f"已生成 {ctx.fiscal_year} 年一般性支出限额草稿，请送审。"
    )


def _undo(kind: str) -> Callable[[WrittenBatch, Actor, dt.datetime], None]:
    def undo(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
        """This will void the draft. :raises Refusal: it is under review or in force."""
        comment = f"撤销导入 {batch.number}"
        result = perform_many(
            kind=kind, ids=batch.document_ids, step="void", actor=actor, at=at, comment=comment
        )
        refused: list[Refusal] = list(result.refused.values())
        if refused:
            raise refused[0]

    return undo


_AMOUNT: dict[str, Any] = {"kind": "amount", "zero": True}

CEILINGS = ImportSpec(
    code="austerity.ceiling",
    title="三公额度",
    permission="imports.austerity.ceiling",
    description="各单位三公经费分项额度和总额（元）。总额留空为分项之和，不得大于分项之和。",
    columns=(
        ImportColumn("unit", "单位", ("预算单位", "单位编码"), "unit", required=True, example="区教育局"),
        ImportColumn("abroad", "因公出国（境）", ("因公出国", "出国费"), **_AMOUNT, example="0"),
        ImportColumn("reception", "公务接待", ("接待费", "公务接待费"), **_AMOUNT, example="30000.00"),
        ImportColumn("running", "公车运行维护", ("公务用车运行维护费",), **_AMOUNT, example="80000.00"),
        ImportColumn("purchase", "公车购置", ("公务用车购置费",), **_AMOUNT, example="0"),
        ImportColumn("purchase_capital", "公车购置（基本建设）", **_AMOUNT, example="0"),
        ImportColumn("total", "总额", ("三公总额", "合计"), **_AMOUNT, help="留空为分项之和"),
    ),
    keys=("unit",),
    control_total="total",
    validate=validate_ceilings,
    write=write_ceilings,
    undo=_undo(services.CEILING),
    template_example_rows=(
        {
            "unit": "区教育局",
            "abroad": "0",
            "reception": "30000.00",
            "running": "80000.00",
            "total": "110000.00",
        },
    ),
)

CAPS = ImportSpec(
    code="austerity.cap",
    title="一般性支出限额",
    permission="imports.austerity.cap",
    description="各单位一般性支出限额（元）。按统一比例压减的，不用导入，新建限额单填写比例即可。",
    columns=(
        ImportColumn("unit", "单位", ("预算单位", "单位编码"), "unit", required=True, example="区教育局"),
        ImportColumn("base", "上年预算", **_AMOUNT, example="1000000.00"),
        ImportColumn("cap", "限额", ("本年限额",), required=True, **_AMOUNT, example="950000.00"),
    ),
    params=(
        ImportColumn("rate", "压减比例%", kind="decimal", help="如 5"),
        ImportColumn("basis", "依据", required=True, help="文号或会议"),
    ),
    keys=("unit",),
    control_total="cap",
    write=write_caps,
    undo=_undo(services.CAP),
    template_example_rows=({"unit": "区教育局", "base": "1000000.00", "cap": "950000.00"},),
)


def _set_row(row: ImportRow) -> general_set.SetRow:
    return general_set.SetRow(row["code"], row["category"], row["name"], row.get("confidence", "local"))


def validate_set(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return what is wrong with the set as a whole: items inside one another, codes that are no numbers."""
    try:
        general_set.refuse_bad([_set_row(row) for row in rows])
    except BadInput as error:
        return [CellProblem(rows[0].number, "code", error.message)]
    return []


def write_set(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will bring the set into force from the fiscal year of the upload on."""
    version = general_set.adopt_set(
        valid_from_year=ctx.fiscal_year,
        rows=[_set_row(row) for row in rows],
        basis=str(ctx.params.get("basis") or ""),
        actor=ctx.actor,
        at=ctx.at,
    )
    message = f"一般性支出口径（{len(rows)} 项）自 {version.valid_from_year} 年起启用。"
    return Written(facts={"version": version.pk}, message=message)


GENERAL_SET = ImportSpec(
    code="austerity.general_set",
    title="一般性支出口径",
    permission="imports.austerity.general_set",
    description="一般性支出包括哪些部门经济分类，整份启用，自所选年度起有效；以前年度的口径不变。",
    columns=(
        ImportColumn(
            "code", "部门经济分类", ("经济分类", "科目编码"), required=True, example="30215", max_length=7
        ),
        ImportColumn("name", "名称", ("科目名称",), required=True, example="会议费", max_length=60),
        ImportColumn("category", "类别", kind="choice", required=True, choices=CATEGORIES, example="会议费"),
        ImportColumn("confidence", "可信度", kind="choice", choices=CONFIDENCES, default="local"),
    ),
    params=(ImportColumn("basis", "依据", required=True, help="文号"),),
    keys=("code",),
    validate=validate_set,
    write=write_set,
    template_example_rows=({"code": "30215", "name": "会议费", "category": "会议费"},),
)

IMPORTS = (CEILINGS, CAPS, GENERAL_SET)
