"""更正与调库: a receipt that was booked on the wrong item, fund or level is reversed and booked anew.

The new booking is dated on the day of approval; the old day keeps what was known then. Only the difference of the
district's part moves in cash.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.domains.revenue import postings, services
from fisc.domains.revenue.models import Correction, Receipt
from fisc.domains.revenue.receipts import ReceiptRow
from fisc.domains.revenue.sharing import SharingTable
from fisc.kernel import codes, ledger
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import Entry

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor

KIND, TITLE = "revenue.correction", "收入更正"


class NoSuchReceipt(BadInput):
    """没有凭证号为“{serial}”的有效入库流水。"""

    code = "revenue.no_receipt"


class NothingChanges(Refusal):
    """更正后的资金性质、科目、级次与原流水 {serial} 相同，没有需要更正的内容。"""

    code = "revenue.nothing_changes"


class BadTarget(Refusal):
    """更正后的科目不能使用：{reason}"""

    code = "revenue.bad_target"


class AlreadyCorrected(Refusal):
    """流水 {serial} 已被更正或冲销，请按现行流水重新填报。"""

    code = "revenue.already_corrected"


def create_corrections(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will draft corrections. `row`: serial, new_fund, new_revenue_code, new_level, note.

    Unit, amount and counterparty are the receipt's. :raises NoSuchReceipt: no receipt in force has that serial.
    """
    serials = [str(draft.row.get("serial", "")).strip() for draft in drafts]
    receipts = receipts_in_force(serials)
    completed = []
    for draft, serial in zip(drafts, serials, strict=True):
        if serial not in receipts:
            raise NoSuchReceipt(serial=serial)
        completed.append(_completed(draft, receipts[serial], actor, timezone.localdate(at)))
    return create_many(kind=KIND, drafts=completed, actor=actor, at=at)


def _completed(draft: Draft, receipt: Receipt, actor: Actor, today: dt.date) -> Draft:
    row = dict(draft.row)
    return Draft(
        unit_id=services.bureau_unit_id(actor),
        fiscal_year=draft.fiscal_year or today.year,
        business_on=draft.business_on or today,
        title=f"更正 {receipt.serial}" if draft.title in ("", TITLE) else draft.title,
        amount_fen=receipt.amount_fen,
        fund=row.get("new_fund") or receipt.fund,
        counterparty=receipt.payer,
        source_id=receipt.document_id,
        row={
            "serial": receipt.serial,
            "new_fund": row.get("new_fund") or receipt.fund,
            "new_revenue_code": row.get("new_revenue_code") or receipt.revenue_code,
            "new_level": row.get("new_level") or receipt.level,
            "note": row.get("note", ""),
            "receipt_id": receipt.pk,
        },
    )


def revise_correction(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This will complete a change of a draft: another serial brings another amount and payer.

    :raises NoSuchReceipt: no receipt in force has that serial.
    """
    serial = str(values.get("serial", "")).strip()
    if not serial:
        return dict(values)
    receipt = receipts_in_force([serial]).get(serial)
    if receipt is None:
        raise NoSuchReceipt(serial=serial)
    return {
        **values,
        "serial": serial,
        "receipt_id": receipt.pk,
        "amount_fen": receipt.amount_fen,
        "counterparty": receipt.payer,
    }


def receipts_in_force(serials: Sequence[str]) -> dict[str, Receipt]:
    """This will give the receipts in force by their serials."""
    found = Receipt.objects.filter(serial__in=serials, is_active=True, entry_id__isnull=False)
    return {receipt.serial: receipt for receipt in found}


def check_corrections(call: StepCall) -> None:
    """送审: the receipt is in force, something changes, and the new item can be booked."""
    rows: dict[int, Correction] = call.rows()
    receipts = receipts_in_force([row.serial for row in rows.values()])
    table, today = SharingTable.read(), timezone.localdate(call.at)
    for document_id, row in rows.items():
        receipt = receipts.get(row.serial)
        if receipt is None:
            call.refuse(document_id, AlreadyCorrected(serial=row.serial))
        elif refusal := _refusal(row, receipt, table, today):
            call.refuse(document_id, refusal)
        elif row.receipt_id != receipt.pk:
            Correction.objects.filter(pk=document_id).update(receipt=receipt)


def _refusal(row: Correction, receipt: Receipt, table: SharingTable, today: dt.date) -> Refusal | None:
    new = (row.new_fund, row.new_revenue_code, row.new_level)
    if new == (receipt.fund, receipt.revenue_code, receipt.level):
        return NothingChanges(serial=row.serial)
    problems = codes.check_many(
        kind="revenue", codes=[row.new_revenue_code], year=today.year, fund=row.new_fund
    )
    if problems:
        return BadTarget(reason=problems[row.new_revenue_code].message)
    if (
        table.shares(fund=row.new_fund, revenue_code=row.new_revenue_code, on=today, level=row.new_level)
        is None
    ):
        return BadTarget(reason=f"分成比例表中没有 {row.new_revenue_code}")
    return None


def book_corrections(call: StepCall) -> None:
    """通过: the old entry is reversed, the new one booked, the cash difference moved; the new receipt is in force."""
    rows: dict[int, Correction] = call.rows()
    table, today = SharingTable.read(), timezone.localdate(call.at)
    receipts = {receipt.pk: receipt for receipt in _locked([row.receipt_id for row in rows.values()])}
    fresh: list[dict[str, Any]] = []
    for document_id, row in rows.items():
        receipt = receipts.get(row.receipt_id or 0)
        if receipt is None or not receipt.is_active:
            call.refuse(document_id, AlreadyCorrected(serial=row.serial))
        elif refusal := _refusal(row, receipt, table, today):
            call.refuse(document_id, refusal)
        else:
            fresh.append(_new_values(document_id, row, receipt, table, today))
    if fresh:
        _rebook(call, fresh, receipts, today)


def _locked(receipt_ids: Sequence[int | None]) -> list[Receipt]:
    wanted = sorted({pk for pk in receipt_ids if pk is not None})
    return list(Receipt.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def _new_values(
    document_id: int, row: Correction, receipt: Receipt, table: SharingTable, today: dt.date
) -> dict[str, Any]:
    new = ReceiptRow(
        on=today,
        fund=row.new_fund,
        revenue_code=row.new_revenue_code,
        payer=receipt.payer,
        amount_fen=receipt.amount_fen,
        serial=receipt.serial,
        level=row.new_level,
    )
    shares = table.shares(fund=new.fund, revenue_code=new.revenue_code, on=today, level=new.level)
    assert shares is not None, "checked before"
    return services.receipt_values(document_id, 1, new, shares.split(new.amount_fen))


def _rebook(
    call: StepCall, fresh: Sequence[dict[str, Any]], receipts: dict[int, Receipt], today: dt.date
) -> None:
    rows: dict[int, Correction] = call.rows()
    old = [receipts[rows[values["document_id"]].receipt_id] for values in fresh]  # type: ignore[index]
    services.reverse_entries([receipt.entry_id for receipt in old], call=call, day=today)  # type: ignore[misc]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE revenue_receipt SET is_active = false WHERE id = ANY (%s::bigint[])",
            [[receipt.pk for receipt in old]],
        )
    entries = [_entry(values) for values in fresh]
    cash = [
        entry
        for values, receipt in zip(fresh, old, strict=True)
        for entry in _cash_difference(values, receipt, today)
    ]
    outcome = ledger.post_many(entries=[*entries, *cash], actor_id=call.actor.user_id, at=call.at)
    if outcome.refusals:
        raise services.NotBooked(
            day=f"{today:%Y-%m-%d}", reason=outcome.refusals[0].message, refused=outcome.refusals[0]
        )
    booked = zip(fresh, outcome.entry_ids[: len(fresh)], strict=True)
    insert_rows(Receipt, [{**values, "entry_id": entry_id} for values, entry_id in booked])


def _entry(values: dict[str, Any]) -> Entry:
    shares = (values["central_fen"], values["province_fen"], values["district_fen"])
    day = values["received_on"]
    return Entry(
        kind="revenue.correction",
        document_id=values["document_id"],
        effective_on=day,
        lines=postings.receipt_lines(
            fund=values["fund"], revenue_code=values["revenue_code"], year=day.year, shares_fen=shares
        ),
        memo=f"更正 {values['serial']}",
    )


def _cash_difference(values: dict[str, Any], receipt: Receipt, today: dt.date) -> list[Entry]:
    """What the district's account gains or loses, by fund."""
    change: dict[str, int] = defaultdict(int)
    change[receipt.fund] -= receipt.district_fen
    change[values["fund"]] += values["district_fen"]
    lines = tuple(
        line
        for fund, fen in change.items()
        for line in postings.cash_lines(fund=fund, year=today.year, district_fen=fen)
    )
    if not lines:
        return []
    return [
        Entry(
            kind="revenue.cash",
            document_id=values["document_id"],
            effective_on=today,
            lines=lines,
            memo=f"更正 {values['serial']}",
        )
    ]
