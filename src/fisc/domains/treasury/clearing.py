"""清算、对账、退款: what leaves and enters the treasury account, and whether the bank says the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from fisc.base.errors import BadInput, Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.treasury import ceilings, postings
from fisc.domains.treasury.bank import FUND_NAMES, bureau_id
from fisc.domains.treasury.models import Batch, ClearingLine, Paying, Payment, Refund, Statement
from fisc.kernel import lean, ledger
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import AccountKey, Entry

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

CLEARING, STATEMENT, REFUND = "treasury.clearing", "treasury.statement", "treasury.refund"
PAYMENT, BATCH = "treasury.payment", "treasury.batch"

UNCLEARED = """
SELECT header.fund, count(*), sum(instruction.amount_fen)::bigint
FROM treasury_instruction AS instruction
JOIN documents_document AS header ON header.id = instruction.document_id
WHERE instruction.state = 'paid' AND instruction.clearing_id IS NULL AND instruction.paid_on <= %s
GROUP BY header.fund
ORDER BY header.fund
"""
TAKE = """
UPDATE treasury_instruction
SET clearing_id = %s
WHERE state = 'paid' AND clearing_id IS NULL AND paid_on <= %s
"""
GIVE_UP = "UPDATE treasury_instruction SET clearing_id = NULL WHERE clearing_id = ANY (%s::bigint[])"
# Guarded by the constraint treasury_…_refund_within_paid, so two refunds cannot return more than was paid.
REFUNDED = "UPDATE {table} SET refunded_fen = refunded_fen + %s WHERE document_id = %s"


class NothingToClear(Refusal):
    """截至 {day} 没有未清算的已支付指令。"""

    code = "treasury.nothing_to_clear"


class CashShort(Refusal):
    """国库存款（{fund}）余额 {available} 元，本次清算 {required} 元，还差 {shortfall} 元，请先调度库款。"""

    code = "treasury.cash_short"


class NotRefundable(Refusal):
    """支付单 {number} 已支付 {paid} 元、已退 {refunded} 元，最多还可退 {room} 元。"""

    code = "treasury.not_refundable"


# --- 清算 -----------------------------------------------------------------------------------------------------


def create_clearings(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """The form's door: one clearing per draft, for all that was paid by its `cleared_on` (default: business day)."""
    return [
        make_clearing(on=draft.row.get("cleared_on") or draft.business_on, actor=actor, at=at)
        for draft in drafts
    ]


def make_clearing(*, on: dt.date, actor: Actor, at: dt.datetime) -> int:
    """This function will draft the clearing of all instructions paid by the day and not cleared yet, by fund.

    :raises NothingToClear: there are none.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('treasury_clearing'))")
        lines = lean.fetch(UNCLEARED, (on,))
        if not lines:
            raise NothingToClear(day=on.isoformat())
        count, total = sum(line[1] for line in lines), sum(line[2] for line in lines)
        draft = Draft(
            unit_id=bureau_id(),
            fiscal_year=on.year,
            business_on=on,
            title=f"{on.isoformat()} 国库集中支付清算",
            amount_fen=total,
            fund=lines[0][0] if len(lines) == 1 else "",
            counterparty="国库单一账户",
            row={"cleared_on": on, "instruction_count": count},
        )
        (doc_id,) = create_many(kind=CLEARING, drafts=[draft], actor=actor, at=at)
        insert_rows(
            ClearingLine,
            [
                {"clearing_id": doc_id, "fund": fund, "instruction_count": number, "amount_fen": amount}
                for fund, number, amount in lines
            ],
        )
        taken = lean.run(TAKE, (doc_id, on))
        assert taken == count, "the advisory lock keeps other clearings away"
    return doc_id


def clear(call: StepCall) -> None:
    """清算 takes effect: 1001 → 5001 by fund; PostgreSQL refuses to draw more than the account holds."""
    rows = call.rows()
    lines: dict[int, list[ClearingLine]] = {doc_id: [] for doc_id in rows}
    for line in ClearingLine.objects.filter(clearing_id__in=rows).order_by("clearing_id", "fund"):
        lines[line.clearing_id].append(line)
    entries = [
        Entry(
            kind="treasury.clearing.cleared",
            document_id=document.pk,
            effective_on=rows[document.pk].cleared_on,
            lines=tuple(
                postings.clear(line.fund, document.fiscal_year, line.amount_fen)
                for line in lines[document.pk]
            ),
            memo=document.title,
        )
        for document in call.documents
    ]
    _post_cash(call, call.documents, entries)


def _post_cash(call: StepCall, documents: Sequence[Document], entries: Sequence[Entry]) -> None:
    outcome = ledger.post_many(entries=entries, actor_id=call.actor.user_id, at=call.at)
    for refused in outcome.refusals:
        refusal: Refusal = ledger.LedgerRefusal(refused)
        if refused.code == "floor" and refused.account and refused.account.key.book == postings.CASH_BOOK:
            refusal = CashShort(
                fund=FUND_NAMES[refused.account.key.fund or ""],
                available=format_fen(refused.available_fen or 0),
                required=format_fen(refused.required_fen or 0),
                shortfall=format_fen(refused.shortfall_fen or 0),
            )
        call.refuse(documents[refused.index].pk, refusal)


def give_up_clearing(call: StepCall) -> None:
    """作废: the instructions wait for the next clearing again."""
    lean.run(GIVE_UP, (call.ids,))


# --- 对账 -----------------------------------------------------------------------------------------------------


def cash_balance(fund: str, on: dt.date) -> int:
    """Return what 1001 of the fund held at the end of the day, in 分."""
    selection = ledger.Selection(book=postings.CASH_BOOK, subjects=(postings.CASH,), funds=(fund,))
    period = on.year * 100 + on.month
    (before,) = ledger.sums([(selection, None, period - 1 if on.month > 1 else (on.year - 1) * 100 + 12)])
    return before.get((), 0) + sum(
        posting.amount_fen for posting in _postings_of_month(selection, period) if posting.effective_on <= on
    )


def _postings_of_month(selection: ledger.Selection, period: int) -> Iterable[Any]:
    cursor = None
    while True:
        page = ledger.transfers_of(selection, period_from=period, period_to=period, limit=1000, cursor=cursor)
        yield from page
        if len(page) < 1000:
            return
        cursor = page[-1].cursor


def create_statements(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will keep bank statements; `row`: fund, statement_on, opening_fen, inflow_fen, outflow_fen,
    closing_fen. The header's amount is the closing balance.

    :raises BadInput: a statement that does not add up.
    """
    complete = []
    for draft in drafts:
        row = {"fund": draft.fund, **draft.row}
        if row["opening_fen"] + row["inflow_fen"] - row["outflow_fen"] != row["closing_fen"]:
            raise BadInput.of("treasury.statement_sum", "对账单期初加收入减支出不等于期末，请核对。")
        name = FUND_NAMES[row["fund"]]
        complete.append(
            replace(
                draft, unit_id=bureau_id(), fiscal_year=row["statement_on"].year, fund=row["fund"],
                amount_fen=row["closing_fen"], title=f"{row['statement_on'].isoformat()} {name}国库存款对账单",
                counterparty="人民银行国库", row=row,
            )
        )  # fmt: skip
    return create_many(kind=STATEMENT, drafts=complete, actor=actor, at=at)


def compare(call: StepCall) -> None:
    """对账: the book balance of the day is held against the bank's; equal → agreed, else → differs."""
    for doc_id, row in call.rows().items():
        book = cash_balance(row.fund, row.statement_on)
        Statement.objects.filter(pk=doc_id).update(ledger_fen=book)
        call.set_state(doc_id, "agreed" if book == row.closing_fen else "differs")
        call.add_detail(doc_id, ledger_fen=book, bank_fen=row.closing_fen)


def void_statements(call: StepCall) -> None:
    """作废: the day may get another statement."""
    Statement.objects.filter(pk__in=call.ids).update(is_void=True)


# --- 退款 -----------------------------------------------------------------------------------------------------


def create_refunds(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft refunds of the current year; `row`: payment_id, received_on, reason, bank_serial.

    :raises BadInput: the document named is not a booked payment of the year.
    """
    wanted = [_payment_id(draft) for draft in drafts]
    paid = Document.objects.filter(kind__in=(PAYMENT, BATCH), state="booked").in_bulk(wanted)
    complete = []
    for draft, number in zip(drafts, wanted, strict=True):
        payment = paid.get(number)
        if payment is None:
            raise BadInput.of("treasury.refund_payment", "请选择一张已支付的支付单。")
        received_on = draft.row.get("received_on") or draft.business_on
        if received_on.year != payment.fiscal_year:
            raise BadInput.of(
                "treasury.refund_year",
                "{number} 是以前年度支付，跨年退款应缴入国库，不退回指标。",
                number=payment.number,
            )
        if draft.amount_fen <= 0:
            raise BadInput.of("treasury.amount", "退款金额应大于零。")
        row = {key: value for key, value in draft.row.items() if key != "payment" and value is not None}
        complete.append(
            replace(
                draft, unit_id=payment.unit_id, fiscal_year=payment.fiscal_year, fund=payment.fund,
                counterparty=draft.counterparty or payment.counterparty, source_id=payment.pk,
                title=f"退款 {payment.number} {payment.title}"[:200],
                row={**row, "payment_id": payment.pk, "received_on": received_on},
            )
        )  # fmt: skip
    return create_many(kind=REFUND, drafts=complete, actor=actor, at=at)


def _payment_id(draft: Draft) -> int:
    value = draft.row.get("payment_id") or draft.row.get("payment") or 0
    return int(getattr(value, "pk", value))


def apply_refunds(call: StepCall) -> None:
    """退款 takes effect: 661 back to where the money was drawn, and the cash back into the treasury account."""
    rows: dict[int, Refund] = call.rows()
    kinds = dict(
        Document.objects.filter(id__in=[row.payment_id for row in rows.values()]).values_list("id", "kind")
    )
    paid: dict[int, Paying] = {}
    for kind, model in ((PAYMENT, Payment), (BATCH, Batch)):
        ids = [doc_id for doc_id, found in kinds.items() if found == kind]
        paid.update({row.pk: row for row in model.objects.select_related("document").filter(pk__in=ids)})
    documents, entries, refunded = [], [], dict.fromkeys(paid, 0)
    for document in call.documents:
        row = rows[document.pk]
        original = paid[row.payment_id]
        room = original.paid_fen - original.refunded_fen - refunded[row.payment_id]
        if document.amount_fen > room:
            call.refuse(document.pk, _not_refundable(original, room))
            continue
        refunded[row.payment_id] += document.amount_fen
        documents.append(document)
        entries.append(_refund_entry(document, row, original))
    _post_cash(call, documents, entries)
    for document in documents:
        if document.pk not in call.refused:
            payment_id = rows[document.pk].payment_id
            table = paid[payment_id]._meta.db_table
            lean.run(REFUNDED.format(table=table), (document.amount_fen, payment_id))


def _not_refundable(original: Paying, room: int) -> NotRefundable:
    return NotRefundable(
        number=original.document.number,
        paid=format_fen(original.paid_fen),
        refunded=format_fen(original.refunded_fen),
        room=format_fen(room),
        ways=[Way("查看支付单", "document", {"id": original.pk})],
    )


def _refund_entry(document: Document, row: Refund, original: Paying) -> Entry:
    executable = AccountKey(
        book=postings.BOOK,
        subject=postings.EXECUTABLE,
        fiscal_year=original.document.fiscal_year,
        unit_id=original.document.unit_id,
        project_id=original.project_id,
        fund=original.document.fund,
        function_code=original.function_code,
        economic_code=original.allotment_economic_code,
        allotment_id=original.allotment_id,
        flags=original.flags,
    )
    return Entry(
        kind="treasury.refund.approved",
        document_id=document.pk,
        effective_on=row.received_on,
        lines=(
            postings.give_back(
                executable, drawn_from=original.drawn_from, economic_code=original.economic_code,
                amount_fen=document.amount_fen,
            ),
            postings.cash_back(document.fund, document.fiscal_year, document.amount_fen),
            *ceilings.give_back(
                (document.fiscal_year, original.document.unit_id, original.economic_code), original.ceiling,
                document.amount_fen,
            ),
        ),
        memo=document.title,
    )  # fmt: skip


def uncleared(on: dt.date) -> list[tuple[str, int, int]]:
    """Return fund, count and sum (分) of what was paid by the day and not cleared."""
    return [(fund, count, amount) for fund, count, amount in lean.fetch(UNCLEARED, (on,))]
