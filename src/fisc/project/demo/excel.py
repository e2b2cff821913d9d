"""Writes real workbooks and imports them through the door that users have."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from fisc.base.errors import Refusal
from fisc.kernel.exchange import commands
from fisc.kernel.exchange.models import BatchDocument
from fisc.kernel.orgs.actor import Actor
from fisc.project.demo.cast import moment


def import_workbook(
    kind: str,
    filename: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    on: date,
    actor: Actor,
    params: Mapping[str, Any] | None = None,
    hour: int = 9,
) -> list[int]:
    """This function will write a workbook and import it; returns the documents made.

    :raises Refusal: the file was refused, with its first problem.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / filename
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("明细")
            sheet.write_row(0, 0, heads)
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, row)
        report = commands.import_file(
            kind, path, actor=actor, at=moment(on, hour), fiscal_year=on.year, params=params
        )
    if report.refusal is not None:
        first = report.problems[0] if report.problems else None
        raise Refusal(
            f"演示数据：{filename} 没有导入：{report.refusal}（{first}）", code="demo.import_refused"
        )
    made = BatchDocument.objects.filter(batch_id=report.batch.id).order_by("document_id")
    return list(made.values_list("document_id", flat=True))
