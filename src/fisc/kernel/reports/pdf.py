"""A report as PDF for the archive: A4 landscape, Song, head repeated, signature line (PDF/A-2b by typst)."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fisc.base.money import MINUS, UNIT_NAMES, Unit, format_fen
from fisc.kernel.metrics.figure import round_half_up
from fisc.kernel.reports.spec import Cell, Column, Report, Row
from fisc.kernel.reports.typeset import typeset

TEMPLATE = Path(__file__).parent / "typst" / "table.typ"
BEIJING = ZoneInfo("Asia/Shanghai")


def to_pdf(report: Report, *, unit: Unit, office: str, printed_by: str, at: datetime) -> bytes:
    """This will write the report as PDF; `office` is the 编制单位 named on it."""
    moment = at.astimezone(BEIJING)
    data = {
        "title": report.layout.title,
        "period": report.period_text,
        "office": office,
        "unit": UNIT_NAMES[unit],
        "filters": report.filter_text,
        "row_head": report.layout.row_head,
        "groups": [
            {"head": group.head, "columns": [column.head for column in group.columns]}
            for group in report.layout.groups
        ],
        "rows": to_print(report, unit=unit),
        "notes": list(report.notes),
        "printed": f"{moment:%Y-%m-%d %H:%M}",
        "printed_by": printed_by,
    }
    return typeset(TEMPLATE, data, at=at)


def to_print(report: Report, *, unit: Unit) -> list[dict[str, Any]]:
    """The rows as text, the total last: what print templates set."""
    return [_printed(report, row, unit) for row in (*report.rows, report.total)]


def _printed(report: Report, row: Row, unit: Unit) -> dict[str, Any]:
    return {
        "depth": row.depth,
        "code": row.code,
        "name": row.name,
        "is_total": row.is_total,
        "cells": [cell_text(column, row.cell(column.key), unit=unit) for column in report.layout.columns],
    }


def cell_text(column: Column, cell: Cell, *, unit: Unit) -> str:
    """One cell as printed; no data is empty."""
    if cell.value is None:
        return ""
    if column.kind == "amount":
        text = format_fen(int(cell.value), unit, 4 if unit == "yi" else 2)  # type: ignore[call-overload]
    else:
        number = round_half_up(Fraction(cell.value), 0 if column.kind == "count" else 1)  # type: ignore[call-overload]
        text = f"{MINUS if number < 0 else ''}{abs(number):,f}"
    return f"+{text}" if column.signed and Fraction(cell.value) > 0 else text  # type: ignore[call-overload]
