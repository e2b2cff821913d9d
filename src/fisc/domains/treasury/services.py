"""Use cases of payments, set-based; a single payment is a batch of one. Batches of payees: batches.py, banks: bank.py.

Submitting holds the money (635 or 651 → 661), the bank's yes settles the hold, its no, a return or a void gives the
money back. The refusal of a payment that is too large comes from PostgreSQL and is explained in shortage.py.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.domains.treasury import bank, ceilings, drawing, postings, queueing, shortage
from fisc.domains.treasury.bank import Booked
from fisc.domains.treasury.models import Paying, Settlement
from fisc.kernel import codes, lean, ledger
from fisc.kernel.approvals.completeness import incomplete
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import HEADER_FIELDS, Draft
from fisc.kernel.ledger.keys import Entry, Settle

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

PAYMENT, BATCH = "treasury.payment", "treasury.batch"
MIGRANT_WAGE = "农民工工资"
TABLES = {PAYMENT: "treasury_payment", BATCH: "treasury_batch"}
# Dimensions are taken from the allotment again when the money is held: a draft may have changed its allotment.
HOLD = """
UPDATE {table} AS paying
SET hold_id = held.hold_id, drawn_from = held.drawn_from, project_id = held.project_id,
    function_code = held.function_code, allotment_economic_code = held.economic_code, flags = held.flags,
    ceiling = held.ceiling
FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::smallint[]
) AS held (document_id, hold_id, drawn_from, project_id, function_code, economic_code, flags, ceiling)
WHERE paying.document_id = held.document_id
"""
RELEASE = (
    "UPDATE {table} SET hold_id = NULL, drawn_from = '', ceiling = 0 WHERE document_id = ANY (%s::bigint[])"
)
BOOK = """
UPDATE {table} AS paying
SET entry_id = booked.entry_id, paid_fen = booked.paid_fen, paid_on = booked.paid_on
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[]) AS booked (document_id, entry_id, paid_fen, paid_on)
WHERE paying.document_id = booked.document_id
"""


class EconomicUnfit(BadInput):
    """部门经济分类 {given} 不能由指标的 {allotment_code} 列支。"""

    code = "treasury.economic_unfit"


class YearOver(Refusal):
    """{number} 用的是 {year} 年指标，该年度已过，不能再支付。请作废本单；确需继续的，按结转批复用新年度指标另行申请。"""

    code = "treasury.year_over"


class YearAhead(Refusal):
    """{number} 用的是 {year} 年指标，该年度还没有开始，不能支付。"""

    code = "treasury.year_ahead"


def create_payments(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft payment requests.

    Draft.title is the purpose, counterparty the payee, amount_fen the amount; `row`: allotment_id, economic_code
    (default: the allotment's), payee_account, payee_bank, payee_kind, settlement, contract_no, invoice_no.
    Unit, year, fund and dimensions come from the allotment.

    :raises BadInput: an amount, an allotment or a code that cannot be right; rules judge the rest at submission.
    """
    alike = [with_likeness(draft) for draft in complete(drafts)]
    return create_many(kind=PAYMENT, drafts=alike, actor=actor, at=at)


def with_likeness(draft: Draft) -> Draft:
    """Return the draft with the digest by which a payment made twice is found."""
    payee = draft.row.get("payee_account") or draft.counterparty
    text = f"{draft.unit_id}|{payee}|{draft.amount_fen}|{draft.title}"
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return replace(draft, row={**draft.row, "likeness": digest})


def complete(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts of payments or batches with what their allotments say."""
    wanted = [allotment_id(draft) for draft in drafts]
    found = drawing.allotments(wanted)
    from_above = drawing.from_above(wanted)
    completed = []
    for draft, number in zip(drafts, wanted, strict=True):
        allotment = found.get(number)
        if allotment is None:
            raise drawing.UnknownAllotment
        completed.append(_completed(draft, allotment, is_upper=number in from_above))
    _check_codes(completed)
    return completed


def allotment_id(draft: Draft) -> int:
    """The allotment a draft names, as an id or a document."""
    value = draft.row.get("allotment_id") or draft.row.get("allotment") or 0
    return int(getattr(value, "pk", value))


def _completed(draft: Draft, allotment: drawing.Allotment, *, is_upper: bool) -> Draft:
    key = allotment.executable
    if draft.amount_fen <= 0:
        raise BadInput.of("treasury.amount", "支付金额应大于零。")
    if not draft.title.strip():
        raise BadInput.of("treasury.purpose", "请填写用途。")
    economic = draft.row.get("economic_code") or key.economic_code
    if not str(economic).startswith(str(key.economic_code)):
        raise EconomicUnfit(given=economic, allotment_code=key.economic_code)
    row = {name: value for name, value in draft.row.items() if name != "allotment" and value is not None}
    row |= {**allotment.columns, "economic_code": economic, "allotment_economic_code": key.economic_code}
    row["is_upper_transfer"] = is_upper
    marks = [*ledger.Flag(key.flags).labels, *([MIGRANT_WAGE] if row.get("is_migrant_wage") else [])]
    others = (tag for tag in draft.tags if tag != MIGRANT_WAGE)
    return replace(
        draft,
        unit_id=key.unit_id or 0,
        fiscal_year=key.fiscal_year or draft.fiscal_year,
        fund=key.fund or "",
        source_id=draft.source_id or allotment.id,
        row=row,
        tags=tuple(dict.fromkeys((*marks, *others))),
    )


def _check_codes(drafts: Sequence[Draft]) -> None:
    by_year: dict[int, set[str]] = {}
    for draft in drafts:
        by_year.setdefault(draft.fiscal_year, set()).add(draft.row["economic_code"])
    for year, wanted in by_year.items():
        for problem in codes.check_many(kind="economic_department", codes=wanted, year=year).values():
            raise BadInput(problem.message, code="treasury.economic_code")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What one document is held on: the subject of its allotment, and the ceilings beside it."""

    subject: str
    allotment: drawing.Allotment
    ceiling: int


def hold(call: StepCall) -> None:
    """送审: the money of every document is held on its allotment or cash plan and under its ceilings, whole or not.

    Of several accounts that are short the allotment is named before the item's ceiling, that before the total's.
    """
    rows: dict[int, Paying] = call.rows()
    found = drawing.allotments(row.allotment_id for row in rows.values())
    day = timezone.localdate(call.at)
    _refuse_other_years(call, day)
    documents = _with_allotments(call, rows, found)
    places = {document.pk: _place(document, rows[document.pk].economic_code) for document in documents}
    modes, capped = drawing.controls(day, set(places.values()))
    drawn, entries = {}, []
    for document in documents:
        row, place = rows[document.pk], places[document.pk]
        allotment = found[row.allotment_id]
        held = _Drawn(
            modes.drawn_from(document.fund, document.unit_id), allotment, ceilings.bits(place, capped)
        )
        drawn[document.pk] = held
        line = postings.pay(
            allotment.executable,
            drawn_from=held.subject,
            economic_code=row.economic_code,
            amount_fen=document.amount_fen,
        )
        entries.append(
            Entry(
                kind=f"{call.kind.code}.held", document_id=document.pk, effective_on=day,
                lines=(line, *ceilings.charge(place, held.ceiling, document.amount_fen)), memo=document.title,
            )
        )  # fmt: skip
    outcome = ledger.hold_many(entries=entries, actor_id=call.actor.user_id, at=call.at)
    allotment_of = {document.pk: rows[document.pk].allotment_id for document in documents}
    for document, refusal in shortage.explain(outcome.refusals, documents, allotment_of):
        call.refuse(document.pk, refusal)
    _keep_holds(call, documents, outcome.hold_ids, drawn)


def _with_allotments(
    call: StepCall, rows: Mapping[int, Paying], found: Mapping[int, drawing.Allotment]
) -> list[Document]:
    """The documents whose allotment is released and their own; the others are refused."""
    for document in call.documents:
        allotment = found.get(rows[document.pk].allotment_id)
        if allotment is None or not _is_of(allotment, document):
            unknown = Refusal(str(drawing.UnknownAllotment()), code="treasury.unknown_allotment")
            call.refuse(document.pk, unknown)
    return call.documents


def _place(document: Document, economic_code: str) -> ceilings.Place:
    return document.fiscal_year, document.unit_id, economic_code


def _refuse_other_years(call: StepCall, day: dt.date) -> None:
    for document in call.documents:
        if document.fiscal_year != day.year:
            kind = YearOver if document.fiscal_year < day.year else YearAhead
            call.refuse(document.pk, kind(number=document.number, year=document.fiscal_year))


def _is_of(allotment: drawing.Allotment, document: Document) -> bool:
    key = allotment.executable
    return (key.unit_id, key.fund, key.fiscal_year) == (document.unit_id, document.fund, document.fiscal_year)


def _keep_holds(
    call: StepCall,
    documents: Sequence[Document],
    hold_ids: Sequence[int | None],
    drawn: Mapping[int, _Drawn],
) -> None:
    kept = [(document.pk, hold_id) for document, hold_id in zip(documents, hold_ids, strict=True) if hold_id]
    if not kept:
        return
    keys = [drawn[doc_id].allotment.executable for doc_id, _ in kept]
    lean.run(
        HOLD.format(table=TABLES[call.kind.code]),
        (
            [doc_id for doc_id, _ in kept],
            [hold_id for _, hold_id in kept],
            [drawn[doc_id].subject for doc_id, _ in kept],
            [key.project_id for key in keys],
            [key.function_code for key in keys],
            [key.economic_code for key in keys],
            [key.flags for key in keys],
            [drawn[doc_id].ceiling for doc_id, _ in kept],
        ),
    )


def release(call: StepCall) -> None:
    """退回、撤回、作废、银行退票: the holds are given back."""
    holds = {doc_id: row.hold_id for doc_id, row in call.rows().items() if row.hold_id}
    wanted = list(holds)
    outcome = ledger.void_many(
        hold_ids=[holds[doc_id] for doc_id in wanted],
        actor_id=call.actor.user_id,
        at=call.at,
        reason=call.comment or call.step.label,
    )
    for refused in outcome.refusals:
        call.refuse(wanted[refused.index], ledger.LedgerRefusal(refused))
    lean.run(
        RELEASE.format(table=TABLES[call.kind.code]), ([doc_id for doc_id in wanted if doc_id in call.ids],)
    )


def send(call: StepCall) -> None:
    """发送银行: one bank file for all documents of the call.

    Whether the approval is complete is asked again here, where money leaves; cash does not go to the bank.
    """
    _refuse_other_years(call, timezone.localdate(call.at))
    for doc_id, refusal in incomplete(call.ids).items():
        call.refuse(doc_id, refusal)
    for doc_id, row in call.rows().items():
        if row.settlement == Settlement.CASH:
            call.refuse(
                doc_id, Refusal("现金结算的支付单不发银行，请在柜面登记支付。", code="treasury.cash_not_sent")
            )
    queueing.keep_the_order(call)
    bank.send(call)


def pay_cash(call: StepCall) -> None:
    """柜面登记: a payment in cash is paid today, if its approval is complete."""
    _refuse_other_years(call, timezone.localdate(call.at))
    for doc_id, refusal in incomplete(call.ids).items():
        call.refuse(doc_id, refusal)
    queueing.keep_the_order(call)
    bank.register_cash(call)
    book(call)


def book(call: StepCall) -> None:
    """银行已付: the holds are settled, whole or (batches) in part; `data["booked"]`: document id → Booked.

    Without it (现金、公务卡 booked by hand) the whole amount is booked today.
    """
    rows: dict[int, Paying] = call.rows()
    given: Mapping[int, Booked] = call.data.get("booked") or {}
    today = timezone.localdate(call.at)
    documents = list(call.documents)
    facts = [given.get(document.pk) or Booked(document.amount_fen, today) for document in documents]
    outcome = ledger.settle_many(
        holds=[
            Settle(
                hold_id=rows[document.pk].hold_id or 0,
                effective_on=_within_year(fact.paid_on, document.fiscal_year),
                kind=f"{call.kind.code}.booked",
                amounts_fen=None
                if fact.paid_fen == document.amount_fen
                else (fact.paid_fen,) * (1 + ceilings.line_count(rows[document.pk].ceiling)),
                memo=document.title,
            )
            for document, fact in zip(documents, facts, strict=True)
        ],
        actor_id=call.actor.user_id,
        at=call.at,
    )
    for refused in outcome.refusals:
        call.refuse(documents[refused.index].pk, ledger.LedgerRefusal(refused))
    booked = [
        (document.pk, entry_id, fact)
        for document, fact, entry_id in zip(documents, facts, outcome.entry_ids, strict=True)
        if entry_id
    ]
    lean.run(
        BOOK.format(table=TABLES[call.kind.code]),
        (
            [doc_id for doc_id, _, _ in booked],
            [entry_id for _, entry_id, _ in booked],
            [fact.paid_fen for _, _, fact in booked],
            [fact.paid_on for _, _, fact in booked],
        ),
    )
    _mark_codes_used(call, rows)


def _within_year(paid_on: dt.date, fiscal_year: int) -> dt.date:
    """What was sent in the year and answered after it is spending of the year: booked on its last day."""
    return min(paid_on, dt.date(fiscal_year, 12, 31))


def _mark_codes_used(call: StepCall, rows: Mapping[int, Paying]) -> None:
    by_year: dict[int, set[str]] = {}
    for document in call.documents:
        by_year.setdefault(document.fiscal_year, set()).add(rows[document.pk].economic_code)
    for year, wanted in by_year.items():
        codes.mark_used(kind="economic_department", codes=wanted, year=year)


def revise(*, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """This function will complete a changed draft of a payment or batch as a new one would be.

    :raises BadInput: as when it was made.
    """
    row: Any = document.spec.model._default_manager.get(pk=document.pk)
    wanted: dict[str, Any] = {
        "allotment_id": row.allotment_id,
        "economic_code": row.economic_code,
        "is_migrant_wage": row.is_migrant_wage,
    }
    typed = {key: "" if value is None else value for key, value in values.items() if key not in HEADER_FIELDS}
    wanted |= {key: value for key, value in typed.items() if value or key not in CHOICES}
    if (
        "allotment_id" in values
        and values["allotment_id"] != row.allotment_id
        and not values.get("economic_code")
    ):
        wanted["economic_code"] = None
    draft = Draft(
        unit_id=document.unit_id,
        fiscal_year=document.fiscal_year,
        business_on=document.business_on,
        title=values.get("title") or document.title,
        amount_fen=values.get("amount_fen") or document.amount_fen,
        row=wanted,
    )
    (done,) = complete([draft])
    if document.kind == PAYMENT:
        account = wanted.get("payee_account", row.payee_account)
        named = replace(done, counterparty=values.get("counterparty") or document.counterparty)
        alike = with_likeness(replace(named, row={**named.row, "payee_account": account or ""}))
        done = replace(done, row={**done.row, "likeness": alike.row["likeness"]})
    if not actor.sees(done.unit_id) or done.fiscal_year != document.fiscal_year:
        raise drawing.UnknownAllotment
    header = {"counterparty": values["counterparty"]} if values.get("counterparty") else {}
    header |= {"title": done.title, "amount_fen": done.amount_fen, "unit_id": done.unit_id, "fund": done.fund}
    return {**header, "tags": list(done.tags), **done.row}


CHOICES = ("payee_kind", "settlement", "category")
COPIED = (
    "allotment_id", "economic_code", "settlement", "payee_account", "payee_bank", "payee_kind", "contract_no",
    "invoice_no", "is_migrant_wage",
)  # fmt: skip


def reissue(call: StepCall) -> None:
    """重开: a new draft with the same facts for each payment the bank refused; the maker corrects and submits it."""
    rows: dict[int, Any] = call.rows()
    drafts = [
        Draft(
            unit_id=document.unit_id,
            fiscal_year=document.fiscal_year,
            business_on=timezone.localdate(call.at),
            title=document.title,
            amount_fen=document.amount_fen,
            counterparty=document.counterparty,
            source_id=document.pk,
            row={key: getattr(rows[document.pk], key) for key in COPIED},
        )
        for document in call.documents
    ]
    ids = create_payments(drafts=drafts, actor=call.actor, at=call.at)
    for document, new_id in zip(call.documents, ids, strict=True):
        call.add_detail(document.pk, reissued_as=new_id)
