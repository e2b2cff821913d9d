"""The card of an advance: what is still to be cleared, by when, and who reviewed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from fisc.base.money import format_fen
from fisc.domains.budget.advances import services
from fisc.domains.budget.advances.models import Advance
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor


def advance_panel(document: Document, actor: Actor) -> Panel | None:
    """清理进度."""
    row = Advance.objects.select_related("allotment").get(pk=document.pk)
    if row.allotment is None or row.released_at is None:
        return None
    open_fen = services.open_amounts([row]).get(row.pk, 0)
    rows: list[tuple[object, ...]] = [
        ("支付指标", row.allotment),
        ("预拨金额", format_fen(document.amount_fen)),
        ("已清理", format_fen(document.amount_fen - open_fen)),
        ("待清理", format_fen(open_fen)),
        ("应清理日期", row.due_on.isoformat()),
    ]
    if row.type == Advance.Type.EMERGENCY:
        due = timezone.localtime(row.released_at + services.REVIEW_WITHIN)
        done = timezone.localtime(row.reviewed_at) if row.reviewed_at else None
        rows.append(("48小时复核", f"{done:%Y-%m-%d %H:%M}" if done else f"限 {due:%Y-%m-%d %H:%M} 前"))
        if row.late_review:
            rows.append(("逾期复核说明", row.late_review))
    return Panel(title="清理进度", rows=tuple(rows), side=True)
