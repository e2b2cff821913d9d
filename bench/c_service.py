"""(c): single payments through the whole service, one commit each, one client, against pgbench's TPC-B.

One payment here is what a user does when he presses 送审: locked, state and rights checked, all rules run over the fact
view, the money held in the ledger, the approval chain begun, audit row and events written, committed. The demo
district of January 2022 is what it runs in.
"""

import time
from datetime import date

from bench.c_single import tpcb_rate
from bench.support import Result, fresh_database, size

DURATION_SECONDS = 10
BATCH = 2_000


def run() -> list[Result]:
    """Play a month of the demo, then measure TPC-B and submissions in it."""
    from fisc.base.progress import silent
    from fisc.project import demo

    fresh_database()
    demo.load(through=date(2022, 1, 31), progress=silent)
    duration = size("BENCH_SECONDS", DURATION_SECONDS)
    baseline = tpcb_rate(duration)
    rate = _submit_rate(duration)
    return [
        Result(name="c_single_service", title="(c) 单笔支付走完整服务，逐笔提交", value=rate, unit="笔/秒",
               baseline=baseline, baseline_title="pgbench TPC-B，单客户端", ratio=rate / baseline, goal=0.5,
               better="higher", note="送审：校验、规则、预占、审批链、留痕"),
    ]  # fmt: skip


def _submit_rate(duration: int) -> float:
    from fisc.kernel.documents.perform import perform
    from fisc.project.demo.cast import moment

    on = date(2022, 2, 7)
    maker, ids, answers = _drafts(on)
    at = moment(on, 9)
    done = 0
    started = time.perf_counter()
    for doc_id in ids:
        perform(kind="treasury.payment", id=doc_id, step="submit", actor=maker, at=at, data=answers)
        done += 1
        if time.perf_counter() - started > duration:
            break
    return done / (time.perf_counter() - started)


def _drafts(on: date) -> tuple[object, list[int], dict[str, object]]:
    """Many small payment requests on all the allotments of the year, not submitted yet."""
    from fisc.domains.treasury import services
    from fisc.kernel.documents.models import Document
    from fisc.kernel.documents.spec import Draft
    from fisc.project.demo import cast, payments

    maker = cast.call().maker
    allotments = list(
        Document.objects.filter(kind="budget.allotment", state="released")
        .order_by("id")
        .values_list("id", flat=True)
    )
    drafts = [
        Draft(
            unit_id=0, fiscal_year=on.year, business_on=on, title=f"2月零星支出第{number}笔", amount_fen=100 + number,
            counterparty="云屿宏远商贸有限公司",
            row={"allotment_id": allotments[number % len(allotments)], "payee_account": f"9001{number:015d}"},
        )
        for number in range(BATCH * 10)
    ]  # fmt: skip
    ids = services.create_payments(drafts=drafts, actor=maker, at=cast.moment(on, 8))
    return maker, ids, {"answers": payments.ANSWERS}
