"""四本预算: the one-page bridge over all four, the rules of transfers between them, and the same as Excel."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fisc.domains.budget import reference
from fisc.domains.budget.balances.bridge import Amount, Bridge, Line, bridge
from fisc.domains.budget.balances.models import FOUR_FUNDS, Balance, TransferRule
from fisc.domains.budget.balances.services import TRANSFER
from fisc.domains.budget.balances.workbook import to_excel
from fisc.domains.budget.dimensions import FUND_LABELS
from fisc.domains.budget.pages.common import money, today, year_of
from fisc.web.components import Cell, Empty, Head, Row, Table, Total, link, tag
from fisc.web.pages.exports import attachment
from fisc.web.periods import default_month
from fisc.web.request import allowed

VIEW = "budget.balance.view"
TONES = {"allowed": "green", "restricted": "orange", "forbidden": "red"}


def four_page(request: HttpRequest) -> HttpResponse:
    """全口径一页表: planned beside carried out, every figure leading to what it is made of."""
    actor = allowed(request, VIEW)
    year = year_of(request, today(request).year)
    page = bridge(year=year, month=_month(request, year))
    context = {
        "title": "四本预算",
        "year": year,
        "month": page.month,
        "years": range(today(request).year + 1, today(request).year - 3, -1),
        "table": _table(page, year),
        "balances": Balance.objects.filter(year=year, is_current=True).select_related("document").order_by("pk"),
        "missing": _missing(year),
        "rules": _rules_table(request),
        "may_create": actor.can("budget.balance.create"),
    }  # fmt: skip
    return render(request, "budget/four.html", context)


def four_excel(request: HttpRequest) -> HttpResponse:
    """The bridge as a workbook with live sums."""
    actor = allowed(request, VIEW)
    year = year_of(request, today(request).year)
    page = bridge(year=year, month=_month(request, year))
    content = to_excel(
        page, unit=request.look.unit, exported_by=actor.name, at=request.now,  # type: ignore[attr-defined]
    )  # fmt: skip
    return attachment(content, f"四本预算全口径一页表{year}年.xlsx")


def _month(request: HttpRequest, year: int) -> int:
    return default_month(today(request), year)


def _missing(year: int) -> str:
    done = set(Balance.objects.filter(year=year, is_current=True).values_list("fund", flat=True))
    return "、".join(FUND_LABELS[fund] for fund in FOUR_FUNDS if fund not in done)


def _table(page: Bridge, year: int) -> Table:
    columns = (*(FUND_LABELS[fund] for fund in FOUR_FUNDS), "抵销", "全口径")
    groups = (Head("项目", pin=True, rows=2), *(Head(name, span=2, money=True) for name in columns))
    heads = tuple(Head(word, "amount") for _ in columns for word in ("预算", "执行"))
    rows = (
        *(_row(line, year) for line in page.revenue),
        _total_row("收入总计", page, page.revenue),
        *(_row(line, year) for line in page.expenditure),
        _total_row("支出总计", page, page.expenditure),
    )
    return Table("四本预算全口径一页表", heads, rows, totals=(_check(page),), groups=groups)


def _row(line: Line, year: int) -> Row:
    cells = [Cell(_label(line, year), pin=True, css="m-main")]
    for fund in FOUR_FUNDS:
        cells += [_amount(line.planned[fund]), _amount(line.actual[fund])]
    cells += [money(-line.eliminated(line.planned)), money(-line.eliminated(line.actual))]
    cells += [money(line.whole(line.planned)), money(line.whole(line.actual))]
    return Row(tuple(cells), level=1)


def _label(line: Line, year: int) -> str:
    return link(line.label, f"/d/{TRANSFER}/?year={year}") if line.is_transfer else line.label


def _amount(amount: Amount) -> Cell:
    return money(amount.fen, amount.href)


def _total_row(label: str, page: Bridge, side: tuple[Line, ...]) -> Row:
    cells = [Cell(label, pin=True, css="m-main")]
    for fund in FOUR_FUNDS:
        cells += [money(page.total(side, fund, is_planned=planned)) for planned in (True, False)]
    cells += [
        money(-sum(line.eliminated(line.planned if planned else line.actual) for line in side))
        for planned in (True, False)
    ]
    cells += [money(page.whole(side, is_planned=planned)) for planned in (True, False)]
    return Row(tuple(cells), css="sum")


def _check(page: Bridge) -> Total:
    """收入减支出: nought for every approved balance."""
    cells = [Cell("收入减支出", pin=True)]
    for fund in FOUR_FUNDS:
        cells += [
            money(
                page.total(page.revenue, fund, is_planned=planned)
                - page.total(page.expenditure, fund, is_planned=planned)
            )
            for planned in (True, False)
        ]
    cells += [Cell(""), Cell("")]
    cells += [
        money(page.whole(page.revenue, is_planned=planned) - page.whole(page.expenditure, is_planned=planned))
        for planned in (True, False)
    ]
    return Total(tuple(cells))


def _rules_table(request: HttpRequest) -> Table:
    rows = reference.in_force(TransferRule.objects.order_by("from_fund", "to_fund"), today(request))
    heads = (
        Head("调出", pin=True),
        Head("调入"),
        Head("规定"),
        Head("最低比例", "percent"),
        Head("依据"),
        Head("合规办法"),
    )
    return Table(
        "调入调出规定",
        heads,
        tuple(
            Row(
                (
                    Cell(FUND_LABELS[rule.from_fund], pin=True, css="m-main"),
                    Cell(FUND_LABELS[rule.to_fund]),
                    Cell(tag(rule.get_permission_display(), TONES[rule.permission])),
                    Cell("" if rule.min_percent is None else f"{rule.min_percent.normalize():f}%", "percent"),
                    Cell(rule.basis, css="cut"),
                    Cell(rule.way, css="cut"),
                )
            )
            for rule in rows
        ),
        empty=Empty("没有生效的规定"),
    )  # fmt: skip
