"""The desk's pages: all scenarios, the two forms, one scenario's acts, scenarios side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, FiscError, NotAllowed
from fisc.base.text import clean
from fisc.domains.scenarios import forms, running, services, tables
from fisc.domains.scenarios.models import Scenario, Sort, Stage
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.reading import get_visible
from fisc.kernel.orgs.actor import Actor
from fisc.web import formats, ways
from fisc.web.components import Cell, Empty, Head, Row, Table, link, state

VIEW, CREATE = f"{services.SCENARIO}.view", f"{services.SCENARIO}.create"
TONES = {
    "draft": ("待计算", "waiting"), "computed": ("已算出", "running"), "kept": ("已保留", "done"), "voided": ("已作废", "wrong"),
}  # fmt: skip
SHOWN, MOST_COMPARED = 200, 3


def index(request: HttpRequest) -> HttpResponse:
    """All scenarios, newest first; two or three may be ticked and compared."""
    actor = allowed(request, VIEW)
    found = (
        Scenario.objects.select_related("document", "document__maker")
        .defer("packed_inputs")
        .order_by("-pk")[:SHOWN]
    )
    context = {
        "title": "推演台",
        "table": _index_table(list(found), request),
        "may_create": actor.can(CREATE),
    }
    return render(request, "scenarios/index.html", context)


def _index_table(found: list[Scenario], request: HttpRequest) -> Table:
    unit = request.look.unit  # type: ignore[attr-defined]
    heads = (
        Head("单号", pin=True), Head("状态"), Head("名称"), Head("类别"), Head("年度"), Head("目标或暂缓", "amount", money=True),
        Head("结论"), Head("推演人"), Head("日期"),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(link(item.document.number, f"/scenarios/{item.pk}/"), pin=True, css="m-no"),
                Cell(state(*TONES[item.document.state]), css="m-state"),
                Cell(item.document.title, css="m-main"),
                Cell(sort_words(item)),
                Cell(str(item.document.fiscal_year)),
                Cell(formats.amount(item.document.amount_fen, unit=unit), "amount", css="m-amt"),
                Cell(
                    (item.result or {}).get("summary", ""),
                    css="cut m-desc",
                    title=(item.result or {}).get("summary", ""),
                ),
                Cell(item.document.maker.name),
                Cell(formats.date_text(item.document.business_on)),
            ),
            id=item.pk,
            label=item.document.number,
        )
        for item in found
    )
    empty = Empty("还没有推演", "选“压减推演”或“三保压力测试”，填好约束，点“计算”", "split")
    return Table("推演", heads, rows, ticks=True, cards=True, frame="tw plain", empty=empty)


def sort_words(scenario: Scenario) -> str:
    """压减推演 · 执行中."""
    stage = Stage(scenario.stage).label if scenario.stage else ""
    return f"{Sort(scenario.sort).label}{' · ' if stage else ''}{stage}"


def new(request: HttpRequest, sort: str) -> HttpResponse:
    """The form of a new scenario; computing starts when it is sent."""
    actor = allowed(request, CREATE)
    on = request.now.date()  # type: ignore[attr-defined]
    refusal = None
    given: Any = request.POST
    if request.method == "POST":
        try:
            return _made(request, sort, actor)
        except FiscError as error:
            refusal = ways.refusal_view(error)
    elif (source := _source(request, actor)) is not None:
        given = {**forms.typed_again(source.parameters), "title": source.document.title, "stage": source.stage,
                 "year": str(source.document.fiscal_year)}  # fmt: skip
    year = request.look.year or on.year  # type: ignore[attr-defined]
    form = forms.cut_form(given, on=on, year=year) if sort == Sort.CUT else forms.shortfall_form(given, on=on)
    context = {
        "title": Sort(sort).label,
        "form": form,
        "refusal": refusal,
        "source": given.get("source", request.GET.get("from", "")),
    }
    return render(request, f"scenarios/new_{sort}.html", context, status=409 if refusal else 200)


def _source(request: HttpRequest, actor: Actor) -> Scenario | None:
    given = request.GET.get("from", "")
    if not given.isdigit():
        return None
    get_visible(actor, int(given))
    return Scenario.objects.select_related("document").defer("packed_inputs").get(pk=int(given))


def _made(request: HttpRequest, sort: str, actor: Actor) -> HttpResponse:
    given, at = request.POST, request.now  # type: ignore[attr-defined]
    on = at.date()
    source = given.get("source", "")
    if sort == Sort.CUT:
        stage, year = given.get("stage", ""), given.get("year", "")
        if stage not in ("preparation", "execution") or not year.isdigit():
            raise BadInput.of("scenarios.sort", "请选择年度和阶段。")
        kept: dict[str, Any] = forms.cut_from(given, on=on)
        lines = running.lines_in_question(stage=stage, year=int(year))
    else:
        stage, lines = "", 0
        kept = forms.shortfall_from(given, on=on)
        year = str(kept["first_month"] // 100)
    document_id = running.make_scenario(
        sort=sort, stage=stage, year=int(year), title=clean(given.get("title", "")), kept=kept, actor=actor, at=at,
        note=clean(given.get("note", "")), source_id=int(source) if source.isdigit() else None,
    )  # fmt: skip
    try:
        running.start(document_id, actor=actor, at=at, lines=lines)
    except FiscError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(f"/scenarios/{document_id}/")


@require_POST
def act(request: HttpRequest, document_id: int) -> HttpResponse:
    """计算, 保留, 生成草稿."""
    actor = allowed(request, VIEW)
    at, name = request.now, request.POST.get("act", "")  # type: ignore[attr-defined]
    try:
        if name == "compute":
            scenario = Scenario.objects.only("sort", "stage").get(pk=document_id)
            document = get_visible(actor, document_id)
            is_cut = scenario.sort == Sort.CUT
            lines = (
                running.lines_in_question(stage=scenario.stage, year=document.fiscal_year) if is_cut else 0
            )
            running.start(document_id, actor=actor, at=at, lines=lines)
        elif name == "keep":
            running.keep(document_id, actor=actor, at=at)
            messages.success(request, "推演已保留，之后不再改变。")
        elif name == "draw_up":
            running.draw_up(document_id, actor=actor, at=at)
            messages.success(request, "已生成草稿，请在相应单据中送审。")
        else:
            raise BadInput.of("scenarios.act", "没有这样的操作。")
    except FiscError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(f"/scenarios/{document_id}/")


def compare(request: HttpRequest) -> HttpResponse:
    """Two or three scenarios of one sort side by side."""
    actor = allowed(request, VIEW)
    ids = list(dict.fromkeys(int(value) for value in request.GET.getlist("ids") if value.isdigit()))
    if not 2 <= len(ids) <= MOST_COMPARED:
        raise BadInput.of("scenarios.compare", "请勾选两个或三个推演再比较。")
    visible = (
        set(Document.objects.filter(pk__in=ids).values_list("pk", flat=True))
        if actor.sees_everything
        else set()
    )
    found = {
        item.pk: item
        for item in Scenario.objects.select_related("document").defer("packed_inputs").filter(pk__in=visible)
    }
    chosen = [found[pk] for pk in ids if pk in found and found[pk].result]
    if len(chosen) != len(ids) or len({item.sort for item in chosen}) != 1:
        raise BadInput.of("scenarios.compare", "只能比较同一类别、已经算出的推演。")
    unit = request.look.unit  # type: ignore[attr-defined]
    context = {
        "title": "推演比较",
        "chosen": [(item, state(*TONES[item.document.state])) for item in chosen],
        "table": _compare_table(chosen, unit),
        "parameters": _parameters_table(chosen),
    }
    if chosen[0].sort == Sort.SHORTFALL:
        context["chart"] = tables.compared_chart([(item.document.number, item.result) for item in chosen])
        context["legend"] = list(
            zip(("d1", "d2", "task"), [item.document.number for item in chosen], strict=False)
        )
    return render(request, "scenarios/compare.html", context)


def _compare_table(chosen: list[Scenario], unit: Any) -> Table:
    heads = (Head("结果", pin=True), *(Head(item.document.number) for item in chosen))
    rows: list[tuple[str, list[Any]]] = []
    if chosen[0].sort == Sort.CUT:
        results = [item.result for item in chosen]
        rows += [
            ("可以实现", ["是" if r["feasible"] else "否" for r in results]),
            ("目标", [formats.amount(r["target_fen"], unit=unit) for r in results]),
            ("最多可压", [formats.amount(r["maximum_fen"], unit=unit) for r in results]),
            ("还差", [formats.amount(r.get("short_fen", 0), unit=unit) for r in results]),
            ("压减合计", [formats.amount(r.get("total_fen"), unit=unit) for r in results]),
            ("F8 压减比例", [tables.bp_text(r["f8"]["rate_bp"]) if r["feasible"] else "—" for r in results]),
            ("压减率最高的单位", [tables.bp_text(r.get("highest_bp")) for r in results]),
            ("压减行数", [f"{r['cut_lines']:,}" if r["feasible"] else "—" for r in results]),
            ("整项取消行数", [f"{r['whole_lines']:,}" if r["feasible"] else "—" for r in results]),
        ]
    else:
        results = [item.result for item in chosen]
        rows += [
            ("首个缺口日", [r["course"]["first_short"] or "无" for r in results]),
            ("三保缺口", [formats.amount(r["guaranteed_short_fen"], unit=unit) for r in results]),
            ("须暂缓", [formats.amount(sum(r["needed_fen"].values()), unit=unit) for r in results]),
            ("已排入暂缓清单", [formats.amount(r["waiting_fen"], unit=unit) for r in results]),
            (
                "期末库款（先留三保）",
                [formats.amount(r["course"]["guarded"]["month_end_fen"][-1], unit=unit) for r in results],
            ),
            (
                "期末 F14（先留三保）",
                [tables.cover_text(r["course"]["guarded"]["cover"][-1]) for r in results],
            ),
        ]
    rows.append(("结论", [r["summary"] for r in results]))
    out = tuple(
        Row((Cell(label, pin=True), *(Cell(value, css="w") for value in values))) for label, values in rows
    )
    return Table("结果比较", heads, out, frame="tw plain")


LABELS = {
    "target_fen": "目标金额", "target_percent": "目标比例%", "fund": "资金性质", "step": "取整", "rigid": "刚性不压", "bond": "债券不压",
    "priority": "重点不压", "contract": "合同为下限", "upper_percent": "上级专项上限%", "unit_percent": "单位上限%", "fair_percent": "均衡让步%",
    "minimum_percent": "项目最低保留%", "grade_percent": "绩效上限%", "first_month": "起始月份", "length": "月数", "revenue_percent": "收入短收%",
    "land_percent": "土地短收%", "delay_months": "补助晚到（月）", "with_debt": "到期债务偿还", "debts": "到期债务", "wage_percent": "农民工工资%",
    "reserve_fen": "最低库款",
}  # fmt: skip


def _parameters_table(chosen: list[Scenario]) -> Table:
    heads = (Head("参数", pin=True), *(Head(item.document.number) for item in chosen), Head("不同"))
    rows = []
    for key, label in LABELS.items():
        if not any(key in item.parameters for item in chosen):
            continue
        values = [item.parameters.get(key) for item in chosen]
        differs = any(value != values[0] for value in values)
        rows.append(
            Row(
                (
                    Cell(label, pin=True),
                    *(Cell(parameter_words(key, value), css="w") for value in values),
                    Cell(state("不同", "waiting") if differs else ""),
                )
            )
        )
    return Table("参数比较", heads, tuple(rows), frame="tw plain")


def parameter_words(key: str, value: Any) -> str:
    """One parameter as text."""
    if key == "fund":
        return dict(forms.FUNDS).get(value, value)
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if key == "debts":
        return (
            "、".join(f"{month[4:]}月 {formats.amount_text(fen)} 元" for month, fen in value.items()) or "—"
        )
    if isinstance(value, dict):
        return "、".join(f"{name or '未评价'} {percent}" for name, percent in value.items())
    if key.endswith("_fen"):
        return f"{formats.amount_text(value)} 元"
    if key == "step":
        return {"yuan": "整元", "wan": "整万元"}[value]
    return str(value)


def shown_parameters(kept: dict[str, Any]) -> list[tuple[str, str]]:
    """All parameters of a scenario, for its page and its file."""
    return [(label, parameter_words(key, kept[key])) for key, label in LABELS.items() if key in kept]


def allowed(request: HttpRequest, permission: str) -> Actor:
    """The actor. :raises NotAllowed: no right, or somebody who sees only some units."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.can(permission) or not actor.sees_everything:
        raise NotAllowed("您没有使用推演台的权限。")
    return actor
