"""The cards of a report's page: its numbers beside last year's, what they need, the way to the sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fisc.base.money import format_fen
from fisc.domains.standards import reading
from fisc.domains.standards.measures import MEASURES
from fisc.domains.standards.models import BaseFigure, BaseReport, Category
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor


def figures_panel(document: Document, actor: Actor) -> Panel | None:
    """基础数据: this year, last year, the difference."""
    found: dict[int, dict[str, int]] = {}
    rows = BaseFigure.objects.filter(
        report__unit_id=document.unit_id,
        report__year__in=(document.fiscal_year, document.fiscal_year - 1),
        report__is_current=True,
    ).values_list("report__year", "measure", "quantity")
    for year, measure, quantity in rows:
        found.setdefault(year, {})[measure] = quantity
    now, before = found.get(document.fiscal_year, {}), found.get(document.fiscal_year - 1, {})
    if document.state == "voided":
        now = dict(BaseFigure.objects.filter(report_id=document.pk).values_list("measure", "quantity"))
    return Panel(
        title="基础数据",
        kind="table",
        head=("项目", "单位", "本年", "上年", "增减"),
        rows=tuple(
            (
                one.name,
                one.unit,
                f"{now[one.code]:,}" if one.code in now else "",
                f"{before[one.code]:,}" if one.code in before else "",
                _difference(now.get(one.code), before.get(one.code)),
            )
            for one in MEASURES
            if one.code in now or one.code in before
        ),
    )


def _difference(now: int | None, before: int | None) -> str:
    if now is None or before is None or now == before:
        return ""
    return f"{now - before:+,}".replace("-", "−")


def needs_panel(document: Document, actor: Actor) -> Panel | None:
    """测算: what the accepted numbers need, by category."""
    if document.state != "accepted" or document.unit_id is None:
        return None
    lines = reading.needs_of(year=document.fiscal_year, unit_ids=[document.unit_id])
    sums = reading.totals_of(lines)
    return Panel(
        title="测算结果（元）",
        rows=(
            *((label, format_fen(sums.get(value, 0))) for value, label in Category.choices),
            ("合计", format_fen(sum(sums.values()))),
        ),
        side=True,
    )


def grid_panel(document: Document, actor: Actor) -> Panel | None:
    """Where the numbers are filled in, and where they are worked out."""
    report = BaseReport.objects.filter(pk=document.pk).first()
    if report is None or not report.is_current:
        return None
    return Panel(
        title="填报与测算",
        kind="template",
        template="standards/panel_links.html",
        data={
            "year": report.year,
            "unit_id": document.unit_id,
            "may_fill": document.state in ("draft", "returned") and actor.can("standards.base_report.edit"),
            "is_accepted": document.state == "accepted",
        },
        side=True,
    )
