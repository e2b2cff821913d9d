"""One cell → its typed value, or what is wrong with it and how to mend it. Pure: no database.

A raw cell is JSON, as it stands in the staging table: text, number, true/false or null; and for what a plain value
cannot tell, an object:  {"d": ISO date or moment} · {"e": "#REF!"} · {"f": formula, "v": computed value or null,
"c": is it computed} · {"m": "A5:A9", "v": value of the first cell} for a cell covered by a merged area.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from fisc.base.errors import BadInput
from fisc.base.money import MAXIMUM_FEN, format_fen, parse_yuan
from fisc.base.text import clean, half_width, match_key
from fisc.kernel.exchange.sheet import Cell, Sheet, column_letter
from fisc.kernel.exchange.spec import ImportColumn, Severity

Raw = Any
_EPOCH_1900 = dt.date(1899, 12, 30)
_EPOCH_1904_SHIFT = 1462
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_EXCEL_DIGITS = 15
_EMPTY_MARKS = frozenset({"", "-", "–", "—", "－", "——", "/", "\\", "无"})
_YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "✓", "对"})
_NO = frozenset({"否", "无", "n", "no", "false", "0", "×", "x", "不"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong (error, warn) or was changed on the way (note), in one sentence."""

    code: str
    message: str
    severity: Severity = "error"
    suggestion: str | None = None
    suggestion_label: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The typed value of a cell and what there is to say about it."""

    value: Any = None
    fault: Fault | None = None

    @property
    def is_good(self) -> bool:
        """Whether the value may be used."""
        return self.fault is None or self.fault.severity != "error"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a file says for all its cells."""

    fiscal_year: int
    allow_formulas: bool = False
    factor: int = 1
    """元 per unit of the amounts: 10000 where the head says 万元."""
    epoch_1904: bool = False


# --- raw cells ---------------------------------------------------------------------------------------------------


def encode(
    sheet: Sheet, row: int, column: int, cell: Cell, merged: dict[tuple[int, int], tuple[str, Cell]]
) -> Raw:
    """This function will give the raw JSON of one cell of a sheet."""
    place = (row, column)
    if place in sheet.formulas:
        formula = sheet.formulas[place]
        value = None if place in sheet.errors else plain(cell)
        return {
            "f": formula.text,
            "v": value,
            "c": formula.cached and value is not None,
            "e": sheet.errors.get(place),
        }
    if place in sheet.errors:
        return {"e": sheet.errors[place]}
    if place in merged:
        # a value left under a merged area is seen by nobody: never take it
        area, first = merged[place]
        return {"m": area, "v": plain(first)} if first is not None else None
    return plain(cell)


def plain(cell: Cell) -> Raw:
    """The JSON of a value that is no formula."""
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return {"e": "#NUM!"}
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, dt.datetime):
        return (
            {"d": cell.isoformat(timespec="seconds")}
            if cell.time() != dt.time()
            else {"d": cell.date().isoformat()}
        )
    if isinstance(cell, dt.date):
        return {"d": cell.isoformat()}
    if isinstance(cell, dt.time | dt.timedelta):
        return str(cell)
    # PostgreSQL's jsonb takes neither NUL nor half of a surrogate pair
    return cell.replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(cell, str) else cell


def shown(raw: Raw) -> str:
    """The text a person sees in the cell."""
    if isinstance(raw, dict):
        if "d" in raw:
            return str(raw["d"]).replace("T", " ")
        if "f" in raw:
            return shown(raw.get("v")) or str(raw.get("e") or raw["f"])
        return "" if "m" in raw else str(raw.get("e", ""))
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return _float_text(raw)
    return str(raw)


def is_empty(raw: Raw) -> bool:
    """Whether nothing is in the cell (blanks are nothing; a merged-over cell is something)."""
    return raw is None or (isinstance(raw, str) and not clean(raw))


def _float_text(value: float) -> str:
    """As Excel shows it: 15 significant digits, no exponent."""
    return f"{Decimal(f'{value:.15g}'):f}"


# --- conversion --------------------------------------------------------------------------------------------------


def convert(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    """This function will give the typed value of a cell of any kind but code and unit (those ask the lists)."""
    parsed = unwrap(raw, setting)
    if not parsed.is_good:
        return parsed
    raw = parsed.value
    if is_empty(raw):
        return missing(column)
    result = _CONVERTERS[column.kind](column, raw, setting)
    if result.fault is None and parsed.fault is not None:
        return Parsed(result.value, parsed.fault)
    return result


def missing(column: ImportColumn) -> Parsed:
    """The value of an empty cell: the column's default, or a fault where something must stand."""
    if not column.required:
        return Parsed(column.default)
    return Parsed(fault=Fault("required", f"“{column.head}”是必填项，请填写。"))


def unwrap(raw: Raw, setting: Setting) -> Parsed:
    """Take off formula, error and merge; what is left is text, number, truth or {"d": …}."""
    if not isinstance(raw, dict) or "d" in raw:
        return Parsed(raw)
    if raw.get("e"):
        return Parsed(
            fault=Fault("cell_error", f"单元格的值是错误 {raw['e']}，请在 Excel 里改正公式或直接填数。")
        )
    if "m" in raw:
        return Parsed(fault=_merged_fault(raw))
    text = shown(raw.get("v"))
    if not raw.get("c"):
        return Parsed(
            fault=Fault(
                "formula_without_value",
                f"是公式{_quoted(raw['f'])}，但文件里没有算好的值。请用 Excel 打开、计算并保存后再上传，或直接填数。",
            )
        )
    if setting.allow_formulas:
        return Parsed(raw["v"])
    return Parsed(
        fault=Fault(
            "formula",
            f"是公式{_quoted(raw['f'])}，请改成数值（复制后“选择性粘贴—数值”）。",
            suggestion=text,
            suggestion_label=f"用算好的值 {text}",
        )
    )


def _quoted(formula: str) -> str:
    return f" {formula[:60]}" if formula else ""


def _merged_fault(raw: dict[str, Any]) -> Fault:
    text = shown(raw.get("v"))
    return Fault(
        "merged",
        f"在合并单元格 {raw['m']} 里，只有第一格有值。请取消合并并逐行填写。",
        suggestion=text,
        suggestion_label=f"填入 {text}",
    )


def _text(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    source = shown(raw)
    text = clean(source)
    if column.max_length and len(text) > column.max_length:
        message = f"共 {len(text)} 个字，最多 {column.max_length} 个，请缩短。"
        return Parsed(fault=Fault("too_long", message, suggestion=text[: column.max_length]))
    return Parsed(text, _width_note(source, text))


def _width_note(source: str, text: str) -> Fault | None:
    if half_width(source).replace("\u3000", " ") == source.replace("\u3000", " "):
        return None
    return Fault("half_width", f"全角字符已换成半角：{text}。", severity="note")


def _account(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    source = shown(raw)
    if isinstance(raw, int | float) and len(source.lstrip("-").split(".")[0]) > _EXCEL_DIGITS:
        message = (
            f"被 Excel 存成了数字，第 {_EXCEL_DIGITS} 位以后已丢失。请先把整列设为“文本”格式，再重新填写。"
        )
        return Parsed(fault=Fault("digits_lost", message))
    if re.fullmatch(r"\s*\d(\.\d+)?[eE]\+?\d+\s*", source):
        return Parsed(
            fault=Fault("digits_lost", f"“{source}”是科学计数，原来的号码已丢失。请把整列设为“文本”后重填。")
        )
    text = re.sub(r"[\s\-]", "", clean(source))
    if not re.fullmatch(r"[0-9A-Za-z]+", text):
        return Parsed(fault=Fault("not_an_account", f"“{clean(source)}”不是号码，只能有数字和字母。"))
    if column.max_length and len(text) > column.max_length:
        return Parsed(fault=Fault("too_long", f"号码有 {len(text)} 位，最多 {column.max_length} 位。"))
    return Parsed(text, _width_note(source, text))


def _amount(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    parsed = _fen(raw, setting)
    if not parsed.is_good:
        return parsed
    fen = parsed.value
    if fen is None:
        return missing(column)
    if fen < 0 and not column.negative:
        return Parsed(fault=Fault("negative", f"{column.head}不能为负数（{format_fen(fen)}）。"))
    if fen == 0 and not column.zero:
        return Parsed(fault=Fault("zero", f"{column.head}不能为零；没有发生额的行请删除。"))
    return parsed


def _fen(raw: Raw, setting: Setting) -> Parsed:
    if isinstance(raw, bool | dict):
        return Parsed(
            fault=Fault("not_a_number", f"“{shown(raw)}”不是数字，金额请只填数字（元），如 1234.50。")
        )
    if isinstance(raw, int | float):
        return _fen_of_number(Decimal(f"{raw:.15g}") if isinstance(raw, float) else Decimal(raw), setting)
    text = clean(raw)
    if text in _EMPTY_MARKS:
        return Parsed(None)
    return _fen_of_text(raw, text, setting)


def _fen_of_number(value: Decimal, setting: Setting) -> Parsed:
    fen = value * setting.factor * 100
    if abs(fen) > MAXIMUM_FEN:
        return Parsed(fault=Fault("too_large", f"金额 {value:f} 过大，请检查是否多写了数字。"))
    whole = int(fen.to_integral_value(ROUND_HALF_UP))
    if fen != whole:
        rounded = f"{Decimal(whole) / 100 / setting.factor:f}"
        message = f"金额 {value:f} 超过两位小数，最小到分。改为 {rounded}？"
        return Parsed(
            fault=Fault("too_many_decimals", message, suggestion=rounded, suggestion_label=f"改为 {rounded}")
        )
    return Parsed(whole)


def _fen_of_text(source: str, text: str, setting: Setting) -> Parsed:
    bracketed = re.fullmatch(r"[(（]\s*([¥￥]?[\d,，]+(?:\.\d+)?)\s*[)）]", text)
    sign, body = ("-", bracketed[1]) if bracketed else ("", text)
    try:
        fen = parse_yuan(sign + body)
    except BadInput as error:
        return _bad_amount(error, text)
    if re.search(r"[万亿]", text):
        better = f"{Decimal(fen) / 100 / setting.factor:.2f}"
        message = f"金额须为数字（元），不能写“{text}”。改为 {format_fen(fen)}？"
        return Parsed(
            fault=Fault("not_a_number", message, suggestion=better, suggestion_label=f"改为 {better}")
        )
    if setting.factor != 1 and not body.endswith("元"):
        fen *= setting.factor
    if abs(fen) > MAXIMUM_FEN:
        return Parsed(fault=Fault("too_large", f"金额“{text}”过大，请检查是否多写了数字。"))
    full_width = half_width(source) != source or any(sign in source for sign in "，。￥（")
    if full_width or bracketed:
        return Parsed(
            fen, Fault("half_width", f"“{source.strip()}”已读作 {format_fen(fen)} 元。", severity="note")
        )
    return Parsed(fen)


def _bad_amount(error: BadInput, text: str) -> Parsed:
    suggestion = None
    if error.error_code in ("money.grouping", "money.too_many_decimals"):
        digits = re.sub(r"[,，\s¥￥元]", "", text)
        try:
            suggestion = f"{Decimal(digits).quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
        except InvalidOperation:
            suggestion = None
    label = f"改为 {suggestion}" if suggestion else ""
    kind = {"money.too_large": "too_large", "money.too_many_decimals": "too_many_decimals"}
    code = kind.get(error.error_code, "not_a_number")
    return Parsed(fault=Fault(code, error.message, suggestion=suggestion, suggestion_label=label))


def _number(raw: Raw) -> Decimal | None:
    if isinstance(raw, bool | dict):
        return None
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, float):
        return Decimal(f"{raw:.15g}")
    text = clean(raw).replace("，", "").replace(",", "").replace("－", "-")
    try:
        value = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() < 18 else None


def _decimal(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    value = _number(raw)
    if value is None:
        return Parsed(fault=Fault("not_a_number", f"“{shown(raw)}”不是数字。"))
    if value < 0 and not column.negative:
        return Parsed(fault=Fault("negative", f"{column.head}不能为负数。"))
    return Parsed(value)


def _integer(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    parsed = _decimal(column, raw, setting)
    if parsed.fault is None and parsed.value != parsed.value.to_integral_value():
        return Parsed(fault=Fault("not_whole", f"“{shown(raw)}”不是整数。"))
    return Parsed(int(parsed.value)) if parsed.fault is None else parsed


# --- dates -------------------------------------------------------------------------------------------------------

_DATE_TEXT = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT].*)?")
_MONTH_TEXT = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?(?:份)?")


def _date(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    if isinstance(raw, dict):
        return _plausible(dt.date.fromisoformat(str(raw["d"])[:10]), raw)
    text = clean(shown(raw))
    if found := _DATE_TEXT.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]), raw)
    if re.fullmatch(r"(19|20)\d{6}", text):
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]), raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 20_000 <= raw <= 80_000:
        day = _EPOCH_1900 + dt.timedelta(days=int(raw) + (_EPOCH_1904_SHIFT if setting.epoch_1904 else 0))
        parsed = _plausible(day, raw)
        note = Fault("date_serial", f"Excel 日期序号 {text} 已读作 {day.isoformat()}。", severity="note")
        return Parsed(parsed.value, note) if parsed.fault is None else parsed
    return Parsed(fault=Fault("not_a_date", f"“{text}”不是日期，请写成 {setting.fiscal_year}-06-30 的样子。"))


def _day(year: int, month: int, day: int, raw: Raw) -> Parsed:
    try:
        return _plausible(dt.date(year, month, day), raw)
    except ValueError:
        last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 and year else None
        why = f"{year} 年 {month} 月只有 {last} 天" if last else "月份应在 1 到 12 之间"
        return Parsed(fault=Fault("not_a_date", f"“{clean(shown(raw))}”没有这一天：{why}。"))


def _plausible(day: dt.date, raw: Raw) -> Parsed:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return Parsed(fault=Fault("not_a_date", f"“{shown(raw)}”的年份 {day.year} 不合理，请检查。"))
    return Parsed(day)


def _month(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    text = clean(shown(raw))
    bare = re.fullmatch(r"(\d{1,2})\s*(?:月份?)?", text)
    if isinstance(raw, dict):
        year, month = int(str(raw["d"])[:4]), int(str(raw["d"])[5:7])
    elif found := _MONTH_TEXT.fullmatch(text):
        year, month = int(found[1]), int(found[2])
    elif re.fullmatch(r"(19|20)\d{4}", text):
        year, month = int(text[:4]), int(text[4:])
    elif bare:
        year, month = setting.fiscal_year, int(bare[1])
    else:
        message = f"“{text}”不是月份，请写成 {setting.fiscal_year}-06 或 {setting.fiscal_year}年6月。"
        return Parsed(fault=Fault("not_a_month", message))
    if not (1 <= month <= 12 and _FIRST_YEAR <= year <= _LAST_YEAR):
        return Parsed(fault=Fault("not_a_month", f"“{text}”不是合理的月份，请检查。"))
    note = Fault("month_year", f"“{text}”已读作 {year} 年 {month} 月。", severity="note") if bare else None
    return Parsed(year * 100 + month, note)


# --- choices -----------------------------------------------------------------------------------------------------


def _choice(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    text = clean(shown(raw))
    known = {match_key(name): value for value, label in column.choices for name in (label, value)}
    if (value := known.get(match_key(text))) is not None:
        return Parsed(value)
    labels = [label for _, label in column.choices]
    near = get_close_matches(text, labels, n=1, cutoff=0.5)
    listed = "、".join(labels[:8]) + ("等" if len(labels) > 8 else "")
    suggestion = near[0] if near else None
    message = f"“{text}”不是可选的{column.head}；应为：{listed}。"
    return Parsed(
        fault=Fault("unknown_choice", message, suggestion=suggestion, suggestion_label=suggestion or "")
    )


def _bool(column: ImportColumn, raw: Raw, setting: Setting) -> Parsed:
    if isinstance(raw, bool):
        return Parsed(raw)
    text = clean(shown(raw)).casefold()
    if text in _YES or text in _NO:
        return Parsed(text in _YES)
    return Parsed(fault=Fault("not_yes_no", f"“{text}”请改为“是”或“否”。"))


_CONVERTERS: dict[str, Callable[[ImportColumn, Raw, Setting], Parsed]] = {
    "text": _text,
    "account": _account,
    "amount": _amount,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "month": _month,
    "choice": _choice,
    "bool": _bool,
}


def area_name(area: tuple[int, int, int, int]) -> str:
    """The area as Excel names it: A5:A9."""
    top, left, bottom, right = area
    return f"{column_letter(left)}{top + 1}:{column_letter(right)}{bottom + 1}"
