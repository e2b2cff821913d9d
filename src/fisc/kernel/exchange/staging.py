"""From a read sheet to staged rows: what is data, what is a total, a foot note or an empty line; bulk in and out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from fisc.base.text import clean, match_key
from fisc.kernel.exchange import cells
from fisc.kernel.exchange.heads import Found
from fisc.kernel.exchange.sheet import Book, Cell, Sheet, column_letter
from fisc.kernel.exchange.spec import ImportSpec, Severity

_TOTAL = re.compile(r"(总?合计|总计|共计|合计数|总计数|金额合计)[:(]?.{0,6}$")
_SUBTOTAL = re.compile(r".{0,12}(小计|合计|总计|累计)[:]?$")
_FOOT = re.compile(
    r"(填表|填报|制表|编制|审核|复核|经办|单位负责|财务负责|负责人|联系|备注|说明|注|打印)[^:]{0,10}[:]"
)
_COPY_BYTES = 2**20
_LISTED = 12


@dataclass(frozen=True)
class Remark:
    """Something to tell about the whole file; becomes a problem of row 0 (or of `number`)."""

    severity: Severity
    code: str
    message: str
    number: int = 0


@dataclass
class Staged:
    """What a sheet holds: data rows (Excel row number, raw cells), total rows, remarks."""

    rows: list[tuple[int, list[cells.Raw]]] = field(default_factory=list)
    totals: list[tuple[int, list[cells.Raw]]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def data_rows(book: Book, sheet: Sheet, found: Found, spec: ImportSpec) -> Staged:
    """This function will part the rows under the head into data, totals and what is left out, and tell what it did."""
    staged = Staged(remarks=_sheet_remarks(book, sheet))
    merged = _covered_cells(sheet, after=found.head.last_row)
    plain_rows = not (sheet.formulas or sheet.errors or merged)
    sorter = _Sorter.of(sheet, found, spec)
    left_out: dict[str, list[int]] = {"subtotal": [], "foot": [], "head": []}
    for index in range(found.head.last_row + 1, len(sheet.rows)):
        source = sheet.rows[index]
        raw = [_plain(cell) for cell in source] if plain_rows else _encoded(sheet, index, source, merged)
        if all(map(_is_nothing, raw)):
            continue
        kind = sorter.kind_of(raw, source, first=index == found.head.last_row + 1)
        if kind == "data":
            staged.rows.append((index + 1, raw))
        elif kind == "total":
            staged.totals.append((index + 1, raw))
        else:
            left_out[kind].append(index + 1)
    staged.remarks.extend(_left_out_remarks(left_out, staged.totals))
    staged.remarks.extend(_hidden_remarks(sheet, staged, found))
    return staged


def _plain(cell: Cell) -> cells.Raw:
    kind = type(cell)
    if cell is None or (kind is str and "\x00" not in cell):  # type: ignore[operator]
        return cell
    return cells.plain(cell)


def _is_nothing(raw: cells.Raw) -> bool:
    return raw is None or (type(raw) is str and not raw.strip()) or (type(raw) is dict and "m" in raw)


def _encoded(
    sheet: Sheet, row: int, source: Sequence[Cell], merged: dict[tuple[int, int], tuple[str, Cell]]
) -> list[cells.Raw]:
    width = max(len(source), 1 + max((column for line, column in sheet.formulas if line == row), default=-1))
    if width == len(source):
        return [cells.encode(sheet, row, column, cell, merged) for column, cell in enumerate(source)]
    padded = [*source, *[None] * (width - len(source))]
    return [cells.encode(sheet, row, column, cell, merged) for column, cell in enumerate(padded)]


def _covered_cells(sheet: Sheet, *, after: int) -> dict[tuple[int, int], tuple[str, Cell]]:
    """Cells below the head that a merged area hides → the area and the value of its first cell."""
    covered: dict[tuple[int, int], tuple[str, Cell]] = {}
    for area in sheet.merged:
        top, left, bottom, right = area
        if top <= after or top >= len(sheet.rows) or left >= len(sheet.rows[top]):
            continue
        first = sheet.rows[top][left]
        for row in range(top, min(bottom, len(sheet.rows) - 1) + 1):
            for column in range(left, min(right, len(sheet.rows[row]) - 1) + 1):
                if (row, column) != (top, left):
                    covered[row, column] = (cells.area_name(area), first)
    return covered


@dataclass(frozen=True)
class _Sorter:
    """What tells data from the rest, worked out once a sheet: most rows are data and must be passed quickly."""

    needed: tuple[int, ...]
    """Text columns that every data row needs."""
    heads: tuple[tuple[int, frozenset[Cell]], ...]
    """Matched columns with the texts of the head over them."""

    @classmethod
    def of(cls, sheet: Sheet, found: Found, spec: ImportSpec) -> _Sorter:
        """The sorter of a sheet with its head."""
        mapping = found.mapping
        required = [column for column in spec.columns if column.required and column.kind != "amount"]
        rows = sheet.rows[found.head.first_row : found.head.last_row + 1]
        heads = tuple(
            (place, frozenset(row[place] for row in rows if place < len(row) and row[place] is not None))
            for place in mapping.values()
        )
        return cls(needed=tuple(mapping[c.key] for c in required if c.key in mapping), heads=heads)

    def kind_of(self, raw: Sequence[cells.Raw], source: Sequence[Cell], *, first: bool) -> str:
        """data, total, subtotal, foot or head."""
        if self._is_mostly_empty(raw) and (kind := _kind_by_label(raw)):
            return kind
        if (first and _is_numbering(raw)) or self._repeats_head(source):
            return "head"
        return "data"

    def _is_mostly_empty(self, raw: Sequence[cells.Raw]) -> bool:
        """A total or a foot note leaves most of the text columns empty; with one such column it stands in it."""
        if len(self.needed) <= 1:
            return True
        empty = sum(1 for index in self.needed if index >= len(raw) or _is_nothing(raw[index]))
        return empty >= (len(self.needed) + 1) // 2

    def _repeats_head(self, source: Sequence[Cell]) -> bool:
        """Long printed tables repeat their head on every page."""
        if len(self.heads) < 2:
            return False
        return all(place < len(source) and source[place] in texts for place, texts in self.heads)


def _kind_by_label(raw: Sequence[cells.Raw]) -> str:
    opening = next((clean(cell) for cell in raw if isinstance(cell, str) and cell.strip()), "")
    key = match_key(opening)
    if not key:
        return ""
    if _TOTAL.match(key):
        return "total"
    if _SUBTOTAL.fullmatch(key):
        return "subtotal"
    return "foot" if _FOOT.match(key) else ""


def _is_numbering(raw: Sequence[cells.Raw]) -> bool:
    """The row 1, 2, 3, … (or 栏次) that official forms print under the head."""
    values = [cells.shown(cell) for cell in raw if not _is_nothing(cell)]
    if values and match_key(values[0]) in ("栏次", "列次", "序号"):
        values = values[1:]
    return len(values) >= 3 and values == [str(number) for number in range(1, len(values) + 1)]


# --- what to tell ------------------------------------------------------------------------------------------------


def _sheet_remarks(book: Book, sheet: Sheet) -> list[Remark]:
    remarks = []
    if book.hidden_sheets:
        names = "、".join(f"“{name}”" for name in book.hidden_sheets[:_LISTED])
        message = f"文件里有 {len(book.hidden_sheets)} 张隐藏的工作表没有读取：{names}。"
        remarks.append(Remark("note", "hidden_sheets", message))
    others = [other.name for other in book.sheets if other.name != sheet.name]
    if others:
        names = "、".join(f"“{name}”" for name in others[:_LISTED])
        remarks.append(Remark("note", "other_sheets", f"只读取工作表“{sheet.name}”，没有读取：{names}。"))
    return remarks


def _left_out_remarks(
    left_out: Mapping[str, Sequence[int]], totals: Sequence[tuple[int, Any]]
) -> list[Remark]:
    words = {"subtotal": "小计行", "foot": "表尾说明行", "head": "重复的表头或栏次行"}
    remarks = [
        Remark("note", f"left_out_{kind}", f"第 {_listed(numbers)} 行是{words[kind]}，不作为数据导入。")
        for kind, numbers in left_out.items()
        if numbers
    ]
    if totals:
        numbers = [number for number, _ in totals]
        message = f"第 {_listed(numbers)} 行是合计行，只用来核对总额，不作为数据导入。"
        remarks.append(Remark("note", "left_out_total", message))
    return remarks


def _hidden_remarks(sheet: Sheet, staged: Staged, found: Found) -> list[Remark]:
    remarks = []
    hidden = [number for number, _ in staged.rows if number - 1 in sheet.hidden_rows]
    if hidden:
        message = f"第 {_listed(hidden)} 行（共 {len(hidden)} 行）在 Excel 里是隐藏的，也会导入。不应导入的请先删除。"
        remarks.append(Remark("warn", "hidden_rows", message))
    columns = sorted(set(found.mapping.values()) & sheet.hidden_columns)
    if columns:
        letters = "、".join(column_letter(column) for column in columns)
        remarks.append(Remark("warn", "hidden_columns", f"{letters} 列在 Excel 里是隐藏的，也会导入。"))
    return remarks


def _listed(numbers: Sequence[int]) -> str:
    """Row numbers as ranges: 5–9、12 等."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in ranges]
    return "、".join(texts[:_LISTED]) + (" 等" if len(texts) > _LISTED else "")


# --- bulk in and out ---------------------------------------------------------------------------------------------


def copy_rows(batch_id: int, rows: Sequence[tuple[int, list[cells.Raw]]]) -> None:
    """This function will put the rows into the staging table by COPY."""
    lines = (
        (f"{batch_id}\t{number}\t" + json.dumps(raw, ensure_ascii=False).replace("\\", "\\\\"))
        for number, raw in rows
    )
    _copy("COPY exchange_staged_row (batch_id, number, raw) FROM STDIN", lines)


def copy_problems(batch_id: int, problems: Sequence[Any]) -> None:
    """This function will put problems (rows of `checking.Problem`) into their table by COPY."""
    columns = (
        "batch_id, number, key, severity, code, message, suggestion, suggestion_label, also_rows, also_keys"
    )
    lines = (
        "\t".join((
            str(batch_id),
            str(problem.row),
            _escaped(problem.key or ""),
            problem.severity,
            problem.code,
            _escaped(problem.message[:600]),
            r"\N" if problem.suggestion is None else _escaped(problem.suggestion[:300]),
            _escaped(problem.suggestion_label[:300]),
            "{" + ",".join(map(str, problem.also_rows)) + "}",
            _escaped("{" + ",".join(f'"{key}"' for key in problem.also_keys) + "}"),
        ))
        for problem in problems
    )  # fmt: skip
    _copy(f"COPY exchange_problem ({columns}) FROM STDIN", lines)


def _escaped(text: str) -> str:
    text = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _copy(statement: str, lines: Iterator[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        pending: list[str] = []
        size = 0
        for line in lines:
            pending.append(line)
            size += len(line)
            if size > _COPY_BYTES:
                copy.write("\n".join(pending) + "\n")
                pending, size = [], 0
        if pending:
            copy.write("\n".join(pending) + "\n")


def staged_rows(batch_id: int) -> list[tuple[int, list[cells.Raw]]]:
    """This function will read back all staged rows in file order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, raw::text FROM exchange_staged_row WHERE batch_id = %s ORDER BY number",
            [batch_id],
        )
        return [(number, json.loads(raw)) for number, raw in cursor.fetchall()]
