"""Files of documents: checked, hashed, stored by hash under MEDIA_ROOT, seen by whoever sees the document."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction

from fisc.kernel.documents.errors import DocumentNotFound, StepNotPermitted
from fisc.kernel.documents.files import FileRefused, check_file
from fisc.kernel.documents.models import Attachment, Document
from fisc.kernel.documents.reading import get_visible
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.actor import Actor

MAX_FILES = 50
"""Files per document."""


class SealBroken(FileRefused):
    """附件“{filename}”的内容与上传时不同（{reason}），已停止下载，请报告管理员。"""

    code = "documents.file_changed"


def attach(*, document_id: int, filename: str, content: bytes, actor: Actor, at: dt.datetime) -> Attachment:
    """This will check a file and keep it with a document the actor sees and may add to (its maker, or ….attach).

    The result's `also_on` lists numbers of other visible documents that hold the very same file.

    :raises FileRefused: the file is not acceptable, is there already, or there are too many.
    :raises DocumentNotFound: the document is not there or not visible. :raises StepNotPermitted: no right to add.
    """
    document = get_visible(actor, document_id)
    _check_right(document, actor)
    name, content_type = check_file(filename, content)
    sha256 = hashlib.sha256(content).hexdigest()
    stored_as = f"{sha256[:2]}/{sha256}"
    with transaction.atomic():
        held = Attachment.objects.filter(document=document, removed_at=None)
        if held.filter(sha256=sha256).exists():
            raise FileRefused(filename=name, reason="这个文件已在本单据中。")
        if held.count() >= MAX_FILES:
            raise FileRefused(filename=name, reason=f"每张单据最多 {MAX_FILES} 个附件。")
        _write(stored_as, content)
        attachment = Attachment.objects.create(
            document=document,
            filename=name,
            content_type=content_type,
            size=len(content),
            sha256=sha256,
            sm3=hashlib.new("sm3", content).hexdigest(),
            stored_as=stored_as,
            uploaded_by_id=actor.user_id,
            uploaded_at=at,
        )
        _audit("attach", document, attachment, actor, at)
    attachment.also_on = also_on(attachment, actor)  # type: ignore[attr-defined]
    return attachment


def also_on(attachment: Attachment, actor: Actor) -> list[str]:
    """The numbers of other documents that hold the very same file; of those not visible, only that there are some."""
    others = Attachment.objects.filter(sha256=attachment.sha256, removed_at=None)
    documents = Document.objects.filter(
        pk__in=others.exclude(document_id=attachment.document_id).values("document_id")
    )
    seen = [
        row.number
        for row in documents.order_by("id")
        if actor.sees(row.unit_id) and actor.can(f"{row.kind}.view")
    ]
    return seen + (["其他单位的单据"] if len(seen) < len(documents) else [])


def open_attachment(*, actor: Actor, id: int) -> tuple[Attachment, IO[bytes]]:
    """This will open a file for somebody who sees its document; the content is held against its hash first.

    :raises DocumentNotFound: no such file, removed, or not for them. :raises SealBroken: the stored bytes differ.
    """
    attachment = Attachment.objects.filter(pk=id, removed_at=None).first()
    if attachment is None:
        raise DocumentNotFound(attachment_id=id)
    get_visible(actor, attachment.document_id)
    path = _path(attachment.stored_as)
    if not path.exists():
        raise SealBroken(filename=attachment.filename, reason="文件不在了")
    stream = path.open("rb")
    if hashlib.file_digest(stream, "sha256").hexdigest() != attachment.sha256:
        stream.close()
        raise SealBroken(filename=attachment.filename, reason="摘要不符")
    stream.seek(0)
    return attachment, stream


def remove(*, id: int, actor: Actor, at: dt.datetime) -> None:
    """This will take a file off a document that is still being drafted; the bytes and the record stay.

    :raises StepNotPermitted: the document is under way, or is not the actor's.
    """
    attachment = Attachment.objects.select_related("document").filter(pk=id, removed_at=None).first()
    if attachment is None:
        raise DocumentNotFound(attachment_id=id)
    document = get_visible(actor, attachment.document_id)
    if document.maker_id != actor.user_id or document.state not in document.spec.editable_states:
        raise StepNotPermitted(step="移除附件", kind=document.spec.title)
    with transaction.atomic():
        Attachment.objects.filter(pk=id).update(removed_at=at, removed_by_id=actor.user_id)
        _audit("detach", document, attachment, actor, at)


def _check_right(document: Document, actor: Actor) -> None:
    if document.maker_id != actor.user_id and not actor.can(document.spec.permission("attach")):
        raise StepNotPermitted(step="上传附件", kind=document.spec.title)


def _path(stored_as: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "attachments" / stored_as


def _write(stored_as: str, content: bytes) -> None:
    """Write under the hash: the same content is stored once, and a half written file never has the final name."""
    path = _path(stored_as)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(name, path)


def _audit(verb: str, document: Document, attachment: Attachment, actor: Actor, at: dt.datetime) -> None:
    record_many(
        [
            AuditRow(
                at=at,
                actor_id=actor.user_id,
                actor_name=actor.name,
                action=f"{document.kind}.{verb}",
                object_kind=document.kind,
                object_id=str(document.pk),
                document_id=document.pk,
                ip=actor.ip or None,
                detail={
                    "filename": attachment.filename,
                    "size": attachment.size,
                    "sha256": attachment.sha256,
                },
            )
        ]
    )
