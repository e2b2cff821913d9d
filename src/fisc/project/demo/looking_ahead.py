"""Plays what the bureau looks ahead with: the treasury account for ninety days, cash plans, what-if scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from fisc.domains.scenarios import parameters, running
from fisc.domains.treasury import forecast, plans
from fisc.kernel.documents.spec import Draft
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.spending_plan import PlanLine
from fisc.project.demo.targets import WAN

_PLANNED_PART = 200  # of the year's budget, so that later payments find room in any case
_PLANS = 18


def foresee_cash(*, cast: Cast, on: date) -> None:
    """This function will record what is known to come and go, and foresee the account for ninety days."""
    year = on.year
    rows = [
        forecast.KnownMoney(date(year, 9, 20), "general", "repayment", "地方政府一般债券付息", -2_450 * WAN),
        forecast.KnownMoney(
            date(year, 8, 25), "general", "transfer", "下半年均衡性转移支付提前下达", 6_800 * WAN
        ),
        forecast.KnownMoney(date(year, 8, 15), "govfund", "debt", "新增专项债券转贷", 5_000 * WAN),
    ]
    forecast.add_known(rows=rows, actor=cast.treasury_officer, at=moment(on, 9))
    for fund in ("govfund", "general", ""):  # the newest run is what the page opens with
        forecast.run_forecast(on=on, actor=cast.treasury_officer, at=moment(on, 9, 30), fund=fund)


def plan_cash(*, lines: Sequence[PlanLine], allotments: Mapping[int, int], cast: Cast, on: date) -> None:
    """This function will have some works plan their money of the month."""
    works = [
        line
        for line in lines
        if line.year == on.year
        and line.is_prepared
        and line.economic_code == "31005"
        and line.fund == "general"
    ]
    drafts = [
        Draft(
            0, on.year, on, "", line.approved_fen // _PLANNED_PART // 10_000 * 10_000,
            row={"allotment_id": allotments[line.index], "month": on.year * 100 + on.month},
        )
        for line in works[:_PLANS]
    ]  # fmt: skip
    ids = plans.create_plans(drafts=drafts, actor=cast.maker, at=moment(on, 9))
    approve(kind=plans.CASH_PLAN, ids=ids[: _PLANS * 2 // 3], maker=cast.maker, cast=cast, on=on, hour=10)


def keep_scenarios(*, cast: Cast, on: date) -> None:
    """This function will keep one scenario of each sort: a cut planner and the three guarantees under shortfall."""
    actor, at = cast.budget_officer, moment(on, 16)
    cut = running.make_scenario(
        sort="cut", stage="execution", year=on.year, title=f"{on.year}年下半年压减一般性支出测算", actor=actor, at=at,
        kept=parameters.cut_parameters(on=on, target_percent=Decimal(5), step="wan"),
    )  # fmt: skip
    shortfall = running.make_scenario(
        sort="shortfall", year=on.year, title="收入减收一成、土地出让减收四成、上级资金迟到两个月", actor=actor, at=at,
        kept=parameters.shortfall_parameters(on=on, first_month=on.year * 100 + on.month, revenue_percent=Decimal(10),
                                             land_percent=Decimal(40), delay_months=2),
    )  # fmt: skip
    for document_id in (cut, shortfall):
        running.compute(document_id, actor=actor, at=at)
        running.keep(document_id, actor=actor, at=at)
