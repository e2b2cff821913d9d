"""The document kinds of the four budgets: 收支平衡表 and 预算间调拨."""

from fisc.domains.budget.balances import panels, services
from fisc.domains.budget.balances.models import EXPENDITURE_ITEMS, REVENUE_ITEMS, Balance, BudgetTransfer
from fisc.domains.budget.kind_parts import (
    AMOUNT,
    AMOUNT_FILTER,
    DAY,
    DRAFT,
    FOUR_FUNDS,
    FUND_FILTER,
    IN_REVIEW,
    MAKER,
    NUMBER,
    RETURNED,
    REVERSED,
    SEND_BACK,
    STATE,
    TITLE,
    VOID,
    VOIDED,
    WITHDRAW,
    approve_step,
    reverse_step,
)
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step


def _submit(apply: object) -> Step:
    return Step("submit", "送审", ("draft", "returned"), None, apply=apply, style="primary")  # type: ignore[arg-type]


BALANCE = DocumentKind(
    code=services.BALANCE,
    title="收支平衡表",
    prefix="SZB",
    model=Balance,
    icon="scale",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("approved", "已批准", "done"),
        State("replaced", "已被调整预算替代", "done"),
        VOIDED,
    ),
    steps=(
        _submit(services.submit_balances),
        approve_step(services.approve_balances, "budget.balance.approved"),
        SEND_BACK,
        WITHDRAW,
        Step("replace", "被替代", ("approved",), "replaced", auto=True, event="budget.balance.replaced"),
        VOID,
    ),
    flow=ChainFlow(approved="approved"),
    create=services.create_balances,
    revise=services.revise_balance,
    fields=(
        Field("fund", "预算", "choice", required=True, choices=FOUR_FUNDS, group="预算"),
        Field("stage", "阶段", "choice", choices=tuple(Balance.Stage.choices), group="预算"),
        *(Field(key, label, "amount", group="收入") for key, label in REVENUE_ITEMS.items()),
        *(Field(key, label, "amount", group="支出") for key, label in EXPENDITURE_ITEMS.items()),
        Field("unit_id", "单位", "unit", required=True, group="预算"),
        Field("title", "摘要", editable=False, group="预算"),
        Field("note", "说明", "long", group="支出"),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("year", "年度"),
        Column("fund", "预算", "code", "fund", code_kind="fund"),
        Column("stage", "阶段"),
        AMOUNT,
        Column("own_revenue", "本级收入", "amount", "own_revenue_fen"),
        Column("own_spending", "本级支出", "amount", "own_spending_fen"),
        DAY,
        MAKER,
    ),
    filters=(FUND_FILTER, Filter("stage", "阶段", "choice", "stage", tuple(Balance.Stage.choices))),
    panels=(panels.balance_panel,),
)

TRANSFER = DocumentKind(
    code=services.TRANSFER,
    title="预算间调拨",
    prefix="DBJ",
    model=BudgetTransfer,
    icon="arrow-right-left",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已批准", "done"), REVERSED, VOIDED),
    steps=(
        _submit(services.submit_transfers),
        approve_step(services.approve_transfers, "budget.transfer_between.approved"),
        SEND_BACK,
        WITHDRAW,
        reverse_step("budget.transfer_between.reversed"),
        VOID,
    ),
    flow=ChainFlow(approved="approved"),
    create=services.create_transfers,
    revise=services.revise_transfer,
    fields=(
        Field("from_fund", "调出预算", "choice", required=True, choices=FOUR_FUNDS),
        Field("to_fund", "调入预算", "choice", required=True, choices=FOUR_FUNDS),
        Field("amount_fen", "金额", "amount", required=True),
        Field("idle_fen", "其中：盘活存量资金", "amount", help="计入调入资金的，不再计入盘活再安排"),
        Field("reference", "依据文号", help="规定须有专门文件依据的必填"),
        Field("reason", "调入用途", "long", required=True),
        Field("unit_id", "单位", "unit", required=True),
        Field("title", "摘要", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        TITLE,
        Column("from_fund", "调出预算", "code", "from_fund", code_kind="fund"),
        Column("to_fund", "调入预算", "code", "to_fund", code_kind="fund"),
        AMOUNT,
        DAY,
        MAKER,
    ),
    filters=(
        Filter("from_fund", "调出预算", "choice", "from_fund", FOUR_FUNDS),
        Filter("to_fund", "调入预算", "choice", "to_fund", FOUR_FUNDS),
        AMOUNT_FILTER,
    ),
    panels=(panels.transfer_panel,),
)
