"""冻结版本: never changed, whatever door; compared cell by cell; a change past the triggers is found."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.domains.preparation import services
from fisc.domains.preparation.invariants import INVARIANTS
from fisc.domains.preparation.models import Line, Version, VersionLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(year):
    """一上 1,000 + 500 + 300, reviewed 700 + 0 + 300, an addition at review is not possible: three versions."""
    project = year.district.project()
    year.enter(
        [year.row(project, y, economic_code=c) for y, c in ((1_000, "30213"), (500, "30216"), (300, "30211"))]
    )
    year.send()
    lines = {line.economic_code: line for line in Line.objects.all()}
    year.review((lines["30213"], 700, "压减"), (lines["30216"], 0, "取消"), (lines["30211"], 300, ""))
    year.step("close_first")
    year.control()
    year.step("issue_controls")
    return year


def versions():
    return {one.stage: one for one in Version.objects.all()}


class TestFrozen:
    """版本不能改、不能删、不能加。"""

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE preparation_versionline SET amount_fen = amount_fen + 1",
            "DELETE FROM preparation_versionline",
            "TRUNCATE preparation_versionline",
            "UPDATE preparation_version SET total_fen = 0",
            "DELETE FROM preparation_version",
            "INSERT INTO preparation_versionline (version_id, unit_id, project_id, fund, function_code, economic_code, flags,"
            " guarantee_item, amount_fen) SELECT id, 1, 1, 'general', '1', '1', 0, '', 1 FROM preparation_version LIMIT 1",
        ],
    )
    def test_no_statement_changes_it(self, frozen, sql):
        with (
            pytest.raises(IntegrityError, match="冻结的预算版本"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)

    def test_the_digest_finds_what_went_past_the_triggers(self, frozen):
        check = next(one for one in INVARIANTS if one.code == "preparation.versions_unchanged")
        with connection.cursor() as cursor:
            cursor.execute(check.sql)
            assert cursor.fetchall() == []
            cursor.execute("ALTER TABLE preparation_versionline DISABLE TRIGGER USER")
            cursor.execute(
                "UPDATE preparation_versionline SET economic_code = '30299' WHERE economic_code = '30211'"
            )
            cursor.execute("ALTER TABLE preparation_versionline ENABLE TRIGGER USER")
            cursor.execute(check.sql)
            assert len(cursor.fetchall()) == 2

    def test_the_lines_go_on_the_version_stays(self, frozen):
        services.fill_second(round_id=frozen.round_id, actor=frozen.actor("maker"), at=frozen.at)

        assert VersionLine.objects.filter(version_id=versions()["first"].pk).count() == 3


class TestCompare:
    """逐格比较：增加、取消、变动及差额。"""

    def test_cell_by_cell(self, frozen):
        held = versions()

        result = services.compare(old_id=held["first"].pk, new_id=held["review"].pk)

        assert result.counts == {"removed": 1, "changed": 1}
        assert result.sums_fen == {"removed": -50_000, "changed": -30_000}
        assert [(one.what, one.economic_code, one.old_fen, one.new_fen) for one in result.rows] == [
            ("removed", "30216", 50_000, None), ("changed", "30213", 100_000, 70_000),
        ]  # fmt: skip

    def test_the_other_way_round_it_is_added(self, frozen):
        held = versions()

        result = services.compare(old_id=held["review"].pk, new_id=held["first"].pk, what="added")

        assert [(one.what, one.difference_fen) for one in result.rows] == [("added", 50_000)]

    def test_control_figures_are_compared_by_project(self, frozen):
        held = versions()

        result = services.compare(old_id=held["first"].pk, new_id=held["control"].pk)

        assert result.is_by_project
        assert [(one.old_fen, one.new_fen) for one in result.rows] == [(180_000, 100_000)]

    def test_the_same_is_no_difference(self, frozen):
        held = versions()

        assert services.compare(old_id=held["first"].pk, new_id=held["first"].pk).total == 0

    def test_only_units_one_sees(self, frozen):
        held = versions()

        result = services.compare(
            old_id=held["first"].pk, new_id=held["review"].pk, unit_ids=[frozen.unit("121002")]
        )

        assert result.total == 0
