"""预拨垫付: the ageing of what is still to be cleared, red when late, and 暂付款 against its 5 %."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fisc.domains.budget.advances import ageing, services
from fisc.domains.budget.advances.models import Advance
from fisc.domains.budget.pages.common import money, today
from fisc.kernel.orgs.actor import Actor
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, Row, Table, Total, link, tag
from fisc.web.pages.exports import attachment, sheet_of
from fisc.web.request import allowed

VIEW = f"{services.ADVANCE}.view"
BANDS = ((30, "30 天内"), (90, "31—90 天"), (180, "91—180 天"), (100_000, "180 天以上"))


def index(request: HttpRequest) -> HttpResponse:
    """The open advances, the latest first."""
    actor = allowed(request, VIEW)
    rows = _rows(request, actor)
    share = ageing.temporary_share(on=today(request))
    context = {
        "title": "预拨垫付",
        "table": _table(rows),
        "bands": [
            (label, len(found), money(sum(row.open_fen for row in found)).content)
            for label, found in banded(rows)
        ],
        "late": sum(1 for row in rows if row.is_late),
        "share": share,
        "share_text": _percent(share),
        "open_fen": money(share.open_fen).content,
        "spent_fen": money(share.spent_fen).content,
        "may_create": actor.can(f"{services.ADVANCE}.create"),
    }
    return render(request, "budget/advances.html", context)


def _rows(request: HttpRequest, actor: Actor) -> list[ageing.Ageing]:
    rows = ageing.ageing(at=request.now)  # type: ignore[attr-defined]
    return [row for row in rows if actor.sees(row.advance.document.unit_id)]


def banded(rows: list[ageing.Ageing]) -> list[tuple[str, list[ageing.Ageing]]]:
    """The rows by age."""
    found, lowest = [], -1
    for upper, label in BANDS:
        found.append((label, [row for row in rows if lowest < row.age_days <= upper]))
        lowest = upper
    return found


def _percent(share: ageing.TemporaryShare) -> str:
    if share.spent_fen <= 0:
        return formats.NO_DATA
    return formats.percent_text(share.open_fen * 100 / share.spent_fen)


HEADS = (
    Head("单号", pin=True), Head("类型"), Head("单位"), Head("事由"), Head("金额", "amount", money=True),
    Head("待清理", "amount", money=True), Head("下达"), Head("账龄（天）", "count"), Head("应清理"), Head("状态"),
)  # fmt: skip


def _table(rows: list[ageing.Ageing]) -> Table:
    whole = Total(
        (
            Cell("合计", pin=True), Cell(""), Cell(""), Cell(""),
            money(sum(row.advance.document.amount_fen for row in rows)), money(sum(row.open_fen for row in rows)),
            *(Cell("") for _ in range(4)),
        )
    )  # fmt: skip
    return Table(
        "未清理预拨垫付", HEADS, tuple(_row(row) for row in rows), totals=(whole,),
        empty=Empty("没有未清理的预拨垫付", icon="circle-check"),
    )  # fmt: skip


def _row(row: ageing.Ageing) -> Row:
    header = row.advance.document
    return Row(
        (
            Cell(link(header.number, f"/doc/{header.pk}/"), pin=True, css="m-main"),
            Cell(Advance.Type(row.advance.type).label),
            Cell(header.unit.name),
            Cell(row.advance.reason, css="cut m-desc"),
            money(header.amount_fen),
            money(row.open_fen),
            Cell(formats.date_text(row.advance.released_at)[:10]),
            Cell(str(row.age_days), "count"),
            Cell(row.advance.due_on.isoformat()),
            Cell(tag(word(row), "red") if row.is_late else word(row)),
        )
    )


def word(row: ageing.Ageing) -> str:
    """What stands in the last column."""
    if row.late_days:
        return f"超期 {row.late_days} 天"
    if row.review_is_late:
        return "超 48 小时未复核" if row.advance.reviewed_at is None else "逾期复核"
    return "未到期"


def export(request: HttpRequest) -> HttpResponse:
    """The same as a sheet."""
    actor = allowed(request, VIEW)
    content = sheet_of(
        title="预拨垫付账龄表",
        facts=(("截至", today(request).isoformat()), ("导出人", actor.name)),
        heads=("单号", "类型", "单位", "事由", "依据", "金额", "待清理", "下达", "账龄（天）", "应清理日期", "状态"),
        kinds_of=("text",) * 5 + ("amount", "amount", "date", "text", "date", "text"),
        rows=(
            (
                row.advance.document.number, Advance.Type(row.advance.type).label, row.advance.document.unit.name,
                row.advance.reason, row.advance.basis, row.advance.document.amount_fen, row.open_fen,
                row.advance.released_at, row.age_days, row.advance.due_on, word(row),
            )
            for row in _rows(request, actor)
        ),
        unit=request.look.unit,  # type: ignore[attr-defined]
    )  # fmt: skip
    return attachment(content, "预拨垫付账龄表.xlsx")
