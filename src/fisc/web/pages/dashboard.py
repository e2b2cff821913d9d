"""驾驶舱: what came in, what went out, how far behind, and what to do about it. Every figure opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, Max, Q, QuerySet, Sum, When
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fisc.base.errors import NotAllowed
from fisc.kernel import codes
from fisc.kernel.approvals.models import Task
from fisc.kernel.documents import kinds
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
from fisc.web.periods import default_month
from fisc.web.request import Request

SPENT, BUDGET = "expenditure.general", "expenditure.general.budget"
EARNED, TASK = "revenue.general", "revenue.general.task"
CHARTS = (
    ("spend-month", "支出当月"),
    ("spend-sum", "支出累计"),
    ("earn-month", "收入当月"),
    ("earn-sum", "收入累计"),
)
LATE_POINTS = 5
LEAST_COVER = Fraction(3, 10)
"""库款保障水平 below 0.3 months of spending is too little (财政部库款监测口径)."""


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


def dashboard_page(request: Request) -> HttpResponse:
    """The page; people without figures (administrators) go to what is theirs."""
    actor: Actor = request.actor
    if not actor.can("figures.view"):
        return HttpResponseRedirect("/inbox/" if not actor.can("orgs.users.view") else "/people/users/")
    today = request.now.date()
    year = request.look.year or today.year
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
    context = {
        "title": "财政运行驾驶舱",
        "district": Region.objects.filter(level=Region.Level.DISTRICT).values_list("name", flat=True).first()
        or "",
        "month": month,
        "year": year,
        "months": [Option(str(m), f"{m} 月", m == month) for m in range(1, 13)],
        "as_of": f"{year}-{month:02d}",
        "pace": formats.percent_text(time_progress(month)),
        "key_figures": key_figures(book),
        "chart": chart_card(book, chart),
        "charts": [(code, label, code == chart) for code, label in CHARTS],
        "alerts": alerts(actor, today),
        "lagging": lagging_table(book, {code.code: code.name for code in classes}),
        "meters": meters(book),
        "structure": structure(book),
    }
    template = (
        "web/parts/chart_card.html" if request.htmx and "chart" in request.GET else "web/dashboard.html"
    )
    return render(request, template, context)


QUOTA = (("已支付", "allotment.paid", "d1"), ("结余", "allotment.unpaid", "rest"))
METERS = (
    ("三保支出", "expenditure.three_guarantees.completion", "expenditure.three_guarantees", "expenditure.three_guarantees.budget"),
    ("直达资金", "expenditure.direct.rate", "expenditure.direct", "expenditure.direct.received"),
    ("债券资金", "expenditure.bond.rate", "expenditure.bond", "expenditure.bond.received"),
    ("全部指标", "allotment.execution", "allotment.paid", "allotment.approved"),
)  # fmt: skip
SINGLE = (
    "revenue.total", "revenue.total.growth", "revenue.total.task", "revenue.total.completion", EARNED, f"{EARNED}.growth", TASK,
    f"{EARNED}.completion", SPENT, f"{SPENT}.growth", BUDGET, f"{SPENT}.completion", "revenue.tax", "revenue.nontax", "revenue.tax.share",
    "revenue.tax.share_change", "revenue.tax.growth", "revenue.nontax.growth", "expenditure.livelihood", "expenditure.livelihood.share",
    "cash.balance", "allotment.approved", *(metric for _, metric, _ in QUOTA), *(metric for _, *three in METERS for metric in three), "cash.cover",
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


def key_figures(book: Book) -> list[KeyFigure]:
    """The strip: revenue, own revenue, spending, livelihood, cash; for a unit: its quota."""
    pace = time_progress(book.month)
    made = [
        _flow_figure(book, "revenue.total", "财政总收入", "任务", "revenue.total.task", pace, "完成"),
        _flow_figure(book, EARNED, "一般公共预算收入", "任务", TASK, pace, "完成"),
        _flow_figure(book, SPENT, "一般公共预算支出", "预算", BUDGET, pace, "执行"),
        _share_figure(book),
        _cash_figure(book),
    ]
    shown = [figure for figure in made if figure is not None]
    return shown if len(shown) > 3 else [*shown, *_unit_figures(book)][:5]


def _big(figure: Figure | None) -> SafeString | str:
    """An amount of the strip: in 亿元 or 万元, whichever reads well, whatever the switch says; the 元 in the tip."""
    if figure is None or figure.value is None:
        return formats.NO_DATA
    fen = int(figure.value)
    unit = charts.scale_unit((fen,))
    text = formats.amount_text(fen, unit, key=True)
    names = "n neg" if fen < 0 else "n"
    tip = f"{formats.amount_text(fen)} 元"
    return format_html('<a class="{}" href="{}" data-tip="{}">{}</a>', names, figure.url, tip, text)


def _fixed(figure: Figure | None, unit: formats.Unit) -> SafeString | str:
    """An amount that stays in a unit, so that a narrow table or a pair of numbers reads alike."""
    if figure is None or figure.value is None:
        return formats.NO_DATA
    fen = int(figure.value)
    names, tip = ("n neg" if fen < 0 else "n"), f"{formats.amount_text(fen)} 元"
    text = formats.amount_text(fen, unit, key=True)
    return format_html('<a class="{}" href="{}" data-tip="{}">{}</a>', names, figure.url, tip, text)


def _big_unit(figure: Figure | None) -> str:
    return formats.unit_name(charts.scale_unit((int(figure.value or 0),))) if figure is not None else ""


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
        base=format_html("{} {}", base_word, _big(book.get(base))),
        value=_big(figure),
        unit=_big_unit(figure),
        tag=tag,
        tone="orange" if gap is not None and gap <= -LATE_POINTS else "",
        bar=charts.progress_bar(rate, tick=pace, label=f"{title}{verb}率"),
        left=format_html("{} <b>{}</b>", verb, _rate(completion)),
        right=format_html("同比 <b>{}</b>", _rate(growth, sign=True)),
    )


def _share_figure(book: Book) -> KeyFigure | None:
    share, amount = book.get("expenditure.livelihood.share"), book.get("expenditure.livelihood")
    if share is None:
        return None
    return KeyFigure(
        title="民生支出占比",
        base="占一般公共预算支出",
        value=link(formats.number_text(share.value), share.url),
        unit="%",
        bar=charts.progress_bar(share.value, label="民生支出占比"),
        left=format_html("民生 <b>{}</b> {}", _big(amount), _big_unit(amount)),
    )


def _cash_figure(book: Book) -> KeyFigure | None:
    cash = book.get("cash.balance")
    if cash is None:
        return None
    known = book.get("cash.cover")
    cover = Fraction(known.value) if known is not None and known.value is not None else None
    return KeyFigure(
        title="库款余额",
        base="国库存款",
        value=_big(cash),
        unit=_big_unit(cash),
        tag="" if cover is None else "偏低" if cover < LEAST_COVER else "正常",
        tone="orange" if cover is not None and cover < LEAST_COVER else "green",
        bar=charts.progress_bar(min(Fraction(100), cover * 50), label="库款保障（两个月为满）")
        if cover is not None
        else "",
        left=format_html("够付 <b>{}</b> 个月", formats.number_text(cover)) if cover is not None else "",
    )


def _unit_figures(book: Book) -> list[KeyFigure]:
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
                _big(figure),
                _big_unit(figure),
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


def _cell(fen: int | None, unit: formats.Unit, href: str) -> SafeString | str:
    """One number of the chart's table, in the chart's unit."""
    return "" if fen is None else link(formats.amount_text(fen, unit, key=True), href, css="n")


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
                _cell(now_fen, unit, url),
                _cell(last_fen, unit, old),
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
        "unit": name,
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


TONES = {"block": "red", "warn": "orange", "hint": "yellow"}
MARKS = {"block": ("octagon-x", "拦截"), "warn": ("triangle-alert", "预警"), "hint": ("info", "提示")}
GRAVEST = Case(When(severity="block", then=0), When(severity="warn", then=1), default=2)


def _under_way(today: date) -> Q:
    """Documents of this and last year about which somebody has still to decide; a state's tone depends on the kind."""
    undecided = Q(pk__in=())
    for kind in kinds.installed():
        states = [
            state.code
            for state in kind.states
            if state.tone in ("draft", "waiting") or state.code == "returned"
        ]
        undecided |= Q(kind=kind.code, state__in=states)
    return Q(fiscal_year__gte=today.year - 1) & undecided


def alerts(actor: Actor, today: date) -> dict[str, Any]:
    """What is late and what the rules found among documents the reader may see: one line per rule, gravest first."""
    documents = (
        Document.objects.all()
        if actor.unit_ids is None
        else Document.objects.filter(unit_id__in=actor.unit_ids)
    )
    found = StoredFinding.objects.filter(is_open=True, judgement="")
    if actor.unit_ids is not None:
        found = found.filter(subject_id__in=documents.values("pk"))
    # A hint is advice for those who still decide; on a finished document it stays in the list of findings only.
    under_way = documents.filter(_under_way(today)).values("pk")
    found = found.filter(~Q(severity="hint") | Q(subject_id__in=under_way))
    by_rule = found.values("rule_code", "severity", "rule__title", "rule__owner").annotate(
        count=Count("pk"), latest=Max("found_at"), subject=Max("subject_id")
    )  # fmt: skip
    rows = list(by_rule.order_by(GRAVEST, "-count"))
    counts = {
        severity: sum(row["count"] for row in rows if row["severity"] == severity) for severity in TONES
    }
    items = _late(documents, today, limit=2)
    for row in rows[: 5 - len(items)]:
        subjects = found.filter(rule_code=row["rule_code"]).values("subject_id")
        fen = documents.filter(pk__in=subjects).aggregate(total=Sum("amount_fen"))["total"] or 0
        one = row["count"] == 1
        text = f"{row['rule__title']}" + ("" if one else f"，{row['count']:,} 笔")
        meta = f"{row['rule__owner'] or '规则检查'} · {row['latest'].astimezone(formats.ZONE):%m-%d %H:%M}"
        href = f"/doc/{row['subject']}/" if one else f"/rules/findings/?rule={row['rule_code']}"
        items.append(
            Alert(
                TONES[row["severity"]],
                text,
                meta,
                f"{formats.amount_text(fen, 'wan')} 万",
                href,
                "查看并处理",
                icon(*MARKS[row["severity"]]),
            )
        )
    return {"items": items, **counts, "all": sum(counts.values())}


def _late(documents: QuerySet[Document], today: date, *, limit: int) -> list[Alert]:
    """To-dos past their day."""
    late = Task.objects.filter(done_at__isnull=True, due_on__lt=today, document_id__in=documents.values("pk"))
    made = []
    for task in late.select_related("document").order_by("due_on", "pk")[:limit]:
        amount = f"{formats.amount_text(task.document.amount_fen, 'wan')} 万"
        meta = f"{task.node} · 超期 {(today - task.due_on).days} 天"
        text = f"{task.document.number} {task.document.title}"
        made.append(
            Alert(
                "orange", text, meta, amount, f"/doc/{task.document_id}/", "催办", icon("clock-alert", "超期")
            )
        )
    return made


def lagging_table(book: Book, names: dict[str, str]) -> Table:
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
                Cell(_fixed(budget, "wan"), "n"),
                Cell(_fixed(spent, "wan"), "n"),
                Cell(meter, css="prog-c slim"),
                Cell(format_html('<span class="{}">{}</span>', "tr-orange" if late else "", formats.number_text(gap, 1, sign=True)), "n"),
            ))
        )  # fmt: skip
    heads = (
        Head("科目", pin=True),
        Head("预算（万元）", "n"),
        Head("支出（万元）", "n"),
        Head("执行率 ┃时间进度"),
        Head("差（点）", "n"),
    )
    return Table(
        "执行进度",
        heads,
        tuple(rows),
        frame="tw plain",
        empty=Empty("还没有支出预算", "导入批复预算后，这里按滞后程度列出各类支出", "table-2"),
    )


@dataclass(frozen=True)
class Meter:
    """One rate with its amounts, against time."""

    label: str
    rate: str | SafeString
    paid: str | SafeString
    whole: str | SafeString
    bar: SafeString


def meters(book: Book) -> list[Meter]:
    """三保, direct funds, bonds and all allotments: paid against what there is, with the tick of time."""
    pace = time_progress(book.month)
    made = []
    for label, rate, paid, whole in METERS:
        figure, total = book.get(rate), book.get(whole)
        if figure is None or total is None:
            continue
        unit = charts.scale_unit((int(total.value or 0),))
        bar = charts.progress_bar(figure.value, tick=pace, label=f"{label}支付率", height=6)
        word = format_html("{} {}", _fixed(total, unit), formats.unit_name(unit))
        made.append(Meter(label, _rate(figure), _fixed(book.get(paid), unit), word, bar))
    return made


def structure(book: Book) -> list[tuple[str, str | SafeString, str | SafeString]]:
    """税收、非税 and their share: label, amount or rate, 同比."""
    lines: list[tuple[str, str | SafeString, str | SafeString]] = []
    for label, metric in (("税收收入", "revenue.tax"), ("非税收入", "revenue.nontax")):
        if (figure := book.get(metric)) is not None:
            lines.append(
                (
                    label,
                    format_html("{} {}", _big(figure), _big_unit(figure)),
                    _rate(book.get(f"{metric}.growth"), sign=True),
                )
            )
    if (share := book.get("revenue.tax.share")) is not None:
        change = book.get("revenue.tax.share_change")
        text = (
            ""
            if change is None
            else link(f"{formats.number_text(change.value, 2, sign=True)} 个百分点", change.url, css="n")
        )
        lines.append(("税收占比", _rate(share), text))
    return lines
