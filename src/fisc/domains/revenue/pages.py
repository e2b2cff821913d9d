"""Revenue's own pages: the sharing table with its dates, and the grid in which a task's lines are filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from fisc.base.errors import BadInput, FiscError
from fisc.base.money import parse_yuan, plain_yuan
from fisc.base.text import clean
from fisc.domains.revenue import sharing, tasks
from fisc.domains.revenue.kinds import FUNDS
from fisc.domains.revenue.levels import LEVELS
from fisc.domains.revenue.models import MONTH_FIELDS, Sharing, Task
from fisc.domains.revenue.tasks import TaskRow
from fisc.kernel import codes
from fisc.kernel.documents import get_visible
from fisc.kernel.orgs.actor import Actor
from fisc.web import ways
from fisc.web.components import Cell, Head, Row, Table, tag
from fisc.web.request import allowed

EDIT_SHARING, EDIT_TASK = "revenue.sharing.set", "revenue.task.edit"
EMPTY_ROWS = 5
FUND_NAMES = dict(FUNDS)


def sharing_page(request: HttpRequest) -> HttpResponse:
    """分成比例: all rules with their dates; a new one from a day on."""
    actor = allowed(request, "revenue.daily_report.view")
    error = _set_sharing(request, actor) if request.method == "POST" else None
    if request.method == "POST" and error is None:
        return HttpResponseRedirect("/revenue/sharing/")
    today: date = request.now.date()  # type: ignore[attr-defined]
    context = {
        "title": "分成比例",
        "table": _sharing_table(list(Sharing.objects.order_by("fund", "revenue_code", "-valid_from")), today),
        "may_edit": actor.can(EDIT_SHARING),
        "funds": FUNDS,
        "today": today,
        "given": request.POST,
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "revenue/sharing.html", context, status=409 if error else 200)


def _set_sharing(request: HttpRequest, actor: Actor) -> FiscError | None:
    given = request.POST
    try:
        row = sharing.set_sharing(
            fund=given.get("fund", ""),
            revenue_code=clean(given.get("code", "")),
            central=_percent(given.get("central", "")),
            province=_percent(given.get("province", "")),
            district=_percent(given.get("district", "")),
            valid_from=_day(given.get("valid_from", "")),
            note=clean(given.get("note", "")),
            actor=actor,
            at=request.now,  # type: ignore[attr-defined]
        )
    except FiscError as error:
        return error
    messages.success(request, f"{row.revenue_code} 的分成比例自 {row.valid_from} 起启用。")
    return None


def _percent(text: str) -> Decimal:
    try:
        value = Decimal(clean(text) or "0")
    except InvalidOperation as error:
        raise BadInput(f"比例“{text}”不是数字。", code="revenue.percent") from error
    if not value.is_finite() or abs(value) > 100:
        raise BadInput(f"比例“{text}”应在0到100之间。", code="revenue.percent")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(clean(text))
    except ValueError as error:
        raise BadInput("请填写启用日期。", code="revenue.valid_from") from error


def _sharing_table(rows: Sequence[Sharing], today: date) -> Table:
    names: dict[str, dict[str, str]] = {
        fund: codes.names(
            kind="revenue",
            codes=[row.revenue_code for row in rows if row.fund == fund],
            year=today.year,
            fund=fund,
        )
        for fund in {row.fund for row in rows}
    }
    heads = (
        Head("科目（含下级）", pin=True),
        Head("资金性质"),
        Head("中央%", "n"),
        Head("省级%", "n"),
        Head("区级%", "n"),
        Head("自"),
        Head("至"),
        Head("依据"),
    )
    return Table("分成比例", heads, tuple(_sharing_row(row, names, today) for row in rows), cards=True)


def _sharing_row(row: Sharing, names: dict[str, dict[str, str]], today: date) -> Row:
    is_over = row.valid_to is not None and row.valid_to < today
    name = names[row.fund].get(row.revenue_code, "")
    cells = (
        Cell(f"{row.revenue_code} {name}", pin=True, css="m-main"),
        Cell(FUND_NAMES.get(row.fund, row.fund)),
        *(Cell(f"{percent.normalize():f}", "n") for percent in _percents(row)),
        Cell(row.valid_from.isoformat()),
        Cell(row.valid_to.isoformat() if row.valid_to else tag("现行", "green")),
        Cell(row.note, css="cut m-desc"),
    )
    return Row(cells, css="void" if is_over else "")


def _percents(row: Sharing) -> tuple[Decimal, Decimal, Decimal]:
    return row.central_percent, row.province_percent, row.district_percent


def task_lines_page(request: HttpRequest, document_id: int) -> HttpResponse:
    """任务明细: a draft's lines by item and month, filled in like a sheet; sums are checked on saving."""
    actor = allowed(request, EDIT_TASK)
    document = get_visible(actor, document_id)
    if document.kind != tasks.KIND:
        raise Http404
    task = Task.objects.get(pk=document_id)
    if request.method == "POST":
        error, lines = _save_lines(request, task, actor)
        if error is None:
            return HttpResponseRedirect(f"/doc/{document_id}/")
    else:
        error, lines = None, [_line_texts(row) for row in tasks.rows_of(document_id)]
    context = {
        "title": f"{document.title} 明细",
        "document": document,
        "lines": [*lines, *([_blank()] * EMPTY_ROWS)],
        "levels": LEVELS[1:],
        "funds": FUNDS,
        "months": [(field[:3], f"{number}月") for number, field in enumerate(MONTH_FIELDS, start=1)],
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "revenue/task_lines.html", context, status=409 if error else 200)


def _save_lines(
    request: HttpRequest, task: Task, actor: Actor
) -> tuple[FiscError | None, list[dict[str, object]]]:
    typed = _typed(request)
    try:
        tasks.save_lines(
            document_id=task.pk,
            rows=[_task_row(line, task.year) for line in typed],
            version=int(request.POST.get("version") or 0),
            actor=actor,
            at=request.now,  # type: ignore[attr-defined]
        )
    except FiscError as error:
        return error, [_as_typed(line) for line in typed]
    messages.success(request, "任务明细已保存。")
    return None, []


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    """The rows of the grid that name an item; blank rows are left out."""
    keys = ("level", "fund", "code", "year", *(field[:3] for field in MONTH_FIELDS))
    columns = [request.POST.getlist(key) for key in keys]
    if len({len(column) for column in columns}) != 1:
        raise BadInput("表格不完整，请刷新页面后重填。", code="revenue.grid")
    rows = [dict(zip(keys, map(clean, cells), strict=True)) for cells in zip(*columns, strict=True)]
    return [row for row in rows if row["code"]]


def _task_row(line: dict[str, str], year: int) -> TaskRow:
    code = line["code"].split(" ")[0]
    months = [line[field[:3]] for field in MONTH_FIELDS]
    stated = parse_yuan(line["year"]) if line["year"] else None
    if stated is not None and not any(months):
        season = tasks.season(level=line["level"], fund=line["fund"], revenue_codes=[code], year=year - 1)
        return TaskRow(line["level"], code, tasks.split_year(stated, season[code]), line["fund"], stated)
    fen = tuple(parse_yuan(text) if text else 0 for text in months)
    return TaskRow(line["level"], code, fen, line["fund"], stated)


def _line_texts(row: TaskRow) -> dict[str, object]:
    return {
        "level": row.level,
        "fund": row.fund,
        "code": row.revenue_code,
        "year": plain_yuan(sum(row.months_fen)),
        "months": [
            (field[:3], plain_yuan(fen) if fen else "")
            for field, fen in zip(MONTH_FIELDS, row.months_fen, strict=True)
        ],
    }


def _as_typed(line: dict[str, str]) -> dict[str, object]:
    return {**line, "months": [(field[:3], line[field[:3]]) for field in MONTH_FIELDS]}


def _blank() -> dict[str, object]:
    return {
        "level": "district",
        "fund": "general",
        "code": "",
        "year": "",
        "months": [(field[:3], "") for field in MONTH_FIELDS],
    }
