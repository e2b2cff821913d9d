"""支出进度任务 from Excel: one row for the district, each section and each unit, twelve cumulative percentages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from fisc.base.errors import Refusal
from fisc.domains.progress import league, services
from fisc.domains.progress.models import Level
from fisc.domains.progress.services import TargetRow
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.exchange.spec import (
    CellProblem,
    ImportColumn,
    ImportContext,
    ImportRow,
    ImportSpec,
    Written,
    WrittenBatch,
)
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Section, Unit

MONTHS = tuple(f"m{month:02d}" for month in range(1, 13))
LEVELS = tuple(choice for choice in Level.choices if choice[0] != Level.DEPARTMENT)


def _rows(rows: Sequence[ImportRow], year: int) -> list[TargetRow]:
    """The file's rows with the budgets of the ledger; a unit's section is that of the unit."""
    done = league.execution(year=year, month=12)
    units = Unit.objects.select_related("section", "parent__section").in_bulk(
        [row["unit"] for row in rows if row.get("unit")]
    )
    own = Unit.objects.filter(pk__in=done).select_related("section", "parent__section")
    sums: dict[str, int] = {}
    for unit in own:
        code = league.section_of(unit)
        sums[code] = sums.get(code, 0) + max(0, done[unit.pk].base_fen)
    names = {name: code for code, name in Section.objects.values_list("code", "name")}
    made = []
    for row in rows:
        months = tuple(Decimal(row[key]) for key in MONTHS)
        if row["level"] == Level.DISTRICT:
            made.append(TargetRow(row["level"], months, "", None, sum(sums.values())))
        elif row["level"] == Level.SECTION:
            text = row.get("section", "")
            code = names.get(text, text)
            made.append(TargetRow(row["level"], months, code, None, sums.get(code, 0)))
        else:
            held = units.get(row.get("unit", 0))
            base = done[held.pk].base_fen if held and held.pk in done else 0
            section = league.section_of(held) if held else ""
            made.append(TargetRow(row["level"], months, section, held.pk if held else None, max(0, base)))
    return made


def _validate(rows: Sequence[ImportRow], ctx: ImportContext) -> list[CellProblem]:
    problems = []
    known = {key for pair in Section.objects.values_list("code", "name") for key in pair}
    for row in rows:
        if row["level"] == Level.UNIT and not row.get("unit"):
            problems.append(CellProblem(row.number, "unit", "单位任务应填写单位编码。"))
        if row["level"] == Level.SECTION and row.get("section", "") not in known:
            problems.append(CellProblem(row.number, "section", "没有这个股室，请填股室编码或名称。"))
        problems += _path_problems(row)
    if problems or not rows:
        return problems
    made = _rows(rows, ctx.fiscal_year)
    found = services.problems(made, services.names_of(made))
    return [CellProblem(rows[0].number, None, text) for text in found[:20]]


def _path_problems(row: ImportRow) -> list[CellProblem]:
    found, before = [], Decimal(0)
    for number, key in enumerate(MONTHS, start=1):
        value = Decimal(row[key])
        if not 0 <= value <= 100:
            found.append(CellProblem(row.number, key, "累计进度应在0到100之间。"))
        elif value < before:
            found.append(CellProblem(row.number, key, f"{number}月低于上月，累计进度只增不减。"))
        before = max(before, value)
    return found


def _write(rows: Sequence[ImportRow], ctx: ImportContext) -> Written:
    draft = Draft(
        unit_id=0, fiscal_year=ctx.fiscal_year, business_on=timezone.localdate(ctx.at), title="", amount_fen=0,
        row={"year": ctx.fiscal_year, "basis": ctx.filename, "lines": _rows(rows, ctx.fiscal_year)},
    )  # fmt: skip
    ids = services.create_targets(drafts=[draft], actor=ctx.actor, at=ctx.at)
    return Written(document_ids=ids, message=f"已生成支出进度任务，共 {len(rows)} 行，请送审。")


def _undo(batch: WrittenBatch, actor: Actor, at: dt.datetime) -> None:
    """:raises Refusal: the version is on its way already."""
    on_way = Document.objects.filter(id__in=batch.document_ids).exclude(
        state__in=("draft", "returned", "voided")
    )
    if first := on_way.order_by("id").first():
        raise Refusal(f"{first.number} 已{first.state_label}，本批不能撤销。", code="exchange.depends")
    ids = (
        Document.objects.filter(id__in=batch.document_ids)
        .exclude(state="voided")
        .values_list("id", flat=True)
    )
    result = perform_many(
        kind=services.KIND,
        ids=list(ids),
        step="void",
        actor=actor,
        at=at,
        comment=f"撤销导入批次 {batch.number}",
    )
    if result.refused:
        raise next(iter(result.refused.values()))


TARGETS = ImportSpec(
    code="progress.target",
    title="支出进度任务导入",
    description="全区一行、每个股室一行、每个单位一行；各月为累计支出进度（%），下级按预算数加权不低于上级。",
    permission="imports.progress.target",
    columns=(
        ImportColumn("level", "层级", kind="choice", required=True, choices=LEVELS, example="单位"),
        ImportColumn("section", "股室", help="股室任务填编码或名称"),
        ImportColumn("unit", "单位编码", aliases=("单位", "单位名称"), kind="unit", example="101"),
        *(
            ImportColumn(
                key, f"{number}月", kind="decimal", required=True, zero=True, example=f"{number * 8}"
            )
            for number, key in enumerate(MONTHS, start=1)
        ),
    ),
    keys=("level", "section", "unit"),
    validate=_validate,
    write=_write,
    undo=_undo,
    template_example_rows=(
        {"level": "全区", **{key: f"{number * 8}" for number, key in enumerate(MONTHS, start=1)}},
        {
            "level": "单位",
            "unit": "101",
            **{key: f"{number * 8}" for number, key in enumerate(MONTHS, start=1)},
        },
    ),
)
