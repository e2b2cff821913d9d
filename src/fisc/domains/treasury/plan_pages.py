"""用款计划总览: units by months of a year, and what is still to be planned or paid. Norm A.8: Σ plans ≤ allotment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fisc.base.errors import NotAllowed
from fisc.domains.treasury import postings
from fisc.domains.treasury.bank import FUND_NAMES
from fisc.kernel import lean, ledger
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, Option, Row, Table, Total, link

VIEW = "treasury.cash_plan.view"
# One row: what the plans of one unit for one month come to, in force (planned, due) and still on the way.
PLANS = """
SELECT header.unit_id, plan.month,
    coalesce(sum(header.amount_fen) FILTER (WHERE header.state IN ('planned', 'due')), 0)::bigint,
    coalesce(sum(header.amount_fen) FILTER (WHERE header.state IN ('draft', 'in_review', 'returned')), 0)::bigint
FROM treasury_cashplan AS plan
JOIN documents_document AS header ON header.id = plan.document_id
WHERE plan.month BETWEEN %s AND %s AND (%s = '' OR header.fund = %s)
    AND (%s::bigint[] IS NULL OR header.unit_id = ANY (%s::bigint[]))
GROUP BY header.unit_id, plan.month
"""


@dataclass
class UnitPlans:
    """One unit's year: plans by month, what waits for approval, and what its allotments still hold, in 分."""

    months: dict[int, int] = field(default_factory=dict)
    waiting_fen: int = 0
    due_fen: int = 0
    unplanned_fen: int = 0

    @property
    def year_fen(self) -> int:
        """All plans in force."""
        return sum(self.months.values())


def read_plans(*, year: int, fund: str, unit_ids: Sequence[int] | None) -> dict[int, UnitPlans]:
    """This function will read the plans of a year by unit; two queries, however many there are."""
    units = None if unit_ids is None else sorted(unit_ids)
    found: dict[int, UnitPlans] = {}
    rows = lean.fetch(PLANS, (year * 100 + 1, year * 100 + 12, fund, fund, units, units))
    for unit_id, month, in_force, waiting in rows:
        plans = found.setdefault(unit_id, UnitPlans())
        plans.months[month % 100] = plans.months.get(month % 100, 0) + in_force
        plans.waiting_fen += waiting
    selection = ledger.Selection(
        book=postings.BOOK, subjects=(postings.EXECUTABLE, postings.PLAN_DUE), fiscal_years=(year,),
        funds=(fund,) if fund else (), unit_ids=tuple(found),
    )  # fmt: skip
    if not found:
        return found
    for (unit_id, subject), balance in ledger.balances(selection, group_by=("unit_id", "subject")).items():
        if subject == postings.PLAN_DUE:
            found[unit_id].due_fen += balance.available_fen
        else:
            found[unit_id].unplanned_fen += balance.available_fen
    return found


def months_page(request: HttpRequest) -> HttpResponse:
    """Units by months."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.can(VIEW):
        raise NotAllowed
    asked = request.GET.get("fund", "")
    fund = asked if asked in FUND_NAMES else ""
    year = request.look.year or request.now.year  # type: ignore[attr-defined]
    unit_ids = None if actor.unit_ids is None else tuple(actor.unit_ids)
    plans = read_plans(year=year, fund=fund, unit_ids=unit_ids)
    context = {
        "title": "用款计划总览",
        "year": year,
        "funds": [
            Option("", "全部资金", not fund),
            *(Option(code, name, code == fund) for code, name in FUND_NAMES.items()),
        ],
        "table": _table(request, plans, fund),
        "may_import": actor.can("imports.treasury.cash_plan"),
    }
    return render(request, "treasury/plans.html", context)


def _table(request: HttpRequest, plans: dict[int, UnitPlans], fund: str) -> Table:
    units = Unit.objects.in_bulk(plans)
    heads = (
        Head("单位", pin=True),
        *(Head(f"{month}月", "amount") for month in range(1, 13)),
        Head("全年计划", "amount", money=True),
        Head("审核中", "amount", money=True),
        Head("可用未付", "amount", money=True),
        Head("未编计划", "amount", money=True),
    )

    def cells(one: UnitPlans) -> list[Cell]:
        figures = (one.year_fen, one.waiting_fen, one.due_fen, one.unplanned_fen)
        months = [Cell(_amount(request, one.months.get(month, 0)), "amount") for month in range(1, 13)]
        return [*months, *(Cell(_amount(request, fen), "amount") for fen in figures)]

    rows = []
    for unit_id, one in sorted(plans.items(), key=lambda pair: units[pair[0]].code):
        href = f"/d/treasury.cash_plan/?unit={unit_id}" + (f"&fund={fund}" if fund else "")
        rows.append(Row((Cell(link(str(units[unit_id]), href), pin=True, css="m-main"), *cells(one))))
    whole = UnitPlans(
        {month: sum(one.months.get(month, 0) for one in plans.values()) for month in range(1, 13)},
        sum(one.waiting_fen for one in plans.values()),
        sum(one.due_fen for one in plans.values()),
        sum(one.unplanned_fen for one in plans.values()),
    )
    totals = Total((Cell("合计", pin=True), *cells(whole)))
    empty = Empty("这一年还没有用款计划。", "双控的资金按月编报用款计划，可用 Excel 导入。")
    return Table("用款计划总览", heads, tuple(rows), totals=(totals,), empty=empty)


def _amount(request: HttpRequest, fen: int) -> str:
    return formats.amount(fen, unit=request.look.unit)  # type: ignore[attr-defined]
