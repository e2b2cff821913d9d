"""Checking receipts: one set of checks for files, services and the demo; a check returns its problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from fisc.domains.revenue.levels import LABELS, SHARED
from fisc.domains.revenue.sharing import SharingTable
from fisc.kernel import codes

SERIAL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One line of a daily report; refunds are negative; ``level`` shared, central, province or district."""

    on: date
    fund: str
    revenue_code: str
    payer: str
    amount_fen: int
    serial: str
    level: str = SHARED


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row (``index`` from 0): the field's key and a sentence."""

    index: int
    key: str
    message: str
    suggestion: str | None = None
    suggestion_label: str = ""
    also: tuple[int, ...] = ()


def check_receipts(rows: Sequence[ReceiptRow], *, table: SharingTable) -> list[RowProblem]:
    """This will return every problem of the rows, in their order; set-based, a few queries for any number of rows."""
    problems = [
        *_plain_problems(rows),
        *_code_problems(rows),
        *_sharing_problems(rows, table),
        *_repeated_serials(rows),
        *_known_serials(rows),
    ]
    return sorted(problems, key=lambda problem: problem.index)


def _plain_problems(rows: Sequence[ReceiptRow]) -> list[RowProblem]:
    problems = []
    for index, row in enumerate(rows):
        if row.amount_fen == 0:
            problems.append(RowProblem(index, "amount", "金额不能为零。"))
        if not row.serial or len(row.serial) > SERIAL_LENGTH:
            problems.append(RowProblem(index, "serial", f"凭证号不能为空，且不超过{SERIAL_LENGTH}个字。"))
        if row.level not in LABELS:
            problems.append(RowProblem(index, "level", f"级次“{row.level}”应为共享、中央级、省级或区级。"))
    return problems


def _code_problems(rows: Sequence[ReceiptRow]) -> list[RowProblem]:
    """Codes that are unknown, headings or out of their years, by fund and fiscal year."""
    places: dict[tuple[str, int], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, row in enumerate(rows):
        places[(row.fund, row.on.year)][row.revenue_code].append(index)
    problems = []
    for (fund, year), by_code in places.items():
        if fund not in codes.FUNDS:
            problems += [
                RowProblem(index, "fund", f"没有资金性质“{fund}”。")
                for found in by_code.values()
                for index in found
            ]
            continue
        for code, problem in codes.check_many(kind="revenue", codes=by_code, year=year, fund=fund).items():
            near = problem.suggestions[0] if problem.suggestions else None
            problems += [
                RowProblem(
                    index, "code", problem.message, near.code if near else None, near.label if near else ""
                )
                for index in by_code[code]
            ]
    return problems


def _sharing_problems(rows: Sequence[ReceiptRow], table: SharingTable) -> list[RowProblem]:
    return [
        RowProblem(
            index, "level", f"分成比例表中没有 {row.revenue_code}（{row.on}），请写明级次或先维护分成比例。"
        )
        for index, row in enumerate(rows)
        if row.level in LABELS
        and table.shares(fund=row.fund, revenue_code=row.revenue_code, on=row.on, level=row.level) is None
    ]


def _repeated_serials(rows: Sequence[ReceiptRow]) -> list[RowProblem]:
    first: dict[str, int] = {}
    problems = []
    for index, row in enumerate(rows):
        if row.serial in first:
            message = f"凭证号 {row.serial} 在文件中重复。"
            problems.append(RowProblem(index, "serial", message, also=(first[row.serial],)))
        else:
            first[row.serial] = index
    return problems


def _known_serials(rows: Sequence[ReceiptRow]) -> list[RowProblem]:
    held = held_serials([row.serial for row in rows])
    return [
        RowProblem(index, "serial", f"凭证号 {row.serial} 已入库（{held[row.serial]}），不能重复导入。")
        for index, row in enumerate(rows)
        if row.serial in held
    ]


def held_serials(serials: Sequence[str]) -> dict[str, str]:
    """This will say which serials are in the books already: serial → number of the document that holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT receipt.serial, document.number FROM revenue_receipt AS receipt"
            " JOIN documents_document AS document ON document.id = receipt.document_id"
            " WHERE receipt.is_active AND receipt.serial = ANY (%s::text[])",
            [list(serials)],
        )
        return dict(cursor.fetchall())
