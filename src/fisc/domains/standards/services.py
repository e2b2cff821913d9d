"""基础信息表: numbers of many units at once, into drafts, through review, frozen when accepted. Set-based throughout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from fisc.base.errors import BadInput, Conflict, Refusal
from fisc.domains.standards import measures
from fisc.domains.standards.models import BaseFigure, BaseReport
from fisc.kernel import events, lean
from fisc.kernel.documents import kinds
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.errors import NotEditable, StepNotPermitted
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

KIND, TITLE = "standards.base_report", "基础信息表"
EDITABLE = ("draft", "returned")
TOUCH = """
SELECT documents_revise(
    d.id, d.unit_id, d.section_code, d.title, d.amount_fen, d.fund, d.counterparty, d.business_on, d.tags, %s
)
FROM documents_document AS d
WHERE d.id = ANY(%s::bigint[])
"""


class BadFigure(BadInput):
    """{unit}的“{measure}”应在 0 到 {most} 之间，现为 {quantity}。"""

    code = "standards.bad_figure"


class NothingFilled(Refusal):
    """{number}还没有填写任何数据，请先填写基础信息。"""

    code = "standards.nothing_filled"


class ReportExists(Refusal):
    """{unit}的{year}年基础信息表已经有了（{number}），请在原表上修改。"""

    code = "standards.report_exists"


@dataclass(frozen=True)
class BaseRow:
    """Numbers of one unit by measure code; a measure that is not named stays as it is, None empties it."""

    unit_id: int
    figures: Mapping[str, int | None]


def set_base_figures(
    *, year: int, rows: Sequence[BaseRow], actor: Actor, at: dt.datetime, counted_on: dt.date | None = None
) -> dict[int, int]:
    """This will write the numbers of many units into their reports of a year, made where missing; unit id → document id.

    A handful of statements, whatever the number of units. All or nothing.
    :raises BadFigure, BadInput: a number or a measure that cannot be. :raises NotEditable: a report is under review or
        accepted. :raises StepNotPermitted: the actor may not edit, or not for one of the units.
    """
    _check(rows)
    spec = kinds.get(KIND)
    if not actor.can(spec.permission("edit")) or not all(actor.sees(row.unit_id) for row in rows):
        raise StepNotPermitted(step="填写", kind=TITLE)
    with transaction.atomic():
        held = lock_reports(year=year, unit_ids=[row.unit_id for row in rows])
        for document in held.values():
            if document.state not in EDITABLE:
                raise NotEditable(kind=TITLE, number=document.number, state=document.state_label)
        made = _make(year, [row.unit_id for row in rows if row.unit_id not in held], actor, at, counted_on)
        ids = {unit_id: document.pk for unit_id, document in held.items()} | made
        before = _figures_of(ids.values())
        _write(rows, ids)
        if held:
            lean.fetch(TOUCH, (at, [document.pk for document in held.values()]))
        events.record_many(
            [
                _audit(held[row.unit_id].pk, before.get(held[row.unit_id].pk, {}), row, actor, at)
                for row in rows
                if row.unit_id in held
            ]
        )
    return ids


def _check(rows: Sequence[BaseRow]) -> None:
    if len({row.unit_id for row in rows}) != len(rows):
        raise BadInput("同一单位出现了两次。", code="standards.unit_twice")
    for row in rows:
        for measure, quantity in row.figures.items():
            if measure not in measures.BY_CODE:
                raise BadInput(f"没有“{measure}”这个数量口径。", code="standards.measure")
            if quantity is not None and not 0 <= quantity <= measures.MOST:
                name = (
                    Unit.objects.filter(pk=row.unit_id).values_list("name", flat=True).first() or row.unit_id
                )
                raise BadFigure(
                    unit=name, measure=measures.NAMES[measure], quantity=quantity, most=f"{measures.MOST:,}"
                )


def lock_reports(*, year: int, unit_ids: Iterable[int]) -> dict[int, Document]:
    """This will lock the current reports of these units and return their headers by unit."""
    headers = (
        Document.objects.select_for_update()
        .filter(
            pk__in=BaseReport.objects.filter(year=year, unit_id__in=list(unit_ids), is_current=True).values(
                "pk"
            )
        )
        .order_by("pk")
    )
    return {document.unit_id: document for document in headers if document.unit_id is not None}


def _make(
    year: int, unit_ids: Sequence[int], actor: Actor, at: dt.datetime, counted_on: dt.date | None
) -> dict[int, int]:
    names = dict(Unit.objects.filter(pk__in=unit_ids).values_list("pk", "name"))
    drafts = [
        Draft(
            unit_id=unit_id,
            fiscal_year=year,
            business_on=at.date(),
            title=title_of(year, names[unit_id]),
            amount_fen=0,
            row={"unit_id": unit_id, "year": year, "counted_on": counted_on},
        )
        for unit_id in unit_ids
    ]
    try:
        with transaction.atomic():
            ids = create_many(kind=KIND, drafts=drafts, actor=actor, at=at)
    except IntegrityError as error:
        if "standards_base_report_one_a_year" not in str(error):
            raise
        raise Conflict(
            "他人刚刚开始填报其中的单位，数据没有保存，请刷新后再填。", code="standards.begun"
        ) from error
    return dict(zip(unit_ids, ids, strict=True))


def title_of(year: int, unit: str) -> str:
    """What a report is called."""
    return f"{unit}{year}年基础信息"


def _figures_of(report_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = BaseFigure.objects.filter(report_id__in=list(report_ids))
    for report_id, measure, quantity in rows.values_list("report_id", "measure", "quantity"):
        found.setdefault(report_id, {})[measure] = quantity
    return found


def figures_of(report_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """This will give the numbers of these reports; one query."""
    return _figures_of(report_ids)


def _write(rows: Sequence[BaseRow], ids: Mapping[int, int]) -> None:
    new = [
        BaseFigure(report_id=ids[row.unit_id], measure=measure, quantity=quantity)
        for row in rows
        for measure, quantity in row.figures.items()
        if quantity is not None
    ]
    BaseFigure.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["report", "measure"], update_fields=["quantity"]
    )
    emptied: dict[str, list[int]] = {}
    for row in rows:
        for measure, quantity in row.figures.items():
            if quantity is None:
                emptied.setdefault(measure, []).append(ids[row.unit_id])
    for measure, report_ids in emptied.items():
        BaseFigure.objects.filter(measure=measure, report_id__in=report_ids).delete()


def _audit(
    report_id: int, before: Mapping[str, int], row: BaseRow, actor: Actor, at: dt.datetime
) -> events.AuditRow:
    changes = {
        measure: [before.get(measure), quantity]
        for measure, quantity in row.figures.items()
        if before.get(measure) != quantity
    }
    return events.AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=f"{KIND}.edit",
        object_kind=KIND,
        object_id=str(report_id),
        document_id=report_id,
        ip=actor.ip or None,
        detail={"changes": changes},
    )


def carry_forward(*, year: int, unit_ids: Iterable[int], actor: Actor, at: dt.datetime) -> dict[int, int]:
    """This will begin the reports of a year with last year's numbers, for units that have none yet; unit id → document id."""
    wanted = set(unit_ids)
    begun = BaseReport.objects.filter(year=year, is_current=True).values("unit_id")
    before = dict(
        BaseReport.objects.filter(year=year - 1, is_current=True, unit_id__in=wanted)
        .exclude(unit_id__in=begun)
        .values_list("pk", "unit_id")
    )
    rows = [BaseRow(before[report_id], figures) for report_id, figures in figures_of(before).items()]
    return set_base_figures(year=year, rows=rows, actor=actor, at=at) if rows else {}


def create_reports(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will make empty reports; `row`: year (else the draft's fiscal year), counted_on, note.

    :raises ReportExists: the unit has one for the year. :raises BadInput: the year is not a year.
    """
    units = Unit.objects.in_bulk([draft.unit_id for draft in drafts])
    completed = [_completed(draft, units.get(draft.unit_id)) for draft in drafts]
    wanted = {(draft.unit_id, draft.fiscal_year) for draft in completed}
    held = BaseReport.objects.filter(is_current=True, unit_id__in=list(units)).select_related(
        "document", "unit"
    )
    for report in held:
        if (report.unit_id, report.year) in wanted:
            raise ReportExists(unit=report.unit.name, year=report.year, number=report.document.number)
    return create_many(kind=KIND, drafts=completed, actor=actor, at=at)


def _completed(draft: Draft, unit: Unit | None) -> Draft:
    text = str(draft.row.get("year") or draft.fiscal_year).strip()
    if not (text.isdecimal() and len(text) == 4 and 2000 <= int(text) <= 2099):
        raise BadInput(f"预算年度“{text[:20]}”不是年份，请填四位数字，如 2023。", code="standards.year")
    if unit is None:
        raise BadInput("请选择填报单位。", code="standards.unit")
    year = int(text)
    title = title_of(year, unit.name) if draft.title in ("", TITLE) else draft.title
    return replace(
        draft,
        fiscal_year=year,
        title=title,
        row={
            "unit_id": unit.pk,
            "year": year,
            "counted_on": draft.row.get("counted_on"),
            "note": draft.row.get("note", ""),
        },
    )


def revise_report(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> Mapping[str, Any]:
    """This will let the remarks of a draft change, never its unit or year. :raises BadInput: one of them differs."""
    kept = {"unit_id": document.unit_id, "year": document.fiscal_year}
    for key, now in kept.items():
        if key in values and str(values[key] or now).strip() != str(now):
            raise BadInput("填报单位和预算年度不能修改；填错的请作废后重新填报。", code="standards.fixed")
    return {key: value for key, value in values.items() if key not in kept}


def accept_reports(
    *, year: int, actor: Actor, at: dt.datetime, unit_ids: Iterable[int] | None = None
) -> list[int]:
    """This will accept the drafted reports of a year without review (data taken over, the demo); returns their ids.

    Only for the machine's actor; people submit and approve. :raises Refusal: of the first report that is refused.
    """
    reports = BaseReport.objects.filter(year=year, is_current=True, document__state="draft")
    if unit_ids is not None:
        reports = reports.filter(unit_id__in=list(unit_ids))
    result = perform_many(
        kind=KIND, ids=list(reports.values_list("pk", flat=True)), step="accept", actor=actor, at=at
    )
    if result.refused:
        raise next(iter(result.refused.values()))
    return result.done


def check_filled(call: StepCall) -> None:
    """送审、采用: a report without a number has nothing to be decided."""
    filled = set(
        BaseFigure.objects.filter(report_id__in=call.ids).values_list("report_id", flat=True).distinct()
    )
    for document in call.documents:
        if document.pk not in filled:
            call.refuse(document.pk, NothingFilled(number=document.number))


def set_aside(call: StepCall) -> None:
    """作废: the unit may make another report for the year."""
    BaseReport.objects.filter(pk__in=call.ids).update(is_current=False)
