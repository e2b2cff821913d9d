"""Files exchanged with banks and other systems: numbered without gaps when they leave, received once when they come.

What stands in them is the module's business (e.g. treasury's payment and receipt files); here is only that a file
is the same file, that none is missing in between, and who sent or took it when.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from fisc.base.errors import Conflict, NotFound
from fisc.kernel.events import audit
from fisc.kernel.exchange.batches import file_content, keep_file
from fisc.kernel.exchange.models import Channel, InFile, OutFile
from fisc.kernel.orgs.actor import Actor

NEXT_SEQUENCE = """
INSERT INTO exchange_channel AS channel (code, last_out)
VALUES (%s, 1)
ON CONFLICT (code) DO UPDATE SET last_out = channel.last_out + 1
RETURNING last_out
"""


@dataclass(frozen=True)
class Receipt:
    """A received file; `seen_before`: these bytes were received already and `result` is what came of them then."""

    file: InFile
    seen_before: bool

    @property
    def result(self) -> dict[str, Any]:
        """What the first processing gave; empty if it never finished."""
        return dict(self.file.result)


@transaction.atomic
def next_sequence(channel: str) -> int:
    """This will take the next number of a channel; it goes back if the caller's transaction does."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_SEQUENCE, [channel])
        return int(cursor.fetchone()[0])


@transaction.atomic
def put_out(
    *,
    channel: str,
    filename: str,
    content: bytes,
    row_count: int,
    amount_fen: int,
    business_on: dt.date,
    actor: Actor,
    at: dt.datetime,
    reference: str = "",
    sequence: int | None = None,
) -> OutFile:
    """This will register a file that goes out and keep its bytes.

    Take `sequence` from `next_sequence` first when the number stands in the file or its name. The same `reference`
    with the same bytes gives the file registered before.

    :raises Conflict: the reference went out before with other bytes.
    """
    if reference and (earlier := OutFile.objects.filter(channel_id=channel, reference=reference).first()):
        if file_content(earlier.stored_id) != content:
            raise Conflict(f"业务号 {reference} 已经生成过内容不同的文件“{earlier.filename}”，不能再生成。")
        return earlier
    number = sequence if sequence is not None else next_sequence(channel)
    made = OutFile.objects.create(
        channel_id=channel,
        sequence=number,
        reference=reference,
        filename=filename,
        stored_id=keep_file(content),
        row_count=row_count,
        amount_fen=amount_fen,
        business_on=business_on,
        made_by_id=actor.user_id,
        made_at=at,
    )
    _record(
        "put_out", made.pk, channel, filename, actor, at, sequence=number, rows=row_count, reference=reference
    )
    return made


@transaction.atomic
def fetch_out(file_id: int, *, channel: str, actor: Actor, at: dt.datetime) -> tuple[OutFile, bytes]:
    """This will give a file that went out with its bytes and note its first download.

    The caller has checked that the actor may have it. :raises NotFound: the channel has no such file.
    """
    found = OutFile.objects.select_for_update().filter(pk=file_id, channel_id=channel).first()
    if found is None:
        raise NotFound("没有找到这个文件。")
    if found.fetched_at is None:
        found.fetched_at = at
        found.save(update_fields=["fetched_at"])
    _record("fetched", found.pk, channel, found.filename, actor, at, sequence=found.sequence)
    return found, file_content(found.stored_id)


@transaction.atomic
def take_in(
    *,
    channel: str,
    filename: str,
    content: bytes,
    actor: Actor,
    at: dt.datetime,
    reference: str = "",
    answers: OutFile | None = None,
) -> Receipt:
    """This will register a received file once; the same bytes again give the first receipt and change nothing.

    Process it in the same transaction and end with `finish_in`: then a file is either received and processed, or not.

    :raises Conflict: the sender's reference was used before with other bytes.
    """
    Channel.objects.get_or_create(code=channel)
    # two uploads of one file at once: the second waits here and finds the first one's row
    Channel.objects.select_for_update().get(code=channel)
    digest = keep_file(content)
    earlier = InFile.objects.filter(channel_id=channel, stored_id=digest).first()
    if earlier is not None:
        return Receipt(file=earlier, seen_before=True)
    if reference and (used := InFile.objects.filter(channel_id=channel, reference=reference).first()):
        raise Conflict(f"序号 {reference} 已经收到过内容不同的文件“{used.filename}”，请与对方核对。")
    taken = InFile.objects.create(
        channel_id=channel,
        filename=filename,
        stored_id=digest,
        reference=reference,
        answers=answers,
        received_by_id=actor.user_id,
        received_at=at,
    )
    if answers is not None and answers.answered_at is None:
        OutFile.objects.filter(pk=answers.pk).update(answered_at=at)
    _record("taken_in", taken.pk, channel, filename, actor, at, reference=reference)
    return Receipt(file=taken, seen_before=False)


def finish_in(file: InFile, *, result: Mapping[str, Any]) -> InFile:
    """This will keep what the processing of a received file gave."""
    file.result = dict(result)
    file.save(update_fields=["result"])
    return file


def out_files(*, channel: str, limit: int = 100) -> list[OutFile]:
    """This will list the files that went out on a channel, newest first."""
    return list(OutFile.objects.filter(channel_id=channel).select_related("made_by")[:limit])


def in_files(*, channel: str, limit: int = 100) -> list[InFile]:
    """This will list the files received on a channel, newest first."""
    return list(InFile.objects.filter(channel_id=channel).select_related("received_by", "answers")[:limit])


def _record(
    act: str, file_id: int, channel: str, filename: str, actor: Actor, at: dt.datetime, **detail: Any
) -> None:
    row = audit.AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=f"exchange.message.{act}",
        object_kind="exchange.out_file" if act in ("put_out", "fetched") else "exchange.in_file",
        object_id=str(file_id),
        ip=actor.ip or None,
        detail={"channel": channel, "filename": filename, **detail},
    )
    audit.record_many([row])
