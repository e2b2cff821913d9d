"""Use cases of daily reports, set-based; one report is a batch of one. Corrections: corrections.py, tasks: tasks.py.

Importing writes one document per day with its receipts and books it: one entry per receipt in book `revenue`, one
per day and fund in book `cash`. A day is booked whole or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal, Way
from fisc.domains.revenue import postings
from fisc.domains.revenue.receipts import ReceiptRow, RowProblem, check_receipts
from fisc.domains.revenue.sharing import SharingTable
from fisc.kernel import codes, lean, ledger
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import Entry
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.ledger import Refused
    from fisc.kernel.orgs.actor import Actor

KIND = "revenue.daily_report"
SHOWN_PROBLEMS = 5
Progress = Callable[[str, int, int], None]

RECEIPTS = """
SELECT id, document_id, received_on, fund, revenue_code, payer, serial, central_fen, province_fen, district_fen
FROM revenue_receipt
WHERE document_id = ANY (%s::bigint[]) AND is_active
ORDER BY document_id, line_no
"""
BOOKED = """
UPDATE revenue_receipt AS receipt SET entry_id = booked.entry_id
FROM unnest(%s::bigint[], %s::bigint[]) AS booked (id, entry_id)
WHERE receipt.id = booked.id
"""


class BadReceipts(BadInput):
    """入库流水有 {count} 处问题，未导入：{shown}"""

    code = "revenue.bad_receipts"


class NotBooked(Refusal):
    """{day} 的国库日报不能入账：{reason}"""

    code = "revenue.not_booked"


class HasCorrections(Refusal):
    """这份日报中的流水已由 {number} 更正，请先冲销更正单。"""

    code = "revenue.has_corrections"


@dataclass(frozen=True)
class ImportedReports:
    """What an import made: documents by day in order, receipts, and their net sum in 分."""

    document_ids: tuple[int, ...]
    receipt_count: int
    total_fen: int


def import_daily_reports(
    *,
    rows: Sequence[ReceiptRow],
    actor: Actor,
    at: dt.datetime | Callable[[dt.date], dt.datetime],
    stated_balances: Mapping[dt.date, int] | None = None,
    source: str = "",
    is_checked: bool = False,
    progress: Progress | None = None,
) -> ImportedReports:
    """This will book daily reports of many days: same checks as a file, one transaction, all or nothing.

    :param at: when it is recorded, or a function that says it for each day (a demo plays years).
    :param stated_balances: the treasury's own 库存余额 by day, in 分, held against the ledger.
    :param is_checked: the caller has had `check_receipts` say that there is nothing wrong.
    :raises BadReceipts: naming the first problems. :raises NotBooked: a closed period, or cash below zero.
    """
    table = SharingTable.read()
    if not is_checked and (problems := check_receipts(rows, table=table)):
        raise BadReceipts(count=len(problems), shown=_shown(rows, problems))
    by_day = _by_day(rows)
    with transaction.atomic():
        ids_by_moment = _write(by_day, table, actor, at, stated_balances or {}, source)
        _mark_codes(rows)
        done = 0
        for moment, ids in ids_by_moment.items():
            result = perform_many(kind=KIND, ids=ids, step="post", actor=actor, at=moment)
            if result.refused:
                raise next(iter(result.refused.values()))
            done += len(ids)
            if progress:
                progress("入账", done, len(by_day))
    document_ids = tuple(document_id for ids in ids_by_moment.values() for document_id in ids)
    return ImportedReports(document_ids, len(rows), sum(row.amount_fen for row in rows))


def _by_day(rows: Sequence[ReceiptRow]) -> dict[dt.date, list[ReceiptRow]]:
    by_day: dict[dt.date, list[ReceiptRow]] = defaultdict(list)
    for row in rows:
        by_day[row.on].append(row)
    return dict(sorted(by_day.items()))


def _shown(rows: Sequence[ReceiptRow], problems: Sequence[RowProblem]) -> str:
    sentences = [f"第{problem.index + 1}笔 {problem.message}" for problem in problems[:SHOWN_PROBLEMS]]
    return "".join(sentences) + ("……" if len(problems) > SHOWN_PROBLEMS else "")


def _write(
    by_day: Mapping[dt.date, Sequence[ReceiptRow]],
    table: SharingTable,
    actor: Actor,
    at: dt.datetime | Callable[[dt.date], dt.datetime],
    balances: Mapping[dt.date, int],
    source: str,
) -> dict[dt.datetime, list[int]]:
    """Documents and receipts, in the fewest calls: all days that are recorded at the same moment together."""
    moments: dict[dt.datetime, list[dt.date]] = defaultdict(list)
    for day in by_day:
        moments[at(day) if callable(at) else at].append(day)
    unit_id = bureau_unit_id(actor)
    ids: dict[dt.datetime, list[int]] = {}
    for moment, days in moments.items():
        shared = {day: [_shared(row, table) for row in by_day[day]] for day in days}
        drafts = [_draft(day, by_day[day], shared[day], unit_id, balances.get(day), source) for day in days]
        ids[moment] = create_many(kind=KIND, drafts=drafts, actor=actor, at=moment)
        receipts = [
            receipt_values(document_id, line_no, row, shares)
            for document_id, day in zip(ids[moment], days, strict=True)
            for line_no, (row, shares) in enumerate(zip(by_day[day], shared[day], strict=True), start=1)
        ]
        lean.copy_in("revenue_receipt", tuple(receipts[0]), [tuple(values.values()) for values in receipts])
    return ids


def _shared(row: ReceiptRow, table: SharingTable) -> tuple[int, int, int]:
    shares = table.shares(fund=row.fund, revenue_code=row.revenue_code, on=row.on, level=row.level)
    if shares is None:
        raise BadInput(f"分成比例表中没有 {row.revenue_code}（{row.on}）。", code="revenue.no_sharing")
    return shares.split(row.amount_fen)


def receipt_values(
    document_id: int, line_no: int, row: ReceiptRow, shares_fen: tuple[int, int, int]
) -> dict[str, Any]:
    """The values of a row of ``revenue_receipt``."""
    return {
        "document_id": document_id,
        "line_no": line_no,
        "received_on": row.on,
        "fund": row.fund,
        "revenue_code": row.revenue_code,
        "level": row.level,
        "payer": row.payer[:200],
        "serial": row.serial,
        "amount_fen": row.amount_fen,
        "central_fen": shares_fen[0],
        "province_fen": shares_fen[1],
        "district_fen": shares_fen[2],
        "is_active": True,
    }


def _draft(
    day: dt.date,
    rows: Sequence[ReceiptRow],
    shares: Sequence[tuple[int, int, int]],
    unit_id: int,
    balance_fen: int | None,
    source: str,
) -> Draft:
    return Draft(
        unit_id=unit_id,
        fiscal_year=day.year,
        business_on=day,
        title=f"国库日报 {day:%Y-%m-%d}",
        amount_fen=sum(row.amount_fen for row in rows),
        counterparty="国家金库",
        row={
            "source": source[:200],
            "receipt_count": len(rows),
            "refund_count": sum(row.amount_fen < 0 for row in rows),
            "central_fen": sum(part[0] for part in shares),
            "province_fen": sum(part[1] for part in shares),
            "district_fen": sum(part[2] for part in shares),
            "stated_balance_fen": balance_fen,
        },
    )


def _mark_codes(rows: Sequence[ReceiptRow]) -> None:
    used: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in rows:
        used[(row.fund, row.on.year)].add(row.revenue_code)
    for (fund, year), wanted in used.items():
        codes.mark_used(kind="revenue", codes=wanted, year=year, fund=fund)


def bureau_unit_id(actor: Actor) -> int:
    """The finance bureau, whose documents revenue's are. :raises BadInput: if no unit is the bureau."""
    found = Unit.objects.filter(kind=Unit.Kind.BUREAU, is_active=True).values_list("id", flat=True).first()
    if found is None and actor.unit_id is None:
        raise BadInput("还没有登记财政局这个单位，请先在单位管理中登记。", code="revenue.no_bureau")
    return int(found or actor.unit_id or 0)


def post_reports(call: StepCall) -> None:
    """入账: one entry per receipt, one cash entry per day and fund. Any refused entry stops the whole call."""
    rows = _fetch(RECEIPTS, [call.ids])
    entries = [_entry(row) for row in rows]
    cash = _cash_entries(rows)
    outcome = ledger.post_many(entries=[*entries, *cash], actor_id=call.actor.user_id, at=call.at)
    if outcome.refusals:
        refused = outcome.refusals[0]
        raise _not_booked([*entries, *cash][refused.index], refused)
    with connection.cursor() as cursor:
        cursor.execute(BOOKED, [[row[0] for row in rows], outcome.entry_ids[: len(rows)]])


def _entry(row: tuple[Any, ...]) -> Entry:
    _, document_id, day, fund, revenue_code, payer, serial, *shares = row
    return Entry(
        kind="revenue.receipt",
        document_id=document_id,
        effective_on=day,
        lines=postings.receipt_lines(fund=fund, revenue_code=revenue_code, year=day.year, shares_fen=shares),
        memo=f"{payer} {serial}".strip(),
    )


def _cash_entries(rows: Sequence[tuple[Any, ...]]) -> list[Entry]:
    received: dict[tuple[int, dt.date, str], int] = defaultdict(int)
    for _, document_id, day, fund, *_rest, district_fen in rows:
        received[(document_id, day, fund)] += district_fen
    return [
        Entry(
            kind="revenue.cash",
            document_id=document_id,
            effective_on=day,
            lines=postings.cash_lines(fund=fund, year=day.year, district_fen=fen),
            memo=f"{day:%Y-%m-%d} 收入入库",
        )
        for (document_id, day, fund), fen in received.items()
        if fen
    ]


def _not_booked(entry: Entry, refused: Refused) -> NotBooked:
    day = entry.effective_on
    ways = []
    if refused.code == "period_closed":
        ways.append(Way("查看会计期间", "page", {"path": "/ledger/periods/"}))
    return NotBooked(day=f"{day:%Y-%m-%d}", reason=refused.message, refused=refused, ways=ways)


def reverse_reports(call: StepCall) -> None:
    """冲销: every entry of the reports is reversed in red, dated today; their serials may be imported again."""
    if corrected := _fetch(
        "SELECT receipt.document_id, document.number FROM revenue_correction AS correction"
        " JOIN revenue_receipt AS receipt ON receipt.id = correction.receipt_id"
        " JOIN documents_document AS document ON document.id = correction.document_id"
        " WHERE receipt.document_id = ANY (%s::bigint[]) AND NOT receipt.is_active",
        [call.ids],
    ):
        for document_id, number in corrected:
            call.refuse(document_id, HasCorrections(number=number))
    if not call.ids:
        return
    reverse_documents(call)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE revenue_receipt SET is_active = false WHERE document_id = ANY (%s::bigint[])", [call.ids]
        )


def reverse_documents(call: StepCall) -> None:
    """This will reverse all entries of the call's documents that are not reversed yet. :raises NotBooked:"""
    day = timezone.localdate(call.at)
    entry_ids = [
        voucher.entry_id
        for voucher in ledger.vouchers_of_documents(call.ids)
        if voucher.reverses_id is None and voucher.reversed_by_id is None
    ]
    reverse_entries(entry_ids, call=call, day=day)


def reverse_entries(entry_ids: Sequence[int], *, call: StepCall, day: dt.date) -> None:
    """This will reverse these entries on a day, all or none. :raises NotBooked: naming the reason."""
    if not entry_ids:
        return
    outcome = ledger.reverse_many(
        entry_ids=entry_ids,
        effective_on=day,
        actor_id=call.actor.user_id,
        at=call.at,
        memo=f"{call.step.label}：{call.comment or call.documents[0].number}"[:200],
    )
    if outcome.refusals:
        refused = outcome.refusals[0]
        raise NotBooked(day=f"{day:%Y-%m-%d}", reason=refused.message, refused=refused)


def _fetch(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
