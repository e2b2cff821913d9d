"""One scenario: its answer, its lines page by page, its files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from fisc.base.errors import BadInput
from fisc.domains.scenarios import drafts, tables
from fisc.domains.scenarios.models import Scenario, ScenarioLine, Sort
from fisc.domains.scenarios.pages import TONES, VIEW, allowed, shown_parameters, sort_words
from fisc.domains.scenarios.reasons import CATEGORIES, NATURES
from fisc.domains.scenarios.shortfall import RANK_LABELS
from fisc.jobs import running as jobs
from fisc.kernel.documents import kinds
from fisc.kernel.documents.reading import get_visible
from fisc.kernel.orgs.actor import Actor
from fisc.web.components import Option, Pager, encode, page_links, state
from fisc.web.pages import jobs as job_pages
from fisc.web.pages.exports import attachment, sheet_of

PAGE = 50
DRAFT_WORDS = {drafts.CONTROL: "生成控制数草稿", drafts.CUT: "生成追减草稿", drafts.FREEZE: "生成冻结草稿"}


def show(request: HttpRequest, document_id: int) -> HttpResponse:
    """One scenario with its answer."""
    actor = allowed(request, VIEW)
    scenario = _found(document_id, actor)
    unit = request.look.unit  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "title": scenario.document.title,
        "scenario": scenario,
        "document": scenario.document,
        "state": state(*TONES[scenario.document.state]),
        "sort_words": sort_words(scenario),
        "parameters": shown_parameters(scenario.parameters),
        "job": _job(document_id),
        **_acts(scenario, actor),
    }
    if scenario.result is None:
        return render(request, "scenarios/waiting.html", context)
    if scenario.sort == Sort.CUT and not scenario.is_feasible:
        return render(
            request,
            "scenarios/infeasible.html",
            {**context, "bindings": tables.binding_table(scenario.result, unit)},
        )
    context |= _lines(request, scenario, unit)
    context |= _cut(scenario, unit) if scenario.sort == Sort.CUT else _shortfall(scenario, unit)
    return render(request, f"scenarios/{scenario.sort}.html", context)


def _found(document_id: int, actor: Actor) -> Scenario:
    get_visible(actor, document_id)
    return (
        Scenario.objects.select_related("document", "document__maker")
        .defer("packed_inputs")
        .get(pk=document_id)
    )


def _job(document_id: int) -> Any:
    job = jobs.last_of(f"/scenarios/{document_id}/")
    return job_pages.bar(job) if job is not None and job.state != "done" else None


def _acts(scenario: Scenario, actor: Actor) -> dict[str, Any]:
    """Which acts are offered, and the drafts that were made."""
    current = scenario.document.state
    kind = drafts.kind_for(scenario)
    installed = {item.code for item in kinds.installed()}

    def may(verb: str) -> bool:
        return actor.can(f"scenarios.scenario.{verb}")

    return {
        "may_compute": current in ("draft", "computed") and may("compute"),
        "may_keep": current == "computed" and may("keep"),
        "may_draw": current == "kept"
        and bool(scenario.is_feasible)
        and scenario.drawn_at is None
        and may("draw_up")
        and kind in installed,
        "drawn_href": f"/d/{kind}/" if scenario.drawn_at else "",
        "may_copy": may("create"),
        "draw_words": DRAFT_WORDS[kind],
    }


def _cut(scenario: Scenario, unit: Any) -> dict[str, Any]:
    result = scenario.result
    names = tables.unit_names(share["key"] for share in result["by_unit"])
    return {
        "figures": tables.cut_figures(result, unit),
        "summary": result["summary"],
        "chart": tables.unit_chart(result, names),
        "breaches": tables.breach_table(result, unit),
        "by_unit": tables.share_table("按单位", "单位", result["by_unit"], names, unit),
        "by_category": tables.share_table(
            "按类别", "类别", result["by_category"], tables.CATEGORY_NAMES, unit
        ),
        "by_grade": tables.share_table(
            "按绩效等级", "绩效等级", result["by_grade"], tables.GRADE_NAMES, unit
        ),
        "by_nature": tables.share_table("按性质", "性质", result["by_nature"], tables.NATURE_NAMES, unit),
        "price": result["target_price"],
        "unit_prices": [(names.get(int(key), key), value) for key, value in result["unit_prices"].items()],
        "shown_units": tables.SHOWN_UNITS,
    }


def _shortfall(scenario: Scenario, unit: Any) -> dict[str, Any]:
    result = scenario.result
    return {
        "figures": tables.shortfall_figures(result, unit),
        "summary": result["summary"],
        "chart": tables.balance_chart(result),
        "months": tables.months_table(result, unit),
        "plain": tables.coverage_table(result, "plain"),
        "guarded": tables.coverage_table(result, "guarded"),
        "notes": tables.note_words(result),
        "missing": [
            (RANK_LABELS[int(rank)], tables.formats.amount(amount, unit=unit))
            for rank, amount in result["missing_fen"].items()
        ],
    }


def _lines(request: HttpRequest, scenario: Scenario, unit: Any) -> dict[str, Any]:
    """The lines that the filter leaves, one page of them."""
    given = request.GET
    rows = ScenarioLine.objects.filter(scenario=scenario)
    reasons = sorted(set(rows.order_by().values_list("reason_code", flat=True).distinct()))
    units = tables.unit_names(rows.order_by().values_list("unit_id", flat=True).distinct())
    unit_id, reason = given.get("unit_id", ""), given.get("reason", "")
    if unit_id.isdigit():
        rows = rows.filter(unit_id=int(unit_id))
    if reason:
        rows = rows.filter(reason_code=reason)
    if "cut" in given:
        rows = rows.filter(cut_fen__gt=0)
    page = max(1, int(given["page"])) if given.get("page", "").isdigit() else 1
    count = rows.count()
    shown = rows.select_related("unit").order_by("-cut_fen", "row_no")[(page - 1) * PAGE : page * PAGE]
    query = {"unit_id": unit_id, "reason": reason, "cut": "1" if "cut" in given else ""}
    return {
        "lines": tables.lines_table(list(shown), unit=unit, is_cut=scenario.sort == Sort.CUT),
        "units": [
            Option(str(key), name, str(key) == unit_id)
            for key, name in sorted(units.items(), key=lambda pair: pair[1])
        ],
        "reasons": [Option(code, tables.ALL_REASONS.get(code, code), code == reason) for code in reasons],
        "only_cut": "cut" in given,
        "pager": Pager(
            format_html("共 <b>{}</b> 行", f"{count:,}"),
            page_links(page=page, pages=max(1, -(-count // PAGE)), query=query),
        ),
        "export": f"/scenarios/{scenario.pk}/lines.xlsx?{encode(query)}",
    }


def lines_file(request: HttpRequest, document_id: int) -> HttpResponse:
    """All lines with their reasons as a spreadsheet."""
    actor = allowed(request, VIEW)
    scenario = _found(document_id, actor)
    if scenario.result is None:
        raise BadInput.of("scenarios.not_computed", "推演还没有算出结果。")
    unit = request.look.unit  # type: ignore[attr-defined]
    is_cut = scenario.sort == Sort.CUT
    heads = [
        ("行号", "text"), ("单位编码", "text"), ("单位", "text"), ("名称", "text"), ("性质", "text"), ("类别", "text"), ("绩效等级", "text"),
        ("上报数", "amount"), ("压前金额" if is_cut else "指标额", "amount"), ("最多可压" if is_cut else "可暂缓", "amount"),
        ("压减金额" if is_cut else "暂缓金额", "amount"), ("同比例压减", "amount"), ("权重", "text"), ("结论", "text"), ("理由", "text"),
    ]  # fmt: skip
    rows = (
        (
            line.row_no, line.unit.code, line.unit.name, line.title, NATURES.get(line.nature, line.nature),
            CATEGORIES.get(line.kind, line.kind), line.grade, line.asked_fen, line.base_fen, line.cap_fen, line.cut_fen,
            line.flat_fen if is_cut else None, f"{line.weight / 100:.2f}",
            tables.ALL_REASONS.get(line.reason_code, line.reason_code), line.reason,
        )
        for line in ScenarioLine.objects.filter(scenario=scenario).select_related("unit").order_by("row_no").iterator(2000)
    )  # fmt: skip
    content = sheet_of(
        title=scenario.document.title, facts=_facts(scenario, unit), heads=[head for head, _ in heads],
        kinds_of=[kind for _, kind in heads], rows=rows, unit=unit,
    )  # fmt: skip
    return attachment(content, f"{scenario.document.number} {scenario.document.title}.xlsx")


def months_file(request: HttpRequest, document_id: int) -> HttpResponse:
    """A stress test month by month and item by item as a spreadsheet."""
    actor = allowed(request, VIEW)
    scenario = _found(document_id, actor)
    if scenario.result is None or scenario.sort != Sort.SHORTFALL:
        raise BadInput.of("scenarios.not_computed", "推演还没有算出结果。")
    unit = request.look.unit  # type: ignore[attr-defined]
    result, rows = scenario.result, []
    for number, (_, label, rank) in enumerate(result["outflows"]):
        for n, month in enumerate(result["months"]):
            plain, guarded = result["course"]["plain"], result["course"]["guarded"]
            rows.append(
                (
                    tables.formats.month_text(month), RANK_LABELS[rank], label, guarded["due_fen"][number][n],
                    plain["paid_fen"][number][n], guarded["paid_fen"][number][n],
                )
            )  # fmt: skip
    content = sheet_of(
        title=f"{scenario.document.title} 逐月", facts=_facts(scenario, unit),
        heads=["月份", "支付顺序", "项目", "累计到期", "累计已付（照付）", "累计已付（先留三保）"],
        kinds_of=["text", "text", "text", "amount", "amount", "amount"], rows=rows, unit=unit,
    )  # fmt: skip
    return attachment(content, f"{scenario.document.number} 逐月.xlsx")


def _facts(scenario: Scenario, unit: Any) -> list[tuple[str, str]]:
    return [
        ("推演", f"{scenario.document.number} {sort_words(scenario)} {scenario.document.fiscal_year}年"),
        ("结论", scenario.result["summary"]),
        (
            "参数",
            "；".join(
                f"{label} {words}" for label, words in shown_parameters(scenario.parameters) if words != "—"
            ),
        ),
        ("取数时刻", tables.formats.date_text(scenario.inputs_at)),
        ("输入摘要", f"{scenario.inputs_digest[:16]}，程序 {scenario.code_version}"),
        ("单位", tables.formats.unit_name(unit)),
    ]
