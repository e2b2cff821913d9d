"""A report as Excel: real numbers, live formulas for totals and rates, outline levels, a head that says what it is."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from fisc.base.money import FEN_PER_UNIT, UNIT_NAMES, Unit
from fisc.kernel.reports.spec import Cell, Column, Report, Row

BEIJING = ZoneInfo("Asia/Shanghai")
FIRST_COLUMN_WIDTH, COLUMN_WIDTH = 44, 15
HEAD_ROWS = 5
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def to_excel(report: Report, *, unit: Unit, exported_by: str, at: datetime) -> bytes:
    """This will write the report as .xlsx: amounts in `unit`, two head rows, frozen, grouped by level."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties(
            {"title": report.layout.title, "author": exported_by, "created": at.replace(tzinfo=None)}
        )
        _Sheet(book, report, unit).write(exported_by, at)
    return buffer.getvalue()


class _Sheet:
    """One worksheet while it is written."""

    def __init__(self, book: Any, report: Report, unit: Unit) -> None:
        self.book, self.report, self.unit = book, report, unit
        self.sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", "", report.layout.title)[:31])
        self.columns = {column.key: index for index, column in enumerate(report.layout.columns, start=1)}
        self.made: dict[tuple[str, str], Any] = {}

    def format(self, look: str, number: str = "") -> Any:
        """A cell format, made once; `look` is text, head, title, note, top or total."""
        key = (look, number)
        if key not in self.made:
            facts: dict[str, Any] = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
            looks: dict[str, dict[str, Any]] = {
                "title": {"bold": True, "font_size": 16, "align": "center"},
                "head": {
                    "bold": True,
                    "border": 1,
                    "align": "center",
                    "bg_color": "#F3F2EE",
                    "text_wrap": True,
                },
                "note": {"font_color": "#45515B"},
                "top": {"border": 1, "bold": True},
                "total": {"border": 1, "bold": True, "bg_color": "#FAF9F6"},
                "text": {"border": 1},
            }
            facts |= looks[look]
            if number:
                facts["num_format"] = number
            self.made[key] = self.book.add_format(facts)
        return self.made[key]

    def write(self, exported_by: str, at: datetime) -> None:
        """The whole sheet."""
        self._head(exported_by, at)
        first = HEAD_ROWS
        for offset, row in enumerate(self.report.rows):
            line = first + offset
            look = "top" if row.depth == 0 else "text"
            options = {"level": min(row.depth, 7)} if row.depth else {}
            self.sheet.set_row(line, None, None, options)
            self._row(line, row, look, self._below(offset, first))
        last = first + len(self.report.rows)
        tops = [first + offset for offset, row in enumerate(self.report.rows) if row.depth == 0]
        self._row(last, self.report.total, "total", tops)
        for offset, note in enumerate(self.report.notes, start=1):
            self.sheet.write_string(last + offset, 0, note, self.format("note"))
        self._page(last)

    def _head(self, exported_by: str, at: datetime) -> None:
        report = self.report
        width = len(self.columns)
        self.sheet.merge_range(0, 0, 0, width, report.layout.title, self.format("title"))
        moment = f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        facts = f"期间：{report.period_text}；{report.filter_text}"
        self.sheet.write_string(1, 0, facts, self.format("note"))
        source = f"金额单位：{UNIT_NAMES[self.unit]}；导出人：{exported_by}；导出时间：{moment}"
        self.sheet.write_string(2, 0, source, self.format("note"))
        self.sheet.merge_range(3, 0, 4, 0, report.layout.row_head, self.format("head"))
        index = 1
        for group in report.layout.groups:
            end = index + len(group.columns) - 1
            if end > index:
                self.sheet.merge_range(3, index, 3, end, group.head, self.format("head"))
            else:
                self.sheet.write_string(3, index, group.head, self.format("head"))
            for column in group.columns:
                self.sheet.write_string(4, index, column.head, self.format("head"))
                index += 1

    def _below(self, offset: int, first: int) -> list[int]:
        """The lines of the rows right below a row."""
        rows = self.report.rows
        depth = rows[offset].depth
        found = []
        for index in range(offset + 1, len(rows)):
            if rows[index].depth <= depth:
                break
            if rows[index].depth == depth + 1:
                found.append(first + index)
        return found

    def _row(self, line: int, row: Row, look: str, below: list[int]) -> None:
        name = f"{row.code} {row.name}".strip()
        text = self.format(look)
        self.sheet.write_string(line, 0, "　" * row.depth + safe_text(name), text)
        for column in self.report.layout.columns:
            self._cell(line, column, row.cell(column.key), look, below)

    def _cell(self, line: int, column: Column, cell: Cell, look: str, below: list[int]) -> None:
        at = self.columns[column.key]
        shape = self.format(look, number_format(column, self.unit))
        if cell.value is None:
            self.sheet.write_blank(line, at, None, shape)
            return
        value = self._number(column, cell.value)
        formula = self._formula(line, column, below)
        if formula is None:
            self.sheet.write_number(line, at, value, shape)
        else:
            self.sheet.write_formula(line, at, formula, shape, value)

    def _number(self, column: Column, value: Any) -> float:
        scale = FEN_PER_UNIT[self.unit] if column.kind == "amount" else 1
        return float(Fraction(value, scale))

    def _formula(self, line: int, column: Column, below: list[int]) -> str | None:
        """The column's own formula, else the sum of the rows right below; None for a plain number."""
        if column.formula is not None:
            keys = re.findall(r"\{(\w+)\}", column.formula)
            cells = {key: xl_rowcol_to_cell(line, self.columns[key]) for key in keys}
            return "=" + column.formula.format(**cells)
        if not below or column.kind not in ("amount", "count"):
            return None
        return "=" + sum_of(below, self.columns[column.key])

    def _page(self, last: int) -> None:
        sheet = self.sheet
        sheet.freeze_panes(HEAD_ROWS, 1)
        sheet.outline_settings(True, False, True, False)
        sheet.set_column(0, 0, FIRST_COLUMN_WIDTH)
        sheet.set_column(1, len(self.columns), COLUMN_WIDTH)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3, 4)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.print_area(0, 0, last + len(self.report.notes), len(self.columns))


def number_format(column: Column, unit: Unit) -> str:
    """Excel's number format for a column: amounts with thousands, rates with one decimal."""
    if column.kind == "amount":
        places = "0.0000" if unit == "yi" else "0.00"
        return f"#,##{places};[Red]-#,##{places}"
    if column.kind == "count":
        return "#,##0"
    return "+0.0;[Red]-0.0;0.0" if column.signed else "0.0"


def sum_of(lines: list[int], column: int) -> str:
    """SUM over lines (0-based), neighbouring ones as a range."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    parts = [
        xl_rowcol_to_cell(a, column)
        if a == b
        else f"{xl_rowcol_to_cell(a, column)}:{xl_rowcol_to_cell(b, column)}"
        for a, b in runs
    ]
    # a function takes at most 255 arguments
    chunks = [f"SUM({','.join(parts[start : start + 200])})" for start in range(0, len(parts), 200)]
    return "+".join(chunks)


def safe_text(text: str) -> str:
    """A text that Excel will not take for a formula when the file is turned into CSV."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text
