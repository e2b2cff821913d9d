"""Reads sheets as they stand: cell values, and what a value does not tell (formulas, errors, merges, hidden rows).

python-calamine reads the values; it neither tells formulas nor error cells, so those are looked up in the XML parts
(xlsx) or the BIFF records (xls).
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
from html import unescape
from itertools import pairwise
from typing import Any

import python_calamine as calamine

from fisc.kernel.exchange import biff
from fisc.kernel.exchange.errors import Bomb, Broken, NoSheet, Sprawling, TooManyRows, UnknownEncoding
from fisc.kernel.exchange.files import Opened
from fisc.kernel.exchange.sheet import Book, Cell, Formula, Sheet, column_index, column_letter

MAX_COLUMNS = 512
MAX_CELLS = 6_000_000
MAX_LINES = 1_100_000
MAX_TEXT_BYTES = 600 * 2**20
"""What the texts of a sheet may take together; one shared string used a million times is the trick it stops."""


def read(opened: Opened) -> Book:
    """This function will read every visible sheet.

    :raises FileRefused: broken, sprawling or without a readable sheet.
    """
    book = _read_csv(opened) if opened.kind == "csv" else _read_excel(opened)
    if not book.sheets:
        raise NoSheet(filename=opened.filename)
    return book


# --- csv --------------------------------------------------------------------------------------------------------


def _read_csv(opened: Opened) -> Book:
    text = opened.text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MAX_LINES:
        raise TooManyRows(sheet="CSV", rows=text.count("\n"), limit=MAX_LINES)
    try:
        rows: list[list[Cell]] = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))  # type: ignore[arg-type]
    except csv.Error as error:
        raise Broken(filename=opened.filename, detail="引号不成对或单元格过长") from error
    if any(len(row) > MAX_COLUMNS for row in rows):
        raise UnknownEncoding(filename=opened.filename)
    formulas: dict[tuple[int, int], Formula] = {}
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if not cell:
                row[column] = None
            elif isinstance(cell, str) and cell[0] == "=" and len(cell) > 1:
                row[column] = _csv_formula(cell, formulas, number, column)
    return Book(sheets=(Sheet(name="CSV", rows=rows, formulas=formulas),) if any(map(any, rows)) else ())


def _csv_formula(cell: str, formulas: dict[tuple[int, int], Formula], row: int, column: int) -> str | None:
    """Excel's own trick to keep zeros, ="0012", is a text; any other = begins a formula that was never computed."""
    kept = re.fullmatch(r'="([^"]*)"', cell)
    if kept:
        return kept[1]
    formulas[row, column] = Formula(text=cell, cached=False)
    return None


def _delimiter(text: str) -> str:
    head = "\n".join(text.split("\n", 12)[:12])
    return max((",", "\t", ";", "|"), key=head.count)


# --- excel ------------------------------------------------------------------------------------------------------


def _read_excel(opened: Opened) -> Book:
    if opened.kind == "xlsx":
        names = {path.lower(): name for name, path in _sheet_paths(opened).items()}
        for path, part in opened.parts.items():
            # all of them, named or not: which one a reader takes for which name is its own affair
            if path.lower().startswith("xl/worksheets/") and path.lower().endswith(".xml"):
                _refuse_sprawl(opened, names.get(path.lower(), path), part)
        content = opened.repacked()
    else:
        biff.refuse_encrypted(opened)
        content = opened.content
    try:
        return _read_with_calamine(opened, content)
    except calamine.CalamineError as error:
        raise Broken(filename=opened.filename, detail="工作簿内容不完整") from error
    except BaseException as error:
        # a panic of the Rust reader arrives as its own BaseException
        if type(error).__name__ != "PanicException":
            raise
        raise Broken(filename=opened.filename, detail="工作簿内容不完整") from error


def _read_with_calamine(opened: Opened, content: bytes) -> Book:
    sheets: list[Sheet] = []
    hidden: list[str] = []
    with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        for index, about in enumerate(workbook.sheets_metadata):
            if about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            if about.visible != calamine.SheetVisibleEnum.Visible:
                hidden.append(about.name)
                continue
            sheet = _read_sheet(opened, workbook.get_sheet_by_index(index), about.name)
            if sheet is not None:
                sheets.append(sheet)
    return Book(sheets=tuple(sheets), hidden_sheets=tuple(hidden))


def _read_sheet(opened: Opened, source: Any, name: str) -> Sheet | None:
    rows = source.to_python(skip_empty_area=False) if source.height else []
    for row in rows:
        for column, cell in enumerate(row):
            if cell == "" and cell is not None:
                row[column] = None
    if opened.kind == "xls":
        details = biff.details(opened.part("workbook"), name)
    else:
        details = _xlsx_details(opened, name)
    formulas, errors = details.get("formulas", {}), details.get("errors", {})
    if not rows and not formulas and not errors:
        return None
    merged = tuple(
        (top, left, bottom, right) for (top, left), (bottom, right) in source.merged_cell_ranges or ()
    )
    return Sheet(name=name, rows=rows, merged=merged, **details)


# --- xlsx: what calamine does not tell ---------------------------------------------------------------------------

_NS = rb"(?:\w+:)?"
_SHEET_TAG = re.compile(rb"<" + _NS + rb"sheet\s([^>]*)>")
_RELATION = re.compile(rb"<" + _NS + rb"Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_FILLED_CELL = re.compile(
    rb"<" + _NS + rb"c\s[^>]*?\br\s*=\s*[\"']([A-Za-z]{1,9})([0-9]{1,12})[\"'][^>]*(?<!/)>"
)
_ROW_NUMBER = re.compile(rb"<" + _NS + rb"row\s[^>]*?\br\s*=\s*[\"']([0-9]{1,12})[\"'][^>]*(?<!/)>")
_PLACELESS_CELL = re.compile(rb"<" + _NS + rb"c(?=[\s>])(?![^>]*\br\s*=)[^>]*(?<!/)>")
_ANY_CELL = re.compile(rb"<" + _NS + rb"c[\s>/]")
_ROW_END = re.compile(rb"</" + _NS + rb"row")
_ROW_TAG = re.compile(rb"<" + _NS + rb"row\s([^>]*)>")
_COL_TAG = re.compile(rb"<" + _NS + rb"col\s([^>]*)>")
_CELL = re.compile(rb"<" + _NS + rb"c\s([^>]*?)(?:/>|>(.*?)</" + _NS + rb"c\s*>)", re.DOTALL)
_FORMULA = re.compile(rb"<" + _NS + rb"f(?:\s[^>]*?)?(?:/>|>(.*?)</" + _NS + rb"f\s*>)", re.DOTALL)
_VALUE = re.compile(rb"<" + _NS + rb"v(?:\s[^>]*)?>(.*?)</" + _NS + rb"v\s*>", re.DOTALL)
_HAS_FORMULA = re.compile(rb"<" + _NS + rb"f[\s/>]")
_HAS_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_SHARED = re.compile(rb"<" + _NS + rb"si[\s>]")
_STRING_CELL = re.compile(
    rb"\bt\s*=\s*[\"']s[\"'][^>]*>\s*(?:<" + _NS + rb"f.*?)?<" + _NS + rb"v[^>]*>\s*(\d{1,9})", re.DOTALL
)


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        key.decode("ascii", "replace"): unescape((double or single).decode("utf-8", "replace"))
        for key, double, single in _ATTRIBUTE.findall(tag)
    }


def _sheet_paths(opened: Opened) -> dict[str, str]:
    """Sheet name → name of its part."""
    targets: dict[str, str] = {}
    for tag in _RELATION.findall(opened.part("xl/_rels/workbook.xml.rels")):
        relation = _attributes(tag)
        target = relation.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        targets[relation.get("Id", "")] = posixpath.normpath(whole)
    paths: dict[str, str] = {}
    for tag in _SHEET_TAG.findall(opened.part("xl/workbook.xml")):
        sheet = _attributes(tag)
        identity = next((value for key, value in sheet.items() if key == "id" or key.endswith(":id")), "")
        paths[sheet.get("name", "")] = targets.get(identity, "")
    return paths


def _refuse_sprawl(opened: Opened, name: str, xml: bytes) -> None:
    """Refuse a sheet whose far-off cells would make a reader allocate a table of billions."""
    cells = _FILLED_CELL.findall(xml)
    columns = {column for column, _ in cells}
    last_column = max((column_index(letters.decode()) for letters in columns), default=0)
    last_row = max((int(row) for row in {row for _, row in cells}), default=0)
    if _PLACELESS_CELL.search(xml):
        # cells without a reference stand one after the other in their row
        last_row = max(last_row, max(map(int, _ROW_NUMBER.findall(xml)), default=0), xml.count(b"row>"))
        last_column = max(last_column, max(map(len, map(_ANY_CELL.findall, _ROW_END.split(xml)))) - 1)
    if last_column >= MAX_COLUMNS or last_row * (last_column + 1) > MAX_CELLS:
        raise Sprawling(sheet=name, cell=f"{column_letter(last_column)}{last_row}")
    _refuse_repeated_texts(opened, xml, cells=len(cells))


def _refuse_repeated_texts(opened: Opened, xml: bytes, *, cells: int) -> None:
    strings = opened.part("xl/sharedstrings.xml")
    starts = [found.start() for found in _SHARED.finditer(strings)] + [len(strings)]
    lengths = [end - start for start, end in pairwise(starts)]
    if cells * max(lengths, default=0) <= MAX_TEXT_BYTES:
        return
    uses = (int(found) for found in _STRING_CELL.findall(xml))
    if sum(lengths[index] for index in uses if index < len(lengths)) > MAX_TEXT_BYTES:
        raise Bomb(filename=opened.filename, detail="同一段长文字被重复引用")


def _xlsx_details(opened: Opened, name: str) -> dict[str, Any]:
    xml = opened.part(_sheet_paths(opened).get(name, ""))
    if not xml:
        # without its part, formulas and hidden rows would go unseen
        raise Broken(filename=opened.filename, detail=f"找不到工作表“{name}”的内容")
    if _PLACELESS_CELL.search(xml) and (_HAS_FORMULA.search(xml) or _HAS_ERROR.search(xml)):
        # which cells hold formulas could not be told
        raise Broken(filename=opened.filename, detail="公式单元格缺少位置")
    epoch = re.search(rb"date1904\s*=\s*[\"'](?:1|true)[\"']", opened.part("xl/workbook.xml"))
    formulas, errors = _formulas_and_errors(xml)
    return {
        "formulas": formulas,
        "errors": errors,
        "hidden_rows": _hidden_rows(xml),
        "hidden_columns": _hidden_columns(xml),
        "epoch_1904": bool(epoch),
    }


def _formulas_and_errors(xml: bytes) -> tuple[dict[tuple[int, int], Formula], dict[tuple[int, int], str]]:
    formulas: dict[tuple[int, int], Formula] = {}
    errors: dict[tuple[int, int], str] = {}
    if not _HAS_FORMULA.search(xml) and not _HAS_ERROR.search(xml):
        return formulas, errors
    for head, body in _CELL.findall(xml):
        if not body or (b"f" not in body and b"e" not in head):
            continue
        place = _place(_attributes(head).get("r", ""))
        if place is None:
            continue
        formula, value = _FORMULA.search(body), _VALUE.search(body)
        text = unescape(value[1].decode("utf-8", "replace")).strip() if value else ""
        if formula:
            shown = unescape((formula[1] or b"").decode("utf-8", "replace")).strip()
            formulas[place] = Formula(text=f"={shown}" if shown else "", cached=bool(text))
        if _HAS_ERROR.search(head):
            errors[place] = text or "#ERROR"
    return formulas, errors


def _place(reference: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"([A-Za-z]{1,3})([0-9]{1,7})", reference)
    return (int(found[2]) - 1, column_index(found[1])) if found else None


def _hidden_rows(xml: bytes) -> frozenset[int]:
    if not _HIDDEN.search(xml):
        return frozenset()
    rows = (_attributes(tag) for tag in _ROW_TAG.findall(xml) if _HIDDEN.search(tag))
    return frozenset(int(row["r"]) - 1 for row in rows if row.get("r", "").isdecimal())


def _hidden_columns(xml: bytes) -> frozenset[int]:
    hidden: set[int] = set()
    for tag in _COL_TAG.findall(xml):
        if not _HIDDEN.search(tag):
            continue
        column = _attributes(tag)
        first, last = column.get("min", ""), column.get("max", "")
        if first.isdecimal() and last.isdecimal():
            hidden.update(range(int(first) - 1, min(int(last), MAX_COLUMNS)))
    return frozenset(hidden)
