"""The card of a year end: what is left, by kind, with the way to its workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fisc.base.money import format_fen
from fisc.domains.budget.yearend import services
from fisc.domains.budget.yearend.models import Kind
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor


def totals_panel(document: Document, actor: Actor) -> Panel | None:
    """结余处理: lines and money by kind."""
    found = services.totals(document.pk)
    rows = tuple(
        (kind.label, f"{found[kind.value][0]}", format_fen(found[kind.value][1]))
        for kind in Kind
        if kind.value in found
    )
    return Panel(
        title="结余处理",
        kind="template",
        template="budget/panel_year_end.html",
        data={"rows": rows, "id": document.pk, "total": format_fen(document.amount_fen)},
    )
