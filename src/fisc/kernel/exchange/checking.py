"""Checks all rows of a batch: cells column by column, then rows against each other, the database and the totals."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fisc.base.money import format_fen
from fisc.kernel.exchange import cells, lookups
from fisc.kernel.exchange.cells import Fault, Parsed, Raw, Setting
from fisc.kernel.exchange.sheet import column_letter
from fisc.kernel.exchange.spec import (
    CellProblem,
    ImportColumn,
    ImportContext,
    ImportRow,
    ImportSpec,
    Progress,
)
from fisc.kernel.exchange.staging import Remark
from fisc.kernel.ledger import periods

NOTES_KEPT = 200
"""Notes of one kind on one column that are kept; what was read differently in 100,000 rows is told once, counted."""


@dataclass(frozen=True)
class Table:
    """What is checked: staged rows with the columns they are in."""

    rows: Sequence[tuple[int, list[Raw]]]
    mapping: Mapping[str, int]
    setting: Setting
    sheet: str = ""
    totals: Sequence[tuple[int, list[Raw]]] = ()
    remarks: Sequence[Remark] = ()
    typed_total_fen: int | None = None


@dataclass
class Checked:
    """What came of it. `problems` of row 0 concern the file."""

    rows: list[ImportRow] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    amount_fen: int | None = None
    good_amount_fen: int | None = None
    file_total_fen: int | None = None
    file_total_cell: str = ""
    control: str = "none"
    """agree, disagree, unknown (an amount cannot be read yet) or none (nothing to compare with)."""

    def add(self, problem: CellProblem) -> None:
        """Keep a problem; an error makes its row bad."""
        self.counts[problem.severity] += 1
        kind = f"{problem.code}:{problem.key or ''}"
        self.counts[kind] += 1
        if problem.severity == "error" and problem.row:
            self.bad_rows.add(problem.row)
        if problem.severity != "note" or self.counts[kind] <= NOTES_KEPT:
            self.problems.append(problem)

    @property
    def file_errors(self) -> list[CellProblem]:
        """Errors of the file as a whole: they cannot be got round by leaving rows out."""
        return [problem for problem in self.problems if problem.severity == "error" and not problem.row]

    @property
    def good_rows(self) -> list[ImportRow]:
        """The rows without an error."""
        return [row for row in self.rows if row.number not in self.bad_rows]


def check(
    table: Table, spec: ImportSpec, context: ImportContext, progress: Progress | None = None
) -> Checked:
    """This function will check everything there is to check and return what it found; it changes nothing."""
    checked = Checked()
    for remark in table.remarks:
        checked.add(
            CellProblem(
                row=remark.number,
                key=None,
                message=remark.message,
                severity=remark.severity,
                code=remark.code,
            )
        )
    columns = _convert_columns(table, spec, context, progress)
    _collect_faults(table, spec, columns, checked)
    checked.rows = _typed_rows(table, spec, columns)
    _refuse_closed_periods(spec, checked)
    _refuse_duplicates(spec, checked)
    _refuse_existing(spec, context, checked)
    if spec.validate is not None and (good := checked.good_rows):
        for problem in spec.validate(good, context):
            checked.add(problem)
    _sum_up(table, spec, columns, checked)
    checked.problems.sort(key=lambda problem: problem.row)
    if progress is not None:
        progress("校验", len(table.rows), len(table.rows))
    return checked


# --- cells -------------------------------------------------------------------------------------------------------


def _convert_columns(
    table: Table, spec: ImportSpec, context: ImportContext, progress: Progress | None
) -> dict[str, list[Parsed]]:
    """Every cell of every column, typed; the same cell text is looked at once."""
    units = lookups.Units() if any(column.kind == "unit" for column in spec.columns) else None
    columns: dict[str, list[Parsed]] = {}
    ordered = sorted(spec.columns, key=lambda column: column.fund_key is not None)
    for position, column in enumerate(ordered):
        place = table.mapping.get(column.key)
        if place is None:
            columns[column.key] = [Parsed(column.default)] * len(table.rows)
        else:
            raws = [raw[place] if place < len(raw) else None for _, raw in table.rows]
            columns[column.key] = _convert_column(column, raws, table.setting, context, columns, units)
        if progress is not None:
            progress("校验", len(table.rows) * (position + 1) // (len(ordered) + 1), len(table.rows))
    return columns


def _convert_column(
    column: ImportColumn,
    raws: Sequence[Raw],
    setting: Setting,
    context: ImportContext,
    done: Mapping[str, list[Parsed]],
    units: lookups.Units | None,
) -> list[Parsed]:
    keys = [_memo_key(raw) for raw in raws]
    if column.kind == "code":
        return _convert_codes(column, raws, keys, setting, context, done)
    different = dict(zip(keys, raws, strict=True))
    if column.kind == "unit":
        assert units is not None
        found = lookups.unit_cells(
            column, different.values(), setting=setting, actor=context.actor, units=units
        )
    else:
        found = [cells.convert(column, raw, setting) for raw in different.values()]
    known = dict(zip(different, found, strict=True))
    return [known[key] for key in keys]


def _memo_key(raw: Raw) -> Any:
    """1, 1.0 and true are different cells though equal in Python; objects are told apart by what they hold."""
    if type(raw) is str:
        return raw
    return repr(sorted(raw.items(), key=str)) if isinstance(raw, dict) else (type(raw), raw)


def _convert_codes(
    column: ImportColumn,
    raws: Sequence[Raw],
    keys: Sequence[Any],
    setting: Setting,
    context: ImportContext,
    done: Mapping[str, list[Parsed]],
) -> list[Parsed]:
    funds = _funds(column, len(raws), context, done)
    by_fund: dict[str | None, dict[Any, Raw]] = defaultdict(dict)
    for fund, key, raw in zip(funds, keys, raws, strict=True):
        by_fund[fund][key] = raw
    known: dict[tuple[str | None, Any], Parsed] = {}
    for fund, different in by_fund.items():
        found = lookups.code_cells(column, different.values(), setting=setting, fund=fund)
        known.update({(fund, key): parsed for key, parsed in zip(different, found, strict=True)})
    return [known[fund, key] for fund, key in zip(funds, keys, strict=True)]


def _funds(
    column: ImportColumn, count: int, context: ImportContext, done: Mapping[str, list[Parsed]]
) -> list[str | None]:
    if column.fund_key and column.fund_key in done:
        return [parsed.value or column.fund for parsed in done[column.fund_key]]
    return [context.params.get(column.fund_key or "") or column.fund] * count


def _collect_faults(
    table: Table, spec: ImportSpec, columns: Mapping[str, Sequence[Parsed]], checked: Checked
) -> None:
    for column in spec.columns:
        for (number, _), parsed in zip(table.rows, columns[column.key], strict=True):
            if parsed.fault is not None:
                checked.add(_problem(number, column.key, parsed.fault))


def _problem(number: int, key: str, fault: Fault) -> CellProblem:
    return CellProblem(
        row=number,
        key=key,
        message=fault.message,
        severity=fault.severity,
        suggestion=fault.suggestion,
        suggestion_label=fault.suggestion_label,
        code=fault.code,
    )


def _typed_rows(table: Table, spec: ImportSpec, columns: Mapping[str, Sequence[Parsed]]) -> list[ImportRow]:
    keys = [column.key for column in spec.columns]
    places = [(key, place) for key, place in table.mapping.items()]
    values = zip(*(columns[key] for key in keys), strict=True)
    return [
        ImportRow(
            number=number,
            values={key: parsed.value for key, parsed in zip(keys, row, strict=True)},
            raw=_LazyTexts(raw, places),
            sheet=table.sheet,
        )
        for (number, raw), row in zip(table.rows, values, strict=True)
    ]


class _LazyTexts(Mapping[str, str]):
    """The cell texts of a row by column key, made only when asked for."""

    __slots__ = ("_places", "_raw")

    def __init__(self, raw: Sequence[Raw], places: Sequence[tuple[str, int]]) -> None:
        self._raw, self._places = raw, places

    def __getitem__(self, key: str) -> str:
        for known, place in self._places:
            if known == key:
                return cells.shown(self._raw[place]) if place < len(self._raw) else ""
        raise KeyError(key)

    def __iter__(self) -> Any:
        return (key for key, _ in self._places)

    def __len__(self) -> int:
        return len(self._places)


# --- rows --------------------------------------------------------------------------------------------------------


def _refuse_closed_periods(spec: ImportSpec, checked: Checked) -> None:
    if spec.period_key is None:
        return
    head = spec.column(spec.period_key).head
    wrong: dict[int, str | None] = {}
    states: dict[int, dict[int, bool]] = {}
    for row in checked.rows:
        value = row.values[spec.period_key]
        if value is None or row.number in checked.bad_rows:
            continue
        period = value.year * 100 + value.month if isinstance(value, dt.date) else value
        if period not in wrong:
            year = period // 100
            if year not in states:
                states[year] = {state.period: state.is_open for state in periods.periods_of(year)}
            wrong[period] = _period_fault(period, states[year], head)
        if message := wrong[period]:
            checked.add(
                CellProblem(row=row.number, key=spec.period_key, message=message, code="closed_period")
            )


def _period_fault(period: int, states: Mapping[int, bool], head: str) -> str | None:
    if states.get(period):
        return None
    name = periods.name_of(period)
    if period in states:
        return f"{head}所在的{name}已结账，不能再导入。请改到未结账的期间，或先由会计反结账。"
    return f"{period // 100}年度尚未开账，不能导入{name}的数据。"


def _key_of(row: ImportRow, keys: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row.values[key] for key in keys)


def _named(rows: Sequence[ImportRow], spec: ImportSpec) -> list[ImportRow]:
    """The rows that say who they are: a key left empty (to be given by the system) is the same as no other's."""
    return [row for row in rows if any(part not in (None, "") for part in _key_of(row, spec.keys))]


def _refuse_duplicates(spec: ImportSpec, checked: Checked) -> None:
    if not spec.keys:
        return
    heads = "、".join(spec.column(key).head for key in spec.keys)
    first: dict[tuple[Any, ...], int] = {}
    for row in _named(checked.rows, spec):
        if row.number in checked.bad_rows:
            continue
        earlier = first.setdefault(_key_of(row, spec.keys), row.number)
        if earlier != row.number:
            message = f"与第 {earlier} 行重复（{heads}都相同）。请删除其中一行，或合并成一行。"
            checked.add(
                CellProblem(
                    row=row.number, key=spec.keys[0], message=message, code="duplicate_row",
                    also_rows=(earlier,), also_keys=spec.keys,
                )
            )  # fmt: skip


def _refuse_existing(spec: ImportSpec, context: ImportContext, checked: Checked) -> None:
    if not spec.keys or spec.existing is None:
        return
    good = _named(checked.good_rows, spec)
    wanted = {_key_of(row, spec.keys): row.number for row in good}
    holders = spec.existing(list(wanted), context) if wanted else {}
    heads = "、".join(spec.column(key).head for key in spec.keys)
    for row in good if holders else ():
        if holder := holders.get(_key_of(row, spec.keys)):
            message = f"系统里已有（{heads}都相同）：{holder}。不能重复导入。"
            if spec.existing_severity != "error":
                message = f"系统里已有（{heads}都相同）：{holder}。请确认不是重复。"
            checked.add(
                CellProblem(
                    row=row.number, key=spec.keys[0], message=message, code="exists", also_keys=spec.keys,
                    severity=spec.existing_severity,
                )
            )  # fmt: skip


# --- totals ------------------------------------------------------------------------------------------------------


def _sum_up(
    table: Table, spec: ImportSpec, columns: Mapping[str, Sequence[Parsed]], checked: Checked
) -> None:
    key = spec.control_total or next((column.key for column in spec.columns if column.kind == "amount"), None)
    if key is None:
        return
    amounts = columns[key]
    readable = [_readable_fen(parsed) for parsed in amounts]
    checked.good_amount_fen = sum(row.values[key] or 0 for row in checked.good_rows)
    checked.amount_fen = sum(fen for fen in readable if fen is not None)
    if spec.control_total is None:
        return
    complete = None not in readable
    place = table.mapping.get(key)
    for number, raw in table.totals if place is not None else ():
        _compare_file_total(number, place or 0, raw, table.setting, complete, checked)
    if table.typed_total_fen is not None:
        source = f"填写的控制总额 {format_fen(table.typed_total_fen)}"
        _compare(table.typed_total_fen, source, complete, checked)


def _readable_fen(parsed: Parsed) -> int | None:
    """The amount of a cell for the sum; an empty cell adds nothing, an unreadable one makes the sum unknown."""
    if parsed.fault is not None and parsed.fault.severity == "error":
        return 0 if parsed.fault.code in ("required", "zero") else None
    return parsed.value or 0


def _compare_file_total(
    number: int, place: int, raw: Sequence[Raw], setting: Setting, complete: bool, checked: Checked
) -> None:
    cell = raw[place] if place < len(raw) else None
    value = cells.unwrap(cell, Setting(fiscal_year=setting.fiscal_year, allow_formulas=True))
    if not value.is_good or cells.is_empty(value.value):
        return
    column = ImportColumn(key="total", head="合计", kind="amount", negative=True, zero=True)
    parsed = cells.convert(column, value.value, setting)
    name = f"{column_letter(place)}{number}"
    if not parsed.is_good or parsed.value is None:
        message = f"合计行 {name} 的“{cells.shown(cell)}”不是数字，没法核对总额。"
        checked.add(CellProblem(row=0, key=None, message=message, severity="warn", code="total_unreadable"))
        return
    checked.file_total_fen, checked.file_total_cell = parsed.value, name
    _compare(parsed.value, f"文件合计行（{name}）的 {format_fen(parsed.value)}", complete, checked)


def _compare(expected: int, source: str, complete: bool, checked: Checked) -> None:
    if not complete:
        if checked.control == "none":
            checked.control = "unknown"
        return
    actual = checked.amount_fen or 0
    if actual == expected:
        if checked.control != "disagree":
            checked.control = "agree"
        return
    checked.control = "disagree"
    message = (
        f"{source} 与逐行相加的 {format_fen(actual)} 不一致，相差 {format_fen(actual - expected)} 元。"
        "请检查是否漏行、重复或改错了数。"
    )
    checked.add(CellProblem(row=0, key=None, message=message, code="total_disagrees"))
