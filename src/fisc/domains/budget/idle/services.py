"""Use cases of idle funds (row 50, F16): find them, recognise them (认定), take them back (收回), arrange them anew.

盘活额 is counted once, when the money is recovered: what is then arranged anew (962) or moved to another budget as
调入资金 (963) comes out of what was recovered (961), never on top of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone

from fisc.base.errors import BadInput
from fisc.base.text import whole_number
from fisc.domains.budget import booking, places, postings
from fisc.domains.budget.idle.models import IdleLine
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.yearend.services import years_unused
from fisc.kernel import ledger
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import Line

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

IDLE = "budget.idle"
TWO_YEARS = 2
NEVER_IDLE_FUNDS = ("unit", "socialinsurance")
MONTHS_LOOKED_BACK = 60


@dataclass(frozen=True)
class IdleFound:
    """An allotment that lies idle, and how much of it could be taken back, in 分."""

    allotment_id: int
    title: str
    unit_id: int
    project_id: int
    fund: str
    why: str
    first_year: int
    still_months: int
    available_fen: int


def find_idle(*, on: dt.date, fiscal_year: int, months: int = 12) -> list[IdleFound]:
    """This function will list what lies idle on a day, largest first: money unused for two years, and money of
    projects that have paid nothing for `months` months. Bonds, 单位资金 and social insurance are left alone."""
    available = _available(fiscal_year)
    last_paid = _last_paid(on)
    found = []
    for row in _released(fiscal_year):
        if row.id not in available or row.flags & int(ledger.Flag.BOND):
            continue
        first_year = row.first_year or fiscal_year
        began = _period(row.carried_on or row.released_on)
        still = _months_between(max(last_paid.get(row.project_id, 0), began), _period(on))
        why = _why(years_unused(first_year, fiscal_year), still, months)
        if why:
            found.append(
                IdleFound(
                    row.id,
                    row.title,
                    row.unit_id,
                    row.project_id,
                    row.fund,
                    why,
                    first_year,
                    still,
                    available[row.id],
                )
            )
    return sorted(found, key=lambda item: (-item.available_fen, item.allotment_id))


class _Released(NamedTuple):
    """An allotment as the search needs it."""

    id: int
    title: str
    unit_id: int
    project_id: int
    fund: str
    flags: int
    first_year: int | None
    released_on: dt.date
    carried_on: dt.date | None


def _released(fiscal_year: int) -> list[_Released]:
    rows = (
        Allotment.objects.filter(document__fiscal_year=fiscal_year, document__state="released")
        .exclude(fund__in=NEVER_IDLE_FUNDS)
        .values_list(
            "document_id", "document__title", "document__unit_id", "project_id", "fund", "flags", "first_year",
            "document__business_on", "carried_from__business_on",
        )
    )  # fmt: skip
    return [_Released(*row) for row in rows]


def _why(years: int, still_months: int, months: int) -> str:
    if years >= TWO_YEARS:
        return IdleLine.Why.TWO_YEARS.value
    return IdleLine.Why.DORMANT.value if still_months >= months else ""


def _available(fiscal_year: int) -> dict[int, int]:
    """Allotment → what 635 can still give."""
    selection = ledger.Selection(
        book=postings.BOOK, subjects=(postings.EXECUTABLE,), fiscal_years=(fiscal_year,)
    )
    return {
        allotment_id: balance.available_fen
        for (allotment_id,), balance in ledger.balances(selection, group_by=("allotment_id",)).items()
        if allotment_id and balance.available_fen > 0
    }


def _last_paid(on: dt.date) -> dict[int, int]:
    """Project → the last period in which something was paid for it."""
    selection = ledger.Selection(book=postings.BOOK, subjects=(postings.SPENT,), side="debit")
    first = _period(on) - MONTHS_LOOKED_BACK // 12 * 100
    (paid,) = ledger.sums([(selection, first, _period(on))], group_by=("project_id", "period"))
    last: dict[int, int] = {}
    for (project_id, period), fen in paid.items():
        if fen > 0:
            last[project_id] = max(period, last.get(project_id, 0))
    return last


def _period(day: dt.date) -> int:
    return day.year * 100 + day.month


def _months_between(first: int, last: int) -> int:
    return max(0, (last // 100 - first // 100) * 12 + last % 100 - first % 100)


def create_idle(
    *,
    on: dt.date,
    fiscal_year: int,
    unit_id: int,
    actor: Actor,
    at: dt.datetime,
    months: int = 12,
    allotment_ids: Collection[int] | None = None,
    limit_fen: int | None = None,
    reference: str = "",
    reason: str = "",
) -> int | None:
    """This function will draft the recognition of what lies idle (all, or the named allotments, or the largest up to
    `limit_fen` 分, the last one in part); None: nothing does."""
    found = find_idle(on=on, fiscal_year=fiscal_year, months=months)
    if allotment_ids is not None:
        found = [item for item in found if item.allotment_id in set(allotment_ids)]
    found = up_to(found, limit_fen)
    if not found:
        return None
    draft = Draft(
        unit_id=unit_id, fiscal_year=fiscal_year, business_on=on, title=f"{fiscal_year}年存量资金认定（{len(found)} 条）",
        amount_fen=sum(item.available_fen for item in found),
        row={
            "months": months, "reference": reference,
            "reason": reason or f"截至{on:%Y-%m-%d}结转结余满两年或满{months}个月未支付",
        },
    )  # fmt: skip
    with transaction.atomic():
        (doc_id,) = create_many(kind=IDLE, drafts=[draft], actor=actor, at=at)
        insert_rows(
            IdleLine,
            [
                {
                    "idle_id": doc_id, "row_no": number, "allotment_id": item.allotment_id, "why": item.why,
                    "first_year": item.first_year, "still_months": item.still_months,
                    "amount_fen": item.available_fen,
                }
                for number, item in enumerate(found, 1)
            ],
        )  # fmt: skip
    return doc_id


def up_to(found: Sequence[IdleFound], limit_fen: int | None) -> list[IdleFound]:
    """The first of them that together make the limit, the last in part."""
    if limit_fen is None:
        return list(found)
    taken, left = [], limit_fen
    for item in found:
        if left <= 0:
            break
        taken.append(replace(item, available_fen=min(item.available_fen, left)))
        left -= taken[-1].available_fen
    return taken


def create_idles(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """The form's create: everything that lies idle in the draft's year. :raises BadInput: nothing does."""
    ids = []
    for draft in drafts:
        doc_id = create_idle(
            on=timezone.localdate(at), fiscal_year=draft.fiscal_year, unit_id=draft.unit_id, actor=actor, at=at,
            months=whole_number(draft.row.get("months") or 12, what="未支付月数", least=1, most=120), reference=str(draft.row.get("reference") or ""),
            reason=str(draft.row.get("reason") or ""),
        )  # fmt: skip
        if doc_id is None:
            raise BadInput.of("budget.no_idle", "没有满两年或长期未支付的指标。")
        ids.append(doc_id)
    return ids


def recognise(call: StepCall) -> None:
    """认定 takes effect: 950 → 951."""
    lines = {
        doc_id: [postings.recognise_idle(place, fen) for place, fen in moves]
        for doc_id, moves in _moves(call).items()
    }
    booking.post(call, f"{IDLE}.recognised", lines)


def recover(call: StepCall) -> None:
    """收回 takes effect: the allotments give the money back to its source, and the fund may arrange it anew."""
    lines: dict[int, list[Line]] = {}
    for doc_id, moves in _moves(call).items():
        lines[doc_id] = [
            line
            for place, fen in moves
            for line in (
                *postings.cut(place, fen),
                *postings.recover_idle(place, fen, usable_in=place.fiscal_year),
            )
        ]
    booking.post(call, f"{IDLE}.recovered", lines)


def _moves(call: StepCall) -> Mapping[int, list[tuple[postings.Place, int]]]:
    rows = IdleLine.objects.filter(idle_id__in=call.ids).order_by("idle_id", "row_no")
    found = places.allotment_places(row.allotment_id for row in rows)
    moves: dict[int, list[tuple[postings.Place, int]]] = {doc_id: [] for doc_id in call.ids}
    for row in rows:
        moves[row.idle_id].append((found[row.allotment_id][2], row.amount_fen))
    return moves
