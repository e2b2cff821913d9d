"""存量资金: what lies idle on the day, ticked and recognised in one go; what was recognised, recovered, used again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from fisc.base.errors import BadInput, FiscError
from fisc.base.text import clean
from fisc.domains.budget.dimensions import FUND_LABELS
from fisc.domains.budget.idle import services
from fisc.domains.budget.idle.models import IdleLine
from fisc.domains.budget.pages.common import bureau_of, money, today, year_of
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.figure_id import url
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web import ways
from fisc.web.components import Cell, Empty, Head, Row, Table, Total, link, tag
from fisc.web.pages.exports import attachment, sheet_of
from fisc.web.request import allowed

VIEW = f"{services.IDLE}.view"
DECEMBER, MOST_MONTHS, SHOWN = 12, 60, 200
CARDS = (
    ("认定", "budget.idle.recognised"), ("盘活（收回）", "budget.idle.recovered"),
    ("再安排", "budget.idle.rearranged"), ("转作调入", "budget.idle.transferred"), ("盘活率", "budget.idle.rate"),
)  # fmt: skip
HEADS = (
    Head("单位", pin=True), Head("指标"), Head("资金性质"), Head("原因"), Head("首年", "count"),
    Head("未支付月数", "count"), Head("可收回", "amount", money=True),
)  # fmt: skip


def index(request: HttpRequest) -> HttpResponse:
    """The candidates of a year, largest first, and the year's figures."""
    actor = allowed(request, VIEW)
    year, months = year_of(request, today(request).year), _months(request)
    error = _recognise(request, actor, year, months) if request.method == "POST" else None
    if isinstance(error, HttpResponse):
        return error
    found = _found(request, actor, year, months)
    context = {
        "title": "存量资金",
        "year": year,
        "years": range(today(request).year, today(request).year - 3, -1),
        "months": months,
        "cards": _cards(year, today(request).month if year == today(request).year else DECEMBER),
        "table": _table(found, ticks=actor.can(f"{services.IDLE}.create")),
        "count": len(found),
        "shown": SHOWN,
        "may_create": actor.can(f"{services.IDLE}.create") and bool(found),
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "budget/idle.html", context, status=409 if error else 200)


def _months(request: HttpRequest) -> int:
    text = request.GET.get("months", "12")
    if not (text.isdigit() and 1 <= int(text) <= MOST_MONTHS):
        raise BadInput(f"沉淀月数应在 1 到 {MOST_MONTHS} 之间。", code="budget.months")
    return int(text)


def _found(request: HttpRequest, actor: Actor, year: int, months: int) -> list[services.IdleFound]:
    found = services.find_idle(on=today(request), fiscal_year=year, months=months)
    return [item for item in found if actor.sees(item.unit_id)]


def _recognise(request: HttpRequest, actor: Actor, year: int, months: int) -> FiscError | HttpResponse:
    ids = {int(value) for value in request.POST.getlist("ids") if value.isdigit()}
    try:
        if not ids:
            raise BadInput("请先勾选要认定的指标。", code="budget.nothing_ticked")
        doc_id = services.create_idle(
            on=today(request), fiscal_year=year, unit_id=bureau_of(actor), actor=actor,
            at=request.now, months=months, allotment_ids=ids, reason=clean(request.POST.get("reason", "")),  # type: ignore[attr-defined]
        )  # fmt: skip
    except FiscError as error:
        return error
    if doc_id is None:
        return BadInput("勾选的指标已不在存量清单中。", code="budget.no_idle")
    messages.success(request, "存量资金认定单已生成，请送审。")
    return HttpResponseRedirect(f"/doc/{doc_id}/")


def _cards(year: int, month: int) -> list[tuple[str, str, str]]:
    requests = {label: FigureRequest(metric=code, year=year, month=month) for label, code in CARDS}
    found = figures(requests.values())
    return [
        (label, f"{found[asked].text(places=2)} {found[asked].unit_label()}", url(asked))
        for label, asked in requests.items()
    ]


def _table(found: list[services.IdleFound], *, ticks: bool) -> Table:
    units = dict(Unit.objects.filter(pk__in={item.unit_id for item in found}).values_list("pk", "name"))
    whole = Total(
        (
            Cell("合计", pin=True),
            *(Cell("") for _ in range(5)),
            money(sum(item.available_fen for item in found)),
        )
    )
    return Table(
        "存量资金清单", HEADS, tuple(_row(item, units[item.unit_id], ticks) for item in found[:SHOWN]), totals=(whole,),
        ticks=ticks, empty=Empty("没有满两年或长期未支付的指标", "可以把沉淀月数改小再看。"),
    )  # fmt: skip


def _row(item: services.IdleFound, unit: str, ticks: bool) -> Row:
    tone = "red" if item.why == IdleLine.Why.TWO_YEARS else "orange"
    return Row(
        (
            Cell(unit, pin=True, css="m-main"),
            Cell(link(item.title, f"/doc/{item.allotment_id}/"), css="cut m-desc"),
            Cell(FUND_LABELS[item.fund]),
            Cell(tag(IdleLine.Why(item.why).label, tone)),
            Cell(str(item.first_year), "count"),
            Cell(str(item.still_months), "count"),
            money(item.available_fen),
        ),
        id=item.allotment_id if ticks else None,
        label=item.title,
        amount_fen=item.available_fen,
    )


def export(request: HttpRequest) -> HttpResponse:
    """All candidates as a sheet."""
    actor = allowed(request, VIEW)
    year, months = year_of(request, today(request).year), _months(request)
    found = _found(request, actor, year, months)
    units = dict(Unit.objects.filter(pk__in={item.unit_id for item in found}).values_list("pk", "name"))
    content = sheet_of(
        title=f"{year}年存量资金清单",
        facts=(("截至", today(request).isoformat()), ("口径", f"满两年，或满 {months} 个月未支付"), ("导出人", actor.name)),
        heads=("单位", "指标", "资金性质", "原因", "首次安排年度", "未支付月数", "可收回"),
        kinds_of=("text",) * 6 + ("amount",),
        rows=(
            (
                units[item.unit_id], item.title, FUND_LABELS[item.fund], IdleLine.Why(item.why).label, item.first_year,
                item.still_months, item.available_fen,
            )
            for item in found
        ),
        unit=request.look.unit,  # type: ignore[attr-defined]
    )  # fmt: skip
    return attachment(content, f"{year}年存量资金清单.xlsx")
