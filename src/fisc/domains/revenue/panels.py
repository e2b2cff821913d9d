"""The cards of the module's pages: how a day was shared, what a correction changes, how a version differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from fisc.base.money import format_fen
from fisc.domains.revenue.levels import LABELS
from fisc.domains.revenue.models import Correction, DailyReport, Receipt, Task, TaskLine
from fisc.kernel import codes, ledger
from fisc.kernel.documents.spec import Panel

if TYPE_CHECKING:
    from fisc.kernel.documents.models import Document
    from fisc.kernel.orgs.actor import Actor

LARGEST_ITEMS = 12
ALL_OF_A_MONTH = 100_000


def sharing_panel(document: Document, actor: Actor) -> Panel | None:
    """分级次: the day's receipts by level."""
    report = DailyReport.objects.get(pk=document.pk)
    return Panel(
        title="分级次",
        kind="bar",
        rows=(("中央级", report.central_fen), ("省级", report.province_fen), ("区级", report.district_fen)),
        text=f"{report.receipt_count} 笔，其中退库 {report.refund_count} 笔",
        side=True,
    )


def items_panel(document: Document, actor: Actor) -> Panel | None:
    """分科目: count and amounts by item, the largest first."""
    rows = (
        Receipt.objects.filter(document_id=document.pk)
        .values("fund", "revenue_code")
        .annotate(count=Count("id"), total=Sum("amount_fen"), district=Sum("district_fen"))
        .order_by("-total")
    )
    listed = list(rows[:LARGEST_ITEMS])
    names = codes.names(
        kind="revenue", codes=[row["revenue_code"] for row in listed], year=document.fiscal_year
    )
    return Panel(
        title="分科目（元）",
        kind="table",
        head=("科目", "笔数", "金额", "区级"),
        rows=tuple(
            (
                f"{row['revenue_code']} {names.get(row['revenue_code'], '')}",
                row["count"],
                format_fen(row["total"]),
                format_fen(row["district"]),
            )
            for row in listed
        ),
        text=f"共 {len(rows)} 个科目" if len(rows) > LARGEST_ITEMS else "",
    )


def balance_panel(document: Document, actor: Actor) -> Panel | None:
    """库存余额核对: the treasury's own balance against the ledger at the end of that day."""
    stated = DailyReport.objects.values_list("stated_balance_fen", flat=True).get(pk=document.pk)
    if stated is None or document.state != "posted":
        return None
    booked = cash_on(document)
    difference = stated - booked
    return Panel(
        title="库存余额核对（元）",
        rows=(
            ("国库报表", format_fen(stated)),
            ("账上国库存款", format_fen(booked)),
            ("差额", format_fen(difference) if difference else "0.00（一致）"),
        ),
        side=True,
    )


def cash_on(document: Document) -> int:
    """What 国库存款 of all funds held in the ledger at the end of the document's day, in 分."""
    day = document.business_on
    selection = ledger.Selection(book="cash", subjects=("1001",), side="net_debit")
    month = day.year * 100 + day.month
    (before,) = ledger.sums([(selection, None, month - 1)])
    this_month = ledger.transfers_of(selection, period_from=month, period_to=month, limit=ALL_OF_A_MONTH)
    return before.get((), 0) + sum(row.amount_fen for row in this_month if row.effective_on <= day)


def correction_panel(document: Document, actor: Actor) -> Panel | None:
    """更正前后: fund, item and level before and after."""
    row = Correction.objects.select_related("receipt").get(pk=document.pk)
    if row.receipt is None:
        return None
    names = codes.names(
        kind="revenue", codes=[row.receipt.revenue_code, row.new_revenue_code], year=document.fiscal_year
    )
    funds = codes.names(kind="fund", codes=[row.receipt.fund, row.new_fund], year=document.fiscal_year)

    def item(code: str) -> str:
        return f"{code} {names.get(code, '')}"

    return Panel(
        title="更正前后",
        kind="table",
        head=("", "更正前", "更正后"),
        rows=(
            ("资金性质", funds.get(row.receipt.fund, ""), funds.get(row.new_fund, "")),
            ("科目", item(row.receipt.revenue_code), item(row.new_revenue_code)),
            ("级次", LABELS[row.receipt.level], LABELS[row.new_level]),
        ),
    )


def task_panel(document: Document, actor: Actor) -> Panel | None:
    """任务合计: year and quarters by level, with the difference to the version before (元)."""
    task = Task.objects.get(pk=document.pk)
    before = (
        Task.objects.filter(year=task.year, version_no__lt=task.version_no).order_by("-version_no").first()
    )
    sums = _sums(task.pk)
    held = _sums(before.pk) if before else {}
    return Panel(
        title="任务合计（元）",
        kind="table",
        head=("级次", "全年", "一季度", "二季度", "三季度", "四季度", "较上一版"),
        rows=tuple(
            (
                LABELS[level],
                *(format_fen(fen) for fen in values),
                format_fen(values[0] - held[level][0]) if level in held else "—",
            )
            for level, values in sums.items()
        ),
        text=f"第{task.version_no}版" + ("，现行版本" if task.is_in_force else ""),
    )


def lines_panel(document: Document, actor: Actor) -> Panel | None:
    """任务明细: where a draft's lines are filled in."""
    if document.state not in document.spec.editable_states or not actor.can("revenue.task.edit"):
        return None
    count = TaskLine.objects.filter(task_id=document.pk).count()
    return Panel(
        title="填写明细",
        kind="template",
        template="revenue/panel_lines.html",
        data={"id": document.pk, "count": count},
        side=True,
    )


def _sums(task_id: int) -> dict[str, tuple[int, ...]]:
    fields = ("year_fen", "q1_fen", "q2_fen", "q3_fen", "q4_fen")
    sums = {f"sum_{field}": Sum(field) for field in fields}
    rows = TaskLine.objects.filter(task_id=task_id).values("level").annotate(**sums).order_by("level")
    return {level: tuple(values) for level, *values in rows.values_list("level", *sums)}
