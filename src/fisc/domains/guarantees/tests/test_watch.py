"""三保资金不得挪作他用；留有缺口的预算不得批复：逐项列明需求、安排、缺口，一分之差见分晓。"""

from __future__ import annotations

import pytest
from django.db import connection

from fisc.domains.guarantees import watch
from fisc.domains.guarantees.tests.test_need import approved
from fisc.kernel.documents.models import Document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published")]
WAGES = {"economic_code": "30101"}


@pytest.fixture
def wages(district):
    """1,000 元 of basic wages in the unit 121001."""
    return district.allotment(1_000, district.project(category="personnel"), **WAGES)


def cut(district, allotment, fen):
    doc_id = district.create(
        "budget.cut", allotment_id=allotment, amount_fen=fen, funding="收回", reason="压减"
    )
    district.step(doc_id, "submit", "budget_officer")
    return Document.objects.get(pk=doc_id)


def vire(district, out, into, fen):
    doc_id = district.create(
        "budget.virement", "maker", out_allotment_id=out, in_allotment_id=into, amount_fen=fen,
        reason="按实际需要调剂使用",
    )  # fmt: skip
    district.step(doc_id, "submit", "maker")
    return Document.objects.get(pk=doc_id)


class TestCuts:
    """追减：减到需求为止，多一分不行。"""

    def test_down_to_the_need_and_not_one_fen_below(self, district, wages):
        approved(district, ("W01", "121001", 800_00))

        assert cut(district, wages, 200_00).state == "in_review"
        with pytest.raises(watch.TakenFromGuarantee, match=r"缺口 0\.01 元") as refused:
            cut(district, wages, 200_01)
        assert refused.value.facts["shortfall_fen"] == 1
        assert "W01 基本工资" in refused.value.message

    def test_an_item_with_a_gap_gives_nothing(self, district, wages):
        approved(district, ("W01", "121001", 1_000_01))

        with pytest.raises(watch.TakenFromGuarantee):
            cut(district, wages, 1)

    def test_without_an_approved_need_nothing_is_held_back(self, district, wages):
        assert cut(district, wages, 1_000_00).state == "in_review"

    def test_other_money_is_free(self, district, wages):
        approved(district, ("W01", "121001", 1_000_00))
        other = district.allotment(500)

        assert cut(district, other, 500_00).state == "in_review"

    def test_two_cuts_that_each_fit_do_not_fit_together(self, district, wages):
        approved(district, ("W01", "121001", 800_00))
        first, second = cut(district, wages, 150_00), cut(district, wages, 150_00)

        assert district.approve_on(first.pk).state == "approved"
        assert district.approve_on(second.pk).state == "in_review"

    def test_the_unit_keeps_its_own_need(self, district, wages):
        """另一单位多安排的，不抵本单位的工资。"""
        project = district.project(category="personnel", unit_id=district.units["121001"].pk)
        district.appropriate(
            [{"project_id": project, "yuan": 5_000, "unit_id": district.units["121002"].pk, **WAGES}]
        )
        approved(district, ("W01", "121001", 900_00), ("W01", "121002", 100_00))

        with pytest.raises(watch.TakenFromGuarantee, match="第一中学"):
            cut(district, wages, 100_01)
        assert cut(district, wages, 100_00).state == "in_review"


class TestVirements:
    """调剂：在同一项目之内可以，调出到需求以下不行。"""

    def test_out_of_the_item_is_refused_below_the_need(self, district, wages):
        into = district.allotment(100, district.project(category="personnel"), economic_code="30103")
        approved(district, ("W01", "121001", 800_00))

        assert vire(district, wages, into, 200_00).state == "in_review"
        with pytest.raises(watch.TakenFromGuarantee):
            vire(district, wages, into, 200_01)

    def test_within_the_item_is_free(self, district, wages):
        into = district.allotment(100, district.project(category="personnel"), **WAGES)
        approved(district, ("W01", "121001", 1_100_00))

        assert vire(district, wages, into, 500_00).state == "in_review"


PREPARED = """
CREATE OR REPLACE TEMPORARY VIEW v_preparation_line AS
SELECT 2023 AS fiscal_year, 1::bigint AS line_id, unit_id, 1::bigint AS project_id, 'general'::text AS fund,
    '2050203'::text AS function_code, economic_code, 0 AS flags, category, ''::text AS nature,
    item AS guarantee_item, fen AS first_fen, fen AS reviewed_fen, fen AS control_fen, fen AS second_fen,
    fen AS reply_fen, true AS is_cuttable
FROM (VALUES {rows}) AS line (unit_id, economic_code, category, item, fen)
"""


def prepare(*rows):
    """Stand in for the budget being prepared, in this connection only: (unit id, economic, category, item, 分)."""
    written = ", ".join(
        f"({unit}, '{code}'::text, '{category}'::text, '{item}'::text, {fen}::bigint)"
        for unit, code, category, item, fen in rows
    )
    with connection.cursor() as cursor:
        cursor.execute(PREPARED.format(rows=written))


class FakeCall:
    """As much of a step's call as the guard looks at."""

    def __init__(self, *documents):
        self.documents, self.refused = list(documents), {}

    def refuse(self, doc_id, refusal):
        self.refused[doc_id] = refusal


@pytest.fixture
def reply(district):
    """A header that stands for the reply of 2023."""
    return Document.objects.get(pk=district.project())


class TestReply:
    """批复：任一项有缺口即不得批复，别项多安排的不抵。"""

    def asked(self, reply):
        call = FakeCall(reply)
        watch.watch_reply(call)
        return call.refused.get(reply.pk)

    def test_full_to_the_fen_passes(self, district, reply):
        approved(district, ("W01", "121001", 800_00), ("L01", "121001", 50_00))
        unit = district.units["121001"].pk
        prepare((unit, "30101", "personnel", "", 800_00), (unit, "30201", "special", "L01", 50_00))

        assert self.asked(reply) is None

    def test_one_fen_short_is_refused_with_the_numbers(self, district, reply):
        approved(district, ("W01", "121001", 800_00), ("L01", "121001", 50_00))
        unit = district.units["121001"].pk
        prepare((unit, "30101", "personnel", "", 900_00), (unit, "30201", "special", "L01", 49_99))

        refused = self.asked(reply)

        assert refused.code == "guarantees.reply_leaves_gap"
        assert "L01 义务教育 需求 50.00 元，安排 49.99 元，缺口 0.01 元" in refused.message
        assert "W01" not in refused.message
        assert refused.facts["shortfall_fen"] == 1
        assert [way.label for way in refused.ways] == ["逐项查看三保缺口", "核实三保需求测算"]

    def test_without_a_need_there_is_nothing_to_hold_against(self, district, reply):
        assert self.asked(reply) is None


def test_the_guards_are_installed():
    from fisc.kernel.documents import guards

    assert watch.watch_reply in guards.of("preparation.reply.issue")
    assert watch.watch_virements in guards.of("budget.virement.approve")
    assert watch.watch_cuts in guards.of("budget.cut.submit")
