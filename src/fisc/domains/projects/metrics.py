"""Named figures of the project register: coverage of ex-ante evaluation, and what evaluation took off."""

from fisc.kernel.metrics.formulas import Rate
from fisc.kernel.metrics.spec import Metric, ViewCount

BY_UNIT = (("unit_ids", "unit_id"),)
ALIVE = ("in_review", "in_library", "running", "finished", "stopped", "archived")

METRICS = (
    Metric(
        "projects.count",
        "入库项目数",
        "count",
        "当年申报、已入库（含执行、结项、中止、归档）的项目个数",
        ViewCount(
            "v_project_facts",
            "business_on",
            where=(("state", ("in_library", "running", "finished", "stopped", "archived")),),
            filters=BY_UNIT,
        ),
        places=0,
    ),
    Metric(
        "projects.evaluation.due",
        "应评估项目数",
        "count",
        "当年申报并送审的新增项目（新增政策或首年），总额达到规则 XM05 的限额",
        ViewCount(
            "v_project_facts",
            "business_on",
            where=(("needs_evaluation", (True,)), ("state", ALIVE)),
            filters=BY_UNIT,
        ),
        places=0,
    ),
    Metric(
        "projects.evaluation.done",
        "已评估项目数",
        "count",
        "应评估项目中，事前绩效评估已有结论（通过或不通过）的个数",
        ViewCount(
            "v_project_facts",
            "business_on",
            where=(
                ("needs_evaluation", (True,)),
                ("state", ALIVE),
                ("evaluation_conclusion", ("passed", "failed")),
            ),
            filters=BY_UNIT,
        ),
        places=0,
    ),
    Metric(
        "projects.evaluation.coverage",
        "事前评估覆盖率",
        "percent",
        "已评估项目数 ÷ 应评估项目数 × 100",
        Rate("projects.evaluation.done", "projects.evaluation.due"),
        places=1,
    ),
    Metric(
        "projects.evaluation.reduced",
        "事前评估核减额",
        "fen",
        "当年已有结论的事前绩效评估：项目申报总额 − 评估核定额，逐项不低于零",
        ViewCount(
            "v_evaluation_facts",
            "business_on",
            measure="sum:reduced_fen",
            where=(("state", ("concluded",)),),
            filters=BY_UNIT,
        ),
    ),
)
