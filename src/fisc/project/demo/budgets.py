"""Plays what raises a year's budget beside its preparation: money carried in, supplements of the upper level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from fisc.domains.budget import changes
from fisc.domains.budget.dimensions import Origin
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.services import ALLOTMENT, APPROPRIATION, create_allotments
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.project.demo import programmes
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.excel import import_workbook
from fisc.project.demo.preparing import project_ids
from fisc.project.demo.spending_plan import PlanLine

_FUND = {"general": "一般公共预算", "govfund": "政府性基金预算"}
_HEADS = (
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


def play_carried_in(*, lines: Sequence[PlanLine], cast: Cast, on: date) -> None:
    """This function will bring in money of years before the play, as the books of the time before held it."""
    rows = [
        (row.unit_code, row.project_code, _FUND[row.fund], row.function_code, row.economic_code,
         row.approved_fen / 100, *_flags(row.flags))
        for row in lines
    ]  # fmt: skip
    officer, reference = cast.budget_officer, f"区财预〔{on.year}〕2号"
    (approval,) = import_workbook(
        "budget.approved", f"{on.year}年上年结转.xlsx", _HEADS, rows, on=on, actor=officer,
        params={"reference": reference, "origin": Origin.CARRYOVER},
    )  # fmt: skip
    approve(kind=APPROPRIATION, ids=[approval], maker=officer, cast=cast, on=on, hour=13)
    unit_id = dict(Document.objects.filter(kind="projects.project").values_list("id", "unit_id"))
    projects = project_ids()
    drafts = [
        Draft(
            unit_id=unit_id[projects[row.project_code]], fiscal_year=row.year, business_on=on, title=reference,
            amount_fen=row.approved_fen, fund=row.fund, source_id=approval,
            row={
                "reference": reference, "origin": Origin.CARRYOVER.value, "first_year": row.money_since or row.year - 1,
                "project_id": projects[row.project_code], "fund": row.fund, "function_code": row.function_code,
                "economic_code": row.economic_code, "flags": row.flags,
            },
        )
        for row in lines
    ]  # fmt: skip
    ids = create_allotments(drafts=drafts, actor=officer, at=moment(on, 14))
    approve(kind=ALLOTMENT, ids=ids, maker=officer, cast=cast, on=on, hour=14)


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
                "source_kind": "upper",
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
