"""Booking what a step of the budget says: one entry per document, refusals in the words of the budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from fisc.domains.budget import places
from fisc.kernel import ledger
from fisc.kernel.ledger.keys import Entry, Line

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall


def day_in_year(at: dt.datetime, year: int) -> dt.date:
    """The day an entry of a fiscal year counts on: the day it is made, or the nearest day of that year."""
    return min(max(timezone.localdate(at), dt.date(year, 1, 1)), dt.date(year, 12, 31))


def post(
    call: StepCall, kind: str, lines: Mapping[int, Sequence[Line]], *, fiscal_year: int | None = None
) -> None:
    """Book one entry per document; a refused document leaves the call with the budget's own words.

    :param fiscal_year: the year in which all entries count; None: the year of the day they are made.
    """
    wanted = [document for document in call.documents if lines.get(document.pk)]
    on = timezone.localdate(call.at) if fiscal_year is None else day_in_year(call.at, fiscal_year)
    outcome = ledger.post_many(
        entries=[
            Entry(
                kind=kind,
                document_id=document.pk,
                effective_on=on,
                lines=tuple(lines[document.pk]),
                memo=document.title,
            )
            for document in wanted
        ],
        actor_id=call.actor.user_id,
        at=call.at,
    )
    for refused, refusal in zip(outcome.refusals, places.explain(outcome.refusals), strict=True):
        call.refuse(wanted[refused.index].pk, refusal)


def reverse(call: StepCall) -> None:
    """冲销: the entries of the documents are reversed in red, dated today; refused while something depends on them."""
    reverse_documents(call, {doc_id: doc_id for doc_id in call.ids})


def reverse_documents(call: StepCall, owners: Mapping[int, int]) -> None:
    """Reverse the entries of documents (keys); a refusal falls on the document of the call (values) that asked."""
    entry_of = {
        voucher.document_id: voucher.entry_id
        for voucher in ledger.vouchers_of_documents(list(owners))
        if voucher.reverses_id is None and voucher.reversed_by_id is None and voucher.document_id
    }
    wanted = [doc_id for doc_id in owners if doc_id in entry_of]
    outcome = ledger.reverse_many(
        entry_ids=[entry_of[doc_id] for doc_id in wanted],
        effective_on=timezone.localdate(call.at),
        actor_id=call.actor.user_id,
        at=call.at,
        memo=f"{call.step.label}：{call.comment}",
    )
    for refused, refusal in zip(outcome.refusals, places.explain(outcome.refusals), strict=True):
        call.refuse(owners[wanted[refused.index]], refusal)
