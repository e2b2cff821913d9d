"""Booking what a step of the budget says: one entry per document, refusals in the words of the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from fisc.domains.budget import places
from fisc.kernel import ledger
from fisc.kernel.ledger.keys import Entry, Line

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall


def post(call: StepCall, kind: str, lines: Mapping[int, Sequence[Line]]) -> None:
    """Book one entry per document; a refused document leaves the call with the budget's own words."""
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
    for refused, refusal in zip(outcome.refusals, places.explain(outcome.refusals), strict=True):
        call.refuse(wanted[refused.index].pk, refusal)


def reverse(call: StepCall) -> None:
    """冲销: the entries of the documents are reversed in red, dated today; refused while something depends on them."""
    entry_of = {
        voucher.document_id: voucher.entry_id
        for voucher in ledger.vouchers_of_documents(call.ids)
        if voucher.reverses_id is None and voucher.reversed_by_id is None and voucher.document_id
    }
    wanted = [doc_id for doc_id in call.ids if doc_id in entry_of]
    outcome = ledger.reverse_many(
        entry_ids=[entry_of[doc_id] for doc_id in wanted],
        effective_on=timezone.localdate(call.at),
        actor_id=call.actor.user_id,
        at=call.at,
        memo=f"{call.step.label}：{call.comment}",
    )
    for refused, refusal in zip(outcome.refusals, places.explain(outcome.refusals), strict=True):
        call.refuse(wanted[refused.index], refusal)
