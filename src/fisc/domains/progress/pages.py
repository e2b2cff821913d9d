"""The module's own pages: league tables, time limits of the nodes with what is stuck, what is supervised, a target's sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html

from fisc.base.errors import BadInput, FiscError
from fisc.base.periods import Period, period_of
from fisc.base.text import clean
from fisc.domains.progress import bulletins, league, nodes, services
from fisc.domains.progress.league import Standing
from fisc.domains.progress.models import MONTH_FIELDS, Letter, Level
from fisc.kernel.documents import get_visible, kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics import figure_id
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.models import Role
from fisc.kernel.rules.editing import values_of
from fisc.web import charts, formats, grid, ways
from fisc.web.components import Cell, Empty, Head, Option, Row, Tab, Table, link, tag
from fisc.web.periods import default_period
from fisc.web.request import Request, allowed

VIEW = "progress.view"
SHOWN = 100
LEVELS = ((Level.UNIT, "单位"), (Level.SECTION, "股室"), (Level.DEPARTMENT, "主管部门"))
NODE_DAYS = 31
"""How far back nodes are measured unless asked otherwise: a month."""


def league_page(request: Request) -> HttpResponse:
    """支出进度: league tables at a month's end, furthest behind first, with targets and 序时差."""
    allowed(request, VIEW)
    period = _period(request)
    on = min(Period(period).last_day, request.now.date())
    level = next((found for found, _ in LEVELS if found.value == request.GET.get("level")), Level.UNIT)
    now = league.progress(on=on, unit_ids=request.actor.unit_ids)
    rows = now.standings[level.value]
    whole = next(iter(now.standings[Level.DISTRICT.value]), None)
    limits = values_of(bulletins.RULE, on=on)
    context = {
        "title": "支出进度",
        "period": period,
        "months": _months(request, period),
        "tabs": [
            Tab(name, f"/progress/?month={period}&level={found.value}", str(len(now.standings[found.value])),
                current=found is level)
            for found, name in LEVELS
        ],
        "pace": formats.percent_text(now.pace_percent),
        "as_of": on.isoformat(),
        "has_target": now.has_target,
        "whole": _key_figures(whole, request, on),
        "chart": _bars(rows[:12], limits),
        "table": _league_table(rows, request, on, limits),
        "shown": SHOWN if len(rows) > SHOWN else 0,
        "count": len(rows),
    }  # fmt: skip
    return render(request, "progress/league.html", context)


def _period(request: Request) -> int:
    text = request.GET.get("month", "")
    today = request.now.date()
    if text.isdecimal() and len(text) == 6 and 1 <= int(text[4:]) <= 12:
        return min(int(text), period_of(today))
    return default_period(today)


def _months(request: Request, period: int) -> list[Option]:
    current = Period(period_of(request.now.date()))
    found = [current.plus(-back).yyyymm for back in range(18)]
    return [Option(str(month), f"{month // 100} 年 {month % 100} 月", month == period) for month in found]


def _key_figures(whole: Standing | None, request: Request, on: dt.date) -> list[dict[str, Any]]:
    if whole is None:
        return []
    url = _figure_url("progress.paid", on, whole, request)
    return [
        {"label": "预算数", "value": formats.amount(whole.base_fen, unit="yi"), "unit": "亿元"},
        {"label": "支出数", "value": formats.amount(whole.paid_fen, unit="yi", href=url), "unit": "亿元"},
        {"label": "进度", "value": formats.percent_text(whole.actual_percent), "unit": ""},
        {"label": "比任务", "value": _points(whole.gap_points), "unit": ""},
        {"label": "滞后金额", "value": formats.amount(whole.behind_fen, unit="yi"), "unit": "亿元"},
    ]


def _figure_url(metric: str, on: dt.date, row: Standing, request: Request) -> str:
    """Where the figure opens; units by themselves, the whole as the reader sees it."""
    unit_ids: tuple[int, ...] | None = (row.unit_id,) if row.level == Level.UNIT and row.unit_id else None
    if unit_ids is None and row.level != Level.DISTRICT:
        return ""
    if unit_ids is None and request.actor.unit_ids is not None:
        unit_ids = tuple(sorted(request.actor.unit_ids))
    return figure_id.url(FigureRequest(metric, on.year, on.month, unit_ids=unit_ids))


def _points(value: Fraction | None) -> str:
    return f"{formats.number_text(value, 2, sign=True)} 百分点" if value is not None else formats.NO_DATA


def _bars(rows: Sequence[Standing], limits: dict[str, Any]) -> list[dict[str, Any]]:
    """The furthest behind as bars: progress, with a tick at the target."""
    return [
        {
            "label": row.label,
            "value": formats.percent_text(row.actual_percent),
            "bar": charts.progress_bar(
                row.actual_percent, tick=row.target_percent, late_points=float(limits["urge_points"]),
                label=f"{row.label} 支出进度",
            ),
        }
        for row in rows
        if row.actual_percent is not None
    ]  # fmt: skip


def _league_table(rows: Sequence[Standing], request: Request, on: dt.date, limits: dict[str, Any]) -> Table:
    heads = (
        Head("名次", "n"),
        Head("名称", pin=True),
        Head("预算数", "amount", money=True),
        Head("支出数", "amount", money=True),
        Head("进度%", "n"),
        Head("任务%", "n"),
        Head("比任务（百分点）", "n"),
        Head("序时差（百分点）", "n"),
        Head("滞后金额", "amount", money=True),
        Head("处理"),
    )
    made = tuple(_league_row(row, request, on, limits) for row in rows[:SHOWN])
    empty = Empty("还没有下达的指标", "指标下达后，这里按单位、股室、主管部门排名", "gauge")
    return Table("支出进度排名", heads, made, cards=True, empty=empty)


def _league_row(row: Standing, request: Request, on: dt.date, limits: dict[str, Any]) -> Row:
    manner = bulletins.manner_of(bulletins.rounded(row.gap_points), limits)
    mark = (
        tag(Letter.Manner(manner).label, "red" if manner == Letter.Manner.TALK else "orange")
        if manner
        else ""
    )
    paid = formats.amount(
        row.paid_fen, unit=request.look.unit, href=_figure_url("progress.paid", on, row, request),
        label=f"{row.label} 支出数",
    )  # fmt: skip
    return Row(
        (
            Cell(str(row.rank), "n"),
            Cell(row.label, pin=True, css="m-main"),
            Cell(formats.amount(row.base_fen, unit=request.look.unit), "amount"),
            Cell(paid, "amount"),
            Cell(formats.number_text(row.actual_percent, 2), "n"),
            Cell(formats.number_text(row.target_percent, 2), "n"),
            Cell(formats.number_text(row.gap_points, 2, sign=True), "n", css="m-amt"),
            Cell(formats.number_text(row.pace_points, 2, sign=True), "n"),
            Cell(formats.amount(row.behind_fen, unit=request.look.unit), "amount"),
            Cell(mark, css="m-state"),
        )
    )


def nodes_page(request: Request) -> HttpResponse:
    """节点时限: P50 and P90 per node from 储备 to 支付清算, late shares, and what is stuck with whom."""
    allowed(request, VIEW)
    error = None
    if request.method == "POST":
        error = _set_limit(request)
        if error is None:
            return HttpResponseRedirect("/progress/nodes/")
    since, until = _span(request)
    measured = nodes.nodes(since=_moment(since), until=_moment(until + dt.timedelta(days=1)))
    waiting = nodes.stuck(at=request.now, unit_ids=request.actor.unit_ids)
    limits = nodes.limits(request.now.date())
    context = {
        "title": "节点时限",
        "since": since.isoformat(),
        "until": until.isoformat(),
        "chart": _node_bars(measured),
        "table": _nodes_table(measured),
        "stuck": _stuck_table(waiting[:SHOWN], request, "现在没有等待办理的单据"),
        "stuck_count": len(waiting),
        "late_count": sum(1 for row in waiting if row.days_late(request.now.date())),
        "may_set": request.actor.can(nodes.SET_LIMIT),
        "limits": [
            (f"{kind}/{state}", f"{kinds.get(kind).title} {_state_label(kind, state)}", row.limit_workdays)
            for (kind, state), row in sorted(limits.items())
            if kind in {spec.code for spec in kinds.installed()}
        ],
        "roles": list(Role.objects.filter(group="business").order_by("name").values_list("code", "name")),
        "today": request.now.date().isoformat(),
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "progress/nodes.html", context, status=409 if error else 200)


def _state_label(kind: str, state: str) -> str:
    if (kind, state) == nodes.TO_CLEAR:
        return "已支付待清算"
    return next((found.label for found in kinds.get(kind).states if found.code == state), state)


def _span(request: Request) -> tuple[dt.date, dt.date]:
    today = request.now.date()
    until = _day(request.GET.get("until", ""), today)
    return min(_day(request.GET.get("since", ""), until - dt.timedelta(days=NODE_DAYS)), until), until


def _day(text: str, default: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(clean(text))
    except ValueError:
        return default


def _moment(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _set_limit(request: Request) -> FiscError | None:
    given = request.POST
    kind, _, state = given.get("node", "").partition("/")
    days, valid_from = given.get("limit_workdays", ""), _day(given.get("valid_from", ""), request.now.date())
    try:
        if not days.isdecimal():
            raise BadInput("限办工作日应为整数。", code="progress.limit_days")
        nodes.set_limit(
            kind=kind, state=state, limit_workdays=int(days), role=given.get("role", ""), valid_from=valid_from,
            basis=clean(given.get("basis", "")), actor=request.actor, at=request.now,
        )  # fmt: skip
    except FiscError as error:
        return error
    messages.success(request, f"限时已改，自 {valid_from} 起执行。")
    return None


def _hours(hours: float) -> str:
    """Hours below two days, else days."""
    return (
        f"{formats.number_text(hours, 1)} 小时" if hours < 48 else f"{formats.number_text(hours / 24, 1)} 天"
    )


def _node_bars(rows: Sequence[nodes.Node]) -> list[dict[str, Any]]:
    """One bar per node: the median, with a tick at nine in ten; the longest P90 is full."""
    top = max((row.p90_hours for row in rows), default=0) or 1
    return [
        {
            "label": f"{row.kind_title} {row.label}",
            "value": f"P50 {_hours(row.p50_hours)}，P90 {_hours(row.p90_hours)}",
            "bar": charts.progress_bar(
                row.p50_hours * 100 / top, tick=row.p90_hours * 100 / top, mark_late=False,
                label=f"{row.kind_title}{row.label} 中位时长占最长环节",
            ),
        }
        for row in sorted(rows, key=lambda row: -row.p90_hours)[:12]
    ]  # fmt: skip


def _nodes_table(rows: Sequence[nodes.Node]) -> Table:
    heads = (
        Head("阶段", pin=True),
        Head("单据"),
        Head("环节"),
        Head("办结数", "n"),
        Head("P50", "n"),
        Head("P90", "n"),
        Head("限时（工作日）", "n"),
        Head("逾期数", "n"),
        Head("逾期率", "n"),
        Head("退回数", "n"),
    )
    made = tuple(
        Row(
            (
                Cell(row.stage, pin=True),
                Cell(row.kind_title),
                Cell(row.label, css="m-main"),
                Cell(f"{row.done:,}", "n"),
                Cell(_hours(row.p50_hours), "n"),
                Cell(_hours(row.p90_hours), "n"),
                Cell(str(row.limit_workdays) if row.limit_workdays else formats.NO_DATA, "n"),
                Cell(f"{row.late:,}" if row.limit_workdays else formats.NO_DATA, "n"),
                Cell(_late_share(row), "n", css="m-amt"),
                Cell(f"{row.returned:,}" if row.returned else "", "n"),
            )
        )
        for row in rows
    )
    empty = Empty("这段时间没有办结的环节", "换一段时间看看", "timer")
    return Table("各环节时长", heads, made, cards=True, empty=empty)


def _late_share(row: nodes.Node) -> Any:
    if not row.limit_workdays:
        return formats.NO_DATA
    text = f"{row.late_percent:.1f}%"
    return tag(text, "red" if row.late_percent >= 20 else "orange") if row.late else text


def _stuck_table(rows: Sequence[nodes.Stuck], request: Request, nothing: str) -> Table:
    today = request.now.date()
    heads = (
        Head("单号", pin=True),
        Head("摘要"),
        Head("单位"),
        Head("环节"),
        Head("责任股室"),
        Head("责任人"),
        Head("到达"),
        Head("限期"),
        Head("逾期天数", "n"),
        Head("金额", "amount", money=True),
    )
    made = []
    for row in rows:
        late = row.days_late(today)
        cells = (
            Cell(link(row.number, f"/doc/{row.document_id}/"), pin=True, css="m-no"),
            Cell(row.title, css="cut m-desc"),
            Cell(row.unit),
            Cell(f"{row.kind_title} {row.node}", css="m-state"),
            Cell(row.section),
            Cell(_people(row.owners), css="m-main"),
            Cell(formats.date_text(row.since)),
            Cell(row.due_on.isoformat() if row.due_on else formats.NO_DATA),
            Cell(tag(str(late), "red") if late else "", "n"),
            Cell(formats.amount(row.amount_fen, unit=request.look.unit), "amount", css="m-amt"),
        )
        made.append(Row(cells))
    return Table("等待办理的单据", heads, tuple(made), cards=True, empty=Empty(nothing, "", "circle-check"))


def _people(names: Sequence[str]) -> Any:
    if not names:
        return tag("无人在岗", "red")
    more = f" 等 {len(names)} 人" if len(names) > 3 else ""
    return format_html("{}{}", "、".join(names[:3]), more)


def red_page(request: Request) -> HttpResponse:
    """督办清单: units far behind, documents past their limit, letters without a reply in time."""
    allowed(request, VIEW)
    today = request.now.date()
    now = league.progress(on=today, unit_ids=request.actor.unit_ids)
    limits = values_of(bulletins.RULE, on=today)
    behind = [
        row
        for row in now.standings[Level.UNIT.value]
        if bulletins.manner_of(bulletins.rounded(row.gap_points), limits)
    ]
    late = nodes.stuck(at=request.now, unit_ids=request.actor.unit_ids, late_only=True)
    unit_ids = None if request.actor.unit_ids is None else tuple(request.actor.unit_ids)
    letters = bulletins.overdue(on=today, unit_ids=unit_ids)
    context = {
        "title": "督办清单",
        "limits": limits,
        "behind": _league_table(behind, request, today, limits),
        "behind_count": len(behind),
        "late": _stuck_table(late[:SHOWN], request, "没有逾期的单据"),
        "late_count": len(late),
        "letters": _letters_table(letters[:SHOWN]),
        "letters_count": len(letters),
    }
    return render(request, "progress/red.html", context)


def _letters_table(rows: Sequence[Document]) -> Table:
    due = dict(Letter.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "due_on"))
    heads = (Head("单号", pin=True), Head("单位"), Head("摘要"), Head("回复期限"))
    made = tuple(
        Row(
            (
                Cell(link(row.number, f"/doc/{row.pk}/"), pin=True, css="m-no"),
                Cell(str(row.unit), css="m-main"),
                Cell(row.title, css="cut m-desc"),
                Cell(due[row.pk].isoformat()),
            )
        )
        for row in rows
    )
    return Table(
        "逾期未回复", heads, made, cards=True, empty=Empty("没有逾期未回复的催办", "", "circle-check")
    )


def target_page(request: Request, document_id: int) -> HttpResponse:
    """A target's whole split as a sheet: the district, the sections, the units, twelve months."""
    document = _target(request, document_id)
    sheet = _sheet(request, document)
    context = {"title": document.title, "document": document, "grid": sheet}
    return render(request, "progress/target.html", context)


@grid.answers_json
def save_target(request: Request, document_id: int) -> JsonResponse:
    """Takes a save of the sheet; paths must rise, the split is judged when it is submitted."""
    document = _target(request, document_id)
    sheet = _sheet(request, document)
    rows = services.rows_of(document.pk)
    months = {_key(row): list(row.months) for row in rows}
    problems = []
    for change in grid.changes(request, sheet):
        try:
            months[change.row][MONTH_FIELDS.index(change.column)] = services.percent(change.value or "0")
        except BadInput as error:
            problems.append(grid.CellProblem(change.row, change.column, error.message))
    problems = problems or _falling(months)
    if problems:
        return grid.answer(problems)
    saved = services.save_lines(
        document_id=document.pk,
        rows=[replace(row, months=tuple(months[_key(row)])) for row in rows],
        version=sheet.version,
        actor=request.actor,
        at=request.now,
    )
    return grid.answer(version=saved.version, message="已保存。")


def _falling(months: dict[str, list[Decimal]]) -> list[grid.CellProblem]:
    found = []
    for key, path in months.items():
        for number, value in enumerate(path):
            if not 0 <= value <= 100:
                found.append(grid.CellProblem(key, MONTH_FIELDS[number], "累计进度应在0到100之间。"))
            elif number and value < path[number - 1]:
                text = f"{number + 1}月低于{number}月，累计进度只增不减。"
                found.append(grid.CellProblem(key, MONTH_FIELDS[number], text))
    return found


def _key(row: services.TargetRow) -> str:
    return "-".join(row.key)


def _sheet(request: Request, document: Document) -> grid.Grid:
    rows = services.rows_of(document.pk)
    names = services.names_of(rows)
    labels = dict(Level.choices)
    may_edit = document.state in ("draft", "returned") and request.actor.can(f"{services.KIND}.edit")
    return grid.Grid(
        name="支出进度任务",
        columns=(
            grid.GridColumn("level", "层级", editable=False, width="s"),
            grid.GridColumn("label", "名称", editable=False, pin=True, width="l"),
            grid.GridColumn("base", "预算数", "amount", editable=False),
            *(
                grid.GridColumn(field, f"{number}月%", width="s")
                for number, field in enumerate(MONTH_FIELDS, start=1)
            ),
        ),
        rows=tuple(
            grid.GridRow(
                key=_key(row),
                values={
                    "level": labels[row.level], "label": names.get(row.key, "全区"), "base": row.base_fen,
                    **{field: f"{month}" for field, month in zip(MONTH_FIELDS, row.months, strict=True)},
                },
                label=names.get(row.key, "全区"),
            )
            for row in rows
        ),
        save_url=f"/progress/targets/{document.pk}/save/" if may_edit else "",
        version=document.version,
    )  # fmt: skip


def _target(request: Request, document_id: int) -> Document:
    """The target the reader may see. :raises Http404: the document is none."""
    allowed(request, f"{services.KIND}.view")
    document = get_visible(request.actor, document_id)
    if document.kind != services.KIND:
        raise Http404
    return document
