"""收入指标与报表：同比、完成、占比，逐级到流水；三万笔几秒入账。"""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from fisc.domains.revenue import services
from fisc.domains.revenue.reports import BY_MONTH, GENERAL, TOTAL
from fisc.domains.revenue.tests.conftest import AT, receipt
from fisc.domains.revenue.tests.ledgers import broken, cash, value
from fisc.kernel.reports.build import build, children
from fisc.kernel.reports.spec import ReportQuery

pytestmark = pytest.mark.django_db
THIS, LAST = date(2023, 6, 30), date(2022, 6, 30)


@pytest.fixture
def two_years(officer):
    """上年：增值税 1000（区级 400）、罚没 600；本年：增值税 1500（区级 600）、罚没 500。"""
    rows = [
        receipt(1_000_00, on=LAST),
        receipt(600_00, "1030501", on=LAST),
        receipt(1_500_00, on=THIS),
        receipt(500_00, "1030501", on=THIS),
        receipt(9_000_00, "1100202", on=THIS),
        receipt(7_000_00, "1030501", on=date(2022, 12, 30)),
    ]
    return services.import_daily_reports(rows=rows, actor=officer, at=AT)


class TestFigures:
    """F1、F4：同比对上年同期累计，占比变动是百分点之差。"""

    @pytest.mark.parametrize(
        ("metric", "expected"),
        [
            ("revenue.total", 2_000_00),
            ("revenue.general", 1_100_00),
            ("revenue.tax", 600_00),
            ("revenue.nontax", 500_00),
            ("revenue.total.growth", Fraction(25)),
            ("revenue.general.growth", Fraction(10)),
            ("revenue.tax.growth", Fraction(50)),
            ("revenue.nontax.growth", Fraction(-100, 6)),
            ("revenue.tax.share", Fraction(600, 11)),
            ("revenue.tax.share_change", Fraction(600, 11) - 40),
            ("revenue.transfers", 9_000_00),
        ],
    )
    def test_values(self, two_years, metric, expected):
        assert value(metric) == expected

    def test_without_a_task_there_is_no_completion(self, two_years):
        assert value("revenue.general.completion") is None

    def test_total_is_general_and_upper_levels(self, two_years):
        parts = [value(metric) for metric in ("revenue.central", "revenue.province", "revenue.general")]
        assert sum(parts) == value("revenue.total")


class TestReports:
    """收入完成情况：类、款、项到流水；分月相加等于累计。"""

    @pytest.mark.parametrize(("layout", "tax"), [(GENERAL, 600_00), (TOTAL, 1_500_00)])
    def test_rows_add_up(self, two_years, leader, layout, tax):
        report = build(layout, ReportQuery(year=2023, month=6), actor=leader)

        tops = {row.code: row.cell("done").value for row in report.rows if row.depth == 0}
        assert tops["101"] == tax
        assert tops["103"] == 500_00
        assert report.total.cell("done").value == sum(tops.values())
        assert report.rows[0].cell("growth").value == Fraction(50)

    def test_down_to_the_days_document(self, two_years, leader):
        query = ReportQuery(year=2023, month=6)
        rows = build(GENERAL, query, actor=leader).rows
        path = next(row.path for row in rows if row.code == "10101")
        item = children(GENERAL, query, path, actor=leader)[0]

        (day,) = children(GENERAL, query, item.path, actor=leader)

        assert item.code == "1010101"
        assert day.cell("done").value == 600_00
        assert f"/{two_years.document_ids[-1]}/" in day.url

    def test_months_make_the_year(self, two_years, leader):
        total = build(BY_MONTH, ReportQuery(year=2022, month=12), actor=leader).total

        months = [total.cell(f"m{month:02d}").value or 0 for month in range(1, 13)]
        assert sum(months) == total.cell("done").value == 1_000_00 * 2 // 5 + 600_00 + 7_000_00


@pytest.mark.slow
class TestAWholeYear:
    """三万笔、一年二百五十天，一次入账，分文不差。"""

    def test_thirty_thousand_receipts(self, officer):
        codes = ("1010101", "1010433", "1010601", "1030501", "1011901")
        rows = [
            receipt(1_000 + index, codes[index % 5], on=date(2023, 1, 1) + timedelta(days=index % 250))
            for index in range(30_000)
        ]

        made = services.import_daily_reports(rows=rows, actor=officer, at=AT)

        assert len(made.document_ids) == 250
        assert not broken()
        assert cash() == value("revenue.general", month=12)
