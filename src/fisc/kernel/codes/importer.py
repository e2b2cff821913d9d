"""Official CSV files into the code lists: read, check every row, load what is new.

Nothing is corrected silently: what a check finds is reported with file and line, and a file with an error is not
loaded at all. A row that the database holds with another meaning (an official list was edited here, or a new edition
came) is reported and left to a person: a change of meaning needs its fiscal year.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.db import connection, transaction

from fisc.kernel.codes.models import Code, EconomicMapping
from fisc.kernel.codes.tables import ECONOMIC_MAPPING, ECONOMIC_MAPPING_FROM_YEAR, TABLES, Table

CONFIDENCES = frozenset({"verified", "likely", "local"})
_NOTE_LENGTH = 400
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class CodeRow:
    """One line of a file, made uniform; ``line`` as an editor counts it."""

    line: int
    code: str
    name: str
    level: int
    parent: str
    confidence: str
    evidence: str = ""
    note: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one line, in a sentence."""

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file} 第{self.line}行 {self.code}：{self.message}"


@dataclass(frozen=True)
class TableReport:
    """What came of one file."""

    file: str
    kind: str
    rows: int
    verified: int
    loaded: int = 0
    present: int = 0
    problems: tuple[RowProblem, ...] = ()
    differing: tuple[RowProblem, ...] = ()


@dataclass(frozen=True)
class LoadReport:
    """What came of all files; ``is_clean`` when no line had an error."""

    tables: tuple[TableReport, ...] = field(default=())

    @property
    def is_clean(self) -> bool:
        """Whether no file had an error."""
        return not any(table.problems for table in self.tables)

    @property
    def loaded(self) -> int:
        """How many rows were new."""
        return sum(table.loaded for table in self.tables)

    @property
    def rows(self) -> int:
        """How many rows the files hold."""
        return sum(table.rows for table in self.tables)


def load_official(*, progress: Progress | None = None, dry_run: bool = False) -> LoadReport:
    """This will check all official files and load the rows that the database does not hold yet.

    One transaction; with ``dry_run`` nothing is written. A file with errors is left out and reported.
    """
    reports = []
    with transaction.atomic():
        for number, table in enumerate(TABLES, start=1):
            reports.append(_load_table(table, dry_run=dry_run))
            if progress:
                progress(table.file, number, len(TABLES) + 1)
        reports.append(_load_economic_mapping(dry_run=dry_run))
        if progress:
            progress(ECONOMIC_MAPPING.name, len(TABLES) + 1, len(TABLES) + 1)
    return LoadReport(tuple(reports))


def check_rows(table: Table, rows: Sequence[CodeRow]) -> list[RowProblem]:
    """This will return every fault of a file: empty names, duplicates, lost parents, levels that do not fit."""
    by_code = {row.code: row for row in rows}
    counts = Counter(row.code for row in rows)
    problems: list[RowProblem] = []
    for row in rows:
        for message in _row_faults(table, row, by_code, counts):
            problems.append(RowProblem(table.file, row.line, row.code, message))
    return problems


def _row_faults(
    table: Table, row: CodeRow, by_code: dict[str, CodeRow], counts: Counter[str]
) -> Iterator[str]:
    if not row.code:
        yield "编码为空"
    if not row.name:
        yield "名称为空"
    if counts[row.code] > 1:
        yield f"编码重复出现{counts[row.code]}次"
    if row.confidence not in CONFIDENCES:
        yield f"可信度“{row.confidence}”不在 verified、likely、local 之中"
    if row.parent and row.parent not in by_code:
        yield f"上级编码 {row.parent} 不存在"
    elif row.parent and by_code[row.parent].level >= row.level:
        yield f"级次{row.level}不低于上级 {row.parent} 的级次{by_code[row.parent].level}"
    if table.widths:
        yield from _width_faults(table, row)


def _width_faults(table: Table, row: CodeRow) -> Iterator[str]:
    if not 1 <= row.level <= len(table.widths) or len(row.code) != table.widths[row.level - 1]:
        yield f"第{row.level}级编码应为{table.widths[min(row.level, len(table.widths)) - 1]}位，实为{len(row.code)}位"
    elif row.level > 1 and row.parent != row.code[: table.widths[row.level - 2]]:
        yield f"上级应为 {row.code[: table.widths[row.level - 2]]}，文件写的是 {row.parent or '空'}"


@lru_cache(maxsize=64)
def read_table(table: Table) -> tuple[CodeRow, ...]:
    """This will read one official file as uniform rows. :raises OSError: if it is missing."""
    with table.path.open(encoding="utf-8-sig", newline="") as handle:
        return tuple(
            _uniform(table, line, cells) for line, cells in enumerate(csv.DictReader(handle), start=2)
        )


def _uniform(table: Table, line: int, cells: dict[str, str]) -> CodeRow:
    parts = [cells[column].strip() for column in table.code_column.split("+")]
    parent = (cells.get("parent") or "").strip()
    level = (cells.get("level") or "").strip()
    return CodeRow(
        line=line,
        code="-".join(parts),
        name=cells[table.name_column].strip(),
        level=int(level) if level else _level_from_parent(table, parent),
        parent=parent,
        confidence=cells["confidence"].strip(),
        evidence=(cells.get("evidence") or "").strip(),
        note=(cells.get("note") or "").strip()[:_NOTE_LENGTH],
        attributes=tuple((key, (cells.get(key) or "").strip()) for key in table.attributes),
    )


def _level_from_parent(table: Table, parent: str) -> int:
    """Files without a level column: 转移支付 codes tell it by length, the others have one or two levels."""
    if table.kind == "transfer_type":
        return {0: 1, 3: 2, 5: 3}.get(len(parent), 4)
    return 2 if parent else 1


def _load_table(table: Table, *, dry_run: bool) -> TableReport:
    rows = read_table(table)
    problems = tuple(check_rows(table, rows))
    report = TableReport(
        file=table.file,
        kind=table.kind,
        rows=len(rows),
        verified=sum(row.confidence == "verified" for row in rows),
        problems=problems,
    )
    if problems:
        return report
    held = _held_rows(table)
    new = [row for row in rows if row.code not in held]
    differing = tuple(
        RowProblem(table.file, row.line, row.code, f"库中为“{held[row.code]}”，文件为“{row.name}”，未改动")
        for row in rows
        if row.code in held and held[row.code] != row.name
    )
    if new and not dry_run:
        _copy_codes(table, new)
    return TableReport(
        **{
            **report.__dict__,
            "loaded": len(new),
            "present": len(rows) - len(new),
            "differing": differing,
        }
    )


def _held_rows(table: Table) -> dict[str, str]:
    """Code → name of what the database holds for the first year of the file's validity."""
    rows = Code.objects.filter(kind=table.kind, fund=table.fund, valid_from_year__lte=table.valid_from_year)
    return {
        code: name
        for code, name, until in rows.values_list("code", "name", "valid_to_year")
        if until is None or until >= table.valid_from_year
    }


def _copy_codes(table: Table, rows: Sequence[CodeRow]) -> None:
    copy = (
        "COPY codes_code (kind, fund, code, name, level, parent, valid_from_year, valid_to_year,"
        " confidence, evidence, note, attributes) FROM STDIN"
    )
    with connection.cursor() as cursor, cursor.copy(copy) as out:
        for row in rows:
            out.write_row(
                (
                    table.kind,
                    table.fund,
                    row.code,
                    row.name,
                    row.level,
                    row.parent,
                    table.valid_from_year,
                    table.valid_to_year,
                    row.confidence,
                    row.evidence,
                    row.note,
                    json.dumps({**dict(row.attributes), "edition": table.edition}, ensure_ascii=False),
                )
            )


def _load_economic_mapping(*, dry_run: bool) -> TableReport:
    rows = _read_mapping(ECONOMIC_MAPPING)
    problems = tuple(_mapping_problems(rows))
    held = set(
        EconomicMapping.objects.values_list("department_code", "unit_kind", "government_code").iterator()
    )
    new = [row for row in rows if (row["dep_code"], row["unit_kind"], row["gov_code"]) not in held]
    if not problems and not dry_run:
        EconomicMapping.objects.bulk_create(
            EconomicMapping(
                department_code=row["dep_code"],
                unit_kind=row["unit_kind"],
                government_code=row["gov_code"],
                valid_from_year=ECONOMIC_MAPPING_FROM_YEAR,
                confidence=row["confidence"],
                note=row["note"],
            )
            for row in new
        )
    return TableReport(
        file=ECONOMIC_MAPPING.name,
        kind="economic_mapping",
        rows=len(rows),
        verified=sum(row["confidence"] == "verified" for row in rows),
        loaded=0 if problems else len(new),
        present=len(rows) - len(new),
        problems=problems,
    )


@lru_cache(maxsize=4)
def _read_mapping(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return tuple(
            {key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(handle)
        )


def _mapping_problems(rows: Sequence[dict[str, str]]) -> Iterator[RowProblem]:
    departments = {row.code: row.name for row in _rows_of("economic_department")}
    governments = {row.code: row.name for row in _rows_of("economic_government")}
    seen: Counter[tuple[str, str, str]] = Counter()
    for line, row in enumerate(rows, start=2):
        key = (row["dep_code"], row["unit_kind"], row["gov_code"])
        seen[key] += 1
        for fault in (
            row["dep_code"] not in departments and "部门经济分类编码不存在",
            row["gov_code"] not in governments and f"政府经济分类编码 {row['gov_code']} 不存在",
            row["unit_kind"] not in {"administrative", "institution", "any"} and "单位性质不认识",
            seen[key] > 1 and "对照重复",
        ):
            if fault:
                yield RowProblem(ECONOMIC_MAPPING.name, line, row["dep_code"], fault)


def _rows_of(kind: str) -> Iterator[CodeRow]:
    for table in TABLES:
        if table.kind == kind:
            yield from read_table(table)
