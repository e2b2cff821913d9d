"""按标准测算填列: lines from v_standards_need, once however often it is done; what cannot be filled is named."""

from __future__ import annotations

import pytest
from django.db import connection

from fisc.domains.preparation import services
from fisc.domains.preparation.models import Line

pytestmark = pytest.mark.django_db
COLUMNS = (
    "fiscal_year integer, unit_id bigint, category text, economic_code text, guarantee_item text, standard_code text,"
    " quantity bigint, standard_fen bigint, amount_fen bigint"
)


@pytest.fixture
def needs(year):
    """Standards of the unit: wages of 10 people in two standards, office money, in the shape of the published view."""
    rows = [
        ("personnel", "30101", "W01", "S1", 10, 6_000_000),
        ("personnel", "30101", "W01", "S2", 10, 1_000_000),
        ("public", "30201", "O01", "S3", 12, 1_500_050),
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE v_standards_need ({COLUMNS}) ON COMMIT DROP")
        for category, economic, item, code, quantity, standard in rows:
            cursor.execute(
                "INSERT INTO v_standards_need VALUES (2023, %s, %s, %s, %s, %s, %s, %s, %s)",
                [year.unit(), category, economic, item, code, quantity, standard, quantity * standard],
            )
    return year


def fill(year, **facts):
    return services.fill_from_standards(
        round_id=year.round_id,
        actor=year.actor("maker"),
        at=year.at,
        **{"functions": {year.unit(): "2050203"}, **facts},
    )


class TestFilling:
    """标准 × 数量 ＝ 申报数，依据写在行上。"""

    def test_lines_and_their_notes(self, needs):
        people = needs.district.project(category="personnel", title="人员经费")
        office = needs.district.project(category="public", title="公用经费")

        filled = fill(needs)

        assert (filled.line_count, filled.total_fen, filled.problems) == (2, 88_000_600, ())
        wages = needs.line(people)
        assert (wages.first_fen, wages.standard_fen, wages.guarantee_item, wages.flags) == (
            70_000_000,
            70_000_000,
            "W01",
            1,
        )
        assert wages.standard_note == "S1 60000 元 × 10；S2 10000 元 × 10"
        assert needs.line(office).standard_note == "S3 15000.5 元 × 12"

    def test_twice_is_once(self, needs):
        needs.district.project(category="personnel", title="人员经费")
        needs.district.project(category="public", title="公用经费")
        fill(needs)
        before = list(Line.objects.order_by("pk").values())

        again = fill(needs, functions=None)

        assert list(Line.objects.order_by("pk").values()) == before
        assert again.total_fen == 88_000_600

    def test_no_project_no_line(self, needs):
        needs.district.project(category="personnel", title="人员经费")

        filled = fill(needs)

        assert filled.line_count == 1
        assert filled.problems == ("云屿区第一中学在项目库中没有公用经费项目，30201 未填列。",)

    def test_no_function_known(self, needs):
        needs.district.project(category="personnel", title="人员经费")

        filled = fill(needs, functions=None)

        assert filled.line_count == 0
        assert "没有可参照的功能科目" in filled.problems[0]
