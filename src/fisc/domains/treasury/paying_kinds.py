"""The document kinds that pay: payments and batches."""

from fisc.domains.treasury import batches, panels, services
from fisc.domains.treasury.kind_parts import (
    ALLOTMENT_FIELD,
    AMOUNT,
    AMOUNT_FILTER,
    DAY,
    DAY_FILTER,
    DRAFT,
    FUND,
    FUND_FILTER,
    IN_REVIEW,
    MAKER,
    NUMBER,
    PURPOSE,
    RETURNED,
    STATE,
    UNIT,
    UNIT_FILTER,
    VOIDED,
)
from fisc.domains.treasury.models import (
    Batch,
    BatchLine,
    PayeeKind,
    Payment,
    Settlement,
)
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

ECONOMIC_FIELD = Field(
    "economic_code",
    "部门经济分类",
    "code",
    code_kind="economic_department",
    help="留空用指标的经济分类",
    group="指标",
)
SETTLEMENT_FIELD = Field(
    "settlement", "结算方式", "choice", required=True, choices=tuple(Settlement.choices), group="收款人"
)

MIGRANT_FIELD = Field(
    "is_migrant_wage",
    "农民工工资",
    "bool",
    help="工程款中的人工费、农民工工资专户拨款请勾选，库款紧张时优先支付",
    group="依据",
)

PAYING_STATES = (
    DRAFT,
    IN_REVIEW,
    RETURNED,
    State("approved", "待发银行", "waiting"),
    State("sent", "清算中", "running"),
    State("booked", "已支付", "done"),
    State("bank_refused", "银行退票", "wrong"),
    State("reissued", "已重开", "done"),
    VOIDED,
)


def _paying_steps(code: str) -> tuple[Step, ...]:
    return (
        Step(
            "submit", "送审", ("draft", "returned"), None, apply=services.hold, checks=True, style="primary"
        ),
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            not_maker=True,
            style="primary",
            event=f"{code}.approved",
        ),
        Step("send_back", "退回", ("in_review",), None, apply=services.release, reason=True),
        Step("withdraw", "撤回", ("in_review",), None, apply=services.release),
        Step(
            "send",
            "发送银行",
            ("approved",),
            "sent",
            apply=services.send,
            style="primary",
            event=f"{code}.sent",
        ),
        Step(
            "book", "登记已支付", ("sent",), "booked", apply=services.book, auto=True, event=f"{code}.booked"
        ),
        Step(
            "refuse_bank",
            "登记退票",
            ("sent",),
            "bank_refused",
            apply=services.release,
            auto=True,
            event=f"{code}.bank_refused",
        ),
        Step(
            "void",
            "作废",
            ("draft", "returned", "approved"),
            "voided",
            apply=services.release,
            reason=True,
            style="danger",
            event=f"{code}.voided",
        ),
    )


PAYMENT = DocumentKind(
    code=services.PAYMENT,
    title="支付申请",
    prefix="ZF",
    model=Payment,
    icon="banknote",
    states=PAYING_STATES,
    steps=(
        *_paying_steps(services.PAYMENT),
        Step(
            "pay_cash",
            "登记现金支付",
            ("approved",),
            "booked",
            apply=services.pay_cash,
            event="treasury.payment.booked",
        ),
        Step("reissue", "重开支付申请", ("bank_refused",), "reissued", apply=services.reissue),
    ),
    flow=ChainFlow(approved="approved"),
    fact_view="v_payment_facts",
    create=services.create_payments,
    revise=services.revise,
    fields=(
        ALLOTMENT_FIELD,
        ECONOMIC_FIELD,
        Field("title", "用途", required=True, help="写明支付什么，如“6月物业费”", group="指标"),
        Field("amount_fen", "金额", "amount", required=True, group="指标"),
        Field("counterparty", "收款人", required=True, group="收款人"),
        Field("payee_account", "收款账号", "account", group="收款人"),
        Field("payee_bank", "开户行", group="收款人"),
        Field("payee_kind", "收款人性质", "choice", choices=tuple(PayeeKind.choices), group="收款人"),
        SETTLEMENT_FIELD,
        Field("contract_no", "合同号", group="依据"),
        Field("invoice_no", "发票号", group="依据"),
        MIGRANT_FIELD,
        Field("business_on", "业务日期", "date", editable=False, group="依据"),
        Field("unit_id", "单位", "unit", editable=False, group="指标"),
        Field("function_code", "支出功能分类", "code", code_kind="function", editable=False, group="科目"),
        Field("project_id", "项目", "project", editable=False, group="科目"),
        Field("paid_on", "支付日期", "date", editable=False, group="科目"),
    ),
    columns=(
        NUMBER,
        STATE,
        UNIT,
        Column("payee", "收款人", "text", "document__counterparty"),
        AMOUNT,
        PURPOSE,
        Column("economic_code", "经济分类", "code", code_kind="economic_department"),
        Column("function_code", "功能分类", "code", code_kind="function"),
        Column("allotment", "指标", "text", "allotment__title"),
        FUND,
        DAY,
        Column("paid_on", "支付日期", "date"),
        MAKER,
    ),
    filters=(
        Filter("payee", "收款人", "text", "document__counterparty"),
        UNIT_FILTER,
        FUND_FILTER,
        Filter("settlement", "结算方式", "choice", "settlement", tuple(Settlement.choices)),
        AMOUNT_FILTER,
        DAY_FILTER,
    ),
    panels=(panels.allotment_panel, panels.ceiling_panel, panels.queue_panel, panels.bank_panel),
)

BATCH = DocumentKind(
    code=services.BATCH,
    title="批量支付",
    prefix="PL",
    model=Batch,
    icon="users",
    states=(*PAYING_STATES[:-2], VOIDED),
    steps=_paying_steps(services.BATCH),
    flow=ChainFlow(approved="approved"),
    fact_view="v_payment_facts",
    create=batches.create_batches,
    revise=services.revise,
    fields=(
        ALLOTMENT_FIELD,
        ECONOMIC_FIELD,
        Field("title", "用途", required=True, group="指标"),
        Field(
            "category",
            "批量类别",
            "choice",
            required=True,
            choices=tuple(Batch.Purpose.choices),
            group="指标",
        ),
        Field("amount_fen", "合计金额", "amount", editable=False, group="指标"),
        MIGRANT_FIELD,
        Field("line_count", "笔数", editable=False, group="收款人"),
        Field("unit_id", "单位", "unit", editable=False, group="指标"),
        SETTLEMENT_FIELD,
        Field("paid_fen", "已支付", "amount", editable=False, group="收款人"),
        Field("paid_on", "支付日期", "date", editable=False, group="收款人"),
    ),
    columns=(
        NUMBER,
        STATE,
        UNIT,
        PURPOSE,
        Column("category", "类别"),
        Column("line_count", "笔数"),
        AMOUNT,
        Column("paid", "已支付", "amount", "paid_fen", total=True),
        FUND,
        DAY,
        MAKER,
    ),
    filters=(UNIT_FILTER, FUND_FILTER, AMOUNT_FILTER, DAY_FILTER),
    line_model=BatchLine,
    line_columns=(
        Column("row_no", "序号"),
        Column("payee_name", "收款人"),
        Column("payee_account", "收款账号"),
        Column("payee_bank", "开户行"),
        Column("amount", "金额", "amount", "amount_fen", total=True),
        Column("state", "银行结果", "text", "instruction__state"),
        Column("reason", "退票原因", "text", "instruction__reason"),
        Column("note", "备注"),
    ),
    panels=(panels.allotment_panel, panels.ceiling_panel, panels.queue_panel, panels.bank_panel),
)
