"""The document kinds of the typed exceptions: 预拨垫付 and its clearing."""

from fisc.domains.budget.advances import panels, services
from fisc.domains.budget.advances.models import Advance, AdvanceClearing
from fisc.domains.budget.kind_parts import (
    AMOUNT,
    AMOUNT_FILTER,
    DAY,
    DAY_FILTER,
    DRAFT,
    FLAG_CHOICES,
    FUND_FILTER,
    FUNDS,
    IN_REVIEW,
    NUMBER,
    PROJECT_KIND,
    RETURNED,
    SEND_BACK,
    STATE,
    SUBMIT,
    TITLE,
    UNIT,
    UNIT_FILTER,
    VOID,
    VOIDED,
    WITHDRAW,
    approve_step,
)
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

ALLOTMENT_KIND = "budget.allotment"

ADVANCE = DocumentKind(
    code=services.ADVANCE,
    title="预拨垫付",
    prefix="YBD",
    model=Advance,
    icon="fast-forward",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("released", "待清理", "running"),
        State("cleared", "已清理", "done"),
        VOIDED,
    ),
    steps=(
        Step(
            "submit", "送审", ("draft", "returned"), None, apply=services.submit_advances, style="primary"
        ),
        approve_step(services.approve_advances, "budget.advance.released"),
        SEND_BACK,
        WITHDRAW,
        Step(
            "review",
            "48小时复核",
            ("released", "cleared"),
            None,
            apply=services.review,
            reason=True,
            not_maker=True,
            event="budget.advance.reviewed",
        ),
        Step("close", "清理完毕", ("released",), "cleared", auto=True, event="budget.advance.closed"),
        VOID,
    ),
    flow=ChainFlow(approved="released"),
    create=services.create_advances,
    revise=services.revise_advance,
    fields=(
        Field("unit_id", "单位", "unit", required=True, group="预拨"),
        Field("type", "类型", "choice", required=True, choices=tuple(Advance.Type.choices), group="预拨"),
        Field("project_id", "项目", "project", required=True, document_kind=PROJECT_KIND, group="预拨"),
        Field("amount_fen", "金额", "amount", required=True, group="预拨"),
        Field("basis", "依据", required=True, help="条款或批示文号", group="预拨"),
        Field("due_on", "应清理日期", "date", required=True, group="预拨"),
        Field("fund", "资金性质", "choice", required=True, choices=FUNDS, group="科目"),
        Field("function_code", "支出功能分类", "code", required=True, code_kind="function", group="科目"),
        Field("economic_code", "部门经济分类", "code", required=True, code_kind="economic_department",
              group="科目"),
        Field("flag_marks", "标识", "choice", choices=FLAG_CHOICES, group="科目"),
        Field("reason", "事由", "long", required=True, group="科目"),
        Field("scope_fen", "上年同期支出", "amount", editable=False, group="预拨"),
        Field("title", "摘要", editable=False, group="预拨"),
    ),
    columns=(
        NUMBER, STATE, Column("type", "类型"), UNIT, TITLE, AMOUNT, Column("due_on", "应清理日期", "date"), DAY,
    ),
    filters=(
        UNIT_FILTER, FUND_FILTER, Filter("type", "类型", "choice", "type", tuple(Advance.Type.choices)),
        AMOUNT_FILTER, DAY_FILTER,
    ),
    panels=(panels.advance_panel,),
)  # fmt: skip

CLEARING = DocumentKind(
    code=services.CLEARING,
    title="预拨清理",
    prefix="YBQ",
    model=AdvanceClearing,
    icon="check-check",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已生效", "done"), VOIDED),
    steps=(
        SUBMIT,
        approve_step(services.apply_clearings, "budget.advance_clearing.approved"),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(approved="approved"),
    create=services.create_clearings,
    revise=services.revise_clearing,
    fields=(
        Field("advance_id", "预拨单", "document", required=True, document_kind=services.ADVANCE),
        Field(
            "allotment_id", "冲抵指标", "document", document_kind=ALLOTMENT_KIND, help="留空为退回未用部分"
        ),
        Field("amount_fen", "金额", "amount", required=True),
        Field("reason", "说明", "long"),
        Field("title", "摘要", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(NUMBER, STATE, UNIT, TITLE, Column("advance", "预拨单", "text", "advance__number"), AMOUNT, DAY),
    filters=(UNIT_FILTER, AMOUNT_FILTER, DAY_FILTER),
)
