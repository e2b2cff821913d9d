"""The audit trail: who did what to which object, from where. Only ever added to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from fisc.kernel import lean

INSERT = """
    INSERT INTO events_audit (
        at, actor_id, actor_name, action, object_kind, object_id, document_id, ip, detail, xact_id)
    SELECT
        at, actor_id, actor_name, action, object_kind, object_id, document_id, ip, detail,
        (SELECT events_xact_id())
    FROM jsonb_populate_recordset(NULL::events_audit, %s::jsonb)
"""


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One act. `action` like treasury.payment.approve; `detail`: what else is worth knowing, no secrets."""

    at: datetime
    action: str
    actor_id: int | None = None
    actor_name: str = ""
    object_kind: str = ""
    object_id: str = ""
    document_id: int | None = None
    ip: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def record_many(rows: Sequence[AuditRow]) -> None:
    """This function will add the rows to the audit trail, in the caller's transaction."""
    if not rows:
        return
    lean.run(*record_statement(rows))


def record_statement(rows: Sequence[AuditRow]) -> lean.Statement:
    """Return the statement that adds the rows, for callers that send several statements in one go."""
    return INSERT, [json.dumps([vars(row) for row in rows], cls=DjangoJSONEncoder)]
