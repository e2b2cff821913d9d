"""Own pages: the monthly 三保 report with its Excel, the list with its versions, 民生支出 with the two-thirds test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, FiscError, NotAllowed
from fisc.domains.guarantees import catalogue, livelihood, services, sheet
from fisc.domains.guarantees import position as positions
from fisc.domains.guarantees.areas import AREAS, CONFIDENCES, LEVEL_NAMES, LEVELS
from fisc.domains.guarantees.models import ListItem, ListVersion, NeedLine, WageDay
from fisc.domains.guarantees.position import ItemPosition
from fisc.kernel.documents import get_visible
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.figure_id import url as figure_url
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.actor import Actor
from fisc.web import charts, formats, grid, ways
from fisc.web.components import Cell, Empty, Head, Option, Pager, Row, Table, Total, link, page_links, tag
from fisc.web.pages.exports import attachment, sheet_of
from fisc.web.periods import default_month, month_options
from fisc.web.request import allowed

VIEW = "guarantees.report.view"
DECEMBER = 12
LATE_POINTS = 10


def report_page(request: HttpRequest) -> HttpResponse:
    """三保监测: by item need, arranged, gap, coverage, executed, progress; unpaid wages; by stage of the budget."""
    allowed(request, VIEW, whole=True)
    year, month, stage = _asked(request)
    found = positions.position(year=year, stage=stage, month=month)
    need = positions.need_in_force(year)
    unpaid = positions.unpaid_wages(on=request.now.date())  # type: ignore[attr-defined]
    whole = positions.total(found)
    context = {
        "title": "三保监测",
        "year": year,
        "month": month,
        "stage": stage,
        "stage_name": positions.STAGE_NAMES[stage],
        "stages": [Option(code, name, code == stage) for code, name in positions.STAGES],
        "months": month_options(year, month),
        "need": need,
        "whole": whole,
        "verdict": _verdict(whole),
        "gaps": [row for row in found if row.gap_fen],
        "bars": _bars(found, month),
        "cash": _cash(positions.cash_months(year=year, month=month)),
        "table": _report_table(found, year=year, month=month, stage=stage),
        "unpaid": _unpaid_table(unpaid, year),
        "wage_day": positions.wage_day(request.now.date()),  # type: ignore[attr-defined]
        "query": f"year={year}&month={month}&stage={stage}",
    }
    return render(request, "guarantees/report.html", context)


def report_excel(request: HttpRequest) -> HttpResponse:
    """The same as a sheet."""
    allowed(request, VIEW, whole=True)
    year, month, stage = _asked(request)
    found = positions.position(year=year, stage=stage, month=month)
    rows = [
        [
            row.item,
            row.name,
            dict(AREAS)[row.area],
            LEVEL_NAMES[row.level],
            row.need_fen,
            row.arranged_fen,
            row.gap_fen if row.need_fen is not None else None,
            formats.percent_text(row.coverage),
            row.executed_fen,
            formats.percent_text(row.execution),
        ]
        for row in found
    ]
    whole = positions.total(found)
    rows.append(
        [
            "",
            "合计",
            "",
            "",
            whole.need_fen,
            whole.arranged_fen,
            whole.gap_fen if whole.need_fen is not None else None,
            formats.percent_text(whole.coverage),
            whole.executed_fen,
            formats.percent_text(whole.execution),
        ]
    )
    heads = ("编码", "项目", "类别", "标准", "需求", "安排", "缺口", "覆盖率", "支出", "执行率")
    kinds = ("text", "text", "text", "text", "amount", "amount", "amount", "text", "amount", "text")
    content = sheet_of(
        title="三保月报",
        facts=(
            ("期间", f"{year} 年 1—{month} 月"),
            ("安排口径", positions.STAGE_NAMES[stage]),
            ("缺口", "逐项计算，各项之间不相抵"),
        ),
        heads=heads,
        kinds_of=kinds,
        rows=rows,
        unit=request.look.unit,  # type: ignore[attr-defined]
    )
    return attachment(content, f"三保月报{year}年{month}月.xlsx")


def _asked(request: HttpRequest) -> tuple[int, int, str]:
    today: date = request.now.date()  # type: ignore[attr-defined]
    given = request.GET
    look_year = request.look.year or today.year  # type: ignore[attr-defined]
    year = int(given["year"]) if given.get("year", "").isdigit() else look_year
    year = year if year in catalogue.YEARS else look_year
    month = int(given["month"]) if given.get("month", "").isdigit() else 0
    if not 1 <= month <= DECEMBER:
        month = default_month(today, year)
    stage = given.get("stage", "")
    return year, month, stage if stage in positions.STAGE_NAMES else positions.EXECUTION


def _verdict(whole: positions.Sum) -> SafeString:
    if whole.need_fen is None:
        return tag("需求未测算", "orange")
    return tag("有缺口", "red") if whole.gap_fen else tag("各项足额", "green")


def _cash(months: Fraction | None) -> SafeString | str:
    """How long the cash lasts for 三保; red below one month."""
    if months is None:
        return formats.NO_DATA
    return tag(f"{formats.number_text(months)} 个月", "red" if months < 1 else "green")


def _bars(found: Sequence[ItemPosition], month: int) -> list[tuple[str, str, SafeString]]:
    """Area, coverage, bar of what is spent of the need."""
    tick = month * 100 / DECEMBER
    shown = []
    for code, name in AREAS:
        part = positions.total((row for row in found if row.area == code), name)
        shown.append(
            (
                name,
                f"覆盖 {formats.percent_text(part.coverage)}，支出占需求 {formats.percent_text(part.execution)}",
                charts.progress_bar(part.execution, tick=tick, late_points=LATE_POINTS, label=name),
            )
        )
    return shown


HEADS = (
    Head("三保项目", pin=True),
    Head("标准"),
    Head("需求", "amount", money=True),
    Head("安排", "amount", money=True),
    Head("缺口", "amount", money=True),
    Head("覆盖率", "percent"),
    Head("支出", "amount", money=True),
    Head("占需求", "percent"),
    Head("占应付", "percent"),
)


def _report_table(found: Sequence[ItemPosition], *, year: int, month: int, stage: str) -> Table:
    rows: list[Row] = []
    for code, name in AREAS:
        part = [row for row in found if row.area == code]
        whole = positions.total(part, name)
        rows.append(Row(_area_cells(whole, code, year, month, stage), css="sum"))
        rows += [Row(_item_cells(row), level=1) for row in part]
    totals = [Total(_sum_cells(positions.total(found, "合计")))]
    totals += [
        Total(_sum_cells(positions.total((row for row in found if row.level == code), f"其中：{name}")))
        for code, name in LEVELS
    ]
    return Table(
        "三保按项目",
        HEADS,
        tuple(rows),
        totals=tuple(totals),
        empty=Empty("还没有三保清单", "请先启用清单。", href="/guarantees/list/", action="三保清单"),
    )


def _area_cells(whole: positions.Sum, area: str, year: int, month: int, stage: str) -> tuple[Cell, ...]:
    def opened(name: str) -> str:
        if stage != positions.EXECUTION and name in ("arranged", "gap"):
            return ""
        return figure_url(FigureRequest(metric=f"guarantees.{area}.{name}", year=year, month=month))

    return (
        Cell(whole.label, pin=True, css="m-main"),
        Cell(""),
        Cell(_amount(whole.need_fen, opened("need")), "amount"),
        Cell(_amount(whole.arranged_fen, opened("arranged")), "amount"),
        Cell(_gap(whole.need_fen, whole.gap_fen, opened("gap")), "amount"),
        Cell(formats.percent_text(whole.coverage), "percent"),
        Cell(_amount(whole.executed_fen, opened("executed")), "amount"),
        Cell(formats.percent_text(whole.execution), "percent"),
        Cell(formats.percent_text(whole.progress), "percent"),
    )


def _item_cells(row: ItemPosition) -> tuple[Cell, ...]:
    return (
        Cell(formats.code_name(row.item, row.name), pin=True),
        Cell(LEVEL_NAMES[row.level]),
        Cell(_amount(row.need_fen), "amount"),
        Cell(_amount(row.arranged_fen), "amount"),
        Cell(_gap(row.need_fen, row.gap_fen), "amount"),
        Cell(formats.percent_text(row.coverage), "percent"),
        Cell(_amount(row.executed_fen), "amount"),
        Cell(formats.percent_text(row.execution), "percent"),
        Cell(formats.percent_text(row.progress), "percent"),
    )


def _sum_cells(whole: positions.Sum) -> tuple[Cell, ...]:
    return (
        Cell(whole.label, pin=True),
        Cell(""),
        Cell(_amount(whole.need_fen), "amount"),
        Cell(_amount(whole.arranged_fen), "amount"),
        Cell(_gap(whole.need_fen, whole.gap_fen), "amount"),
        Cell(formats.percent_text(whole.coverage), "percent"),
        Cell(_amount(whole.executed_fen), "amount"),
        Cell(formats.percent_text(whole.execution), "percent"),
        Cell(formats.percent_text(whole.progress), "percent"),
    )


def _amount(fen: int | None, href: str = "") -> SafeString | str:
    return formats.NO_DATA if fen is None else formats.amount(fen, href=href)


def _gap(need_fen: int | None, gap_fen: int, href: str = "") -> SafeString | str:
    if need_fen is None:
        return formats.NO_DATA
    shown = formats.amount(gap_fen, href=href)
    return format_html("{} {}", tag("缺口", "red"), shown) if gap_fen else shown


def _unpaid_table(rows: Sequence[positions.Unpaid], year: int) -> Table | None:
    if not rows:
        return None
    heads = (Head("单位", pin=True), Head("未付月份"), Head("全年安排", "amount", money=True))
    shown = tuple(
        Row(
            (
                Cell(link(row.unit, f"/d/budget.allotment/?unit={row.unit_id}"), pin=True),
                Cell(f"{year} 年 {row.month} 月"),
                Cell(formats.amount(row.arranged_fen), "amount"),
            )
        )
        for row in rows
    )
    return Table("未付工资的单位", heads, shown)


def list_page(request: HttpRequest) -> HttpResponse:
    """三保清单: the versions, the items of one of them with what belongs to each, and the wage day."""
    actor = allowed(request, VIEW, whole=True)
    error = _set_wage_day(request, actor) if request.method == "POST" else None
    if request.method == "POST" and error is None:
        return HttpResponseRedirect("/guarantees/list/")
    versions = list(ListVersion.objects.order_by("-valid_from_year"))
    year, _, _ = _asked(request)
    wanted = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.pk) == wanted), None) or catalogue.version_for(year)
    context = {
        "title": "三保清单",
        "versions": [
            Option(str(row.pk), f"{row.valid_from_year} 年起", shown is not None and row.pk == shown.pk)
            for row in versions
        ],
        "shown": shown,
        "table": _items_table(shown),
        "may_import": actor.can("imports.guarantees.list"),
        "may_set": actor.can("guarantees.list.adopt"),
        "wage_days": WageDay.objects.order_by("-valid_from"),
        "given": request.POST,
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "guarantees/list.html", context, status=409 if error else 200)


def _set_wage_day(request: HttpRequest, actor: Actor) -> FiscError | None:
    given = request.POST
    try:
        if not actor.can("guarantees.list.adopt"):
            raise NotAllowed
        if not given.get("day", "").isdecimal():
            raise BadInput("请填写每月期限日。")
        catalogue.set_wage_day(
            valid_from=date.fromisoformat(given.get("valid_from", "")),
            day=int(given["day"]),
            basis=given.get("basis", ""),
            actor=actor,
            at=request.now,  # type: ignore[attr-defined]
        )
    except FiscError as error:
        return error
    except ValueError:
        return BadInput("请填写启用日期。")
    return None


def _items_table(version: ListVersion | None) -> Table:
    items = ListItem.objects.filter(version=version).order_by("seq").prefetch_related("selectors")
    heads = (
        Head("三保项目", pin=True),
        Head("类别"),
        Head("标准"),
        Head("标准内容"),
        Head("归集口径"),
        Head("依据"),
        Head("可信度"),
    )
    rows = tuple(
        Row(
            (
                Cell(formats.code_name(item.code, item.name), pin=True, css="m-main"),
                Cell(dict(AREAS)[item.area]),
                Cell(LEVEL_NAMES[item.level]),
                Cell(item.standard),
                Cell(_selectors_text(item)),
                Cell(item.basis, css="cut"),
                Cell(dict(CONFIDENCES)[item.confidence]),
            )
        )
        for item in items
    )
    return Table("三保清单", heads, rows, cards=True, empty=Empty("还没有清单"))


CATEGORY_NAMES = {
    "personnel": "人员类",
    "public": "公用经费",
    "operating": "其他运转",
    "special": "特定目标类",
    "": "三保标识",
}


def _selectors_text(item: ListItem) -> str:
    parts = []
    for row in item.selectors.all():
        words = [CATEGORY_NAMES[row.category]]
        if row.economic_prefix:
            words.append(f"经济 {row.economic_prefix}")
        if row.function_prefix:
            words.append(f"功能 {row.function_prefix}")
        parts.append(" ".join(words))
    return "；".join(parts) or "项目标明"


def sheet_page(request: HttpRequest, document_id: int) -> HttpResponse:
    """填写需求表: the own lines of a draft need (人数 × 标准), filled in like Excel."""
    document = _draft(request, document_id)
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    held = NeedLine.objects.filter(need_id=document_id)
    own = held.filter(source=sheet.OWN).count()
    pages = max(1, -(-own // sheet.PAGE_ROWS))
    context = {
        "title": f"{document.title} 填写",
        "document": document,
        "grid": sheet.build(
            document, document.fiscal_year, f"/guarantees/needs/{document_id}/save/?page={page}", page=page
        ),
        "from_standards": held.exclude(source=sheet.OWN).count(),
        "pager": Pager(
            format_html("人数×标准共 <b>{}</b> 行", own), page_links(page=page, pages=pages, query={})
        ),
    }
    return render(request, "guarantees/sheet.html", context)


@require_POST
@grid.answers_json
def save_sheet(request: HttpRequest, document_id: int) -> JsonResponse:
    """The changed cells of the sheet, saved whole or not at all."""
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    with transaction.atomic():
        document = _draft(request, document_id)
        shown = sheet.build(document, document.fiscal_year, request.path, page=page)
        changed = grid.changes(request, shown)
        saved = sheet.after(document_id, changed)
        if saved.problems:
            return grid.answer(saved.problems)
        after = services.save_lines(
            document_id=document_id,
            rows=saved.rows,
            version=document.version,
            actor=request.actor,  # type: ignore[attr-defined]
            at=request.now,  # type: ignore[attr-defined]
        )
    now = sheet.build(after, after.fiscal_year, request.path, page=page)
    needs = {row.key: row.values["need"] for row in now.rows}
    cells = [
        grid.CellChange(key, "need", needs[key])
        for key in {saved.keys.get(change.row, change.row) for change in changed}
        if key in needs
    ]
    return grid.answer(
        version=after.version,
        totals=now.totals,
        cells=cells,
        keys=saved.keys,
        message=f"已保存 {len(changed)} 格。",
        grid=now,
    )


def _draft(request: HttpRequest, document_id: int) -> Document:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.can(f"{services.KIND}.edit"):
        raise NotAllowed
    document = get_visible(actor, document_id)
    if document.kind != services.KIND:
        raise Http404
    return document


def livelihood_page(request: HttpRequest) -> HttpResponse:
    """民生支出: the list by year, F10, and the two-thirds test F11 with both increments."""
    allowed(request, VIEW, whole=True)
    year, month, _ = _asked(request)
    test = livelihood.two_thirds(year=year, month=month)
    context = {
        "title": "民生支出",
        "year": year,
        "month": month,
        "months": month_options(year, month),
        "test": test,
        "share": formats.percent_text(test.share, 2),
        "verdict": tag(test.verdict, test.tone),
        "band": _two_thirds_band(test),
        "table": _test_table(test, year, month),
        "versions": _versions_table(year),
    }
    return render(request, "guarantees/livelihood.html", context)


def _two_thirds_band(test: livelihood.Test) -> SafeString | str:
    if test.share is None:
        return ""
    grades = (charts.Grade("未达三分之二", 200 / 3, "r"), charts.Grade("三分之二以上", 100, "g"))
    return charts.band(test.share, grades, label="民生增量占比")


def _test_table(test: livelihood.Test, year: int, month: int) -> Table:
    heads = (
        Head("口径", pin=True),
        Head(f"{year} 年 1—{month} 月", "amount", money=True),
        Head(f"{year - 1} 年同期", "amount", money=True),
        Head("增减", "amount", money=True),
    )
    rows = tuple(
        Row(
            (
                Cell(line.label, pin=True),
                Cell(_amount(line.now_fen, line.now_url), "amount"),
                Cell(_amount(line.before_fen, line.before_url), "amount"),
                Cell(_amount(line.change_fen), "amount"),
            )
        )
        for line in test.lines
    )
    return Table("民生增量测试", heads, rows)


def _versions_table(year: int) -> Table:
    heads = (Head("功能分类", pin=True), Head(f"{year - 1} 年"), Head(f"{year} 年"), Head("说明"))
    rows = tuple(
        Row(
            (
                Cell(formats.code_name(row.code, row.name), pin=True),
                Cell(tag("计入", "green") if row.before else "不计入"),
                Cell(tag("计入", "green") if row.now else "不计入"),
                Cell(tag("口径变动", "orange") if row.before != row.now else ""),
            ),
            css="late" if row.before != row.now else "",
        )
        for row in livelihood.compared_lists(year)
    )
    return Table("民生清单两年对照", heads, rows, cards=True)
