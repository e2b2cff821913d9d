"""The cards of the module's documents: a target's split, a bulletin's league tables and letters, a letter's reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fisc.base.money import format_fen
from fisc.domains.progress import services
from fisc.domains.progress.models import MONTH_FIELDS, BulletinLine, Letter, Level
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

QUARTERS = (("3月", "m03"), ("6月", "m06"), ("9月", "m09"), ("12月", "m12"))
SHOWN = 20


def split_panel(document: Document, actor: Actor) -> Panel | None:
    """分解: the district and the sections at the quarters' ends, how many units, and what is wrong with a draft."""
    rows = services.rows_of(document.pk)
    names = services.names_of(rows)
    units = sum(1 for row in rows if row.level == Level.UNIT)
    found = services.problems(rows, names) if document.state in ("draft", "returned") else []
    return Panel(
        title="任务分解（累计 %）",
        kind="template",
        template="progress/panel_split.html",
        data={
            "id": document.pk,
            "heads": ("", "预算数（元）", *(head for head, _ in QUARTERS)),
            "rows": [
                (
                    names.get(row.key, "全区"),
                    format_fen(row.base_fen),
                    *(f"{row.months[MONTH_FIELDS.index(field)]}" for _, field in QUARTERS),
                )
                for row in rows
                if row.level != Level.UNIT
            ],
            "units": units,
            "problems": found[:5],
            "more": max(0, len(found) - 5),
            "may_edit": document.state in ("draft", "returned") and actor.can(f"{services.KIND}.edit"),
        },
    )


def league_panel(document: Document, actor: Actor) -> Panel | None:
    """滞后单位: the units furthest behind, as known when the bulletin was drafted."""
    return _league(document, actor, Level.UNIT, "单位排名（滞后在前）")


def sections_panel(document: Document, actor: Actor) -> Panel | None:
    """股室排名."""
    return _league(document, actor, Level.SECTION, "股室排名（滞后在前）")


def departments_panel(document: Document, actor: Actor) -> Panel | None:
    """主管部门排名."""
    return _league(document, actor, Level.DEPARTMENT, "主管部门排名（滞后在前）")


def _league(document: Document, actor: Actor, level: Level, title: str) -> Panel | None:
    lines = BulletinLine.objects.filter(bulletin_id=document.pk, level=level).order_by("rank")
    if actor.unit_ids is not None and level is not Level.SECTION:
        lines = lines.filter(unit_id__in=actor.unit_ids)
    rows = list(lines[: SHOWN + 1])
    if not rows:
        return None
    return Panel(
        title=title,
        kind="table",
        head=("名次", "名称", "预算数（元）", "支出数（元）", "进度%", "任务%", "比任务", "序时差", "滞后金额（元）"),
        rows=tuple(
            (
                row.rank, row.label, format_fen(row.base_fen), format_fen(row.paid_fen),
                _number(row.actual_percent), f"{row.target_percent}", _number(row.gap_points),
                _number(row.pace_points), format_fen(row.behind_fen),
            )
            for row in rows[:SHOWN]
        ),
        text=f"只列前 {SHOWN} 名，全部请导出" if len(rows) > SHOWN else "",
    )  # fmt: skip


def _number(value: object) -> str:
    return "—" if value is None else f"{value}"


def letters_panel(document: Document, actor: Actor) -> Panel | None:
    """催办、约谈: the letters of a bulletin and how far they are."""
    letters = (
        Letter.objects.filter(bulletin_id=document.pk)
        .select_related("document__unit")
        .order_by("-gap_points")
    )
    if actor.unit_ids is not None:
        letters = letters.filter(document__unit_id__in=actor.unit_ids)
    rows = list(letters[: SHOWN + 1])
    if not rows:
        return None
    return Panel(
        title="催办、约谈",
        kind="table",
        head=("单号", "单位", "方式", "滞后（百分点）", "回复期限", "状态"),
        rows=tuple(
            (
                row.document.number, str(row.document.unit), row.get_manner_display(), f"{row.gap_points}",
                row.due_on.isoformat(), row.document.state_label,
            )
            for row in rows[:SHOWN]
        ),
    )  # fmt: skip


def standing_panel(document: Document, actor: Actor) -> Panel | None:
    """A letter's facts: the unit's standing in the bulletin."""
    letter = Letter.objects.get(pk=document.pk)
    line = BulletinLine.objects.filter(
        bulletin_id=letter.bulletin_id, level=Level.UNIT, unit_id=document.unit_id
    ).first()
    if line is None:
        return None
    return Panel(
        title="通报数",
        rows=(
            ("预算数", f"{format_fen(line.base_fen)} 元"),
            ("支出数", f"{format_fen(line.paid_fen)} 元"),
            ("进度", f"{_number(line.actual_percent)}%，任务 {line.target_percent}%"),
            ("名次（滞后在前）", f"第 {line.rank} 位"),
        ),
        side=True,
    )
