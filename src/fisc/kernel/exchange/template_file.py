"""The blank workbook for an import: heads with comments, choices in the cells, an example sheet, an explanation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from fisc.kernel import codes
from fisc.kernel.exchange.sheet import column_letter
from fisc.kernel.exchange.spec import ImportColumn, ImportSpec
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit

EXAMPLE_SHEET = "示例"
EXPLANATION_SHEET = "填写说明"
_CHOICES_SHEET = "选项"
_ROWS = 5_000
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_KIND_WORDS = {
    "text": "文字", "account": "号码（文本格式）", "amount": "金额，单位元，最多两位小数", "integer": "整数",
    "decimal": "数字", "date": "日期，如 2023-06-30", "month": "月份，如 2023-06",
    "code": "编码（也可写“编码 名称”或名称）",
    "unit": "预算单位编码、全称或简称", "choice": "从下拉选项中选", "bool": "是 或 否",
}  # fmt: skip


@dataclass(frozen=True)
class _Look:
    """The formats of one workbook."""

    must: Any
    may: Any
    text: Any
    amount: Any
    date: Any
    wrap: Any
    bold: Any


def template(spec: ImportSpec, *, year: int, actor: Actor | None = None) -> bytes:
    """This function will make the template of an import for a fiscal year; with an actor, only units they see."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        look = _look(book)
        lists = {column.key: _choices(column, year, actor) for column in spec.columns}
        sheet = book.add_worksheet(_sheet_name(spec.title))
        _heads(sheet, spec, look)
        example = book.add_worksheet(EXAMPLE_SHEET)
        _heads(example, spec, look)
        _examples(example, spec, look)
        _explanation(book.add_worksheet(EXPLANATION_SHEET), spec, year, look)
        _choice_lists(book, sheet, spec, lists)
        _validations(sheet, spec)
        sheet.activate()
    return buffer.getvalue()


def _sheet_name(title: str) -> str:
    return title.translate(_FORBIDDEN).strip()[:28] or "数据"


def _look(book: xlsxwriter.Workbook) -> _Look:
    head = {
        "bold": True,
        "border": 1,
        "border_color": "#C8C4B9",
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
    }
    return _Look(
        must=book.add_format({**head, "bg_color": "#0B5F73", "font_color": "#FFFFFF"}),
        may=book.add_format({**head, "bg_color": "#E0EEF0"}),
        text=book.add_format({"num_format": "@"}),
        amount=book.add_format({"num_format": "#,##0.00"}),
        date=book.add_format({"num_format": "yyyy-mm-dd"}),
        wrap=book.add_format({"text_wrap": True, "valign": "top"}),
        bold=book.add_format({"bold": True, "font_size": 14}),
    )


def _heads(sheet: Any, spec: ImportSpec, look: _Look) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 30)
    formats = {"amount": look.amount, "date": look.date, "decimal": None, "integer": None}
    for place, column in enumerate(spec.columns):
        sheet.set_column(place, place, column.width, formats.get(column.kind, look.text))
        sheet.write_string(
            0,
            place,
            f"*{column.head}" if column.required else column.head,
            look.must if column.required else look.may,
        )
        comment = "；".join(
            filter(None, ("必填" if column.required else "可空", _KIND_WORDS[column.kind], column.help))
        )
        sheet.write_comment(0, place, f"{column.head}：{comment}", {"x_scale": 1.6, "y_scale": 0.9})


def _examples(sheet: Any, spec: ImportSpec, look: _Look) -> None:
    rows = spec.template_example_rows or ({column.key: column.example for column in spec.columns},)
    for number, row in enumerate(rows, start=1):
        for place, column in enumerate(spec.columns):
            text = row.get(column.key, "")
            if column.kind in ("amount", "integer", "decimal") and text:
                sheet.write_number(number, place, float(text.replace(",", "")), look.amount)
            elif text:
                sheet.write_string(number, place, text)


def _explanation(sheet: Any, spec: ImportSpec, year: int, look: _Look) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 3, 34)
    sheet.write_string(0, 0, f"{spec.title}：填写说明（{year} 年度）", look.bold)
    lines = [
        spec.description,
        "1. 只在第一张表填写；第一行表头不要改名、不要删除，列的先后可以调换。深色表头（带 *）必填。",
        "2. 编码、账号、文号请保持“文本”格式，避免丢失前面的 0 和第 15 位以后的数字。",
        "3. 金额单位为元，只填数字；不要写“万”，不要合并单元格，不要用公式（可复制后“选择性粘贴—数值”）。"
        if not spec.allow_formulas
        else "3. 金额单位为元；不要写“万”，不要合并单元格。公式按算好的值读取。",
        "4. 最后一行可以写“合计”，系统用它核对总额，不会当作数据。" if spec.control_total else "",
        "5. 全部正确才写入；有一行错误就一行也不写。"
        if spec.all_or_nothing
        else "5. 可以只导入通过校验的行，其余改好再传。",
    ]
    row = 1
    for line in filter(None, lines):
        sheet.merge_range(row, 0, row, 3, line, look.wrap)
        sheet.set_row(row, 15 * (1 + len(line) // 60))
        row += 1
    for place, head in enumerate(("列", "要求", "说明", "也认这些表头")):
        sheet.write_string(row + 1, place, head, look.may)
    for number, column in enumerate(spec.columns, start=row + 2):
        sheet.write_string(number, 0, column.head, look.wrap)
        sheet.write_string(
            number, 1, ("必填；" if column.required else "可空；") + _KIND_WORDS[column.kind], look.wrap
        )
        sheet.write_string(number, 2, column.help, look.wrap)
        sheet.write_string(number, 3, "、".join(column.aliases), look.wrap)


# --- choices in the cells ----------------------------------------------------------------------------------------


def _choices(column: ImportColumn, year: int, actor: Actor | None) -> list[str]:
    if column.kind == "choice":
        return [label for _, label in column.choices]
    if column.kind == "bool":
        return ["是", "否"]
    if column.kind == "unit":
        units = Unit.objects.filter(is_active=True)
        if actor is not None and actor.unit_ids is not None:
            units = units.filter(pk__in=actor.unit_ids)
        return list(units.order_by("code").values_list("name", flat=True))
    if column.kind == "code":
        found = codes.search(
            kind=column.code_kind or "",
            text="",
            year=year,
            fund=column.fund,
            leaf_only=column.leaf_only,
            limit=_ROWS,
        )
        return [code.label for code in sorted(found, key=lambda code: code.code)]
    return []


def _choice_lists(
    book: xlsxwriter.Workbook, sheet: Any, spec: ImportSpec, lists: dict[str, list[str]]
) -> None:
    if not any(lists.values()):
        return
    hidden = book.add_worksheet(_CHOICES_SHEET)
    hidden.hide()
    for place, column in enumerate(spec.columns):
        options: Sequence[str] = lists[column.key]
        if not options:
            continue
        hidden.write_column(0, place, options)
        letter = column_letter(place)
        # codes and units may also be typed in another of their accepted spellings: warn, don't stop
        strict = column.kind in ("choice", "bool")
        sheet.data_validation(
            1, place, _ROWS, place,
            {
                "validate": "list",
                "source": f"={_CHOICES_SHEET}!${letter}$1:${letter}${len(options)}",
                "error_type": "stop" if strict else "information",
                "error_title": column.head,
                "error_message": "请从下拉选项中选。" if strict else "不在下拉选项中，请核对编码或名称。",
            },
        )  # fmt: skip


def _validations(sheet: Any, spec: ImportSpec) -> None:
    for place, column in enumerate(spec.columns):
        rule: dict[str, Any] | None = None
        if column.kind == "amount":
            low = -9e13 if column.negative else 0
            rule = {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": 9e13}
            rule["error_message"] = "金额只填数字，单位元。"
        elif column.kind == "integer":
            rule = {"validate": "integer", "criteria": "between", "minimum": -(10**9), "maximum": 10**9}
            rule["error_message"] = "请填整数。"
        if rule is not None:
            sheet.data_validation(1, place, _ROWS, place, {**rule, "error_title": column.head})
