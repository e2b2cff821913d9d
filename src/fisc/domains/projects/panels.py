"""The cards of a project's page: what is arranged of its total, and its parts by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fisc.domains.projects import postings
from fisc.domains.projects.models import YearAmount
from fisc.kernel import ledger
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor

PAID_SUBJECT, ALLOTMENT_BOOK = "661", "allotment"


def money_panel(document: Document, actor: Actor) -> Panel | None:
    """项目资金: paid, arranged but not paid, and room, as one stacked bar."""
    keys = {name: postings.account(document.pk, name) for name in (postings.ROOM, postings.ARRANGED)}
    held = ledger.balance(keys.values())
    room, arranged = (held[keys[name]].posted_fen for name in (postings.ROOM, postings.ARRANGED))
    if not room and not arranged:
        return None
    selection = ledger.Selection(book=ALLOTMENT_BOOK, subjects=(PAID_SUBJECT,), project_ids=(document.pk,))
    paid = sum(balance.posted_fen for balance in ledger.balances(selection).values())
    return Panel(
        title="项目资金",
        kind="bar",
        rows=(("已支付", paid), ("已安排未支付", arranged - paid), ("可安排", room)),
    )


def years_panel(document: Document, actor: Actor) -> Panel | None:
    """分年安排."""
    rows = tuple(YearAmount.objects.filter(project_id=document.pk).order_by("fiscal_year"))
    if not rows:
        return None
    return Panel(
        title="分年安排", kind="bar", rows=tuple((f"{row.fiscal_year}年", row.amount_fen) for row in rows)
    )
