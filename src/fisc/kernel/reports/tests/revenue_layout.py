"""A report of receipts by item, as the revenue module declares one; for tests."""

from fisc.kernel.reports.spec import Column, ColumnGroup, Level, ReportLayout

REVENUE_LEVELS = (Level("revenue", "类", 3), Level("revenue", "款", 5), Level("revenue", "项", 7))

REVENUE_BY_ITEM = ReportLayout(
    code="revenue-by-item",
    title="一般公共预算收入完成情况",
    levels=(*REVENUE_LEVELS, Level("transfer", "入库记录")),
    groups=(
        ColumnGroup("任务", (Column("task", "年度任务", "revenue.general.task"),)),
        ColumnGroup(
            "完成",
            (
                Column("month", "当月", "revenue.general", only_month=True),
                Column("done", "累计完成", "revenue.general"),
                Column(
                    "rate",
                    "完成%",
                    "revenue.general.completion",
                    kind="rate",
                    formula='IF({task}>0,{done}/{task}*100,"")',
                ),
            ),
        ),
        ColumnGroup(
            "与上年同期比",
            (
                Column("before", "上年同期", "revenue.general", last_year=True),
                Column(
                    "increase", "增减额", "revenue.general.increase", formula="{done}-{before}", signed=True
                ),
                Column(
                    "growth",
                    "增减%",
                    "revenue.general.growth",
                    kind="percent",
                    formula='IF({before}>0,({done}-{before})/{before}*100,"")',
                    signed=True,
                ),
            ),
        ),
    ),
    fund="general",
    source="国库入库流水",
    entry_column="done",
)
