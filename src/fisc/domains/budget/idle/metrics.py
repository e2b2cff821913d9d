"""Figures of idle funds (F16) and of the typed exceptions."""

from fisc.kernel.metrics.formulas import Rate
from fisc.kernel.metrics.spec import Flow, Metric, ViewCount


def _turnover(subject: str, *, by_unit: bool) -> Flow:
    return Flow(book="idle", subjects=(subject,), turnover="debit", by_unit=by_unit)


METRICS: tuple[Metric, ...] = (
    Metric("budget.idle.recognised", "认定存量资金", "fen", "存量账 951 累计认定", _turnover("951", by_unit=True)),
    Metric(
        "budget.idle.recovered", "盘活存量资金", "fen", "存量账 952 累计收回；再安排和转作调入出自收回数，不重复计",
        _turnover("952", by_unit=True),
    ),
    Metric(
        "budget.idle.rearranged", "盘活资金再安排", "fen", "存量账 962 累计再安排", _turnover("962", by_unit=False)
    ),
    Metric(
        "budget.idle.transferred", "盘活资金转作调入", "fen", "存量账 963；计入调入资金", _turnover("963", by_unit=False)
    ),
    Metric(
        "budget.idle.rate", "存量资金盘活率", "percent", "收回 ÷ 认定存量（F16）",
        Rate("budget.idle.recovered", "budget.idle.recognised", formula_id="F16"),
    ),
    Metric(
        "budget.advance.open", "未清理预拨垫付", "count", "当年下达、尚未清理的预拨垫付单数",
        ViewCount(
            "v_budget_open_advance", on="released_on", period="year", where=(("is_open", (True,)),),
            filters=(("unit_ids", "unit_id"), ("fund", "fund")),
        ),
    ),
)  # fmt: skip
