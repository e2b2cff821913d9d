"""The plan of the whole cycle: what is asked and cut, who needs what, what is left over, all from one seed."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import pytest

from fisc.kernel.codes.tables import DATA
from fisc.project.demo import (
    bank_plan,
    basics,
    district,
    line_drafts,
    natures,
    preparation_plan,
    spending_plan,
    travel_and_cars,
)
from fisc.project.demo.spending_plan import SpendingPlan

LIVELIHOOD = ("205", "206", "207", "208", "210", "211", "212", "213", "214", "221", "222", "224")


@pytest.fixture(scope="module")
def plan() -> SpendingPlan:
    return spending_plan.build(livelihood=LIVELIHOOD)


def _cut_of_asked(plan: SpendingPlan, year: int) -> Fraction:
    rows = [row for row in preparation_plan.asks(plan, year) if row.nature == natures.ORDINARY]
    return Fraction(sum(row.cut_fen for row in rows), sum(row.first_fen for row in rows))


class TestPreparation:
    """一上、审定、二上。"""

    def test_what_was_cut_is_the_seeds_share(self, plan: SpendingPlan) -> None:
        """压减比例28.51％（2023年），2022年是另一个数。"""
        assert round(_cut_of_asked(plan, 2023) * 10_000) == 2851
        assert round(_cut_of_asked(plan, 2022) * 10_000) == 2314

    def test_rigid_items_and_three_guarantees_are_not_cut(self, plan: SpendingPlan) -> None:
        rows = preparation_plan.asks(plan, 2023)

        assert {row.cut_fen for row in rows if row.nature == natures.RIGID or row.guarantee_item} == {0}

    def test_every_change_has_its_reason(self, plan: SpendingPlan) -> None:
        assert all(bool(row.reason) == bool(row.cut_fen) for row in preparation_plan.asks(plan, 2023))

    def test_the_review_leaves_what_the_year_needs(self, plan: SpendingPlan) -> None:
        left = sum(row.reviewed_fen for row in preparation_plan.asks(plan, 2023))

        assert left == sum(line.approved_fen for line in plan.lines if line.year == 2023 and line.is_prepared)

    def test_no_line_is_asked_for_twice(self, plan: SpendingPlan) -> None:
        keys = Counter(
            (row.line.project_code, row.line.function_code, row.line.economic_code, row.line.flags)
            for row in preparation_plan.asks(plan, 2023)
        )

        assert max(keys.values()) == 1


class TestStandards:
    """人员、公用、生均、三公。"""

    @pytest.mark.parametrize("level", ["primary", "junior"])
    def test_the_money_per_pupil_rises_as_the_report_says(self, level: str) -> None:
        """普调50元（2022年），追加150元（2023年）。"""
        assert basics.pupil_cost(level, 2022) - basics.pupil_cost(level, 2021) == 50
        assert basics.pupil_cost(level, 2023) - basics.pupil_cost(level, 2022) == 150

    def test_basic_money_is_quantity_times_standard(self, plan: SpendingPlan) -> None:
        units = {unit.code: unit for unit in district.units()}
        asked: dict[tuple[int, str], int] = defaultdict(int)
        for line in plan.lines:
            if line.kind == "running":
                asked[(line.year, line.unit_code)] += line.approved_fen

        schools = 0
        for (year, code), fen in asked.items():
            facts = basics.of_unit(units[code], year)
            if facts.level:
                schools += 1
                assert fen == facts.pupils * basics.pupil_cost(facts.level, year) * 100

        assert schools > 40

    def test_the_four_public_items_fall_by_four_thousandths(self, plan: SpendingPlan) -> None:
        """“三公”经费预算比上年下降0.4％。"""
        of_year: Counter[int] = Counter()
        for line in plan.lines:
            if line.economic_code in travel_and_cars.ITEMS:
                of_year[line.year] += line.approved_fen

        assert round((Fraction(of_year[2023], of_year[2022]) - 1) * 1000) == -4

    def test_every_item_of_the_three_guarantees_has_money(self, plan: SpendingPlan) -> None:
        items = {natures.guarantee_item(line) for line in plan.lines if line.year == 2023} - {""}

        assert items == {
            "W01", "W02", "W03", "O01", "O02", "L01", "L02", "L03", "L04", "L05", "L06", "L07", "L08", "L09", "L10",
        }  # fmt: skip


class TestBankAndYearEnd:
    """项目库，结转结余。"""

    def test_there_are_about_eight_hundred_projects(self, plan: SpendingPlan) -> None:
        assert 780 <= len(plan.projects) <= 830
        assert len({project.code for project in plan.projects}) == len(plan.projects)

    def test_all_function_items_are_official(self, plan: SpendingPlan) -> None:
        known = {
            row.partition(",")[0]
            for name in ("functional_expenditure.csv", "functional_expenditure_govfund.csv")
            for row in (DATA / name).read_text(encoding="utf-8").splitlines()
        }

        assert {line.function_code for line in (*plan.lines, *plan.put_off)} - known == set()

    def test_sources_make_up_the_total(self, plan: SpendingPlan) -> None:
        for entry in bank_plan.entries(plan):
            assert not entry.sources_fen or sum(entry.sources_fen.values()) == entry.project.total_fen

    def test_estimates_make_up_the_budget_of_their_year(self, plan: SpendingPlan) -> None:
        """测算明细：标准×数量合计等于当年安排。"""
        asked = [line for line in plan.lines if line.is_prepared and line.kind in ("operating", "special")]

        for line in asked:
            rows = bank_plan.estimates([line])
            assert sum(row.standard_yuan * row.quantity for row in rows) * 100 == line.approved_fen

    def test_indicators_weigh_a_hundred(self, plan: SpendingPlan) -> None:
        for entry in bank_plan.entries(plan):
            weights = [int(row.rpartition("|")[2]) for row in entry.indicators]
            assert not weights or sum(weights) == 100

    def test_carried_money_pays_what_it_is_meant_for(self, plan: SpendingPlan) -> None:
        paid: Counter[int] = Counter()
        for row in plan.payments:
            paid[row.line] += row.amount_fen
        carried = [line for line in plan.lines if line.carried_from is not None]

        assert carried
        for line in carried:
            assert line.carried_from is not None
            before = plan.lines[line.carried_from]
            assert before.approved_fen + before.supplement_fen - paid[before.index] >= paid[line.index] > 0

    def test_slow_units_left_much_of_their_money(self, plan: SpendingPlan) -> None:
        codes = {unit.code: unit.short_name for unit in district.units()}
        budget: Counter[str] = Counter()
        paid: Counter[str] = Counter()
        of_line = {}
        for line in plan.lines:
            name = codes[line.unit_code]
            if line.year == 2022 and line.kind in ("operating", "special") and name in line_drafts.SLOW_UNITS:
                budget[name] += line.approved_fen
                of_line[line.index] = name
        for row in plan.payments:
            if row.line in of_line:
                paid[of_line[row.line]] += row.amount_fen

        assert all(paid[name] * 100 < fen * 90 for name, fen in budget.items())
