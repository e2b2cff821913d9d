"""Figures of the four budgets: what each balance plans (book `plan`) and what the other books say happened."""

from fisc.domains.budget.balances.models import ITEMS, REVENUE_ITEMS
from fisc.domains.budget.balances.services import SUBJECT_OF
from fisc.kernel.metrics.formulas import LastYear
from fisc.kernel.metrics.spec import Flow, Metric

PLAN_SUBJECTS = {**SUBJECT_OF, "transferred_in_fen": "704", "transferred_out_fen": "715"}
UPPER_CODES = ("11001", "11002", "11003", "11004", "11005", "11006", "11013")

# 201 to 229, 232 付息 and 233 发行费用: every class but transfers (230) and repayment (231).
OWN_CLASSES = ("20", "21", "22", "232", "233")


def plan_code(item: str) -> str:
    """The metric of an item as planned."""
    return f"budget.plan.{item.removesuffix('_fen')}"


def actual_code(item: str) -> str:
    """The metric of an item as carried out."""
    return f"budget.actual.{item.removesuffix('_fen')}"


def _plan(item: str) -> Metric:
    side = "credit" if item in REVENUE_ITEMS else "debit"
    flow = Flow(book="plan", subjects=(PLAN_SUBJECTS[item],), side=side, period="year")  # type: ignore[arg-type]
    return Metric(
        plan_code(item),
        f"{ITEMS[item]}（预算）",
        "fen",
        "已批准的现行收支平衡表；调入、调出取已批准的预算间调拨",
        flow,
    )


def _actual(item: str, scope: str, source: object) -> Metric:
    return Metric(actual_code(item), f"{ITEMS[item]}（执行）", "fen", scope, source)  # type: ignore[arg-type]


def _revenue(*subjects: str, codes: tuple[str, ...] = ()) -> Flow:
    return Flow(book="revenue", subjects=subjects, side="credit", revenues=codes)


def _spent(*functions: str) -> Flow:
    return Flow(book="allotment", subjects=("661",), functions=functions)


def _closed(subject: str) -> Flow:
    return Flow(book="allotment", subjects=(subject,), period="year")


METRICS: tuple[Metric, ...] = (
    *(_plan(item) for item in ITEMS),
    _actual("own_revenue_fen", "收入账 4003 区级累计净额", _revenue("4003")),
    _actual("upper_fen", "收入账 4005 转移性收入中上级补助各款", _revenue("4005", codes=UPPER_CODES)),
    _actual("debt_fen", "收入账 4009 债务收入累计净额", _revenue("4009")),
    _actual(
        "transferred_in_fen", "已批准的预算间调拨", Flow(book="plan", subjects=("704",), side="credit", period="year")
    ),
    _actual("last_surplus_fen", "上年年终转出的结转（671）", LastYear("budget.actual.surplus")),
    _actual("stabilised_fen", "收入账 4005 中动用预算稳定调节基金", _revenue("4005", codes=("11015",))),
    _actual("own_spending_fen", "661 中 230 转移性支出、231 债务还本支出以外各类", _spent(*OWN_CLASSES)),
    _actual("transfers_fen", "661 中 230 转移性支出", _spent("230")),
    _actual("repayment_fen", "661 中 231 债务还本支出", _spent("231")),
    _actual("transferred_out_fen", "已批准的预算间调拨", Flow(book="plan", subjects=("715",), period="year")),
    _actual("set_aside_fen", "年终收回（672），补充预算稳定调节基金", _closed("672")),
    _actual("surplus_fen", "年终转出的结转（671）", _closed("671")),
)  # fmt: skip
