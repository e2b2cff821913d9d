"""Cells that name a code or a budget unit, resolved set-wise: one answer per different cell text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from fisc.base.text import clean, match_key
from fisc.kernel import codes
from fisc.kernel.exchange import cells
from fisc.kernel.exchange.cells import Fault, Parsed, Raw, Setting
from fisc.kernel.exchange.spec import ImportColumn
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit

_CODE_AND_NAME = re.compile(r"([0-9A-Za-z]+)(?:[\s\-—_:：·、]+(\S.*))?")
_CODE_THEN_CHINESE = re.compile(r"([0-9]{2,})([^0-9\s].*)")
_NAME_AND_CODE = re.compile(r"(.+?)\s*[(（\[]([0-9]{2,})[)）\]]")
_EXPLAINED = 200
"""So many different wrong codes of a file get near matches; a file full of others is wrong as a whole."""
_NEAR = 0.55


def code_cells(
    column: ImportColumn, raws: Iterable[Raw], *, setting: Setting, fund: str | None
) -> list[Parsed]:
    """This function will resolve the different cells of a code column, in order; codes, "code name" or a name alone."""
    opened = [cells.unwrap(raw, setting) for raw in raws]
    readings = [_reading(parsed) for parsed in opened]
    wanted = {code for code, _ in filter(None, readings) if code}
    faults = _code_faults(column, wanted, setting.fiscal_year, fund)
    names = codes.names(kind=column.code_kind or "", codes=wanted, year=setting.fiscal_year, fund=fund)
    results = []
    for parsed, reading in zip(opened, readings, strict=True):
        if not parsed.is_good:
            results.append(parsed)
        elif reading is None:
            results.append(cells.missing(column))
        elif reading[0]:
            results.append(_known_code(column, parsed.value, reading, faults, names, setting, fund))
        else:
            results.append(_by_name(column, reading[1], setting, fund))
    return results


def _reading(parsed: Parsed) -> tuple[str, str] | None:
    """(code, name) of a cell; None when it is empty or no value."""
    if not parsed.is_good or cells.is_empty(parsed.value):
        return None
    text = re.sub(r"^(\d+)\.0+$", r"\1", clean(cells.shown(parsed.value)))
    for pattern, code_first in ((_CODE_AND_NAME, True), (_CODE_THEN_CHINESE, True), (_NAME_AND_CODE, False)):
        if found := pattern.fullmatch(text):
            first, second = found[1], found[2] or ""
            return (first, second) if code_first else (second, first)
    return ("", text)


def _code_faults(column: ImportColumn, wanted: set[str], year: int, fund: str | None) -> dict[str, Fault]:
    kind = column.code_kind or ""
    known = codes.names(kind=kind, codes=wanted, year=year, fund=fund).keys()
    strange = sorted(wanted - known)
    found = codes.check_many(
        kind=kind, codes={*known, *strange[:_EXPLAINED]}, year=year, fund=fund, leaf_only=column.leaf_only
    )
    faults = {}
    for code, problem in found.items():
        near = problem.suggestions[0] if problem.suggestions else None
        faults[code] = Fault(
            f"{problem.problem}_code",
            problem.message,
            suggestion=near.code if near else None,
            suggestion_label=near.label if near else "",
        )
    for code in strange[_EXPLAINED:]:
        faults[code] = Fault("unknown_code", f"{column.head}中没有编码 {code}，请核对编码。")
    return faults


def _known_code(
    column: ImportColumn,
    raw: Raw,
    reading: tuple[str, str],
    faults: Mapping[str, Fault],
    names: Mapping[str, str],
    setting: Setting,
    fund: str | None,
) -> Parsed:
    code, name = reading
    fault = faults.get(code)
    if fault is None:
        return Parsed(code, _remark(column, raw, code, name, names.get(code, "")))
    if fault.code == "unknown_code" and (padded := _with_zeros(column, code, setting, fund)):
        message = f"编码 {code} 不存在；像是 Excel 把编码存成数字后丢了前面的 0，应为 {padded}。"
        return Parsed(fault=Fault("zeros_lost", message, suggestion=padded, suggestion_label=padded))
    return Parsed(fault=fault)


def _remark(column: ImportColumn, raw: Raw, code: str, name: str, official: str) -> Fault | None:
    if name and official and match_key(name) not in (match_key(official), match_key(f"{code}{official}")):
        message = f"编码 {code} 的名称是“{official}”，表里写的是“{name}”。请确认编码没有填错。"
        return Fault(
            "name_disagrees",
            message,
            severity="warn",
            suggestion=f"{code} {official}",
            suggestion_label=official,
        )
    source = cells.shown(raw)
    if isinstance(raw, str) and re.fullmatch(r"\s*\d+\.0+\s*", source):
        return Fault("code_as_number", f"“{source.strip()}”已读作编码 {code}。", severity="note")
    if clean(source) != source.strip():
        return Fault("half_width", f"“{source.strip()}”已读作编码 {code}。", severity="note")
    return None


def _with_zeros(column: ImportColumn, code: str, setting: Setting, fund: str | None) -> str | None:
    if not code.isdecimal():
        return None
    longer = [code.zfill(length) for length in range(len(code) + 1, 13)]
    known = codes.names(kind=column.code_kind or "", codes=longer, year=setting.fiscal_year, fund=fund)
    return next(iter(known)) if len(known) == 1 else None


def _by_name(column: ImportColumn, name: str, setting: Setting, fund: str | None) -> Parsed:
    found = codes.search(
        kind=column.code_kind or "",
        text=name,
        year=setting.fiscal_year,
        fund=fund,
        leaf_only=column.leaf_only,
        limit=5,
    )
    same = [code for code in found if match_key(code.name) == match_key(name)]
    if len(same) == 1:
        note = Fault("code_by_name", f"“{name}”已认作 {same[0].label}。", severity="note")
        # lists of words (资金性质) are written by name; only where a number is due the reading is told
        return Parsed(same[0].code, note if same[0].code.isdecimal() else None)
    near = same or found
    listed = "、".join(code.label for code in near[:3])
    if len(same) > 1:
        message = f"叫“{name}”的{column.head}不止一个：{listed}。请填编码。"
    else:
        message = f"{column.head}中没有“{name}”。" + (f"是否为 {listed}？" if listed else "请填编码。")
    suggestion = near[0] if near else None
    return Parsed(
        fault=Fault(
            "ambiguous_name" if len(same) > 1 else "unknown_code",
            message,
            suggestion=suggestion.code if suggestion else None,
            suggestion_label=suggestion.label if suggestion else "",
        )
    )


# --- units -------------------------------------------------------------------------------------------------------


class Units:
    """All budget units by code, name and short name, read once a file."""

    def __init__(self) -> None:
        self.units = {unit.pk: unit for unit in Unit.objects.all()}
        self.by_text: dict[str, set[int]] = {}
        for unit in self.units.values():
            for text in filter(None, (unit.code, unit.name, unit.short_name)):
                self.by_text.setdefault(match_key(text), set()).add(unit.pk)
        self.names = {
            name: unit for unit in self.units.values() for name in filter(None, (unit.name, unit.short_name))
        }
        self.explained = 0

    def find(self, text: str) -> set[int]:
        """The ids that answer to a text: as it stands, else its code part, else its name part."""
        readings = [text]
        for pattern in (_CODE_AND_NAME, _CODE_THEN_CHINESE, _NAME_AND_CODE):
            if found := pattern.fullmatch(text):
                readings.extend(part for part in found.groups() if part)
        for reading in readings:
            if ids := self.by_text.get(match_key(reading)):
                return ids
        return set()

    def padded(self, text: str) -> Unit | None:
        """The one unit whose code is the text with its lost zeros."""
        if not text.isdecimal():
            return None
        found = [unit for unit in self.units.values() if unit.code.lstrip("0") == text.lstrip("0")]
        return found[0] if len(found) == 1 else None

    def nearest(self, text: str) -> Unit | None:
        """The unit whose name is most like the text."""
        self.explained += 1
        if self.explained > _EXPLAINED:
            return None
        near = get_close_matches(text, self.names, n=1, cutoff=_NEAR)
        return self.names[near[0]] if near else None


def unit_cells(
    column: ImportColumn, raws: Iterable[Raw], *, setting: Setting, actor: Actor, units: Units
) -> list[Parsed]:
    """This function will resolve the different cells of a unit column to unit ids the actor may see."""
    results = []
    for raw in raws:
        parsed = cells.unwrap(raw, setting)
        if not parsed.is_good:
            results.append(parsed)
        elif cells.is_empty(parsed.value):
            results.append(cells.missing(column))
        else:
            text = re.sub(r"^(\d+)\.0+$", r"\1", clean(cells.shown(parsed.value)))
            results.append(_unit(text, actor, units))
    return results


def _unit(text: str, actor: Actor, units: Units) -> Parsed:
    ids = units.find(text)
    active = [unit_id for unit_id in ids if units.units[unit_id].is_active]
    if len(active) == 1:
        unit = units.units[active[0]]
        if actor.sees(unit.pk):
            return Parsed(unit.pk)
        return Parsed(fault=Fault("unit_not_yours", f"“{text}”不在您的数据范围内，不能为它导入。"))
    if active:
        listed = "、".join(
            f"{units.units[unit_id].code} {units.units[unit_id].name}" for unit_id in sorted(active)[:3]
        )
        return Parsed(fault=Fault("ambiguous_unit", f"“{text}”对应多个单位：{listed}。请填单位编码。"))
    if ids:
        return Parsed(fault=Fault("unit_closed", f"预算单位“{text}”已停用，请改填现在的单位。"))
    if padded := units.padded(text):
        message = f"找不到单位编码 {text}；像是 Excel 把编码存成数字后丢了前面的 0，应为 {padded.code}。"
        return Parsed(
            fault=Fault(
                "zeros_lost", message, suggestion=padded.code, suggestion_label=f"{padded.code} {padded.name}"
            )
        )
    near = units.nearest(text)
    hint = f"相近：{near.name}。" if near else "请核对名称或改填单位编码。"
    return Parsed(
        fault=Fault(
            "unknown_unit",
            f"找不到预算单位“{text}”。{hint}",
            suggestion=near.name if near else None,
            suggestion_label=near.name if near else "",
        )
    )
