"""Files to the agent bank and receipts from it. Layouts: README.md; both are CSV, matched by reference, once.

Sending writes one file per call, with hash and number of the day. Receipts may come in any order, twice, or over
several files: what was answered already is skipped when it says the same and refused when it does not.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from fisc.base.errors import Refusal
from fisc.base.money import format_fen, plain_yuan
from fisc.domains.treasury.models import Batch, BatchLine, Instruction, Settlement
from fisc.kernel import lean
from fisc.kernel.documents.attachments import attach
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor

PAYMENT, BATCH, BANK_FILE = "treasury.payment", "treasury.batch", "treasury.bank_file"
HEADS = ("指令号", "资金性质", "收款人", "收款账号", "开户行", "金额（元）", "用途", "结算方式")
MARK, VERSION = "FISC-PAY", "1"
FUND_NAMES = {
    "general": "一般公共预算", "govfund": "政府性基金预算", "statecapital": "国有资本经营预算",
    "socialinsurance": "社会保险基金预算", "unit": "单位资金",
}  # fmt: skip

ANSWER = """
UPDATE treasury_instruction AS instruction
SET state = answer.state, bank_serial = answer.bank_serial, paid_on = answer.paid_on, reason = answer.reason
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::text[])
    AS answer (id, state, bank_serial, paid_on, reason)
WHERE instruction.id = answer.id
"""
FIND = """
SELECT instruction.id, reference, instruction.amount_fen, instruction.state, bank_serial, instruction.document_id,
    header.kind, bank_file_id
FROM treasury_instruction AS instruction
JOIN documents_document AS header ON header.id = instruction.document_id
WHERE reference = ANY (%s::text[])
ORDER BY instruction.id
FOR UPDATE OF instruction
"""
# One row: one batch, how many of its payees the bank has not answered yet, what it paid, and when last.
BATCH_RESULT = """
SELECT document_id, count(*) FILTER (WHERE state = 'sent'),
    coalesce(sum(amount_fen) FILTER (WHERE state = 'paid'), 0)::bigint, max(paid_on)
FROM treasury_instruction
WHERE document_id = ANY (%s::bigint[])
GROUP BY document_id
"""
ANSWERED_FILES = """
SELECT bank_file_id
FROM treasury_instruction
WHERE bank_file_id = ANY (%s::bigint[])
GROUP BY bank_file_id
HAVING count(*) FILTER (WHERE state = 'sent') = 0
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One line of a bank file."""

    reference: str
    document_id: int
    batch_line_id: int | None
    fund: str
    payee_name: str
    payee_account: str
    payee_bank: str
    amount_fen: int
    purpose: str
    settlement: str


@dataclass(frozen=True, slots=True)
class Booked:
    """What the bank paid of a document: the sum, in 分, and the day."""

    paid_fen: int
    paid_on: dt.date


@dataclass(frozen=True, slots=True)
class Receipt:
    """The bank's answer to one instruction."""

    reference: str
    is_paid: bool
    amount_fen: int
    paid_on: dt.date
    bank_serial: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptProblem:
    """What is wrong with one receipt; `is_repeat`: it only says again what is known, and is skipped."""

    index: int
    code: str
    message: str
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptResult:
    """What a set of receipts did."""

    paid: int = 0
    failed: int = 0
    skipped: int = 0


def orders_file(*, filename: str, day: dt.date, orders: Sequence[Order]) -> str:
    """Return the text of a bank file: a head line with count and sum, the column heads, one line per instruction."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    total = plain_yuan(sum(order.amount_fen for order in orders))
    writer.writerow((MARK, VERSION, filename, day.isoformat(), len(orders), total))
    writer.writerow(HEADS)
    for order in orders:
        writer.writerow(
            (
                order.reference, FUND_NAMES[order.fund], order.payee_name, order.payee_account, order.payee_bank,
                plain_yuan(order.amount_fen), order.purpose, Settlement(order.settlement).label,
            )
        )  # fmt: skip
    return "\ufeff" + out.getvalue()


def send(call: StepCall) -> None:
    """This will write one bank file with all documents of the call and keep an instruction for each payee."""
    documents = call.documents
    if not documents:
        return
    rows = call.rows()
    if call.kind.code == BATCH:
        orders = _batch_orders(documents, rows)
    else:
        orders = [_payment_order(document, rows[document.pk]) for document in documents]
    day = timezone.localdate(call.at)
    file_id = _create_file(orders, day=day, actor=call.actor, at=call.at)
    insert_rows(Instruction, [_instruction(order) | {"bank_file_id": file_id} for order in orders])
    for document in documents:
        call.add_detail(document.pk, bank_file=file_id)


def register_cash(call: StepCall) -> None:
    """This will keep a paid instruction for each document paid in cash, so that clearing finds it."""
    day = timezone.localdate(call.at)
    rows = call.rows()
    for document in call.documents:
        if rows[document.pk].settlement != Settlement.CASH:
            call.refuse(
                document.pk, Refusal("只有现金结算的支付单可以在柜面登记支付。", code="treasury.not_cash")
            )
    insert_rows(
        Instruction,
        [
            _instruction(_payment_order(document, rows[document.pk])) | {"state": "paid", "paid_on": day}
            for document in call.documents
        ],
    )


def _payment_order(document: Document, row: Any) -> Order:
    return Order(
        reference=document.number,
        document_id=document.pk,
        batch_line_id=None,
        fund=document.fund,
        payee_name=document.counterparty,
        payee_account=row.payee_account,
        payee_bank=row.payee_bank,
        amount_fen=document.amount_fen,
        purpose=document.title,
        settlement=row.settlement,
    )


def _batch_orders(documents: Sequence[Document], rows: Mapping[int, Batch]) -> list[Order]:
    by_id = {document.pk: document for document in documents}
    lines = BatchLine.objects.filter(batch_id__in=by_id).order_by("batch_id", "row_no")
    return [
        Order(
            reference=f"{by_id[line.batch_id].number}-{line.row_no:05d}",
            document_id=line.batch_id,
            batch_line_id=line.pk,
            fund=by_id[line.batch_id].fund,
            payee_name=line.payee_name,
            payee_account=line.payee_account,
            payee_bank=line.payee_bank,
            amount_fen=line.amount_fen,
            purpose=by_id[line.batch_id].title,
            settlement=rows[line.batch_id].settlement,
        )
        for line in lines.iterator()
    ]


def _instruction(order: Order) -> dict[str, Any]:
    return {
        "document_id": order.document_id,
        "batch_line_id": order.batch_line_id,
        "reference": order.reference,
        "amount_fen": order.amount_fen,
    }


def _create_file(orders: Sequence[Order], *, day: dt.date, actor: Actor, at: dt.datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('treasury_bankfile'))")
        cursor.execute(
            "SELECT coalesce(max(sequence_no), 0) + 1 FROM treasury_bankfile WHERE sent_on = %s", [day]
        )
        (sequence_no,) = cursor.fetchone()
    filename = f"FISC_PAY_{day:%Y%m%d}_{sequence_no:03d}.csv"
    content = orders_file(filename=filename, day=day, orders=orders)
    maker = actor if actor.sees_everything and actor.can(f"{BANK_FILE}.create") else system_actor()
    funds = {order.fund for order in orders}
    draft = Draft(
        unit_id=bureau_id(),
        fiscal_year=day.year,
        business_on=day,
        title=f"支付指令 {filename}",
        amount_fen=sum(order.amount_fen for order in orders),
        fund=funds.pop() if len(funds) == 1 else "",
        counterparty="代理银行",
        row={
            "sequence_no": sequence_no, "sent_on": day, "line_count": len(orders), "filename": filename,
            "sha256": hashlib.sha256(content.encode()).hexdigest(), "content": content,
        },
    )  # fmt: skip
    (doc_id,) = create_many(kind=BANK_FILE, drafts=[draft], actor=maker, at=at)
    attach(document_id=doc_id, filename=filename, content=content.encode(), actor=maker, at=at)
    return doc_id


def bureau_id() -> int:
    """The finance bureau's own unit, under which files, clearings and statements are kept."""
    found = Unit.objects.filter(kind=Unit.Kind.BUREAU).order_by("code").values_list("id", flat=True).first()
    if found is None:
        raise Refusal("还没有登记财政局单位，不能办理国库业务。", code="treasury.no_bureau")
    return int(found)


def check_receipts(receipts: Sequence[Receipt]) -> list[ReceiptProblem]:
    """Return what is wrong with the receipts: unknown reference, another amount, another answer than before."""
    known = _known(receipt.reference for receipt in receipts)
    problems = []
    for index, receipt in enumerate(receipts):
        found = known.get(receipt.reference)
        if found is None:
            problems.append(
                ReceiptProblem(index, "unknown", f"没有发出过指令 {receipt.reference}，请核对指令号。")
            )
            continue
        _, _, amount, state, serial, *_ = found
        if amount != receipt.amount_fen:
            message = (
                f"指令 {receipt.reference} 发出金额 {format_fen(amount)} 元，"
                f"回单金额 {format_fen(receipt.amount_fen)} 元，两者不符。"
            )
            problems.append(ReceiptProblem(index, "amount", message))
        elif state != Instruction.State.SENT:
            problems.append(_answered(index, receipt, state, serial))
    return problems


def _answered(index: int, receipt: Receipt, state: str, serial: str) -> ReceiptProblem:
    before = Instruction.State(state).label
    if state == _state(receipt) and (not serial or not receipt.bank_serial or serial == receipt.bank_serial):
        return ReceiptProblem(
            index, "repeat", f"指令 {receipt.reference} 已登记为{before}，重复的回单不再处理。", True
        )
    return ReceiptProblem(
        index, "contradiction", f"指令 {receipt.reference} 已登记为{before}，与本次回单不一致，请与银行核实。"
    )


def _state(receipt: Receipt) -> str:
    return Instruction.State.PAID if receipt.is_paid else Instruction.State.FAILED


def _known(references: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    return {row[1]: row for row in lean.fetch(FIND, (sorted(set(references)),))}


class BadReceipt(Refusal):
    """{message}"""

    code = "treasury.bad_receipt"


def receive(*, receipts: Sequence[Receipt], actor: Actor, at: dt.datetime) -> ReceiptResult:
    """This function will take in the bank's answers: paid settles the hold, failed gives the money back.

    :raises BadReceipt: a receipt is unknown, contradicts an earlier one or has another amount; nothing is taken in.
    :raises Refusal: a payment cannot be booked (its month is closed); nothing is taken in.
    """
    with transaction.atomic():
        problems = check_receipts(receipts)
        if wrong := next((problem for problem in problems if not problem.is_repeat), None):
            raise BadReceipt(message=wrong.message)
        repeats = {problem.index for problem in problems}
        fresh = {r.reference: r for index, r in enumerate(receipts) if index not in repeats}
        known = _known(fresh)
        _answer(fresh, known)
        by_document = {known[reference][5]: receipt for reference, receipt in fresh.items()}
        kinds = {row[5]: row[6] for row in known.values()}
        _finish_payments({d: r for d, r in by_document.items() if kinds[d] == PAYMENT}, actor, at)
        _finish_batches([d for d in by_document if kinds[d] == BATCH], actor, at)
        _close_files(sorted({row[7] for row in known.values() if row[7]}), at)
    paid = sum(receipt.is_paid for receipt in fresh.values())
    return ReceiptResult(paid=paid, failed=len(fresh) - paid, skipped=len(receipts) - len(fresh))


def _answer(fresh: Mapping[str, Receipt], known: Mapping[str, tuple[Any, ...]]) -> None:
    answers = list(fresh.values())
    lean.run(
        ANSWER,
        (
            [known[receipt.reference][0] for receipt in answers],
            [str(_state(receipt)) for receipt in answers],
            [receipt.bank_serial for receipt in answers],
            [receipt.paid_on for receipt in answers],
            [receipt.reason[:200] for receipt in answers],
        ),
    )


def _finish_payments(receipts: Mapping[int, Receipt], actor: Actor, at: dt.datetime) -> None:
    paid = {doc_id: Booked(r.amount_fen, r.paid_on) for doc_id, r in receipts.items() if r.is_paid}
    failed = [doc_id for doc_id, receipt in receipts.items() if not receipt.is_paid]
    _all_or_nothing(PAYMENT, list(paid), "book", actor, at, data={"booked": paid})
    _all_or_nothing(PAYMENT, failed, "refuse_bank", actor, at)


def _finish_batches(doc_ids: Sequence[int], actor: Actor, at: dt.datetime) -> None:
    if not doc_ids:
        return
    complete = [row for row in lean.fetch(BATCH_RESULT, (list(doc_ids),)) if row[1] == 0]
    paid = {doc_id: Booked(paid_fen, paid_on) for doc_id, _, paid_fen, paid_on in complete if paid_fen}
    _all_or_nothing(BATCH, list(paid), "book", actor, at, data={"booked": paid})
    _all_or_nothing(BATCH, [row[0] for row in complete if not row[2]], "refuse_bank", actor, at)


def _all_or_nothing(
    kind: str,
    ids: Sequence[int],
    step: str,
    actor: Actor,
    at: dt.datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    if not ids:
        return
    result = perform_many(kind=kind, ids=ids, step=step, actor=actor, at=at, data=data)
    if result.refused:
        raise next(iter(result.refused.values()))


def _close_files(file_ids: Sequence[int], at: dt.datetime) -> None:
    done = [row[0] for row in lean.fetch(ANSWERED_FILES, (list(file_ids),))] if file_ids else []
    if done:
        perform_many(kind=BANK_FILE, ids=done, step="answer", actor=system_actor(), at=at)
