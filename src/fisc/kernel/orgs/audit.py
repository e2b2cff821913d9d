"""Audit rows of administrative acts, in one shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fisc.kernel.events import audit
from fisc.kernel.orgs.actor import Actor


def record(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    object_kind: str,
    object_id: int | None,
    detail: dict[str, Any],
) -> None:
    """This will write one audit row in the running transaction. Never put a secret into ``detail``."""
    audit.record_many(
        [
            audit.AuditRow(
                at=at,
                actor_id=actor.user_id,
                actor_name=actor.name,
                action=action,
                object_kind=object_kind,
                object_id="" if object_id is None else str(object_id),
                ip=actor.ip or None,
                detail=detail,
            )
        ]
    )
