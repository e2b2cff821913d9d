"""What this module refuses in steps of other modules: 三公 over its ceilings, general expenditure over its cap,
supplements without a source and an offset. Guards read only and name the numbers.

Order when several apply: the unit's 三公 item, its 三公 total, its cap; for supplements the source comes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection

from fisc.base.errors import Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.austerity import standing
from fisc.domains.austerity.general_set import items_of
from fisc.domains.austerity.items import THREE_PUBLIC_CODES, THREE_PUBLIC_NAMES, TOTAL
from fisc.domains.austerity.standing import Place

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall

FROM_ABOVE = ("上级", "转移支付", "债券", "转贷")
"""Words in a supplement's source that say it is earmarked money from above: it needs no offset."""
SECOND = "second"

ALLOTMENTS = """
SELECT DISTINCT allotment_id, fiscal_year, unit_id, economic_code
FROM v_ledger_turnover
WHERE book = 'allotment' AND allotment_id = ANY (%s::bigint[]) AND economic_code IS NOT NULL
"""
PREPARED = """
SELECT line.unit_id, unit.name, line.economic_code, sum({amount})
FROM v_preparation_line AS line
JOIN orgs_unit AS unit ON unit.id = line.unit_id
WHERE line.fiscal_year = %s AND (%s::integer[] IS NULL OR line.unit_id = ANY (%s::integer[]))
GROUP BY line.unit_id, unit.name, line.economic_code
HAVING sum({amount}) <> 0
ORDER BY unit.name, line.economic_code
"""
AMOUNTS = {
    "first": "line.first_fen",
    SECOND: "line.second_fen",
    "reply": "coalesce(line.reply_fen, line.second_fen)",
}


class OverCeiling(Refusal):
    """{unit}{year}年{item}额度 {ceiling} 元，本次后为 {amount} 元，超出 {over} 元；该单位三公总额 {total} 元，本次后合计 {whole} 元。"""

    code = "austerity.over_ceiling"


class OverCap(Refusal):
    """{unit}{year}年一般性支出限额 {cap} 元，本次后为 {amount} 元，超出 {over} 元；请压减后再办。"""

    code = "austerity.over_cap"


class NoSource(Refusal):
    """追加须写明资金来源（过“紧日子”要求）。"""

    code = "austerity.no_source"


class NoOffset(Refusal):
    """追加 {amount} 元（来源：{funding}）没有写明平衡措施（抵减来源），也没有领导批示或会议纪要文号，不得送审。"""

    code = "austerity.no_offset"


@dataclass
class Limits:
    """The ceilings and caps of one year, and how full they are; follows what the documents of a call change."""

    year: int
    ceilings: Mapping[Place, standing.CeilingPosition]
    caps: Mapping[int, int]
    prefixes: tuple[str, ...]
    amounts: dict[Place, int] = field(default_factory=dict)
    general: dict[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, year: int) -> Limits:
        """The limits of a year, without amounts."""
        return cls(
            year=year,
            ceilings=standing.ceilings(year),
            caps=standing.caps(year),
            prefixes=tuple(item.economic_prefix for item in items_of(year)),
        )

    def with_budget(self) -> Limits:
        """The same, filled with what is approved now (627 and below)."""
        if self.ceilings:
            held = standing.three_public(self.year)
            self.amounts = {place: spending.approved_fen for place, spending in held.items()}
        if self.caps:
            found = standing.general_by_unit(self.year)
            self.general = {unit_id: spending.approved_fen for unit_id, spending in found.items()}
        return self

    @property
    def are_none(self) -> bool:
        """Whether there is nothing to be held against."""
        return not self.ceilings and not self.caps

    def counts(self, economic_code: str) -> bool:
        """Whether an item is under a ceiling or a cap at all."""
        return bool(self.ceilings and three_public_item(economic_code)) or bool(
            self.caps and economic_code.startswith(self.prefixes or ("-",))
        )

    def add(self, unit_id: int, economic_code: str, amount_fen: int) -> None:
        """Count an amount in a unit's item, total and general expenditure."""
        if item := three_public_item(economic_code):
            for place in ((unit_id, item), (unit_id, TOTAL)):
                self.amounts[place] = self.amounts.get(place, 0) + amount_fen
        if economic_code.startswith(self.prefixes or ("-",)):
            self.general[unit_id] = self.general.get(unit_id, 0) + amount_fen

    def refusal(self, unit_id: int, unit: str, economic_codes: Iterable[str]) -> Refusal | None:
        """The first limit of the unit that these items are over; items first, then the total, then the cap."""
        codes = list(economic_codes)
        items = sorted({item for code in codes if (item := three_public_item(code))})
        for item in [*items, *([TOTAL] if items else [])]:
            held = self.ceilings.get((unit_id, item))
            amount = self.amounts.get((unit_id, item), 0)
            if held is not None and amount > held.ceiling_fen:
                return self._over_ceiling(unit_id, unit, item, held.ceiling_fen, amount)
        cap = self.caps.get(unit_id)
        amount = self.general.get(unit_id, 0)
        if (
            cap is not None
            and amount > cap
            and any(code.startswith(self.prefixes or ("-",)) for code in codes)
        ):
            return OverCap(
                unit=unit,
                year=self.year,
                cap=format_fen(cap),
                amount=format_fen(amount),
                over=format_fen(amount - cap),
                limit_fen=cap,
                needed_fen=amount,
                shortfall_fen=amount - cap,
                ways=[Way("查看一般性支出", "page", {"path": f"/austerity/general/?year={self.year}"})],
            )
        return None

    def _over_ceiling(self, unit_id: int, unit: str, item: str, ceiling: int, amount: int) -> OverCeiling:
        whole = self.ceilings.get((unit_id, TOTAL))
        return OverCeiling(
            unit=unit,
            year=self.year,
            item=THREE_PUBLIC_NAMES.get(item, "三公总额"),
            ceiling=format_fen(ceiling),
            amount=format_fen(amount),
            over=format_fen(amount - ceiling),
            total=format_fen(whole.ceiling_fen) if whole else "未定",
            whole=format_fen(self.amounts.get((unit_id, TOTAL), 0)),
            limit_fen=ceiling,
            needed_fen=amount,
            shortfall_fen=amount - ceiling,
            ways=[
                Way("查看三公控制表", "page", {"path": f"/austerity/three-public/?year={self.year}"}),
                Way("申请调整三公额度", "new_document", {"kind": "austerity.ceiling_change"}),
            ],
        )


def three_public_item(economic_code: str) -> str | None:
    """The 三公 item an economic item belongs to."""
    return next((item for item in THREE_PUBLIC_CODES if economic_code.startswith(item)), None)


def watch_requests(call: StepCall) -> None:
    """申报: a unit's 三公 lines stay within its ceilings at both stages, its general expenditure within its cap at 二上."""
    rows = call.rows()
    for document in call.documents:
        stage = SECOND if str(getattr(rows[document.pk], "stage", SECOND)) == SECOND else "first"
        found = _over_in_budget(document.fiscal_year, stage, [document.unit_id])
        if found:
            call.refuse(document.pk, found[0])


def watch_replies(call: StepCall) -> None:
    """批复: no unit's 三公 over its ceilings, no unit over its cap; the first of them is named."""
    for document in call.documents:
        found = _over_in_budget(document.fiscal_year, "reply", None)
        if found:
            call.refuse(document.pk, found[0])


def _over_in_budget(year: int, stage: str, unit_ids: list[int] | None) -> list[Refusal]:
    limits = Limits.read(year)
    if limits.are_none or not standing.view_exists("v_preparation_line"):
        return []
    if stage == "first":
        limits.caps = {}
    codes: dict[tuple[int, str], list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PREPARED.format(amount=AMOUNTS[stage]), [year, unit_ids, unit_ids])
        for unit_id, unit, economic_code, amount in cursor.fetchall():
            limits.add(unit_id, economic_code, int(amount))
            codes[unit_id, unit].append(economic_code)
    return [
        refusal
        for (unit_id, unit), used in codes.items()
        if (refusal := limits.refusal(unit_id, unit, used)) is not None
    ]


def watch_supplements(call: StepCall) -> None:
    """追加: a source; an offset or a leader's note unless the money comes from above; then ceilings and caps."""
    rows = call.rows()
    for document in call.documents:
        refusal = offset_refusal(rows[document.pk], document.amount_fen)
        if refusal is not None:
            call.refuse(document.pk, refusal)
    watch_supplement_limits(call)


def offset_refusal(row: Any, amount_fen: int) -> Refusal | None:
    """Why a supplement may not go on as it is written; None: it may."""
    funding = (getattr(row, "funding", "") or "").strip()
    if not funding:
        return NoSource()
    from_above = getattr(row, "source_kind", "") == "upper" or any(word in funding for word in FROM_ABOVE)
    noted = (getattr(row, "offset_note", "") or "").strip() or (getattr(row, "reference", "") or "").strip()
    if from_above or noted:
        return None
    return NoOffset(amount=format_fen(amount_fen), funding=funding, amount_fen=amount_fen)


def watch_supplement_limits(call: StepCall) -> None:
    """追加: the unit's 三公 and general expenditure stay within their limits."""
    rows = call.rows()
    changes = {
        document.pk: [(rows[document.pk].allotment_id, document.amount_fen)] for document in call.documents
    }
    _watch_changes(call, changes)


def watch_virements(call: StepCall) -> None:
    """调剂: nor may money be moved into a unit's 三公 or general expenditure beyond their limits."""
    model = call.kind.line_model
    assert model is not None
    parent = call.kind.line_parent
    changes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for line in model._default_manager.filter(**{f"{parent}__in": call.ids}).order_by("pk"):
        changes[getattr(line, parent)] += [
            (line.out_allotment_id, -line.amount_fen),
            (line.in_allotment_id, line.amount_fen),
        ]
    _watch_changes(call, changes)


def _watch_changes(call: StepCall, changes: Mapping[int, list[tuple[int, int]]]) -> None:
    years = {document.fiscal_year for document in call.documents}
    limits = {year: found for year in years if not (found := Limits.read(year)).are_none}
    if not limits:
        return
    places = {
        allotment: place
        for allotment, place in _places({pk for moves in changes.values() for pk, _ in moves}).items()
        if place[0] in limits and limits[place[0]].counts(place[2])
    }
    if not places:  # neither 三公 nor general expenditure: nothing to add up
        return
    names = _unit_names({unit_id for _, unit_id, _ in places.values()})
    for found in limits.values():
        found.with_budget()
    for document in call.documents:
        moves = [
            (*places[allotment], amount)
            for allotment, amount in changes.get(document.pk, ())
            if allotment in places
        ]
        refusal = _try(moves, limits, names)
        if refusal is not None:
            call.refuse(document.pk, refusal)


def _try(
    moves: list[tuple[int, int, str, int]], limits: Mapping[int, Limits], names: Mapping[int, str]
) -> Refusal | None:
    """Count the moves; when one goes over, take them all back and say why."""
    for year, unit_id, code, amount in moves:
        limits[year].add(unit_id, code, amount)
    for year, unit_id, code, amount in moves:
        if amount > 0:
            refusal = limits[year].refusal(unit_id, names.get(unit_id, ""), [code])
            if refusal is not None:
                for back_year, back_unit, back_code, back_amount in moves:
                    limits[back_year].add(back_unit, back_code, -back_amount)
                return refusal
    return None


def _places(allotment_ids: set[int]) -> dict[int, tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(ALLOTMENTS, [sorted(allotment_ids)])
        return {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}


def _unit_names(unit_ids: set[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM orgs_unit WHERE id = ANY (%s)", [sorted(unit_ids)])
        return dict(cursor.fetchall())


GUARDS: Mapping[str, Callable[[StepCall], None]] = {
    "preparation.request.submit": watch_requests,
    "preparation.reply.issue": watch_replies,
    "budget.supplement.submit": watch_supplements,
    "budget.supplement.approve": watch_supplement_limits,
    "budget.virement.submit": watch_virements,
    "budget.virement.approve": watch_virements,
}
