"""What must always hold between receipts, tasks and the ledger; each a query that returns the rows that break it."""

from pathlib import Path

from fisc.kernel.rules.spec import Invariant

SQL = (Path(__file__).parent / "sql" / "invariants.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
OWNER = "收入管理"


def _invariant(code: str, title: str, explain: str) -> Invariant:
    return Invariant(
        code=f"revenue.{code}",
        title=title,
        owner=OWNER,
        sql=QUERIES[code],
        explain=explain,
    )


INVARIANTS = (
    _invariant(
        "receipts_equal_ledger",
        "入库流水（有效）等于收入账",
        "逐科目比对入库流水与收入账余额；有差异的科目请核对当日国库日报的凭证。",
    ),
    _invariant(
        "tasks_equal_ledger",
        "现行收入任务等于任务账",
        "现行版本的任务与 8001—8003 余额应一致。",
    ),
    _invariant(
        "total_not_below_general",
        "财政总收入不小于一般公共预算收入",
        "上划中央、省的收入为负，请核对留抵退税等退库的级次分担。",
    ),
    _invariant(
        "general_is_tax_and_nontax",
        "税收加非税等于一般公共预算收入",
        "区级一般公共预算收入只有 101 税收和 103 非税两类；其他科目请用收入更正调整。",
    ),
    _invariant(
        "stated_balance_equals_cash",
        "国库报表库存余额等于账上国库存款",
        "核对当日收入入库与支付清算是否都已入账。",
    ),
)
