"""The sheet that is filled in like Excel: what it shows, what a save sent, what is answered.

A view declares a `Grid` and shows it by `{% include "web/parts/grid.html" with grid=grid %}`; it is a real table that
reads without any script, and `grid.js` makes it a sheet. A save sends the changed cells alone, with the version the
page was made from:

    @grid.answers_json
    def save(request):
        sheet = _grid(...)                                # as the database has it now, with its version
        changed = grid.changes(request, sheet)            # typed values; bad cells and a stale version are raised
        problems = [grid.CellProblem(c.row, c.column, "…") for c in changed if …]
        if problems:
            return grid.answer(problems)                  # marked in the sheet; nothing was saved
        ...
        return grid.answer(version=new_version, totals={"amount": 123})

A page stays fast and within 2,500 nodes with 100 rows of 20 columns: the view cuts its rows (`first_row` says where
the page begins) and gives `totals` of all pages; changed cells are saved before one turns the page.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from zlib import crc32

from django.http import HttpRequest, JsonResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from fisc.base.errors import BadInput, Conflict, FiscError, NotAllowed, NotFound
from fisc.base.money import MAXIMUM_FEN, MINUS, format_fen, parse_yuan
from fisc.base.text import MINUS_SIGNS, clean

CellKind = Literal["text", "amount", "integer", "choice", "code"]
NUMERIC: frozenset[str] = frozenset({"amount", "integer"})
LARGEST_SAVE = 2_000_000  # bytes; 2,000 cells take about 150,000
MOST_CELLS = 20_000
LONGEST_TEXT = 200
NEW_ROW = "new:"
"""Rows added in the browser are called new:1, new:2, … until the answer tells their keys."""
WHOLE_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.0*)?")


@dataclass(frozen=True)
class GridColumn:
    """One column. `values` of amounts are 分; `width` is "", "s", "m" or "l"; `minimum` refuses smaller numbers."""

    key: str
    head: str
    kind: CellKind = "text"
    editable: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    code_kind: str | None = None
    pin: bool = False
    total: bool = False
    width: str = ""
    minimum: int | None = None
    help: str = ""

    @property
    def names(self) -> str:
        """CSS classes of its cells."""
        return " ".join(
            filter(None, ["n" if self.kind in NUMERIC else "", f"w-{self.width}" * bool(self.width)])
        )

    @property
    def choices_json(self) -> str:
        """The choices for the script: value and label."""
        return json.dumps(self.choices, ensure_ascii=False)


@dataclass(frozen=True)
class GridRow:
    """One row: values by column key, the columns that are locked in it, notes to single cells."""

    key: str
    values: Mapping[str, object]
    label: str = ""
    locked: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grid:
    """The sheet. `unit` 元 or 万元 (or "" without amounts); `totals` are those of all pages, if there are several."""

    name: str
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    save_url: str
    version: int
    unit: str = "元"
    may_add: bool = False
    totals: Mapping[str, int] | None = None
    first_row: int = 1
    empty: str = "没有可填的行"

    @property
    def help_id(self) -> str:
        """The id of the line that explains the keys; two sheets on one page have two."""
        return f"gs-help-{crc32(self.save_url.encode()):x}"

    @property
    def has_total(self) -> bool:
        """Whether there is a line of totals."""
        return any(column.total for column in self.columns)

    @property
    def heads(self) -> tuple[tuple[GridColumn, str], ...]:
        """Each column with its classes as a head."""
        return tuple((column, _classes(column, pin)) for column, pin in self._pinned())

    @property
    def body(self) -> SafeString:
        """The rows as HTML; built here, since a template takes ten times as long for 2,000 cells."""
        pinned = [(column, _classes(column, pin), pin == 1) for column, pin in self._pinned()]
        return mark_safe(
            "\n".join(
                self._row_html(row, number, pinned) for number, row in enumerate(self.rows, self.first_row)
            )
        )

    @property
    def page_totals(self) -> tuple[tuple[str, str], ...]:
        """Classes and text of the total of each column over the rows shown."""
        return tuple((names, self._sum_text(column)) for column, names in self.heads)

    @property
    def all_totals(self) -> tuple[tuple[str, str, str, str], ...]:
        """Key, classes, exact value and text of the total of each column over all pages."""
        given = self.totals or {}
        shown = []
        for column, names in self.heads:
            total = given.get(column.key, 0) if column.total else None
            shown.append((column.key, names, "" if total is None else str(total), self.text(column, total)))
        return tuple(shown)

    def text(self, column: GridColumn, value: object) -> str:
        """The value as it stands in the cell."""
        if value is None or value == "":
            return ""
        if column.kind == "amount":
            return amount_text(int(value), self.unit)  # type: ignore[call-overload]
        if column.kind == "integer":
            return f"{int(value):,}".replace("-", MINUS)  # type: ignore[call-overload]
        if column.kind == "choice":
            return dict(column.choices).get(str(value), str(value))
        return str(value)

    def _pinned(self) -> Iterable[tuple[GridColumn, int]]:
        pins = 0
        for column in self.columns:
            pins += column.pin
            yield column, pins if column.pin else 0

    def _sum_text(self, column: GridColumn) -> str:
        if not column.total:
            return ""
        return self.text(column, sum(int(row.values.get(column.key) or 0) for row in self.rows))  # type: ignore[call-overload]

    def _row_html(self, row: GridRow, number: int, pinned: Sequence[tuple[GridColumn, str, bool]]) -> str:
        cells = []
        for column, names, _ in pinned:
            value = row.values.get(column.key)
            attributes = f' class="{names}"' if names else ""
            if not column.editable or column.key in row.locked:
                attributes += ' aria-readonly="true"'
            if column.kind == "choice":
                attributes += f' data-v="{escape(value if value is not None else "")}"'
            if note := row.notes.get(column.key):
                attributes += f' data-note="{escape(note)}"'
            cells.append(f"<td{attributes}>{escape(self.text(column, value))}</td>")
        voice = f"第 {number} 行 {row.label}".strip()
        head = f'<th scope="row" class="rn" aria-label="{escape(voice)}">{number}</th>'
        return f'<tr data-r="{escape(row.key)}" data-label="{escape(row.label)}">{head}{"".join(cells)}</tr>'


def _classes(column: GridColumn, pin: int) -> str:
    return " ".join(filter(None, [column.names, f"pin p{min(pin, 2)}" if pin else ""]))


def amount_text(fen: int, unit: str = "元") -> str:
    """An amount in the sheet's unit: 元 with two decimals; 万元 with as many as it takes to be exact (two to six)."""
    if unit != "万元":
        return format_fen(fen)
    whole, _, decimals = format_fen(fen, "wan", 6).partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


@dataclass(frozen=True)
class CellChange:
    """One changed cell: amounts in 分, whole numbers as int, everything else as text; an emptied number is None."""

    row: str
    column: str
    value: Any

    @property
    def is_new_row(self) -> bool:
        """Whether the row was added in the browser."""
        return self.row.startswith(NEW_ROW)


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell, as a sentence."""

    row: str
    column: str
    message: str


class BadCells(BadInput):
    """有 {count} 个单元格要改，数据没有保存。"""

    code = "grid.bad_cells"

    def __init__(self, cells: Sequence[CellProblem]) -> None:
        """Take the problems; `count` fills the sentence."""
        self.cells = tuple(cells)
        super().__init__(count=len(self.cells))


class BrokenSave(BadInput):
    """表格内容不完整，数据没有保存。请刷新页面后再填。"""

    code = "grid.broken"


class TooLarge(BadInput):
    """一次保存的内容过多（最多 {most} 个单元格），数据没有保存。请分几次粘贴并保存。"""

    code = "grid.too_large"


class Stale(Conflict):
    """这张表在您打开之后已被他人修改，您的改动没有保存。"""

    code = "grid.stale"

    def __init__(self, version: int, cells: Sequence[tuple[str, str, str]]) -> None:
        """`cells`: row, column and text of the cells that both changed, as they stand now."""
        self.version, self.cells = version, tuple(cells)
        super().__init__()


def changes(request: HttpRequest, grid: Grid) -> tuple[CellChange, ...]:
    """This will read the changed cells of a save. `grid` is the sheet as the database has it now.

    :raises BadCells: values that cannot be, cells that are locked. :raises Stale: the sheet has a newer version.
    :raises BrokenSave, TooLarge: what was sent is no save of this sheet.
    """
    version, sent = _sent(request)
    rows = {row.key: row for row in grid.rows}
    columns = {column.key: column for column in grid.columns}
    if len({(row, column) for row, column, *_ in sent}) != len(sent):
        raise BrokenSave
    for row, column, *_ in sent:
        if column not in columns or (row not in rows and not (grid.may_add and row.startswith(NEW_ROW))):
            raise BrokenSave
    if version != grid.version:
        raise Stale(grid.version, _changed_by_both(grid, rows, columns, sent))
    read, problems = [], []
    for row, column, text, _ in sent:
        try:
            if not columns[column].editable or (row in rows and column in rows[row].locked):
                raise BadInput("这个单元格已锁定，不能修改。", code="grid.locked")
            read.append(CellChange(row, column, parse_cell(columns[column], text)))
        except BadInput as error:
            problems.append(CellProblem(row, column, error.message))
    if problems:
        raise BadCells(problems)
    return tuple(read)


def _sent(request: HttpRequest) -> tuple[int, list[tuple[str, str, str, str]]]:
    """The version and (row, column, new text, old text) of each changed cell."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_SAVE:
        raise TooLarge(most=f"{MOST_CELLS:,}")
    try:
        given = json.loads(request.body)
        version, cells = given["version"], given["changes"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenSave from error
    if type(version) is not int or not isinstance(cells, list) or not cells:
        raise BrokenSave
    if len(cells) > MOST_CELLS:
        raise TooLarge(most=f"{MOST_CELLS:,}")
    for cell in cells:
        if not (isinstance(cell, list) and len(cell) == 4 and all(isinstance(part, str) for part in cell)):
            raise BrokenSave
    return version, [tuple(cell) for cell in cells]


def _changed_by_both(
    grid: Grid,
    rows: Mapping[str, GridRow],
    columns: Mapping[str, GridColumn],
    sent: Sequence[tuple[str, str, str, str]],
) -> list[tuple[str, str, str]]:
    found = []
    for row, column, _, before in sent:
        if row not in rows:
            continue
        now = rows[row].values.get(column)
        try:
            was = parse_cell(columns[column], before)
        except BadInput:
            was = before
        if was != (now if now != "" else None) and (was or now):
            found.append((row, column, grid.text(columns[column], now)))
    return found


def parse_cell(column: GridColumn, text: str) -> Any:
    """This will turn what was typed into a value: 分, a whole number, a choice, a code, text; empty is None.

    :raises BadInput: with the sentence for the cell.
    """
    plain = clean(text)
    if not plain:
        return None
    if column.kind == "amount":
        return _not_below(column, parse_yuan(plain), lambda fen: f"{format_fen(fen)} 元")
    if column.kind == "integer":
        return _not_below(column, _whole_number(plain), str)
    if column.kind == "choice":
        by_label = {label: value for value, label in column.choices}
        if plain in dict(column.choices):
            return plain
        if plain not in by_label:
            shown = "、".join(label for _, label in column.choices[:6])
            raise BadInput(f"“{plain}”不在选项中，可填：{shown}。", code="grid.choice")
        return by_label[plain]
    if len(plain) > LONGEST_TEXT:
        raise BadInput(f"文字超过 {LONGEST_TEXT} 个字，请缩短。", code="grid.long")
    return plain.split(" ")[0] if column.kind == "code" else plain


def _whole_number(plain: str) -> int:
    text = plain.translate(MINUS_SIGNS).replace("，", ",").replace(" ", "")
    if not WHOLE_NUMBER.fullmatch(text):
        raise BadInput(f"“{plain}”不是整数，请只填数字，如 12。", code="grid.integer")
    value = int(text.partition(".")[0].replace(",", ""))
    if abs(value) > MAXIMUM_FEN:
        raise BadInput(f"“{plain}”过大，请检查是否多写了数字。", code="grid.integer")
    return value


def _not_below(column: GridColumn, value: int, shown: Callable[[int], str]) -> int:
    if column.minimum is not None and value < column.minimum:
        least = "不能为负" if column.minimum == 0 else f"不能小于 {shown(column.minimum)}"
        raise BadInput(f"{column.head}{least}。", code="grid.minimum")
    return value


def answer(
    problems: Sequence[CellProblem] = (),
    version: int | None = None,
    totals: Mapping[str, int] | None = None,
    *,
    cells: Sequence[CellChange] = (),
    keys: Mapping[str, str] | None = None,
    message: str = "",
    grid: Grid | None = None,
) -> JsonResponse:
    """This will answer a save: the new version, or the cells that are wrong (then nothing was saved).

    `totals` are those of all pages, by column. `cells` are others that changed by it (with `grid`, which knows how
    they read). `keys` are the keys of new rows, by the names the browser gave them.
    """
    if problems:
        return JsonResponse(
            {
                "message": f"有 {len(problems)} 个单元格要改，数据没有保存。",
                "problems": [[problem.row, problem.column, problem.message] for problem in problems],
            },
            status=422,
        )
    columns = {column.key: column for column in grid.columns} if grid else {}
    shown = (
        [[one.row, one.column, grid.text(columns[one.column], one.value)] for one in cells] if grid else []
    )
    return JsonResponse(
        {
            "version": version,
            "totals": {key: str(value) for key, value in (totals or {}).items()},
            "cells": shown,
            "keys": dict(keys or {}),
            "message": message,
        }
    )


def answers_json(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that takes a save answers the sheet's script in JSON, whatever is raised."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return view(request, *args, **kwargs)
        except BadCells as error:
            return answer(error.cells)
        except Stale as error:
            return JsonResponse(
                {"message": error.message, "stale": {"version": error.version, "cells": error.cells}},
                status=409,
            )
        except FiscError as error:
            status = 403 if isinstance(error, NotAllowed) else 404 if isinstance(error, NotFound) else 409
            return JsonResponse({"message": error.message}, status=status)

    return wrapped
