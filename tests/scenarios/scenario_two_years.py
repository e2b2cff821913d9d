"""Two budget cycles of the whole district, month by month: every identity of the books holds at every month's end.

Activities 11–13, 16, 17, 50, 55, 67 and 69 of the mission. One unit's year is told in scenario_one_units_year.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import pytest
from django.db import connection

from fisc.domains.budget import places
from fisc.domains.budget.idle.models import IdleLine
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.yearend.services import left_of
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.rules.commands import run_standing_checks
from fisc.project.demo import district as plan_district

MONTHS = [2022 * 100 + month for month in range(1, 13)] + [2023 * 100 + month for month in range(1, 7)]
UNSPENT = ("631", "635", "636", "650", "651")
SPENT = "661"


def _rows(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def _sums(book: str, subjects: tuple[str, ...], period: int, group: tuple[str, ...], **where: object) -> dict:
    """Posted sums of a book until the end of a period (yyyymm), by group."""
    selection = ledger.Selection(book=book, subjects=subjects, **where)
    (found,) = ledger.sums([(selection, None, period)], group_by=group)
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("in_demo_district")
@pytest.mark.django_db
class TestTheDistrictOverTwoYears:
    """全区两年：每月末各项恒等式成立。"""

    @pytest.mark.parametrize("period", MONTHS)
    def test_what_was_paid_left_the_treasury(self, period: int) -> None:
        """支出＝国库流出：指标账与资金账逐月相等，分资金性质。"""
        paid = _sums("allotment", (SPENT,), period, ("fund",))
        out = _sums("cash", ("5001",), period, ("fund",))

        assert {fund: fen for fund, fen in paid.items() if fen} == {
            fund: fen for fund, fen in out.items() if fen
        }

    @pytest.mark.parametrize("period", MONTHS)
    def test_every_book_sums_to_nothing(self, period: int) -> None:
        """借贷相等，每本账。"""
        for book in ("allotment", "cash", "revenue", "ceiling"):
            assert sum(_sums(book, (), period, ("subject",)).values()) == 0, book

    @pytest.mark.parametrize("period", MONTHS)
    def test_no_allotment_is_overdrawn(self, period: int) -> None:
        """无预算不开支、有预算不超支：任何月末没有一条指标的任何一栏为负。"""
        balances = _sums("allotment", (*UNSPENT, SPENT), period, ("allotment_id", "subject"))

        assert len(balances) > 2_000
        assert [key for key, fen in balances.items() if fen < 0] == []

    @pytest.mark.parametrize("period", MONTHS)
    def test_the_treasury_account_is_never_empty(self, period: int) -> None:
        balances = _sums("cash", ("1001",), period, ("fund",))

        assert all(fen >= 0 for fen in balances.values())
        assert balances[("general",)] > 0

    def test_every_allotment_adds_up(self) -> None:
        """批复＝已支付＋在途＋冻结＋未到期计划＋可用（＋年终转出），逐条。"""
        ids = Document.objects.filter(kind="budget.allotment", state="released").values_list("id", flat=True)
        found = places.figures(ids)

        assert len(found) > 5_000
        for figure in found.values():
            parts = (
                figure.paid_fen, figure.held_fen, figure.frozen_fen, figure.planned_fen, figure.available_fen,
                figure.closed_fen,
            )  # fmt: skip
            assert figure.approved_fen == sum(parts)
            assert min(parts) >= 0

    def test_every_standing_check_passes(self) -> None:
        result = run_standing_checks()

        assert result.ok, "\n".join(result.lines())

    @pytest.mark.parametrize("year", [2022, 2023])
    def test_the_reply_is_the_budget(self, year: int) -> None:
        """Σ二下批复 ＝ 年初预算批复 ＝ 年初预算账，逐单位、项目。"""
        replied: Counter[tuple[int, int]] = Counter()
        for unit, project, fen in _rows(
            "SELECT unit_id, project_id, reply_fen FROM v_preparation_line WHERE fiscal_year = %s", year
        ):
            replied[unit, project] += fen or 0
        (initial,) = ledger.sums(
            [(ledger.Selection(book="allotment", subjects=("602",), fiscal_years=(year,)), None, None)],
            group_by=("unit_id", "project_id"),
        )

        assert sum(replied.values()) > 300_000_000_000
        assert {key: abs(fen) for key, fen in initial.items() if fen} == {
            k: v for k, v in replied.items() if v
        }

    @pytest.mark.parametrize("year", [2022, 2023])
    def test_nobody_asked_for_more_than_the_control_figure(self, year: int) -> None:
        """二上 ≤ 一下，按单位×项目。"""
        beyond = _rows(
            "SELECT unit_id, project_id FROM v_preparation_line WHERE fiscal_year = %s"
            " GROUP BY unit_id, project_id HAVING sum(second_fen) > max(control_fen)",
            year,
        )

        assert beyond == []


@pytest.mark.slow
@pytest.mark.usefixtures("in_demo_district")
@pytest.mark.django_db
class TestTheYearEndOfTheDistrict:
    """2022年年终：结转、收回，一分不少。"""

    def test_what_was_left_went_somewhere(self) -> None:
        """结余＝结转＋收回：年终处理单的合计等于其各行，结转的正好是新年度的结转指标。"""
        left, carried = _rows(
            "SELECT sum(left_fen)::bigint, sum(left_fen) FILTER (WHERE kind LIKE 'carry%%')::bigint"
            " FROM budget_yearendline"
        )[0]
        header = Document.objects.get(kind="budget.year_end", fiscal_year=2022)
        made = Allotment.objects.filter(document__fiscal_year=2023, origin="carryover")

        assert header.state == "approved"
        assert left == header.amount_fen
        assert sum(made.values_list("document__amount_fen", flat=True)) == carried > 0

    def test_the_old_year_is_empty(self) -> None:
        assert left_of(2022) == {}

    def test_what_was_not_used_in_two_years_was_taken_back(self) -> None:
        """连续两年未用完的资金全部收回。"""
        kinds = _rows("SELECT DISTINCT kind FROM budget_yearendline WHERE rule = 'N07'")

        assert kinds == [("reclaim",)]

    def test_idle_money_was_recovered_once(self) -> None:
        """盘活额＝认定单合计，不重复计算（F16）。"""
        recovered = sum(
            Document.objects.filter(kind="budget.idle", state="recovered").values_list(
                "amount_fen", flat=True
            )
        )
        request = FigureRequest("budget.idle.recovered", 2023, 6)

        assert IdleLine.objects.exists()
        assert figures([request])[request].value >= recovered > 0

    def test_slow_units_ask_for_less_in_2024(self) -> None:
        """执行率低的单位，核减额带入2024年控制数。"""
        cut = dict(
            _rows(
                "SELECT unit_id, sum(cut_fen)::bigint FROM v_budget_execution_cut WHERE fiscal_year = 2024 GROUP BY 1"
            )
        )
        carried = dict(
            _rows(
                "SELECT unit_id, sum(cut_fen)::bigint FROM preparation_carriedcut WHERE fiscal_year = 2024 GROUP BY 1"
            )
        )

        assert 3 <= len(cut) <= 12
        assert carried == cut


@pytest.mark.slow
@pytest.mark.usefixtures("in_demo_district")
@pytest.mark.django_db
class TestTheFiguresOfTheReport:
    """种子报告里本轮活动的数字。"""

    def _figure(self, metric: str, year: int = 2023, month: int = 6):
        request = FigureRequest(metric, year, month)
        return figures([request])[request]

    def test_cut_of_what_was_asked(self) -> None:
        """压减比例28.51％。"""
        assert round(self._figure("preparation.cut.rate").value, 2) == Fraction(2851, 100)
        assert round(self._figure("preparation.cut.rate", 2022).value, 2) == Fraction(2314, 100)

    def test_three_public_items(self) -> None:
        """“三公”经费预算下降0.4％。"""
        assert round(self._figure("austerity.three_public.budget.growth").value, 1) == Fraction(-4, 10)

    def test_money_per_pupil(self) -> None:
        """生均公用经费：2022年普调50元，2023年追加150元。"""
        assert self._figure("standards.pupil.raise", 2022).value == 50
        assert self._figure("standards.pupil.raise", 2023).value == 150

    def test_livelihood_takes_two_thirds_of_the_increment(self) -> None:
        share = self._figure("expenditure.livelihood.increment_share").value

        assert share * 3 >= 200

    @pytest.mark.parametrize("year", [2022, 2023])
    def test_no_item_of_the_three_guarantees_has_a_gap(self, year: int) -> None:
        """三保逐项足额，不以盈补缺。"""
        position = _rows(
            "SELECT item, need_fen, gap_fen FROM v_guarantees_position WHERE fiscal_year = %s", year
        )

        assert len(position) == 15
        assert all(need > 0 and gap == 0 for _, need, gap in position)

    @pytest.mark.parametrize("year", [2022, 2023])
    def test_the_four_budgets_are_balanced(self, year: int) -> None:
        """四本预算各自平衡，调入调出成对。"""
        rows = Document.objects.filter(kind="budget.balance", fiscal_year=year, state="approved")
        moved: dict[str, int] = defaultdict(int)
        for inward, outward in _rows(
            "SELECT transferred_in_fen, transferred_out_fen FROM budget_balance WHERE year = %s AND is_current",
            year,
        ):
            moved["in"] += inward
            moved["out"] += outward

        assert rows.count() == 4
        assert moved["in"] == moved["out"] > 0

    def test_the_plan_has_its_size(self) -> None:
        assert 780 <= Document.objects.filter(kind="projects.project").count() <= 830
        assert len(plan_district.units()) >= 120
