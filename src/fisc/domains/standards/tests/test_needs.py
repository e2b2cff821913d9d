"""标准 × 数量: the calculation itself, on both sides of every border."""

from __future__ import annotations

import datetime as dt

import pytest

from fisc.domains.standards import needs
from fisc.domains.standards.needs import DatedAmount, Rule

D = dt.date
PRIMARY = (
    DatedAmount(80_000, D(2021, 1, 1), D(2021, 12, 31), 100),
    DatedAmount(85_000, D(2022, 1, 1), D(2022, 12, 31), 100),
    DatedAmount(100_000, D(2023, 1, 1), None, 100),
)


class TestDates:
    """标准按日期：2022-12-31 是旧标准，2023-01-01 是新标准。"""

    @pytest.mark.parametrize(
        ("day", "fen"),
        [
            (D(2020, 12, 31), None),
            (D(2021, 1, 1), 80_000),
            (D(2021, 12, 31), 80_000),
            (D(2022, 1, 1), 85_000),
            (D(2022, 12, 31), 85_000),
            (D(2023, 1, 1), 100_000),
            (D(2099, 1, 1), 100_000),
        ],
    )
    def test_the_day_decides(self, day: dt.date, fen: int | None) -> None:
        assert needs.amount_on(PRIMARY, day) == fen

    @pytest.mark.parametrize(
        ("year", "fen"), [(2020, None), (2021, 80_000), (2022, 85_000), (2023, 100_000), (2024, 100_000)]
    )
    def test_a_whole_year(self, year: int, fen: int | None) -> None:
        assert needs.amount_of_year(PRIMARY, year) == fen

    def test_a_change_in_september_counts_four_months(self) -> None:
        amounts = (DatedAmount(60_000, D(2023, 1, 1), D(2023, 8, 31)), DatedAmount(72_000, D(2023, 9, 1)))

        assert needs.amount_of_year(amounts, 2023) == 64_000  # (600 × 8 + 720 × 4) ÷ 12
        assert needs.amount_of_year(amounts, 2024) == 72_000

    def test_half_up_to_the_fen(self) -> None:
        assert needs.amount_of_year((DatedAmount(6, D(2023, 12, 1)),), 2023) == 1  # 0.5 分
        assert needs.amount_of_year((DatedAmount(5, D(2023, 12, 1)),), 2023) == 0

    def test_an_ended_standard_counts_no_more(self) -> None:
        assert needs.amount_of_year((DatedAmount(5, D(2020, 1, 1), D(2022, 12, 31)),), 2023) is None


class TestRaise:
    """普调：2022 年 50 元，2023 年再加 150 元，取各学段较小者。"""

    JUNIOR = (
        DatedAmount(100_000, D(2021, 1, 1), D(2021, 12, 31)),
        DatedAmount(105_000, D(2022, 1, 1), D(2022, 12, 31)),
        DatedAmount(120_000, D(2023, 1, 1)),
    )

    @pytest.mark.parametrize(("year", "fen"), [(2021, None), (2022, 5_000), (2023, 15_000), (2024, 0)])
    def test_by_year(self, year: int, fen: int | None) -> None:
        assert needs.raise_of_year({"primary": PRIMARY, "junior": self.JUNIOR}, year) == fen

    def test_only_what_every_level_got(self) -> None:
        flat = (DatedAmount(100_000, D(2021, 1, 1)),)

        assert needs.raise_of_year({"primary": PRIMARY, "junior": flat}, 2022) == 0

    def test_cost_of_a_change(self) -> None:
        assert needs.cost_of_change(old_fen=85_000, new_fen=100_000, quantity=1_234) == 18_510_000
        assert needs.cost_of_change(old_fen=85_000, new_fen=100_000, quantity=1_234, months=4) == 6_170_000
        assert needs.cost_of_change(old_fen=100, new_fen=50, quantity=3) == -150


class TestSmallSchools:
    """不足 100 人的学校按 100 人：99、100、101 和九年一贯制。"""

    @pytest.mark.parametrize(("pupils", "counted"), [(1, 100), (99, 100), (100, 100), (101, 101), (0, 0)])
    def test_one_level(self, pupils: int, counted: int) -> None:
        assert needs.counted("pupils_primary", {"pupils_primary": pupils}, 100) == counted

    def test_two_levels_count_together(self) -> None:
        small = {"pupils_primary": 60, "pupils_junior": 30}

        assert needs.counted("pupils_primary", small, 100) == 70
        assert needs.counted("pupils_junior", small, 100) == 30

    def test_a_small_level_of_a_big_school_gets_nothing_extra(self) -> None:
        school = {"pupils_primary": 80, "pupils_junior": 300}

        assert needs.counted("pupils_primary", school, 100) == 80

    def test_equal_levels_favour_the_primary_one(self) -> None:
        school = {"pupils_primary": 20, "pupils_junior": 20}

        assert needs.counted("pupils_primary", school, 100) == 80
        assert needs.counted("pupils_junior", school, 100) == 20

    def test_the_number_is_the_standard_s(self) -> None:
        assert needs.counted("pupils_primary", {"pupils_primary": 99}, None) == 99
        assert needs.counted("pupils_primary", {"pupils_primary": 99}, 120) == 120

    def test_special_schools_have_no_least_number(self) -> None:
        assert needs.counted("pupils_special", {"pupils_special": 9}, 100) == 9


class TestVehicles:
    @pytest.mark.parametrize(("posts", "held", "counted"), [(3, 2, 2), (3, 3, 3), (3, 4, 3), (0, 1, 0)])
    def test_within_their_posts(self, posts: int, held: int, counted: int) -> None:
        assert needs.counted("vehicles", {"vehicles": held, "vehicle_posts": posts}, None) == counted


class TestScopes:
    SCHOOL, OFFICE = {"pupils_primary": 1}, {"staff_admin": 3}

    @pytest.mark.parametrize(
        ("scope", "unit_kind", "figures", "does"),
        [
            ("any", "institution", SCHOOL, True),
            ("administrative", "administrative", OFFICE, True),
            ("administrative", "institution", OFFICE, False),
            ("institution", "institution", SCHOOL, True),
            ("career", "institution", OFFICE, True),
            ("career", "institution", SCHOOL, False),
            ("career", "administrative", OFFICE, False),
            ("school", "institution", SCHOOL, True),
            ("school", "institution", {"pupils_primary": 0}, False),
            ("not_school", "institution", SCHOOL, False),
            ("not_school", "administrative", OFFICE, True),
        ],
    )
    def test_applies(self, scope: str, unit_kind: str, figures: dict[str, int], does: bool) -> None:
        assert needs.applies(scope, unit_kind=unit_kind, figures=figures) is does


def test_all_needs_of_a_school() -> None:
    rules = [
        Rule("S", "staff", "any", (DatedAmount(1_000_000, D(2021, 1, 1)),)),
        Rule("G", "staff", "career", (DatedAmount(1, D(2021, 1, 1)),)),
        Rule("P", "pupils_primary", "any", PRIMARY),
        Rule("B", "boarders", "any", (DatedAmount(20_000, D(2021, 1, 1)),)),
        Rule("X", "pupils_junior", "any", PRIMARY),
    ]
    figures = {"staff_admin": 0, "staff_career": 12, "pupils_primary": 99, "boarders": 40}

    found = needs.needs(rules, figures=figures, unit_kind="institution", year=2023)

    assert [(need.code, need.quantity, need.amount_fen) for need in found] == [
        ("S", 12, 12_000_000), ("P", 100, 10_000_000), ("B", 40, 800_000),
    ]  # fmt: skip


class TestExplained:
    def test_plain(self) -> None:
        text = needs.explanation(
            measure="pupils_primary", standard_fen=100_000, quantity=1_234, reported=1_234
        )

        assert text == "1,000.00 元 × 1,234 人 ＝ 1,234,000.00 元"

    def test_small_school_and_vehicles_say_why(self) -> None:
        assert "在校生 99 人" in needs.explanation(
            measure="pupils_primary", standard_fen=1, quantity=100, reported=99
        )
        assert "按编制内" in needs.explanation(measure="vehicles", standard_fen=1, quantity=3, reported=4)
