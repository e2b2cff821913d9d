"""The document kinds of treasury: states, steps, form, list."""

from fisc.domains.treasury import batches, clearing, panels, plans, services
from fisc.domains.treasury.bank import BANK_FILE as BANK_FILE_CODE
from fisc.domains.treasury.bank import FUND_NAMES
from fisc.domains.treasury.models import (
    BankFile,
    Batch,
    BatchLine,
    CashPlan,
    Clearing,
    ClearingLine,
    Instruction,
    PayeeKind,
    Payment,
    Refund,
    Settlement,
    Statement,
)
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

ALLOTMENT_KIND = "budget.allotment"
FUNDS = tuple(FUND_NAMES.items())
DRAFT, IN_REVIEW = State("draft", "草稿", "draft"), State("in_review", "审核中", "waiting")
RETURNED, VOIDED = State("returned", "已退回", "wrong"), State("voided", "已作废", "wrong")
SUBMIT = Step("submit", "送审", ("draft", "returned"), None, style="primary")
SEND_BACK = Step("send_back", "退回", ("in_review",), None, reason=True)
WITHDRAW = Step("withdraw", "撤回", ("in_review",), None)
VOID = Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger")
NUMBER = Column("number", "单号", "number", "document__number", pin=True)
STATE = Column("state", "状态", "state", "document__state")
UNIT = Column("unit", "单位", "unit", "document__unit")
PURPOSE = Column("purpose", "用途", "text", "document__title")
AMOUNT = Column("amount", "金额", "amount", "document__amount_fen", total=True)
FUND = Column("fund", "资金性质", "code", "document__fund", code_kind="fund")
DAY = Column("business_on", "日期", "date", "document__business_on")
MAKER = Column("maker", "制单人", "user", "document__maker")
UNIT_FILTER = Filter("unit", "单位", "unit", "document__unit")
AMOUNT_FILTER = Filter("amount", "金额", "amount_range", "document__amount_fen")
FUND_FILTER = Filter("fund", "资金性质", "choice", "document__fund", FUNDS)
DAY_FILTER = Filter("day", "日期", "date_range", "document__business_on")
ALLOTMENT_FIELD = Field(
    "allotment_id", "指标", "document", required=True, document_kind=ALLOTMENT_KIND, group="指标"
)
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
    panels=(panels.allotment_panel, panels.bank_panel),
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
    panels=(panels.allotment_panel, panels.bank_panel),
)

CASH_PLAN = DocumentKind(
    code=plans.CASH_PLAN,
    title="用款计划",
    prefix="JH",
    model=CashPlan,
    icon="calendar-clock",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("planned", "未到期", "running"),
        State("due", "可用", "done"),
        State("cancelled", "已调减", "wrong"),
        VOIDED,
    ),
    steps=(
        SUBMIT,
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=plans.approve_plans,
            not_maker=True,
            style="primary",
            event="treasury.cash_plan.approved",
        ),
        SEND_BACK,
        WITHDRAW,
        Step("fall_due", "到期转可用", ("planned",), "due", apply=plans.fall_due, auto=True),
        Step(
            "cancel",
            "调减",
            ("planned", "due"),
            "cancelled",
            apply=plans.cancel_plans,
            reason=True,
            style="danger",
        ),
        VOID,
    ),
    flow=ChainFlow(approved="planned"),
    create=plans.create_plans,
    revise=plans.revise,
    fields=(
        ALLOTMENT_FIELD,
        Field("month", "用款月份", "month", required=True),
        Field("amount_fen", "计划金额", "amount", required=True),
        Field("title", "摘要", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        UNIT,
        Column("month", "月份"),
        Column("allotment", "指标", "text", "allotment__title"),
        AMOUNT,
        FUND,
        MAKER,
    ),
    filters=(UNIT_FILTER, FUND_FILTER, AMOUNT_FILTER),
    panels=(panels.allotment_panel,),
)

BANK_FILE = DocumentKind(
    code=BANK_FILE_CODE,
    title="支付指令文件",
    prefix="YH",
    model=BankFile,
    icon="file-up",
    first_state="sent",
    editable_states=(),
    states=(State("sent", "待回单", "running"), State("answered", "已全部回单", "done")),
    steps=(Step("answer", "回单收齐", ("sent",), "answered", auto=True),),
    fields=(
        Field("filename", "文件名", editable=False),
        Field("sent_on", "发送日期", "date", editable=False),
        Field("sequence_no", "当日序号", editable=False),
        Field("line_count", "笔数", editable=False),
        Field("amount_fen", "金额", "amount", editable=False),
        Field("sha256", "文件摘要（SHA-256）", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("filename", "文件名"),
        Column("sent_on", "发送日期", "date"),
        Column("line_count", "笔数"),
        AMOUNT,
        MAKER,
    ),
    filters=(AMOUNT_FILTER, Filter("sent_on", "发送日期", "date_range", "sent_on")),
    line_model=Instruction,
    line_columns=(
        Column("reference", "指令号"),
        Column("payee", "收款人", "text", "document__counterparty"),
        Column("amount", "金额", "amount", "amount_fen", total=True),
        Column("state", "银行结果"),
        Column("paid_on", "支付日期", "date"),
        Column("reason", "退票原因"),
    ),
)

CLEARING = DocumentKind(
    code=clearing.CLEARING,
    title="清算单",
    prefix="QS",
    model=Clearing,
    icon="landmark",
    editable_states=(),
    states=(DRAFT, IN_REVIEW, RETURNED, State("cleared", "已清算", "done"), VOIDED),
    steps=(
        SUBMIT,
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=clearing.clear,
            not_maker=True,
            style="primary",
            event="treasury.clearing.cleared",
        ),
        SEND_BACK,
        WITHDRAW,
        Step(
            "void",
            "作废",
            ("draft", "returned"),
            "voided",
            apply=clearing.give_up_clearing,
            reason=True,
            style="danger",
        ),
    ),
    flow=ChainFlow(approved="cleared"),
    create=clearing.create_clearings,
    fields=(
        Field("cleared_on", "清算日期", "date", required=True),
        Field("instruction_count", "笔数", editable=False),
        Field("title", "摘要", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
        Field("amount_fen", "清算金额", "amount", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("cleared_on", "清算日期", "date"),
        Column("instruction_count", "笔数"),
        AMOUNT,
        MAKER,
    ),
    filters=(Filter("cleared_on", "清算日期", "date_range", "cleared_on"),),
    line_model=ClearingLine,
    line_columns=(
        Column("fund", "资金性质", "code", "fund", code_kind="fund"),
        Column("instruction_count", "笔数"),
        Column("amount", "清算金额", "amount", "amount_fen", total=True),
    ),
)

STATEMENT = DocumentKind(
    code=clearing.STATEMENT,
    title="国库对账单",
    prefix="DZ",
    model=Statement,
    icon="scale",
    editable_states=(),
    states=(DRAFT, State("agreed", "相符", "done"), State("differs", "不符", "wrong"), VOIDED),
    steps=(
        Step(
            "compare", "对账", ("draft", "differs", "agreed"), None, apply=clearing.compare, style="primary"
        ),
        Step(
            "void",
            "作废",
            ("draft", "differs"),
            "voided",
            apply=clearing.void_statements,
            reason=True,
            style="danger",
        ),
    ),
    create=clearing.create_statements,
    fields=(
        Field("statement_on", "对账日期", "date", required=True),
        Field("fund", "资金性质", "choice", required=True, choices=FUNDS),
        Field("opening_fen", "期初余额", "amount", required=True),
        Field("inflow_fen", "本期收入", "amount", required=True),
        Field("outflow_fen", "本期支出", "amount", required=True),
        Field("closing_fen", "期末余额", "amount", required=True),
        Field("ledger_fen", "账面余额", "amount", editable=False),
        Field("difference_fen", "差额", "amount", editable=False),
        Field("title", "摘要", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("statement_on", "对账日期", "date"),
        FUND,
        Column("opening", "期初", "amount", "opening_fen"),
        Column("inflow", "收入", "amount", "inflow_fen"),
        Column("outflow", "支出", "amount", "outflow_fen"),
        Column("closing", "期末", "amount", "closing_fen"),
        Column("ledger", "账面", "amount", "ledger_fen"),
    ),
    filters=(FUND_FILTER, Filter("statement_on", "对账日期", "date_range", "statement_on")),
    panels=(panels.statement_panel,),
)

REFUND = DocumentKind(
    code=clearing.REFUND,
    title="退款",
    prefix="TK",
    model=Refund,
    icon="undo-2",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已退回指标", "done"), VOIDED),
    steps=(
        SUBMIT,
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=clearing.apply_refunds,
            not_maker=True,
            style="primary",
            event="treasury.refund.approved",
        ),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(approved="approved"),
    create=clearing.create_refunds,
    fields=(
        Field("payment_id", "原支付单", "document", required=True, document_kind=services.PAYMENT),
        Field("amount_fen", "退款金额", "amount", required=True),
        Field("received_on", "退款到账日", "date", required=True),
        Field("bank_serial", "银行流水号"),
        Field("reason", "退款原因", required=True),
        Field("title", "摘要", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        UNIT,
        Column("payment", "原支付单", "text", "payment__number"),
        AMOUNT,
        Column("received_on", "到账日", "date"),
        Column("reason", "原因"),
        MAKER,
    ),
    filters=(
        UNIT_FILTER,
        FUND_FILTER,
        AMOUNT_FILTER,
        Filter("received_on", "到账日", "date_range", "received_on"),
    ),
)

KINDS = (PAYMENT, BATCH, CASH_PLAN, BANK_FILE, CLEARING, STATEMENT, REFUND)
