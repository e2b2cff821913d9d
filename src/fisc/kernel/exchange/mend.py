"""Mending cells of a staged batch on the page: taking a suggestion, or typing a value. The file itself stays."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from django.db import connection, transaction

from fisc.base.errors import BadInput, NotFound
from fisc.kernel.exchange import cells
from fisc.kernel.exchange.batches import allowed_spec, expect, load, record
from fisc.kernel.exchange.models import Batch, Problem, StagedRow
from fisc.kernel.orgs.actor import Actor

PUT_CELLS = """
UPDATE exchange_staged_row AS staged
SET raw = new.raw, before = new.before
FROM unnest(%s::bigint[], %s::jsonb[], %s::jsonb[]) AS new (id, raw, before)
WHERE staged.id = new.id
"""
_LISTED = 200
_TEXT_LENGTH = 1_000


def adopt(batch_id: int, *, number: int, key: str, actor: Actor, at: dt.datetime) -> Batch:
    """This function will take the suggestion for one cell. Check again afterwards.

    :raises NotFound: there is no suggestion for that cell.
    """
    return _adopt(batch_id, actor=actor, at=at, number=number, key=key)


def adopt_all(
    batch_id: int, *, actor: Actor, at: dt.datetime, code: str | None = None, key: str | None = None
) -> Batch:
    """This function will take all suggestions for errors, of one kind of problem or one column if named.

    :raises NotFound: there is none.
    """
    return _adopt(batch_id, actor=actor, at=at, code=code, key=key)


@transaction.atomic
def _adopt(
    batch_id: int,
    *,
    actor: Actor,
    at: dt.datetime,
    number: int | None = None,
    key: str | None = None,
    code: str | None = None,
) -> Batch:
    batch = load(batch_id, actor=actor, lock=True)
    expect(batch, "checked", act="采用建议")
    allowed_spec(batch.spec_code, actor=actor)
    wanted = {"number": number, "key": key, "code": code}
    problems = Problem.objects.filter(
        batch=batch,
        suggestion__isnull=False,
        **{name: value for name, value in wanted.items() if value is not None},
    )
    if number is None:
        problems = problems.filter(severity="error")
    changes = [
        (problem.number, batch.mapping[problem.key], problem.suggestion or "")
        for problem in problems.order_by("number", "-severity", "id")
        if problem.key in batch.mapping
    ]
    if not changes:
        raise NotFound("这里没有可采用的建议。")
    _put(batch, changes, actor=actor, at=at, act="adopted")
    return batch


@transaction.atomic
def set_cell(batch_id: int, *, number: int, key: str, text: str, actor: Actor, at: dt.datetime) -> Batch:
    """This function will put a typed text into one cell. Check again afterwards.

    :raises NotFound: the batch has no such row; :raises BadInput: the column is not matched, or the text too long.
    """
    batch = load(batch_id, actor=actor, lock=True)
    expect(batch, "uploaded", "checked", act="修改单元格")
    allowed_spec(batch.spec_code, actor=actor)
    if key not in batch.mapping:
        raise BadInput.of("exchange.no_such_column", "列 {key} 没有对应到文件里的列。", key=key)
    if len(text) > _TEXT_LENGTH:
        raise BadInput.of("exchange.too_long", "最多填 {limit} 个字。", limit=_TEXT_LENGTH)
    _put(batch, [(number, batch.mapping[key], text)], actor=actor, at=at, act="mended")
    return batch


def _put(
    batch: Batch, changes: Sequence[tuple[int, int, str]], *, actor: Actor, at: dt.datetime, act: str
) -> None:
    rows = {
        row.number: row
        for row in StagedRow.objects.filter(batch=batch, number__in={n for n, _, _ in changes})
    }
    told = []
    for number, place, text in changes:
        row = rows.get(number)
        if row is None:
            raise NotFound(f"本批没有第 {number} 行。")
        row.raw += [None] * (place + 1 - len(row.raw))
        before = row.before or {}
        before.setdefault(str(place), row.raw[place])
        told.append({"row": number, "column": place + 1, "from": cells.shown(row.raw[place]), "to": text})
        row.raw[place], row.before = text.replace("\x00", ""), before
    listed = list(rows.values())
    with connection.cursor() as cursor:
        cursor.execute(
            PUT_CELLS,
            [
                [row.pk for row in listed],
                [json.dumps(row.raw) for row in listed],
                [json.dumps(row.before) for row in listed],
            ],
        )
    record(batch, act, actor=actor, at=at, count=len(told), cells=told[:_LISTED])
