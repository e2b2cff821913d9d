"""(a), (b): a million payments through the one door, against a raw COPY of the same rows.

The COPY writes the finished rows of entries and transfers into tables with the same columns, first without any index,
then with all of the ledger's. (b) The same rate as a share of a COPY of five columns without index, to stand beside
TigerBeetle's Python client, which was measured at 61,900/s beside such a COPY of 1,209,000 rows/s.
"""

import time
from array import array
from datetime import date, timedelta

from django.db import connection, transaction

from bench.ledger_data import ACTOR, AT, Payments, expected_refusals, make_payments, open_books
from bench.support import Result, console, seconds, server, size
from fisc.kernel.ledger.bulk import Columns, post_columns

ROWS_PER_BATCH = 250_000
TABLES = ("ledger_entry", "ledger_transfer_2023")
CHUNK = 1 << 20
TIGERBEETLE_SHARE = 61_900 / 1_209_000
GOAL_SHARE = 100_000 / 1_200_000


def run() -> list[Result]:
    """Measure posting and both COPYs."""
    count = size("BENCH_N", 1_000_000)
    payments = make_payments(count)
    free, paid = open_books(payments.approved_fen)
    took, refused = _post_all(payments, free, paid)
    wrong = refused ^ expected_refusals(payments)
    console.print(f"拒绝 {len(refused):,} 笔（{len(refused) / count:.2%}），与逐笔判断不一致 {len(wrong)} 笔")
    if wrong:
        raise AssertionError(f"{len(wrong)} wrong decisions, the first: payment {min(wrong)}")
    rows = {table: _copy_out(table) for table in TABLES}
    plain = _copy_in(rows, "INCLUDING DEFAULTS")
    indexed = _copy_in(rows, "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES")
    five_columns = count / _copy_five(count)
    rate = count / took
    note = f"{rate:,.0f} 笔/秒，{len(refused):,} 笔拒绝，判断全部正确"
    return [
        Result(name="a_post_vs_copy_same_shape", title=f"(a) {count:,} 笔支付", value=took, unit="秒", baseline=indexed,
               baseline_title="COPY 同样的行，同样的表与索引", ratio=took / indexed, goal=4, note=note),
        Result(name="a_post_vs_copy_no_index", title=f"(a) {count:,} 笔支付", value=took, unit="秒", baseline=plain,
               baseline_title="COPY 同样的行，无索引", ratio=took / plain, goal=4, note=note),
        Result(name="b_share_of_copy", title="(b) 占五列无索引 COPY 速度之比", value=rate, unit="笔/秒",
               baseline=five_columns, baseline_title="COPY 五列，无索引", ratio=rate / five_columns, goal=GOAL_SHARE,
               better="higher", note=f"TigerBeetle Python 客户端在同类机器上为 {TIGERBEETLE_SHARE:.1%}"),
    ]  # fmt: skip


def _post_all(payments: Payments, free: list[int], paid: list[int]) -> tuple[float, set[int]]:
    """Post in batches, a commit each; returns seconds and the indexes of the refused."""
    refused: set[int] = set()
    started = time.perf_counter()
    for start in range(0, len(payments), ROWS_PER_BATCH):
        picks = payments.allotments[start : start + ROWS_PER_BATCH]
        with transaction.atomic():
            outcome = post_columns(
                columns=Columns(
                    kind="treasury.payment.settle",
                    effective_on=date(2023, 1, 2) + timedelta(days=300 * start // len(payments)),
                    debit_ids=array("q", [paid[pick] for pick in picks]),
                    credit_ids=array("q", [free[pick] for pick in picks]),
                    amounts_fen=payments.amounts_fen[start : start + ROWS_PER_BATCH],
                    document_ids=array("q", range(start + 1, start + len(picks) + 1)),
                    memos="授权支付",
                ),
                actor_id=ACTOR,
                at=AT,
            )
        refused.update(start + one.index for one in outcome.refusals)
    return time.perf_counter() - started, refused


def _copy_out(table: str) -> bytes:
    with server() as database, database.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(map(bytes, copy))


def _copy_in(rows: dict[str, bytes], likeness: str) -> float:
    """Copy the rows into new tables, one commit, best of two; returns seconds."""
    connection.close()
    return min(_copy_once(rows, likeness) for _ in range(2))


def _copy_once(rows: dict[str, bytes], likeness: str) -> float:
    with server() as database:
        for table in rows:
            database.execute(f"DROP TABLE IF EXISTS bench_{table}")
            database.execute(f"CREATE TABLE bench_{table} (LIKE {table} {likeness})")

        def work() -> None:
            with database.transaction():
                for table, content in rows.items():
                    with database.cursor().copy(f"COPY bench_{table} FROM STDIN") as copy:
                        for start in range(0, len(content), CHUNK):
                            copy.write(content[start : start + CHUNK])

        took = seconds(work)
        for table in rows:
            database.execute(f"DROP TABLE bench_{table}")
    return took


def _copy_five(count: int) -> float:
    content = "".join(
        f"{number}\t{number % 10_000}\t{number % 9_999 + 20_000}\t{number * 7 % 100_000}\t2023-06-05 09:00:00+00\n"
        for number in range(count)
    ).encode()
    with server() as database:
        database.execute("CREATE TABLE bench_five (id bigint, debit_id bigint, credit_id bigint, amount_fen bigint, "
                         "recorded_at timestamptz)")  # fmt: skip

        def work() -> None:
            with database.cursor().copy("COPY bench_five FROM STDIN") as copy:
                for start in range(0, len(content), CHUNK):
                    copy.write(content[start : start + CHUNK])

        took = seconds(work)
        database.execute("DROP TABLE bench_five")
    return took
