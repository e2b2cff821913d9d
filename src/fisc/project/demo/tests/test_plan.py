"""The plan of the demo district hits the seed's printed ratios and is the same on every machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from fisc.base.workdays import is_workday
from fisc.project.demo import district, revenue_plan, spending_plan
from fisc.project.demo.revenue_plan import PlanReceipt
from fisc.project.demo.spending_plan import PlanPayment, SpendingPlan

LIVELIHOOD = ("205", "206", "207", "208", "210", "211", "212", "213", "214", "221", "222", "224")


def share(code: str) -> Decimal:
    """The sharing the demo assumes: VAT 40 %, income taxes 32 %, consumption tax nothing, the rest whole."""
    for prefix, value in (("10101", "0.4"), ("10104", "0.32"), ("10106", "0.32"), ("10102", "0")):
        if code.startswith(prefix):
            return Decimal(value)
    return Decimal(1)


@pytest.fixture(scope="module")
def spending() -> SpendingPlan:
    return spending_plan.build(livelihood=LIVELIHOOD)


@pytest.fixture(scope="module")
def receipts(spending: SpendingPlan) -> list[PlanReceipt]:
    return revenue_plan.receipts(share=share, spending=spending)


class TestSpending:
    """一般公共预算支出与民生支出。"""

    def _half(self, plan: SpendingPlan, year: int, keep: Callable[[str], bool] = lambda _: True) -> int:
        return sum(
            row.amount_fen
            for row in plan.payments
            if row.on.year == year and row.on.month <= 6
            and plan.lines[row.line].fund == "general" and keep(plan.lines[row.line].function_code)
        )  # fmt: skip

    def test_growth_and_livelihood_share_are_the_seeds(self, spending: SpendingPlan) -> None:
        """同比增长52.33％，民生12.67亿元占65.78％。"""
        this, last = self._half(spending, 2023), self._half(spending, 2022)
        livelihood = self._half(spending, 2023, lambda code: code[:3] in LIVELIHOOD)

        assert round((Fraction(this, last) - 1) * 10_000) == 5233
        assert livelihood == 1_267_000_000_00
        assert round(Fraction(livelihood, this) * 10_000) == 6578

    def test_a_real_district_has_fifty_thousand_payments_in_eighteen_months(
        self, spending: SpendingPlan
    ) -> None:
        assert len(spending_plan.until(spending, date(2023, 6, 30)).payments) > 50_000
        assert len(district.units()) >= 120

    def test_every_line_has_room_for_its_payments(self, spending: SpendingPlan) -> None:
        paid: Counter[int] = Counter()
        for row in spending.payments:
            paid[row.line] += row.amount_fen

        left = {
            line.index: line.approved_fen + line.supplement_fen - paid[line.index] for line in spending.lines
        }
        for line in spending.lines:
            if line.carried_from is not None:
                left[line.carried_from] += left.pop(line.index)

        assert all(fen >= 0 for fen in left.values())

    def test_payments_fall_on_working_days(self, spending: SpendingPlan) -> None:
        assert all(is_workday(day) for day in {row.on for row in spending.payments})

    def test_the_plan_is_repeatable(self, spending: SpendingPlan) -> None:
        again = spending_plan.build(livelihood=LIVELIHOOD)

        assert again.payments == spending.payments


class TestRevenue:
    """财政总收入、一般公共预算收入、税收、非税。"""

    def _half(
        self, rows: list[PlanReceipt], year: int, prefixes: tuple[str, ...], *, district_only: bool
    ) -> Fraction:
        return sum(
            (
                Fraction(row.amount_fen) * (Fraction(share(row.revenue_code)) if district_only else 1)
                for row in rows
                if row.fund == "general" and row.on.year == year and row.on.month <= 6
                and row.revenue_code.startswith(prefixes)
            ),
            Fraction(0),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("prefixes", "district_only", "growth_tenths"),
        [
            (("101", "103"), False, 225),  # 财政总收入 +22.5 %
            (("101", "103"), True, 179),  # 一般公共预算收入 +17.9 %
            (("101",), True, 580),
            (("103",), True, -78),
        ],
    )
    def test_growth_is_the_seeds(
        self, receipts: list[PlanReceipt], prefixes: tuple[str, ...], district_only: bool, growth_tenths: int
    ) -> None:
        this = self._half(receipts, 2023, prefixes, district_only=district_only)
        last = self._half(receipts, 2022, prefixes, district_only=district_only)

        assert round((this / last - 1) * 1000) == growth_tenths

    def test_completion_of_the_yearly_task_is_the_seeds(self, receipts: list[PlanReceipt]) -> None:
        """58.8％、59.9％、61.6％、58.1％。"""
        tasks: Counter[tuple[str, str]] = Counter()
        for task in revenue_plan.tasks(year=2023, share=share):
            tasks[(task.level, task.revenue_code[:3])] += sum(task.months_fen)
        tax = self._half(receipts, 2023, ("101",), district_only=True)
        nontax = self._half(receipts, 2023, ("103",), district_only=True)
        total = self._half(receipts, 2023, ("101", "103"), district_only=False)

        assert round(tax / tasks[("district", "101")] * 1000) == 616
        assert round(nontax / tasks[("district", "103")] * 1000) == 581
        assert round((tax + nontax) / (tasks[("district", "101")] + tasks[("district", "103")]) * 1000) == 599
        assert round(total / sum(tasks.values()) * 1000) == 588

    def test_the_treasury_account_never_runs_dry(
        self, receipts: list[PlanReceipt], spending: SpendingPlan
    ) -> None:
        moves = [
            (row.on, 0, row.fund, int(row.amount_fen * Fraction(share(row.revenue_code)))) for row in receipts
        ]
        moves += [(row.on, 1, spending.lines[row.line].fund, -row.amount_fen) for row in spending.payments]
        cash: Counter[str] = Counter()

        for _, _, fund, fen in sorted(moves):
            cash[fund] += fen
            assert cash[fund] >= 0


def _is_before_july(row: PlanReceipt | PlanPayment) -> bool:
    return row.on <= date(2023, 6, 30)


def test_there_are_thirty_thousand_receipts(receipts: list[PlanReceipt]) -> None:
    assert sum(map(_is_before_july, receipts)) > 30_000
