"""What must always hold in the preparation; each a query that returns the rows that break it."""

from pathlib import Path

from fisc.kernel.rules.spec import Invariant

SQL = (Path(__file__).parent / "sql" / "invariants.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
OWNER = "预算股"


def _invariant(code: str, title: str, explain: str) -> Invariant:
    return Invariant(code=f"preparation.{code}", title=title, owner=OWNER, sql=QUERIES[code], explain=explain)


INVARIANTS = (
    _invariant(
        "approved_is_replied_and_pending",
        "Σ批复＋待分配＝人大批准数（分资金性质、功能科目）",
        "逐科目比对批复明细与人大批准数；有差异的，核对批复单是否被绕过系统更改。",
    ),
    _invariant(
        "second_within_control",
        "二上不超过一下（分单位、项目）",
        "二上合计与控制数登记不符或超过控制数，请核对明细的更改记录。",
    ),
    _invariant(
        "versions_unchanged",
        "冻结版本与摘要相符",
        "版本的行数、合计或摘要与冻结时不同，数据被绕过系统更改，请从备份比对。",
    ),
    _invariant("protected_uncut", "三保、刚性支出没有压减", "三保或刚性支出的审定数低于一上数，请恢复。"),
)
