"""The first two steps of an import: a file comes in and is staged; its columns are matched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from fisc.base.errors import BadInput
from fisc.base.text import clean
from fisc.kernel.exchange import files, heads, staging, workbook
from fisc.kernel.exchange.batches import (
    allowed_spec,
    expect,
    file_content,
    keep_file,
    load,
    next_number,
    read_params,
    record,
)
from fisc.kernel.exchange.errors import NoHead, TooManyRows
from fisc.kernel.exchange.heads import Found, Head
from fisc.kernel.exchange.models import Batch, ColumnMemory, Problem, StagedRow
from fisc.kernel.exchange.sheet import Book, Sheet, column_letter
from fisc.kernel.exchange.spec import ImportSpec, Progress
from fisc.kernel.orgs.actor import Actor

_HEADS_NAMED = 8
_NOT_DATA = ("示例", "填写说明")
"""The template's own sheets: never taken for data unless a person chooses them."""


def start(
    *,
    spec: ImportSpec | str,
    content: bytes,
    filename: str,
    actor: Actor,
    at: dt.datetime,
    fiscal_year: int | None = None,
    params: Mapping[str, Any] | None = None,
    control_total_fen: int | None = None,
    confirm_seen: bool = False,
    progress: Progress | None = None,
) -> Batch:
    """This function will read an uploaded file, find its head, match its columns and stage its rows.

    :raises FileRefused: the file cannot be read (wrong type, broken, encrypted, macros, too large, …)
    :raises NoHead: no sheet has anything like a head
    :raises NotAllowed: the actor may not run this import
    :raises BadInput: a parameter is missing or wrong
    """
    spec = allowed_spec(spec if isinstance(spec, str) else spec.code, actor=actor)
    year = fiscal_year or at.year
    plain = read_params(spec, params or {}, fiscal_year=year, actor=actor)
    filename = clean(filename.replace("\\", "/").rsplit("/", 1)[-1])[-200:] or "未命名"
    if progress is not None:
        progress("读取", 0, 1)
    opened = files.open_file(content=content, filename=filename)
    book = workbook.read(opened)
    sheet, found = _best_sheet(book, spec, _remembered(spec, actor))
    with transaction.atomic():
        digest = keep_file(content)
        batch = Batch(
            number=next_number(at), spec_code=spec.code, fiscal_year=year, params=plain, filename=filename,
            file_kind=opened.kind, stored_id=digest, seen_confirmed=confirm_seen, control_total_fen=control_total_fen,
            unit_id=actor.unit_id, made_by_id=actor.user_id, made_by_name=actor.name, made_at=at,
            seen_before=_written_before(spec, digest),
        )  # fmt: skip
        _stage(batch, spec, book, sheet, found)
        record(batch, "uploaded", actor=actor, at=at, sha256=digest, rows=batch.row_count)
    if progress is not None:
        progress("读取", 1, 1)
    return batch


def _written_before(spec: ImportSpec, digest: str) -> Batch | None:
    return (
        Batch.objects.filter(spec_code=spec.code, stored_id=digest, state=Batch.State.WRITTEN)
        .order_by("id")
        .first()
    )


def _remembered(spec: ImportSpec, actor: Actor) -> dict[str, str]:
    rows = ColumnMemory.objects.filter(user_id=actor.user_id, spec_code=spec.code)
    return dict(rows.values_list("head", "key"))


def _best_sheet(book: Book, spec: ImportSpec, remembered: Mapping[str, str]) -> tuple[Sheet, Found]:
    """The visible sheet whose head answers best; else the first with something like a head, its columns unmatched."""
    sheets = [sheet for sheet in book.sheets if sheet.name not in _NOT_DATA] or list(book.sheets)
    candidates = [(sheet, heads.find(sheet, spec, remembered=remembered)) for sheet in sheets]
    matched = [(sheet, found) for sheet, found in candidates if found is not None]
    if matched:
        return max(
            matched, key=lambda pair: (len(pair[1].matches), len(pair[0].rows) > pair[1].head.last_row + 1)
        )
    for sheet in sheets:
        if (found := _unmatched_head(sheet)) is not None:
            return sheet, found
    raise _no_head(sheets[0], spec)


def _no_head(sheet: Sheet, spec: ImportSpec) -> NoHead:
    named = [column.head for column in spec.columns if column.required] or [
        column.head for column in spec.columns
    ]
    return NoHead(sheet=sheet.name, looked=heads.LOOK_AT_ROWS, expected="、".join(named[:_HEADS_NAMED]))


def _unmatched_head(sheet: Sheet) -> Found | None:
    """The first row with two texts or more and something below it; a person says which column is which."""
    for number, cells in enumerate(sheet.rows[: heads.LOOK_AT_ROWS]):
        texts = [clean(cell) if isinstance(cell, str) else "" for cell in cells]
        if sum(1 for text in texts if text) >= 2 and number + 1 < len(sheet.rows):
            return Found(head=Head(first_row=number, last_row=number, texts=tuple(texts)), matches=())
    return None


def _stage(batch: Batch, spec: ImportSpec, book: Book, sheet: Sheet, found: Found) -> None:
    """Write head, mapping and rows of one sheet into the batch (new or read again)."""
    staged = staging.data_rows(book, sheet, found, spec)
    if len(staged.rows) > spec.max_rows:
        raise TooManyRows(sheet=sheet.name, rows=len(staged.rows), limit=spec.max_rows)
    if found.factor != 1:
        unit = next(name for name, factor in heads.UNITS.items() if factor == found.factor)
        message = f"表里写明金额单位是{unit}，已逐行换算成元（乘 {found.factor:,}）。请核对换算后的合计。"
        staged.remarks.append(staging.Remark("warn", "amount_unit", message))
    batch.sheet = sheet.name
    batch.sheets = [other.name for other in book.sheets]
    batch.head_row, batch.head_rows = found.head.first_row + 1, found.head.rows
    batch.heads = list(found.head.texts)
    batch.mapping = found.mapping
    batch.matched_by = {match.key: match.by for match in found.matches}
    batch.guesses = {match.key: match.column for match in found.guesses}
    batch.factor, batch.epoch_1904 = found.factor, sheet.epoch_1904
    batch.remarks = [vars(remark) for remark in staged.remarks] + [
        {"code": "total", "number": number, "raw": raw} for number, raw in staged.totals
    ]
    batch.row_count = len(staged.rows)
    batch.state = Batch.State.UPLOADED
    batch.save()
    staging.copy_rows(batch.pk, staged.rows)


@transaction.atomic
def choose_sheet(
    batch_id: int, *, sheet: str, head_row: int | None = None, actor: Actor, at: dt.datetime
) -> Batch:
    """This function will read the same file again from another sheet, or with the head in another row (1-based).

    :raises BadInput: there is no such visible sheet, or no head in that row.
    """
    batch = load(batch_id, actor=actor, lock=True)
    expect(batch, "uploaded", "checked", act="另选工作表")
    spec = allowed_spec(batch.spec_code, actor=actor)
    book = workbook.read(files.open_file(content=file_content(batch.stored_id), filename=batch.filename))
    chosen = next((other for other in book.sheets if other.name == sheet), None)
    if chosen is None:
        raise BadInput.of("exchange.no_such_sheet", "文件里没有可见的工作表“{sheet}”。", sheet=sheet)
    row = head_row - 1 if head_row else None
    found = heads.find(chosen, spec, remembered=_remembered(spec, actor), row=row)
    if found is None:
        found = _head_at(chosen, row) if row is not None else _unmatched_head(chosen)
    if found is None:
        raise _no_head(chosen, spec)
    _forget_rows(batch)
    _stage(batch, spec, book, chosen, found)
    return batch


def _head_at(sheet: Sheet, row: int) -> Found | None:
    if not 0 <= row < len(sheet.rows):
        return None
    texts = tuple(clean(cell) if isinstance(cell, str) else "" for cell in sheet.rows[row])
    return Found(head=Head(first_row=row, last_row=row, texts=texts), matches=()) if any(texts) else None


def _forget_rows(batch: Batch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exchange_staged_row WHERE batch_id = %s", [batch.pk])
        cursor.execute("DELETE FROM exchange_problem WHERE batch_id = %s", [batch.pk])


@transaction.atomic
def match(
    batch_id: int,
    *,
    mapping: Mapping[str, int | None],
    actor: Actor,
    factor: int | None = None,
    remember: bool = True,
) -> Batch:
    """This function will set which file column (0-based) is which, and remember it for this person and this import.

    Keys not named keep their column; None takes a column away.

    :raises BadInput: an unknown key, a column outside the table, or one column used twice.
    """
    batch = load(batch_id, actor=actor, lock=True)
    expect(batch, "uploaded", "checked", act="核对列")
    spec = allowed_spec(batch.spec_code, actor=actor)
    chosen = {**batch.mapping, **mapping}
    places = {key: place for key, place in chosen.items() if place is not None}
    _check_mapping(spec, batch, places)
    by = {key: "chosen" if batch.mapping.get(key) != place else batch.matched_by.get(key, "chosen")
          for key, place in places.items()}  # fmt: skip
    if remember:
        _remember(batch, spec, places, by, actor)
    batch.mapping, batch.matched_by = places, by
    batch.guesses = {k: p for k, p in batch.guesses.items() if k not in places and p not in places.values()}
    if factor is not None:
        if factor not in heads.UNITS.values():
            raise BadInput.of("exchange.bad_factor", "金额单位只能是元、千元、万元、百万元或亿元。")
        batch.factor = factor
    batch.state = Batch.State.UPLOADED
    batch.save()
    Problem.objects.filter(batch=batch).delete()
    return batch


def _check_mapping(spec: ImportSpec, batch: Batch, places: Mapping[str, int]) -> None:
    keys = {column.key for column in spec.columns}
    for key, place in places.items():
        if key not in keys:
            raise BadInput.of("exchange.no_such_column", "“{title}”没有列 {key}。", title=spec.title, key=key)
        if not 0 <= place < max(len(batch.heads), 1):
            raise BadInput.of("exchange.no_such_column", "文件里没有第 {place} 列。", place=place + 1)
    twice = [place for place in places.values() if list(places.values()).count(place) > 1]
    if twice:
        letter = column_letter(twice[0])
        raise BadInput.of(
            "exchange.column_twice", "文件的 {letter} 列被对应了两次，请只对应一个。", letter=letter
        )


def _remember(
    batch: Batch, spec: ImportSpec, places: Mapping[str, int], by: Mapping[str, str], actor: Actor
) -> None:
    for key, place in places.items():
        text = heads.head_key(batch.heads[place]) if place < len(batch.heads) else ""
        if by[key] == "chosen" and text:
            ColumnMemory.objects.update_or_create(
                user_id=actor.user_id, spec_code=spec.code, head=text[:200], defaults={"key": key}
            )


@transaction.atomic
def cancel(batch_id: int, *, actor: Actor, at: dt.datetime) -> Batch:
    """This function will give up a batch that was not written; its staged rows go, the fact and the file stay."""
    batch = load(batch_id, actor=actor, lock=True)
    expect(batch, "uploaded", "checked", act="放弃")
    _forget_rows(batch)
    batch.state = Batch.State.CANCELLED
    batch.save(update_fields=["state"])
    record(batch, "cancelled", actor=actor, at=at)
    return batch


@transaction.atomic
def prune(*, before: dt.datetime) -> int:
    """This function will empty the staging of batches from before a moment and return how many rows went."""
    Batch.objects.filter(made_at__lt=before, state__in=("uploaded", "checked")).update(
        state=Batch.State.CANCELLED
    )
    old = Batch.objects.filter(made_at__lt=before).values("id")
    return StagedRow.objects.filter(batch_id__in=old).delete()[0]
