"""库款预测: the page of a run (band, weeks, short days with causes), the runs before it, announced money, the lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, FiscError
from fisc.base.money import format_fen, parse_yuan
from fisc.base.text import clean
from fisc.domains.treasury import forecast, forecast_reading
from fisc.domains.treasury.bank import FUND_NAMES
from fisc.domains.treasury.forecast_reading import Spell, Week
from fisc.domains.treasury.models import ForecastDay, ForecastRun, KnownFlow
from fisc.kernel.orgs.actor import Actor
from fisc.web import charts, formats, ways
from fisc.web.components import Cell, Empty, Head, Option, Row, Table, link, tag
from fisc.web.request import allowed

PAGE = "/treasury/forecast/"
VIEW = "treasury.forecast.view"
RUNS_SHOWN = 30
TONES = {"": "", "thin": "yellow", "risk": "orange", "gap": "red"}
LEVELS = dict(ForecastDay.Level.choices)


def forecast_page(request: HttpRequest) -> HttpResponse:
    """One run, the newest unless the address says otherwise, beside another one and beside what came true."""
    return _page(request, allowed(request, VIEW, whole=True))


def _page(request: HttpRequest, actor: Actor, error: FiscError | None = None) -> HttpResponse:
    today: dt.date = request.now.date()  # type: ignore[attr-defined]
    runs = list(ForecastRun.objects.select_related("made_by").order_by("-id")[:RUNS_SHOWN])
    run = _chosen(request, "run", runs) or (runs[0] if runs else None)
    other = _chosen(request, "with", runs)
    line = forecast.line_on(today)
    context: dict[str, Any] = {
        "title": "库款预测",
        "run": run,
        "runs": [_run_option(one, run) for one in runs],
        "others": [_run_option(one, other) for one in runs if run and one.pk != run.pk],
        "funds": [Option("", "全部资金"), *(Option(code, name) for code, name in FUND_NAMES.items())],
        "kinds": [Option(code, label) for code, label in KnownFlow.Kind.choices],
        "today": today,
        "may_run": actor.can(forecast.RUN),
        "may_record": actor.can(forecast.RECORD),
        "may_set": actor.can(forecast.SET_LINE),
        "line": line,
        "known": _known_table(request, today, actor),
        "refusal": ways.refusal_view(error) if error else None,
    }
    if run is not None:
        context |= _run_context(request, run, other, today, line)
    return render(request, "treasury/forecast.html", context, status=409 if error else 200)


def _run_context(
    request: HttpRequest, run: ForecastRun, other: ForecastRun | None, today: dt.date, line: Any
) -> dict[str, Any]:
    days = forecast_reading.days_of(run)
    actual = forecast_reading.actual_balances(run, today)
    beside = {day.on_day: day.mid_fen for day in forecast_reading.days_of(other)} if other else {}
    weeks = forecast_reading.weeks_of(days, actual, beside)
    spells = forecast_reading.spells_of(run, days)
    least = min(days, key=lambda day: (day.mid_fen, day.on_day))
    short = sum(1 for day in days if day.level in ("gap", "risk"))
    chart = charts.balance_band(
        [
            charts.BandDay(d.on_day, d.low_fen, d.mid_fen, d.high_fen, actual.get(d.on_day), bool(d.level))
            for d in days
        ],
        label=f"{_run_name(run)}库款预测：期初 {format_fen(run.opening_fen, 'wan', 2)} 万元，"
        f"最低 {least.on_day} {format_fen(least.mid_fen, 'wan', 2)} 万元",
        line_fen=run.safety_fen,
    )
    return {
        "chart": chart,
        "has_actual": bool(actual),
        "figures": _figures(run, days, least, short, line),
        "weeks": _weeks_table(request, run, weeks, bool(actual), other is not None),
        "spells": _spells_table(request, spells),
        "method": _method(run),
    }


def _figures(
    run: ForecastRun, days: list[ForecastDay], least: ForecastDay, short: int, line: Any
) -> list[dict[str, str]]:
    cover = Decimal(run.opening_fen) / run.average_outflow_fen if run.average_outflow_fen else None
    word, tone = "", ""
    if cover is not None:
        word, tone = ("偏低", "red") if cover < line.low_cover else ("适度", "green")
        if cover > line.high_cover:
            word, tone = "偏高", "yellow"
    return [
        _figure("期初库款", f"{run.on_day} 日初", run.opening_fen),
        _figure("期末中值", f"{days[-1].on_day}", days[-1].mid_fen),
        _figure("最低一天", f"{least.on_day}", least.mid_fen, *_tag(least.level)),
        {
            "title": "库款保障水平", "base": "期初÷前12月月均流出", "value": formats.number_text(cover, 2), "unit": "倍",
            "tag": word, "tone": tone,
        },
        {"title": "缺口和风险", "base": "低值或中值为负", "value": str(short), "unit": "天", "tag": "", "tone": ""},
    ]  # fmt: skip


def _figure(title: str, base: str, fen: int, word: str = "", tone: str = "") -> dict[str, str]:
    unit = charts.scale_unit((fen,))
    text, name = formats.amount_text(fen, unit, key=True), formats.unit_name(unit)
    return {"title": title, "base": base, "value": text, "unit": name, "tag": word, "tone": tone}


def _tag(level: str) -> tuple[str, str]:
    return (LEVELS[level], TONES[level]) if level else ("", "")


def _method(run: ForecastRun) -> str:
    errors = run.errors
    if not errors["origins"]:
        return "历史不足两年，区间按最近一年各周净流量的波动估计，没有回测。"
    parts = [
        f"{horizon} 天 {formats.number_text(value)}%"
        for horizon, value in errors["error_percent"].items()
        if value is not None
    ]
    covered = errors["coverage_percent"]
    inside = f"，周末余额落在区间内 {formats.number_text(covered)}%" if covered is not None else ""
    return f"回测 {len(errors['origins'])} 次（只用当时已知的数）：净流量累计误差占流出的 {'、'.join(parts)}{inside}。"


def _weeks_table(
    request: HttpRequest, run: ForecastRun, weeks: list[Week], has_actual: bool, has_other: bool
) -> Table:
    heads = [
        Head("周", pin=True), Head("流入", "amount", money=True), Head("流出", "amount", money=True),
        Head("周末低值", "amount", money=True), Head("周末中值", "amount", money=True),
        Head("周末高值", "amount", money=True), Head("预警"),
    ]  # fmt: skip
    heads += [Head("实际余额", "amount", money=True)] if has_actual else []
    heads += [Head("对比中值", "amount", money=True)] if has_other else []

    def row(week: Week) -> Row:
        flows = (week.inflow_fen, week.outflow_fen, week.low_fen, week.mid_fen, week.high_fen)
        href = f"{PAGE}items/?run={run.pk}&from={week.first}&to={week.last}"
        cells = [Cell(link(f"{week.first:%m-%d} 至 {week.last:%m-%d}", href), pin=True, css="m-main")]
        cells += [Cell(_amount(request, fen), "amount") for fen in flows]
        cells.append(Cell(tag(*_tag(week.level)) if week.level else ""))
        cells += [Cell(_amount(request, week.actual_fen), "amount")] if has_actual else []
        cells += [Cell(_amount(request, week.other_mid_fen), "amount")] if has_other else []
        return Row(tuple(cells))

    return Table("按周预测", tuple(heads), tuple(row(week) for week in weeks), cards=True, frame="tw plain")


ITEMS_SHOWN = 500


def items_page(request: HttpRequest) -> HttpResponse:
    """What makes up some days of a run: every cause, and the payments by name, the largest first."""
    allowed(request, VIEW, whole=True)
    asked = request.GET.get("run", "")
    run = ForecastRun.objects.filter(pk=int(asked)).first() if asked.isdigit() else None
    if run is None:
        raise Http404
    first, last = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    context = {
        "title": "预测明细",
        "run": run,
        "name": _run_name(run),
        "first": first,
        "last": last,
        "table": _items_table(request, run, first, last),
    }
    return render(request, "treasury/forecast_items.html", context)


def _items_table(request: HttpRequest, run: ForecastRun, first: dt.date, last: dt.date) -> Table:
    heads = (
        Head("日期", pin=True),
        Head("原因"),
        Head("摘要"),
        Head("金额（流入为正）", "amount", money=True),
    )
    items = forecast_reading.items_between(run, first, last, limit=ITEMS_SHOWN)
    rows = tuple(
        Row(
            (
                Cell(item.on_day.isoformat(), pin=True, css="m-main"),
                Cell(forecast.NAMES[item.cause]),
                Cell(link(item.label, f"/doc/{item.document_id}/" if item.document_id else ""), css="m-desc"),
                Cell(_amount(request, item.amount_fen), "amount"),
            )
        )
        for item in items
    )
    return Table("预测明细", heads, rows, cards=True, empty=Empty("这几天没有收支。"))


def _spells_table(request: HttpRequest, spells: list[Spell]) -> Table:
    heads = (
        Head("日期", pin=True), Head("天数", "count"), Head("预警"), Head("最低一天"), Head("中值", "amount", money=True),
        Head("低值", "amount", money=True), Head("主要原因（前十天内流出，大的在前）"),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(f"{spell.first:%m-%d} 至 {spell.last:%m-%d}", pin=True, css="m-main"),
                Cell(str(spell.day_count), "count"),
                Cell(tag(*_tag(spell.level))),
                Cell(spell.worst_on.isoformat()),
                Cell(_amount(request, spell.worst_mid_fen), "amount"),
                Cell(_amount(request, spell.worst_low_fen), "amount"),
                Cell(_causes(spell), css="m-desc"),
            )
        )
        for spell in spells
    )
    empty = Empty("预测期内没有缺口，也不低于警戒线。", icon="circle-check")
    return Table("缺口和警戒", heads, rows, cards=True, empty=empty, frame="tw plain")


def _causes(spell: Spell) -> SafeString:
    return format_html_join(
        "；",
        "{} {} 万元",
        (
            (
                link(cause.label, f"/doc/{cause.document_id}/" if cause.document_id else ""),
                format_fen(cause.fen, "wan", 2),
            )
            for cause in spell.causes
        ),
    )


def _known_table(request: HttpRequest, today: dt.date, actor: Actor) -> Table:
    heads = (
        Head("日期", pin=True), Head("资金性质"), Head("类别"), Head("摘要"), Head("金额", "amount", money=True), Head(""),
    )  # fmt: skip
    flows = KnownFlow.objects.filter(is_void=False, on_day__gte=today).order_by("on_day", "id")[:200]
    may_cancel = actor.can(forecast.RECORD)
    rows = tuple(
        Row(
            (
                Cell(flow.on_day.isoformat(), pin=True, css="m-main"),
                Cell(FUND_NAMES.get(flow.fund, flow.fund)),
                Cell(flow.get_kind_display()),
                Cell(flow.label, css="m-desc"),
                Cell(_amount(request, flow.amount_fen), "amount"),
                Cell(link("取消", f"{PAGE}known/{flow.pk}/cancel/") if may_cancel else ""),
            )
        )
        for flow in flows
    )
    empty = Empty("没有登记已知的大额收支。", "转移支付预告、还本付息可先登记，预测时按日计入。")
    return Table("已知收支", heads, rows, cards=True, empty=empty, frame="tw plain")


def _amount(request: HttpRequest, fen: int | None) -> SafeString | str:
    return formats.amount(fen, unit=request.look.unit)  # type: ignore[attr-defined]


def _run_option(run: ForecastRun, chosen: ForecastRun | None) -> Option:
    return Option(str(run.pk), _run_name(run), chosen is not None and chosen.pk == run.pk)


def _run_name(run: ForecastRun) -> str:
    return f"{run.on_day} 起 {run.days} 天 {FUND_NAMES.get(run.fund, '全部资金')}（第 {run.pk} 次）"


def _chosen(request: HttpRequest, key: str, runs: list[ForecastRun]) -> ForecastRun | None:
    asked = request.GET.get(key, "")
    if not asked.isdigit():
        return None
    found = next((run for run in runs if run.pk == int(asked)), None)
    found = found or ForecastRun.objects.filter(pk=int(asked)).first()
    if found is None:
        raise Http404
    return found


# --- acts ----------------------------------------------------------------------------------------------------


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Make a run of today and open it."""
    actor = allowed(request, VIEW, whole=True)
    given = request.POST
    now: dt.datetime = request.now  # type: ignore[attr-defined]
    days = given.get("days", "")
    try:
        run_id = forecast.run_forecast(
            on=now.date(),
            actor=actor,
            at=now,
            fund=given.get("fund", ""),
            days=int(days) if days in ("30", "60") else 90,
        )
    except FiscError as error:
        return _page(request, actor, error)
    messages.success(request, "预测已完成，已存档。")
    return HttpResponseRedirect(f"{PAGE}?run={run_id}")


@require_POST
def add_known(request: HttpRequest) -> HttpResponse:
    """Record one announced amount; going out is typed with a minus, or chosen by its kind."""
    actor = allowed(request, VIEW, whole=True)
    given = request.POST
    now: dt.datetime = request.now  # type: ignore[attr-defined]
    try:
        fen = parse_yuan(clean(given.get("amount", "")))
        if given.get("kind") in ("repayment", "salary"):
            fen = -abs(fen)
        row = forecast.KnownMoney(
            _day(given.get("on", "")),
            given.get("fund", ""),
            given.get("kind", ""),
            clean(given.get("label", "")),
            fen,
        )
        forecast.add_known(rows=[row], actor=actor, at=now)
    except FiscError as error:
        return _page(request, actor, error)
    messages.success(request, "已登记，下次预测计入。")
    return HttpResponseRedirect(PAGE)


def cancel_known(request: HttpRequest, flow_id: int) -> HttpResponse:
    """Ask, then take an announced amount back."""
    actor = allowed(request, VIEW, whole=True)
    flow = KnownFlow.objects.filter(pk=flow_id, is_void=False).first()
    if flow is None:
        raise Http404
    if request.method == "POST":
        forecast.cancel_known(flow_id=flow_id, actor=actor, at=request.now)  # type: ignore[attr-defined]
        messages.success(request, "已取消。")
        return HttpResponseRedirect(PAGE)
    context = {"title": "取消登记", "flow": flow, "amount": format_fen(flow.amount_fen), "page": PAGE}
    return render(request, "treasury/cancel_known.html", context)


@require_POST
def set_line(request: HttpRequest) -> HttpResponse:
    """Set the two lines from a day on."""
    actor = allowed(request, VIEW, whole=True)
    given = request.POST
    try:
        forecast.set_line(
            valid_from=_day(given.get("valid_from", "")), low=_number(given.get("low", "")),
            high=_number(given.get("high", "")), basis=clean(given.get("basis", "")), actor=actor,
            at=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip
    except FiscError as error:
        return _page(request, actor, error)
    messages.success(request, "警戒线已启用。")
    return HttpResponseRedirect(PAGE)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(clean(text))
    except ValueError as error:
        raise BadInput("请填写日期。", code="treasury.day") from error


def _number(text: str) -> Decimal:
    try:
        value = Decimal(clean(text))
    except InvalidOperation as error:
        raise BadInput(f"“{text}”不是数字。", code="treasury.number") from error
    if not value.is_finite():
        raise BadInput(f"“{text}”不是数字。", code="treasury.number")
    return value
