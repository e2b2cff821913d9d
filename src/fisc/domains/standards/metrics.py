"""Figures of basic data and standards: pupils, staff, 生均公用经费 (F12), its raise by dated standards."""

from fisc.domains.standards.measures import PUPILS
from fisc.kernel.metrics.spec import Metric, ViewCount

_BY_UNIT = (("unit_ids", "unit_id"),)

METRICS = (
    Metric(
        "standards.pupil.raise",
        "生均公用经费普调额",
        "number",
        "小学、初中生均公用经费（国家基准与地方提标合计）本年末标准减上年末标准，取两个学段中较小的一个；元/生·年",
        ViewCount(
            "v_standards_pupil_raise", on="starts_on", measure="sum:raise_yuan", period="year", document=None
        ),
        places=0,
    ),
    Metric(
        "standards.pupil.cost",
        "生均公用经费测算额",
        "fen",
        "各学段（核定学生数 × 生均标准）之和，含寄宿生补助和特殊教育，不足规定人数的学校按规定人数；F12",
        ViewCount(
            "v_standards_need",
            on="starts_on",
            measure="sum:amount_fen",
            period="year",
            where=(("measure", (*PUPILS, "boarders")),),
            filters=_BY_UNIT,
        ),
    ),
    Metric(
        "standards.pupils",
        "在校学生数",
        "count",
        "已审定基础信息表的各学段学生数之和",
        ViewCount(
            "v_standards_figure",
            on="starts_on",
            measure="sum:quantity",
            period="year",
            where=(("measure", PUPILS),),
            filters=_BY_UNIT,
        ),
        places=0,
    ),
    Metric(
        "standards.staff",
        "在职人数",
        "count",
        "已审定基础信息表的行政在职与事业在职人数之和",
        ViewCount(
            "v_standards_figure",
            on="starts_on",
            measure="sum:quantity",
            period="year",
            where=(("measure", ("staff",)),),
            filters=_BY_UNIT,
        ),
        places=0,
    ),
    Metric(
        "standards.need",
        "按标准测算的基本支出需求",
        "fen",
        "各单位（标准 × 数量）之和，人员经费与公用经费",
        ViewCount(
            "v_standards_need",
            on="starts_on",
            measure="sum:amount_fen",
            period="year",
            filters=_BY_UNIT,
        ),
    ),
)
