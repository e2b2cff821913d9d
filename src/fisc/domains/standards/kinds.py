"""The document kind of the module: states, steps, form, list."""

from fisc.domains.standards import panels, services
from fisc.domains.standards.models import BaseReport
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

BASE_REPORT = DocumentKind(
    code=services.KIND,
    title=services.TITLE,
    prefix="JC",
    model=BaseReport,
    icon="clipboard-list",
    states=(
        State("draft", "填报中", "draft"),
        State("in_review", "审核中", "waiting"),
        State("returned", "已退回", "wrong"),
        State("accepted", "已审定", "done"),
        State("voided", "已作废", "wrong"),
    ),
    steps=(
        Step(
            "submit", "送审", ("draft", "returned"), None,
            apply=services.check_filled, checks=True, style="primary",
        ),
        Step(
            "approve", "审核通过", ("in_review",), None,
            not_maker=True, style="primary", event="standards.base_report.accepted",
        ),
        Step("send_back", "退回", ("in_review",), None, reason=True),
        Step("withdraw", "撤回", ("in_review",), None),
        Step(
            "reopen", "退回重报", ("accepted",), "returned",
            reason=True, style="danger", event="standards.base_report.reopened",
        ),
        Step(
            "void", "作废", ("draft", "returned"), "voided",
            apply=services.set_aside, reason=True, style="danger",
        ),
        Step(
            "accept", "采用", ("draft",), "accepted",
            apply=services.check_filled, auto=True, event="standards.base_report.accepted",
        ),
    ),
    flow=ChainFlow(approved="accepted"),
    fact_view="v_standards_base_facts",
    create=services.create_reports,
    revise=services.revise_report,
    fields=(
        Field("unit_id", "填报单位", "unit", required=True),
        Field("year", "预算年度", required=True, help="如 2023", editable=True),
        Field("counted_on", "数据截止日", "date", help="人员、学生数的统计日期"),
        Field("note", "说明", "long"),
        Field("title", "摘要", help="留空自动生成"),
    ),
    columns=(
        Column("number", "单号", "number", "document__number", pin=True),
        Column("state", "状态", "state", "document__state"),
        Column("unit", "单位", "unit", "document__unit"),
        Column("year", "年度", "text"),
        Column("counted_on", "数据截止日", "date"),
        Column("title", "摘要", "text", "document__title"),
        Column("business_on", "填报日期", "date", "document__business_on"),
    ),
    filters=(
        Filter("unit", "单位", "unit", "document__unit"),
        Filter("year", "年度", "text", "year"),
    ),
    panels=(panels.figures_panel, panels.needs_panel, panels.grid_panel),
)  # fmt: skip

KINDS = (BASE_REPORT,)
