"""The standard reports of execution: by function, by unit, class × month. Receipts are the revenue module's.

They name metrics by code only; the modules that keep the books declare them.
"""

from __future__ import annotations

from fisc.kernel.reports.spec import Column, ColumnGroup, Level, ReportLayout

FUNCTION_LEVELS = (Level("function", "类", 3), Level("function", "款", 5), Level("function", "项", 7))
TO_PAYMENTS = (Level("allotment", "指标"), Level("payment", "支付"))

_BUDGET = ColumnGroup(
    "预算数",
    (
        Column("initial", "年初预算", "expenditure.general.budget.initial"),
        Column("adjustment", "调整", "expenditure.general.budget.adjustment", formula="{adjusted}-{initial}"),
        Column("adjusted", "调整预算", "expenditure.general.budget"),
    ),
)
_EXECUTION = ColumnGroup(
    "执行",
    (
        Column("paid", "累计支出", "expenditure.general"),
        Column(
            "rate",
            "执行率%",
            "expenditure.general.completion",
            kind="rate",
            formula='IF({adjusted}>0,{paid}/{adjusted}*100,"")',
        ),
    ),
)
_COMPARISON = ColumnGroup(
    "与上年同期比",
    (
        Column("before", "上年同期", "expenditure.general", last_year=True),
        Column("increase", "增减额", "expenditure.general.increase", formula="{paid}-{before}", signed=True),
        Column(
            "growth",
            "增减%",
            "expenditure.general.growth",
            kind="percent",
            formula='IF({before}>0,({paid}-{before})/{before}*100,"")',
            signed=True,
        ),
    ),
)

EXPENDITURE_BY_FUNCTION = ReportLayout(
    code="expenditure-by-function",
    title="一般公共预算支出执行情况",
    levels=(*FUNCTION_LEVELS, *TO_PAYMENTS),
    groups=(_BUDGET, _EXECUTION, _COMPARISON),
    fund="general",
    entry_column="paid",
)

EXPENDITURE_BY_UNIT = ReportLayout(
    code="expenditure-by-unit",
    title="预算单位支出执行情况",
    levels=(Level("unit", "主管部门"), Level("unit", "预算单位"), Level("function", "项", 7), *TO_PAYMENTS),
    groups=(_BUDGET, _EXECUTION, _COMPARISON),
    fund="general",
    row_head="单位",
    entry_column="paid",
)

EXPENDITURE_BY_MONTH = ReportLayout(
    code="expenditure-by-month",
    title="一般公共预算支出分月情况",
    levels=(*FUNCTION_LEVELS, *TO_PAYMENTS),
    groups=(
        ColumnGroup(
            "当月支出",
            tuple(
                Column(f"m{month:02d}", f"{month}月", "expenditure.general", month=month, only_month=True)
                for month in range(1, 13)
            ),
        ),
        ColumnGroup("累计", (Column("paid", "累计支出", "expenditure.general"),)),
    ),
    fund="general",
    entry_column="paid",
)

STANDARD: tuple[ReportLayout, ...] = (
    EXPENDITURE_BY_FUNCTION,
    EXPENDITURE_BY_UNIT,
    EXPENDITURE_BY_MONTH,
)
