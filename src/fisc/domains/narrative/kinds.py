"""The document kind of the work report."""

from fisc.domains.narrative import services
from fisc.domains.narrative.models import Report
from fisc.domains.narrative.panels import figures_panel, text_panel
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

REPORT = DocumentKind(
    code=services.REPORT,
    title="工作报告",
    prefix="BG",
    model=Report,
    icon="file-check",
    states=(
        State("draft", "草稿", "draft"),
        State("issued", "已印发", "done"),
        State("voided", "已作废", "wrong"),
    ),
    steps=(
        Step(
            "issue", "印发", ("draft",), "issued", apply=services.issue, not_maker=True, style="primary",
            event="narrative.report.issued",
        ),
        Step("void", "作废", ("draft",), "voided", reason=True, style="danger"),
    ),
    fields=(
        Field("title", "标题", editable=False),
        Field("year", "年度", editable=False),
        Field("month", "截至月份", editable=False),
        Field("template", "模板", editable=False),
        Field("known_text", "数据截取时刻", editable=False),
        Field("set_digest", "数据组摘要", editable=False),
    ),
    columns=(
        Column("number", "单号", "number", "document__number", pin=True),
        Column("state", "状态", "state", "document__state"),
        Column("title", "标题", "text", "document__title"),
        Column("year", "年度", "text", "year"),
        Column("month", "截至月份", "text", "month"),
        Column("maker", "生成人", "user", "document__maker"),
        Column("business_on", "生成日期", "date", "document__business_on"),
    ),
    filters=(Filter("title", "标题", "text", "document__title"),),
    editable_states=(),
    panels=(text_panel, figures_panel),
)  # fmt: skip
