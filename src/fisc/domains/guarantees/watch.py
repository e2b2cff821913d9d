"""What this module refuses in steps of other modules: budgets that leave a 三保 gap, money taken out of 三保.

Guards read only. They name the item, its need, what is arranged and what is missing, and the lawful ways on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from fisc.base.errors import Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.guarantees import catalogue
from fisc.domains.guarantees import position as positions
from fisc.domains.guarantees.models import Need

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall

SHOWN_ITEMS = 5

ALLOTMENTS = """
SELECT DISTINCT place.allotment_id, place.fiscal_year, place.unit_id, unit.name,
    guarantees_item_of(place.fiscal_year, project.category, project.guarantee_item, place.economic_code,
        place.function_code, place.flags)
FROM v_ledger_turnover AS place
JOIN guarantees_projects() AS project ON project.project_id = place.project_id
JOIN orgs_unit AS unit ON unit.id = place.unit_id
WHERE place.book = 'allotment' AND place.allotment_id = ANY (%s::bigint[])
"""
UNIT_NEEDS = """
SELECT item, unit_id, sum(need_fen) FROM v_guarantees_need_line WHERE fiscal_year = %s GROUP BY item, unit_id
"""
UNIT_ARRANGED = """
SELECT item, unit_id, sum(arranged_fen) FROM v_guarantees_arranged WHERE fiscal_year = %s GROUP BY item, unit_id
"""


class ReplyLeavesGap(Refusal):
    """{year} 年“三保”有 {count} 项存在缺口，合计 {gap} 元，不得批复：{shown}"""

    code = "guarantees.reply_leaves_gap"


class TakenFromGuarantee(Refusal):
    """“{item}”{place}需求 {need} 元，现安排 {arranged} 元，本次减少 {amount} 元后为 {left} 元，缺口 {gap} 元；三保资金不得挪作他用。"""

    code = "guarantees.taken_from_guarantee"


def watch_reply(call: StepCall) -> None:
    """批复 is refused while any item of its year has a gap (三保 full first); surpluses elsewhere do not help."""
    for year in sorted({document.fiscal_year for document in call.documents}):
        if not Need.objects.filter(year=year, is_in_force=True).exists():
            continue
        found = positions.position(year=year, stage="reply")
        gaps = [row for row in found if row.gap_fen > 0]
        if gaps:
            refusal = gap_refusal(year, gaps)
            for document in call.documents:
                if document.fiscal_year == year:
                    call.refuse(document.pk, refusal)


def gap_refusal(year: int, gaps: list[positions.ItemPosition]) -> ReplyLeavesGap:
    """The refusal that names every gap (the first of them in the sentence) and where to go."""
    shown = "".join(
        f"{row.item} {row.name} 需求 {format_fen(row.need_fen or 0)} 元，安排 {format_fen(row.arranged_fen)} 元，"
        f"缺口 {format_fen(row.gap_fen)} 元；"
        for row in gaps[:SHOWN_ITEMS]
    ).rstrip("；")
    gap_fen = sum(row.gap_fen for row in gaps)
    more = f"；另有 {len(gaps) - SHOWN_ITEMS} 项" if len(gaps) > SHOWN_ITEMS else ""
    return ReplyLeavesGap(
        year=year,
        count=len(gaps),
        gap=format_fen(gap_fen),
        shown=f"{shown}{more}。",
        shortfall_fen=gap_fen,
        items=[(row.item, row.need_fen, row.arranged_fen, row.gap_fen) for row in gaps],
        ways=[
            Way("逐项查看三保缺口", "page", {"path": f"/guarantees/?year={year}&stage=reply"}),
            Way("核实三保需求测算", "list", {"kind": "guarantees.need", "query": {"year": year}}),
        ],
    )


@dataclass(frozen=True)
class Place:
    """Which item and unit an allotment feeds; no item: it is no 三保 money."""

    year: int
    unit_id: int
    unit: str
    item: str | None


def watch_virements(call: StepCall) -> None:
    """调剂 out of 三保 is refused where an item (or the item in one unit) has a gap or would fall below its need."""
    lines = _lines_of(call)
    wanted = {allotment for line in lines for allotment in (line.out_allotment_id, line.in_allotment_id)}
    parent = call.kind.line_parent

    def changes(places: Mapping[int, Place]) -> dict[int, dict[Place, int]]:
        found: dict[int, dict[Place, int]] = defaultdict(lambda: defaultdict(int))
        for line in lines:
            for allotment, amount in (
                (line.out_allotment_id, -line.amount_fen),
                (line.in_allotment_id, line.amount_fen),
            ):
                if allotment in places:
                    found[getattr(line, parent)][places[allotment]] += amount
        return found

    _watch(call, wanted, changes)


def watch_cuts(call: StepCall) -> None:
    """追减 of 三保 money is refused in the same way."""
    allotment_of = {doc_id: row.allotment_id for doc_id, row in call.rows().items()}

    def changes(places: Mapping[int, Place]) -> dict[int, dict[Place, int]]:
        return {
            document.pk: {places[allotment_of[document.pk]]: -document.amount_fen}
            for document in call.documents
            if allotment_of[document.pk] in places
        }

    _watch(call, allotment_of.values(), changes)


def _lines_of(call: StepCall) -> list[Any]:
    model = call.kind.line_model
    assert model is not None
    return list(model._default_manager.filter(**{f"{call.kind.line_parent}__in": call.ids}).order_by("pk"))


def _watch(
    call: StepCall,
    allotment_ids: Iterable[int],
    changes: Callable[[Mapping[int, Place]], Mapping[int, Mapping[Place, int]]],
) -> None:
    years = {document.fiscal_year for document in call.documents}
    if not Need.objects.filter(year__in=years, is_in_force=True).exists():
        return
    places = {pk: place for pk, place in places_of(allotment_ids).items() if place.item}
    books = {year: Standing.read(year) for year in sorted({place.year for place in places.values()})}
    wanted = changes(places)
    for document in call.documents:
        moved = wanted.get(document.pk, {})
        refusal = _first_refusal(moved, books)
        if refusal is not None:
            call.refuse(document.pk, refusal)
            continue
        for place, amount in moved.items():
            books[place.year].move(place, amount)


def places_of(allotment_ids: Iterable[int]) -> dict[int, Place]:
    """The places of allotments, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(ALLOTMENTS, [sorted(set(allotment_ids))])
        return {row[0]: Place(*row[1:]) for row in cursor.fetchall()}


@dataclass
class Standing:
    """Need and arrangement of a year, by item and by item and unit; follows what the documents of a call change."""

    names: Mapping[str, str]
    needs: Mapping[tuple[str, int | None], int]
    arranged: dict[tuple[str, int | None], int]

    @classmethod
    def read(cls, year: int) -> Standing:
        """This will read a year's; everything is 0 where nothing is known."""
        needs, arranged = _by_place(UNIT_NEEDS, year), _by_place(UNIT_ARRANGED, year)
        if not Need.objects.filter(year=year, is_in_force=True).exists():
            needs = {}
        names = {row.code: row.name for row in catalogue.items_of(year)}
        return cls(names=names, needs=needs, arranged=arranged)

    def move(self, place: Place, amount_fen: int) -> None:
        """What a document changes counts for the next one."""
        for key in _keys(place):
            self.arranged[key] = self.arranged.get(key, 0) + amount_fen


def _by_place(sql: str, year: int) -> dict[tuple[str, int | None], int]:
    found: dict[tuple[str, int | None], int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(sql, [year])
        for item, unit_id, fen in cursor.fetchall():
            found[item, unit_id] += int(fen)
            found[item, None] += int(fen)
    return dict(found)


def _keys(place: Place) -> tuple[tuple[str, int | None], ...]:
    assert place.item
    return ((place.item, None), (place.item, place.unit_id))


def _first_refusal(moved: Mapping[Place, int], books: Mapping[int, Standing]) -> TakenFromGuarantee | None:
    """The first place that would fall below its need: the whole item is looked at before its units."""
    net: dict[tuple[int, str, int | None], int] = defaultdict(int)
    names: dict[int, str] = {}
    for place, amount in moved.items():
        names[place.unit_id] = place.unit
        for item, unit_id in _keys(place):
            net[place.year, item, unit_id] += amount
    ordered = sorted(net.items(), key=lambda entry: (entry[0][2] is not None, entry[0][1], entry[0][2] or 0))
    for (year, item, unit_id), change in ordered:
        need = books[year].needs.get((item, unit_id), 0)
        arranged = books[year].arranged.get((item, unit_id), 0)
        if change < 0 and arranged + change < need:
            label = f"{item} {books[year].names.get(item, '')}".strip()
            return _taken(label, names.get(unit_id or 0, ""), need, arranged, -change, year)
    return None


def _taken(label: str, unit: str, need: int, arranged: int, amount: int, year: int) -> TakenFromGuarantee:
    left = arranged - amount
    return TakenFromGuarantee(
        item=label,
        place=f"（{unit}）" if unit else "",
        need=format_fen(need),
        arranged=format_fen(arranged),
        amount=format_fen(amount),
        left=format_fen(left),
        gap=format_fen(need - left),
        needed_fen=need,
        available_fen=max(0, arranged - need),
        amount_fen=amount,
        shortfall_fen=need - left,
        ways=[
            Way("逐项查看三保", "page", {"path": f"/guarantees/?year={year}"}),
            Way("核实三保需求测算", "list", {"kind": "guarantees.need", "query": {"year": year}}),
        ],
    )


GUARDS: Mapping[str, Callable[[StepCall], None]] = {
    "preparation.reply.issue": watch_reply,
    "budget.virement.submit": watch_virements,
    "budget.virement.approve": watch_virements,
    "budget.cut.submit": watch_cuts,
    "budget.cut.approve": watch_cuts,
}
