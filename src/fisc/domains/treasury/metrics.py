"""Figures of spending and cash (F1, F2, F3, F5, F10, F11, F14 of the figure dictionary), all from the ledger."""

from fisc.kernel.metrics.formulas import (
    Completion,
    Growth,
    IncrementShare,
    MonthsCover,
    PaceGap,
    Rate,
    Share,
    ShareChange,
)
from fisc.kernel.metrics.spec import Flow, Metric, ViewCount

SPENT, DIRECT, BOND, THREE_GUARANTEES = ("661",), 2, 4, 1
APPROVED = ("627", "63", "65", "66", "67")
HOLDING_STATES = ("in_review", "approved", "sent")
QUEUE_FILTERS = (("unit_ids", "unit_id"), ("fund", "fund"))

_SPENT_SCOPE = "指标账 661 预算支出的累计净额（银行已付，扣除当年退款），"


def _spent(**more: object) -> Flow:
    return Flow(book="allotment", subjects=SPENT, by_unit=True, **more)  # type: ignore[arg-type]


def _approved(**more: object) -> Flow:
    """What was arranged by now and not cut: 627 to 661 together, so releasing and paying change nothing in it."""
    return Flow(book="allotment", subjects=APPROVED, period="year", by_unit=True, **more)  # type: ignore[arg-type]


METRICS: tuple[Metric, ...] = (
    Metric(
        "expenditure.general",
        "一般公共预算支出",
        "fen",
        f"{_SPENT_SCOPE}资金性质为一般公共预算",
        _spent(fund="general"),
    ),
    Metric(
        "expenditure.general.growth",
        "一般公共预算支出同比增长",
        "percent",
        "自然口径，与上年同期累计比",
        Growth("expenditure.general"),
    ),
    Metric(
        "expenditure.general.month",
        "一般公共预算支出（当月）",
        "fen",
        "当月 661 净额，资金性质为一般公共预算",
        _spent(fund="general", period="month"),
    ),
    Metric(
        "expenditure.general.budget",
        "一般公共预算支出预算",
        "fen",
        "年初预算加追加、减追减（调整预算数），已批复的全年数",
        _approved(fund="general"),
    ),
    Metric(
        "expenditure.general.completion",
        "一般公共预算支出完成预算",
        "percent",
        "累计支出 ÷ 调整预算数",
        Completion("expenditure.general", "expenditure.general.budget"),
    ),
    Metric(
        "expenditure.general.pace",
        "一般公共预算支出序时差",
        "points",
        "完成预算比例减时间进度（按月）",
        PaceGap("expenditure.general", "expenditure.general.budget"),
    ),
    Metric(
        "expenditure.livelihood",
        "民生支出",
        "fen",
        "一般公共预算支出中功能分类列入民生清单（本地、分年版本）的部分",
        _spent(fund="general", code_list="livelihood"),
    ),
    Metric(
        "expenditure.livelihood.growth",
        "民生支出同比增长",
        "percent",
        "与上年同期累计比",
        Growth("expenditure.livelihood"),
    ),
    Metric(
        "expenditure.livelihood.share",
        "民生支出占比",
        "percent",
        "民生支出 ÷ 一般公共预算支出（F10）",
        Share("expenditure.livelihood", "expenditure.general"),
    ),
    Metric(
        "expenditure.livelihood.share_change",
        "民生支出占比变动",
        "points",
        "本期占比减上年同期占比，百分点",
        ShareChange("expenditure.livelihood", "expenditure.general"),
    ),
    Metric(
        "expenditure.livelihood.increment_share",
        "民生支出增量占比",
        "percent",
        "民生支出增量 ÷ 一般公共预算支出增量（F11），总增量不为正时不计算",
        IncrementShare("expenditure.livelihood", "expenditure.general"),
    ),
    Metric("expenditure.total", "财政总支出", "fen", f"{_SPENT_SCOPE}各资金性质合计", _spent()),
    Metric("expenditure.total.budget", "支出预算合计", "fen", "各资金性质的调整预算数", _approved()),
    Metric(
        "expenditure.total.completion",
        "预算执行率",
        "percent",
        "累计支出 ÷ 调整预算数，各资金性质合计",
        Completion("expenditure.total", "expenditure.total.budget"),
    ),
    Metric(
        "expenditure.govfund",
        "政府性基金预算支出",
        "fen",
        f"{_SPENT_SCOPE}资金性质为政府性基金",
        _spent(fund="govfund"),
    ),
    Metric(
        "expenditure.govfund.growth",
        "政府性基金预算支出同比增长",
        "percent",
        "与上年同期累计比",
        Growth("expenditure.govfund"),
    ),
    Metric(
        "expenditure.direct", "直达资金支出", "fen", f"{_SPENT_SCOPE}标识为直达资金", _spent(flags=DIRECT)
    ),
    Metric(
        "expenditure.direct.received",
        "直达资金收到数",
        "fen",
        "标识为直达资金的批复数",
        _approved(flags=DIRECT),
    ),
    Metric(
        "expenditure.direct.rate",
        "直达资金支付率",
        "percent",
        "支付 ÷ 收到（F5）",
        Rate("expenditure.direct", "expenditure.direct.received"),
    ),
    Metric("expenditure.bond", "债券资金支出", "fen", f"{_SPENT_SCOPE}标识为债券资金", _spent(flags=BOND)),
    Metric(
        "expenditure.bond.received", "债券资金安排数", "fen", "标识为债券资金的批复数", _approved(flags=BOND)
    ),
    Metric(
        "expenditure.bond.rate",
        "债券资金支付率",
        "percent",
        "支付 ÷ 安排（F5）",
        Rate("expenditure.bond", "expenditure.bond.received"),
    ),
    Metric(
        "expenditure.three_guarantees",
        "三保支出",
        "fen",
        f"{_SPENT_SCOPE}标识为三保",
        _spent(flags=THREE_GUARANTEES),
    ),
    Metric(
        "expenditure.three_guarantees.budget",
        "三保预算",
        "fen",
        "标识为三保的批复数",
        _approved(flags=THREE_GUARANTEES),
    ),
    Metric(
        "expenditure.three_guarantees.completion",
        "三保支出进度",
        "percent",
        "三保支出 ÷ 三保预算",
        Completion("expenditure.three_guarantees", "expenditure.three_guarantees.budget"),
    ),
    Metric(
        "cash.balance",
        "国库存款余额",
        "fen",
        "资金账 1001 国库存款期末余额，各资金性质合计",
        Flow(book="cash", subjects=("1001",), period="balance", fiscal_year=False),
    ),
    Metric(
        "cash.inflow",
        "库款流入",
        "fen",
        "资金账 1001 累计借方",
        Flow(book="cash", subjects=("1001",), turnover="debit", fiscal_year=False),
    ),
    Metric(
        "cash.outflow",
        "库款流出",
        "fen",
        "资金账 1001 累计贷方（清算付出）",
        Flow(book="cash", subjects=("1001",), turnover="credit", fiscal_year=False),
    ),
    Metric(
        "cash.outflow.month",
        "库款流出（当月）",
        "fen",
        "资金账 1001 当月贷方",
        Flow(book="cash", subjects=("1001",), turnover="credit", period="month", fiscal_year=False),
    ),
    Metric(
        "cash.cover",
        "库款保障水平",
        "number",
        "月末库款余额 ÷ 前 12 个月月均库款流出（F14）",
        MonthsCover("cash.balance", "cash.outflow.month"),
    ),
    Metric(
        "treasury.payments.count",
        "支付笔数",
        "count",
        "银行已付的支付申请笔数",
        ViewCount(
            "v_payment_facts",
            on="paid_on",
            where=(("state", ("booked",)),),
            filters=(("unit_ids", "unit_id"),),
        ),
    ),
    Metric(
        "treasury.payments.held",
        "在途支付",
        "fen",
        "已送审、待发银行和清算中的支付申请金额",
        ViewCount(
            "v_payment_facts",
            on="business_on",
            measure="sum:amount_fen",
            where=(("state", HOLDING_STATES),),
            filters=(("unit_ids", "unit_id"), ("fund", "fund"), ("function", "function_code")),
        ),
    ),
    Metric(
        "treasury.queue.amount",
        "排队待付金额",
        "fen",
        "执行排队令的资金中，已审定、尚未发银行的支付申请金额（现时数）",
        ViewCount(
            "v_treasury_queue",
            on="waiting_since_on",
            measure="sum:amount_fen",
            period="balance",
            where=(("is_queued", (True,)),),
            filters=QUEUE_FILTERS,
        ),
    ),
    Metric(
        "treasury.queue.count",
        "排队待付笔数",
        "count",
        "执行排队令的资金中，已审定、尚未发银行的支付申请笔数（现时数）",
        ViewCount(
            "v_treasury_queue",
            on="waiting_since_on",
            period="balance",
            where=(("is_queued", (True,)),),
            filters=QUEUE_FILTERS,
        ),
    ),
    Metric(
        "treasury.queue.days",
        "排队等待天数",
        "count",
        "排队待付各笔自审定之日起至业务日期的天数合计（现时数），除以笔数为平均等待天数",
        ViewCount(
            "v_treasury_queue",
            on="waiting_since_on",
            measure="sum:waiting_days",
            period="balance",
            where=(("is_queued", (True,)),),
            filters=QUEUE_FILTERS,
        ),
    ),
)
