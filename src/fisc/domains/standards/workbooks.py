"""Excel out: the 测算表 of a unit as an accountant keeps it, the summary of all units, the base data as they come in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter

from fisc.domains.standards.measures import MEASURES, NAMES, UNITS
from fisc.domains.standards.models import Category, Level
from fisc.domains.standards.reading import NeedLine, UnitNeed

FONT = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
HEADS = (
    ("序号", 6),
    ("标准编码", 9),
    ("项目", 30),
    ("部门经济分类", 12),
    ("三保项目", 9),
    ("标准层级", 10),
    ("数量口径", 12),
    ("标准（元/年）", 14),
    ("数量", 11),
    ("单位", 6),
    ("测算金额（元）", 17),
    ("说明", 34),
)
AMOUNT, COUNT = "#,##0.00;-#,##0.00", "#,##0"


def _formats(book: Any) -> dict[str, Any]:
    cell = {**FONT, "border": 1}
    return {
        "title": book.add_format({**FONT, "font_size": 16, "bold": True, "align": "center"}),
        "line": book.add_format(FONT),
        "right": book.add_format({**FONT, "align": "right"}),
        "head": book.add_format({**cell, "bold": True, "align": "center", "text_wrap": True}),
        "text": book.add_format({**cell, "num_format": "@", "text_wrap": True}),
        "centre": book.add_format({**cell, "align": "center"}),
        "amount": book.add_format({**cell, "num_format": AMOUNT}),
        "count": book.add_format({**cell, "num_format": COUNT}),
        "group": book.add_format({**cell, "bold": True}),
        "sum": book.add_format({**cell, "bold": True, "num_format": AMOUNT}),
    }


def _page(sheet: Any, *, repeat: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(repeat)
    sheet.set_footer("&C第 &P 页 共 &N 页")
    sheet.freeze_panes(repeat + 1, 0)


def unit_sheet(*, unit: str, code: str, year: int, lines: Sequence[NeedLine], maker: str, day: str) -> bytes:
    """基本支出测算表 of one unit: amounts are formulas (标准 × 数量), sums by category, the line for signatures."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        look = _formats(book)
        sheet = book.add_worksheet("测算表")
        last = len(HEADS) - 1
        for index, (_, width) in enumerate(HEADS):
            sheet.set_column(index, index, width)
        sheet.merge_range(0, 0, 0, last, f"{year}年基本支出测算表", look["title"])
        sheet.set_row(0, 30)
        sheet.write_string(1, 0, f"编制单位：{code} {unit}", look["line"])
        sheet.write_string(1, last, "单位：元", look["right"])
        for index, (head, _) in enumerate(HEADS):
            sheet.write_string(2, index, head, look["head"])
        row, sums = 3, []
        for category, label in Category.choices:
            held = [line for line in lines if line.category == category]
            if held:
                row, sum_row = _category(sheet, look, row, label, held)
                sums.append(sum_row)
        total = sum(line.amount_fen for line in lines)
        sheet.merge_range(row, 0, row, last - 2, "合计", look["group"])
        formula = "=" + "+".join(f"K{at + 1}" for at in sums) if sums else "=0"
        sheet.write_formula(row, last - 1, formula, look["sum"], total / 100)
        sheet.write_blank(row, last, None, look["group"])
        sheet.write_string(
            row + 2,
            0,
            f"单位负责人：          财务负责人：          复核：          制表：{maker}          {day}",
            look["line"],
        )
        _page(sheet, repeat=2)
    return out.getvalue()


def _category(
    sheet: Any, look: Mapping[str, Any], row: int, label: str, lines: Sequence[NeedLine]
) -> tuple[int, int]:
    """One category with its sum row on top; returns the next row and the row of the sum."""
    head = row
    first, last = row + 1, row + len(lines)
    sheet.merge_range(head, 0, head, 9, label, look["group"])
    sheet.write_formula(
        head, 10, f"=SUM(K{first + 1}:K{last + 1})", look["sum"], sum(line.amount_fen for line in lines) / 100
    )
    sheet.write_blank(head, 11, None, look["group"])
    for number, line in enumerate(lines, start=1):
        row += 1
        sheet.write_number(row, 0, number, look["centre"])
        for column, text in enumerate(
            (
                line.code,
                line.name,
                line.economic_code,
                line.guarantee_item,
                dict(Level.choices)[line.level],
                NAMES[line.measure],
            ),
            start=1,
        ):
            sheet.write_string(row, column, text, look["text"])
        sheet.write_number(row, 7, line.standard_fen / 100, look["amount"])
        sheet.write_number(row, 8, line.quantity, look["count"])
        sheet.write_string(row, 9, UNITS[line.measure], look["centre"])
        sheet.write_formula(row, 10, f"=H{row + 1}*I{row + 1}", look["amount"], line.amount_fen / 100)
        reason = "" if line.quantity == line.reported else f"填报数 {line.reported:,}"
        sheet.write_string(row, 11, reason, look["text"])
    return row + 1, head


def summary(*, year: int, rows: Iterable[tuple[str, str, UnitNeed]], maker: str, day: str) -> bytes:
    """基本支出测算汇总表: one row is one unit, with a row of sums as formulas."""
    out = io.BytesIO()
    heads = (
        ("单位编码", 12),
        ("单位", 34),
        ("人员经费（元）", 18),
        ("公用经费（元）", 18),
        ("其中：生均公用经费（元）", 20),
        ("合计（元）", 18),
    )
    with xlsxwriter.Workbook(out) as book:
        look = _formats(book)
        sheet = book.add_worksheet("测算汇总")
        last = len(heads) - 1
        for index, (_, width) in enumerate(heads):
            sheet.set_column(index, index, width)
        sheet.merge_range(0, 0, 0, last, f"{year}年基本支出测算汇总表", look["title"])
        sheet.set_row(0, 30)
        sheet.write_string(1, 0, "按已审定的基础信息表", look["line"])
        sheet.write_string(1, last, "单位：元", look["right"])
        for index, (head, _) in enumerate(heads):
            sheet.write_string(2, index, head, look["head"])
        row, sums = 2, [0, 0, 0, 0]
        for row, (code, name, need) in enumerate(rows, start=3):
            parts = (need.personnel_fen, need.public_fen, need.pupils_fen, need.total_fen)
            sheet.write_string(row, 0, code, look["text"])
            sheet.write_string(row, 1, name, look["text"])
            for index, fen in enumerate(parts[:3]):
                sheet.write_number(row, 2 + index, fen / 100, look["amount"])
            sheet.write_formula(row, 5, f"=C{row + 1}+D{row + 1}", look["amount"], need.total_fen / 100)
            sums = [one + two for one, two in zip(sums, parts, strict=True)]
        sheet.merge_range(row + 1, 0, row + 1, 1, "合计", look["group"])
        for index, fen in enumerate(sums):
            letter = "CDEF"[index]
            formula = f"=SUM({letter}4:{letter}{row + 1})" if row > 2 else "=0"
            sheet.write_formula(row + 1, 2 + index, formula, look["sum"], fen / 100)
        sheet.write_string(row + 3, 0, f"复核：          制表：{maker}          {day}", look["line"])
        _page(sheet, repeat=2)
    return out.getvalue()


def base_figures(*, year: int, rows: Iterable[tuple[str, str, str, Mapping[str, int]]]) -> bytes:
    """基础信息 of a year, with the heads of the import: the file can be filled in and taken in again."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        look = _formats(book)
        sheet = book.add_worksheet(f"{year}年基础信息")
        heads = ["单位编码", "单位名称", "状态", *(one.head for one in MEASURES)]
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 28)
        sheet.set_column(2, len(heads) - 1, 12)
        for index, head in enumerate(heads):
            sheet.write_string(0, index, head, look["head"])
        for row, (code, name, state, figures) in enumerate(rows, start=1):
            for column, text in enumerate((code, name, state)):
                sheet.write_string(row, column, text, look["text"])
            for column, one in enumerate(MEASURES, start=3):
                if one.code in figures:
                    sheet.write_number(row, column, figures[one.code], look["count"])
                else:
                    sheet.write_blank(row, column, None, look["count"])
        sheet.freeze_panes(1, 2)
    return out.getvalue()
