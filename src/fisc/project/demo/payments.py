"""Plays payments through the treasury's doors: made, reviewed, sent, answered by the bank, cleared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from fisc.domains.treasury import bank, clearing, services
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.actor import Actor
from fisc.project.demo.cast import Cast, approve, moment, whole
from fisc.project.demo.spending_plan import PlanPayment

PAYMENT, CLEARING = services.PAYMENT, clearing.CLEARING
# What the accounting centre explains when a warning is raised by an ordinary payment.
ANSWERS = {
    "M03": "按审定名册由代理银行批量代发，名册附后。",
    "M10": "属单位正常公务开支，已核对清单。",
    "M27": "分批支付，合同约定金额相同，已核对不重复。",
}


def play_payments(
    *, payments: Sequence[PlanPayment], allotments: Mapping[int, int], years: Mapping[int, int], cast: Cast
) -> None:
    """This function will pay and clear, day by day; ``allotments`` maps plan lines to allotment documents.

    :raises Refusal: the plan was refused somewhere; the demo must not limp on.
    """
    for on, group in groupby(sorted(payments, key=lambda row: row.on), key=lambda row: row.on):
        ids = make(payments=list(group), allotments=allotments, years=years, maker=cast.maker, on=on)
        approve(kind=PAYMENT, ids=ids, maker=cast.maker, cast=cast, on=on, answers=ANSWERS)
        send_and_book(ids=ids, cast=cast, on=on)
        clear(cast=cast, on=on)


def make(
    *,
    payments: Sequence[PlanPayment],
    allotments: Mapping[int, int],
    years: Mapping[int, int],
    maker: Actor,
    on: date,
) -> list[int]:
    """This function will draft the payment requests of one day."""
    drafts = [
        Draft(
            unit_id=0,
            fiscal_year=years[row.line],
            business_on=on,
            title=row.purpose,
            amount_fen=row.amount_fen,
            counterparty=row.payee.name,
            row={
                "allotment_id": allotments[row.line],
                "payee_account": row.payee.account,
                "payee_bank": row.payee.bank,
                "payee_kind": "person" if row.payee.kind == "person" else "organisation",
                "contract_no": row.contract_no,
            },
        )
        for row in payments
    ]
    return services.create_payments(drafts=drafts, actor=maker, at=moment(on, 9))


def send_and_book(*, ids: Sequence[int], cast: Cast, on: date) -> None:
    """This function will send one bank file and take in the bank's answer: all paid."""
    whole(perform_many(kind=PAYMENT, ids=ids, step="send", actor=cast.treasury_officer, at=moment(on, 16)))
    sent = Document.objects.filter(id__in=ids).order_by("id").values_list("number", "amount_fen")
    receipts = [
        bank.Receipt(reference=number, is_paid=True, amount_fen=fen, paid_on=on, bank_serial=f"YH{number}")
        for number, fen in sent
    ]
    bank.receive(receipts=receipts, actor=cast.treasury_officer, at=moment(on, 16, 40))


def clear(*, cast: Cast, on: date) -> None:
    """This function will clear the day: the cash leaves the treasury account."""
    doc_id = clearing.make_clearing(on=on, actor=cast.treasury_officer, at=moment(on, 17))
    approve(kind=CLEARING, ids=[doc_id], maker=cast.treasury_officer, cast=cast, on=on, hour=17)
