"""The last steps of an import: check, write in one transaction, undo."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from fisc.base.errors import BadInput, Refusal
from fisc.base.money import format_fen
from fisc.kernel.exchange import cells, checking, heads, staging
from fisc.kernel.exchange.batches import allowed_spec, context_of, expect, load, record
from fisc.kernel.exchange.checking import Checked, Table
from fisc.kernel.exchange.errors import (
    CannotUndo,
    ControlTotalMissing,
    HasErrors,
    MissingColumns,
    NothingToWrite,
    SeenBefore,
)
from fisc.kernel.exchange.models import Batch, Problem
from fisc.kernel.exchange.sheet import column_letter
from fisc.kernel.exchange.spec import (
    CellProblem,
    ImportContext,
    ImportRow,
    ImportSpec,
    Progress,
    Written,
    WrittenBatch,
)
from fisc.kernel.orgs.actor import Actor

KEEP_DOCUMENTS = """
INSERT INTO exchange_batch_document (batch_id, document_id)
SELECT %s, document_id FROM unnest(%s::bigint[]) AS document_id
"""
_REASON_LENGTH = 500
_CHECK_FIELDS = ("summary", "file_total_fen", "file_total_cell", "state", "checked_at", "control_total_fen")


def validate(
    batch_id: int,
    *,
    actor: Actor,
    at: dt.datetime,
    control_total_fen: int | None = None,
    progress: Progress | None = None,
) -> Batch:
    """This function will check all rows and keep what is wrong; the batch is then `checked` (with or without errors).

    :raises MissingColumns: a required column is not matched.
    """
    batch = load(batch_id, actor=actor)
    expect(batch, "uploaded", "checked", act="校验")
    if control_total_fen is not None:
        batch.control_total_fen = control_total_fen
    spec = allowed_spec(batch.spec_code, actor=actor)
    _need_columns(batch, spec)
    checked, elapsed_ms = _check(batch, spec, context_of(batch, spec, actor=actor, at=at), progress)
    with transaction.atomic():
        # somebody may have written or given up the batch while it was being checked
        expect(load(batch_id, actor=actor, lock=True), "uploaded", "checked", act="校验")
        _keep(batch, spec, checked, elapsed_ms, at)
    return batch


def commit(
    batch_id: int,
    *,
    actor: Actor,
    at: dt.datetime,
    only_good: bool = False,
    confirm_seen: bool = False,
    note: str = "",
    progress: Progress | None = None,
) -> Batch:
    """This function will check the rows once more and write them, in one transaction: all of them, or none.

    With `only_good`, rows with errors are left out, where the import allows that. `note` goes into the audit trail.

    :raises SeenBefore: the same content was imported before and `confirm_seen` is not set
    :raises HasErrors: a row has an error (the problems are kept with the batch)
    :raises TotalDisagrees, NothingToWrite, ControlTotalMissing, MissingColumns, WrongState: as they say
    :raises Refusal: the module refused; nothing is written
    """
    result = _commit(_Order(batch_id, actor, at, only_good, confirm_seen, note, progress), keep=True)
    if isinstance(result, Refusal):
        raise result
    return result


def dry_run(
    batch_id: int, *, actor: Actor, at: dt.datetime, only_good: bool = False, progress: Progress | None = None
) -> Batch:
    """This function will do all that `commit` does and take it back: the batch as it would be, nothing kept.

    :raises Refusal: like commit
    """
    result = _commit(_Order(batch_id, actor, at, only_good, True, "", progress), keep=False)
    if isinstance(result, Refusal):
        raise result
    return result


@dataclass(frozen=True)
class _Order:
    batch_id: int
    actor: Actor
    at: dt.datetime
    only_good: bool
    confirm_seen: bool
    note: str
    progress: Progress | None


def _commit(order: _Order, *, keep: bool) -> Batch | Refusal:
    """The refusal for bad rows is given back, not raised, so that the problems found stay."""
    with transaction.atomic():
        batch = load(order.batch_id, actor=order.actor, lock=True)
        expect(batch, "uploaded", "checked", act="写入")
        spec = allowed_spec(batch.spec_code, actor=order.actor)
        _one_at_a_time(spec)
        _need_columns(batch, spec)
        _need_confirmation(batch, spec, order)
        context = context_of(batch, spec, actor=order.actor, at=order.at, progress=order.progress)
        checked, elapsed_ms = _check(batch, spec, context, order.progress)
        refusal = _refusal(batch, spec, checked, only_good=order.only_good)
        if refusal is not None:
            _keep(batch, spec, checked, elapsed_ms, order.at)
            return refusal
        with transaction.atomic():
            _write(batch, spec, context, checked, order)
            _keep_problems(batch, checked)
            batch.summary = _summary(spec, checked, elapsed_ms)
            if keep:
                batch.save()
                _record_written(batch, order)
            else:
                transaction.set_rollback(True)
    return batch


def _one_at_a_time(spec: ImportSpec) -> None:
    """Two files of one kind are written one after the other, so that each sees the business keys of the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exchange.write'), hashtext(%s))", [spec.code])


def _need_columns(batch: Batch, spec: ImportSpec) -> None:
    if absent := heads.missing(spec, batch.mapping):
        guesses = {
            key: f"{column_letter(place)} 列“{batch.heads[place]}”像是它"
            for key, place in batch.guesses.items()
        }
        named = "、".join(
            f"{column.head}（{guesses[column.key]}）" if column.key in guesses else column.head
            for column in absent
        )
        raise MissingColumns(sheet=batch.sheet, missing=named, keys=[column.key for column in absent])


def _need_confirmation(batch: Batch, spec: ImportSpec, order: _Order) -> None:
    before = Batch.objects.filter(spec_code=spec.code, stored_id=batch.stored_id, state=Batch.State.WRITTEN)
    earlier = before.order_by("-id").first()
    if earlier is None:
        return
    if not (order.confirm_seen or batch.seen_confirmed):
        when = f"{earlier.written_at:%Y-%m-%d}"
        raise SeenBefore(who=earlier.made_by_name, when=when, number=earlier.number, batch_id=earlier.pk)
    batch.seen_before, batch.seen_confirmed = earlier, True


# --- check -------------------------------------------------------------------------------------------------------


def _check(
    batch: Batch, spec: ImportSpec, context: ImportContext, progress: Progress | None
) -> tuple[Checked, int]:
    began = time.monotonic()
    table = Table(
        rows=staging.staged_rows(batch.pk),
        mapping=batch.mapping,
        setting=cells.Setting(
            fiscal_year=batch.fiscal_year,
            allow_formulas=spec.allow_formulas,
            factor=batch.factor,
            epoch_1904=batch.epoch_1904,
        ),
        sheet=batch.sheet,
        totals=[(remark["number"], remark["raw"]) for remark in batch.remarks if remark["code"] == "total"],
        remarks=[staging.Remark(**remark) for remark in batch.remarks if remark["code"] != "total"],
        typed_total_fen=batch.control_total_fen,
    )
    checked = checking.check(table, spec, context, progress)
    return checked, int((time.monotonic() - began) * 1000)


def _keep(batch: Batch, spec: ImportSpec, checked: Checked, elapsed_ms: int, at: dt.datetime) -> None:
    _keep_problems(batch, checked)
    batch.summary = _summary(spec, checked, elapsed_ms)
    batch.file_total_fen, batch.file_total_cell = checked.file_total_fen, checked.file_total_cell
    batch.state, batch.checked_at = Batch.State.CHECKED, at
    batch.save(update_fields=_CHECK_FIELDS)


def _keep_problems(batch: Batch, checked: Checked) -> None:
    Problem.objects.filter(batch=batch).delete()
    staging.copy_problems(batch.pk, checked.problems)


def _summary(spec: ImportSpec, checked: Checked, elapsed_ms: int) -> dict[str, Any]:
    warned = {problem.row for problem in checked.problems if problem.severity == "warn" and problem.row}
    return {
        "rows": len(checked.rows),
        "good": len(checked.good_rows),
        "bad": len(checked.bad_rows),
        "warned": len(warned - checked.bad_rows),
        "errors": checked.counts["error"],
        "warns": checked.counts["warn"],
        "notes": checked.counts["note"],
        "file_errors": len(checked.file_errors),
        "amount_fen": checked.amount_fen,
        "good_amount_fen": checked.good_amount_fen,
        "control": checked.control,
        "elapsed_ms": elapsed_ms,
    }


def _refusal(batch: Batch, spec: ImportSpec, checked: Checked, *, only_good: bool) -> Refusal | None:
    """Which is said first: the file as a whole, then bad rows, then that there is nothing to write."""
    if spec.control_total_required and batch.control_total_fen is None and checked.file_total_fen is None:
        return ControlTotalMissing(title=spec.title)
    if checked.file_errors:
        first = checked.file_errors[0]
        return HasErrors(errors=checked.counts["error"], bad_rows=len(checked.bad_rows), first=first.message)
    if checked.bad_rows and (spec.all_or_nothing or not only_good):
        worst = next(problem for problem in checked.problems if problem.severity == "error")
        first_text = sentence(worst, spec, batch)
        return HasErrors(errors=checked.counts["error"], bad_rows=len(checked.bad_rows), first=first_text)
    if not checked.good_rows:
        return NothingToWrite()
    return None


def sentence(problem: CellProblem | Problem, spec: ImportSpec, batch: Batch) -> str:
    """The whole sentence: 工作表“指标”第 14 行 F 列“金额”：金额须为数字…"""
    number = problem.row if isinstance(problem, CellProblem) else problem.number
    if not number:
        return problem.message
    place = batch.mapping.get(problem.key or "")
    column = f" {column_letter(place)} 列" if place is not None else ""
    heads_by_key = {column.key: column.head for column in spec.columns}
    head = f"“{heads_by_key[problem.key]}”" if problem.key in heads_by_key else ""
    sheet = "" if batch.file_kind == "csv" else f"工作表“{batch.sheet}”"
    return f"{sheet}第 {number} 行{column}{head}：{problem.message}"


# --- write -------------------------------------------------------------------------------------------------------


def _write(batch: Batch, spec: ImportSpec, context: ImportContext, checked: Checked, order: _Order) -> None:
    rows: list[ImportRow] = checked.good_rows
    context.tick(0, len(rows))
    written: Written = spec.write(rows, context)
    with connection.cursor() as cursor:
        cursor.execute(KEEP_DOCUMENTS, [batch.pk, list(written.document_ids)])
    batch.state = Batch.State.WRITTEN
    batch.written_at, batch.written_by_id = order.at, order.actor.user_id
    batch.only_good, batch.written_rows = order.only_good and bool(checked.bad_rows), len(rows)
    batch.amount_fen = checked.good_amount_fen
    batch.file_total_fen, batch.file_total_cell = checked.file_total_fen, checked.file_total_cell
    batch.facts, batch.message = dict(written.facts), written.message[:_REASON_LENGTH]
    context.tick(len(rows), len(rows))


def _record_written(batch: Batch, order: _Order) -> None:
    record(
        batch,
        "written",
        actor=order.actor,
        at=order.at,
        rows=batch.written_rows,
        left_out=batch.row_count - batch.written_rows,
        amount=None if batch.amount_fen is None else format_fen(batch.amount_fen),
        again=batch.seen_confirmed and batch.seen_before_id is not None,
        note=order.note[:_REASON_LENGTH],
    )


@transaction.atomic
def undo(batch_id: int, *, actor: Actor, at: dt.datetime, reason: str) -> Batch:
    """This function will take back a written batch while nothing depends on it; the module decides that.

    :raises CannotUndo: this import has no way back
    :raises Refusal: something depends on the batch; the sentence names it
    :raises BadInput: no reason is given
    """
    batch = load(batch_id, actor=actor, lock=True)
    expect(batch, "written", act="撤销")
    spec = allowed_spec(batch.spec_code, actor=actor)
    if spec.undo is None:
        raise CannotUndo(title=spec.title)
    if not reason.strip():
        raise BadInput.of("exchange.reason_missing", "撤销须写明原因。")
    spec.undo(as_written(batch), actor, at)
    batch.state, batch.undone_at, batch.undone_by_id = Batch.State.UNDONE, at, actor.user_id
    batch.undo_reason = reason.strip()[:_REASON_LENGTH]
    batch.save()
    record(batch, "undone", actor=actor, at=at, reason=batch.undo_reason, rows=batch.written_rows)
    return batch


def as_written(batch: Batch) -> WrittenBatch:
    """What a module's undo gets."""
    return WrittenBatch(
        id=batch.pk,
        number=batch.number,
        spec_code=batch.spec_code,
        fiscal_year=batch.fiscal_year,
        document_ids=tuple(batch.documents.order_by("document_id").values_list("document_id", flat=True)),
        facts=batch.facts,
        params=batch.params,
    )
