"""What must always hold in the ledger, as queries that return the rows that break it: none when all is well."""

from dataclasses import dataclass
from pathlib import Path

SQL = Path(__file__).parent / "sql" / "checks"


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """A sentence about the books, who mends it when it breaks, and the query that finds what breaks it."""

    code: str
    title: str
    owner: str
    sql: str
    explain: str


def invariants() -> list[Invariant]:
    """Return the standing checks of the ledger, the quick ones first."""
    return [
        Invariant(
            code=f"ledger.{name}",
            title=title,
            owner="国库科",
            sql=(SQL / f"{name}.sql").read_text(encoding="utf-8"),
            explain=explain,
        )
        for name, title, explain in CHECKS
    ]


CHECKS = (
    ("balances_sum_to_zero", "每本账借贷平衡", "有人绕过记账函数改动了余额，请运行 fisc verify 查明。"),
    (
        "holds_match_balances",
        "账户的预占等于未了结预占之和",
        "请运行 fisc verify；核实后由管理员从备份比对。",
    ),
    ("vouchers_have_no_gaps", "每年的凭证号从 1 起连续", "缺号的凭证可能被删除，请运行 fisc verify 查明。"),
    ("periods_match_dates", "凭证的期间与日期一致", "请运行 fisc verify 查明被改动的凭证。"),
    ("entries_have_transfers", "每张凭证有分录，每条分录有凭证", "请运行 fisc verify 查明缺失的凭证或分录。"),
    ("lines_are_unique", "同一凭证的分录序号不重复", "请运行 fisc verify 查明被改动的凭证。"),
    ("reversals_mirror", "红字冲销与原凭证金额相同、方向相反", "请运行 fisc verify 查明被改动的凭证。"),
    (
        "turnovers_match_transfers",
        "各月发生额和余额等于分录之和",
        "运行 fisc verify 证明分录无误后，用 fisc rebuild 重算发生额。",
    ),
)
