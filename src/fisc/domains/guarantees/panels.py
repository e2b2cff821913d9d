"""The card of a need's page: its sums by area and level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from fisc.base.money import format_fen
from fisc.domains.guarantees.areas import AREA_NAMES, LEVEL_NAMES
from fisc.domains.guarantees.models import NeedLine
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

BY_AREA = """
SELECT item.area, item.level, sum(line.need_fen)
FROM guarantees_need_line AS line
JOIN guarantees_need AS need ON need.document_id = line.need_id
LEFT JOIN v_guarantees_item AS item ON item.fiscal_year = need.year AND item.item = line.item
WHERE line.need_id = %s
GROUP BY item.area, item.level
"""


def sheet_panel(document: Document, actor: Actor) -> Panel | None:
    """填写需求: where a draft's own lines are filled in."""
    if document.state not in document.spec.editable_states or not actor.can("guarantees.need.edit"):
        return None
    lines = NeedLine.objects.filter(need_id=document.pk)
    own = lines.filter(source="own").count()
    data = {"id": document.pk, "own": own, "standards": lines.count() - own}
    return Panel(
        title="填写需求", kind="template", template="guarantees/panel_sheet.html", data=data, side=True
    )


def areas_panel(document: Document, actor: Actor) -> Panel | None:
    """需求构成: 保工资, 保运转, 保基本民生, and of that by national and local standards."""
    with connection.cursor() as cursor:
        cursor.execute(BY_AREA, [document.pk])
        rows = [(area, level, int(fen)) for area, level, fen in cursor.fetchall()]
    if not rows:
        return None
    shown = [
        (label, format_fen(sum(fen for area, _, fen in rows if area == code)))
        for code, label in AREA_NAMES.items()
    ]
    shown += [
        (f"其中{label}", format_fen(sum(fen for _, level, fen in rows if level == code)))
        for code, label in LEVEL_NAMES.items()
    ]
    return Panel(
        title="需求构成",
        rows=(
            *shown,
            ("合计", format_fen(sum(fen for _, _, fen in rows))),
            ("说明", "批准后冻结；县编、市审、省核情况见单据栏目。"),
        ),
        side=True,
    )
