"""Figures that the standard reports add to those of the modules that keep the books: differences only."""

from fisc.kernel.metrics.formulas import Difference, Increase
from fisc.kernel.metrics.spec import Flow, Metric

METRICS: tuple[Metric, ...] = (
    Metric(
        "expenditure.general.increase", "一般公共预算支出同比增减额", "fen", "本期累计减上年同期累计",
        Increase("expenditure.general"),
    ),
    Metric(
        "revenue.general.increase", "一般公共预算收入同比增减额", "fen", "本期累计减上年同期累计",
        Increase("revenue.general"),
    ),
    Metric(
        "expenditure.general.budget.initial", "一般公共预算支出年初预算", "fen",
        "指标账 602 年初预算数：批复时来源为“年初预算”的部分，以后的追加、追减和调剂不计入",
        Flow(book="allotment", subjects=("602",), fund="general", period="year", by_unit=True),
    ),
    Metric(
        "expenditure.general.budget.adjustment", "一般公共预算支出预算调整数", "fen", "调整预算数减年初预算数",
        Difference("expenditure.general.budget", "expenditure.general.budget.initial"),
    ),
)  # fmt: skip
