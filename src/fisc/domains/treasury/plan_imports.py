"""用款计划 from Excel: one row is one month of one allotment; what does not fit is said before anything is written."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from fisc.base.money import format_fen
from fisc.domains.treasury import drawing, plans
from fisc.domains.treasury.imports import undo_drafts
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.exchange.spec import CellProblem, ImportColumn, ImportContext, ImportRow, ImportSpec, Written

ALLOTMENT_KIND = drawing.ALLOTMENT_KIND


def _allotments_named(rows: Sequence[ImportRow]) -> dict[str, Document]:
    numbers = {row["allotment"] for row in rows}
    found = Document.objects.filter(kind=ALLOTMENT_KIND, number__in=numbers, state="released")
    return {document.number: document for document in found}


def _validate_plans(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """Each row names a released allotment of the actor's units and a month of its year; plans fit what is left of it."""
    found = _allotments_named(rows)
    problems, asked = [], {}
    left = drawing.figures([document.pk for document in found.values()])
    for row in rows:
        document = found.get(row["allotment"])
        if document is None or not ctx.actor.sees(document.unit_id):
            problems.append(
                CellProblem(row.number, "allotment", f"没有已下达的指标 {row['allotment']}，请核对单号。")
            )
            continue
        if row["month"] // 100 != document.fiscal_year:
            problems.append(
                CellProblem(row.number, "month", f"该指标是 {document.fiscal_year} 年的，月份应在当年。")
            )
            continue
        asked[document.pk] = asked.get(document.pk, 0) + row["amount"]
        room = left[document.pk].executable_fen
        if asked[document.pk] > room:
            over = format_fen(asked[document.pk] - room)
            message = f"到本行为止，计划超过该指标未编计划的 {format_fen(room)} 元，超出 {over} 元。"
            problems.append(CellProblem(row.number, "amount", message))
    return problems


def _write_plans(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    found = _allotments_named(rows)
    drafts = [
        Draft(
            unit_id=0,
            fiscal_year=row["month"] // 100,
            business_on=timezone.localdate(ctx.at),
            title="",
            amount_fen=row["amount"],
            row={"allotment_id": found[row["allotment"]].pk, "month": row["month"]},
        )
        for row in rows
    ]
    ids = plans.create_plans(drafts=drafts, actor=ctx.actor, at=ctx.at)
    return Written(document_ids=ids, message=f"已生成用款计划 {len(ids)} 张，请送审。")


CASH_PLANS = ImportSpec(
    code="treasury.cash_plan",
    title="用款计划导入",
    description="双控资金的分月用款计划，一行是一条指标一个月；合计不得超过指标未编计划的部分。",
    permission="imports.treasury.cash_plan",
    columns=(
        ImportColumn(
            "allotment",
            "指标单号",
            aliases=("指标", "指标编号"),
            required=True,
            example="ZB2023-000012",
            width=20,
        ),
        ImportColumn(
            "month",
            "用款月份",
            aliases=("月份", "计划月份"),
            kind="month",
            required=True,
            example="2023-07",
        ),
        ImportColumn(
            "amount",
            "计划金额（元）",
            aliases=("金额", "计划金额", "金额（元）"),
            kind="amount",
            required=True,
            example="50000.00",
        ),
    ),
    keys=("allotment", "month"),
    control_total="amount",
    validate=_validate_plans,
    write=_write_plans,
    undo=undo_drafts,
    template_example_rows=({"allotment": "ZB2023-000012", "month": "2023-07", "amount": "50000.00"},),
)
