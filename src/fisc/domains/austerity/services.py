"""Use cases of 三公 ceilings and of caps on general expenditure, set-based; a single unit is a batch of one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.austerity import postings, standing
from fisc.domains.austerity.items import (
    ABROAD,
    PURCHASE,
    PURCHASE_CAPITAL,
    RECEPTION,
    RUNNING,
    THREE_PUBLIC_CODES,
    THREE_PUBLIC_NAMES,
    TOTAL,
)
from fisc.domains.austerity.models import Cap, CapLine, CeilingChange, CeilingLine, ChangeLine
from fisc.kernel import ledger
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import Entry, Line
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

CEILING, CHANGE, CAP, RECEPTION_KIND = (
    "austerity.ceiling",
    "austerity.ceiling_change",
    "austerity.cap",
    "austerity.reception",
)
YEARS = range(2018, 2061)
SHOWN_PROBLEMS = 5


class BadCeiling(BadInput):
    """三公额度有 {count} 处问题：{shown}"""

    code = "austerity.bad_ceiling"


class HasCeiling(Refusal):
    """{unit} {year} 年的三公额度已经下达，请用三公额度调整办理。"""

    code = "austerity.has_ceiling"


class NoCeiling(Refusal):
    """{unit} {year} 年没有下达三公额度，请先下达再调整。"""

    code = "austerity.no_ceiling"


class CeilingInUse(Refusal):
    """{what}额度还可用 {available} 元，调减需要 {required} 元，还差 {shortfall} 元：已支付和在途的部分不能调减。"""

    code = "austerity.ceiling_in_use"


class EmptyDocument(Refusal):
    """单据没有明细，请先填写或导入明细。"""

    code = "austerity.no_lines"


class TooManyVehicles(Refusal):
    """{unit} 公务用车编制 {posts} 辆，实有 {vehicles} 辆，已超编 {over} 辆，不得安排公务用车购置。"""

    code = "austerity.too_many_vehicles"


@dataclass(frozen=True)
class CeilingRow:
    """The ceilings of one unit by item in 分; the total is their sum unless it is set lower."""

    unit_id: int
    abroad_fen: int = 0
    reception_fen: int = 0
    running_fen: int = 0
    purchase_fen: int = 0
    purchase_capital_fen: int = 0
    total_fen: int | None = None

    @property
    def items(self) -> dict[str, int]:
        """Economic item → 分, all five."""
        return {
            ABROAD: self.abroad_fen,
            RECEPTION: self.reception_fen,
            RUNNING: self.running_fen,
            PURCHASE: self.purchase_fen,
            PURCHASE_CAPITAL: self.purchase_capital_fen,
        }

    @property
    def whole_fen(self) -> int:
        """The unit's total."""
        return sum(self.items.values()) if self.total_fen is None else self.total_fen


@dataclass(frozen=True)
class ChangeRow:
    """One ceiling raised or lowered; without an item it is the unit's total."""

    unit_id: int
    economic_code: str
    amount_fen: int


@dataclass(frozen=True)
class CapRow:
    """The cap of one unit on general expenditure."""

    unit_id: int
    cap_fen: int
    base_fen: int = 0


def draft_ceilings(
    *, year: int, rows: Sequence[CeilingRow], actor: Actor, at: dt.datetime, note: str = ""
) -> int:
    """This function will draft the year's 三公 ceilings of units and return the document's id.

    :raises BadCeiling: naming the first problems.
    """
    draft = Draft(
        unit_id=0,
        fiscal_year=year,
        business_on=at.date(),
        title="",
        amount_fen=0,
        row={"year": year, "note": note},
    )
    return _make_ceiling(draft, rows, actor=actor, at=at)


def create_ceilings(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft ceilings: `row` year, note and `lines` (CeilingRow; without: last year's ceilings).

    :raises BadCeiling: naming the first problems.
    """
    with transaction.atomic():
        return [_make_ceiling(draft, _rows_or_last_year(draft), actor=actor, at=at) for draft in drafts]


def _rows_or_last_year(draft: Draft) -> list[CeilingRow]:
    given = draft.row.get("lines")
    if given is not None:
        return list(given)
    held = standing.ceilings(_year(draft) - 1)
    by_unit: dict[int, dict[str, int]] = defaultdict(dict)
    for (unit_id, code), position in held.items():
        by_unit[unit_id][code] = position.ceiling_fen
    return [row_of(unit_id, codes, codes.get(TOTAL)) for unit_id, codes in sorted(by_unit.items())]


def _make_ceiling(draft: Draft, rows: Sequence[CeilingRow], *, actor: Actor, at: dt.datetime) -> int:
    year = _year(draft)
    if problems := check_ceilings(rows):
        shown = "".join(f"第{index + 1}行 {text}" for index, _, text in problems[:SHOWN_PROBLEMS])
        raise BadCeiling(count=len(problems), shown=shown)
    complete = replace(
        draft,
        unit_id=bureau_unit_id(actor),
        fiscal_year=year,
        title=_title(draft, "三公额度", f"{year}年三公经费额度"),
        amount_fen=sum(row.whole_fen for row in rows),
        row={"year": year, "note": draft.row.get("note") or ""},
    )
    with transaction.atomic():
        (document_id,) = create_many(kind=CEILING, drafts=[complete], actor=actor, at=at)
        _write_ceilings(document_id, rows)
    return document_id


def _write_ceilings(document_id: int, rows: Sequence[CeilingRow]) -> None:
    lines = [
        {"unit_id": row.unit_id, "economic_code": code, "amount_fen": fen}
        for row in rows
        for code, fen in ((TOTAL, row.whole_fen), *row.items.items())
    ]
    numbered = [{"ceiling_id": document_id, "row_no": number, **line} for number, line in enumerate(lines, 1)]
    insert_rows(CeilingLine, numbered)


def save_ceilings(
    *, document_id: int, rows: Sequence[CeilingRow], version: int, actor: Actor, at: dt.datetime
) -> Document:
    """This function will put these ceilings in place of a draft's. `version` is the draft's when the person began.

    :raises BadCeiling: naming the first problems. :raises NotEditable, ChangedMeanwhile, StepNotPermitted: as any draft.
    """
    if problems := check_ceilings(rows):
        shown = "".join(f"第{index + 1}行 {text}" for index, _, text in problems[:SHOWN_PROBLEMS])
        raise BadCeiling(count=len(problems), shown=shown)
    with transaction.atomic():
        document = update_draft(
            kind=CEILING,
            id=document_id,
            values={"amount_fen": sum(row.whole_fen for row in rows)},
            version=version,
            actor=actor,
            at=at,
            by_module=True,
        )
        CeilingLine.objects.filter(ceiling_id=document_id).delete()
        _write_ceilings(document_id, rows)
    return document


def ceiling_rows(document_id: int) -> dict[int, CeilingRow]:
    """The ceilings of a document by unit."""
    by_unit: dict[int, dict[str, int]] = defaultdict(dict)
    lines = CeilingLine.objects.filter(ceiling_id=document_id)
    for unit_id, code, fen in lines.values_list("unit_id", "economic_code", "amount_fen"):
        by_unit[unit_id][code] = fen
    return {unit_id: row_of(unit_id, items, items.get(TOTAL)) for unit_id, items in by_unit.items()}


def row_of(unit_id: int, items: Mapping[str, int], total_fen: int | None) -> CeilingRow:
    """The row of a unit from its items by economic code."""
    return CeilingRow(
        unit_id,
        abroad_fen=items.get(ABROAD, 0),
        reception_fen=items.get(RECEPTION, 0),
        running_fen=items.get(RUNNING, 0),
        purchase_fen=items.get(PURCHASE, 0),
        purchase_capital_fen=items.get(PURCHASE_CAPITAL, 0),
        total_fen=total_fen,
    )


def check_ceilings(rows: Sequence[CeilingRow]) -> list[tuple[int, str, str]]:
    """This function will return every problem as (index, column, sentence)."""
    found: list[tuple[int, str, str]] = []
    seen: set[int] = set()
    known = set(Unit.objects.filter(pk__in={row.unit_id for row in rows}).values_list("pk", flat=True))
    for index, row in enumerate(rows):
        if row.unit_id not in known:
            found.append((index, "unit", "没有这个单位。"))
        if row.unit_id in seen:
            found.append((index, "unit", "单位重复。"))
        seen.add(row.unit_id)
        if min(row.items.values()) < 0 or row.whole_fen < 0:
            found.append((index, "total", "额度不能小于零。"))
        items = sum(row.items.values())
        if row.whole_fen > items:
            found.append(
                (index, "total", f"总额 {format_fen(row.whole_fen)} 元大于分项之和 {format_fen(items)} 元。")
            )
    return found


def _year(draft: Draft) -> int:
    text = str(draft.row.get("year") or draft.fiscal_year).strip()
    if not (text.isdecimal() and int(text) in YEARS):
        raise BadInput(f"年度“{text}”不是年份，请填四位数字，如 2023。", code="austerity.year")
    return int(text)


def _title(draft: Draft, kind_title: str, made: str) -> str:
    """What somebody typed; the form's own default (the kind's title) says less than what is made here."""
    return made if draft.title in ("", kind_title) else draft.title


def bureau_unit_id(actor: Actor) -> int:
    """The bureau: ceilings and caps are the district's own."""
    found = Unit.objects.filter(kind="bureau", is_active=True).order_by("code").values_list("pk", flat=True)
    return found.first() or actor.unit_id or 0


def check_lines(call: StepCall) -> None:
    """送审: a document without lines has nothing to be decided."""
    model = call.kind.line_model
    assert model is not None
    parent = call.kind.line_parent
    rows = model._default_manager.filter(**{f"{parent}__in": call.ids})
    filled = set(rows.values_list(parent, flat=True))
    for document_id in call.ids:
        if document_id not in filled:
            call.refuse(document_id, EmptyDocument())


def check_ceiling_lines(call: StepCall) -> None:
    """送审 of ceilings and their changes: lines, and no money for cars where a unit has more than its posts."""
    check_lines(call)
    model = call.kind.line_model
    assert model is not None
    parent = call.kind.line_parent
    buying = model._default_manager.filter(
        **{f"{parent}__in": call.ids}, economic_code__in=(PURCHASE, PURCHASE_CAPITAL), amount_fen__gt=0
    )
    wanted = list(buying.order_by(parent, "row_no").values_list(parent, "unit_id"))
    years = {document_id: row.year for document_id, row in call.rows().items()}
    over = {year: standing.vehicles_over(year) for year in {years[pk] for pk, _ in wanted if pk in years}}
    for document_id, unit_id in wanted:
        found = over.get(years.get(document_id, 0), {}).get(unit_id)
        if found is not None:
            call.refuse(
                document_id,
                TooManyVehicles(
                    unit=found.unit,
                    posts=found.posts,
                    vehicles=found.vehicles,
                    over=found.vehicles - found.posts,
                ),
            )


def give_ceilings(call: StepCall) -> None:
    """下达: 910 → 911 and 921; every item of a unit gets its account, so that an item of zero is a ceiling of zero."""
    lines: dict[int, list[CeilingLine]] = {document_id: [] for document_id in call.ids}
    for row in CeilingLine.objects.filter(ceiling_id__in=call.ids).order_by("ceiling_id", "row_no"):
        lines[row.ceiling_id].append(row)
    years = {document_id: row.year for document_id, row in call.rows().items()}
    given = {year: standing.units_with_ceiling(year) for year in set(years.values())}
    for document_id, rows in lines.items():
        year = years[document_id]
        units = {row.unit_id for row in rows}
        if twice := sorted(units & given[year]):
            call.refuse(document_id, HasCeiling(unit=_unit_name(twice[0]), year=year))
            continue
        given[year] |= units
        ledger.ensure_accounts(
            {
                postings.account(year=year, unit_id=row.unit_id, economic_code=row.economic_code)
                for row in rows
            }
        )
    _post(
        call,
        "austerity.ceiling.approved",
        {
            document_id: [
                postings.give(
                    year=years[document_id],
                    unit_id=row.unit_id,
                    economic_code=row.economic_code,
                    amount_fen=row.amount_fen,
                )
                for row in lines[document_id]
                if row.amount_fen > 0
            ]
            for document_id in call.ids
        },
    )


def draft_changes(
    *, year: int, rows: Sequence[ChangeRow], reason: str, actor: Actor, at: dt.datetime, title: str = ""
) -> int:
    """This function will draft a change of ceilings and return the document's id. Items and totals are moved as stated.

    :raises BadInput: no reason, no lines, an item that is not 三公, an amount of zero.
    """
    draft = Draft(
        unit_id=0,
        fiscal_year=year,
        business_on=at.date(),
        title=title,
        amount_fen=0,
        row={"year": year, "reason": reason, "lines": rows},
    )
    return create_changes(drafts=[draft], actor=actor, at=at)[0]


def create_changes(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft changes. `row`: year, reason, and `lines` (ChangeRow), or unit_id of the draft with
    economic_code and amount for one item, whose total is moved by the same sum.

    :raises BadInput: see `draft_changes`.
    """
    made = []
    with transaction.atomic():
        for draft in drafts:
            given = draft.row.get("lines")
            rows = list(given) if given is not None else _one_change(draft)
            _refuse_bad_changes(rows)
            year = _year(draft)
            reason = str(draft.row.get("reason") or "").strip()
            if not reason:
                raise BadInput("请填写调整理由。")
            complete = replace(
                draft,
                unit_id=bureau_unit_id(actor) if given is not None else rows[0].unit_id,
                fiscal_year=year,
                title=_title(draft, "三公额度调整", f"{year}年三公额度调整"),
                amount_fen=sum(row.amount_fen for row in rows if row.economic_code == TOTAL),
                row={"year": year, "reason": reason, **({} if given is not None else _typed(draft))},
            )
            (document_id,) = create_many(kind=CHANGE, drafts=[complete], actor=actor, at=at)
            _write_changes(document_id, rows)
            made.append(document_id)
    return made


def _write_changes(document_id: int, rows: Sequence[ChangeRow]) -> None:
    insert_rows(
        ChangeLine,
        [{"change_id": document_id, "row_no": number, **vars_of(row)} for number, row in enumerate(rows, 1)],
    )


def _typed(draft: Draft) -> dict[str, Any]:
    """What the form keeps of one unit's change."""
    return {
        "economic_code": str(draft.row.get("economic_code") or ""),
        "change_fen": int(draft.row.get("change_fen") or 0),
    }


def revise_change(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will complete a changed draft as a new one would be; lines of many units stay as they are.

    :raises BadInput: as when it was made.
    """
    held = CeilingChange.objects.get(pk=document.pk)
    kept = {key: values[key] or "" for key in ("reason",) if key in values}
    if not held.change_fen:
        return kept
    merged = {
        "economic_code": values.get("economic_code", held.economic_code),
        "change_fen": values.get("change_fen", held.change_fen),
    }
    draft = Draft(
        unit_id=values.get("unit_id") or document.unit_id,
        fiscal_year=held.year,
        business_on=document.business_on,
        title=document.title,
        amount_fen=0,
        row=merged,
    )
    rows = _one_change(draft)
    _refuse_bad_changes(rows)
    ChangeLine.objects.filter(change_id=document.pk).delete()
    _write_changes(document.pk, rows)
    return {**kept, **_typed(draft), "unit_id": draft.unit_id, "amount_fen": rows[-1].amount_fen}


def vars_of(row: ChangeRow) -> dict[str, Any]:
    """The columns of a change's line."""
    return {"unit_id": row.unit_id, "economic_code": row.economic_code, "amount_fen": row.amount_fen}


def _one_change(draft: Draft) -> list[ChangeRow]:
    """A change typed in the form: one unit, one item, one signed amount; the total moves along."""
    code = str(draft.row.get("economic_code") or "")
    amount = int(draft.row.get("change_fen") or 0)
    rows = [ChangeRow(draft.unit_id, code, amount)] if code else []
    return [*rows, ChangeRow(draft.unit_id, TOTAL, amount)]


def _refuse_bad_changes(rows: Sequence[ChangeRow]) -> None:
    if not rows:
        raise BadInput("三公额度调整没有明细。")
    for row in rows:
        if row.economic_code != TOTAL and row.economic_code not in THREE_PUBLIC_CODES:
            raise BadInput(f"{row.economic_code} 不是三公经费科目（{'、'.join(THREE_PUBLIC_CODES)}）。")
        if row.amount_fen == 0:
            raise BadInput("调整额不能为零。")
    if len({(row.unit_id, row.economic_code) for row in rows}) < len(rows):
        raise BadInput("同一单位同一项目出现两次。")


def apply_changes(call: StepCall) -> None:
    """调整生效: 910 → 911 or 921, or back; what is spent or held cannot be taken back."""
    lines: dict[int, list[ChangeLine]] = {document_id: [] for document_id in call.ids}
    for row in ChangeLine.objects.filter(change_id__in=call.ids).order_by("change_id", "row_no"):
        lines[row.change_id].append(row)
    years = {document_id: row.year for document_id, row in call.rows().items()}
    given = {year: standing.units_with_ceiling(year) for year in set(years.values())}
    entries: dict[int, list[Line]] = {}
    for document_id, rows in lines.items():
        year = years[document_id]
        if without := sorted({row.unit_id for row in rows} - given[year]):
            call.refuse(document_id, NoCeiling(unit=_unit_name(without[0]), year=year))
            continue
        entries[document_id] = [_moved(row, year) for row in rows]
    _post(call, "austerity.ceiling_change.approved", entries)


def _moved(row: ChangeLine, year: int) -> Line:
    move = postings.give if row.amount_fen > 0 else postings.take
    return move(
        year=year, unit_id=row.unit_id, economic_code=row.economic_code, amount_fen=abs(row.amount_fen)
    )


def _post(call: StepCall, kind: str, lines: Mapping[int, Sequence[Line]]) -> None:
    """Book one entry per document; a refused document leaves the call with the unit, the item and the numbers."""
    wanted = [document for document in call.documents if lines.get(document.pk)]
    outcome = ledger.post_many(
        entries=[
            Entry(
                kind=kind,
                document_id=document.pk,
                effective_on=timezone.localdate(call.at),
                lines=tuple(lines[document.pk]),
                memo=document.title,
            )
            for document in wanted
        ],
        actor_id=call.actor.user_id,
        at=call.at,
    )
    for refused in outcome.refusals:
        call.refuse(wanted[refused.index].pk, _explain(refused))


def _explain(refused: ledger.Refused) -> Refusal:
    if refused.code != "floor" or refused.account is None:
        return ledger.LedgerRefusal(refused)
    key = refused.account.key
    item = THREE_PUBLIC_NAMES.get(key.economic_code or "", "三公总额")
    return CeilingInUse(
        what=f"{_unit_name(key.unit_id or 0)}{key.fiscal_year}年{item}",
        available=format_fen(refused.available_fen or 0),
        required=format_fen(refused.required_fen or 0),
        shortfall=format_fen(refused.shortfall_fen or 0),
        available_fen=refused.available_fen,
        needed_fen=refused.required_fen,
        shortfall_fen=refused.shortfall_fen,
        ways=[Way("查看三公控制表", "page", {"path": f"/austerity/three-public/?year={key.fiscal_year}"})],
    )


def _unit_name(unit_id: int) -> str:
    return Unit.objects.filter(pk=unit_id).values_list("name", flat=True).first() or ""


def draft_caps(
    *,
    year: int,
    rate_percent: Decimal,
    actor: Actor,
    at: dt.datetime,
    basis: str,
    rows: Sequence[CapRow] | None = None,
) -> int:
    """This function will draft the year's caps: last year's initial general expenditure cut by a rate (to whole 分,
    rounded down), or the caps stated.

    :raises BadInput: the rate is not between 0 and 100, no basis, a cap below zero, a unit twice, nothing to cap.
    """
    draft = Draft(
        unit_id=0,
        fiscal_year=year,
        business_on=at.date(),
        title="",
        amount_fen=0,
        row={"year": year, "rate_percent": rate_percent, "basis": basis, "lines": rows},
    )
    return create_caps(drafts=[draft], actor=actor, at=at)[0]


def create_caps(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft caps. `row`: year, rate_percent, basis, and `lines` (CapRow) to state them."""
    made = []
    with transaction.atomic():
        for draft in drafts:
            year, rate = _year(draft), _rate(draft.row.get("rate_percent"))
            stated = draft.row.get("lines")
            rows = list(stated) if stated is not None else caps_from_last_year(year=year, rate_percent=rate)
            _refuse_bad_caps(rows, year)
            basis = str(draft.row.get("basis") or "").strip()
            if not basis:
                raise BadInput("请填写压减依据。")
            complete = replace(
                draft,
                unit_id=bureau_unit_id(actor),
                fiscal_year=year,
                title=_title(draft, "一般性支出限额", f"{year}年一般性支出限额"),
                amount_fen=sum(row.cap_fen for row in rows),
                row={"year": year, "rate_percent": rate, "basis": basis},
            )
            (document_id,) = create_many(kind=CAP, drafts=[complete], actor=actor, at=at)
            insert_rows(
                CapLine,
                [
                    {
                        "cap_id": document_id,
                        "row_no": number,
                        "unit_id": row.unit_id,
                        "base_fen": row.base_fen,
                        "cap_fen": row.cap_fen,
                    }
                    for number, row in enumerate(rows, 1)
                ],
            )
            made.append(document_id)
    return made


def _rate(value: Any) -> Decimal:
    try:
        rate = Decimal(str(value or 0).strip())
    except ArithmeticError as error:
        raise BadInput(f"压减比例“{value}”不是数字。") from error
    if not rate.is_finite() or not 0 <= rate <= 100:
        raise BadInput(f"压减比例“{value}”应在 0 到 100 之间。")
    return rate


def caps_from_last_year(*, year: int, rate_percent: Decimal) -> list[CapRow]:
    """Each unit's initial general expenditure of the year before, cut by the rate; rounded down to 分."""
    keep = (100 - Fraction(rate_percent)) / 100
    return [
        CapRow(unit_id, cap_fen=int(keep * found.initial_fen), base_fen=found.initial_fen)
        for unit_id, found in sorted(standing.general_by_unit(year - 1).items())
        if found.initial_fen > 0
    ]


def _refuse_bad_caps(rows: Sequence[CapRow], year: int) -> None:
    if not rows:
        raise BadInput(f"{year - 1} 年没有一般性支出年初预算，请逐单位填写限额。")
    if len({row.unit_id for row in rows}) < len(rows):
        raise BadInput("限额明细中同一单位出现两次。")
    if any(row.cap_fen < 0 for row in rows):
        raise BadInput("限额不能小于零。")


def bring_caps_into_force(call: StepCall) -> None:
    """批准: the caps take the place of the year's before them."""
    for document_id, cap in sorted(call.rows().items()):
        old = Cap.objects.select_for_update().filter(year=cap.year, is_in_force=True).first()
        if old:
            Cap.objects.filter(pk=old.pk).update(is_in_force=False)
            perform_many(kind=CAP, ids=[old.pk], step="replace", actor=call.actor, at=call.at)
        Cap.objects.filter(pk=document_id).update(is_in_force=True)


def create_receptions(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will register receptions. `row`: letter_no, letter_from, batches, guests, escorts, payment_id.

    :raises BadInput: no guests, an amount below zero.
    """
    complete = []
    for draft in drafts:
        numbers = {key: _count(draft.row.get(key), key) for key in ("batches", "guests", "escorts")}
        if numbers["guests"] < 1:
            raise BadInput("请填写来宾人数。")
        if draft.amount_fen < 0:
            raise BadInput("接待费用不能小于零。")
        payment = draft.row.get("payment_id") or draft.row.get("payment")
        complete.append(
            replace(
                draft,
                title=_title(draft, "公务接待登记", f"接待 {draft.row.get('letter_from') or '来宾'}"),
                row={
                    **numbers,
                    "batches": max(1, numbers["batches"]),
                    "letter_no": str(draft.row.get("letter_no") or "").strip(),
                    "letter_from": str(draft.row.get("letter_from") or "").strip(),
                    "payment_id": getattr(payment, "pk", payment) or None,
                },
            )
        )
    return create_many(kind=RECEPTION_KIND, drafts=complete, actor=actor, at=at)


def _count(value: Any, key: str) -> int:
    text = str(value if value is not None else 0).strip() or "0"
    if not (text.isascii() and text.isdigit()):
        words = {"batches": "批次", "guests": "来宾人数", "escorts": "陪餐人数"}
        raise BadInput(f"{words[key]}“{text}”应为整数。")
    return int(text)
