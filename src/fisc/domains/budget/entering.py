"""Allotments that another approved document brings in at once: carried over by a year end, advanced by an advance.

They take the step `enter`, which has no button: it is done for a document whose own approval has just been given,
and refuses every other (a draft made by hand takes its chain).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fisc.base.errors import Refusal
from fisc.domains.budget import booking, places, postings
from fisc.domains.budget.advances.models import Advance
from fisc.domains.budget.postings import Place
from fisc.domains.budget.yearend.models import YearEndLine
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.ledger.keys import Line
from fisc.kernel.orgs.access import system_actor

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall

ENTER = "enter"


class NotEntitled(Refusal):
    """这条指标没有已批准的年终结转或预拨单据，请走指标下达流程。"""

    code = "budget.not_entitled"


def enter(*, ids: Sequence[int], at: dt.datetime, year: int) -> None:
    """This function will release allotments that an approved document has made, all or none.

    :raises Refusal: the first that is refused.
    """
    result = perform_many(
        kind=places.ALLOTMENT_KIND, ids=ids, step=ENTER, actor=system_actor(), at=at, data={"year": year}
    )
    if result.refused:
        raise next(iter(result.refused.values()))


def apply_enter(call: StepCall) -> None:
    """The allotments become executable: from 601 for carried money, from 604 or 605 for an advance."""
    carried = _carried(call.ids)
    advanced = _advanced(call.ids)
    rows = call.rows()
    lines: dict[int, Sequence[Line]] = {}
    for document in call.documents:
        place = places.place_of(
            rows[document.pk], fiscal_year=document.fiscal_year, unit_id=document.unit_id, allotment_id=document.pk
        )  # fmt: skip
        if carried.get(document.pk) == document.amount_fen:
            lines[document.pk] = postings.supplement(place, document.amount_fen)
        elif document.pk in advanced:
            lines[document.pk] = postings.advance(place, advanced[document.pk], document.amount_fen)
        else:
            call.refuse(document.pk, NotEntitled())
    booking.post(call, "budget.allotment.entered", lines, fiscal_year=call.data["year"])


def _carried(ids: Sequence[int]) -> Mapping[int, int]:
    """Allotment → what its effective year end carries into it."""
    rows = YearEndLine.objects.filter(carried_id__in=ids, year_end__is_effective=True)
    return dict(rows.values_list("carried_id", "left_fen"))


def _advanced(ids: Sequence[int]) -> Mapping[int, str]:
    """Allotment → the source its advance draws on."""
    rows = Advance.objects.filter(allotment_id__in=ids).values_list("allotment_id", "type")
    return {allotment_id: source_of(type_) for allotment_id, type_ in rows}


def source_of(advance_type: str) -> str:
    """604 预拨资金来源, or 605 垫付暂付资金来源."""
    is_temporary = advance_type == Advance.Type.TEMPORARY
    return postings.TEMPORARY_SOURCE if is_temporary else postings.ADVANCE_SOURCE


def repay_left(place: Place, by_subject: Mapping[str, int]) -> list[Line]:
    """What is left of an advance at the year end goes back to its source, from wherever it stands."""
    if place.allotment_id is None:
        return []
    source = _advanced([place.allotment_id])[place.allotment_id]
    gathered = [
        postings.move(place.account(subject), place.account(postings.EXECUTABLE), amount)
        for subject, amount in by_subject.items()
        if amount > 0 and subject != postings.EXECUTABLE
    ]
    return [*gathered, *postings.repay_advance(place, source, sum(by_subject.values()))]
