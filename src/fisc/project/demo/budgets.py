"""Plays a year's beginning and its supplements: projects and the approved budget come in as Excel files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from fisc.base.errors import Refusal
from fisc.domains.budget import changes
from fisc.domains.budget.dimensions import Origin
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.services import ALLOTMENT, APPROPRIATION, draft_allotments_from
from fisc.domains.projects.services import PROJECT_KIND
from fisc.kernel.documents.spec import Draft
from fisc.kernel.exchange import commands
from fisc.kernel.exchange.models import BatchDocument
from fisc.kernel.modules.install import deliver_events
from fisc.kernel.orgs.actor import Actor
from fisc.project.demo import programmes
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.spending_plan import PlanLine, PlanProject

_CATEGORY = {"personnel": "personnel", "running": "public", "operating": "operating", "special": "special"}
_FUND = {"general": "一般公共预算", "govfund": "政府性基金预算"}


def play_projects(*, projects: Iterable[PlanProject], cast: Cast, on: date) -> None:
    """This function will import the year's new projects and take them into the library."""
    rows = [
        (row.unit_code, row.code, row.name, _CATEGORY[row.kind], row.start_year, row.end_year,
         row.total_fen / 100, "年度部门预算", "按批复的绩效目标执行")
        for row in projects
    ]  # fmt: skip
    heads = (
        "单位编码",
        "项目编码",
        "项目名称",
        "项目类别",
        "开始年度",
        "结束年度",
        "项目总额（元）",
        "立项依据",
        "绩效目标",
    )
    ids = _import(
        "projects.register", f"{on.year}年项目库.xlsx", heads, rows, on=on, actor=cast.budget_officer
    )
    approve(kind=PROJECT_KIND, ids=ids, maker=cast.budget_officer, cast=cast, on=on)


def play_approved_budget(
    *, lines: Sequence[PlanLine], cast: Cast, on: date, origin: str = Origin.INITIAL
) -> dict[int, int]:
    """This function will import, approve and release a year's budget; returns plan line → allotment document."""
    rows = [
        (row.unit_code, row.project_code, _FUND[row.fund], row.function_code, row.economic_code,
         row.approved_fen / 100, *_flags(row.flags))
        for row in lines
    ]  # fmt: skip
    heads = (
        "单位编码",
        "项目编码",
        "资金性质",
        "功能科目",
        "部门经济分类",
        "金额（元）",
        "三保",
        "直达",
        "债券",
    )
    carried = origin == Origin.CARRYOVER
    reference = f"区财预〔{on.year}〕{2 if carried else 1}号"
    ids = _import(
        "budget.approved", f"{on.year}年{'上年结转' if carried else '批复预算'}.xlsx", heads, rows, on=on,
        actor=cast.budget_officer, params={"reference": reference, "origin": origin},
    )  # fmt: skip
    approve(kind=APPROPRIATION, ids=ids, maker=cast.budget_officer, cast=cast, on=on)
    at = moment(on, 10)
    deliver_events(at)
    drafted = draft_allotments_from(
        appropriation_id=ids[0], reference=reference, actor=cast.budget_officer, at=at
    )
    approve(kind=ALLOTMENT, ids=drafted, maker=cast.budget_officer, cast=cast, on=on, hour=11)
    return {line.index: doc_id for line, doc_id in zip(lines, drafted, strict=True)}


def allotments_of(lines: Sequence[PlanLine]) -> dict[int, int]:
    """This function will find the allotments of lines released in an earlier run: plan line → document."""
    found: dict[tuple[Any, ...], int] = {}
    rows = Allotment.objects.filter(reference__startswith="区财预〔").values_list(
        "document_id", "document__fiscal_year", "document__unit__code", "project__tags", "function_code",
        "economic_code", "flags", "origin",
    )  # fmt: skip
    for doc_id, year, unit, tags, function, economic, flags, origin in rows:
        found[(year, unit, tags[0], function, economic, flags, origin == Origin.CARRYOVER)] = doc_id
    return {row.index: found[_key(row)] for row in lines if _key(row) in found}


def _key(row: PlanLine) -> tuple[Any, ...]:
    return (
        row.year, row.unit_code, row.project_code, row.function_code, row.economic_code, row.flags,
        not row.is_prepared,
    )  # fmt: skip


def play_supplements(
    *, lines: Iterable[PlanLine], allotments: Mapping[int, int], cast: Cast, on: date
) -> None:
    """This function will raise allotments by the upper level's money that comes during the year."""
    drafts = [
        Draft(
            unit_id=0,
            fiscal_year=on.year,
            business_on=on,
            title=f"上级转移支付追加 {row.project_name}",
            amount_fen=row.supplement_fen,
            row={
                "allotment_id": allotments[row.index],
                "reference": f"海财预〔{on.year}〕{18 + row.index % 40}号",
                "funding": "债券转贷资金" if row.flags & programmes.BOND else "上级专项转移支付",
                "reason": "上级资金下达，按规定用途追加指标",
            },
        )
        for row in lines
        if row.supplement_fen and row.supplement_month == on.month and row.year == on.year
    ]
    ids = changes.create_adjustments(changes.SUPPLEMENT)(
        drafts=drafts, actor=cast.budget_officer, at=moment(on, 9)
    )
    approve(kind=changes.SUPPLEMENT, ids=ids, maker=cast.budget_officer, cast=cast, on=on)


def _flags(flags: int) -> tuple[str, ...]:
    return tuple(
        "是" if flags & bit else "否" for bit in (programmes.GUARANTEE, programmes.DIRECT, programmes.BOND)
    )


def _import(
    kind: str,
    filename: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    on: date,
    actor: Actor,
    params: Mapping[str, Any] | None = None,
) -> list[int]:
    """Write a real workbook and import it as a user would. :raises Refusal: the file was refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / filename
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("明细")
            sheet.write_row(0, 0, heads)
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, row)
        report = commands.import_file(
            kind, path, actor=actor, at=moment(on, 9), fiscal_year=on.year, params=params
        )
    if report.refusal is not None:
        first = report.problems[0] if report.problems else None
        raise Refusal(
            f"演示数据：{filename} 没有导入：{report.refusal}（{first}）", code="demo.import_refused"
        )
    made = BatchDocument.objects.filter(batch_id=report.batch.id).order_by("document_id")
    return list(made.values_list("document_id", flat=True))
