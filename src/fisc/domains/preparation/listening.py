"""What the preparation hears from other modules: cuts by execution, and supplements that give back what was cut."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from fisc.base.errors import BadInput, NotFound
from fisc.domains.preparation.models import CarriedCut, Restored
from fisc.domains.preparation.refusals import need
from fisc.kernel import lean
from fisc.kernel.documents.models import Document
from fisc.kernel.events.audit import AuditRow, record_many

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

SQL = (Path(__file__).parent / "sql" / "listening.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
ANSWER = "preparation.restored.answer"


def carry_cut(event: Any) -> None:
    """执行核减已确认: kept for the round of the year that is cut; hearing it again changes nothing."""
    payload: Mapping[str, Any] = event.payload
    CarriedCut.objects.update_or_create(
        document_id=event.document_id or payload["document_id"],
        fiscal_year=payload["fiscal_year"],
        unit_id=payload["unit_id"],
        project_id=payload["project_id"],
        defaults={"cut_fen": payload["cut_fen"], "received_at": event.at},
    )


def flag_restored(event: Any) -> None:
    """追加已生效: flags it if the same year's preparation had cut this item (先压后追), up to what was cut.

    A supplement that names no project restores no item. The item is unit x project x economic code; of a project of
    its own (not personnel or running costs) any economic code counts.
    """
    payload: Mapping[str, Any] = event.payload
    supplement_id = event.document_id or payload["document_id"]
    if not payload.get("project_id"):
        return
    year = payload.get("fiscal_year") or Document.objects.values_list("fiscal_year", flat=True).get(
        pk=supplement_id
    )
    place = (year, payload["unit_id"], payload["project_id"], payload.get("economic_code") or "")
    found = lean.fetch(QUERIES["cut_of"], place)
    if not found:
        return
    round_id, cut_fen, restored_before = found[0]
    restored = min(payload["amount_fen"], cut_fen - restored_before)
    if restored <= 0:
        return
    Restored.objects.get_or_create(
        supplement_id=supplement_id,
        defaults={
            "allotment_id": payload["allotment_id"],
            "round_id": round_id,
            "unit_id": payload["unit_id"],
            "project_id": payload["project_id"],
            "economic_code": place[3],
            "added_fen": payload["amount_fen"],
            "cut_fen": cut_fen,
            "restored_fen": restored,
            "found_at": event.at,
        },
    )


def answer_restored(*, restored_id: int, answer: str, actor: Actor, at: dt.datetime) -> None:
    """先压后追说明: 预算股 says why; once given, the answer stays.

    :raises NotAllowed: not 预算股. :raises BadInput: no text. :raises NotFound: no such row, or answered already.
    """
    need(actor, ANSWER)
    text = answer.strip()
    if not text:
        raise BadInput("请写明追加的理由。", code="preparation.answer")
    with transaction.atomic():
        row = Restored.objects.select_for_update().filter(pk=restored_id, answer="").first()
        if row is None:
            raise NotFound("没有待说明的这一条。")
        Restored.objects.filter(pk=restored_id).update(
            answer=text, answered_by_id=actor.user_id, answered_at=at
        )
        record_many(
            [
                AuditRow(
                    at=at, actor_id=actor.user_id, actor_name=actor.name, action=ANSWER,
                    object_kind="preparation.restored", object_id=str(restored_id), document_id=row.supplement_id,
                    ip=actor.ip or None, detail={"answer": text, "restored_fen": row.restored_fen},
                )
            ]
        )  # fmt: skip
