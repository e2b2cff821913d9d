"""The workbooks of the preparation: a unit's budget table as an accountant keeps it, and the comparison of versions.

A unit's table has a title, unit and money unit, merged heads, frozen panes, totals as formulas and a line to sign; filled
in, it can be imported as it is (imports.py knows its heads).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.utils import timezone
from xlsxwriter.utility import xl_range

from fisc.domains.preparation.models import Request
from fisc.domains.preparation.reading import SheetLine
from fisc.domains.preparation.versions import WORDS, Comparison
from fisc.domains.preparation.words import CATEGORIES, Fund, Stage, VersionStage
from fisc.kernel import codes
from fisc.kernel.ledger.flags import LABELS

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

MONEY = '#,##0.00;[Red]-#,##0.00;"";@'
HEAD_ROW = 2  # title, unit line, then two rows of heads
FIRST_ROW = 4
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class _Looks:
    """The formats of a workbook, made once."""

    def __init__(self, book: Any) -> None:
        base: dict[str, Any] = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        looks: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 16, "align": "center"},
            "note": {},
            "right": {"align": "right"},
            "head": {"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#F3F2EE"},
            "text": {"border": 1},
            "code": {"border": 1, "num_format": "@"},
            "number": {"border": 1, "align": "center"},
            "money": {"border": 1, "num_format": MONEY},
            "entry": {"border": 1, "num_format": MONEY, "bg_color": "#FFFBE6", "locked": False},
            "total": {"border": 1, "bold": True, "num_format": MONEY, "bg_color": "#FAF9F6"},
            "words": {"border": 1, "bold": True, "align": "center", "bg_color": "#FAF9F6"},
        }
        self.by_name = {name: book.add_format({**base, **facts}) for name, facts in looks.items()}

    def __getitem__(self, name: str) -> Any:
        return self.by_name[name]


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def unit_table(
    *,
    request: Request,
    found: Sequence[SheetLine],
    project_codes: dict[int, str],
    actor: Actor,
    at: dt.datetime,
) -> bytes:
    """A unit's budget table of a stage, in 元."""
    buffer = BytesIO()
    stage = Stage(request.stage)
    year = request.round.fiscal_year
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        looks = _Looks(book)
        title = f"{year}年部门预算项目支出申报表（{stage.label}）"
        book.set_properties({"title": title, "author": actor.name, "created": at.replace(tzinfo=None)})
        sheet = book.add_worksheet(f"{stage.label}申报表")
        columns = _columns(stage)
        _unit_head(sheet, looks, title, request.unit.name, columns)
        names = _code_names(found, year)
        for number, line in enumerate(found, 1):
            _unit_line(
                sheet, looks, FIRST_ROW + number - 1, number, line, request, project_codes, names, columns
            )
        _unit_foot(sheet, looks, len(found), columns, found)
    return buffer.getvalue()


def _columns(stage: Stage) -> tuple[tuple[str, str, str, int, str], ...]:
    """Group, head, attribute, width, look."""
    context: tuple[tuple[str, str, str, int, str], ...] = (
        ("参考", "按标准测算", "standard_fen", 15, "money"),
    )
    if stage is Stage.SECOND:
        context = (
            ("参考", "一上数", "first_fen", 15, "money"),
            ("参考", "审定数", "reviewed_fen", 15, "money"),
            ("参考", "控制数（按项目）", "control_fen", 16, "money"),
        )
    ask = ("申报", "申报数", "first_fen" if stage is Stage.FIRST else "second_fen", 16, "entry")
    return (
        ("", "序号", "number", 6, "number"),
        ("", "单位编码", "unit", 12, "code"),
        ("项目", "项目编码", "project_code", 20, "code"),
        ("项目", "项目名称", "project", 30, "text"),
        ("项目", "项目类别", "category", 12, "text"),
        ("科目", "资金性质", "fund", 14, "text"),
        ("科目", "支出功能分类", "function", 26, "text"),
        ("科目", "部门经济分类", "economic", 22, "text"),
        ("科目", "标识", "flags", 12, "text"),
        ask,
        *context,
        ("", "说明", "note", 24, "text"),
    )


def _unit_head(
    sheet: Any, looks: _Looks, title: str, unit: str, columns: Sequence[tuple[str, str, str, int, str]]
) -> None:
    last = len(columns) - 1
    sheet.merge_range(0, 0, 0, last, title, looks["title"])
    sheet.set_row(0, 30)
    sheet.merge_range(1, 0, 1, last - 2, f"编制单位：{unit}", looks["note"])
    sheet.merge_range(1, last - 1, 1, last, "单位：元", looks["right"])
    start = 0
    while start <= last:
        group = columns[start][0]
        end = start
        while group and end < last and columns[end + 1][0] == group:
            end += 1
        if not group:
            sheet.merge_range(HEAD_ROW, start, HEAD_ROW + 1, start, columns[start][1], looks["head"])
        elif end > start:
            sheet.merge_range(HEAD_ROW, start, HEAD_ROW, end, group, looks["head"])
        else:
            sheet.write_string(HEAD_ROW, start, group, looks["head"])
        for place in range(start, end + 1):
            if group:
                sheet.write_string(HEAD_ROW + 1, place, columns[place][1], looks["head"])
        start = end + 1
    for place, (_, _, _, width, _) in enumerate(columns):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(FIRST_ROW, 4)
    sheet.repeat_rows(HEAD_ROW, HEAD_ROW + 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页 共 &N 页")


def _code_names(found: Sequence[SheetLine], year: int) -> dict[tuple[str, str], str]:
    names: dict[tuple[str, str], str] = {}
    for fund in {line.fund for line in found}:
        wanted = {line.function_code for line in found if line.fund == fund}
        known = codes.names(kind="function", codes=wanted, year=year, fund=fund)
        names |= {("function", code): name for code, name in known.items()}
    items = codes.names(kind="economic_department", codes={line.economic_code for line in found}, year=year)
    return names | {("economic", code): name for code, name in items.items()}


def _unit_line(
    sheet: Any,
    looks: _Looks,
    row: int,
    number: int,
    line: SheetLine,
    request: Request,
    project_codes: dict[int, str],
    names: dict[tuple[str, str], str],
    columns: Sequence[tuple[str, str, str, int, str]],
) -> None:
    words = {
        "unit": request.unit.code,
        "project_code": project_codes.get(line.project_id, ""),
        "project": line.project,
        "category": CATEGORIES.get(line.category, line.category),
        "fund": Fund(line.fund).label,
        "function": f"{line.function_code} {names.get(('function', line.function_code), '')}".strip(),
        "economic": f"{line.economic_code} {names.get(('economic', line.economic_code), '')}".strip(),
        "flags": "、".join(label for bit, label in LABELS.items() if line.flags & bit),
        "note": line.note,
        "standard_note": line.standard_note,
    }
    for place, (_, _, key, _, look) in enumerate(columns):
        if key == "number":
            sheet.write_number(row, place, number, looks[look])
        elif key in words:
            sheet.write_string(row, place, plain(words[key]), looks[look])
        elif (fen := getattr(line, key)) is None:
            sheet.write_blank(row, place, None, looks[look])
        else:
            sheet.write_number(row, place, fen / 100, looks[look])


def _unit_foot(
    sheet: Any,
    looks: _Looks,
    count: int,
    columns: Sequence[tuple[str, str, str, int, str]],
    found: Sequence[SheetLine],
) -> None:
    row = FIRST_ROW + count
    sheet.write_string(row, 0, "合计", looks["words"])
    for place, (_, _, key, _, look) in enumerate(columns[1:], 1):
        if look in ("money", "entry") and key != "control_fen" and count:
            cached = sum(getattr(line, key) or 0 for line in found) / 100
            sheet.write_formula(
                row, place, f"=SUM({xl_range(FIRST_ROW, place, row - 1, place)})", looks["total"], cached
            )
        else:
            sheet.write_blank(row, place, None, looks["words"])
    if count:
        sheet.autofilter(HEAD_ROW + 1, 0, row - 1, len(columns) - 1)
    sheet.merge_range(
        row + 2, 0, row + 2, len(columns) - 1,
        "单位负责人：                    财务负责人：                    填表人：                    填表日期：",
        looks["note"],
    )  # fmt: skip


def comparison(result: Comparison, *, actor: Actor, at: dt.datetime) -> bytes:
    """All differences of two versions, in 元, with totals as formulas."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        looks = _Looks(book)
        sheet = book.add_worksheet("版本比较")
        names = [f"第{one.number}版 {VersionStage(one.stage).label}" for one in (result.old, result.new)]
        heads = (
            ("变动", 8), ("单位编码", 12), ("单位", 24), ("项目", 32), ("资金性质", 14), ("功能分类", 12),
            ("经济分类", 12), (names[0], 18), (names[1], 18), ("差额", 18),
        )  # fmt: skip
        title = f"{result.new.round.fiscal_year}年部门预算版本比较"
        sheet.merge_range(0, 0, 0, len(heads) - 1, title, looks["title"])
        made = f"{names[0]} 与 {names[1]}，共 {result.total} 处不同；导出 {actor.name} {timezone.localtime(at):%Y-%m-%d %H:%M}"
        sheet.merge_range(1, 0, 1, len(heads) - 3, made, looks["note"])
        sheet.merge_range(1, len(heads) - 2, 1, len(heads) - 1, "单位：元", looks["right"])
        for place, (head, width) in enumerate(heads):
            sheet.write_string(2, place, head, looks["head"])
            sheet.set_column(place, place, width)
        for row, one in enumerate(result.rows, 3):
            fund = Fund(one.fund).label if one.fund in Fund.values else one.fund
            texts = (
                WORDS[one.what],
                one.unit_code,
                one.unit,
                one.project,
                fund,
                one.function_code,
                one.economic_code,
            )
            for place, text in enumerate(texts):
                sheet.write_string(row, place, plain(text), looks["text"])
            for place, fen in ((7, one.old_fen), (8, one.new_fen)):
                sheet.write(row, place, None if fen is None else fen / 100, looks["money"])
            sheet.write_formula(row, 9, f"=I{row + 1}-H{row + 1}", looks["money"], one.difference_fen / 100)
        _comparison_total(sheet, looks, result)
        sheet.freeze_panes(3, 3)
        sheet.autofilter(2, 0, 2 + max(len(result.rows), 1), len(heads) - 1)
    return buffer.getvalue()


def _comparison_total(sheet: Any, looks: _Looks, result: Comparison) -> None:
    row = 3 + len(result.rows)
    sheet.merge_range(row, 0, row, 6, "合计", looks["words"])
    sums = (
        sum(one.old_fen or 0 for one in result.rows),
        sum(one.new_fen or 0 for one in result.rows),
        sum(one.difference_fen for one in result.rows),
    )
    for place, fen in zip((7, 8, 9), sums, strict=True):
        if result.rows:
            formula = f"=SUM({xl_range(3, place, row - 1, place)})"
            sheet.write_formula(row, place, formula, looks["total"], fen / 100)
        else:
            sheet.write_number(row, place, 0, looks["total"])
