"""(c): single payments, one commit each, one client, against pgbench's built-in TPC-B on the same server.

This is the ledger's part of a payment; the whole service is measured beside it where the treasury module is installed.
"""

import re
import time

from django.db import transaction

from bench.ledger_data import ACTOR, AT, key, open_books
from bench.support import Result, pgbench, size
from fisc.kernel import ledger
from fisc.kernel.ledger import Entry, Line

DURATION_SECONDS = 10


def run() -> list[Result]:
    """Measure TPC-B, then single postings."""
    duration = size("BENCH_SECONDS", DURATION_SECONDS)
    baseline = tpcb_rate(duration)
    rate = _single_rate(duration)
    return [
        Result(name="c_single_ledger_posts", title="(c) 单笔记账，逐笔提交（仅账务部分）", value=rate, unit="笔/秒",
               baseline=baseline, baseline_title="pgbench TPC-B，单客户端", ratio=rate / baseline, goal=0.5,
               better="higher"),
    ]  # fmt: skip


def tpcb_rate(duration: int) -> float:
    """Return the transactions per second of pgbench's TPC-B with one client, prepared statements."""
    pgbench("-i", "-q", "-s", "10")
    printed = pgbench("-c", "1", "-j", "1", "-M", "prepared", "-T", str(duration), "-n")
    found = re.search(r"tps = ([0-9.]+)", printed)
    assert found, printed
    return float(found[1])


def single_payment(number: int) -> Entry:
    """One small payment."""
    allotment = number % 5_000 + 1
    return Entry(
        kind="treasury.payment.settle", document_id=2_000_000 + number, effective_on=AT.date(), memo="授权支付",
        lines=(Line(debit=key("paid", allotment), credit=key("free", allotment), amount_fen=1),),
    )  # fmt: skip


def supply() -> None:
    """Give the allotments enough for all single payments."""
    open_books([])
    lines = tuple(
        Line(debit=key("free", no), credit=key("source"), amount_fen=1_000_000) for no in range(1, 5_001)
    )
    ledger.post(
        entry=Entry(kind="bench.supply", document_id=None, effective_on=AT.date(), lines=lines),
        actor_id=ACTOR,
        at=AT,
    )


def _single_rate(duration: int) -> float:
    supply()
    number = 0
    started = time.perf_counter()
    while time.perf_counter() - started < duration:
        for _ in range(50):
            with transaction.atomic():
                ledger.post(entry=single_payment(number), actor_id=ACTOR, at=AT)
            number += 1
    return number / (time.perf_counter() - started)
