"""Figures of 三保 (F13) and of education; 民生 (F10, F11) is declared by treasury over the dated list."""

from fisc.domains.guarantees.areas import AREAS
from fisc.kernel.metrics.formulas import Growth, Rate
from fisc.kernel.metrics.spec import Flow, Metric, ViewCount

POSITION, EXECUTED = "v_guarantees_position", "v_guarantees_executed"


def _position(measure: str, area: str = "") -> ViewCount:
    where = (("area", (area,)),) if area else ()
    return ViewCount(
        POSITION, on="year_on", measure=f"sum:{measure}", period="year", where=where, document=None
    )


def _need(area: str = "") -> ViewCount:
    where = (("area", (area,)),) if area else ()
    return ViewCount(
        "v_guarantees_need_line",
        on="year_on",
        measure="sum:need_fen",
        period="year",
        where=where,
        filters=(("unit_ids", "unit_id"),),
    )


def _executed(area: str = "") -> ViewCount:
    where = (("area", (area,)),) if area else ()
    return ViewCount(
        EXECUTED,
        on="month_on",
        measure="sum:executed_fen",
        where=where,
        filters=(("unit_ids", "unit_id"),),
        document=None,
    )


def _of(area: str, name: str) -> tuple[Metric, ...]:
    """The five figures of all 三保 (area "") or of one area."""
    code = f"guarantees.{area}." if area else "guarantees."
    which = f"按现行清单归集，{name}各项" if area else "按现行清单归集，各项合计"
    return (
        Metric(f"{code}need", f"{name}需求", "fen", f"批准的三保需求测算，{which}", _need(area)),
        Metric(
            f"{code}arranged", f"{name}安排", "fen", f"指标账年初批复加追加、减追减和调剂，{which}",
            _position("arranged_fen", area),
        ),
        Metric(
            f"{code}gap", f"{name}缺口", "fen", f"逐项 max(0, 需求−安排) 相加，各项之间不相抵（F13）；{which}",
            _position("gap_fen", area),
        ),
        Metric(
            f"{code}secured", f"{name}已保障数", "fen", f"逐项取需求与安排中较小者相加；{which}",
            _position("secured_fen", area),
        ),
        Metric(
            f"{code}coverage", f"{name}覆盖率", "percent", "安排 ÷ 需求（F13）；有缺口的项目另见缺口",
            Rate(f"{code}arranged", f"{code}need", formula_id="F13"),
        ),
        Metric(
            f"{code}coverage.secured", f"{name}足额保障率", "percent",
            "已保障数 ÷ 需求：一项多安排的不抵另一项的缺口，100% 即各项足额（F13）",
            Rate(f"{code}secured", f"{code}need", formula_id="F13"),
        ),
        Metric(f"{code}executed", f"{name}支出", "fen", f"指标账 661 累计净额，{which}", _executed(area)),
        Metric(
            f"{code}execution", f"{name}执行率", "percent", "支出 ÷ 需求（F13）",
            Rate(f"{code}executed", f"{code}need", formula_id="F13"),
        ),
    )  # fmt: skip


METRICS: tuple[Metric, ...] = (
    *_of("", "三保"),
    *(metric for area, name in AREAS for metric in _of(area, name)),
    Metric(
        "expenditure.education",
        "教育支出",
        "fen",
        "一般公共预算支出中功能分类 205 教育支出的累计净额",
        Flow(book="allotment", subjects=("661",), fund="general", functions=("205",), by_unit=True),
    ),
    Metric(
        "expenditure.education.growth",
        "教育支出同比增长",
        "percent",
        "自然口径，与上年同期累计比",
        Growth("expenditure.education"),
    ),
)
