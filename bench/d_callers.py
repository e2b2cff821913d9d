"""(d): 64 callers at once, each answered after its commit, against pgbench's TPC-B with one client."""

import threading
import time

from django.db import connection

from bench.c_single import single_payment, supply, tpcb_rate
from bench.ledger_data import ACTOR, AT
from bench.support import Result, size
from fisc.kernel.ledger.collector import Collector

CALLERS = 64


def run() -> list[Result]:
    """Measure TPC-B, then the callers of one collector."""
    duration = size("BENCH_SECONDS", 10)
    baseline = tpcb_rate(duration)
    supply()
    connection.close()
    rate, batches = _shared_rate(duration)
    return [
        Result(name="d_64_callers", title=f"(d) {CALLERS} 个调用者同时记账", value=rate, unit="笔/秒", baseline=baseline,
               baseline_title="pgbench TPC-B，单客户端", ratio=rate / baseline, goal=4, better="higher",
               note=f"每批平均 {rate * duration / max(batches, 1):.0f} 笔"),
    ]  # fmt: skip


def _shared_rate(duration: int) -> tuple[float, int]:
    counts = [0] * CALLERS
    stop = threading.Event()

    def call(caller: int) -> None:
        number = caller
        while not stop.is_set():
            collector.post(entry=single_payment(number), actor_id=ACTOR, at=AT)
            counts[caller] += 1
            number += CALLERS

    with Collector() as collector:
        callers = [threading.Thread(target=call, args=(caller,)) for caller in range(CALLERS)]
        started = time.perf_counter()
        for caller in callers:
            caller.start()
        time.sleep(duration)
        stop.set()
        for caller in callers:
            caller.join()
        took = time.perf_counter() - started
        return sum(counts) / took, collector.batch_count
