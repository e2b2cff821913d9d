"""The preparation's own pages: the round at a glance, comparison, cuts, 先压后追, time limits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, FiscError, NotFound
from fisc.base.text import clean
from fisc.domains.preparation import listening, reading, replies, tables, versions, workbooks
from fisc.domains.preparation.models import Round, Timer, Version
from fisc.domains.preparation.words import CONTROL, REPLY, REQUEST, ROUND
from fisc.kernel.documents.kinds import get as get_kind
from fisc.web import ways
from fisc.web.components import Option, Pager, StepMark, Tab, encode, page_links
from fisc.web.pages.exports import attachment
from fisc.web.request import allowed

VIEW_REQUEST, VIEW_ROUND = f"{REQUEST}.view", f"{ROUND}.view"
PAGE_ROWS = 50
MOST_VERSIONS = 60
STAGES = (
    ("first", "一上编报"), ("review", "股室审核"), ("second", "一下、二上"), ("collected", "汇总"),
    ("approved", "人大批准"), ("replied", "二下批复"), ("forwarded", "转批"), ("disclosed", "公开"),
)  # fmt: skip


def index(request: HttpRequest) -> HttpResponse:
    """编制总览: where the round stands, who has not reported, totals by department, the days that are left."""
    actor = allowed(request, VIEW_REQUEST)
    rounds = list(Round.objects.select_related("document").filter(is_open=True).order_by("-fiscal_year"))
    row = chosen(request, rounds)
    context: dict[str, Any] = {
        "title": "预算编制",
        "row": row,
        "rounds": _round_options(rounds, row),
        "tabs": tabs("", row),
    }
    if row is None:
        return render(request, "preparation/index.html", context | {"may_open": actor.can(f"{ROUND}.create")})
    units, state = reading.seen_by(actor), row.document.state
    stage = "first" if state in ("first", "review") else "second"
    count, waiting = reading.waiting(row, stage, units) if state in ("first", "review", "second") else (0, [])
    timers = list(Timer.objects.filter(round=row).select_related("unit").order_by("unit__code"))
    context |= {
        "steps": marks(state),
        "state": row.document.state_label,
        "counts": _count_texts(reading.stage_counts(row.pk, units)),
        "waiting": tables.waiting(waiting, stage, row),
        "waiting_count": count,
        "stage_label": "一上" if stage == "first" else "二上",
        "departments": tables.departments(reading.departments(row, units), row.fiscal_year),
        "late": _late(timers, today_of(request)),
        "may_run": actor.can(VIEW_ROUND),
        "may_approve": actor.can(f"{ROUND}.approve_budget") and state == "collected",
        "may_control": actor.can(f"{CONTROL}.create") and state in ("review", "second"),
        "may_reply": actor.can(f"{REPLY}.create") and state == "approved",
        "today": today_of(request),
    }
    return render(request, "preparation/index.html", context)


def chosen(request: HttpRequest, rounds: list[Round], *, not_in: tuple[str, ...] = ()) -> Round | None:
    """The round the address asks for, else that of the reader's year, else the latest (past the states `not_in`)."""
    wanted = request.GET.get("round", "")
    if wanted.isdigit():
        return next((row for row in rounds if row.pk == int(wanted)), None)
    year = request.look.year  # type: ignore[attr-defined]
    ready = [row for row in rounds if row.document.state not in not_in] or rounds
    return next((row for row in rounds if row.fiscal_year == year), ready[0] if ready else None)


def _round_options(rounds: list[Round], row: Round | None) -> list[Option]:
    return [
        Option(str(one.pk), f"{one.fiscal_year}年", row is not None and one.pk == row.pk) for one in rounds
    ]


def marks(state: str) -> list[StepMark]:
    """The stage line."""
    codes = [code for code, _ in STAGES]
    now = codes.index(state) if state in codes else -1
    return [
        StepMark(label, tone="done" if place < now or state == "disclosed" else "now" if place == now else "")
        for place, (_, label) in enumerate(STAGES)
    ]


def _count_texts(counts: dict[str, dict[str, int]]) -> list[tuple[str, str]]:
    found = []
    for stage, label in (("first", "一上"), ("second", "二上")):
        held = counts[stage]
        if held:
            kind = get_kind(REQUEST)
            found.append(
                (
                    label,
                    "，".join(f"{kind.state(code).label} {count} 户" for code, count in sorted(held.items())),
                )
            )
    return found


def _late(timers: list[Timer], today: dt.date) -> list[tuple[str, str]]:
    """Sentences of what is late or near, the worst first."""
    found = []
    for timer in timers:
        for limit in replies.limits(timer, today):
            if limit.tone in ("late", "near"):
                left = limit.days_left or 0
                word = f"已逾期 {-left} 天" if left < 0 else f"还剩 {left} 天"
                found.append((left, limit.tone, f"{timer.unit.name} {limit.what}期限 {limit.due_on}，{word}"))
    return [(tone, text) for _, tone, text in sorted(found)[:12]]


@require_POST
def approve(request: HttpRequest, round_id: int) -> HttpResponse:
    """登记人大批准, from the form of the overview."""
    actor = allowed(request, f"{ROUND}.approve_budget")
    try:
        on = dt.date.fromisoformat(clean(request.POST.get("on", "")))
    except ValueError as error:
        raise BadInput("请填写人大批准日期。", code="preparation.on") from error
    replies.record_approval(
        round_id=round_id,
        on=on,
        number=clean(request.POST.get("number", "")),
        actor=actor,
        at=now_of(request),
    )
    messages.success(request, "已登记人大批准，批复期限开始计算。")
    return HttpResponseRedirect(f"/preparation/?round={round_id}")


def compare(request: HttpRequest) -> HttpResponse:
    """版本比较: two frozen versions cell by cell."""
    actor = allowed(request, VIEW_REQUEST)
    found = list(
        Version.objects.select_related("round").order_by("-round__fiscal_year", "-number")[:MOST_VERSIONS]
    )
    old, new = _pair(request, found)
    what = request.GET.get("what", "")
    what = what if what in versions.WORDS else ""
    context: dict[str, Any] = {
        "title": "版本比较",
        "tabs": tabs("compare", None),
        "olds": _version_options(found, old),
        "news": _version_options(found, new),
        "whats": [Option(code, word, code == what) for code, word in versions.WORDS.items()],
    }
    if old is None or new is None:
        return render(request, "preparation/compare.html", context)
    page = max(1, int(request.GET.get("page", "1"))) if request.GET.get("page", "1").isdigit() else 1
    result = versions.compare(
        old_id=old.pk, new_id=new.pk, unit_ids=reading.seen_by(actor), what=what, limit=PAGE_ROWS,
        offset=(page - 1) * PAGE_ROWS,
    )  # fmt: skip
    query = {"old": old.pk, "new": new.pk, "what": what}
    total = result.counts.get(what, 0) if what else result.total
    pages = -(-total // PAGE_ROWS)
    context |= {
        "result": result,
        "summary": tables.difference_summary(result),
        "table": tables.differences(result),
        "pager": Pager(format_html("共 {} 处不同", total), page_links(page=page, pages=pages, query=query)),
        "excel": f"/preparation/compare/excel/?{encode(query)}",
    }
    return render(request, "preparation/compare.html", context)


def _pair(request: HttpRequest, found: list[Version]) -> tuple[Version | None, Version | None]:
    by_id = {str(one.pk): one for one in found}
    new = by_id.get(request.GET.get("new", "")) or (found[0] if found else None)
    before = [one for one in found if new and one.round_id == new.round_id and one.number < new.number]
    old = by_id.get(request.GET.get("old", "")) or (before[-1] if before else None)
    return old, new


def _version_options(found: list[Version], one: Version | None) -> list[Option]:
    return [Option(str(v.pk), tables.version_name(v), one is not None and v.pk == one.pk) for v in found]


def compare_excel(request: HttpRequest) -> HttpResponse:
    """The comparison as a workbook, all differences."""
    actor = allowed(request, VIEW_REQUEST)
    given = [request.GET.get(key, "") for key in ("old", "new")]
    if not all(text.isdigit() for text in given):
        raise NotFound("没有这个预算版本。")
    result = versions.compare(old_id=int(given[0]), new_id=int(given[1]), unit_ids=reading.seen_by(actor))
    content = workbooks.comparison(result, actor=actor, at=now_of(request))
    names = f"{tables.version_name(result.old)}_{tables.version_name(result.new)}"
    return attachment(content, f"预算版本比较_{names}.xlsx")


def cuts(request: HttpRequest) -> HttpResponse:
    """压减分析: F8 by class, unit and reason; a unit opens to its items."""
    actor = allowed(request, VIEW_REQUEST)
    rounds = list(Round.objects.select_related("document").filter(is_open=True).order_by("-fiscal_year"))
    row = chosen(request, rounds, not_in=("draft", "first"))
    context: dict[str, Any] = {
        "title": "压减分析",
        "row": row,
        "rounds": _round_options(rounds, row),
        "tabs": tabs("cuts", row),
    }
    if row is None:
        return render(request, "preparation/cuts.html", context)
    units = reading.seen_by(actor)
    given = (row.pk, units, units)
    unit = request.GET.get("unit", "")
    one = [int(unit)] if unit.isdigit() and actor.sees(int(unit)) else units
    context |= {
        "classes": tables.cuts_by_class(reading.rows("cuts_by_class", given)),
        "units": tables.cuts_by_unit(reading.rows("cuts_by_unit", (row.pk, one, one)), row.pk),
        "reasons": tables.cuts_by_reason(reading.rows("cuts_by_reason", given)),
        "outside": reading.rows("outside_scope", given)[0],
        "figure": tables.figure_link("preparation.cut.rate", row.fiscal_year),
    }
    if one is not units and one:
        context["items"] = tables.cut_items(reading.rows("cut_items", (row.pk, one[0])))
    return render(request, "preparation/cuts.html", context)


def restored(request: HttpRequest) -> HttpResponse:
    """先压后追: money given back to items that had been cut; 预算股 answers why."""
    actor = allowed(request, VIEW_ROUND)
    error: FiscError | None = None
    if request.method == "POST":
        try:
            listening.answer_restored(
                restored_id=int(request.POST.get("id", "0") or 0), answer=clean(request.POST.get("answer", "")),
                actor=actor, at=now_of(request),
            )  # fmt: skip
            messages.success(request, "说明已记录。")
            return HttpResponseRedirect(request.get_full_path())
        except BadInput as refused:
            error = refused
    rounds = list(Round.objects.select_related("document").filter(is_open=True).order_by("-fiscal_year"))
    row = chosen(request, rounds)
    found = reading.rows("restored", (row.pk,)) if row else []
    context: dict[str, Any] = {
        "title": "先压后追",
        "row": row,
        "rounds": _round_options(rounds, row),
        "tabs": tabs("restored", row),
        "table": tables.restored(found),
        "open": [(line[0], f"{line[1]} {line[2]}") for line in found if not line[9]],
        "total": found[0][12] if found else 0,
        "open_count": found[0][13] if found else 0,
        "sum_fen": found[0][14] if found else 0,
        "may_answer": actor.can(listening.ANSWER),
        "refusal": ways.refusal_view(error) if error else None,
    }
    return render(request, "preparation/restored.html", context, status=409 if error else 200)


def timers(request: HttpRequest) -> HttpResponse:
    """法定时限: every department's reply, forwarding and disclosure; late ones first."""
    actor = allowed(request, VIEW_REQUEST)
    rounds = list(Round.objects.select_related("document").filter(is_open=True).order_by("-fiscal_year"))
    row = chosen(request, rounds, not_in=("draft", "first", "review", "second", "collected"))
    found = Timer.objects.filter(round=row).select_related("unit") if row else Timer.objects.none()
    if actor.unit_ids is not None:
        found = found.filter(unit_id__in=actor.unit_ids)
    today = today_of(request)
    held = [(timer, replies.limits(timer, today)) for timer in found]
    context: dict[str, Any] = {
        "title": "批复时限",
        "row": row,
        "rounds": _round_options(rounds, row),
        "tabs": tabs("timers", row),
        "table": tables.timers(held),
        "units": [Option(str(timer.unit_id), timer.unit.name) for timer, _ in held],
        "may_forward": actor.can(replies.FORWARD)
        and row is not None
        and row.document.state in ("replied", "forwarded"),
        "today": today,
    }
    return render(request, "preparation/timers.html", context)


@require_POST
def tick(request: HttpRequest, round_id: int) -> HttpResponse:
    """登记转批 or 公开 of a department (or of all), on a day."""
    what = request.POST.get("what", "")
    done = {"forward": replies.forward, "disclose": replies.disclose}.get(what)
    if done is None:
        raise BadInput("请选择登记转批或公开。", code="preparation.tick")
    try:
        on = dt.date.fromisoformat(clean(request.POST.get("on", "")))
    except ValueError as error:
        raise BadInput("请填写日期。", code="preparation.on") from error
    unit = request.POST.get("unit", "")
    count = done(
        round_id=round_id, on=on, actor=request.actor, at=now_of(request),  # type: ignore[attr-defined]
        unit_ids=[int(unit)] if unit.isdigit() else None,
    )  # fmt: skip
    messages.success(request, f"已登记 {count} 个部门。")
    return HttpResponseRedirect(f"/preparation/timers/?round={round_id}")


def tabs(current: str, row: Round | None) -> list[Tab]:
    """The tabs of the module's pages."""
    query = f"?round={row.pk}" if row else ""
    named = (
        ("", "总览"), ("compare/", "版本比较"), ("cuts/", "压减分析"), ("restored/", "先压后追"), ("timers/", "批复时限"),
    )  # fmt: skip
    return [
        Tab(label, f"/preparation/{path}{query}", current=path.rstrip("/") == current)
        for path, label in named
    ]


def now_of(request: HttpRequest) -> dt.datetime:
    """The business moment."""
    return request.now  # type: ignore[attr-defined, no-any-return]


def today_of(request: HttpRequest) -> dt.date:
    """The business day."""
    return now_of(request).date()
