"""二下批复 becomes budget: the lines that a reply fixes are drafted as one appropriation, which then takes its chain.

The lines come from the published view `v_preparation_line` (see README): read when the event arrives, never stored
twice. Source: 预算法 第五十二条 (批复 within 20 days), norm A.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from fisc.domains.budget import services
from fisc.domains.budget.dimensions import Origin
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.events import Event
from fisc.kernel.orgs.access import system_actor

LINES = """
    SELECT unit_id, project_id, fund, function_code, economic_code, flags, reply_fen
    FROM v_preparation_line
    WHERE fiscal_year = %s AND reply_fen > 0
    ORDER BY line_id
"""
LINE_KEYS = ("unit_id", "project_id", "fund", "function_code", "economic_code", "flags", "amount_fen")
DEAD = ("voided", "reversed")


def draft_from_reply(event: Event) -> None:
    """This function will draft the appropriation of an issued reply; a second time changes nothing.

    :raises BadInput: a line cannot be right (an unknown project, a code that is not in the year's list).
    """
    payload: Mapping[str, Any] = event.payload
    reply_id, year = int(payload["document_id"]), int(payload["fiscal_year"])
    with transaction.atomic():
        reply = Document.objects.select_for_update().get(pk=reply_id)
        if appropriation_of(reply_id) is not None:
            return
        lines = _lines(year)
        if not lines:
            return
        services.create_appropriations(
            drafts=[
                Draft(
                    unit_id=reply.unit_id,
                    fiscal_year=year,
                    business_on=timezone.localdate(event.at),
                    title=f"{year}年部门预算批复",
                    amount_fen=0,
                    source_id=reply_id,
                    row={
                        "lines": lines,
                        "origin": Origin.INITIAL.value,
                        "reference": str(payload.get("reference") or "")[:60],
                        "note": f"由批复 {reply.number} 生成",
                    },
                )
            ],
            actor=system_actor(),
            at=event.at,
        )


def appropriation_of(reply_id: int) -> int | None:
    """The appropriation that was made of a reply and still stands."""
    made = Document.objects.filter(kind=services.APPROPRIATION, source_id=reply_id).exclude(state__in=DEAD)
    return made.values_list("id", flat=True).first()


def _lines(year: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(LINES, [year])
        return [dict(zip(LINE_KEYS, row, strict=True)) for row in cursor.fetchall()]
