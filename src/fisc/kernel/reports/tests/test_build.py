"""Reports: rows add up to the 分, drill down to documents, cells are figures, few queries."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fisc.base.errors import NotAllowed
from fisc.kernel.metrics import fetch, figure_id
from fisc.kernel.metrics.tests import books
from fisc.kernel.orgs.models import Unit
from fisc.kernel.reports import layouts
from fisc.kernel.reports.build import build, children
from fisc.kernel.reports.spec import Report, ReportQuery, Row, parse_path, path_text
from fisc.kernel.reports.tests.revenue_layout import REVENUE_BY_ITEM

pytestmark = pytest.mark.django_db

KNOWN = books.metrics()
JUNE = ReportQuery(year=2023, month=6)
MAY = date(2023, 5, 10)


@pytest.fixture(autouse=True)
def _books() -> None:
    books.open_books()


@pytest.fixture
def units() -> dict[str, int]:
    education = Unit.objects.create(code="201", name="云屿区教育局", kind="department")
    school = Unit.objects.create(code="201001", name="云屿一中", kind="unit", parent=education)
    health = Unit.objects.create(code="301", name="云屿区卫健局", kind="department")
    return {"education": education.pk, "school": school.pk, "health": health.pk}


def report(layout: object = layouts.EXPENDITURE_BY_FUNCTION, query: ReportQuery = JUNE) -> Report:
    return build(layout, query, actor=books.BOSS, catalogue=KNOWN)


def values(row: Row) -> dict[str, object]:
    return {cell.key: cell.value for cell in row.cells}


def spend(units: dict[str, int]) -> None:
    books.book(
        books.budget(1000, unit=units["school"], number=11, function="2050202"),
        books.budget(200, unit=units["school"], number=11, function="2050202", initial=False),
        books.budget(500, unit=units["education"], number=12, function="2050101"),
        books.budget(300, unit=units["health"], number=13, function="2100101"),
        books.budget(900, unit=units["school"], number=1, function="2050202", year=2022),
        books.payment(600, on=MAY, unit=units["school"], number=11, function="2050202"),
        books.payment(30, on=date(2023, 6, 30), unit=units["school"], number=11, function="2050202"),
        books.payment(100, on=MAY, unit=units["education"], number=12, function="2050101"),
        books.payment(300, on=MAY, unit=units["health"], number=13, function="2100101"),
        books.payment(7, on=date(2023, 7, 1), unit=units["school"], number=11, function="2050202"),
        books.payment(400, on=date(2022, 6, 1), unit=units["school"], number=1, function="2050202"),
    )


class TestByFunction:
    """支出执行：类、款、项，合计由分计算"""

    def test_classes_and_total(self, units: dict[str, int]) -> None:
        spend(units)

        made = report()

        assert [(row.code, row.name) for row in made.rows] == [("205", "教育支出"), ("210", "卫生健康支出")]
        assert values(made.rows[0]) == {
            "initial": 1500,
            "adjustment": 200,
            "adjusted": 1700,
            "paid": 730,
            "rate": Fraction(73000, 1700),
            "before": 400,
            "increase": 330,
            "growth": Fraction(33000, 400),
        }
        assert values(made.total)["paid"] == 1030
        assert values(made.total)["rate"] == Fraction(1030 * 100, 2000)

    def test_part_without_last_year_is_zero_and_has_no_percentage(self, units: dict[str, int]) -> None:
        spend(units)

        health = values(report().rows[1])

        assert (health["before"], health["increase"], health["growth"]) == (0, 300, None)

    def test_no_year_before_at_all_is_empty(self, units: dict[str, int]) -> None:
        spend(units)

        made = report(query=replace(JUNE, year=2022))

        assert values(made.total)["before"] is None
        assert values(made.total)["increase"] is None

    def test_all_levels_nest_and_add_up(self, units: dict[str, int]) -> None:
        spend(units)

        made = report(query=replace(JUNE, level=3))

        assert [row.path_text for row in made.rows][:5] == [
            "function:205",
            "function:205/function:20501",
            "function:205/function:20501/function:2050101",
            "function:205/function:20502",
            "function:205/function:20502/function:2050202",
        ]
        for depth in (0, 1, 2):
            paid = [row.cell("paid").value for row in made.rows if row.depth == depth]
            assert sum(paid) == made.total.cell("paid").value

    def test_behind_time_progress(self, units: dict[str, int]) -> None:
        """慢 5 个百分点及以上标橙"""
        books.book(
            books.budget(1000, unit=units["school"], function="2050202"),
            books.payment(450, on=MAY, unit=units["school"], function="2050202"),
            books.budget(1000, unit=units["school"], function="2080101"),
            books.payment(451, on=MAY, unit=units["school"], function="2080101"),
        )

        rows = report().rows

        assert [row.cell("rate").behind for row in rows] == [True, False]
        assert report().time_progress == 50

    def test_cells_are_figures(self, units: dict[str, int]) -> None:
        spend(units)

        for cell in report().rows[0].cells:
            request = figure_id.decode(cell.figure_id)
            assert fetch.figure(request, catalogue=KNOWN).value == cell.value

    def test_constant_number_of_queries(self, units: dict[str, int]) -> None:
        spend(units)
        report()
        with CaptureQueriesContext(connection) as few:
            report()
        books.book(
            *[
                books.budget(9, unit=units["school"], number=n, function=f"20{n % 9}0{n % 7}0{n % 8}")
                for n in range(2, 300)
            ]
        )

        with CaptureQueriesContext(connection) as many:
            report()

        assert len(many) == len(few)


class TestDrillDown:
    """类→款→项→指标→支付"""

    def path(self, *parts: str) -> tuple[Row, ...]:
        return children(
            layouts.EXPENDITURE_BY_FUNCTION,
            JUNE,
            parse_path("/".join(parts)),
            actor=books.BOSS,
            catalogue=KNOWN,
        )

    def test_down_to_the_payment(self, units: dict[str, int]) -> None:
        spend(units)

        below = self.path("function:205")
        items = self.path("function:205", "function:20502")
        allotments = self.path("function:205", "function:20502", "function:2050202")
        payments = self.path("function:205", "function:20502", "function:2050202", "allotment:11")

        assert [row.code for row in below] == ["20501", "20502"]
        assert [row.code for row in items] == ["2050202"]
        # last year's allotment of the item is listed beside this year's
        assert [row.path[-1].key for row in allotments] == ["1", "11"]
        assert sum(row.cell("paid").value for row in allotments) == items[0].cell("paid").value == 630
        assert [row.cell("paid").value for row in payments] == [600, 30]
        assert payments[0].detail == "2023-05-10" and not payments[0].has_children

    def test_path_that_does_not_fit(self) -> None:
        with pytest.raises(ValueError, match="fit"):
            self.path("allotment:1")

    def test_path_text_comes_back(self) -> None:
        text = "function:205/allotment:7"

        assert path_text(parse_path(text)) == text
        with pytest.raises(ValueError, match="path"):
            parse_path("nonsense")


class TestByUnit:
    """主管部门→单位→项→指标"""

    def test_departments_then_units(self, units: dict[str, int]) -> None:
        spend(units)
        layout = layouts.EXPENDITURE_BY_UNIT

        made = report(layout)
        inside = children(
            layout, JUNE, parse_path(f"unit:{units['education']}"), actor=books.BOSS, catalogue=KNOWN
        )

        assert [(row.name, row.cell("paid").value) for row in made.rows] == [
            ("云屿区教育局", 730),
            ("云屿区卫健局", 300),
        ]
        assert [(row.name, row.cell("paid").value) for row in inside] == [
            ("云屿区教育局（本级）", 100),
            ("云屿一中", 630),
        ]

    def test_own_units_only(self, units: dict[str, int]) -> None:
        spend(units)
        school = replace(books.BOSS, unit_ids=frozenset({units["school"]}))

        made = build(layouts.EXPENDITURE_BY_FUNCTION, JUNE, actor=school, catalogue=KNOWN)

        assert made.total.cell("paid").value == 630
        with pytest.raises(NotAllowed):
            build(REVENUE_BY_ITEM, JUNE, actor=school, catalogue=KNOWN)
        with pytest.raises(NotAllowed):
            build(
                layouts.EXPENDITURE_BY_FUNCTION,
                replace(JUNE, unit_ids=(units["health"],)),
                actor=school,
                catalogue=KNOWN,
            )

    def test_without_permission(self) -> None:
        with pytest.raises(NotAllowed):
            build(REVENUE_BY_ITEM, JUNE, actor=replace(books.BOSS, permissions=frozenset()), catalogue=KNOWN)


class TestRevenueAndMonths:
    """收入完成、分月"""

    def test_revenue(self) -> None:
        books.book(
            books.task(1000, code="1010101"),
            books.receipt(400, on=MAY, code="1010101"),
            books.receipt(188, on=date(2023, 6, 3), code="1010103"),
            books.receipt(70, on=MAY, code="1030401"),
            books.receipt(490, on=date(2022, 5, 1), code="1010101"),
        )

        made = report(REVENUE_BY_ITEM)
        lines = children(
            REVENUE_BY_ITEM,
            JUNE,
            parse_path("revenue:101/revenue:10101/revenue:1010101"),
            actor=books.BOSS,
            catalogue=KNOWN,
        )

        tax = values(made.rows[0])
        assert (tax["task"], tax["month"], tax["done"], tax["rate"]) == (1000, 188, 588, Fraction(588, 10))
        assert tax["growth"] == 20
        assert values(made.rows[1])["task"] == 0 and values(made.rows[1])["rate"] is None
        assert [row.cell("done").value for row in lines] == [400]

    def test_months(self, units: dict[str, int]) -> None:
        spend(units)

        row = values(report(layouts.EXPENDITURE_BY_MONTH).rows[0])

        assert (row["m05"], row["m06"], row["m01"], row["m07"], row["paid"]) == (700, 30, None, None, 730)

    def test_empty_books(self) -> None:
        made = report()

        assert made.rows == () and made.total.cell("paid").value is None
