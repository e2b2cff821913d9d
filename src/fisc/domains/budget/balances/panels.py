"""The cards of a balance and of a transfer: whether it holds, and on which clause it rests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fisc.base.money import format_fen
from fisc.domains.budget.balances import services
from fisc.domains.budget.balances.models import Balance, BudgetTransfer
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor


def balance_panel(document: Document, actor: Actor) -> Panel | None:
    """收支是否平衡, with the difference."""
    row = Balance.objects.get(pk=document.pk)
    inward, outward = services.transferred([row.year]).get((row.year, row.fund), (0, 0))
    return Panel(
        title="平衡",
        rows=(
            ("收入总计", format_fen(row.revenue_fen)),
            ("支出总计", format_fen(row.expenditure_fen)),
            ("差额", format_fen(row.revenue_fen - row.expenditure_fen)),
            ("已批准调入", format_fen(inward)),
            ("已批准调出", format_fen(outward)),
        ),
        side=True,
    )


def transfer_panel(document: Document, actor: Actor) -> Panel | None:
    """The rule of the pair on the document's day."""
    row = BudgetTransfer.objects.get(pk=document.pk)
    rule = services.rule_for(row.from_fund, row.to_fund, document.business_on)
    if rule is None:
        return Panel(title="调拨规定", kind="text", text="没有允许这样调拨的规定。", side=True)
    rows = [("规定", rule.get_permission_display()), ("依据", rule.basis)]
    if rule.min_percent is not None:
        rows.append(("最低比例", f"{rule.min_percent.normalize():f}％"))
    if rule.way:
        rows.append(("合规办法", rule.way))
    return Panel(title="调拨规定", rows=tuple(rows), side=True)
