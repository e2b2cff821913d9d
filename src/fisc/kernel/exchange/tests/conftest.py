"""An import of budget lines into a table of the test's own, a small bureau, and workbooks made on the spot."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import xlsxwriter
from django.db import connection

from fisc.base.errors import Refusal
from fisc.kernel.exchange import known, run, upload
from fisc.kernel.exchange.spec import CellProblem, ImportColumn, ImportSpec, Written
from fisc.kernel.ledger import periods
from fisc.kernel.orgs import units
from fisc.kernel.orgs.access import system_actor

AT = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)
HEADS = ("预算单位", "指标文号", "资金性质", "功能科目", "经济分类", "金额（元）", "下达日期")
KEYS = ("unit", "number", "fund", "function", "economic", "amount", "on")
GOOD = ("区教育局", "云财教〔2023〕1号", "一般公共预算", "2050203", "30201", 1000.5, "2023-05-06")


def lines() -> list[tuple]:
    """What the import wrote."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit_id, number, fund, function, economic, amount_fen, batch FROM test_line ORDER BY id"
        )
        return cursor.fetchall()


def _write(rows, context):
    values = [
        {
            **{key: row[key] for key in ("unit", "number", "fund", "function", "economic", "amount")},
            "batch": context.batch_id,
        }
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO test_line (unit_id, number, fund, function, economic, amount_fen, batch) "
            "SELECT unit, number, fund, function, economic, amount, batch FROM jsonb_to_recordset(%s::jsonb) AS "
            "x (unit bigint, number text, fund text, function text, economic text, amount bigint, batch bigint)",
            [json.dumps(values)],
        )
    if any(row["number"] == "拒绝" for row in rows):
        raise Refusal("指标已冻结，不能导入。")
    return Written(facts={"rows": len(rows)}, message=f"已导入 {len(rows)} 条。")


def _existing(keys, context):
    held = {(unit, number, function): f"指标 第{id_}条" for id_, unit, number, function in _held()}
    return {key: held[key] for key in keys if key in held}


def _held():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, unit_id, number, function FROM test_line")
        return cursor.fetchall()


def _validate(rows, context):
    return [
        CellProblem(
            row=row.number, key="amount", message="金额超过一亿元，请确认。", severity="warn", code="large"
        )
        for row in rows
        if row["amount"] > 10_000_000_000
    ]


def _undo(batch, actor, at):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM test_line WHERE batch = %s AND number = '已支付'", [batch.id])
        if cursor.fetchone()[0]:
            raise Refusal("指标“已支付”已经有支付，不能撤销本批。")
        cursor.execute("DELETE FROM test_line WHERE batch = %s", [batch.id])


SPEC = ImportSpec(
    code="test.line",
    title="预算指标",
    description="从预算系统导出的指标表。",
    permission="test.line.import",
    columns=(
        ImportColumn("unit", "预算单位", ("单位名称", "单位"), kind="unit", required=True, help="写全称"),
        ImportColumn("number", "指标文号", ("文号",), required=True, max_length=40),
        ImportColumn("fund", "资金性质", kind="code", code_kind="fund", default="general"),
        ImportColumn("function", "功能科目", ("支出功能分类", "功能科目编码"), kind="code", code_kind="function",
                     required=True, fund_key="fund", example="2050203"),
        ImportColumn("economic", "经济分类", kind="code", code_kind="economic_department", required=True),
        ImportColumn("amount", "金额", ("指标金额", "下达金额"), kind="amount", required=True, example="1000.00"),
        ImportColumn("on", "下达日期", ("日期",), kind="date"),
    ),
    keys=("unit", "number", "function"),
    existing=_existing,
    control_total="amount",
    period_key="on",
    validate=_validate,
    write=_write,
    undo=_undo,
)  # fmt: skip
LOOSE = replace(
    SPEC, code="test.loose", title="预算指标（可部分导入）", all_or_nothing=False, allow_formulas=True
)


@pytest.fixture
def ready(db):
    """The bureau, an open year, the table and the installed imports; gives the machine's actor."""
    actor = system_actor()
    drafts = [
        units.UnitDraft("100", "区财政局", kind="bureau"),
        units.UnitDraft("301", "区教育局", kind="department"),
        units.UnitDraft("001001", "实验小学", kind="unit"),
    ]
    units.save_units(drafts=drafts, actor=actor, at=AT)
    periods.open_year(2023)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE test_line (id bigint GENERATED ALWAYS AS IDENTITY, unit_id bigint, number text, fund text, "
            "function text, economic text, amount_fen bigint, batch bigint)"
        )
    with known.also(SPEC, LOOSE):
        yield actor


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook filled by a function."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        fill(book)
    return buffer.getvalue()


def table(
    *rows: Sequence, heads: Sequence = HEADS, above: Sequence[Sequence] = (), sheet: str = "指标"
) -> bytes:
    """A workbook with one sheet: lines above, heads, rows."""

    def fill(book):
        page = book.add_worksheet(sheet)
        for number, row in enumerate([*above, heads, *rows]):
            page.write_row(number, 0, row)

    return workbook(fill)


def good(**changes) -> tuple:
    """A good row with some cells changed, by column key."""
    return tuple(changes.get(key, cell) for key, cell in zip(KEYS, GOOD, strict=True))


@pytest.fixture
def bring(ready):
    """bring(content, …) uploads and checks; gives the batch."""

    def _bring(content: bytes, filename: str = "指标.xlsx", spec: str = "test.line", **options):
        batch = upload.start(
            spec=spec, content=content, filename=filename, actor=ready, at=AT, fiscal_year=2023, **options
        )
        return run.validate(batch.pk, actor=ready, at=AT)

    return _bring


@pytest.fixture
def told(ready):
    """told(batch) gives the problems' sentences, errors only unless another severity is named."""
    from fisc.kernel.exchange import browse

    def _told(batch, severity="error"):
        found, _ = browse.problems(batch.pk, actor=ready, severity=severity, limit=500)
        return [problem.sentence for problem in found]

    return _told
