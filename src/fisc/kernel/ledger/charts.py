"""Charts of accounts: which subjects a book has. Each domain ships its part as `codes/chart.csv`."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from fisc.base.errors import BadInput

COLUMNS = ("book", "code", "name", "normal_side", "floor", "note")


class ChartError(BadInput):
    """{message}"""

    code = "ledger.chart"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One subject of a book. `default_floor_fen` None: its accounts have no floor."""

    book: str
    code: str
    name: str
    normal_side: str
    default_floor_fen: int | None
    note: str = ""
    is_leaf: bool = True


def load_chart(path: Path) -> int:
    """This function will bring the subjects of a chart file into the database, and return how many they are.

    Doing it again changes names and notes only: a subject in use keeps book, side and floor.
    Columns: book, code, name, normal_side (debit/credit), floor (in 分; empty: none), note.

    :raises ChartError: if the file is not such a table, or would change a subject in use.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ChartError(message=f"科目表 {path.name} 的列应为 {'、'.join(COLUMNS)}。")
        subjects = [_subject(row, f"{path.name} 第 {reader.line_num} 行") for row in reader]
    save_subjects(subjects)
    return len(subjects)


def _subject(row: dict[str, str], place: str) -> Subject:
    floor = row["floor"].strip()
    if row["normal_side"] not in ("debit", "credit") or not (floor == "" or floor.lstrip("-").isdigit()):
        raise ChartError(message=f"{place}：方向应为 debit 或 credit，下限应为整数分或空。")
    return Subject(
        book=row["book"].strip(),
        code=row["code"].strip(),
        name=row["name"].strip(),
        normal_side=row["normal_side"],
        default_floor_fen=int(floor) if floor else None,
        note=row["note"].strip(),
    )


def save_subjects(subjects: Sequence[Subject]) -> None:
    """This function will add subjects or bring them up to date; a subject is a leaf when none is below it.

    :raises ChartError: if a subject in use would change its side or floor, or get subjects below it.
    """
    known = {(subject.book, subject.code): subject for subject in all_subjects()}
    wanted = known | {(subject.book, subject.code): subject for subject in subjects}
    parents = _parents(wanted)
    in_use = _in_use()
    rows = []
    for identity, subject in wanted.items():
        is_leaf = identity not in parents
        before = known.get(identity)
        if before and identity in in_use and _meaning(before, before.is_leaf) != _meaning(subject, is_leaf):
            raise ChartError(
                message=f"科目 {subject.book}/{subject.code} {before.name} 已经使用，不能改变方向、下限或增设下级。"
            )
        rows.append(
            (*identity, subject.name, subject.normal_side, subject.default_floor_fen, is_leaf, subject.note)
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO ledger_subject (book, code, name, normal_side, default_floor_fen, is_leaf, note)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (book, code) DO UPDATE
            SET name = excluded.name, normal_side = excluded.normal_side,
                default_floor_fen = excluded.default_floor_fen, is_leaf = excluded.is_leaf, note = excluded.note
            WHERE ledger_subject IS DISTINCT FROM excluded
            """,
            rows,
        )


def _meaning(subject: Subject, is_leaf: bool) -> tuple[str, int | None, bool]:
    return subject.normal_side, subject.default_floor_fen, is_leaf


def all_subjects(book: str | None = None) -> list[Subject]:
    """Return the subjects of one book, or of all, by code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT book, code, name, normal_side, default_floor_fen, note, is_leaf FROM ledger_subject "
            "WHERE book = coalesce(%s, book) ORDER BY book, code",
            [book],
        )
        names = ("book", "code", "name", "normal_side", "default_floor_fen", "note", "is_leaf")
        return [Subject(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _in_use() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT book, subject FROM ledger_account")
        return {(book, subject) for book, subject in cursor.fetchall()}


def _parents(identities: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the subjects that have others below them."""
    codes = defaultdict(list)
    for book, code in identities:
        codes[book].append(code)
    return {
        (book, parent)
        for book, group in codes.items()
        for parent in group
        if any(is_below(code, parent) for code in group)
    }


def is_below(code: str, parent: str) -> bool:
    """Whether a subject is below another: 100101 or 1001.01 below 1001, paid.salary below paid."""
    rest = code.removeprefix(parent)
    return rest not in ("", code) and (rest[0] == "." or code.isdigit())
