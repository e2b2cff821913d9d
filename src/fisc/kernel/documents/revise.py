"""Changing a draft: the maker's own corrections before anybody has looked, with an optimistic lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from fisc.kernel import lean
from fisc.kernel.documents import kinds
from fisc.kernel.documents.errors import (
    ChangedMeanwhile,
    DocumentNotFound,
    NotEditable,
    StepNotPermitted,
    UnknownField,
)
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import FIELD_NAMES, LOCK
from fisc.kernel.documents.spec import HEADER_FIELDS, DocumentKind
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.actor import Actor

REVISE = "SELECT documents_revise(%s, %s, %s, %s, %s, %s, %s, %s, %s::text[], %s)"
SECTION = """
SELECT coalesce(s.code, '')
FROM orgs_unit AS u
LEFT JOIN orgs_section AS s ON s.id = u.section_id
WHERE u.id = %s
"""
LAST_CHANGE = """
SELECT actor_name, at FROM events_audit WHERE document_id = %s AND actor_id <> %s ORDER BY id DESC LIMIT 1
"""


def update_draft(
    *,
    kind: str | DocumentKind,
    id: int,
    values: Mapping[str, Any],
    version: int,
    actor: Actor,
    at: dt.datetime,
    by_module: bool = False,
) -> Document:
    """This will change header fields and attributes of the module row of a document that is still being drafted.

    `values` may name the editable fields the kind declares; a module's own service (`by_module`) may set any.

    :raises ChangedMeanwhile: somebody else has changed it since `version`.
    :raises NotEditable: its state does not allow changes.
    :raises StepNotPermitted: the actor may not edit this kind. :raises DocumentNotFound: not there or not visible.
    :raises UnknownField: a value is not an editable field of the kind.
    """
    spec = kinds.get(kind)
    if not actor.can(spec.permission("edit")):
        raise StepNotPermitted(step="修改", kind=spec.title)
    with transaction.atomic():
        document = _lock(spec, id, actor)
        _check(spec, document, version, actor)
        if spec.revise is not None and not by_module:
            values = spec.revise(document=document, values=values, actor=actor, at=at)
            by_module = True
        header, row_values = _split(spec, values, by_module=by_module)
        changes = _write_header(document, header, at) | _write_row(spec, id, row_values)
        record_many([_audit(spec, document, changes, actor, at)])
    return document


def _lock(spec: DocumentKind, id: int, actor: Actor) -> Document:
    rows = lean.fetch(LOCK, ([id], spec.code))
    document = Document.from_db("default", FIELD_NAMES, rows[0]) if rows else None
    if document is None or not actor.sees(document.unit_id):
        raise DocumentNotFound(document_id=id)
    return document


def _check(spec: DocumentKind, document: Document, version: int, actor: Actor) -> None:
    if document.state not in spec.editable_states:
        raise NotEditable(kind=spec.title, number=document.number, state=document.state_label)
    if document.version != version:
        rows = lean.fetch(LAST_CHANGE, (document.pk, actor.user_id))
        name, when = rows[0] if rows else ("您在另一窗口", document.updated_at)
        raise ChangedMeanwhile(
            name=name,
            when=timezone.localtime(when).strftime("%H:%M"),
            version=document.version,
            document_id=document.pk,
        )


def _split(
    spec: DocumentKind, values: Mapping[str, Any], *, by_module: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    attributes = {field.name: field.attname for field in spec.model._meta.concrete_fields}
    attributes |= {field.attname: field.attname for field in spec.model._meta.concrete_fields}
    editable = {field.key for field in spec.fields if field.editable}
    header: dict[str, Any] = {}
    row: dict[str, Any] = {}
    for key, value in values.items():
        name = "unit_id" if key == "unit" and "unit" not in attributes else key
        allowed = (
            by_module or key in editable or f"{key}_id" in editable or key.removesuffix("_id") in editable
        )
        # A field of both tables (a module that keeps its own amount) is the header's.
        if allowed and name in HEADER_FIELDS:
            header[name] = _plain(value)
        elif allowed and key in attributes and attributes[key] != "document_id":
            row[attributes[key]] = _plain(value)
        else:
            raise UnknownField(kind=spec.title, key=key)
    return header, row


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _write_header(document: Document, header: Mapping[str, Any], at: dt.datetime) -> dict[str, Any]:
    changes = {key: [_text(getattr(document, key)), _text(value)] for key, value in header.items()}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    for key, value in header.items():
        setattr(document, key, value)
    if "unit_id" in changes and "section_code" not in header:
        document.section_code = lean.fetch(SECTION, (document.unit_id,))[0][0]
    new_version = lean.fetch(
        REVISE,
        (
            document.pk,
            document.unit_id,
            document.section_code,
            document.title[:200],
            document.amount_fen,
            document.fund,
            document.counterparty[:200],
            document.business_on,
            list(document.tags),
            at,
        ),
    )
    document.version, document.updated_at = new_version[0][0], at
    return changes


def _write_row(spec: DocumentKind, id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    if not values:
        return {}
    rows = spec.model._default_manager.filter(pk=id)
    before = rows.values(*values).get()
    rows.update(**values)
    changes = {key: [_text(before[key]), _text(value)] for key, value in values.items()}
    return {key: pair for key, pair in changes.items() if pair[0] != pair[1]}


def _text(value: Any) -> Any:
    return value if isinstance(value, int | str | bool | list | None) else str(value)


def _audit(
    spec: DocumentKind, document: Document, changes: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> AuditRow:
    return AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=spec.permission("edit"),
        object_kind=spec.code,
        object_id=str(document.pk),
        document_id=document.pk,
        ip=actor.ip or None,
        detail={"changes": changes},
    )
