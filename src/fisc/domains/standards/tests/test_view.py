"""v_standards_need 与纯函数逐行一致；指标、标准的历史。"""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput, Conflict, NotAllowed
from fisc.domains.standards import measures, needs, rates, reading
from fisc.domains.standards.invariants import INVARIANTS
from fisc.domains.standards.models import Rate, Standard
from fisc.domains.standards.tests.conftest import AT, OFFICE, SCHOOL
from fisc.kernel.metrics.fetch import figure
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.rules.standing import run_standing_checks

pytestmark = pytest.mark.django_db
D = dt.date
NEXT_YEAR = D(2024, 1, 1)


def lines(year: int, unit) -> dict[str, tuple[int, int]]:
    """Quantity and amount by standard code."""
    return {
        line.code: (line.quantity, line.amount_fen)
        for line in reading.needs_of(year=year, unit_ids=[unit.pk])
    }


class TestSchools:
    """生均公用经费：学段、特教、寄宿、规模较小学校。"""

    def test_a_school(self, tree, fill):
        fill(_121001=SCHOOL)

        found = lines(2023, tree["121001"])

        assert found["P0101"] == (300, 300 * 72_000) and found["P0102"] == (300, 300 * 28_000)
        assert found["P0401"] == (40, 40 * 30_000)
        assert found["S0102"] == (18, 18 * 4_560_000)
        assert "G0102" not in found and "G0302" not in found, "学校不用公用定额"

    @pytest.mark.parametrize(("pupils", "counted"), [(1, 100), (99, 100), (100, 100), (101, 101)])
    def test_small_schools(self, tree, fill, pupils, counted):
        fill(_121002={"pupils_primary": pupils, "registered_primary": pupils})

        assert lines(2023, tree["121002"])["P0101"] == (counted, counted * 72_000)

    def test_two_small_levels_count_once(self, tree, fill):
        fill(_121002={"pupils_primary": 30, "pupils_junior": 60})

        found = lines(2023, tree["121002"])
        assert found["P0101"][0] == 30 and found["P0201"][0] == 70

    def test_special_pupils_cost_more(self, tree, fill):
        fill(_121002={"pupils_special": 9})

        assert lines(2023, tree["121002"])["P0301"] == (9, 9 * 600_000)

    @pytest.mark.parametrize(("year", "yuan"), [(2021, 800), (2022, 850), (2023, 1_000), (2024, 1_000)])
    def test_standards_by_year(self, tree, fill, year, yuan):
        fill(year, _121001={"pupils_primary": 200})

        found = lines(year, tree["121001"])
        assert found["P0101"][1] + found["P0102"][1] == 200 * yuan * 100


class TestOffices:
    def test_quotas_vehicles_and_floor(self, tree, fill):
        fill(_131=OFFICE)

        found = lines(2023, tree["131"])
        assert found["G0101"] == (12, 12 * 1_500_000), "定额按全部在职人员"
        assert found["G0201"] == (2, 2 * 2_500_000), "超编车辆不计"
        assert found["G0302"] == (1_000, 1_000 * 2_400)

    def test_an_institution_without_pupils_has_the_quota(self, tree, fill):
        fill(_121003={"staff_career": 7})

        assert lines(2023, tree["121003"])["G0102"] == (7, 7 * 800_000)

    def test_only_accepted_reports_count(self, tree, fill):
        fill(_131=OFFICE, accepted=False)

        assert not lines(2023, tree["131"])


def test_the_view_and_the_calculation_agree(tree, fill):
    """随机数据，逐单位逐标准比对。"""
    chance = random.Random(17)
    figures = {
        code: {
            one.code: chance.choice([0, 1, 2, 40, 59, 60, 99, 100, 101, 1_500])
            for one in measures.MEASURES
            if chance.random() < 0.6
        }
        for code in ("101", "121", "121001", "121002", "121003", "131")
    }
    system = system_actor()
    rates.set_rate(
        code="P0102", amount_fen=33_333, valid_from=D(2023, 9, 1), source="试", actor=system, at=AT
    )
    rates.set_rate(
        code="G0201", amount_fen=2_700_001, valid_from=D(2023, 12, 1), source="试", actor=system, at=AT
    )
    for year in (2022, 2023):
        fill(year, **{f"_{code}": row for code, row in figures.items()})
    rules = reading.rules()

    for year in (2022, 2023):
        for code, row in figures.items():
            found = reading.needs_of(year=year, unit_ids=[tree[code].pk])
            wanted = needs.needs(rules, figures=row, unit_kind=tree[code].unit_kind, year=year)
            assert {(x.code, x.quantity, x.standard_fen, x.reported, x.amount_fen) for x in found} == {
                (x.code, x.quantity, x.standard_fen, x.reported, x.amount_fen) for x in wanted
            }, (year, code)
    results = run_standing_checks(at=AT, only=("standards.",), keep=False)
    assert len(results) == len(INVARIANTS)
    assert not [(one.invariant.code, one.sample) for one in results if one.bad_count]


class TestRates:
    """标准的版本：只能往后加，历史不改。"""

    def put(self, actor, fen=33_000, day=NEXT_YEAR, source="区财教〔2023〕88号", **more):
        return rates.set_rate(
            code=more.pop("code", "P0102"),
            amount_fen=fen,
            valid_from=day,
            source=source,
            actor=actor,
            at=AT,
            **more,
        )

    def test_the_one_before_ends_the_day_before(self, people):
        row = self.put(people["officer"])

        dated = Rate.objects.filter(standard__code="P0102").order_by("valid_from")
        assert [str(one.valid_to) for one in dated][-2:] == ["2023-12-31", "None"]
        assert row.least_quantity == 100, "沿用原来的人数"

    def test_the_least_number_may_change_or_go(self, people):
        assert self.put(people["officer"], least_quantity=120).least_quantity == 120
        assert self.put(people["officer"], day=D(2024, 2, 1), least_quantity=0).least_quantity == 0

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"day": D(2024, 1, 2)}, "当月1日"),
            ({"fen": -1}, "不能为负"),
            ({"source": " "}, "依据"),
            ({"code": "ZZ"}, "没有编码"),
            ({"least_quantity": 10_001}, "0到10000"),
        ],
    )
    def test_mistakes(self, people, change, sentence):
        with pytest.raises(BadInput, match=sentence):
            self.put(people["officer"], **change)

    @pytest.mark.parametrize(
        ("day", "refused"), [(D(2022, 12, 1), True), (D(2023, 1, 1), True), (D(2023, 2, 1), False)]
    )
    def test_history_stays(self, people, day, refused):
        if refused:
            with pytest.raises(Conflict, match="历史标准不改"):
                self.put(people["officer"], day=day)
        else:
            self.put(people["officer"], day=day)

    def test_who_may(self, people):
        for who in ("maker", "section", "leader"):
            with pytest.raises(NotAllowed):
                self.put(people[who])

    @pytest.mark.parametrize(
        ("statement", "sentence"),
        [
            ("UPDATE standards_rate SET amount_fen = 1", "不得修改"),
            ("UPDATE standards_rate SET valid_from = '2020-01-01'", "不得修改"),
            ("DELETE FROM standards_rate", "不得删除"),
            ("UPDATE standards_rate SET valid_to = '2023-06-29' WHERE valid_to IS NULL", "last_of_month"),
        ],
    )
    def test_not_by_sql(self, db, statement, sentence):
        with (
            pytest.raises(IntegrityError, match=sentence),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_two_on_one_day_cannot_be(self, db):
        standard = Standard.objects.get(code="S0101")
        with pytest.raises(IntegrityError, match="standards_rate_one_a_day"), transaction.atomic():
            Rate.objects.create(
                standard=standard, amount_fen=1, valid_from=D(2024, 1, 1), source="试", confidence="example"
            )


class TestFigures:
    """指标：普调 50 与 150 元、F12、学生数、在职数。"""

    @pytest.mark.parametrize(("year", "yuan"), [(2021, None), (2022, 50), (2023, 150), (2024, 0)])
    def test_the_raise(self, db, year, yuan):
        assert figure(FigureRequest("standards.pupil.raise", year, 6)).value == yuan

    def test_cost_pupils_staff(self, tree, fill):
        fill(_121001=SCHOOL, _121002={"pupils_primary": 99, "pupils_special": 2}, _131=OFFICE)

        assert figure(FigureRequest("standards.pupil.cost", 2023, 6)).value == (
            300 * 100_000 + 40 * 30_000 + 100 * 100_000 + 2 * 700_000
        )
        assert figure(FigureRequest("standards.pupils", 2023, 1)).value == 300 + 99 + 2
        assert figure(FigureRequest("standards.staff", 2023, 12)).value == 18 + 12
        one = FigureRequest("standards.pupils", 2023, 6, unit_ids=(tree["121002"].pk,))
        assert figure(one).value == 101

    def test_no_data_is_not_zero(self, db):
        assert figure(FigureRequest("standards.pupil.cost", 2023, 6)).value is None
