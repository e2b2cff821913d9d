"""(f): proving every balance and turnover from ten million transfers, against one plain aggregate of the same table."""

from bench.a_batches import _post_all
from bench.ledger_data import make_payments, open_books
from bench.support import Result, seconds, server, size
from fisc.kernel.ledger.invariants import invariants

PLAIN = "SELECT count(*), sum(amount_fen), min(effective_on), max(effective_on) FROM ledger_transfer"
AGGREGATE = (
    "SELECT debit_account_id, period, sum(amount_fen) FROM ledger_transfer GROUP BY debit_account_id, period"
)


def run() -> list[Result]:
    """Fill up to the size, then measure the proof, one aggregate by account and period, and the sum of all."""
    count = size("BENCH_PROOF_N", 10_000_000)
    with server() as database:
        (have,) = database.execute("SELECT count(*) FROM ledger_transfer").fetchone()
    _fill(count - have)
    proof = next(one.sql for one in invariants() if one.code == "ledger.turnovers_match_transfers")
    with server() as database:
        database.execute("VACUUM ANALYZE ledger_transfer")
        (total,) = database.execute("SELECT count(*) FROM ledger_transfer").fetchone()
        took, aggregate, plain = (
            min(seconds(lambda query=query: database.execute(query).fetchall()) for _ in range(3))
            for query in (proof, AGGREGATE, PLAIN)
        )
        assert database.execute(proof).fetchall() == []
    return [
        Result(name="f_proof", title=f"(f) 由 {total:,} 条分录证明全部余额与发生额", value=took, unit="秒",
               baseline=aggregate, baseline_title="同一张表按账户、期间汇总一次", ratio=took / aggregate, goal=3,
               note=f"不分组的合计 {plain:.2f} 秒，为其 {took / plain:.1f} 倍"),
    ]  # fmt: skip


def _fill(count: int) -> None:
    while count > 0:
        payments = make_payments(min(count, 1_000_000), seed=count)
        free, paid = open_books([2 * approved for approved in payments.approved_fen])
        _post_all(payments, free, paid)
        count -= len(payments)
