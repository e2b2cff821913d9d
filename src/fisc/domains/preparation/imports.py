"""The Excel file of the asks: 一上 or 二上 lines of one or many units; the workbook a unit downloads fits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fisc.base.errors import BadInput
from fisc.domains.preparation import lines
from fisc.domains.preparation.finding import current_round
from fisc.domains.preparation.models import Round
from fisc.domains.preparation.words import Fund, Stage
from fisc.kernel import lean
from fisc.kernel.exchange.spec import (
    CellProblem,
    ImportColumn,
    ImportContext,
    ImportRow,
    ImportSpec,
    Written,
)
from fisc.kernel.ledger.flags import LABELS

PROJECTS_BY_CODE = "SELECT code, project_id, unit_id FROM v_projects_project WHERE code = ANY(%s::text[])"
FLAG_WORDS = {label: bit for bit, label in LABELS.items()}
KEYS = {
    "unit_id": "unit", "project_id": "project", "fund": "fund", "function_code": "function", "economic_code": "economic",
    "amount_fen": "amount", "flags": "flags",
}  # fmt: skip


def round_of(ctx: ImportContext) -> Round:
    """The round the file is for: the year asked at the upload, else the latest that takes asks.

    :raises NoRound, BadInput: there is none.
    """
    if year := ctx.params.get("year"):
        return current_round(int(year))
    open_now = Round.objects.select_related("document").filter(is_open=True, document__state__in=Stage.values)
    found = open_now.order_by("-fiscal_year").first()
    if found is None:
        raise BadInput("现在没有正在编报一上或二上的预算年度。", code="preparation.no_open_round")
    return found


def _rows(rows: Sequence[ImportRow]) -> list[dict[str, Any]]:
    codes = sorted({row["project"] for row in rows})
    known = {
        code: (project_id, unit_id) for code, project_id, unit_id in lean.fetch(PROJECTS_BY_CODE, (codes,))
    }
    return [
        {
            "unit_id": row.get("unit") or known.get(row["project"], (0, 0))[1],
            "project_id": known.get(row["project"], (0, 0))[0],
            "fund": row.get("fund", Fund.GENERAL.value),
            "function_code": row["function"],
            "economic_code": row["economic"],
            "flags": _flags(row.get("flags", "")),
            "amount_fen": row["amount"],
            "note": row.get("note", ""),
        }
        for row in rows
    ]


def _flags(text: str) -> int:
    return sum(bit for label, bit in FLAG_WORDS.items() if label[:2] in text)


def _validate(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    row = round_of(ctx)
    full = _rows(rows)
    _, found = lines.check(full, round_id=row.pk)
    problems = [CellProblem(rows[one.index].number, KEYS.get(one.key, one.key), one.message) for one in found]
    hidden = [
        index for index, one in enumerate(full) if one["unit_id"] and not ctx.actor.sees(one["unit_id"])
    ]
    problems += [CellProblem(rows[index].number, "unit", "这个单位不在您的办理范围。") for index in hidden]
    return problems


def _write(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    row = round_of(ctx)
    stage = row.document.state
    entered = lines.enter_lines(round_id=row.pk, stage=stage, rows=_rows(rows), actor=ctx.actor, at=ctx.at)
    label = Stage(stage).label if stage in Stage.values else ""
    units = len(entered.request_ids)
    return Written(
        facts={"stage": stage, "lines": entered.line_count},
        message=f"已填入 {units} 个单位 {row.fiscal_year}年{label} {entered.line_count} 行，可在“预算申报”中核对后送审。",
    )


_AMOUNT: Mapping[str, Any] = {"kind": "amount", "required": True, "zero": True}

LINES = ImportSpec(
    code="preparation.lines",
    title="部门预算申报",
    permission="imports.preparation.lines",
    description=(
        "单位×项目×资金性质×功能×部门经济分类的申报明细，一上或二上按编制年度现在的阶段确定；"
        "已有的同一明细改为新的金额。可直接上传系统下载的预算表。"
    ),
    columns=(
        ImportColumn("unit", "单位", ("预算单位", "单位编码", "单位名称"), "unit", help="留空为项目所属单位"),
        ImportColumn("project", "项目编码", ("项目代码",), required=True, max_length=32, example="20231210014000001"),
        ImportColumn("title", "项目名称", (), example="校舍维修", help="只供核对"),
        ImportColumn(
            "fund", "资金性质", ("资金来源",), "code", code_kind="fund", default="general", example="一般公共预算",
            help="留空为一般公共预算",
        ),
        ImportColumn(
            "function", "支出功能分类", ("功能科目", "功能分类", "功能科目编码"), "code", required=True,
            code_kind="function", fund_key="fund", example="2050203",
        ),
        ImportColumn(
            "economic", "部门经济分类", ("经济科目", "经济分类", "部门预算支出经济分类"), "code", required=True,
            code_kind="economic_department", example="30213",
        ),
        ImportColumn("flags", "标识", (), example="", help="三保、直达资金、债券资金，可留空"),
        ImportColumn("amount", "申报数", ("金额", "一上申报数", "二上申报数", "申报金额"), **_AMOUNT, example="200000.00"),
        ImportColumn("note", "说明", ("备注",), max_length=200, example="教学楼屋面防水"),
    ),
    keys=("unit", "project", "fund", "function", "economic", "flags"),
    control_total="amount",
    allow_formulas=True,
    params=(ImportColumn("year", "预算年度", kind="integer", help="如 2024；留空为正在编报的年度"),),
    validate=_validate,
    write=_write,
    template_example_rows=(
        {
            "unit": "121001", "project": "20231210014000001", "title": "校舍维修", "function": "2050203",
            "economic": "30213", "amount": "200000.00", "note": "教学楼屋面防水",
        },
    ),
)  # fmt: skip

IMPORTS = (LINES,)
