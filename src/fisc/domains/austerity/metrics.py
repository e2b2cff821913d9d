"""Figures of 三公 (F9: budget against budget), general expenditure and supplements."""

from fisc.domains.austerity.items import (
    ABROAD,
    PURCHASE,
    PURCHASE_CAPITAL,
    RECEPTION,
    RUNNING,
    THREE_PUBLIC_CODES,
)
from fisc.kernel.metrics.formulas import Completion, Growth, LastYear, Rate, ReductionRate
from fisc.kernel.metrics.spec import Flow, Metric, PeriodRule, ViewCount

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("abroad", "因公出国（境）费用", (ABROAD,)),
    ("reception", "公务接待费", (RECEPTION,)),
    ("running", "公务用车运行维护费", (RUNNING,)),
    ("purchase", "公务用车购置费", (PURCHASE, PURCHASE_CAPITAL)),
)


def _initial(economics: tuple[str, ...] = ()) -> Flow:
    return Flow(book="allotment", subjects=("602",), economics=economics, period="year", by_unit=True)


def _paid(economics: tuple[str, ...]) -> Flow:
    return Flow(book="allotment", subjects=("661",), economics=economics, by_unit=True)


def _general(measure: str, on: str = "year_on", period: PeriodRule = "year") -> ViewCount:
    return ViewCount(
        "v_austerity_general",
        on=on,
        measure=f"sum:{measure}",
        period=period,
        filters=(("unit_ids", "unit_id"), ("economic", "economic_code")),
        document=None,
    )


def _receptions(measure: str) -> ViewCount:
    return ViewCount(
        "v_austerity_reception_facts",
        on="business_on",
        measure=f"sum:{measure}",
        where=(("state", ("approved",)),),
        filters=(("unit_ids", "unit_id"),),
    )


_CODES = "部门经济分类 30212、30217、30231、31013、30913"

METRICS: tuple[Metric, ...] = (
    Metric(
        "austerity.three_public.budget", "三公经费预算", "fen",
        f"年初预算数（602），{_CODES}；预算只与预算比", _initial(THREE_PUBLIC_CODES),
    ),
    Metric(
        "austerity.three_public.budget.growth", "三公经费预算比上年", "percent",
        "本年年初预算与上年年初预算比（F9）", Growth("austerity.three_public.budget", formula_id="F9"),
    ),
    Metric(
        "austerity.three_public.ceiling", "三公经费额度", "fen", "下达并调整后的各单位三公总额（921、922）",
        Flow(book="ceiling", subjects=("921", "922"), period="year", by_unit=True),
    ),
    Metric(
        "austerity.three_public.executed", "三公经费支出", "fen", f"指标账 661 累计净额，{_CODES}",
        _paid(THREE_PUBLIC_CODES),
    ),
    Metric(
        "austerity.three_public.execution", "三公经费执行率", "percent", "支出 ÷ 年初预算",
        Completion("austerity.three_public.executed", "austerity.three_public.budget"),
    ),
    *(
        metric
        for code, name, economics in GROUPS
        for metric in (
            Metric(
                f"austerity.three_public.{code}.budget", f"{name}预算", "fen",
                f"年初预算数（602），部门经济分类 {'、'.join(economics)}", _initial(economics),
            ),
            Metric(
                f"austerity.three_public.{code}.executed", f"{name}支出", "fen",
                f"指标账 661 累计净额，部门经济分类 {'、'.join(economics)}", _paid(economics),
            ),
        )
    ),
    Metric(
        "austerity.reception.batches", "公务接待批次", "count", "已审核的公务接待登记批次合计",
        _receptions("batches"), places=0,
    ),
    Metric(
        "austerity.reception.guests", "公务接待人数", "count", "已审核的公务接待登记来宾人数合计",
        _receptions("guests"), places=0,
    ),
    Metric(
        "austerity.general.budget", "一般性支出预算", "fen", "年初预算数（602），经济分类按当年一般性支出口径",
        _general("initial_fen"),
    ),
    Metric(
        "austerity.general.budget.last_year", "上年一般性支出预算", "fen", "上年年初预算数，按上年口径",
        LastYear("austerity.general.budget"),
    ),
    Metric(
        "austerity.general.cut_rate", "一般性支出压减率", "percent",
        "（上年年初预算 − 本年年初预算）÷ 上年年初预算",
        ReductionRate("austerity.general.budget.last_year", "austerity.general.budget", formula_id="F8"),
    ),
    Metric(
        "austerity.general.executed", "一般性支出", "fen", "指标账 661 累计净额，经济分类按当年一般性支出口径",
        _general("paid_fen", on="month_on", period="ytd"),
    ),
    Metric(
        "budget.initial", "年初预算", "fen", "各单位年初预算数（602），各资金性质合计", _initial()
    ),
    Metric(
        "budget.supplement.amount", "追加指标", "fen", "已生效、未冲销的指标追加，按业务日期累计",
        ViewCount(
            "v_document_facts",
            on="business_on",
            measure="sum:amount_fen",
            where=(("kind", ("budget.supplement",)), ("state", ("approved",))),
            filters=(("unit_ids", "unit_id"), ("fund", "fund")),
        ),
    ),
    Metric(
        "budget.supplement.rate", "追加率", "percent", "追加 ÷ 年初预算",
        Rate("budget.supplement.amount", "budget.initial"),
    ),
)  # fmt: skip
