"""The document kinds of the budget: states, steps, form, list."""

from fisc.domains.budget import changes, entering, panels, services
from fisc.domains.budget.advances.kinds import ADVANCE, CLEARING
from fisc.domains.budget.balances.kinds import BALANCE, TRANSFER
from fisc.domains.budget.dimensions import Origin, Spending
from fisc.domains.budget.execution.kinds import EXECUTION_CUT
from fisc.domains.budget.idle.kinds import IDLE
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
    MAKER,
    NUMBER,
    PROJECT_KIND,
    RETURNED,
    REVERSED,
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
    reverse_step,
)
from fisc.domains.budget.models import (
    Adjustment,
    Allotment,
    Appropriation,
    AppropriationLine,
    Freeze,
    FundingKind,
    Virement,
    VirementLine,
)
from fisc.domains.budget.yearend.kinds import YEAR_END
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

APPROPRIATION = DocumentKind(
    code=services.APPROPRIATION,
    title="预算批复",
    prefix="PF",
    model=Appropriation,
    icon="stamp",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已批复", "done"), REVERSED, VOIDED),
    steps=(
        SUBMIT,
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=services.approve_appropriations,
            not_maker=True,
            style="primary",
            event="budget.appropriation.approved",
        ),
        SEND_BACK,
        WITHDRAW,
        Step(
            "draft_allotments",
            "生成指标",
            ("approved",),
            "approved",
            apply=services.draft_allotments,
            style="primary",
        ),
        reverse_step("budget.appropriation.reversed"),
        VOID,
    ),
    flow=ChainFlow(approved="approved"),
    create=services.create_appropriations,
    fields=(
        Field("title", "摘要", required=True),
        Field("reference", "批复文号", help="如 区财预〔2023〕1号"),
        Field("origin", "指标来源", "choice", required=True, choices=tuple(Origin.choices)),
        Field("funding", "资金来源", help="追加、上级转移支付须写明"),
        Field("amount_fen", "金额", "amount", editable=False),
        Field("note", "备注", "long"),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(NUMBER, STATE, Column("reference", "文号"), TITLE, Column("origin", "来源"), AMOUNT, DAY, MAKER),
    filters=(Filter("origin", "来源", "choice", "origin", tuple(Origin.choices)), FUND_FILTER, AMOUNT_FILTER),
    line_model=AppropriationLine,
    line_columns=(
        Column("row_no", "行号"),
        Column("unit", "单位", "unit", "unit"),
        Column("project", "项目", "text", "project__title"),
        Column("fund", "资金性质", "code", "fund", code_kind="fund"),
        Column("function_code", "功能分类", "code", code_kind="function"),
        Column("economic_code", "部门经济分类", "code", code_kind="economic_department"),
        Column("government_code", "政府经济分类", "code", code_kind="economic_government"),
        Column("amount", "金额", "amount", "amount_fen", total=True),
        Column("note", "备注"),
    ),
    panels=(panels.appropriation_panel,),
)

ALLOTMENT = DocumentKind(
    code=services.ALLOTMENT,
    title="指标",
    prefix="ZB",
    model=Allotment,
    icon="wallet-cards",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("released", "已下达", "done"),
        State("revoked", "已收回", "wrong"),
        VOIDED,
    ),
    steps=(
        SUBMIT,
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=services.release_allotments,
            not_maker=True,
            style="primary",
            event="budget.allotment.released",
        ),
        SEND_BACK,
        WITHDRAW,
        Step(
            entering.ENTER,
            "随批准单据下达",
            ("draft",),
            "released",
            apply=entering.apply_enter,
            auto=True,
            event="budget.allotment.released",
        ),
        Step(
            "revoke",
            "收回",
            ("released",),
            "revoked",
            apply=services.revoke_allotments,
            reason=True,
            not_maker=True,
            style="danger",
            event="budget.allotment.revoked",
        ),
        VOID,
    ),
    flow=ChainFlow(approved="released"),
    create=services.create_allotments,
    revise=services.revise_allotment,
    fields=(
        Field("unit_id", "单位", "unit", required=True, group="指标"),
        Field("reference", "指标文号", required=True, help="如 区财教〔2023〕31号", group="指标"),
        Field("project_id", "项目", "project", required=True, document_kind=PROJECT_KIND, group="指标"),
        Field("origin", "指标来源", "choice", choices=tuple(Origin.choices), group="指标"),
        Field("amount_fen", "金额", "amount", required=True, group="指标"),
        Field("fund", "资金性质", "choice", required=True, choices=FUNDS, group="科目"),
        Field("function_code", "支出功能分类", "code", required=True, code_kind="function", group="科目"),
        Field(
            "economic_code",
            "部门经济分类",
            "code",
            required=True,
            code_kind="economic_department",
            group="科目",
        ),
        Field(
            "government_code",
            "政府经济分类",
            "code",
            code_kind="economic_government",
            help="留空按对照表得出",
            group="科目",
        ),
        Field(
            "spending", "支出类型", "choice", choices=tuple(Spending.choices), editable=False, group="科目"
        ),
        Field("flag_marks", "标识", "choice", choices=FLAG_CHOICES, group="科目"),
        Field("first_year", "首次安排年度", editable=False, group="指标"),
        Field("note", "备注", "long", group="科目"),
        Field("title", "摘要", editable=False, group="指标"),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("reference", "文号"),
        UNIT,
        Column("project", "项目", "text", "project__title"),
        Column("origin", "来源"),
        Column("function_code", "功能分类", "code", code_kind="function"),
        Column("economic_code", "部门经济分类", "code", code_kind="economic_department"),
        Column("fund", "资金性质", "code", "document__fund", code_kind="fund"),
        AMOUNT,
        DAY,
    ),
    filters=(
        Filter("reference", "文号", "text", "reference"),
        UNIT_FILTER,
        FUND_FILTER,
        Filter("spending", "支出类型", "choice", "spending", tuple(Spending.choices)),
        Filter("origin", "来源", "choice", "origin", tuple(Origin.choices)),
        AMOUNT_FILTER,
    ),
    panels=(panels.figures_panel, panels.holders_panel, panels.payments_panel, panels.movements_panel),
)


SOURCE_FIELDS = (
    Field("source_kind", "来源类别", "choice", choices=tuple(FundingKind.choices)),
    Field("offset_note", "平衡措施", help="一般性支出追加须说明压减什么来平衡"),
)


def _adjustment(code: str, title: str, prefix: str, icon: str, step: Step) -> DocumentKind:
    return DocumentKind(
        code=code,
        title=title,
        prefix=prefix,
        model=Adjustment,
        icon=icon,
        states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已生效", "done"), REVERSED, VOIDED),
        steps=(SUBMIT, step, SEND_BACK, WITHDRAW, reverse_step(f"{code}.reversed"), VOID),
        flow=ChainFlow(approved="approved"),
        create=changes.create_adjustments(code),
        revise=changes.revise_on_allotment,
        fields=(
            Field("allotment_id", "指标", "document", required=True, document_kind=services.ALLOTMENT),
            Field("amount_fen", "金额", "amount", required=True),
            *(SOURCE_FIELDS if code == changes.SUPPLEMENT else ()),
            Field("funding", "资金来源" if code == changes.SUPPLEMENT else "资金去向", required=True),
            Field("reference", "文号"),
            Field("reason", "理由", "long", required=True),
            Field("title", "摘要", editable=False),
            Field("unit_id", "单位", "unit", editable=False),
        ),
        columns=(
            NUMBER,
            STATE,
            UNIT,
            Column("allotment", "指标", "text", "allotment__title"),
            AMOUNT,
            Column("funding", "资金来源"),
            DAY,
        ),
        filters=(UNIT_FILTER, AMOUNT_FILTER, DAY_FILTER),
        panels=(panels.target_panel,),
    )


SUPPLEMENT = _adjustment(
    changes.SUPPLEMENT,
    "指标追加",
    "ZJ",
    "circle-plus",
    approve_step(changes.apply_supplements, "budget.supplement.approved"),
)
CUT = _adjustment(
    changes.CUT, "指标追减", "JS", "circle-minus", approve_step(changes.apply_cuts, "budget.cut.approved")
)

VIREMENT = DocumentKind(
    code=changes.VIREMENT,
    title="指标调剂",
    prefix="TJ",
    model=Virement,
    icon="arrow-left-right",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已生效", "done"), REVERSED, VOIDED),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, checks=True, style="primary"),
        approve_step(changes.apply_virements, "budget.virement.approved"),
        SEND_BACK,
        WITHDRAW,
        reverse_step("budget.virement.reversed"),
        VOID,
    ),
    flow=ChainFlow(approved="approved"),
    fact_view="v_virement_facts",
    create=changes.create_virements,
    revise=changes.revise_virement,
    fields=(
        Field("out_allotment_id", "调出指标", "document", required=True, document_kind=services.ALLOTMENT),
        Field("in_allotment_id", "调入指标", "document", required=True, document_kind=services.ALLOTMENT),
        Field("amount_fen", "金额", "amount", required=True),
        Field("reference", "文号"),
        Field("reason", "调剂理由", "long", required=True),
        Field("title", "摘要", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(NUMBER, STATE, UNIT, TITLE, AMOUNT, Column("reason", "理由"), DAY, MAKER),
    filters=(UNIT_FILTER, AMOUNT_FILTER, DAY_FILTER),
    line_model=VirementLine,
    line_columns=(
        Column("row_no", "行号"),
        Column("out", "调出指标", "text", "out_allotment__title"),
        Column("into", "调入指标", "text", "in_allotment__title"),
        Column("amount", "金额", "amount", "amount_fen", total=True),
    ),
)

FREEZE = DocumentKind(
    code=changes.FREEZE,
    title="指标冻结",
    prefix="DJ",
    model=Freeze,
    icon="snowflake",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("frozen", "已冻结", "running"),
        State("unfrozen", "已解冻", "done"),
        VOIDED,
    ),
    steps=(
        SUBMIT,
        approve_step(changes.apply_freezes, "budget.freeze.frozen"),
        SEND_BACK,
        WITHDRAW,
        Step(
            "unfreeze",
            "解冻",
            ("frozen",),
            "unfrozen",
            apply=changes.release_freezes,
            reason=True,
            not_maker=True,
            event="budget.freeze.unfrozen",
        ),
        VOID,
    ),
    flow=ChainFlow(approved="frozen"),
    create=changes.create_freezes,
    revise=changes.revise_on_allotment,
    fields=(
        Field("allotment_id", "指标", "document", required=True, document_kind=services.ALLOTMENT),
        Field("amount_fen", "冻结金额", "amount", required=True),
        Field("reason", "冻结原因", "long", required=True),
        Field("title", "摘要", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        UNIT,
        Column("allotment", "指标", "text", "allotment__title"),
        AMOUNT,
        Column("reason", "原因"),
        DAY,
    ),
    filters=(UNIT_FILTER, AMOUNT_FILTER, DAY_FILTER),
    panels=(panels.target_panel,),
)

KINDS = (
    APPROPRIATION, ALLOTMENT, SUPPLEMENT, CUT, VIREMENT, FREEZE,
    BALANCE, TRANSFER, YEAR_END, IDLE, ADVANCE, CLEARING, EXECUTION_CUT,
)  # fmt: skip
