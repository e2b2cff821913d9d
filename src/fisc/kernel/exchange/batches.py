"""A batch's row in the database: found with its rights, numbered, its parameters typed, its file kept by hash."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from fisc.base.errors import BadInput, NotAllowed, NotFound
from fisc.kernel.events import audit
from fisc.kernel.exchange import cells, known, lookups
from fisc.kernel.exchange.cells import Parsed, Setting
from fisc.kernel.exchange.errors import WrongState
from fisc.kernel.exchange.models import Batch, StoredFile
from fisc.kernel.exchange.spec import ImportColumn, ImportContext, ImportSpec, Progress
from fisc.kernel.orgs.actor import Actor

NEXT_NUMBER = """
INSERT INTO exchange_number_series AS series (year, last)
VALUES (%s, 1)
ON CONFLICT (year) DO UPDATE SET last = series.last + 1
RETURNING last
"""
KEEP_FILE = """
INSERT INTO exchange_stored_file (sha256, content, size)
VALUES (%s, %s, %s)
ON CONFLICT (sha256) DO NOTHING
"""


def visible_to(actor: Actor) -> QuerySet[Batch]:
    """This will select the batches of the kinds the actor may import: their own and those of the units they see."""
    allowed = [spec.code for spec in known.installed() if actor.can(spec.permission)]
    scope = Q() if actor.sees_everything else Q(made_by=actor.user_id) | Q(unit_id__in=actor.unit_ids or ())
    return Batch.objects.filter(scope, spec_code__in=allowed)


def load(batch_id: int, *, actor: Actor, lock: bool = False) -> Batch:
    """This will find a batch the actor may see. :raises NotFound: there is none for them."""
    batches = visible_to(actor).select_for_update() if lock else visible_to(actor)
    batch = batches.filter(pk=batch_id).first() if batch_id <= 2**63 - 1 else None
    if batch is None:
        raise NotFound("没有找到这个导入批次，或您无权查看。")
    return batch


def allowed_spec(code: str, *, actor: Actor) -> ImportSpec:
    """This will find the import of that code. :raises UnknownKind, NotAllowed:"""
    spec = known.get(code)
    if not actor.can(spec.permission):
        raise NotAllowed(f"您没有导入“{spec.title}”的权限。")
    return spec


def expect(batch: Batch, *states: str, act: str) -> None:
    """Refuse an act in a state that does not admit it. :raises WrongState:"""
    if batch.state not in states:
        raise WrongState(state=batch.get_state_display(), act=act)


def next_number(at: dt.datetime) -> str:
    """This will give the next batch number of the year, without gaps: DR2023-000012."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, [at.year])
        return f"DR{at.year}-{cursor.fetchone()[0]:06d}"


def keep_file(content: bytes) -> str:
    """This will keep the bytes under their SHA-256 and return it."""
    digest = hashlib.sha256(content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(KEEP_FILE, [digest, content, len(content)])
    return digest


def file_content(digest: str) -> bytes:
    """The kept bytes."""
    return bytes(StoredFile.objects.values_list("content", flat=True).get(pk=digest))


def context_of(
    batch: Batch, spec: ImportSpec, *, actor: Actor, at: dt.datetime, progress: Progress | None = None
) -> ImportContext:
    """What the spec's functions are told."""
    return ImportContext(
        spec_code=spec.code,
        batch_id=batch.pk,
        batch_number=batch.number,
        actor=actor,
        at=at,
        fiscal_year=batch.fiscal_year,
        filename=batch.filename,
        params=typed_params(spec, batch.params),
        progress=progress,
    )


def record(batch: Batch, act: str, *, actor: Actor, at: dt.datetime, **detail: Any) -> None:
    """Add an act on a batch to the audit trail."""
    row = audit.AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=f"exchange.batch.{act}",
        object_kind="exchange.batch",
        object_id=str(batch.pk),
        ip=actor.ip or None,
        detail={"number": batch.number, "spec": batch.spec_code, "filename": batch.filename, **detail},
    )
    audit.record_many([row])


# --- parameters --------------------------------------------------------------------------------------------------


def read_params(
    spec: ImportSpec, given: Mapping[str, Any], *, fiscal_year: int, actor: Actor
) -> dict[str, Any]:
    """This will type what was asked at the upload, like cells. :raises BadInput: one is missing or wrong."""
    plain = {key: value for key, value in given.items() if key not in {column.key for column in spec.params}}
    for column in spec.params:
        value = given.get(column.key)
        parsed = _read_param(column, value, fiscal_year, actor, plain) if _is_text(value) else Parsed(value)
        if not parsed.is_good or (parsed.value is None and column.required):
            why = parsed.fault.message if parsed.fault else "请填写。"
            raise BadInput.of("exchange.bad_param", "“{head}”：{why}", head=column.head, why=why)
        plain[column.key] = _plain(parsed.value)
    return plain


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _read_param(
    column: ImportColumn, value: str | None, fiscal_year: int, actor: Actor, done: Mapping[str, Any]
) -> Parsed:
    setting = Setting(fiscal_year=fiscal_year)
    if column.kind == "unit":
        return lookups.unit_cells(column, [value], setting=setting, actor=actor, units=lookups.Units())[0]
    if column.kind == "code":
        fund = done.get(column.fund_key or "") or column.fund
        return lookups.code_cells(column, [value], setting=setting, fund=fund)[0]
    return cells.convert(column, value, setting)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def typed_params(spec: ImportSpec, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The kept parameters with dates and decimals restored."""
    typed = dict(stored)
    for column in spec.params:
        value = stored.get(column.key)
        if column.kind == "date" and isinstance(value, str):
            typed[column.key] = dt.date.fromisoformat(value)
        elif column.kind == "decimal" and isinstance(value, str):
            typed[column.key] = Decimal(value)
    return typed
