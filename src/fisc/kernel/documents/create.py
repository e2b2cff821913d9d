"""Making documents: headers with gapless numbers, module rows, audit rows; a single one is a batch of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from fisc.kernel import lean
from fisc.kernel.documents import kinds
from fisc.kernel.documents.errors import StepNotPermitted
from fisc.kernel.documents.rows import insert_rows as insert_rows
from fisc.kernel.documents.spec import DocumentKind, Draft
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.actor import Actor

CREATE = """
SELECT draft_ordinal, document_id, document_number
FROM documents_create(
    %s, %s, %s, %s, %s, %s::int[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[],
    %s::date[], %s::bigint[], %s::text[]
)
"""


def create_many(
    *, kind: str | DocumentKind, drafts: Sequence[Draft], actor: Actor, at: dt.datetime
) -> list[int]:
    """This will make the documents in their kind's first state and return their ids in the order of the drafts.

    :raises StepNotPermitted: the actor may not create this kind, or not for one of the units.
    :raises django.db.IntegrityError: a constraint refuses a row; nothing is made.
    """
    spec = kinds.get(kind)
    if not drafts:
        return []
    _check_permission(spec, drafts, actor)
    with transaction.atomic():
        made = lean.fetch(CREATE, _arrays(spec, drafts, actor, at))
        ids = [row[1] for row in made]
        insert_rows(
            spec.model, [{**draft.row, "document_id": i} for draft, i in zip(drafts, ids, strict=True)]
        )
        record_many([_audit(spec, draft, row, actor, at) for draft, row in zip(drafts, made, strict=True)])
    return ids


def _check_permission(spec: DocumentKind, drafts: Sequence[Draft], actor: Actor) -> None:
    allowed = actor.can(spec.permission("create"))
    if not allowed or not all(actor.sees(unit_id) for unit_id in {draft.unit_id for draft in drafts}):
        raise StepNotPermitted(step="制单", kind=spec.title)


def _arrays(spec: DocumentKind, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[Any]:
    return [
        spec.code,
        spec.prefix,
        spec.first_state,
        actor.user_id,
        at,
        [draft.fiscal_year for draft in drafts],
        [draft.unit_id for draft in drafts],
        [draft.section_code for draft in drafts],
        [draft.title[:200] for draft in drafts],
        [draft.amount_fen for draft in drafts],
        [draft.fund for draft in drafts],
        [draft.counterparty[:200] for draft in drafts],
        [draft.business_on for draft in drafts],
        [draft.source_id for draft in drafts],
        [_array_literal(draft.tags) for draft in drafts],
    ]


def _array_literal(words: Sequence[str]) -> str:
    quoted = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    return "{" + ",".join(quoted) + "}"


def _audit(
    spec: DocumentKind, draft: Draft, made: tuple[Any, ...], actor: Actor, at: dt.datetime
) -> AuditRow:
    return AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=spec.permission("create"),
        object_kind=spec.code,
        object_id=str(made[1]),
        document_id=made[1],
        ip=actor.ip or None,
        detail={"number": made[2], "to": spec.first_state, "amount_fen": draft.amount_fen},
    )
