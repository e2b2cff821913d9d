"""The list of one kind of document: state tabs, filters in the address, sorting, totals, ticking, saved views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, NotAllowed
from fisc.base.money import parse_yuan
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Column, DocumentKind, Filter
from fisc.kernel.modules import registry
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.kernel.rules.models import StoredFinding
from fisc.web import formats, waiting, ways
from fisc.web.components import (
    Action,
    Cell,
    Empty,
    FilterInput,
    Head,
    Option,
    Pager,
    Row,
    Tab,
    Table,
    Total,
    encode,
    link,
    page_links,
)
from fisc.web.icons import icon
from fisc.web.models import SavedView
from fisc.web.pages import values
from fisc.web.request import Request

PAGE_SIZE = 50
WAITING_TAB = "mine"
HEADER = ("document_id", "document__number", "document__state", "document__node", "document__amount_fen")
CARD_CLASS = {"number": "m-no", "state": "m-state", "amount": "m-amt"}


@dataclass(frozen=True)
class ListQuery:
    """What the address of a list says; everything checked, unknown things ignored."""

    year: int
    tab: str
    sort: str
    page: int
    params: Mapping[str, str]

    def url(self, **changes: Any) -> str:
        """The address with some things changed; another filter starts on page 1."""
        merged = {**self.params, "tab": self.tab, "sort": self.sort, "page": 1, **changes}
        return "?" + encode(
            {key: value for key, value in merged.items() if not (key == "page" and value == 1)}
        )


def kind_of(code: str) -> DocumentKind:
    """The kind in the address. :raises Http404: there is none."""
    try:
        return kinds.get(code)
    except KeyError as error:
        raise Http404(code) from error


def read_query(request: Request) -> ListQuery:
    """This will read the address."""
    params = {
        k: v.strip() for k, v in request.GET.dict().items() if k not in ("tab", "sort", "page") and v.strip()
    }
    page = request.GET.get("page", "1")
    return ListQuery(
        year=request.look.year or request.now.year,
        tab=request.GET.get("tab", ""),
        sort=request.GET.get("sort", ""),
        page=max(1, int(page)) if page.isdigit() else 1,
        params=params,
    )


def visible(spec: DocumentKind, actor: Actor, year: int) -> QuerySet[Any]:
    """The module's rows of the year (of all years, where documents live on) that the actor may see."""
    rows = spec.model._default_manager.filter(document__kind=spec.code)
    if not spec.is_lifelong:
        rows = rows.filter(document__fiscal_year=year)
    return rows if actor.unit_ids is None else rows.filter(document__unit_id__in=actor.unit_ids)


def filtered(spec: DocumentKind, rows: QuerySet[Any], query: ListQuery) -> QuerySet[Any]:
    """This will narrow the rows as the address says. :raises BadInput: an amount or date that is none."""
    if text := query.params.get("q"):
        match = Q(document__number__icontains=text) | Q(document__title__icontains=text)
        rows = rows.filter(match | Q(document__counterparty__icontains=text))
    if unit := query.params.get("unit"):
        rows = (
            rows.filter(document__unit_id=int(unit))
            if unit.isdigit()
            else rows.filter(document__unit__code=unit)
        )
    if query.params.get("finding"):
        open_findings = StoredFinding.objects.filter(is_open=True, view=spec.fact_view or "")
        rows = rows.filter(document_id__in=open_findings.values("subject_id"))
    rows = _range(
        rows, "document__amount_fen", query.params.get("amount_from"), query.params.get("amount_to")
    )
    for spec_filter in spec.filters:
        rows = _apply_filter(rows, spec_filter, query.params)
    return rows


def _apply_filter(rows: QuerySet[Any], spec_filter: Filter, params: Mapping[str, str]) -> QuerySet[Any]:
    value, upto = params.get(spec_filter.key), params.get(f"{spec_filter.key}_to")
    if spec_filter.kind == "amount_range":
        return _range(rows, spec_filter.path, params.get(f"{spec_filter.key}_from", value), upto)
    if spec_filter.kind == "date_range":
        if value:
            rows = rows.filter(**{f"{spec_filter.path}__gte": value})
        return rows.filter(**{f"{spec_filter.path}__lte": upto}) if upto else rows
    if not value:
        return rows
    if spec_filter.kind == "bool":
        return rows.filter(**{spec_filter.path: value == "1"})
    if spec_filter.kind == "text":
        return rows.filter(**{f"{spec_filter.path}__icontains": value})
    return rows.filter(**{spec_filter.path: value})


def _range(rows: QuerySet[Any], path: str, low: str | None, high: str | None) -> QuerySet[Any]:
    if low:
        rows = rows.filter(**{f"{path}__gte": parse_yuan(low)})
    return rows.filter(**{f"{path}__lte": parse_yuan(high)}) if high else rows


def in_tab(spec: DocumentKind, rows: QuerySet[Any], tab: str, mine: set[int]) -> QuerySet[Any]:
    """This will narrow the rows to a state tab."""
    if tab == WAITING_TAB:
        return rows.filter(document_id__in=mine)
    return rows.filter(document__state=tab) if tab in {state.code for state in spec.states} else rows


def sorted_rows(spec: DocumentKind, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """This will order the rows; ties by the newest number, so that pages do not overlap."""
    by_key = {column.key: column.path for column in spec.columns if column.sort}
    path = by_key.get(sort.lstrip("-"))
    if path is None:
        return rows.order_by("-document_id")
    return rows.order_by(f"-{path}" if sort.startswith("-") else path, "-document_id")


def page_of(spec: DocumentKind, rows: QuerySet[Any], page: int) -> list[dict[str, Any]]:
    """One page of rows as dictionaries by ORM path."""
    paths = [*HEADER, *(column.path for column in spec.columns)]
    start = (page - 1) * PAGE_SIZE
    found = list(rows.values(*dict.fromkeys(paths))[start : start + PAGE_SIZE])
    return values.in_words(spec.model, spec.columns, found)


def names_of(spec: DocumentKind, rows: list[dict[str, Any]], year: int) -> values.Names:
    """This will read the names that the page's cells need."""
    by_kind: dict[str, list[Any]] = {}
    for column in spec.columns:
        if column.kind == "code" and column.code_kind:
            by_kind.setdefault(column.code_kind, []).extend(row[column.path] for row in rows)
    return values.Names(year=year).gather(
        units=[row[column.path] for column in spec.columns if column.kind == "unit" for row in rows],
        users=[row[column.path] for column in spec.columns if column.kind == "user" for row in rows],
        by_code_kind=by_kind,
    )


def cell(
    spec: DocumentKind,
    column: Column,
    row: Mapping[str, Any],
    names: values.Names,
    *,
    flagged: bool,
    unit: Any,
) -> Cell:
    """One list cell."""
    value, href = row[column.path], f"/doc/{row['document_id']}/"
    css = CARD_CLASS.get(column.kind, "")
    match column.kind:
        case "number":
            flag = format_html(
                ' <span class="tr-orange" data-tip="有规则提示">{}</span>',
                icon("triangle-alert", "有规则提示"),
            )
            content: Any = format_html("{}{}", link(str(value), href), flag if flagged else "")
        case "state":
            content = values.state_html(spec.code, row["document__state"], row["document__node"])
        case "unit":
            content = names.units.get(value, value if isinstance(value, str) else "")
        case "user":
            content = names.users.get(value, value if isinstance(value, str) else "")
        case "code":
            content = values.code_html(names, column.code_kind, value)
        case _:
            content = values.cell_value(column.kind, value, unit=unit, href=href)
    if column.kind == "text":
        css = {"document__title": "cut m-desc", "document__counterparty": "cut m-main"}.get(
            column.path, "cut"
        )
    title = str(value) if column.kind == "text" and value and len(str(value)) > 18 else ""
    return Cell(content=content, kind=column.kind, pin=column.pin, css=css, title=title)


def heads(spec: DocumentKind, query: ListQuery) -> tuple[Head, ...]:
    """The heads, each a link that sorts by it."""
    made = []
    for column in spec.columns:
        up, down = query.sort == column.key, query.sort == f"-{column.key}"
        made.append(
            Head(
                label=column.head,
                kind=column.kind,
                pin=column.pin,
                href=query.url(sort=f"-{column.key}" if up else column.key) if column.sort else "",
                sort="ascending" if up else "descending" if down else "",
                money=column.kind == "amount",
            )
        )
    return tuple(made)


def list_page(request: Request, kind: str) -> HttpResponse:
    """The list."""
    spec, actor = kind_of(kind), request.actor
    if not actor.can(spec.permission("view")):
        raise NotAllowed()
    query = read_query(request)
    mine = waiting.ids(actor, kind=spec.code)
    base = visible(spec, actor, query.year)
    error = ""
    try:
        narrowed = filtered(spec, base, query)
    except (BadInput, ValueError) as problem:
        narrowed, error = base, getattr(problem, "message", "筛选条件的格式不对，已忽略。")
    chosen = in_tab(spec, narrowed, query.tab, mine)
    totals = chosen.aggregate(
        count=Count("pk"), **{f"sum_{c.key}": Sum(c.path) for c in spec.columns if c.total}
    )
    rows = page_of(spec, sorted_rows(spec, chosen, query.sort), query.page)
    context = {
        "title": spec.title,
        "kind": spec,
        "span": "全部年度" if spec.is_lifelong else f"{query.year} 年度",
        "query": query,
        "error": error,
        "tabs": _tabs(spec, narrowed, query, mine),
        "filters": _filters(spec, actor, query),
        "table": _table(request, spec, query, rows, totals, mine),
        "pager": _pager(query, totals["count"]),
        "actions": _actions(spec, actor, query),
        "batch_steps": _batch_steps(spec, actor),
        "saved": SavedView.objects.filter(user_id=actor.user_id, kind=spec.code),
        "export_url": f"/d/{spec.code}/export.xlsx{query.url()}",
        "here": query.url(page=query.page),
    }
    template = "web/parts/list_body.html" if request.htmx and not request.htmx.boosted else "web/list.html"
    return render(request, template, context)


def _tabs(spec: DocumentKind, rows: QuerySet[Any], query: ListQuery, mine: set[int]) -> list[Tab]:
    counted = dict(rows.values_list("document__state").annotate(n=Count("pk")).order_by())
    tabs = [Tab("全部", query.url(tab=""), f"{sum(counted.values()):,}", query.tab == "")]
    if mine:
        tabs.append(Tab("待我办理", query.url(tab=WAITING_TAB), f"{len(mine):,}", query.tab == WAITING_TAB))
    for state in spec.states:
        if counted.get(state.code) or query.tab == state.code:
            count = f"{counted.get(state.code, 0):,}"
            tabs.append(Tab(state.label, query.url(tab=state.code), count, query.tab == state.code))
    return tabs


def _filters(spec: DocumentKind, actor: Actor, query: ListQuery) -> list[FilterInput]:
    get = query.params.get
    shown = [FilterInput("q", "单号、收款人、摘要", "text", get("q", ""))]
    units = Unit.objects.filter(is_active=True).order_by("code")
    if actor.unit_ids is not None:
        units = units.filter(pk__in=actor.unit_ids)
    options = [
        Option("", "全部单位"),
        *(_option(str(u.pk), str(u), get("unit", "")) for u in units.only("short_name", "name")),
    ]
    if len(options) > 2:
        shown.append(FilterInput("unit", "单位", "choice", get("unit", ""), options=tuple(options)))
    for spec_filter in spec.filters:
        if spec_filter.kind == "unit" or spec_filter.path in ("document__state", "document__title"):
            continue
        shown.append(_filter_input(spec_filter, get, more=len(shown) > 3))
    if not any(f.kind == "amount_range" for f in spec.filters):
        shown.append(
            FilterInput("amount", "金额", "amount_range", get("amount_from", ""), get("amount_to", ""))
        )
    if spec.fact_view:
        shown.append(FilterInput("finding", "只看有疑点", "bool", get("finding", "")))
    return shown


def _filter_input(spec_filter: Filter, get: Any, *, more: bool) -> FilterInput:
    value = get(spec_filter.key, "") or get(f"{spec_filter.key}_from", "")
    choices = [
        Option("", f"全部{spec_filter.label}"),
        *(_option(v, text, value) for v, text in spec_filter.choices),
    ]
    return FilterInput(
        key=spec_filter.key,
        label=spec_filter.label,
        kind=spec_filter.kind,
        value=value,
        value_to=get(f"{spec_filter.key}_to", ""),
        options=tuple(choices) if spec_filter.choices else (),
        more=more,
    )


def _option(value: str, label: str, chosen: str) -> Option:
    return Option(value, label, value == chosen)


def _batch_steps(spec: DocumentKind, actor: Actor) -> list[Any]:
    """Steps that may be taken with many documents at once: no form of their own, permitted to this person."""
    return [
        step
        for step in spec.steps
        if not step.auto and actor.can(spec.permission(step.name)) and step.name != "void"
    ]


def _table(
    request: Request,
    spec: DocumentKind,
    query: ListQuery,
    rows: list[dict[str, Any]],
    totals: Mapping[str, Any],
    mine: set[int],
) -> Table:
    names = names_of(spec, rows, query.year)
    ids = [row["document_id"] for row in rows]
    flagged = set()
    if spec.fact_view and ids:
        open_findings = StoredFinding.objects.filter(is_open=True, view=spec.fact_view, subject_id__in=ids)
        flagged = set(open_findings.values_list("subject_id", flat=True))
    steps = _batch_steps(spec, request.actor)
    unit = request.look.unit
    made = []
    for row in rows:
        key, state = row["document_id"], row["document__state"]
        possible = [
            s.name
            for s in steps
            if state in s.from_states and (s.name not in ("approve", "send_back") or key in mine)
        ]
        cells = tuple(cell(spec, c, row, names, flagged=key in flagged, unit=unit) for c in spec.columns)
        made.append(
            Row(
                cells=cells,
                id=key,
                label=row["document__number"],
                amount_fen=row["document__amount_fen"],
                steps=" ".join(possible),
            )
        )
    return Table(
        caption=f"{spec.title}列表",
        heads=heads(spec, query),
        rows=tuple(made),
        totals=_totals(spec, rows, totals, unit=unit),
        ticks=bool(steps),
        cards=True,
        empty=Empty(
            "没有符合条件的单据",
            "可以放宽筛选条件，或切换到“全部”",
            href=f"/d/{spec.code}/",
            action="查看全部",
        ),
    )


def _totals(
    spec: DocumentKind, rows: list[dict[str, Any]], totals: Mapping[str, Any], *, unit: Any
) -> tuple[Total, ...]:
    def line(label: str, count: int, sums: Mapping[str, int | None], css: str) -> Total:
        cells = []
        for index, column in enumerate(spec.columns):
            content: Any = label if index == 0 else f"{count:,} 笔" if index == 1 else ""
            if column.total:
                content = formats.amount(sums.get(column.key) or 0, unit=unit)
            cells.append(Cell(content, kind=column.kind, pin=column.pin, css=CARD_CLASS.get(column.kind, "")))
        return Total(tuple(cells), css)

    page = {c.key: sum(row[c.path] or 0 for row in rows) for c in spec.columns if c.total}
    every = {c.key: totals.get(f"sum_{c.key}") for c in spec.columns if c.total}
    return (line("本页合计", len(rows), page, ""), line("全部合计", totals["count"], every, "all"))


def _pager(query: ListQuery, count: int) -> Pager:
    pages = max(1, -(-count // PAGE_SIZE))
    given = {**query.params, "tab": query.tab, "sort": query.sort}
    text = format_html("共 <b>{}</b> 笔，每页 {} 笔", f"{count:,}", PAGE_SIZE)
    return Pager(text, page_links(page=min(query.page, pages), pages=pages, query=given))


def _actions(spec: DocumentKind, actor: Actor, query: ListQuery) -> list[Action]:
    made = [Action("导出Excel", f"/d/{spec.code}/export.xlsx{query.url()}", "file-down", low=True)]
    area = spec.code.split(".")[0]
    for imported in registry.current().imports.values():
        if imported.code.split(".")[0] == area and actor.can(imported.permission):
            made.append(
                Action(
                    f"导入{imported.title}" if len(made) > 1 else "导入",
                    f"/imports/{imported.code}/",
                    "file-up",
                    low=True,
                )
            )
            break
    made.append(
        Action("打印", f"/d/{spec.code}/print/{query.url(page=query.page)}", "printer", key="print", low=True)
    )
    if spec.create is not None and actor.can(spec.permission("create")):
        made.append(Action(f"新增{spec.title}", f"/d/{spec.code}/new/", "plus", "pri"))
    return made


@require_POST
def act_on_many(request: Request, kind: str) -> HttpResponse:
    """One step with the ticked documents: those that allow it move, the others say why not."""
    spec, actor = kind_of(kind), request.actor
    ids = [int(value) for value in request.POST.getlist("ids") if value.isdigit()]
    step = next((s for s in spec.steps if s.name == request.POST.get("step") and not s.auto), None)
    back = _safe_back(request.POST.get("back", ""), f"/d/{spec.code}/")
    if step is None or not ids:
        messages.error(request, "没有选中单据。")
        return HttpResponseRedirect(back)
    result = perform_many(
        kind=spec,
        ids=ids,
        step=step.name,
        actor=actor,
        at=request.now,
        comment=request.POST.get("comment", "").strip(),
    )
    if result.done:
        messages.success(request, f"{step.label}：{len(result.done)} 笔已办。")
    if not result.refused:
        return HttpResponseRedirect(back)
    numbers = dict(Document.objects.filter(pk__in=result.refused).values_list("pk", "number"))
    refusals = [
        ways.refusal_view(error, who=numbers.get(pk, str(pk)))
        for pk, error in list(result.refused.items())[:50]
    ]
    context = {
        "title": f"{step.label}：{len(result.done)} 笔已办，{len(result.refused)} 笔未办",
        "refusals": refusals,
        "back": back,
    }
    return render(request, "web/batch_result.html", context)


def _safe_back(path: str, default: str) -> str:
    return path if path.startswith("/") and not path.startswith("//") else default


@require_POST
def save_view(request: Request, kind: str) -> HttpResponse:
    """This will keep the filters of the list under a name."""
    spec = kind_of(kind)
    name = request.POST.get("name", "").strip()[:30]
    if name:
        SavedView.objects.update_or_create(
            user_id=request.user.pk,
            kind=spec.code,
            name=name,
            defaults={"query": request.POST.get("query", "")[:800]},
        )
        messages.success(request, f"方案“{name}”已保存。")
    return HttpResponseRedirect(f"/d/{spec.code}/{request.POST.get('query', '')}")


@require_POST
def drop_view(request: Request, pk: int) -> HttpResponse:
    """This will forget one's own saved view."""
    view = SavedView.objects.filter(pk=pk, user_id=request.user.pk).first()
    if view is None:
        raise Http404
    view.delete()
    return HttpResponseRedirect(f"/d/{view.kind}/")
