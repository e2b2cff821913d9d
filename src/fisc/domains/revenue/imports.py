"""The files the module takes: 国库日报 (receipts of any number of days) and 年度收入任务."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fisc.domains.revenue import services, tasks
from fisc.domains.revenue.levels import LEVEL_CHOICES, ONE_LEVEL, SHARED
from fisc.domains.revenue.receipts import ReceiptRow, check_receipts, held_serials
from fisc.domains.revenue.sharing import SharingTable
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

_KEYS = {"code": "code", "serial": "serial", "amount": "amount", "level": "level", "fund": "fund"}
MONTH_KEYS = tuple(f"m{month:02d}" for month in range(1, 13))
QUARTER_KEYS = tuple(f"q{number}" for number in range(1, 5))


def _receipt(row: ImportRow) -> ReceiptRow:
    return ReceiptRow(
        on=row["on"],
        fund=row.get("fund", "general"),
        revenue_code=row["code"],
        payer=row.get("payer", ""),
        amount_fen=row["amount"],
        serial=row["serial"],
        level=row.get("level", SHARED),
    )


def validate_receipts(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return the problems of the rows: codes by year and fund, sharing, balances stated twice."""
    receipts = [_receipt(row) for row in rows]
    found = [
        CellProblem(
            row=rows[problem.index].number,
            key=_KEYS[problem.key],
            message=problem.message,
            suggestion=problem.suggestion,
            suggestion_label=problem.suggestion_label,
            also_rows=tuple(rows[index].number for index in problem.also),
        )
        for problem in check_receipts(receipts, table=SharingTable.read())
    ]
    return found + _balance_problems(rows)


def _balance_problems(rows: Sequence[ImportRow]) -> list[CellProblem]:
    stated: dict[dt.date, tuple[int, int]] = {}
    problems = []
    for row in rows:
        balance = row.get("balance")
        if balance is None:
            continue
        day = row["on"]
        if day in stated and stated[day][0] != balance:
            problems.append(
                CellProblem(
                    row.number,
                    "balance",
                    f"{day} 的库存余额与第{stated[day][1]}行不同，同一天只能有一个余额。",
                )
            )
        stated.setdefault(day, (balance, row.number))
    return problems


def existing_receipts(keys: Sequence[tuple[Any, ...]], ctx: ImportContext) -> Mapping[tuple[Any, ...], str]:
    """This will say which serials are booked already, and in which document."""
    return {
        (serial,): f"国库日报 {number}" for serial, number in held_serials([key[0] for key in keys]).items()
    }


def write_receipts(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will make one daily report per day and book it."""
    balances = {row["on"]: row["balance"] for row in rows if row.get("balance") is not None}
    made = services.import_daily_reports(
        rows=[_receipt(row) for row in rows],
        actor=ctx.actor,
        at=ctx.at,
        stated_balances=balances,
        source=ctx.filename,
        is_checked=True,
        progress=ctx.progress,
    )
    days = len(made.document_ids)
    return Written(
        document_ids=made.document_ids,
        facts={"receipts": made.receipt_count, "total_fen": made.total_fen},
        message=f"已入账 {days} 天、{made.receipt_count} 笔，净额 {made.total_fen / 100:,.2f} 元。",
    )


def undo_receipts(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """This will reverse the reports of the batch, all or none. :raises Refusal: what depends on one of them."""
    result = perform_many(
        kind=services.KIND,
        ids=batch.document_ids,
        step="reverse",
        actor=actor,
        at=at,
        comment=f"撤销导入 {batch.number}",
    )
    if result.refused:
        raise next(iter(result.refused.values()))


DAILY_REPORTS = ImportSpec(
    code="revenue.daily_report",
    title="国库日报",
    permission="imports.revenue.daily_report",
    description="国库（人行或代理国库）的收入日报，逐笔流水，可一次导入多天。退库填负数。级次留空或“共享”的按分成比例表分级。",
    columns=(
        ImportColumn(
            "on", "日期", ("入库日期", "报表日期", "记账日期"), "date", required=True, example="2023-06-30"
        ),
        ImportColumn(
            "code",
            "预算科目编码",
            ("预算科目代码", "科目编码", "科目代码", "预算科目"),
            "code",
            required=True,
            code_kind="revenue",
            fund_key="fund",
            example="1010101",
            help="末级科目",
        ),
        ImportColumn("name", "科目名称", ("预算科目名称",), example="国内增值税", help="只供核对"),
        ImportColumn(
            "level",
            "级次",
            ("预算级次", "级次/共享", "共享", "分成级次"),
            "choice",
            choices=LEVEL_CHOICES,
            default=SHARED,
            example="共享",
            help="国库已分级的填中央级、省级、区级；未分级的填共享或留空",
        ),
        ImportColumn(
            "payer",
            "缴款人",
            ("纳税人", "缴款单位", "纳税人名称"),
            max_length=200,
            example="海州甲机械有限公司",
        ),
        ImportColumn(
            "amount",
            "金额",
            ("发生额", "入库金额", "本日收入"),
            "amount",
            required=True,
            negative=True,
            example="12345.67",
        ),
        ImportColumn(
            "serial",
            "凭证号",
            ("流水号", "税票号", "缴款书号", "凭证编号"),
            required=True,
            max_length=60,
            example="GK2023063000001",
        ),
        ImportColumn(
            "fund",
            "资金性质",
            ("预算种类", "资金类别"),
            "code",
            code_kind="fund",
            default="general",
            example="一般公共预算",
            help="留空为一般公共预算",
        ),
        ImportColumn(
            "balance",
            "库存余额",
            ("当日库存余额", "国库库存"),
            "amount",
            negative=True,
            zero=True,
            help="当天国库报表的库存余额，写在当天任一行即可，用于核对",
        ),
    ),
    keys=("serial",),
    existing=existing_receipts,
    control_total="amount",
    period_key="on",
    validate=validate_receipts,
    write=write_receipts,
    undo=undo_receipts,
    template_example_rows=(
        {
            "on": "2023-06-30",
            "code": "1010101",
            "name": "国内增值税",
            "level": "共享",
            "payer": "海州甲机械有限公司",
            "amount": "12345.67",
            "serial": "GK2023063000001",
        },
        {
            "on": "2023-06-30",
            "code": "1010101",
            "name": "国内增值税",
            "level": "共享",
            "payer": "海州乙电子有限公司",
            "amount": "-800.00",
            "serial": "GK2023063000002",
        },
    ),
)


def _task_row(row: ImportRow, year: int) -> tasks.TaskRow:
    months = tuple(row.get(key) for key in MONTH_KEYS)
    stated = row.get("year")
    if all(month is None for month in months) and stated is not None:
        season = tasks.season(
            level=row["level"], fund=row.get("fund", "general"), revenue_codes=[row["code"]], year=year - 1
        )
        months = tasks.split_year(stated, season[row["code"]])
    return tasks.TaskRow(
        level=row["level"],
        fund=row.get("fund", "general"),
        revenue_code=row["code"],
        months_fen=tuple(month or 0 for month in months),
        year_fen=stated,
        quarters_fen=tuple(row.get(key) for key in QUARTER_KEYS),
    )


def validate_tasks(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    """This will return the problems of the rows: sums of months, quarters and year; codes; items twice."""
    year = ctx.fiscal_year
    found = tasks.check_task_rows([_task_row(row, year) for row in rows], year=year)
    return [
        CellProblem(
            row=rows[problem.index].number,
            key=problem.key,
            message=problem.message,
            suggestion=problem.suggestion,
            suggestion_label=problem.suggestion_label,
        )
        for problem in found
    ]


def write_tasks(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    """This will draft a new version of the year's tasks; it comes into force when it is approved."""
    year = ctx.fiscal_year
    document_id = tasks.create_task(
        year=year,
        rows=[_task_row(row, year) for row in rows],
        actor=ctx.actor,
        at=ctx.at,
        basis=str(ctx.params.get("basis") or ""),
    )
    return Written(document_ids=(document_id,), message=f"已生成{year}年收入任务草稿，请送审。")


def undo_tasks(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """This will void the draft. :raises Refusal: when it is under review or in force."""
    result = perform_many(
        kind=tasks.KIND,
        ids=batch.document_ids,
        step="void",
        actor=actor,
        at=at,
        comment=f"撤销导入 {batch.number}",
    )
    if result.refused:
        raise next(iter(result.refused.values()))


_AMOUNT: dict[str, Any] = {"kind": "amount", "zero": True}

TASKS = ImportSpec(
    code="revenue.task",
    title="年度收入任务",
    permission="imports.revenue.task",
    description=(
        "年度收入任务分解到级次、科目、月份。填了季度和全年的，与各月之和核对；"
        "只填全年的，按上年各月实绩分解到月（上年无数的平均分解）。每次导入生成一个新版本，批准后替代旧版本。"
    ),
    columns=(
        ImportColumn(
            "level",
            "级次",
            ("预算级次",),
            "choice",
            required=True,
            choices=tuple(choice for choice in LEVEL_CHOICES if choice[0] in ONE_LEVEL),
            example="区级",
        ),
        ImportColumn(
            "code",
            "科目编码",
            ("预算科目编码", "收入科目", "科目代码"),
            "code",
            required=True,
            code_kind="revenue",
            fund_key="fund",
            leaf_only=False,
            example="1010101",
        ),
        ImportColumn("name", "科目名称", ("项目", "收入项目"), example="国内增值税", help="只供核对"),
        ImportColumn("fund", "资金性质", ("预算种类",), "code", code_kind="fund", default="general"),
        ImportColumn("year", "全年任务", ("年度任务", "全年", "合计"), **_AMOUNT, example="12000000.00"),
        *(
            ImportColumn(key, f"{head}季度", (f"{number}季度", f"第{head}季度"), **_AMOUNT)
            for number, (key, head) in enumerate(zip(QUARTER_KEYS, "一二三四", strict=True), start=1)
        ),
        *(
            ImportColumn(key, f"{int(key[1:])}月", (f"{int(key[1:])}月任务",), **_AMOUNT)
            for key in MONTH_KEYS
        ),
    ),
    params=(ImportColumn("basis", "下达依据", help="文号或会议，可留空"),),
    keys=("level", "fund", "code"),
    control_total="year",
    validate=validate_tasks,
    write=write_tasks,
    undo=undo_tasks,
    template_example_rows=(
        {"level": "区级", "code": "1010101", "name": "国内增值税", "year": "12000000.00"},
    ),
)

IMPORTS = (DAILY_REPORTS, TASKS)
