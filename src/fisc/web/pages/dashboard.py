"""驾驶舱: what came in, what went out, how far behind, and what to do about it. Every figure opens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fisc.base.errors import NotAllowed
from fisc.kernel import codes
from fisc.kernel.approvals.models import Task
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics import catalogue, evidence
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.figure import Figure
from fisc.kernel.metrics.formulas import time_progress
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Region
from fisc.kernel.rules.models import StoredFinding
from fisc.web import charts, formats
from fisc.web.components import Cell, Empty, Head, Option, Row, Table, link
from fisc.web.icons import icon

SPENT, BUDGET = "expenditure.general", "expenditure.general.budget"
EARNED, TASK = "revenue.general", "revenue.general.task"
CHARTS = (
    ("spend-month", "支出当月"),
    ("spend-sum", "支出累计"),
    ("earn-month", "收入当月"),
    ("earn-sum", "收入累计"),
)
LATE_POINTS = 5
BOOKED_AFTER_DAYS = 10
"""Until this day of a month the month before is shown: its books are just complete."""


@dataclass(frozen=True)
class KeyFigure:
    """One of the five figures on top."""

    title: str
    base: str | SafeString
    value: str | SafeString
    unit: str
    tag: str = ""
    tone: str = ""
    bar: SafeString | str = ""
    left: str | SafeString = ""
    right: str | SafeString = ""


class Book:
    """The figures of one page: asked for together, read by metric code; None where the reader or the data has none."""

    def __init__(self, actor: Actor, year: int, month: int) -> None:
        self.actor, self.year, self.month = actor, year, month
        self.known = catalogue.current()
        self.wanted: dict[FigureRequest, FigureRequest] = {}
        self.found: dict[FigureRequest, Figure] = {}

    def request(
        self, metric: str, *, year: int | None = None, month: int | None = None, **filters: Any
    ) -> FigureRequest:
        """A request for the page's month unless said otherwise."""
        return FigureRequest(metric=metric, year=year or self.year, month=month or self.month, **filters)

    def ask(self, metric: str, **where: Any) -> None:
        """Ask for a figure; one that is not declared or not for this reader is left out."""
        wanted = self.request(metric, **where)
        if metric not in self.known:
            return
        try:
            self.wanted[wanted] = evidence.permitted(wanted, self.actor, catalogue=self.known)
        except NotAllowed:
            return

    def fetch(self) -> None:
        """Read everything that was asked for."""
        read = figures(self.wanted.values(), catalogue=self.known)
        self.found = {asked: read[permitted] for asked, permitted in self.wanted.items()}

    def get(self, metric: str, **where: Any) -> Figure | None:
        """The figure, if there is one with a value."""
        figure = self.found.get(self.request(metric, **where))
        return figure if figure is not None and figure.value is not None else None

    def fen(self, metric: str, **where: Any) -> int | None:
        """The value in 分."""
        figure = self.get(metric, **where)
        return int(figure.value) if figure is not None and figure.value is not None else None


def default_month(today: date, year: int) -> int:
    """The last month whose books are complete enough to look at."""
    if year != today.year:
        return 12
    return today.month - 1 if today.day <= BOOKED_AFTER_DAYS and today.month > 1 else today.month


def dashboard_page(request: HttpRequest) -> HttpResponse:
    """The page; people without figures (administrators) go to what is theirs."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.can("figures.view"):
        return HttpResponseRedirect("/inbox/" if not actor.can("orgs.users.view") else "/people/users/")
    today = request.now.date()  # type: ignore[attr-defined]
    year = request.look.year or today.year  # type: ignore[attr-defined]
    asked = request.GET.get("month", "")
    month = int(asked) if asked.isdigit() and 1 <= int(asked) <= 12 else default_month(today, year)
    chart = request.GET.get("chart", CHARTS[0][0])
    book = Book(actor, year, month)
    classes = [
        code
        for code in codes.children(kind="function", parent="", year=year, fund="general")
        if code.code.startswith("2")
    ]
    _ask_all(book, [code.code for code in classes])
    book.fetch()
    look = request.look  # type: ignore[attr-defined]
    context = {
        "title": "财政运行驾驶舱",
        "district": Region.objects.filter(level=Region.Level.DISTRICT).values_list("name", flat=True).first()
        or "",
        "month": month,
        "year": year,
        "months": [Option(str(m), f"{m} 月", m == month) for m in range(1, 13)],
        "as_of": f"{year}-{month:02d}",
        "pace": formats.percent_text(time_progress(month)),
        "key_figures": key_figures(book, look.unit),
        "chart": chart_card(book, chart),
        "charts": [(code, label, code == chart) for code, label in CHARTS],
        "alerts": alerts(actor, today),
        "lagging": lagging_table(book, {code.code: code.name for code in classes}, look.unit),
        "quota": quota_card(book, look.unit),
        "structure": structure(book, look.unit),
    }
    template = (
        "web/parts/chart_card.html" if request.htmx and "chart" in request.GET else "web/dashboard.html"
    )  # type: ignore[attr-defined]
    return render(request, template, context)


QUOTA = (
    ("已支付", "allotment.paid", "d1"),
    ("在途", "allotment.held", "d2"),
    ("冻结", "allotment.frozen", "frozen"),
    ("可用余额", "allotment.available", "rest"),
)
SINGLE = (
    "revenue.total", "revenue.total.growth", "revenue.total.task", "revenue.total.completion", EARNED, f"{EARNED}.growth", TASK,
    f"{EARNED}.completion", SPENT, f"{SPENT}.growth", BUDGET, f"{SPENT}.completion", "revenue.tax", "revenue.nontax", "revenue.tax.share",
    "revenue.tax.share_change", "revenue.tax.growth", "revenue.nontax.growth", "expenditure.livelihood", "expenditure.livelihood.share",
    "cash.balance", "allotment.approved", *(metric for _, metric, _ in QUOTA),
)  # fmt: skip


def _ask_all(book: Book, classes: list[str]) -> None:
    for metric in SINGLE:
        book.ask(metric)
    for metric in (SPENT, EARNED):
        for month in range(1, 13):
            if month <= book.month:
                book.ask(metric, month=month)
            book.ask(metric, year=book.year - 1, month=month)
    for code in classes:
        book.ask(SPENT, function=code)
        book.ask(BUDGET, function=code)


def key_figures(book: Book, unit: formats.Unit) -> list[KeyFigure]:
    """The strip: revenue, own revenue, spending, livelihood, cash; for a unit: its quota."""
    pace = time_progress(book.month)
    made = [
        _flow_figure(book, "revenue.total", "财政总收入", "任务", "revenue.total.task", pace, "完成", unit),
        _flow_figure(book, EARNED, "一般公共预算收入", "任务", TASK, pace, "完成", unit),
        _flow_figure(book, SPENT, "一般公共预算支出", "预算", BUDGET, pace, "执行", unit),
        _share_figure(book, unit),
        _cash_figure(book, unit),
    ]
    shown = [figure for figure in made if figure is not None]
    return shown or _unit_figures(book, unit)


def _money(figure: Figure | None, unit: formats.Unit, *, key: bool = False) -> SafeString | str:
    if figure is None or figure.value is None:
        return formats.NO_DATA
    return formats.amount(int(figure.value), unit=unit, href=figure.url, key=key)


def _rate(figure: Figure | None, *, sign: bool = False) -> SafeString | str:
    if figure is None:
        return formats.NO_DATA
    return link(formats.percent_text(figure.value, 1, sign=sign), figure.url, css="n")


def _flow_figure(
    book: Book,
    metric: str,
    title: str,
    base_word: str,
    base: str,
    pace: Fraction,
    verb: str,
    unit: formats.Unit,
) -> KeyFigure | None:
    figure = book.get(metric)
    if figure is None:
        return None
    completion, growth = book.get(f"{metric}.completion"), book.get(f"{metric}.growth")
    rate = None if completion is None else completion.value
    gap = None if rate is None else Fraction(rate) - pace
    tag = "" if gap is None else f"{'快' if gap >= 0 else '慢'} {formats.number_text(abs(gap))} 点"
    return KeyFigure(
        title=title,
        base=format_html("{} {}", base_word, _money(book.get(base), unit)),
        value=_money(figure, unit, key=True),
        unit="fen",
        tag=tag,
        tone="orange" if gap is not None and gap <= -LATE_POINTS else "",
        bar=charts.progress_bar(rate, tick=pace, label=f"{title}{verb}率"),
        left=format_html("{} <b>{}</b>", verb, _rate(completion)),
        right=format_html("同比 <b>{}</b>", _rate(growth, sign=True)),
    )


def _share_figure(book: Book, unit: formats.Unit) -> KeyFigure | None:
    share, amount = book.get("expenditure.livelihood.share"), book.get("expenditure.livelihood")
    if share is None:
        return None
    return KeyFigure(
        title="民生支出占比",
        base="占一般公共预算支出",
        value=link(formats.number_text(share.value), share.url),
        unit="%",
        bar=charts.progress_bar(share.value, label="民生支出占比"),
        left=format_html("民生 <b>{}</b>", _money(amount, unit)),
    )


def _cash_figure(book: Book, unit: formats.Unit) -> KeyFigure | None:
    cash = book.get("cash.balance")
    if cash is None:
        return None
    spent = book.fen(SPENT)
    cover = Fraction(int(cash.value or 0) * book.month, spent) if spent else None
    return KeyFigure(
        title="库款余额",
        base="国库存款",
        value=_money(cash, unit, key=True),
        unit="fen",
        tag="" if cover is None else "偏低" if cover < Fraction(3, 10) else "正常",
        tone="orange" if cover is not None and cover < Fraction(3, 10) else "green",
        bar=charts.progress_bar(
            None if cover is None else min(Fraction(100), cover * 100 / 2), label="库款保障（两个月为满）"
        ),
        left=format_html("够付 <b>{}</b> 个月", formats.number_text(cover)),
    )


def _unit_figures(book: Book, unit: formats.Unit) -> list[KeyFigure]:
    approved = book.fen("allotment.approved")
    made = []
    for title, metric in (
        ("指标总额", "allotment.approved"),
        *((label, metric) for label, metric, _ in QUOTA),
    ):
        figure = book.get(metric)
        if figure is None:
            continue
        share = Fraction(int(figure.value or 0) * 100, approved) if approved else None
        made.append(
            KeyFigure(
                title,
                "本单位及下属",
                _money(figure, unit, key=True),
                "fen",
                bar=charts.progress_bar(share, label=title, mark_late=False),
                left=format_html("占总额 <b>{}</b>", formats.percent_text(share)),
            )
        )
    return made


def _months(book: Book, metric: str, year: int) -> tuple[int | None, ...]:
    """Month values from the running totals."""
    totals = [book.fen(metric, year=year, month=month) for month in range(1, 13)]
    values: list[int | None] = []
    for index, total in enumerate(totals):
        before = totals[index - 1] if index else 0
        values.append(None if total is None else total - (before or 0))
    return tuple(values)


def chart_card(book: Book, which: str) -> dict[str, Any]:
    """The chart with its legend and the same numbers as a table."""
    spending = not which.startswith("earn")
    metric, task = (SPENT, BUDGET) if spending else (EARNED, TASK)
    title = "一般公共预算支出" if spending else "一般公共预算收入"
    this, last = _months(book, metric, book.year), _months(book, metric, book.year - 1)
    series = charts.Series(title=title, year=book.year, this=this, last=last)
    cumulative = which.endswith("sum")
    task_fen = book.fen(task)
    svg = charts.cumulative_lines(series, task_fen=task_fen) if cumulative else charts.monthly_columns(series)
    shown, before = (charts.cumulate(this), charts.cumulate(last)) if cumulative else (this, last)
    at = max((index for index, value in enumerate(shown) if value is not None), default=0)
    unit = charts.scale_unit((*shown, *before))
    growth = charts.growth_percent(shown[at], before[at])
    name = formats.unit_name(unit)
    rows = []
    for month in range(12):
        now_fen, last_fen = shown[month], before[month]
        url, old = (
            book.found[r].url if (r := book.request(metric, year=y, month=month + 1)) in book.found else ""
            for y in (book.year, book.year - 1)
        )
        change = (
            formats.percent_text(charts.growth_percent(now_fen, last_fen), 1, sign=True)
            if now_fen is not None
            else ""
        )
        rows.append(
            (
                f"{month + 1}月",
                formats.amount(now_fen, unit=unit, href=url, fixed=False),
                formats.amount(last_fen, unit=unit, href=old),
                change,
            )
        )
    return {
        "svg": svg,
        "known": any(value is not None for value in (*this, *last)),
        "this": f"{book.year} 年 {at + 1} 月{'累计' if cumulative else ''}",
        "this_value": ""
        if shown[at] is None
        else f"{formats.amount_text(shown[at] or 0, unit, key=True)} {name}",
        "last": f"{book.year - 1} 年同期",
        "last_value": ""
        if before[at] is None
        else f"{formats.amount_text(before[at] or 0, unit, key=True)} {name}",
        "growth": formats.percent_text(growth, 1, sign=True),
        "cumulative": cumulative and task_fen,
        "task": "全年预算" if spending else "全年任务",
        "rows": rows,
        "year": book.year,
    }


@dataclass(frozen=True)
class Alert:
    """One thing to look at: how grave, what, how much, whose, one verb."""

    tone: str
    text: str
    meta: str
    amount: str | SafeString
    href: str
    verb: str
    mark: SafeString


def alerts(actor: Actor, today: date) -> dict[str, Any]:
    """Open findings and late to-dos the reader may see, the gravest first."""
    found = StoredFinding.objects.filter(is_open=True, judgement="").select_related("rule")
    documents = (
        Document.objects.all()
        if actor.unit_ids is None
        else Document.objects.filter(unit_id__in=actor.unit_ids)
    )
    found = found.filter(subject_id__in=documents.values("pk"))
    counts = dict.fromkeys(("block", "warn", "hint"), 0)
    for severity in found.values_list("severity", flat=True):
        counts[severity] += 1
    top = list(found.order_by("severity", "-found_at")[:5])
    heads = documents.select_related("unit").in_bulk([finding.subject_id for finding in top])
    tones = {"block": "red", "warn": "orange", "hint": "yellow"}
    marks = {"block": ("octagon-x", "拦截"), "warn": ("triangle-alert", "预警"), "hint": ("info", "提示")}
    items = [
        Alert(
            tones[finding.severity],
            finding.message,
            f"{finding.rule.owner or finding.rule.title} · {finding.found_at.astimezone(formats.ZONE):%m-%d %H:%M}",
            formats.amount_text(heads[finding.subject_id].amount_fen, "wan") + " 万",
            f"/doc/{finding.subject_id}/",
            "查看并处理",
            icon(*marks[finding.severity]),
        )
        for finding in top
        if finding.subject_id in heads
    ]
    late = Task.objects.filter(
        done_at__isnull=True, due_on__lt=today, document_id__in=documents.values("pk")
    ).select_related("document")
    for task in late.order_by("due_on")[: max(0, 5 - len(items))]:
        days = (today - task.due_on).days
        amount = formats.amount_text(task.document.amount_fen, "wan") + " 万"
        items.append(
            Alert(
                "orange",
                f"{task.document.number} {task.document.title}：{task.node}超期",
                f"{task.node} · 超期 {days} 天",
                amount,
                f"/doc/{task.document_id}/",
                "催办",
                icon("clock-alert", "超期"),
            )
        )
    return {
        "items": items,
        "block": counts["block"],
        "warn": counts["warn"],
        "hint": counts["hint"],
        "all": sum(counts.values()),
    }


def lagging_table(book: Book, names: dict[str, str], unit: formats.Unit) -> Table:
    """Spending by class against time, the furthest behind first: what to chase."""
    pace = time_progress(book.month)
    lines = []
    for code, name in names.items():
        budget, spent = book.get(BUDGET, function=code), book.get(SPENT, function=code)
        if budget is None or not budget.value:
            continue
        value = int(spent.value or 0) if spent else 0
        lines.append((Fraction(value * 100, int(budget.value)) - pace, code, name, budget, spent))
    rows = []
    for gap, code, name, budget, spent in sorted(lines, key=lambda line: line[0])[:8]:
        rate = gap + pace
        late = gap <= -LATE_POINTS
        bar = charts.progress_bar(rate, tick=pace, label=f"{name}执行率", height=5)
        meter = format_html(
            '<div class="prog{}">{}<span class="pc">{}</span></div>',
            " late" if late else "",
            bar,
            formats.percent_text(rate),
        )
        href = f"/reports/?open={code}"
        rows.append(
            Row((
                Cell(link(name, spent.url if spent else href), pin=True, css="cut"),
                Cell(_money(budget, unit), "n"),
                Cell(_money(spent, unit), "n"),
                Cell(meter, css="prog-c"),
                Cell(format_html('<span class="{}">{}</span>', "tr-orange" if late else "", formats.number_text(gap, 1, sign=True)), "n"),
            ))
        )  # fmt: skip
    heads = (
        Head("科目", pin=True),
        Head("预算", "amount", money=True),
        Head("支出", "amount", money=True),
        Head("执行率 ┃时间进度"),
        Head("差（百分点）", "n"),
    )
    return Table(
        "执行进度",
        heads,
        tuple(rows),
        frame="tw plain",
        empty=Empty("还没有支出预算", "导入批复预算后，这里按滞后程度列出各类支出", "table-2"),
    )


def quota_card(book: Book, unit: formats.Unit) -> dict[str, Any] | None:
    """The whole quota as one bar: paid, in transit, frozen, available; and what share each has."""
    approved = book.get("allotment.approved")
    if approved is None:
        return None
    items = [
        (label, figure, tone) for label, metric, tone in QUOTA if (figure := book.get(metric)) is not None
    ]
    parts = [charts.Part(label, int(figure.value or 0), tone) for label, figure, tone in items]
    whole = int(approved.value or 0)
    lines = [
        (
            label,
            tone,
            _money(figure, unit),
            formats.percent_text(Fraction(int(figure.value or 0) * 100, whole) if whole else None),
        )
        for label, figure, tone in items
    ]
    return {
        "bar": charts.stacked_bar(parts, label="指标额度"),
        "total": _money(approved, unit),
        "lines": lines,
    }


def structure(book: Book, unit: formats.Unit) -> list[tuple[str, str | SafeString, str | SafeString]]:
    """税收、非税 and their share: label, amount or rate, 同比."""
    lines: list[tuple[str, str | SafeString, str | SafeString]] = []
    for label, metric in (("税收收入", "revenue.tax"), ("非税收入", "revenue.nontax")):
        if (figure := book.get(metric)) is not None:
            lines.append((label, _money(figure, unit), _rate(book.get(f"{metric}.growth"), sign=True)))
    if (share := book.get("revenue.tax.share")) is not None:
        change = book.get("revenue.tax.share_change")
        text = (
            ""
            if change is None
            else link(f"{formats.number_text(change.value, 2, sign=True)} 个百分点", change.url, css="n")
        )
        lines.append(("税收占比", _rate(share), text))
    return lines


def narrowed(request: FigureRequest, **filters: Any) -> FigureRequest:
    """The same request, narrowed."""
    return replace(request, **filters)
