"""全口径一页表 as Excel: an accountant's sheet with live sums, transfers eliminated in a column of their own."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from fisc.base.money import FEN_PER_UNIT, UNIT_NAMES, Unit
from fisc.domains.budget.balances.bridge import Amount, Bridge, Line
from fisc.domains.budget.balances.models import FOUR_FUNDS
from fisc.domains.budget.dimensions import FUND_LABELS

FIRST_ROW, ELIMINATED, WHOLE, WIDTH = 5, 5, 6, 6  # item, four funds, eliminated, whole


def to_excel(bridge: Bridge, *, unit: Unit, exported_by: str, at: datetime) -> bytes:
    """This function will write two sheets, planned and carried out, amounts in `unit`."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        looks = _looks(book)
        for name, is_planned in (("预算", True), ("执行", False)):
            sheet = book.add_worksheet(name)
            _head(sheet, bridge, name, unit, looks, f"{exported_by}  {at:%Y-%m-%d %H:%M}")
            _body(sheet, bridge, is_planned, unit, looks)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 1)
    return out.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 1}
    number = "#,##0.00;[Red]-#,##0.00"
    return {
        "title": book.add_format({"font_name": "宋体", "font_size": 16, "bold": True, "align": "center"}),
        "note": book.add_format({"font_name": "宋体", "font_size": 10, "font_color": "#45515B"}),
        "right": book.add_format({"font_name": "宋体", "font_size": 10, "align": "right"}),
        "head": book.add_format(base | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#F3F2EE"}),
        "text": book.add_format(base),
        "amount": book.add_format(base | {"num_format": number}),
        "total": book.add_format(base | {"bold": True, "num_format": number, "bg_color": "#FAF9F6"}),
    }  # fmt: skip


def _head(sheet: Any, bridge: Bridge, name: str, unit: Unit, looks: dict[str, Any], who: str) -> None:
    sheet.merge_range(0, 0, 0, WIDTH, f"{bridge.year}年四本预算全口径一页表（{name}）", looks["title"])
    period = f"{bridge.year}年" if name == "预算" else f"{bridge.year}年1—{bridge.month}月"
    sheet.merge_range(1, 0, 1, WIDTH, period, looks["note"])
    sheet.merge_range(2, 0, 2, 4, f"导出：{who}", looks["note"])
    sheet.merge_range(2, 5, 2, WIDTH, f"单位：{UNIT_NAMES[unit]}", looks["right"])
    heads = ["项目", *(FUND_LABELS[fund] for fund in FOUR_FUNDS), "抵销（调入调出）", "全口径合计"]
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, WIDTH, 18)
    sheet.set_row(FIRST_ROW - 1, 30)
    for column, head in enumerate(heads):
        sheet.write_string(FIRST_ROW - 1, column, head, looks["head"])
    sheet.freeze_panes(FIRST_ROW, 1)


def _body(sheet: Any, bridge: Bridge, is_planned: bool, unit: Unit, looks: dict[str, Any]) -> None:
    row = FIRST_ROW
    totals = []
    for label, side in (("收入总计", bridge.revenue), ("支出总计", bridge.expenditure)):
        first = row
        for line in side:
            _line(sheet, row, line, line.planned if is_planned else line.actual, unit, looks)
            row += 1
        sheet.write_string(row, 0, label, looks["total"])
        for column in range(1, WIDTH + 1):
            value = _column_total(bridge, side, column, is_planned)
            sheet.write_formula(
                row, column, f"=SUM({xl_range(first, column, row - 1, column)})", looks["total"],
                value / FEN_PER_UNIT[unit],
            )  # fmt: skip
        totals.append(row)
        row += 1
    if is_planned:
        sheet.write_string(row, 0, "平衡检查（收入减支出）", looks["text"])
        for column in range(1, WIDTH + 1):
            cells = [xl_rowcol_to_cell(total, column) for total in totals]
            sides = (bridge.revenue, bridge.expenditure)
            values = [_column_total(bridge, side, column, is_planned) for side in sides]
            sheet.write_formula(
                row, column, f"={cells[0]}-{cells[1]}", looks["amount"], (values[0] - values[1]) / FEN_PER_UNIT[unit]
            )  # fmt: skip


def _column_total(bridge: Bridge, side: tuple[Line, ...], column: int, is_planned: bool) -> int:
    if column <= len(FOUR_FUNDS):
        return bridge.total(side, FOUR_FUNDS[column - 1], is_planned=is_planned)
    if column == ELIMINATED:
        return -sum(line.eliminated(line.planned if is_planned else line.actual) for line in side)
    return bridge.whole(side, is_planned=is_planned)


def _line(
    sheet: Any, row: int, line: Line, amounts: Mapping[str, Amount], unit: Unit, looks: dict[str, Any]
) -> None:
    scale = FEN_PER_UNIT[unit]
    sheet.write_string(row, 0, line.label, looks["text"])
    for column, fund in enumerate(FOUR_FUNDS, 1):
        fen = amounts[fund].fen
        if fen is None:
            sheet.write_blank(row, column, None, looks["amount"])
        else:
            sheet.write_number(row, column, fen / scale, looks["amount"])
    sum_of_funds = f"SUM({xl_range(row, 1, row, len(FOUR_FUNDS))})"
    eliminated = line.eliminated(amounts)
    formula = f"=-{sum_of_funds}" if line.is_transfer else "=0"
    sheet.write_formula(row, ELIMINATED, formula, looks["amount"], -eliminated / scale)
    sheet.write_formula(
        row, WHOLE, f"={sum_of_funds}+{xl_rowcol_to_cell(row, ELIMINATED)}", looks["amount"],
        line.whole(amounts) / scale,
    )  # fmt: skip
