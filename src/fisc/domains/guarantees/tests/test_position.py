"""F13：逐项比对需求与安排，缺口不相抵；执行率、覆盖率；未按期发放的工资。"""

import datetime as dt
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from fisc.domains.guarantees import position as positions
from fisc.domains.guarantees.position import ItemPosition
from fisc.domains.guarantees.tests.test_need import approved
from fisc.kernel.metrics.fetch import figure
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.modules import registry
from fisc.kernel.rules import standing

AMOUNTS = st.integers(min_value=0, max_value=10**12)
ITEMS = st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=8)
CENTURY = 10_000


def item(need, arranged, name="W01"):
    return ItemPosition(name, name, "wages", "national", need, arranged)


def value(metric, month=12):
    return figure(FigureRequest(metric=metric, year=2023, month=month)).value


class TestF13:
    """覆盖率 = 安排÷需求；缺口 = Σ max(0, 需求−安排)，一项多安排的不抵另一项的缺口。"""

    @pytest.mark.parametrize(
        ("need", "arranged", "gap"), [(100, 100, 0), (100, 99, 1), (100, 101, 0), (0, 5, 0), (7, 0, 7)]
    )
    def test_to_the_fen(self, need, arranged, gap):
        assert item(need, arranged).gap_fen == gap

    def test_a_surplus_covers_no_gap(self):
        whole = positions.total([item(100_00, 120_00), item(50_00, 40_00, "O01")])

        assert whole.gap_fen == 10_00
        assert whole.coverage == Fraction(160_00 * 100, 150_00)

    def test_without_a_need_there_is_no_coverage(self):
        assert item(None, 10).coverage is None
        assert positions.total([item(None, 10)]).need_fen is None

    @given(ITEMS)
    def test_netting_never_makes_the_gap_smaller(self, pairs):
        whole = positions.total(item(need, arranged) for need, arranged in pairs)
        netted = max(0, sum(need for need, _ in pairs) - sum(arranged for _, arranged in pairs))

        assert whole.gap_fen >= netted
        assert whole.gap_fen == sum(max(0, need - arranged) for need, arranged in pairs)

    @given(ITEMS, AMOUNTS)
    def test_more_for_one_item_never_hides_the_gap_of_the_others(self, pairs, more):
        before = positions.total(item(need, arranged) for need, arranged in pairs).gap_fen
        after = positions.total([item(1, 1 + more), *(item(n, a) for n, a in pairs)]).gap_fen

        assert after == before


@pytest.mark.django_db
@pytest.mark.usefixtures("published")
class TestFromTheLedger:
    """安排和支出从指标账归集：人员类按经济分类，公用经费整类，其余看项目和标识。"""

    def test_people_are_told_apart_by_economic_item(self, district):
        project = district.project(category="personnel")
        district.allotment(60_000, project, economic_code="30101")
        district.allotment(10_000, project, economic_code="30113")

        found = positions.by_key(positions.position(year=2023))
        assert (found["W01"].arranged_fen, found["W03"].arranged_fen) == (60_000_00, 10_000_00)

    @pytest.mark.parametrize(("flags", "arranged"), [(1, 30_000_00), (0, 0)])
    def test_a_selector_without_category_takes_marked_lines_only(self, district, flags, arranged):
        district.allotment(30_000, function_code="2081902", economic_code="30306", flags=flags)

        assert positions.by_key(positions.position(year=2023))["L06"].arranged_fen == arranged

    def test_releasing_and_paying_change_nothing_in_what_is_arranged(self, district):
        project = district.project(category="personnel")
        district.appropriate([{"project_id": project, "yuan": 500, "economic_code": "30101"}])
        before = positions.by_key(positions.position(year=2023))["W01"]
        district.create(
            "budget.allotment", amount_fen=500_00, project_id=project, fund="general", function_code="2050203",
            economic_code="30101", flags=0, reference="区财教〔2023〕31号",
        )  # fmt: skip

        assert before.arranged_fen == 500_00
        assert positions.by_key(positions.position(year=2023))["W01"] == before

    def test_the_figures_say_the_same(self, district):
        project = district.project(category="personnel")
        district.allotment(120, project, economic_code="30101")
        approved(district, ("W01", "121001", 100_00), ("O01", "121001", 50_00))

        assert value("guarantees.need") == 150_00
        assert value("guarantees.arranged") == 120_00
        assert value("guarantees.gap") == 50_00
        assert value("guarantees.wages.gap") == 0
        assert value("guarantees.coverage") == Fraction(120 * 100, 150)
        assert value("guarantees.coverage.secured") == Fraction(100 * 100, 150)
        assert value("guarantees.operation.coverage") == 0

    def test_without_an_approved_need_there_is_no_gap_and_no_coverage(self, district):
        district.allotment(120, district.project(category="personnel"), economic_code="30101")

        assert value("guarantees.arranged") == 120_00
        assert value("guarantees.need") is None
        assert value("guarantees.gap") is None
        assert value("guarantees.coverage") is None

    def test_the_standing_checks_hold(self, district):
        district.allotment(120, district.project(category="personnel"), economic_code="30101")
        approved(district, ("W01", "121001", 100_00))

        checks = [check for module in registry.current().modules for check in module.invariants]
        own = [check for check in checks if check.code.startswith("guarantees.")]
        assert own and all(standing.run_one(check, at=district.at).holds for check in own)


@pytest.mark.django_db
@pytest.mark.usefixtures("published")
class TestUnpaidWages:
    """每月 15 日后仍未支付当月工资的单位要列出来；15 日当天还不算。"""

    @pytest.fixture
    def wages(self, district):
        return district.allotment(60_000, district.project(category="personnel"), economic_code="30101")

    def test_until_the_day_the_month_before_counts(self, district, wages):
        found = positions.unpaid_wages(on=dt.date(2023, 3, 15))

        assert [(row.unit, row.month) for row in found] == [("云屿区第一中学", 2)]

    def test_after_the_day_the_month_itself_counts(self, district, wages):
        found = positions.unpaid_wages(on=dt.date(2023, 3, 16))

        assert [row.month for row in found] == [3]

    def test_january_has_nothing_due_before_its_day(self, district, wages):
        assert positions.unpaid_wages(on=dt.date(2023, 1, 15)) == []

    def test_without_a_day_nothing_is_due(self, district, wages):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM guarantees_wage_day")

        assert positions.unpaid_wages(on=dt.date(2023, 3, 16)) == []


@pytest.mark.django_db
class TestCashForGuarantees:
    """库款够不够一个月的三保：余额 ÷（需求 ÷ 12）。"""

    @pytest.mark.parametrize(("balance", "months"), [(100, 1), (99, Fraction(99, 100)), (None, None)])
    def test_border(self, monkeypatch, balance, months):
        class Found:
            def __init__(self, value):
                self.value = value

        def found(requests):
            return {asked: Found(balance if asked.metric == "cash.balance" else 1_200) for asked in requests}

        monkeypatch.setattr(positions, "figures", found)

        assert positions.cash_months(year=2023, month=6) == months
