"""Use cases of the need: drafting from standards and own lines, bringing into force. Set-based.

Reading need against arrangement stands in position.py, what this module refuses elsewhere in watch.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max

from fisc.base.errors import BadInput, Refusal
from fisc.base.money import Rounding, round_fraction
from fisc.domains.guarantees import catalogue
from fisc.domains.guarantees.models import Need, NeedLine
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

KIND, TITLE = "guarantees.need", "三保需求测算"
YEARS = range(2018, 2061)
SHOWN_PROBLEMS = 5

FROM_STANDARDS = """
SELECT unit_id, guarantee_item, standard_code, sum(quantity), max(standard_fen), sum(amount_fen)
FROM v_standards_need
WHERE fiscal_year = %s AND coalesce(guarantee_item, '') <> ''
GROUP BY unit_id, guarantee_item, standard_code
HAVING sum(amount_fen) > 0
ORDER BY guarantee_item, unit_id, standard_code
"""


class BadNeed(BadInput):
    """三保需求有 {count} 处问题：{shown}"""

    code = "guarantees.bad_need"


class EmptyNeed(Refusal):
    """{year} 年的三保需求没有明细，请先按支出标准测算或导入。"""

    code = "guarantees.empty_need"


class ItemsWithoutNeed(Refusal):
    """{year} 年的需求明细不合清单：{shown}。清单已经换版的，请重新测算。"""

    code = "guarantees.need_not_of_list"


@dataclass(frozen=True)
class NeedRow:
    """The need of one item in one unit; without `need_fen` it is quantity × standard, rounded half up to 分."""

    item: str
    unit_id: int
    quantity: Decimal = Decimal(0)
    standard_fen: int = 0
    need_fen: int | None = None
    standard_code: str = ""
    source: str = "own"
    note: str = ""

    @property
    def amount_fen(self) -> int:
        """The need in 分."""
        if self.need_fen is not None:
            return self.need_fen
        return round_fraction(Fraction(self.quantity) * self.standard_fen, Rounding.HALF_UP)


def rows_from_standards(year: int) -> list[NeedRow]:
    """The need that basic data × standards give (published view v_standards_need), by item, unit and standard."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('v_standards_need') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(FROM_STANDARDS, [year])
        return [
            NeedRow(
                item=item,
                unit_id=unit_id,
                quantity=Decimal(quantity or 0),
                standard_fen=int(standard_fen or 0),
                need_fen=int(amount_fen),
                standard_code=standard_code or "",
                source="standards",
            )
            for unit_id, item, standard_code, quantity, standard_fen, amount_fen in cursor.fetchall()
        ]


def draft_need(
    *,
    year: int,
    actor: Actor,
    at: dt.datetime,
    own: Sequence[NeedRow] = (),
    from_standards: bool = True,
    compiled: str = "",
    city_review: str = "",
    province_check: str = "",
) -> int:
    """This function will draft a year's need from the standards and own lines (人数 × 标准) and return its id.

    :raises BadNeed: naming the first problems.
    """
    rows = [*(rows_from_standards(year) if from_standards else ()), *own]
    notes = {"compiled": compiled, "city_review": city_review, "province_check": province_check}
    draft = Draft(
        unit_id=0,
        fiscal_year=year,
        business_on=at.date(),
        title="",
        amount_fen=0,
        row={"year": year, **notes},
    )
    return _make(draft, rows, actor=actor, at=at)


def create_needs(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft needs: `row` year, notes, and `lines` (NeedRow) or else what the standards give.

    :raises BadInput: the year is not a year. :raises BadNeed: naming the first problems.
    """
    made = []
    with transaction.atomic():
        for draft in drafts:
            year = _year_of(draft)
            lines = draft.row.get("lines")
            rows = list(lines) if lines is not None else rows_from_standards(year)
            made.append(_make(draft, rows, actor=actor, at=at))
    return made


def _year_of(draft: Draft) -> int:
    text = str(draft.row.get("year") or draft.fiscal_year).strip()
    if not (text.isdecimal() and int(text) in YEARS):
        raise BadInput(f"测算年度“{text}”不是年份，请填四位数字，如 2023。", code="guarantees.need_year")
    return int(text)


def _make(draft: Draft, rows: Sequence[NeedRow], *, actor: Actor, at: dt.datetime) -> int:
    year = _year_of(draft)
    _refuse_bad(rows, year)
    number = (Need.objects.filter(year=year).aggregate(last=Max("version_no"))["last"] or 0) + 1
    notes = {key: draft.row.get(key) or "" for key in ("compiled", "city_review", "province_check")}
    complete = replace(
        draft,
        unit_id=bureau_unit_id(actor),
        fiscal_year=year,
        title=f"{year}年三保需求测算（第{number}版）" if draft.title in ("", TITLE) else draft.title,
        amount_fen=sum(row.amount_fen for row in rows),
        row={"year": year, "version_no": number, **notes},
    )
    with transaction.atomic():
        (document_id,) = create_many(kind=KIND, drafts=[complete], actor=actor, at=at)
        insert_rows(NeedLine, _line_values(document_id, rows))
    return document_id


def bureau_unit_id(actor: Actor) -> int:
    """The bureau: needs and lists are the district's own."""
    found = Unit.objects.filter(kind="bureau", is_active=True).order_by("code").values_list("pk", flat=True)
    return found.first() or actor.unit_id or 0


def _line_values(document_id: int, rows: Sequence[NeedRow]) -> list[dict[str, Any]]:
    return [
        {
            "need_id": document_id,
            "row_no": number,
            "unit_id": row.unit_id,
            "item": row.item,
            "source": row.source,
            "standard_code": row.standard_code,
            "quantity": row.quantity,
            "standard_fen": row.standard_fen,
            "need_fen": row.amount_fen,
            "note": row.note,
        }
        for number, row in enumerate(rows, 1)
    ]


def check_rows(rows: Sequence[NeedRow], *, year: int) -> list[tuple[int, str, str]]:
    """This function will return every problem as (index, column, sentence): unknown items, units, amounts, doubles."""
    items = {item.code for item in catalogue.items_of(year)}
    units = set(Unit.objects.filter(pk__in={row.unit_id for row in rows}).values_list("pk", flat=True))
    seen: dict[tuple[str, int, str], int] = {}
    found: list[tuple[int, str, str]] = []
    for index, row in enumerate(rows):
        if row.item not in items:
            found.append((index, "item", f"{year} 年的三保清单中没有“{row.item}”。"))
        if row.unit_id not in units:
            found.append((index, "unit", "没有这个单位。"))
        if row.amount_fen <= 0:
            found.append((index, "need", f"{row.item} 的需求应大于零。"))
        key = (row.item, row.unit_id, row.standard_code)
        if key in seen:
            found.append((index, "item", f"与第{seen[key] + 1}行的项目、单位、标准相同。"))
        seen.setdefault(key, index)
    return found


def _refuse_bad(rows: Sequence[NeedRow], year: int) -> None:
    if problems := check_rows(rows, year=year):
        shown = "".join(f"第{index + 1}行 {text}" for index, _, text in problems[:SHOWN_PROBLEMS])
        raise BadNeed(count=len(problems), shown=shown)


def save_lines(
    *, document_id: int, rows: Sequence[NeedRow], version: int, actor: Actor, at: dt.datetime
) -> Document:
    """This function will put these lines in place of a draft's. `version` is the draft's when the person began.

    :raises BadNeed: naming the first problems. :raises NotEditable, ChangedMeanwhile, StepNotPermitted: as any draft.
    """
    year = Need.objects.values_list("year", flat=True).get(pk=document_id)
    _refuse_bad(rows, year)
    with transaction.atomic():
        document = update_draft(
            kind=KIND,
            id=document_id,
            values={"amount_fen": sum(row.amount_fen for row in rows)},
            version=version,
            actor=actor,
            at=at,
            by_module=True,
        )
        NeedLine.objects.filter(need_id=document_id).delete()
        insert_rows(NeedLine, _line_values(document_id, rows))
    return document


def rows_of(document_id: int) -> list[NeedRow]:
    """The lines of a need as rows, in their order."""
    return [
        NeedRow(
            item=line.item,
            unit_id=line.unit_id,
            quantity=line.quantity,
            standard_fen=line.standard_fen,
            need_fen=line.need_fen,
            standard_code=line.standard_code,
            source=line.source,
            note=line.note,
        )
        for line in NeedLine.objects.filter(need_id=document_id).order_by("row_no")
    ]


def check_needs(call: StepCall) -> None:
    """送审: a need without lines has nothing to be decided."""
    filled = set(NeedLine.objects.filter(need_id__in=call.ids).values_list("need_id", flat=True))
    for document_id, need in call.rows().items():
        if document_id not in filled:
            call.refuse(document_id, EmptyNeed(year=need.year))


def bring_into_force(call: StepCall) -> None:
    """批准: frozen from now on; it takes the place of the year's need before it."""
    needs: Mapping[int, Need] = call.rows()
    for document_id in sorted(needs, key=lambda pk: needs[pk].version_no):
        need = needs[document_id]
        if refusal := _not_of_list(need):
            call.refuse(document_id, refusal)
            continue
        old = Need.objects.select_for_update().filter(year=need.year, is_in_force=True).first()
        if old:
            Need.objects.filter(pk=old.pk).update(is_in_force=False)
            perform_many(kind=KIND, ids=[old.pk], step="replace", actor=call.actor, at=call.at)
        Need.objects.filter(pk=document_id).update(is_in_force=True)


def _not_of_list(need: Need) -> Refusal | None:
    used = set(NeedLine.objects.filter(need=need).values_list("item", flat=True))
    missing = sorted(used - {item.code for item in catalogue.items_of(need.year)})
    if not missing:
        return None
    return ItemsWithoutNeed(year=need.year, shown=f"清单中没有 {'、'.join(missing)}")
