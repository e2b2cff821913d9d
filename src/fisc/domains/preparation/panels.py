"""The cards of the preparation's document pages; each a fixed number of queries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fisc.base.money import format_fen
from fisc.domains.preparation.models import Approved, Reply, Request, Timer, Version
from fisc.domains.preparation.replies import limits
from fisc.domains.preparation.words import Fund, VersionStage
from fisc.kernel import codes, lean
from fisc.kernel.documents.spec import Panel
from fisc.kernel.orgs.clock import business_today

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor

SQL = (Path(__file__).parent / "sql" / "reading.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
SHOWN = 12
TONES = {
    "done": "按时", "late_done": "逾期办结", "idle": "未开始", "late": "已逾期", "near": "临近期限", "running": "进行中",
}  # fmt: skip
Cells = tuple[str, ...]


def round_panel(document: Document, actor: Actor) -> Panel | None:
    """各阶段合计: what has been asked, allowed, controlled, asked again and replied so far."""
    row = lean.fetch(QUERIES["round_totals"], (document.pk, document.pk))[0]
    heads = ("一上", "审定", "一下控制数", "二上", "批复")
    return Panel(
        title="各阶段合计（元）",
        rows=tuple(
            (head, format_fen(fen) if fen is not None else "—") for head, fen in zip(heads, row, strict=True)
        ),
        text="",
    )


def versions_panel(document: Document, actor: Actor) -> Panel | None:
    """冻结版本: with lines, totals and digests."""
    found = Version.objects.filter(round_id=document.pk).order_by("number")
    rows: list[Cells] = [
        (
            f"第{one.number}版 {VersionStage(one.stage).label}",
            f"{one.frozen_at:%Y-%m-%d}",
            str(one.line_count),
            format_fen(one.total_fen),
            one.digest[:16],
        )
        for one in found
    ]
    if not rows:
        return None
    return Panel(
        title="冻结版本",
        kind="table",
        head=("版本", "冻结日", "行数", "合计（元）", "摘要"),
        rows=tuple(rows),
    )


def approved_panel(document: Document, actor: Actor) -> Panel | None:
    """人大批准数: by fund and function, what has been replied and what is 待分配."""
    found = list(Approved.objects.filter(round_id=document.pk).order_by("-approved_fen")[:SHOWN])
    if not found:
        return None
    names = codes.names(
        kind="function", codes={one.function_code for one in found}, year=document.fiscal_year
    )
    return Panel(
        title="人大批准与批复（元）",
        kind="table",
        head=("资金性质", "功能科目", "批准数", "已批复", "待分配"),
        rows=tuple(
            (
                Fund(one.fund).label if one.fund in Fund.values else one.fund,
                f"{one.function_code} {names.get(one.function_code, '')}",
                format_fen(one.approved_fen),
                format_fen(one.replied_fen),
                format_fen(one.pending_fen),
            )
            for one in found
        ),
    )


def lines_panel(document: Document, actor: Actor) -> Panel | None:
    """申报明细: the largest lines of the unit with their amounts in every stage."""
    request = Request.objects.get(pk=document.pk)
    rows = lean.fetch(QUERIES["largest_lines"], (request.round_id, request.unit_id, SHOWN))
    return Panel(
        title="申报明细（元）",
        kind="table",
        head=("项目", "经济分类", "一上", "审定", "控制数（按项目）", "二上", "批复"),
        rows=tuple(
            (row[0], row[1], *("—" if fen is None else format_fen(fen) for fen in row[2:7])) for row in rows
        ),
        text=f"共 {rows[0][7]} 行，列出金额最大的 {len(rows)} 行" if rows else "还没有填报",
    )


def entry_panel(document: Document, actor: Actor) -> Panel | None:
    """填报: where the lines are filled in, and the workbook of the unit."""
    return Panel(
        title="填报与表格",
        kind="template",
        template="preparation/panel_entry.html",
        data={
            "id": document.pk,
            "may_edit": document.state in document.spec.editable_states
            and actor.can("preparation.request.edit"),
        },
        side=True,
    )


def reply_panel(document: Document, actor: Actor) -> Panel | None:
    """批复合计: by department."""
    reply = Reply.objects.get(pk=document.pk)
    rows = lean.fetch(QUERIES["reply_by_department"], (reply.round_id,))
    if not rows:
        return None
    return Panel(
        title="分部门批复（元）",
        kind="table",
        head=("部门", "单位数", "二上", "批复"),
        rows=tuple(
            (name, count, format_fen(second), format_fen(reply)) for name, count, second, reply in rows
        ),
    )


def timers_panel(document: Document, actor: Actor) -> Panel | None:
    """法定时限: every department's reply, forwarding and disclosure."""
    reply = Reply.objects.get(pk=document.pk)
    found = Timer.objects.filter(round_id=reply.round_id).select_related("unit").order_by("unit__code")
    today = business_today()
    rows: list[Cells] = []
    for timer in found:
        marks = [
            f"{limit.done_on or limit.due_on or '—'} {TONES[limit.tone]}" for limit in limits(timer, today)
        ]
        rows.append((timer.unit.name, *marks))
    if not rows:
        return None
    return Panel(title="法定时限", kind="table", head=("部门", "批复", "转批", "公开"), rows=tuple(rows))
