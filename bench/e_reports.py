"""(e): dashboard figures, execution report and class × month report, with one million and with ten million transfers.

They read month turnovers, whose number follows accounts and months, not payments: the time must stay the same, and
every amount must equal a full scan of the transfers to the 分.
"""

from django.db import connection

from bench import support
from bench.f_proof import _fill
from bench.support import Result, seconds, server, size
from fisc.kernel.metrics import formulas as f
from fisc.kernel.metrics.catalogue import Catalogue, catalogue_of
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest, Flow, Metric
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.reports import layouts
from fisc.kernel.reports.build import build
from fisc.kernel.reports.spec import Report, ReportQuery

RUNS = 15
QUERY = ReportQuery(year=2023, month=12)
GENERAL = "expenditure.general"
BUDGET = f"{GENERAL}.budget"
SCAN = """
    SELECT left(account.function_code, 3), transfer.period, sum(transfer.amount_fen)::bigint
    FROM ledger_transfer AS transfer
    JOIN ledger_account AS account ON account.id = transfer.debit_account_id
    WHERE account.book = 'bench' AND account.subject = 'paid'
    GROUP BY 1, 2
"""


def run() -> list[Result]:
    """Keep a copy of the small books, fill up to the large size, then measure both in turn on the same machine load."""
    small, large = size("BENCH_N", 1_000_000), size("BENCH_PROOF_N", 10_000_000)
    _fill(small - _count())
    _check()
    few, copy = _count(), f"{support.DATABASE}_small"
    _copy(copy)
    try:
        _fill(large - _count())
        _check()
        many = _count()
        before, after = _measure(copy, support.DATABASE)
    finally:
        _use(support.DATABASE)
        _drop(copy)
    return [
        Result(
            name=f"e_{name}", title=f"(e) {title}：{many:,} 条分录", value=after[name] * 1000, unit="毫秒",
            baseline=before[name] * 1000, baseline_title=f"{few:,} 条分录", ratio=after[name] / before[name], goal=1.2,
            note="逐类逐月与全表扫描相符",
        )
        for name, title in (("dashboard", "驾驶舱数字"), ("execution", "支出执行报表"), ("months", "分月报表"))
    ]  # fmt: skip


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _copy(name: str) -> None:
    _drop(name)
    connection.close()
    with server("postgres") as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {support.DATABASE}")


def _drop(name: str) -> None:
    connection.close()
    with server("postgres") as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _count() -> int:
    with server() as database:
        (count,) = database.execute("SELECT count(*) FROM ledger_transfer").fetchone()
    return int(count)


def _catalogue() -> Catalogue:
    def paid(**more: object) -> Flow:
        return Flow(book="bench", subjects=("paid",), fund="general", by_unit=True, **more)

    approved = Flow(book="bench", subjects=("free", "paid"), fund="general", period="year", by_unit=True)
    return catalogue_of(
        [
            Metric(GENERAL, "支出", "fen", "", paid()),
            Metric(f"{GENERAL}.growth", "同比增长", "percent", "", f.Growth(GENERAL)),
            Metric(f"{GENERAL}.increase", "增减额", "fen", "", f.Increase(GENERAL)),
            Metric(BUDGET, "调整预算", "fen", "", approved),
            Metric(f"{BUDGET}.initial", "年初预算", "fen", "", approved),
            Metric(f"{BUDGET}.adjustment", "调整", "fen", "", f.Difference(BUDGET, f"{BUDGET}.initial")),
            Metric(f"{GENERAL}.completion", "执行率", "percent", "", f.Completion(GENERAL, BUDGET)),
        ]
    )


def _dashboard(known: Catalogue) -> None:
    month = [
        FigureRequest(metric=GENERAL, year=year, month=number, only_month=True)
        for year in (2022, 2023) for number in range(1, 13)
    ]  # fmt: skip
    figures(
        [*(FigureRequest(metric=metric.code, year=2023, month=12) for metric in known), *month],
        catalogue=known,
    )


def _report(layout: object, known: Catalogue) -> Report:
    return build(layout, QUERY, actor=system_actor(), catalogue=known)


def _measure(*names: str) -> list[dict[str, float]]:
    """The best of some runs in each database, in turn, so that what else the machine does meets all of them."""
    known = _catalogue()
    work = {
        "dashboard": lambda: _dashboard(known),
        "execution": lambda: _report(layouts.EXPENDITURE_BY_FUNCTION, known),
        "months": lambda: _report(layouts.EXPENDITURE_BY_MONTH, known),
    }
    for name in names:
        with server(name) as database:
            database.execute("VACUUM ANALYZE")
    best = [dict.fromkeys(work, float("inf")) for _ in names]
    for _ in range(RUNS):
        for name, found in zip(names, best, strict=True):
            _use(name)
            for title, one in work.items():
                one()  # connects and warms the caches
                found[title] = min(found[title], seconds(one))
    return best


def _check() -> None:
    """Every class and month of the report equals the scan, and so does the total."""
    with server() as database:
        scanned = {(code, period): fen for code, period, fen in database.execute(SCAN).fetchall()}
    report = _report(layouts.EXPENDITURE_BY_MONTH, _catalogue())
    shown = {
        (row.code, 202300 + month): cell.value
        for row in report.rows for month in range(1, 13)
        if (cell := row.cell(f"m{month:02d}")).value
    }  # fmt: skip
    assert shown == scanned, "the report differs from the transfers"
    assert report.total.cell("paid").value == sum(scanned.values())
