"""What pages and the REST interface show of imports: plain values, already fit to print. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fisc.kernel.exchange import cells, known
from fisc.kernel.exchange.batches import load, visible_to
from fisc.kernel.exchange.models import Batch, Problem, StagedRow
from fisc.kernel.exchange.run import sentence
from fisc.kernel.exchange.sheet import column_letter
from fisc.kernel.exchange.spec import ImportSpec
from fisc.kernel.orgs.actor import Actor

Which = Literal["error", "warn", "note", "all"]
STEPS = ("上传文件", "核对列", "校验", "写入", "完成")
_SAMPLES = 3
PAGE_LIMIT = 500


@dataclass(frozen=True)
class BatchView:
    """One batch as a page shows it. Amounts in 分."""

    id: int
    number: str
    spec_code: str
    title: str
    state: str
    state_label: str
    tone: str
    """draft, waiting, running, done or wrong: the mark beside the state."""
    step: int
    """Position in STEPS, from 1."""
    fiscal_year: int
    filename: str
    file_kind: str
    sheet: str
    sheets: tuple[str, ...]
    head_row: int
    rows: int
    good: int
    bad: int
    warned: int
    errors: int
    warns: int
    notes: int
    file_errors: int
    amount_fen: int | None
    good_amount_fen: int | None
    control: str
    """agree, disagree, unknown, none."""
    control_total_fen: int | None
    file_total_fen: int | None
    file_total_cell: str
    elapsed_ms: int
    all_or_nothing: bool
    can_undo: bool
    seen_before: str
    """Number of the batch that imported the same content, or empty."""
    made_by: str
    made_at: dt.datetime
    checked_at: dt.datetime | None
    written_at: dt.datetime | None
    written_rows: int
    undone_at: dt.datetime | None
    undo_reason: str
    message: str
    params: Mapping[str, Any]
    factor: int
    missing: tuple[str, ...]
    """Heads of required columns that no file column is matched to."""

    @property
    def can_commit_all(self) -> bool:
        """Whether every row may be written now."""
        return self.state == "checked" and self.good > 0 and not self.errors

    @property
    def can_commit_good(self) -> bool:
        """Whether the good rows alone may be written."""
        return self.state == "checked" and self.good > 0 and not self.all_or_nothing and not self.file_errors


@dataclass(frozen=True)
class ColumnView:
    """One column of the file, for 核对列."""

    index: int
    letter: str
    head: str
    samples: tuple[str, ...]
    key: str
    """The spec column it is matched to, or empty."""
    by: str
    guess: str
    """A spec column it may be."""


@dataclass(frozen=True)
class ProblemView:
    """One problem, with the whole sentence."""

    number: int
    key: str
    head: str
    letter: str
    severity: str
    code: str
    message: str
    sentence: str
    suggestion: str | None
    suggestion_label: str
    also_rows: tuple[int, ...]
    also_keys: tuple[str, ...]


@dataclass(frozen=True)
class CellView:
    """One cell of a row; `mark` is error, warn or empty."""

    key: str
    text: str
    mark: str
    mended: bool


@dataclass(frozen=True)
class RowView:
    """One row of the file with what is wrong with it."""

    number: int
    cells: tuple[CellView, ...]
    problems: tuple[ProblemView, ...]


@dataclass(frozen=True)
class RowPage:
    """A page of rows. `heads` are (key, head, kind) in the order of the cells."""

    heads: tuple[tuple[str, str, str], ...]
    rows: tuple[RowView, ...]
    total: int


_TONES = {
    "uploaded": "waiting",
    "checked": "running",
    "written": "done",
    "undone": "wrong",
    "cancelled": "wrong",
}


def batch_view(batch: Batch) -> BatchView:
    """This will turn a batch into what pages show."""
    spec = known.get(batch.spec_code)
    summary = batch.summary
    missing = tuple(
        column.head for column in spec.columns if column.required and column.key not in batch.mapping
    )
    step = {"uploaded": 2, "checked": 3, "written": 5, "undone": 5, "cancelled": 3}[batch.state]
    tone = "waiting" if batch.state == "checked" and summary.get("errors") else _TONES[batch.state]
    return BatchView(
        id=batch.pk,
        number=batch.number,
        spec_code=batch.spec_code,
        title=spec.title,
        state=batch.state,
        state_label=batch.get_state_display(),
        tone=tone,
        step=step,
        fiscal_year=batch.fiscal_year,
        filename=batch.filename,
        file_kind=batch.file_kind,
        sheet=batch.sheet,
        sheets=tuple(batch.sheets),
        head_row=batch.head_row,
        rows=batch.row_count,
        **{
            key: summary.get(key, 0)
            for key in ("good", "bad", "warned", "errors", "warns", "notes", "file_errors")
        },
        amount_fen=summary.get("amount_fen"),
        good_amount_fen=summary.get("good_amount_fen"),
        control=summary.get("control", "none"),
        control_total_fen=batch.control_total_fen,
        file_total_fen=batch.file_total_fen,
        file_total_cell=batch.file_total_cell,
        elapsed_ms=summary.get("elapsed_ms", 0),
        all_or_nothing=spec.all_or_nothing,
        can_undo=batch.state == "written" and spec.undo is not None,
        seen_before=batch.seen_before.number if batch.seen_before else "",
        made_by=batch.made_by_name,
        made_at=batch.made_at,
        checked_at=batch.checked_at,
        written_at=batch.written_at,
        written_rows=batch.written_rows,
        undone_at=batch.undone_at,
        undo_reason=batch.undo_reason,
        message=batch.message,
        params=batch.params,
        factor=batch.factor,
        missing=missing,
    )


def view(batch_id: int, *, actor: Actor) -> BatchView:
    """This will show one batch. :raises NotFound: none the actor may see."""
    return batch_view(load(batch_id, actor=actor))


def batches(
    *,
    actor: Actor,
    spec_code: str | None = None,
    state: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[BatchView], int]:
    """This will list the batches the actor may see, newest first, and count them all."""
    found = visible_to(actor).select_related("seen_before")
    if spec_code:
        found = found.filter(spec_code=spec_code)
    if state:
        found = found.filter(state=state)
    page = found.order_by("-id")[offset : offset + min(limit, PAGE_LIMIT)]
    return [batch_view(batch) for batch in page], found.count()


def specs_for(actor: Actor) -> list[ImportSpec]:
    """The imports the actor may run."""
    return [spec for spec in known.installed() if actor.can(spec.permission)]


def columns(batch_id: int, *, actor: Actor) -> list[ColumnView]:
    """This will show the file's columns with sample values and what they are matched to."""
    batch = load(batch_id, actor=actor)
    by_place = {place: key for key, place in batch.mapping.items()}
    guesses = {place: key for key, place in batch.guesses.items()}
    first = [row.raw for row in StagedRow.objects.filter(batch=batch).order_by("number")[:_SAMPLES]]
    width = max([len(batch.heads), *(len(raw) for raw in first)], default=0)
    return [
        ColumnView(
            index=place,
            letter=column_letter(place),
            head=batch.heads[place] if place < len(batch.heads) else "",
            samples=tuple(cells.shown(raw[place]) if place < len(raw) else "" for raw in first),
            key=by_place.get(place, ""),
            by=batch.matched_by.get(by_place.get(place, ""), ""),
            guess=guesses.get(place, ""),
        )
        for place in range(width)
    ]


def problems(
    batch_id: int, *, actor: Actor, severity: str | None = None, offset: int = 0, limit: int = 100
) -> tuple[list[ProblemView], int]:
    """This will list problems in file order (those of the whole file first) and count them all."""
    batch = load(batch_id, actor=actor)
    spec = known.get(batch.spec_code)
    found = Problem.objects.filter(batch=batch)
    if severity:
        found = found.filter(severity=severity)
    page = found.order_by("number", "id")[offset : offset + min(limit, PAGE_LIMIT)]
    return [_problem_view(problem, spec, batch) for problem in page], found.count()


def file_problems(batch_id: int, *, actor: Actor) -> list[ProblemView]:
    """What concerns the file as a whole: totals that disagree, hidden rows, rows left out."""
    batch = load(batch_id, actor=actor)
    spec = known.get(batch.spec_code)
    found = Problem.objects.filter(batch=batch, number=0).order_by("id")
    return [_problem_view(problem, spec, batch) for problem in found]


def rows(batch_id: int, *, actor: Actor, which: Which = "error", offset: int = 0, limit: int = 50) -> RowPage:
    """This will show rows with their cells and problems: those with errors, with warnings or notes, or all."""
    batch = load(batch_id, actor=actor)
    spec = known.get(batch.spec_code)
    staged = StagedRow.objects.filter(batch=batch)
    if which != "all":
        guilty = Problem.objects.filter(batch=batch, severity=which, number__gt=0).values("number")
        staged = staged.filter(number__in=guilty)
    page = list(staged.order_by("number")[offset : offset + min(limit, PAGE_LIMIT)])
    by_row: dict[int, list[Problem]] = {row.number: [] for row in page}
    for problem in Problem.objects.filter(batch=batch, number__in=by_row).order_by("number", "id"):
        by_row[problem.number].append(problem)
    columns_shown = [column for column in spec.columns if column.key in batch.mapping]
    return RowPage(
        heads=tuple((column.key, column.head, column.kind) for column in columns_shown),
        rows=tuple(
            _row_view(row, by_row[row.number], [column.key for column in columns_shown], spec, batch)
            for row in page
        ),
        total=staged.count(),
    )


def _row_view(
    row: StagedRow, found: Sequence[Problem], keys: Sequence[str], spec: ImportSpec, batch: Batch
) -> RowView:
    marks: dict[str, str] = {}
    for problem in found:
        if problem.severity == "note":
            continue
        for key in (problem.key, *problem.also_keys):
            if marks.get(key) != "error":
                marks[key] = problem.severity
    places = [batch.mapping[key] for key in keys]
    return RowView(
        number=row.number,
        cells=tuple(
            CellView(
                key=key,
                text=cells.shown(row.raw[place]) if place < len(row.raw) else "",
                mark=marks.get(key, ""),
                mended=str(place) in (row.before or {}),
            )
            for key, place in zip(keys, places, strict=True)
        ),
        problems=tuple(_problem_view(problem, spec, batch) for problem in found),
    )


def _problem_view(problem: Problem, spec: ImportSpec, batch: Batch) -> ProblemView:
    place = batch.mapping.get(problem.key)
    return ProblemView(
        number=problem.number,
        key=problem.key,
        head=next((column.head for column in spec.columns if column.key == problem.key), ""),
        letter=column_letter(place) if place is not None else "",
        severity=problem.severity,
        code=problem.code,
        message=problem.message,
        sentence=sentence(problem, spec, batch),
        suggestion=problem.suggestion,
        suggestion_label=problem.suggestion_label,
        also_rows=tuple(problem.also_rows),
        also_keys=tuple(problem.also_keys),
    )
