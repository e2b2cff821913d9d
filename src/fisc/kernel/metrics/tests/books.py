"""Small books for the tests of figures and reports: charts, accounts in short, entries."""

from datetime import UTC, date, datetime

from fisc.kernel.ledger import AccountKey, Entry, Line, charts, periods, post_many
from fisc.kernel.ledger.charts import Subject
from fisc.kernel.metrics import formulas as f
from fisc.kernel.metrics.catalogue import Catalogue, catalogue_of
from fisc.kernel.metrics.spec import Flow, Metric
from fisc.kernel.orgs.actor import Actor

AT = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)
ACTOR = 1
BOSS = Actor(
    user_id=1, username="b", name="局长", roles=frozenset(), permissions=frozenset({"*"}), unit_ids=None
)

_SUBJECTS = (
    ("allotment", "601", "预算来源", "credit"),
    ("allotment", "602", "年初预算数", "debit"),
    ("allotment", "603", "年初预算数对方", "credit"),
    ("allotment", "635", "可执行指标", "debit"),
    ("allotment", "661", "预算支出", "debit"),
    ("revenue", "4000", "收入对方", "debit"),
    ("revenue", "4001", "中央级", "credit"),
    ("revenue", "4003", "区级", "credit"),
    ("revenue", "8000", "任务对方", "debit"),
    ("revenue", "8001", "中央级任务", "credit"),
    ("revenue", "8003", "区级任务", "credit"),
)
GENERAL = "general"
RECEIPTS = ("101", "103")


def _revenue(
    code: str, title: str, subjects: tuple[str, ...], revenues: tuple[str, ...], tasks: tuple[str, ...]
) -> list[Metric]:
    flow = {"book": "revenue", "side": "credit", "fund": GENERAL, "revenues": revenues}
    return [
        Metric(code, title, "fen", f"{title}口径", Flow(subjects=subjects, **flow)),
        Metric(
            f"{code}.task",
            f"{title}年度任务",
            "fen",
            "年初下达任务",
            Flow(subjects=tasks, period="year", **flow),
        ),
        Metric(f"{code}.growth", f"{title}同比增长", "percent", "自然口径", f.Growth(of=code), places=1),
        Metric(
            f"{code}.completion",
            f"{title}完成率",
            "percent",
            "任务数",
            f.Completion(of=code, task=f"{code}.task"),
            places=1,
        ),
    ]


def metrics() -> Catalogue:
    """The metrics of the report's opening paragraphs over the small charts."""
    spent = {"book": "allotment", "subjects": ("661",), "by_unit": True}
    return catalogue_of(
        [
            *_revenue("revenue.total", "财政总收入", ("4001", "4003"), RECEIPTS, ("8001", "8003")),
            *_revenue("revenue.general", "一般公共预算收入", ("4003",), RECEIPTS, ("8003",)),
            *_revenue("revenue.tax", "税收收入", ("4003",), ("101",), ("8003",)),
            *_revenue("revenue.nontax", "非税收入", ("4003",), ("103",), ("8003",)),
            Metric("revenue.tax.share", "税收占比", "percent", "占一般公共预算收入", f.Share(part="revenue.tax", whole="revenue.general")),
            Metric("revenue.tax.share_change", "税收占比变动", "points", "百分点", f.ShareChange(part="revenue.tax", whole="revenue.general")),
            Metric("expenditure.general", "一般公共预算支出", "fen", "已支付", Flow(fund=GENERAL, **spent)),
            Metric("expenditure.general.growth", "一般公共预算支出同比增长", "percent", "自然口径", f.Growth(of="expenditure.general")),
            Metric("expenditure.general.month", "当月支出", "fen", "已支付", Flow(fund=GENERAL, period="month", **spent)),
            Metric("expenditure.general.budget", "调整预算", "fen", "批复加追加减追减", Flow(book="allotment", subjects=("635", "661"), fund=GENERAL, period="balance", by_unit=True)),
            Metric("expenditure.general.completion", "执行率", "percent", "调整预算", f.Completion(of="expenditure.general", task="expenditure.general.budget")),
            Metric("expenditure.general.increase", "增减额", "fen", "与上年同期比", f.Increase(of="expenditure.general")),
            Metric("revenue.general.increase", "增减额", "fen", "与上年同期比", f.Increase(of="revenue.general")),
            Metric("expenditure.general.budget.initial", "年初预算", "fen", "年初批复", Flow(book="allotment", subjects=("602",), fund=GENERAL, period="year", by_unit=True)),
            Metric("expenditure.general.budget.adjustment", "调整", "fen", "调整预算减年初预算", f.Difference("expenditure.general.budget", "expenditure.general.budget.initial")),
            Metric("expenditure.livelihood", "民生支出", "fen", "民生清单", Flow(fund=GENERAL, code_list="livelihood", **spent)),
            Metric("expenditure.livelihood.share", "民生支出占比", "percent", "占一般公共预算支出", f.Share(part="expenditure.livelihood", whole="expenditure.general")),
            Metric("expenditure.livelihood.increment_share", "民生支出增量占比", "percent", "增量", f.IncrementShare(part="expenditure.livelihood", whole="expenditure.general")),
        ]
    )  # fmt: skip


def open_books() -> None:
    """The charts and the fiscal years 2022 and 2023."""
    charts.save_subjects(
        [
            Subject(book=book, code=code, name=name, normal_side=side, default_floor_fen=None)
            for book, code, name, side in _SUBJECTS
        ]
    )
    for year in (2022, 2023):
        periods.open_year(year)


def receipt(amount_fen: int, *, on: date, code: str = "1010101", subject: str = "4003") -> Entry:
    """Money that came in; a negative amount is a refund."""
    key = AccountKey(book="revenue", subject=subject, fiscal_year=on.year, fund=GENERAL, revenue_code=code)
    other = AccountKey(
        book="revenue", subject="4000" if subject < "8" else "8000", fiscal_year=on.year, fund=GENERAL
    )
    credit, debit = (key, other) if amount_fen > 0 else (other, key)
    return Entry(
        kind="revenue.receipt",
        document_id=None,
        effective_on=on,
        lines=(Line(debit=debit, credit=credit, amount_fen=abs(amount_fen)),),
        memo="入库",
    )


def task(amount_fen: int, *, year: int = 2023, code: str = "1010101", subject: str = "8003") -> Entry:
    """The year's task, posted in January."""
    return receipt(amount_fen, on=date(year, 1, 1), code=code, subject=subject)


def allotment(
    subject: str, *, year: int, function: str = "2050202", unit: int = 1, number: int = 1, fund: str = GENERAL
) -> AccountKey:
    """An account of the allotment book."""
    return AccountKey(
        book="allotment", subject=subject, fiscal_year=year, unit_id=unit, fund=fund, function_code=function,
        economic_code="30201", allotment_id=number,
    )  # fmt: skip


def budget(amount_fen: int, *, year: int = 2023, initial: bool = True, **place: object) -> Entry:
    """An allotment released on the 2nd of January."""
    source = AccountKey(book="allotment", subject="601", fiscal_year=year, fund=GENERAL)
    line = Line(debit=allotment("635", year=year, **place), credit=source, amount_fen=amount_fen)
    lines = [line]
    if initial:
        memo = AccountKey(book="allotment", subject="603", fiscal_year=year, fund=GENERAL)
        lines.append(Line(debit=allotment("602", year=year, **place), credit=memo, amount_fen=amount_fen))
    return Entry(
        kind="budget.release",
        document_id=None,
        effective_on=date(year, 1, 2),
        lines=tuple(lines),
        memo="下达",
    )


def payment(amount_fen: int, *, on: date, document_id: int | None = None, **place: object) -> Entry:
    """A payment out of an allotment."""
    line = Line(
        debit=allotment("661", year=on.year, **place),
        credit=allotment("635", year=on.year, **place),
        amount_fen=amount_fen,
    )
    return Entry(kind="treasury.paid", document_id=document_id, effective_on=on, lines=(line,), memo="支付")


def book(*entries: Entry, at: datetime = AT) -> list[int]:
    """Post the entries, all of them."""
    outcome = post_many(entries=entries, actor_id=ACTOR, at=at)
    assert not outcome.refusals, outcome.refusals
    return [number for number in outcome.entry_ids if number]
