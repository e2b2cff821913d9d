"""The document kind of a scenario: drafted, computed, kept; turned into drafts of other kinds."""

from fisc.domains.scenarios import panels, services
from fisc.domains.scenarios.models import Scenario, Sort, Stage
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

STAGES = (("preparation", "编制"), ("execution", "执行中"))

SCENARIO = DocumentKind(
    code=services.SCENARIO,
    title="推演",
    prefix="TY",
    model=Scenario,
    icon="split",
    states=(
        State("draft", "待计算", "waiting"),
        State("computed", "已算出", "running"),
        State("kept", "已保留", "done"),
        State("voided", "已作废", "wrong"),
    ),
    steps=(
        Step(
            "compute", "计算", ("draft", "computed"), "computed", apply=services.write_result, auto=True,
            event="scenarios.scenario.computed",
        ),
        Step("keep", "保留", ("computed",), "kept", style="primary", event="scenarios.scenario.retained"),
        Step(
            "draw_up", "生成草稿", ("kept",), "kept", apply=services.draw_up, auto=True,
            event="scenarios.scenario.drafts_made",
        ),
        Step("void", "作废", ("draft", "computed"), "voided", reason=True, style="danger"),
    ),
    fields=(
        Field("title", "名称", editable=False),
        Field("sort", "类别", "choice", choices=tuple(Sort.choices), editable=False),
        Field("stage", "阶段", "choice", choices=STAGES, editable=False),
        Field("amount_fen", "目标金额", "amount", editable=False),
        Field("note", "说明", editable=False),
        Field("inputs_at", "取数时刻", editable=False),
        Field("inputs_digest", "输入摘要", editable=False),
        Field("code_version", "程序版本", editable=False),
        Field("result_digest", "结果摘要", editable=False),
    ),
    columns=(
        Column("number", "单号", "number", "document__number", pin=True),
        Column("state", "状态", "state", "document__state"),
        Column("title", "名称", "text", "document__title"),
        Column("sort", "类别", "text", "sort"),
        Column("amount", "目标金额", "amount", "document__amount_fen"),
        Column("maker", "推演人", "user", "document__maker"),
        Column("business_on", "日期", "date", "document__business_on"),
    ),
    filters=(
        Filter("sort", "类别", "choice", "sort", tuple(Sort.choices)),
        Filter("stage", "阶段", "choice", "stage", tuple(Stage.choices)[:2]),
    ),
    editable_states=(),
    panels=(panels.answer_panel,),
)  # fmt: skip
