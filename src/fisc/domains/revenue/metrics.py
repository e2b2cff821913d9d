"""Figures of revenue (figure dictionary F1 to F4 of the mission), all from the ledger's book `revenue`.

财政总收入 counts what all levels take of the district's taxes and fees; 一般公共预算收入 the district's part alone.
Transfers (4005) and debt (4009) are in neither.
"""

from fisc.kernel.metrics.formulas import Completion, Growth, PaceGap, Share, ShareChange
from fisc.kernel.metrics.spec import Flow, Metric, PeriodRule

CENTRAL, PROVINCE, DISTRICT, TRANSFERS, DEBT = "4001", "4002", "4003", "4005", "4009"
TASK_CENTRAL, TASK_PROVINCE, TASK_DISTRICT = "8001", "8002", "8003"
TAX, NONTAX = ("101",), ("103",)
ALL = (*TAX, *NONTAX)

_HEADS = (
    (
        "total",
        "财政总收入",
        (CENTRAL, PROVINCE, DISTRICT),
        (TASK_CENTRAL, TASK_PROVINCE, TASK_DISTRICT),
        ALL,
        "收入账 4001 中央级、4002 省级、4003 区级合计，一般公共预算，101 税收和 103 非税；不含转移性收入和债务收入",
    ),
    (
        "general",
        "一般公共预算收入",
        (DISTRICT,),
        (TASK_DISTRICT,),
        ALL,
        "收入账 4003 区级，一般公共预算，101 税收收入和 103 非税收入；按分成比例归区级的部分",
    ),
    ("tax", "税收收入", (DISTRICT,), (TASK_DISTRICT,), TAX, "收入账 4003 区级，一般公共预算，101 税收收入"),
    (
        "nontax",
        "非税收入",
        (DISTRICT,),
        (TASK_DISTRICT,),
        NONTAX,
        "收入账 4003 区级，一般公共预算，103 非税收入",
    ),
)


def _flow(
    subjects: tuple[str, ...], revenues: tuple[str, ...], *, fund: str = "general", period: PeriodRule = "ytd"
) -> Flow:
    return Flow(
        book="revenue",
        subjects=subjects,
        side="credit",
        period=period,
        fund=fund,
        revenues=revenues,
    )


def _head(
    code: str,
    title: str,
    subjects: tuple[str, ...],
    tasks: tuple[str, ...],
    items: tuple[str, ...],
    scope: str,
) -> tuple[Metric, ...]:
    """The amount of one head with its month, growth, task, completion and pace."""
    own = f"revenue.{code}"
    return (
        Metric(own, title, "fen", f"{scope}；自然口径，退库冲减", _flow(subjects, items)),
        Metric(
            f"{own}.month",
            f"{title}（当月）",
            "fen",
            f"{scope}；当月",
            _flow(subjects, items, period="month"),
        ),
        Metric(
            f"{own}.growth",
            f"{title}同比增长",
            "percent",
            "与上年同期累计比，自然口径",
            Growth(own),
            places=1,
        ),
        Metric(
            f"{own}.task",
            f"{title}年度任务",
            "fen",
            f"现行版本的全年任务数，级次与“{title}”相同",
            _flow(tasks, items, period="year"),
        ),
        Metric(
            f"{own}.completion",
            f"{title}完成年度任务",
            "percent",
            "本年累计 ÷ 年度任务（任务数）",
            Completion(own, f"{own}.task"),
            places=1,
        ),
        Metric(
            f"{own}.pace",
            f"{title}序时差",
            "points",
            "完成年度任务的比例减时间进度（月数 ÷ 12）",
            PaceGap(own, f"{own}.task"),
            places=1,
        ),
    )


METRICS: tuple[Metric, ...] = (
    *(metric for head in _HEADS for metric in _head(*head)),
    Metric(
        "revenue.tax.share",
        "税收收入占比",
        "percent",
        "税收收入 ÷ 一般公共预算收入",
        Share("revenue.tax", "revenue.general"),
    ),
    Metric(
        "revenue.tax.share_change",
        "税收收入占比变动",
        "points",
        "本期占比减上年同期占比，百分点",
        ShareChange("revenue.tax", "revenue.general"),
    ),
    Metric(
        "revenue.central", "中央级收入", "fen", "收入账 4001，一般公共预算 101、103", _flow((CENTRAL,), ALL)
    ),
    Metric(
        "revenue.province", "省级收入", "fen", "收入账 4002，一般公共预算 101、103", _flow((PROVINCE,), ALL)
    ),
    Metric(
        "revenue.transfers",
        "转移性收入",
        "fen",
        "收入账 4005，一般公共预算",
        _flow((TRANSFERS,), ()),
    ),
    Metric("revenue.debt", "债务收入", "fen", "收入账 4009，一般公共预算", _flow((DEBT,), ())),
    Metric(
        "revenue.govfund",
        "政府性基金收入",
        "fen",
        "收入账 4003，政府性基金预算",
        _flow((DISTRICT,), NONTAX, fund="govfund"),
    ),
    Metric(
        "revenue.govfund.growth",
        "政府性基金收入同比增长",
        "percent",
        "与上年同期累计比",
        Growth("revenue.govfund"),
        places=1,
    ),
)
