"""The cards of a project's page: money over the years, 测算明细, 绩效指标, 资金来源, review and idle proposals."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from fisc.base.money import format_fen
from fisc.domains.projects import evaluations, postings
from fisc.domains.projects.indicators import why_unmeasurable
from fisc.domains.projects.models import (
    EstimateLine,
    Evaluation,
    Indicator,
    Project,
    Rank,
    Source,
    Withdrawal,
    YearAmount,
)
from fisc.kernel import codes, ledger
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor

PAID_SUBJECT, ALLOTMENT_BOOK = "661", "allotment"
ARRANGED_SUBJECTS = ("627", "631", "635", "636", "650", "651", "661")


def money_panel(document: Document, actor: Actor) -> Panel | None:
    """项目资金: paid, arranged but not paid, and room, as one stacked bar."""
    keys = {name: postings.account(document.pk, name) for name in (postings.ROOM, postings.ARRANGED)}
    held = ledger.balance(keys.values())
    room, arranged = (held[keys[name]].posted_fen for name in (postings.ROOM, postings.ARRANGED))
    if not room and not arranged:
        return None
    selection = ledger.Selection(book=ALLOTMENT_BOOK, subjects=(PAID_SUBJECT,), project_ids=(document.pk,))
    paid = sum(balance.posted_fen for balance in ledger.balances(selection).values())
    return Panel(
        title="项目资金",
        kind="bar",
        rows=(("已支付", paid), ("已安排未支付", arranged - paid), ("可安排", room)),
    )


def yearly_panel(document: Document, actor: Actor) -> Panel | None:
    """分年资金: what was planned, arranged and paid in each fiscal year (planned here, the rest from the ledger)."""
    planned = dict(YearAmount.objects.filter(project_id=document.pk).values_list("fiscal_year", "amount_fen"))
    selection = ledger.Selection(book=ALLOTMENT_BOOK, subjects=ARRANGED_SUBJECTS, project_ids=(document.pk,))
    arranged: dict[int, int] = defaultdict(int)
    paid: dict[int, int] = defaultdict(int)
    for (year, subject), balance in ledger.balances(selection, group_by=("fiscal_year", "subject")).items():
        arranged[year] += balance.posted_fen
        paid[year] += balance.posted_fen if subject == PAID_SUBJECT else 0
    years = sorted({*planned, *arranged})
    if not years:
        return None
    return Panel(
        title="分年资金（元）",
        kind="table",
        head=("年度", "计划安排", "已安排", "已支付"),
        rows=tuple(
            (
                f"{year}年",
                format_fen(planned[year]) if year in planned else "",
                format_fen(arranged.get(year, 0)),
                format_fen(paid.get(year, 0)),
            )
            for year in years
        ),
    )


def estimates_panel(document: Document, actor: Actor) -> Panel | None:
    """测算明细: name, standard × quantity, economic item, with a link to the grid for those who may change it."""
    lines = list(EstimateLine.objects.filter(project_id=document.pk).order_by("row_no"))
    names = codes.names(
        kind="economic_department", codes={line.economic_code for line in lines}, year=document.fiscal_year
    )
    return Panel(
        title="测算明细（标准×数量，元）",
        kind="template",
        template="projects/panel_lines.html",
        data={
            "id": document.pk,
            "page": "estimates",
            "what": "测算明细",
            "heads": ("年度", "测算内容", "部门经济分类", "标准", "数量", "单位", "金额"),
            "rows": [
                (
                    line.fiscal_year, line.name, f"{line.economic_code} {names.get(line.economic_code, '')}",
                    format_fen(line.standard_fen), f"{line.quantity.normalize():f}", line.measure,
                    format_fen(line.amount_fen),
                )
                for line in lines
            ],
            "total": format_fen(sum(line.amount_fen for line in lines)),
            "may_edit": actor.can("projects.project.replan"),
        },
    )  # fmt: skip


def indicators_panel(document: Document, actor: Actor) -> Panel | None:
    """绩效指标: three levels, the target, and a mark at what cannot be measured."""
    rows = list(Indicator.objects.filter(project_id=document.pk).order_by("row_no"))
    return Panel(
        title="绩效指标",
        kind="template",
        template="projects/panel_lines.html",
        data={
            "id": document.pk,
            "page": "indicators",
            "what": "绩效指标",
            "heads": ("一级", "二级", "指标", "符号", "指标值", "单位", "权重", "检查"),
            "rows": [
                (
                    row.get_level1_display(), row.level2, row.name, row.get_direction_display(), row.target,
                    row.measure, f"{row.weight.normalize():f}",
                    why_unmeasurable(direction=row.direction, target=row.target, measure=row.measure) or "可衡量",
                )
                for row in rows
            ],
            "total": "",
            "may_edit": actor.can("projects.project.replan"),
        },
    )  # fmt: skip


def sources_panel(document: Document, actor: Actor) -> Panel | None:
    """资金来源."""
    rows = [
        (row.get_kind_display(), row.amount_fen)
        for row in Source.objects.filter(project_id=document.pk).order_by("pk")
    ]
    return Panel(title="资金来源", kind="bar", rows=tuple(rows), side=True) if rows else None


def review_panel(document: Document, actor: Actor) -> Panel | None:
    """评审: the department's rank by year, the ex-ante evaluation, the last grade."""
    ranks = Rank.objects.filter(project_id=document.pk).select_related("department").order_by("-fiscal_year")
    rows = [(f"{row.fiscal_year}年部门排序", f"{row.department}第 {row.rank} 位") for row in ranks[:3]]
    evaluation = (
        Evaluation.objects.filter(project_id=document.pk)
        .exclude(document__state="voided")
        .select_related("document")
        .order_by("-pk")
        .first()
    )
    if evaluation is not None:
        rows.append(
            (
                "事前评估",
                f"{evaluation.get_conclusion_display()}，核定 {format_fen(evaluation.suggested_fen)} 元"
                f"（{evaluation.document.number} {evaluation.document.state_label}）",
            )
        )
    project = Project.objects.get(pk=document.pk)
    if project.grade:
        rows.append((f"{project.grade_year}年绩效等级", project.grade))
    return Panel(title="评审与绩效", rows=tuple(rows), side=True) if rows else None


def withdrawal_panel(document: Document, actor: Actor) -> Panel | None:
    """闲置清理: the proposals and what became of them."""
    rows = list(
        Withdrawal.objects.filter(project_id=document.pk).select_related("answered_by").order_by("-pk")[:5]
    )
    if not rows:
        return None
    return Panel(
        title="闲置清理",
        kind="table",
        head=("提出日期", "情形", "闲置自", "可收回（元）", "处理", "理由"),
        rows=tuple(
            (
                row.proposed_on.isoformat(), row.get_why_display(), row.since.isoformat(), format_fen(row.room_fen),
                f"{row.get_answer_display()} {row.answered_by.name if row.answered_by else ''}".strip()
                if row.answer
                else "待处理",
                row.reason,
            )
            for row in rows
        ),
    )  # fmt: skip


def scores_panel(document: Document, actor: Actor) -> Panel | None:
    """五项评分."""
    row = Evaluation.objects.get(pk=document.pk)
    marks = [(label, getattr(row, key)) for key, label in evaluations.ASPECTS.items()]
    return Panel(
        title="五项评分",
        kind="table",
        head=("内容", "得分"),
        rows=(*((label, f"{mark}") for label, mark in marks), ("合计", f"{sum(mark for _, mark in marks)}")),
        side=True,
    )
