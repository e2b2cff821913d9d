"""Figures of allotments: approved = paid + held + frozen + planned + available, all funds."""

from fisc.domains.budget.balances.metrics import METRICS as BALANCE_METRICS
from fisc.domains.budget.idle.metrics import METRICS as IDLE_METRICS
from fisc.kernel.metrics.formulas import Difference, Rate, Sum
from fisc.kernel.metrics.spec import Flow, Metric

BOOK = "allotment"


def _at(*subjects: str) -> Flow:
    return Flow(book=BOOK, subjects=subjects, period="year", by_unit=True)


ALLOTMENT_METRICS: tuple[Metric, ...] = (
    Metric(
        "budget.approved", "预算批复数", "fen", "627 待分及以下各科目合计：年初批复加追加、减追减",
        _at("627", "63", "65", "66", "67"),
    ),
    Metric("budget.undistributed", "待分指标", "fen", "已批复、尚未下达为指标的 627 余额", _at("627")),
    Metric("allotment.approved", "已下达指标", "fen", "631 及以下各科目合计", _at("63", "65", "66", "67")),
    Metric("allotment.paid", "指标已支付", "fen", "661 预算支出净额", _at("661")),
    Metric("allotment.frozen", "指标冻结", "fen", "636 冻结余额", _at("636")),
    Metric("allotment.planned", "未到期用款计划", "fen", "650 余额", _at("650")),
    Metric(
        "allotment.unpaid", "指标结余", "fen", "631、635、651 余额：可用加在途", _at("631", "635", "651")
    ),
    Metric(
        "allotment.held", "指标在途", "fen", "已预占、银行尚未付出的支付金额", Sum(("treasury.payments.held",))
    ),
    Metric(
        "allotment.available", "指标可用", "fen", "指标结余减在途", Difference("allotment.unpaid", "allotment.held")
    ),
    Metric(
        "allotment.execution", "指标执行率", "percent", "已支付 ÷ 已下达（F5）",
        Rate("allotment.paid", "allotment.approved"),
    ),
    Metric(
        "budget.distribution", "指标分配率", "percent", "已下达 ÷ 批复（F5）",
        Rate("allotment.approved", "budget.approved"),
    ),
)  # fmt: skip

METRICS: tuple[Metric, ...] = (*ALLOTMENT_METRICS, *BALANCE_METRICS, *IDLE_METRICS)
