"""The module's reports: 收入完成情况 by item, the same for all levels, and item × month."""

from fisc.domains.revenue.metrics import ALL
from fisc.kernel.reports.spec import Column, ColumnGroup, Level, ReportLayout

_LEVELS = (
    Level("revenue", "类", 3),
    Level("revenue", "款", 5),
    Level("revenue", "项", 7),
    Level("transfer", "国库日报"),
)
_SOURCE = "收入账（国库日报逐笔入账，按分成比例分级）"


def _completion(code: str, title: str, head: str) -> ReportLayout:
    return ReportLayout(
        code=code,
        title=title,
        levels=_LEVELS,
        fund="general",
        row_head="收入科目",
        source=_SOURCE,
        default_level=2,
        code_prefixes=ALL,
        groups=(
            ColumnGroup("任务", (Column("task", "年度任务", f"{head}.task"),)),
            ColumnGroup(
                "完成",
                (
                    Column("month", "当月", f"{head}.month"),
                    Column("done", "累计", head),
                    Column(
                        "rate", "完成任务%", f"{head}.completion", kind="rate", formula="{done}/{task}*100"
                    ),
                    Column("pace", "序时差", f"{head}.pace", kind="points", signed=True),
                ),
            ),
            ColumnGroup(
                "与上年同期比",
                (
                    Column("before", "上年同期", head, last_year=True),
                    Column(
                        "growth",
                        "增长%",
                        f"{head}.growth",
                        kind="percent",
                        formula="({done}-{before})/{before}*100",
                        signed=True,
                    ),
                ),
            ),
        ),
    )


GENERAL = _completion("revenue.general_completion", "一般公共预算收入完成情况", "revenue.general")
TOTAL = _completion("revenue.total_completion", "财政总收入完成情况", "revenue.total")

BY_MONTH = ReportLayout(
    code="revenue.by_month",
    title="一般公共预算收入分月情况",
    levels=_LEVELS,
    fund="general",
    row_head="收入科目",
    source=_SOURCE,
    default_level=2,
    code_prefixes=ALL,
    groups=(
        ColumnGroup("累计", (Column("done", "累计", "revenue.general"),)),
        ColumnGroup(
            "各月",
            tuple(
                Column(f"m{month:02d}", f"{month}月", "revenue.general.month", month=month)
                for month in range(1, 13)
            ),
        ),
    ),
)

REPORTS = (GENERAL, TOTAL, BY_MONTH)
