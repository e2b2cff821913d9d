"""What the document kinds of the budget share: states, steps of the chain, columns, filters."""

from collections.abc import Callable

from fisc.domains.budget import booking
from fisc.domains.budget.dimensions import FUND_LABELS
from fisc.kernel.documents.call import StepCall
from fisc.kernel.documents.spec import Column, Filter, State, Step
from fisc.kernel.ledger.flags import LABELS

PROJECT_KIND = "projects.project"
FUNDS = tuple(FUND_LABELS.items())
FOUR_FUNDS = FUNDS[:4]
FLAG_CHOICES = tuple(
    (str(number), "、".join(label for bit, label in LABELS.items() if number & bit) or "无")
    for number in range(8)
)
DRAFT, IN_REVIEW = State("draft", "草稿", "draft"), State("in_review", "审核中", "waiting")
RETURNED, VOIDED = State("returned", "已退回", "wrong"), State("voided", "已作废", "wrong")
REVERSED = State("reversed", "已冲销", "wrong")
SUBMIT = Step("submit", "送审", ("draft", "returned"), None, style="primary")
SEND_BACK = Step("send_back", "退回", ("in_review",), None, reason=True)
WITHDRAW = Step("withdraw", "撤回", ("in_review",), None)
VOID = Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger")
NUMBER = Column("number", "单号", "number", "document__number", pin=True)
STATE = Column("state", "状态", "state", "document__state")
UNIT = Column("unit", "单位", "unit", "document__unit")
TITLE = Column("title", "摘要", "text", "document__title")
AMOUNT = Column("amount", "金额", "amount", "document__amount_fen", total=True)
DAY = Column("business_on", "日期", "date", "document__business_on")
MAKER = Column("maker", "制单人", "user", "document__maker")
UNIT_FILTER = Filter("unit", "单位", "unit", "document__unit")
AMOUNT_FILTER = Filter("amount", "金额", "amount_range", "document__amount_fen")
FUND_FILTER = Filter("fund", "资金性质", "choice", "document__fund", FUNDS)
DAY_FILTER = Filter("day", "日期", "date_range", "document__business_on")


def reverse_step(event: str) -> Step:
    return Step(
        "reverse",
        "冲销",
        ("approved",),
        "reversed",
        apply=booking.reverse,
        reason=True,
        style="danger",
        not_maker=True,
        event=event,
    )


def approve_step(apply: Callable[[StepCall], None], event: str) -> Step:
    return Step(
        "approve",
        "审核通过",
        ("in_review",),
        None,
        apply=apply,
        not_maker=True,
        style="primary",
        event=event,
    )
