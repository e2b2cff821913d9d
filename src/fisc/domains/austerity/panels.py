"""The card of a change's page: the unit's ceilings as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fisc.base.money import format_fen
from fisc.domains.austerity import standing
from fisc.domains.austerity.items import THREE_PUBLIC_NAMES
from fisc.domains.austerity.models import CeilingChange, CeilingLine
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor


def sheet_panel(document: Document, actor: Actor) -> Panel | None:
    """填写额度: where a draft's ceilings are filled in."""
    if document.state not in document.spec.editable_states or not actor.can("austerity.ceiling.edit"):
        return None
    units = CeilingLine.objects.filter(ceiling_id=document.pk, economic_code="").count()
    data = {"id": document.pk, "units": units}
    return Panel(
        title="填写额度", kind="template", template="austerity/panel_sheet.html", data=data, side=True
    )


def ceiling_panel(document: Document, actor: Actor) -> Panel | None:
    """额度现状: given, used, held, left by item and in all."""
    year = CeilingChange.objects.values_list("year", flat=True).get(pk=document.pk)
    found = standing.ceilings(year, [document.unit_id])
    if not found:
        return None
    rows = tuple(
        (
            THREE_PUBLIC_NAMES.get(code, "总额"),
            format_fen(position.ceiling_fen),
            format_fen(position.used_fen),
            format_fen(position.held_fen),
            format_fen(position.left_fen),
        )
        for (_, code), position in found.items()
    )
    return Panel(
        title=f"{year}年三公额度现状", kind="table", head=("项目", "额度", "已用", "在途", "可用"), rows=rows
    )
