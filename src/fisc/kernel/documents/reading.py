"""Reading documents: what a person may see, find-anything, where a document comes from and what became of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from fisc.base.errors import FiscError
from fisc.base.money import parse_yuan
from fisc.base.text import clean
from fisc.kernel.documents import kinds
from fisc.kernel.documents.errors import DocumentNotFound
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import DocumentKind, Step, StepChoice
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit

TIMELINE = """
SELECT at, actor_name, action, ip, detail::text FROM events_audit WHERE document_id = %s ORDER BY at, id
"""


def visible(actor: Actor, *, kind: str | DocumentKind | None = None) -> QuerySet[Document]:
    """The documents this person may see: of the kinds they may view, of the units they see."""
    wanted = kinds.installed() if kind is None else (kinds.get(kind),)
    seen = [spec.code for spec in wanted if actor.can(spec.permission("view"))]
    documents = Document.objects.filter(kind__in=seen)
    return documents if actor.unit_ids is None else documents.filter(unit_id__in=actor.unit_ids)


def get_visible(actor: Actor, id: int) -> Document:
    """One document, if this person may see it. :raises DocumentNotFound: it is not there, or not for them."""
    document = Document.objects.select_related("unit", "maker", "source").filter(pk=id).first()
    if document is None or not actor.sees(document.unit_id) or not actor.can(f"{document.kind}.view"):
        raise DocumentNotFound(document_id=id)
    return document


def search(actor: Actor, text: str) -> QuerySet[Document]:
    """Find-anything: numbers (whole or from the start), titles, counterparties, units, or an amount in 元.

    Newest first, within what the person may see; nothing for an empty text.
    """
    words = clean(text)
    documents = visible(actor).select_related("unit")
    if not words:
        return documents.none()
    units = Unit.objects.filter(
        Q(name__contains=words) | Q(short_name__contains=words) | Q(code=words)
    ).values("id")
    found = (
        Q(number__startswith=words.upper())
        | Q(title__icontains=words)
        | Q(counterparty__icontains=words)
        | Q(unit_id__in=units)
    )
    if (fen := _as_fen(words)) is not None:
        found |= Q(amount_fen=fen)
    return documents.filter(found).order_by("-business_on", "-id")


def _as_fen(text: str) -> int | None:
    try:
        return parse_yuan(text)
    except FiscError:
        return None


def sources(document: Document) -> list[Document]:
    """The documents this one comes from, the nearest first."""
    chain: list[Document] = []
    seen = {document.pk}
    while document.source_id is not None and document.source_id not in seen:
        document = Document.objects.select_related("unit").get(pk=document.source_id)
        seen.add(document.pk)
        chain.append(document)
    return chain


def derived(document: Document, *, actor: Actor) -> QuerySet[Document]:
    """The documents made from this one that the person may see."""
    return visible(actor).filter(source_id=document.pk).order_by("id")


def available_steps(document: Document, actor: Actor, at: dt.datetime | None = None) -> list[StepChoice]:
    """The buttons of a document for a person: what they may do in this state, disabled with the reason where not now.

    Steps the person has no right to, steps of other states and automatic steps are absent. `at` decides who stands
    in for whom (default: when the document was last changed).
    """
    spec = document.spec
    moment = at or timezone.now()
    choices = []
    for step in spec.steps:
        if step.auto or document.state not in step.from_states or not _may(spec, step, actor, moment):
            continue
        why_not = _why_not(spec, step, document, actor, moment)
        choices.append(StepChoice(step=step, enabled=not why_not, why_not=why_not))
    return choices


def _may(spec: DocumentKind, step: Step, actor: Actor, at: dt.datetime) -> bool:
    if actor.can(spec.permission(step.name)):
        return True
    deputy = spec.flow is not None and step.name in ("approve", "send_back")
    return bool(deputy and spec.flow and spec.flow.stands_in(kind=spec.code, actor=actor, at=at))


def _why_not(spec: DocumentKind, step: Step, document: Document, actor: Actor, at: dt.datetime) -> str:
    if not actor.sees(document.unit_id):
        return "您看不到该单位的单据。"
    if step.not_maker and document.maker_id == actor.user_id:
        return "您是制单人，须由他人办理。"
    if spec.flow is not None:
        refusal = spec.flow.why_not(document=document, step=step, actor=actor, at=at)
        if refusal is not None:
            return refusal.message
    return ""


@dataclass(frozen=True)
class Moment:
    """One thing that happened to a document."""

    at: dt.datetime
    actor_name: str
    verb: str
    label: str
    comment: str
    ip: str
    detail: dict[str, Any]


def timeline(document: Document) -> list[Moment]:
    """What happened to a document, oldest first: made, changed, every step with its comment, files."""

    with connection.cursor() as cursor:
        cursor.execute(TIMELINE, [document.pk])
        rows = cursor.fetchall()
    labels = {"create": "制单", "edit": "修改", "attach": "上传附件", "detach": "移除附件"}
    labels |= {step.name: step.label for step in document.spec.steps}
    return [_moment(row, labels, json.loads(row[4] or "{}")) for row in rows]


def _moment(row: Sequence[Any], labels: dict[str, str], detail: dict[str, Any]) -> Moment:
    verb = row[2].rpartition(".")[2]
    return Moment(
        at=row[0],
        actor_name=row[1],
        verb=verb,
        label=labels.get(verb, verb),
        comment=detail.get("comment", ""),
        ip=str(row[3] or ""),
        detail=detail,
    )
