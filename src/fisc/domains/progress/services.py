"""支出进度任务: a year's targets, split to sections and units; a new version takes the place of the old one.

The split must carry the whole: at every month's end the parts, weighted by their budgets, reach at least what the
whole is to reach (Σ 预算数 × 进度), and their budgets add up.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from fisc.base.errors import BadInput, Refusal
from fisc.base.money import format_fen
from fisc.domains.progress import league
from fisc.domains.progress.models import MONTH_FIELDS, Level, Target, TargetLine
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Section, Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

KIND = "progress.target"
CENT = Decimal("0.01")
EVEN = tuple((Decimal(month * 100) / 12).quantize(CENT, ROUND_HALF_UP) for month in range(1, 13))
"""时间进度 at each month's end."""


class BadTarget(Refusal):
    """支出进度任务有 {count} 处问题：{shown}"""

    code = "progress.bad_target"


@dataclass(frozen=True)
class TargetRow:
    """The target of the district, a section or a unit: cumulative percent at each month's end, of `base_fen` 分."""

    level: str
    months: tuple[Decimal, ...]
    section_code: str = ""
    unit_id: int | None = None
    base_fen: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the others."""
        return (self.level, str(self.unit_id or self.section_code))


def split(
    *, year: int, months: Sequence[Decimal] = EVEN, unit_ids: Sequence[int] | None = None
) -> list[TargetRow]:
    """This function will split one path over all sections and units that have a budget of the year; few queries.

    :raises BadInput: nobody has a budget of that year yet.
    """
    done = league.execution(year=year, month=12, unit_ids=unit_ids)
    units = Unit.objects.filter(pk__in=done).select_related("section", "parent__section").order_by("code")
    path = tuple(months)
    rows: list[TargetRow] = []
    sections: dict[str, int] = defaultdict(int)
    for unit in units:
        section, base = league.section_of(unit), max(0, done[unit.pk].base_fen)
        sections[section] += base
        rows.append(TargetRow(Level.UNIT.value, path, section, unit.pk, base))
    if not rows:
        raise BadInput.of("progress.no_budget", "{year}年还没有下达的指标，不能分解支出进度任务。", year=year)
    named = [
        TargetRow(Level.SECTION.value, path, code, None, base)
        for code, base in sorted(sections.items())
        if code
    ]
    whole = TargetRow(Level.DISTRICT.value, path, "", None, sum(sections.values()))
    return [whole, *named, *rows]


def problems(rows: Sequence[TargetRow], names: Mapping[tuple[str, str], str]) -> list[str]:
    """This function will say everything that is wrong with a split. Pure."""
    found = []
    keys = [row.key for row in rows]
    for key in {key for key in keys if keys.count(key) > 1}:
        found.append(f"{_name(key, names)}出现两次。")
    whole = [row for row in rows if row.level == Level.DISTRICT]
    if len(whole) != 1:
        return [*found, "应有且只有一行全区任务。"]
    for row in rows:
        if what := _bad_path(row.months):
            found.append(f"{_name(row.key, names)}：{what}")
    units: dict[str, list[TargetRow]] = defaultdict(list)
    for row in rows:
        if row.level == Level.UNIT:
            units[row.section_code].append(row)
    sections = [row for row in rows if row.level == Level.SECTION]
    known = {row.section_code for row in sections}
    for code in sorted(set(units) - known - {""}):
        found.append(f"股室 {names.get((Level.SECTION.value, code), code)} 有单位任务而没有股室任务。")
    for row in sections:
        found += _uncarried(row, units.get(row.section_code, []), names)
    found += _uncarried(whole[0], [*sections, *units.get("", [])], names)
    return found


def _name(key: tuple[str, str], names: Mapping[tuple[str, str], str]) -> str:
    return names.get(key) or ("全区" if key[0] == Level.DISTRICT else key[1])


def _bad_path(months: Sequence[Decimal]) -> str:
    if len(months) != 12:
        return "应有十二个月的进度。"
    if any(not 0 <= month <= 100 for month in months):
        return "进度应在0到100之间。"
    drops = [number for number in range(1, 12) if months[number] < months[number - 1]]
    return f"{drops[0] + 1}月低于{drops[0]}月，累计进度只增不减。" if drops else ""


def _uncarried(row: TargetRow, parts: Sequence[TargetRow], names: Mapping[tuple[str, str], str]) -> list[str]:
    """Where the parts of a whole do not carry it: budgets that do not add up, months that fall short."""
    name = _name(row.key, names)
    if not parts:
        return [f"{name}没有分解到下一级。"]
    base = sum(part.base_fen for part in parts)
    if base != row.base_fen:
        return [f"{name}的预算数 {format_fen(row.base_fen)} 元，下级合计 {format_fen(base)} 元。"]
    if any(len(line.months) != 12 for line in (row, *parts)):
        return []
    found = []
    for month in range(12):
        carried = sum((part.months[month] * part.base_fen for part in parts), Decimal(0))
        if carried < (row.months[month] - CENT / 2) * base:
            reached = (carried / base).quantize(CENT) if base else 0
            found.append(f"{name}{month + 1}月任务 {row.months[month]}%，下级加权只有 {reached}%。")
    return found[:1]


def create_targets(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft versions. `row`: year, basis, and `lines` (TargetRow) or `months` (one path for all).

    Without lines a version begins with those of the version in force, or else with 时间进度 for everybody.

    :raises BadInput: the year is no year, or nobody has a budget.
    """
    made = []
    with transaction.atomic():
        for draft in drafts:
            year = _year(draft.row.get("year") or draft.fiscal_year)
            rows = draft.row.get("lines") or _first_lines(year, draft.row.get("months"))
            number = (Target.objects.filter(year=year).aggregate(last=Max("version_no"))["last"] or 0) + 1
            whole = next((row for row in rows if row.level == Level.DISTRICT), None)
            (doc_id,) = create_many(
                kind=KIND,
                drafts=[
                    replace(
                        draft, unit_id=bureau_id(actor), fiscal_year=year,
                        title=f"{year}年支出进度任务（第{number}版）",
                        amount_fen=whole.base_fen if whole else 0,
                        row={"year": year, "version_no": number, "basis": draft.row.get("basis") or ""},
                    )
                ],
                actor=actor,
                at=at,
            )  # fmt: skip
            insert_rows(TargetLine, [_values(doc_id, row) for row in rows])
            made.append(doc_id)
    return made


def _year(value: object) -> int:
    text = str(value).strip()
    if not (text.isdecimal() and 2000 <= int(text) <= 2100):
        raise BadInput.of("progress.year", "年度“{text}”应为四位数字，如 2023。", text=text)
    return int(text)


def _first_lines(year: int, months: Sequence[Decimal] | None) -> list[TargetRow]:
    held = Target.objects.filter(year=year, is_in_force=True).first()
    if held is not None and months is None:
        return rows_of(held.pk)
    return split(year=year, months=months or EVEN)


def bureau_id(actor: Actor) -> int:
    return (
        Unit.objects.filter(kind=Unit.Kind.BUREAU).order_by("code").values_list("id", flat=True).first()
        or actor.unit_id
        or 0
    )


def _values(target_id: int, row: TargetRow) -> dict[str, Any]:
    return {
        "target_id": target_id, "level": row.level, "section_code": row.section_code, "unit_id": row.unit_id,
        "base_fen": row.base_fen, **dict(zip(MONTH_FIELDS, row.months, strict=True)),
    }  # fmt: skip


def revise_target(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will change the basis; the year of a version stays. :raises BadInput: another year."""
    if "year" in values and _year(values["year"] or document.fiscal_year) != document.fiscal_year:
        raise BadInput("任务的年度不能改，请作废后另建。", code="progress.year_stays")
    return {key: value or "" for key, value in values.items() if key != "year"}


def rows_of(target_id: int) -> list[TargetRow]:
    """The lines of a version as rows: the district, the sections, the units by code."""
    order = {Level.DISTRICT.value: 0, Level.SECTION.value: 1, Level.UNIT.value: 2}
    lines = TargetLine.objects.filter(target_id=target_id).select_related("unit")
    listed = sorted(
        lines, key=lambda line: (order[line.level], line.unit.code if line.unit else line.section_code)
    )
    return [
        TargetRow(line.level, line.months, line.section_code, line.unit_id, line.base_fen) for line in listed
    ]


def names_of(rows: Sequence[TargetRow]) -> dict[tuple[str, str], str]:
    """The names of all that rows speak of; two queries."""
    units = Unit.objects.in_bulk([row.unit_id for row in rows if row.unit_id])
    sections = dict(Section.objects.values_list("code", "name"))
    return {
        row.key: str(units[row.unit_id])
        if row.unit_id
        else sections.get(row.section_code, row.section_code) or "全区"
        for row in rows
    }


def save_lines(
    *, document_id: int, rows: Sequence[TargetRow], version: int, actor: Actor, at: dt.datetime
) -> Document:
    """This function will put these lines in place of a draft's; the split is judged when it is submitted.

    :raises BadInput: a path falls or leaves 0 to 100. :raises NotEditable, ChangedMeanwhile: as any draft.
    """
    names = names_of(rows)
    for row in rows:
        if what := _bad_path(row.months):
            raise BadInput.of("progress.path", "{name}：{what}", name=_name(row.key, names), what=what)
    with transaction.atomic():
        document = update_draft(
            kind=KIND, id=document_id, values={}, version=version, actor=actor, at=at, by_module=True
        )
        TargetLine.objects.filter(target_id=document_id).delete()
        insert_rows(TargetLine, [_values(document_id, row) for row in rows])
    return document


def percent(text: object) -> Decimal:
    """A percentage as typed, two decimals. :raises BadInput: it is none."""
    try:
        value = Decimal(str(text).strip().rstrip("%"))
    except InvalidOperation:
        raise BadInput(f"“{text}”不是数字，请填百分数，如 8.33。", code="progress.percent") from None
    if not value.is_finite() or value != value.quantize(CENT):
        raise BadInput(f"“{text}”最多两位小数。", code="progress.percent")
    return value


def check_targets(call: StepCall) -> None:
    """送审: the split carries the whole."""
    for doc_id in list(call.ids):
        rows = rows_of(doc_id)
        if found := problems(rows, names_of(rows)):
            call.refuse(doc_id, BadTarget(count=len(found), shown="".join(found[:3])))


def bring_into_force(call: StepCall) -> None:
    """批准: the version takes the place of the one before it."""
    rows: dict[int, Target] = call.rows()
    for doc_id in sorted(rows, key=lambda pk: rows[pk].version_no):
        old = Target.objects.select_for_update().filter(year=rows[doc_id].year, is_in_force=True).first()
        if old is not None:
            Target.objects.filter(pk=old.pk).update(is_in_force=False)
            perform_many(kind=KIND, ids=[old.pk], step="replace", actor=system_actor(), at=call.at)
        Target.objects.filter(pk=doc_id).update(is_in_force=True)
