"""Named figures of 支出进度: F2 and F3 over what was allotted, and the letters."""

from fisc.domains.progress.league import ALLOTTED, BOOK, FUND, PAID
from fisc.kernel.metrics.formulas import Completion, PaceGap, Rate
from fisc.kernel.metrics.spec import Flow, Metric, ViewCount

LETTERS, BY_UNIT = "v_progress_letter_facts", (("unit_ids", "unit_id"),)

METRICS = (
    Metric(
        "progress.base",
        "已下达预算数",
        "fen",
        "一般公共预算，截至月末已下达到单位的指标（含冻结、计划和已支付）",
        Flow(BOOK, ALLOTTED, period="balance", fund=FUND, by_unit=True),
    ),
    Metric(
        "progress.paid",
        "支出数",
        "fen",
        "一般公共预算，指标账 661 预算支出，截至月末累计，退款冲减",
        Flow(BOOK, PAID, period="balance", fund=FUND, by_unit=True),
    ),
    Metric(
        "progress.rate",
        "支出进度",
        "percent",
        "支出数 ÷ 已下达预算数 × 100",
        Completion("progress.paid", "progress.base"),
        places=1,
    ),
    Metric(
        "progress.pace",
        "支出序时差",
        "points",
        "支出进度 − 月数 ÷ 12 × 100；基数为已下达预算数",
        PaceGap("progress.paid", "progress.base"),
        places=1,
    ),
    Metric(
        "progress.letters",
        "催办、约谈件数",
        "count",
        "当年累计发出的支出进度催办、约谈",
        ViewCount(LETTERS, "business_on", filters=BY_UNIT),
        places=0,
    ),
    Metric(
        "progress.letters.replied",
        "已回复件数",
        "count",
        "当年累计发出的催办、约谈中，单位已经回复的",
        ViewCount(LETTERS, "business_on", where=(("is_replied", (True,)),), filters=BY_UNIT),
        places=0,
    ),
    Metric(
        "progress.letters.reply_rate",
        "回复率",
        "percent",
        "已回复件数 ÷ 催办、约谈件数 × 100",
        Rate("progress.letters.replied", "progress.letters"),
        places=1,
    ),
)
