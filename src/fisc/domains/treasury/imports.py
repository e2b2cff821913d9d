"""The files treasury accepts: payees of a batch, the bank's receipts, statements of the treasury account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from fisc.base.errors import Refusal
from fisc.domains.treasury import bank, batches, clearing
from fisc.domains.treasury.models import Batch, Statement
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

ALLOTMENT_KIND = "budget.allotment"


# --- 批量支付 -------------------------------------------------------------------------------------------------


def _write_batch(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    number = str(ctx.params.get("allotment") or "")
    allotment = Document.objects.filter(kind=ALLOTMENT_KIND, number=number).first()
    if allotment is None or not ctx.actor.sees(allotment.unit_id):
        raise Refusal(
            f"没有指标 {number}，请填写指标单号（如 ZB2023-000012）。", code="treasury.unknown_allotment"
        )
    draft = Draft(
        unit_id=allotment.unit_id,
        fiscal_year=allotment.fiscal_year,
        business_on=timezone.localdate(ctx.at),
        title=ctx.params["purpose"],
        amount_fen=0,
        row={
            "allotment_id": allotment.pk,
            "economic_code": ctx.params.get("economic") or None,
            "category": ctx.params.get("category") or Batch.Purpose.OTHER,
            "lines": [
                {
                    "payee_name": row["name"],
                    "payee_account": row["account"],
                    "payee_bank": row.get("bank", ""),
                    "amount_fen": row["amount"],
                    "note": row.get("note", ""),
                }
                for row in rows
            ],
        },
    )
    ids = batches.create_batches(drafts=[draft], actor=ctx.actor, at=ctx.at)
    return Written(document_ids=ids, message=f"已生成批量支付一张，{len(rows)} 个收款人，请送审。")


def undo_drafts(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """:raises Refusal: a document of the batch is on its way already."""
    for header in Document.objects.filter(id__in=batch.document_ids).order_by("id"):
        if header.state == "voided":
            continue
        result = perform_many(
            kind=header.kind,
            ids=[header.pk],
            step="void",
            actor=actor,
            at=at,
            comment=f"撤销导入批次 {batch.number}",
        )
        if header.pk in result.refused:
            raise result.refused[header.pk]


BATCH_PAYEES = ImportSpec(
    code="treasury.batch",
    title="批量支付导入",
    description="工资、补贴等一次付给许多人的名册，一行一个收款人；全部导入或全部不导入。",
    permission="imports.treasury.batch",
    columns=(
        ImportColumn(
            "name",
            "收款人",
            aliases=("姓名", "户名", "收款人名称"),
            required=True,
            max_length=120,
            example="陈晓",
        ),
        ImportColumn(
            "account",
            "收款账号",
            aliases=("账号", "卡号", "银行账号"),
            kind="account",
            required=True,
            example="6217000012345678901",
            width=26,
        ),
        ImportColumn("bank", "开户行", aliases=("开户银行",), max_length=120, width=24),
        ImportColumn(
            "amount",
            "金额（元）",
            aliases=("金额", "实发金额", "实发数"),
            kind="amount",
            required=True,
            example="5210.00",
        ),
        ImportColumn("note", "备注", max_length=100),
    ),
    params=(
        ImportColumn("allotment", "指标单号", required=True, example="ZB2023-000012"),
        ImportColumn("purpose", "用途", required=True, example="2023年6月工资"),
        ImportColumn(
            "economic",
            "部门经济分类",
            kind="code",
            code_kind="economic_department",
            help="留空用指标的经济分类",
        ),
        ImportColumn(
            "category",
            "批量类别",
            kind="choice",
            choices=tuple(Batch.Purpose.choices),
            default=Batch.Purpose.OTHER.value,
        ),
    ),
    keys=("account", "name", "amount"),
    control_total="amount",
    write=_write_batch,
    undo=undo_drafts,
    template_example_rows=({"name": "陈晓", "account": "6217000012345678901", "amount": "5210.00"},),
)


# --- 银行回单 -------------------------------------------------------------------------------------------------

PAID, FAILED = "paid", "failed"


def _receipts(rows: Sequence[ImportRow]) -> list[bank.Receipt]:
    return [
        bank.Receipt(
            reference=row["reference"],
            is_paid=row["result"] == PAID,
            amount_fen=row["amount"],
            paid_on=row["paid_on"],
            bank_serial=row.get("serial", ""),
            reason=row.get("reason", ""),
        )
        for row in rows
    ]


CELL_OF = {"unknown": "reference", "amount": "amount", "repeat": "reference", "contradiction": "result"}


def _validate_receipts(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    problems = [
        CellProblem(
            rows[problem.index].number,
            CELL_OF[problem.code],
            problem.message,
            "note" if problem.is_repeat else "error",
            code=f"receipt_{problem.code}",
        )
        for problem in bank.check_receipts(_receipts(rows))
    ]
    problems += [
        CellProblem(row.number, "reason", "失败的回单没有写明原因。", "warn")
        for row in rows
        if row["result"] == FAILED and not row.get("reason")
    ]
    return problems


def _write_receipts(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    result = bank.receive(receipts=_receipts(rows), actor=ctx.actor, at=ctx.at)
    return Written(
        facts={"paid": result.paid, "failed": result.failed, "skipped": result.skipped},
        message=f"成功 {result.paid} 笔、退票 {result.failed} 笔、重复跳过 {result.skipped} 笔。",
    )


RECEIPTS = ImportSpec(
    code="treasury.bank_receipt",
    title="银行回单导入",
    description="代理银行对支付指令的逐笔回单；同一回单重复导入不会重复入账。入账后不能撤销，错账请银行出更正回单。",
    permission="imports.treasury.bank_receipt",
    columns=(
        ImportColumn("reference", "指令号", required=True, example="ZF2023-000123", width=20),
        ImportColumn(
            "result",
            "结果",
            aliases=("处理结果", "交易结果"),
            kind="choice",
            required=True,
            choices=((PAID, "成功"), (FAILED, "失败")),
            example="成功",
        ),
        ImportColumn(
            "amount", "金额（元）", aliases=("金额",), kind="amount", required=True, example="1200.00"
        ),
        ImportColumn(
            "paid_on",
            "支付日期",
            aliases=("交易日期", "日期"),
            kind="date",
            required=True,
            example="2023-06-30",
        ),
        ImportColumn("serial", "银行流水号", aliases=("流水号",), max_length=60, width=24),
        ImportColumn("reason", "失败原因", max_length=200, width=24),
    ),
    keys=("reference",),
    control_total="amount",
    all_or_nothing=False,
    period_key="paid_on",
    validate=_validate_receipts,
    write=_write_receipts,
    template_example_rows=(
        {
            "reference": "ZF2023-000123",
            "result": "成功",
            "amount": "1200.00",
            "paid_on": "2023-06-30",
            "serial": "20230630000001",
        },
        {
            "reference": "ZF2023-000124",
            "result": "失败",
            "amount": "860.00",
            "paid_on": "2023-06-30",
            "reason": "户名与账号不符",
        },
    ),
)


# --- 国库对账单 -----------------------------------------------------------------------------------------------


def _validate_statements(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    return [
        CellProblem(
            row.number,
            "closing",
            "期初加收入减支出不等于期末，请核对。",
            also_keys=("opening", "inflow", "outflow"),
        )
        for row in rows
        if row["opening"] + row["inflow"] - row["outflow"] != row["closing"]
    ]


def _existing_statements(
    keys: Sequence[tuple[Any, ...]], ctx: ImportContext
) -> Mapping[tuple[Any, ...], str]:
    found = Statement.objects.filter(statement_on__in={key[0] for key in keys}).exclude(
        document__state="voided"
    )
    return {
        (row.statement_on, row.fund): f"对账单 {row.document.number}"
        for row in found.select_related("document")
    }


def _write_statements(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    drafts = [
        Draft(
            unit_id=0,
            fiscal_year=row["on"].year,
            business_on=row["on"],
            title="",
            amount_fen=row["closing"],
            row={
                "statement_on": row["on"],
                "fund": row["fund"],
                "opening_fen": row["opening"],
                "inflow_fen": row["inflow"],
                "outflow_fen": row["outflow"],
                "closing_fen": row["closing"],
            },
        )
        for row in rows
    ]
    ids = clearing.create_statements(drafts=drafts, actor=ctx.actor, at=ctx.at)
    perform_many(kind=clearing.STATEMENT, ids=ids, step="compare", actor=ctx.actor, at=ctx.at)
    differing = Document.objects.filter(id__in=ids, state="differs").count()
    message = f"已登记 {len(ids)} 张对账单，" + (
        f"其中 {differing} 张与账面不符。" if differing else "全部与账面相符。"
    )
    return Written(document_ids=ids, message=message)


STATEMENTS = ImportSpec(
    code="treasury.statement",
    title="国库对账单导入",
    description="人民银行国库的库存对账单，一行是一天一种资金性质；导入后自动与账面核对。",
    permission="imports.treasury.statement",
    columns=(
        ImportColumn("on", "日期", aliases=("对账日期",), kind="date", required=True, example="2023-06-30"),
        ImportColumn(
            "fund", "资金性质", kind="code", code_kind="fund", required=True, example="一般公共预算"
        ),
        ImportColumn(
            "opening",
            "期初余额（元）",
            aliases=("期初余额", "上日余额"),
            kind="amount",
            required=True,
            zero=True,
            negative=True,
        ),
        ImportColumn(
            "inflow",
            "收入（元）",
            aliases=("收入", "本日收入"),
            kind="amount",
            required=True,
            zero=True,
            negative=True,
        ),
        ImportColumn(
            "outflow",
            "支出（元）",
            aliases=("支出", "本日支出"),
            kind="amount",
            required=True,
            zero=True,
            negative=True,
        ),
        ImportColumn(
            "closing",
            "期末余额（元）",
            aliases=("期末余额", "本日余额"),
            kind="amount",
            required=True,
            zero=True,
            negative=True,
        ),
    ),
    keys=("on", "fund"),
    existing=_existing_statements,
    validate=_validate_statements,
    write=_write_statements,
    undo=undo_drafts,
    template_example_rows=(
        {
            "on": "2023-06-30",
            "fund": "一般公共预算",
            "opening": "1000000.00",
            "inflow": "250000.00",
            "outflow": "120000.00",
            "closing": "1130000.00",
        },
    ),
)
