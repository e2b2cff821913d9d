"""Plays the four budgets of a year: what moves between them, in pairs, and a balance of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from fisc.domains.budget.balances.services import BALANCE, TRANSFER, create_balances, create_transfers
from fisc.kernel.documents.spec import Draft
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.preparation_plan import Ask
from fisc.project.demo.preparing import unit_ids
from fisc.project.demo.targets import WAN

# (year, from, to) → 万元
_PAIRS: Mapping[int, tuple[tuple[str, str, int, str], ...]] = {
    2022: (
        ("govfund", "general", 6_500, "土地出让收益结转较多，调入统筹"),
        ("statecapital", "general", 1_080, "国有资本收益按比例调入"),
    ),
    2023: (
        ("govfund", "general", 8_000, "土地出让收益结转较多，调入统筹"),
        ("statecapital", "general", 1_260, "国有资本收益按比例调入"),
    ),
}
_STATE_REVENUE = {2022: 3_200, 2023: 3_600}
_INSURANCE = {2022: (46_000, 44_200), 2023: (49_500, 47_600)}
_OWN_REVENUE = {2022: 118_000, 2023: 136_000}
_DEBT = {2022: 42_000, 2023: 56_000}
_STABILISED = {2022: 9_000, 2023: 6_000}
_REPAYMENT = {2022: 12_000, 2023: 14_500}
_DELIVERED = {2022: 5_200, 2023: 5_600}
_RESERVE_HUNDREDTHS = 2


def play(*, year: int, asks: Sequence[Ask], cast: Cast, on: date) -> None:
    """This function will approve the year's pairs first, then the four balances that rest on them."""
    officer, bureau = cast.budget_officer, unit_ids()["101"]
    pairs = create_transfers(
        drafts=[
            Draft(bureau, year, on, "", wan * WAN, row={
                "from_fund": source, "to_fund": target, "reason": why, "reference": f"区政〔{on.year}〕{41 + place}号",
            })
            for place, (source, target, wan, why) in enumerate(_PAIRS[year])
        ],
        actor=officer, at=moment(on, 9),
    )  # fmt: skip
    approve(kind=TRANSFER, ids=pairs, maker=officer, cast=cast, on=on, hour=9)
    balances = create_balances(
        drafts=[Draft(bureau, year, on, "", 0, fund=fund, row=row) for fund, row in _balances(year, asks).items()],
        actor=officer, at=moment(on, 10),
    )  # fmt: skip
    approve(kind=BALANCE, ids=balances, maker=officer, cast=cast, on=on, hour=10)


def _balances(year: int, asks: Sequence[Ask]) -> dict[str, dict[str, int]]:
    """The items of each balance; the upper level's money balances the general budget."""
    spending = {
        fund: sum(ask.reviewed_fen for ask in asks if ask.line.fund == fund)
        for fund in ("general", "govfund")
    }
    moved = {source: wan * WAN for source, _, wan, _ in _PAIRS[year]}
    general = spending["general"] // WAN * WAN + WAN
    reserve = general * _RESERVE_HUNDREDTHS // 100
    needed = general + reserve + _DELIVERED[year] * WAN + _REPAYMENT[year] * WAN
    held = (_OWN_REVENUE[year] + _DEBT[year] + _STABILISED[year]) * WAN + sum(moved.values())
    state = _STATE_REVENUE[year] * WAN
    insurance, paid_out = (wan * WAN for wan in _INSURANCE[year])
    return {
        "general": {
            "own_revenue_fen": _OWN_REVENUE[year] * WAN, "upper_fen": needed - held, "debt_fen": _DEBT[year] * WAN,
            "stabilised_fen": _STABILISED[year] * WAN, "own_spending_fen": general, "reserve_fen": reserve,
            "transfers_fen": _DELIVERED[year] * WAN, "repayment_fen": _REPAYMENT[year] * WAN,
        },
        "govfund": {
            "own_revenue_fen": spending["govfund"] + moved["govfund"] + 1_500 * WAN,
            "own_spending_fen": spending["govfund"], "surplus_fen": 1_500 * WAN,
        },
        "statecapital": {"own_revenue_fen": state, "own_spending_fen": state - moved["statecapital"]},
        "socialinsurance": {
            "own_revenue_fen": insurance, "own_spending_fen": paid_out, "surplus_fen": insurance - paid_out,
        },
    }  # fmt: skip
