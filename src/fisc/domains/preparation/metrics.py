"""Figures of the preparation: F8 压减额 and 压减比例, over items that are neither priority nor rigid nor 三保."""

from fisc.kernel.metrics.formulas import Rate
from fisc.kernel.metrics.spec import Metric, ViewCount

SCOPE = "非重点、非刚性、非三保的一上项目（单位×项目×经济科目），已审定的"


def _sum(column: str) -> ViewCount:
    return ViewCount(
        view="v_preparation_cut_facts",
        on="fact_on",
        measure=f"sum:{column}",
        period="year",
        filters=(("unit_ids", "unit_id"), ("economic", "economic_code"), ("project_id", "project_id")),
    )


METRICS: tuple[Metric, ...] = (
    Metric("preparation.asked", "一上申报数（压减口径）", "fen", f"{SCOPE}的申报数", _sum("asked_fen")),
    Metric(
        "preparation.cut",
        "压减额",
        "fen",
        f"{SCOPE}：申报数减审定数，逐项不小于零；审增另列，不相抵",
        _sum("cut_fen"),
    ),
    Metric("preparation.added", "审增额", "fen", f"{SCOPE}：审定数大于申报数的部分", _sum("added_fen")),
    Metric(
        "preparation.cut.rate",
        "压减比例",
        "percent",
        "压减额 ÷ 一上申报数（压减口径）",
        Rate("preparation.cut", "preparation.asked", "F8"),
    ),
)
