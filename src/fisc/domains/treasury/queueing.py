"""库款紧张排队: while an order is in force, payments of a fund leave in the order of the law and as far as cash goes.

三保 > 农民工工资 > 上级转移支付 > 其他, first approved first paid inside a class, whole payments only. A payment leaves when
today's cash covers it and everything that waits before it: cash that does not reach the next in line is kept for it,
never given to one behind it. Source: 国务院《关于进一步深化预算管理制度改革的意见》(国发〔2021〕5号) 三保优先;
《保障农民工工资支付条例》. Who must leave before his turn needs the leader's signature (插队), which puts him first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from fisc.base.errors import Refusal, Way
from fisc.base.money import format_fen
from fisc.base.workdays import is_workday, workdays_between
from fisc.domains.treasury import postings
from fisc.kernel import lean, ledger
from fisc.kernel.documents.perform import perform_many

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

QUEUE_ORDER, OVERTAKING = "treasury.queue_order", "treasury.overtaking"
PAYING_KINDS = ("treasury.payment", "treasury.batch")
PRIORITIES = {1: "三保", 2: "农民工工资", 3: "上级转移支付", 4: "其他"}
PAGE = "/treasury/queue/"

IN_FORCE = """
SELECT document_id, covered_fund, starts_on, daily_quota_fen, reserve_fen
FROM treasury_queueorder
WHERE is_on AND starts_on <= %s
"""
WAITING = """
SELECT document_id, kind, number, unit_id, purpose, payee_name, amount_fen, priority, settlement, waiting_since_on,
    overtakes
FROM v_treasury_queue
WHERE fund = %s
ORDER BY NOT overtakes, priority, waiting_since, document_id
"""
# What has left the account in fact or by a promise to the bank, but not yet in the cash book; and what left since a day.
LEFT = """
SELECT
    coalesce(sum(instruction.amount_fen) FILTER (WHERE clearing.state IS DISTINCT FROM 'cleared'), 0)::bigint,
    coalesce(sum(instruction.amount_fen) FILTER (
        WHERE coalesce(bank_file.sent_on, instruction.paid_on) >= %s
    ), 0)::bigint
FROM treasury_instruction AS instruction
JOIN documents_document AS header ON header.id = instruction.document_id
LEFT JOIN treasury_bankfile AS bank_file ON bank_file.document_id = instruction.bank_file_id
LEFT JOIN documents_document AS clearing ON clearing.id = instruction.clearing_id
WHERE header.fund = %s AND instruction.state <> 'failed'
    AND (clearing.state IS DISTINCT FROM 'cleared' OR coalesce(bank_file.sent_on, instruction.paid_on) >= %s)
"""


class QueueWaits(Refusal):
    """库款紧张排队：{number}（{rank}）排第 {place} 位，前面还有 {count} 张 {ahead} 元待付（最先为 {first}，{first_rank}）。\
今日可用库款 {cash} 元，不够一并支付。请按“三保—农民工工资—上级转移支付—其他，先到先付”的顺序等候，或报局领导签批插队。"""

    code = "treasury.queue_waits"


class QueueCash(Refusal):
    """库款紧张排队：{number}（{rank}）已排在最前，但今日可用库款 {cash} 元，本单 {required} 元，还差 {shortfall} 元。\
请等库款到账，或报批调整排队令的额度。"""

    code = "treasury.queue_cash"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One payment or batch that waits. `ahead_fen`: all that waits before it; `pays`: today's cash reaches it."""

    document_id: int
    kind: str
    number: str
    unit_id: int
    purpose: str
    payee_name: str
    amount_fen: int
    priority: int
    settlement: str
    since: dt.date
    overtakes: bool
    place: int = 0
    ahead_fen: int = 0
    pays: bool = False

    @property
    def rank(self) -> str:
        """Its class as people say it."""
        return "已签批插队" if self.overtakes else PRIORITIES[self.priority]


@dataclass(frozen=True, slots=True)
class Order:
    """A queue order in force."""

    document_id: int
    fund: str
    starts_on: dt.date
    daily_quota_fen: int | None
    reserve_fen: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of a fund on a day: the order in force (None: nobody has to queue), today's cash, and who waits."""

    fund: str
    order: Order | None
    cash_fen: int
    rows: tuple[Waiting, ...]


# --- the law, pure -------------------------------------------------------------------------------------------


def lined_up(rows: Sequence[Waiting], cash_fen: int) -> tuple[Waiting, ...]:
    """Return the rows, which come in the order of the law, with their places and whom today's cash reaches.

    It reaches a row when it covers that row and all before it; so nobody is paid while somebody before him is not.
    """
    placed, ahead = [], 0
    for place, row in enumerate(rows, 1):
        pays = ahead + row.amount_fen <= cash_fen
        placed.append(replace(row, place=place, ahead_fen=ahead, pays=pays))
        ahead += row.amount_fen
    return tuple(placed)


def out_of_turn(
    rows: Sequence[Waiting], asked: Collection[int], cash_fen: int
) -> dict[int, tuple[Waiting, ...]]:
    """Return those of the asked that may not leave now, each with whoever waits before it and is not paid.

    Nobody before it: cash does not reach even the first in line.
    """
    refused: dict[int, tuple[Waiting, ...]] = {}
    left, before = cash_fen, []
    for row in rows:
        if row.document_id in asked:
            if sum(other.amount_fen for other in before) + row.amount_fen <= left:
                left -= row.amount_fen
                continue
            refused[row.document_id] = tuple(before)
        before.append(row)
    return refused


def quota_left(order: Order, on: dt.date, spent_fen: int) -> int | None:
    """What the daily quotas since the order's first day leave, in 分; unspent quota is carried on. None: no quota."""
    if order.daily_quota_fen is None:
        return None
    days = workdays_between(order.starts_on, on) + is_workday(order.starts_on)
    return order.daily_quota_fen * days - spent_fen


# --- reading -------------------------------------------------------------------------------------------------


def orders_in_force(on: dt.date) -> dict[str, Order]:
    """Return the orders in force on the day, by fund; one small query."""
    return {row[1]: Order(*row) for row in lean.fetch(IN_FORCE, (on,))}


def cash_today(fund: str, on: dt.date, order: Order | None) -> int:
    """Return what may leave today, in 分: cash less what is with the bank and the reserve, within the quota."""
    since = order.starts_on if order else on
    ((promised, spent),) = lean.fetch(LEFT, (since, fund, since))
    account = postings.cash_account(fund)
    cash = ledger.balance([account])[account].available_fen - promised - (order.reserve_fen if order else 0)
    quota = quota_left(order, on, spent) if order else None
    return max(0, cash if quota is None else min(cash, quota))


def queue_of(*, fund: str, on: dt.date) -> Queue:
    """This function will read the queue of a fund: who waits, in the order of the law, and whom today's cash reaches."""
    order = orders_in_force(on).get(fund)
    return _queue(fund, on, order)


def _queue(fund: str, on: dt.date, order: Order | None) -> Queue:
    cash = cash_today(fund, on, order)
    rows = [Waiting(*row) for row in lean.fetch(WAITING, (fund,))]
    return Queue(fund, order, cash, lined_up(rows, cash))


# --- the door ------------------------------------------------------------------------------------------------


def keep_the_order(call: StepCall) -> None:
    """This function will refuse, where an order is in force, what would leave out of turn (send, pay_cash)."""
    on = timezone.localdate(call.at)
    orders = orders_in_force(on)
    for fund in sorted({document.fund for document in call.documents} & orders.keys()):
        with connection.cursor() as cursor:  # two people sending at once must not both see the same cash
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('treasury_queue_' || %s))", [fund])
        queue = _queue(fund, on, orders[fund])
        asked = {document.pk for document in call.documents if document.fund == fund}
        refused = out_of_turn(queue.rows, asked, queue.cash_fen)
        for row in queue.rows:
            if row.document_id in refused:
                call.refuse(row.document_id, _refusal(row, refused[row.document_id], queue.cash_fen))
            elif row.document_id in asked:
                call.add_detail(row.document_id, queue_place=row.place, overtakes=row.overtakes)


def _refusal(row: Waiting, before: Sequence[Waiting], cash_fen: int) -> Refusal:
    facts: dict[str, Any] = {
        "number": row.number,
        "rank": row.rank,
        "cash": format_fen(cash_fen),
        "available_fen": cash_fen,
        "amount_fen": row.amount_fen,
    }
    see = Way("查看支付排队", "page", {"path": PAGE})
    if not before:
        short = max(0, row.amount_fen - cash_fen)
        return QueueCash(
            ways=[see], required=format_fen(row.amount_fen), shortfall=format_fen(short), shortfall_fen=short, **facts
        )  # fmt: skip
    ask = Way("申请插队", "new_document", {"kind": OVERTAKING, "initial": {"payment_id": row.document_id}})
    return QueueWaits(
        ways=[see, ask],
        place=row.place,
        count=len(before),
        ahead=format_fen(sum(other.amount_fen for other in before)),
        first=before[0].number,
        first_rank=before[0].rank,
        held_by=[f"{other.number} {format_fen(other.amount_fen)} 元" for other in before[:5]],
        **facts,
    )


def pay_plan(*, fund: str, on: dt.date, actor: Actor, at: dt.datetime) -> list[int]:
    """This function will send to the bank all that today's cash pays by the law, and return the documents sent.

    Cash payments wait for the counter. :raises Refusal: as `send` does.
    """
    queue = queue_of(fund=fund, on=on)
    sent: list[int] = []
    for kind in PAYING_KINDS:
        ids = [
            row.document_id
            for row in queue.rows
            if row.pays and row.kind == kind and row.settlement != "cash"
        ]
        if ids:
            sent += perform_many(kind=kind, ids=ids, step="send", actor=actor, at=at).done
    return sorted(sent)
