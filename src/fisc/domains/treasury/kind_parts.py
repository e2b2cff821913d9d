"""Pieces that the document kinds of treasury share: states, steps, columns, filters."""

from fisc.domains.treasury.bank import FUND_NAMES
from fisc.kernel.documents.spec import Column, Field, Filter, State, Step

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
