"""三公额度：分项和总额双控，账上把关；调整只走调整单，已用和在途不能调减。"""

import pytest
from django.db import connection

from fisc.base.errors import BadInput
from fisc.domains.austerity import postings, services, standing
from fisc.domains.austerity.items import ABROAD, RECEPTION, RUNNING, TOTAL
from fisc.domains.austerity.services import CeilingRow, ChangeRow
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.keys import Entry, Line
from fisc.kernel.metrics.fetch import figure
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.modules import registry
from fisc.kernel.rules import standing as checks

pytestmark = pytest.mark.django_db


def approved(district, *rows, year=2023):
    """Ceilings in 元: (unit, reception, running, total or None)."""
    doc_id = services.draft_ceilings(
        year=year,
        rows=[
            CeilingRow(
                district.units[unit].pk,
                reception_fen=reception * 100,
                running_fen=running * 100,
                total_fen=None if total is None else total * 100,
            )
            for unit, reception, running, total in rows
        ],
        actor=district.people["budget_officer"],
        at=district.at,
    )
    district.approve(doc_id)
    return doc_id


def hold(district, unit, code, fen):
    """What treasury reserves for a payment under a ceiling."""
    unit_id = district.units[unit].pk
    item = postings.account(year=2023, unit_id=unit_id, economic_code=code)
    whole = postings.account(year=2023, unit_id=unit_id, economic_code=TOTAL)
    lines = (Line(item.with_subject("912"), item, fen), Line(whole.with_subject("922"), whole, fen))
    entry = Entry(kind="test.payment", document_id=None, effective_on=district.at.date(), lines=lines)
    return ledger.hold_many(
        entries=[entry], actor_id=district.people["treasury_officer"].user_id, at=district.at
    )


def left(district, unit, code):
    return standing.ceilings(2023)[district.units[unit].pk, code].left_fen


def change(district, *rows, reason="压减"):
    doc_id = services.draft_changes(
        year=2023,
        rows=[ChangeRow(district.units[unit].pk, code, yuan * 100) for unit, code, yuan in rows],
        reason=reason,
        actor=district.people["budget_officer"],
        at=district.at,
    )
    return district.approve(doc_id)


class TestGiving:
    """下达：910 → 911 分项，910 → 921 总额；总额不大于分项之和。"""

    def test_items_and_total_are_given(self, district):
        approved(district, ("121001", 30_000, 80_000, 100_000))

        found = standing.ceilings(2023)
        unit = district.units["121001"].pk
        assert found[unit, RECEPTION].ceiling_fen == 30_000_00
        assert found[unit, TOTAL].ceiling_fen == 100_000_00

    def test_the_total_is_the_sum_unless_it_is_set(self, district):
        approved(district, ("121001", 30_000, 80_000, None))

        assert left(district, "121001", TOTAL) == 110_000_00

    def test_a_total_above_its_items_is_refused_by_one_fen(self, district):
        unit = district.units["121001"].pk
        fine = CeilingRow(unit, reception_fen=100, total_fen=100)
        over = CeilingRow(unit, reception_fen=100, total_fen=101)

        assert services.check_ceilings([fine]) == []
        assert "大于分项之和" in services.check_ceilings([over])[0][2]

    def test_an_item_of_zero_is_a_ceiling_of_zero(self, district):
        approved(district, ("121001", 30_000, 80_000, None))

        assert hold(district, "121001", ABROAD, 1).refusals[0].code == "floor"

    def test_a_unit_has_one_ceiling_a_year(self, district):
        approved(district, ("121001", 30_000, 0, None))
        second = approved(district, ("121001", 10_000, 0, None))
        other = approved(district, ("121002", 10_000, 0, None))

        assert Document.objects.get(pk=second).state == "in_review"
        assert Document.objects.get(pk=other).state == "approved"
        assert left(district, "121001", RECEPTION) == 30_000_00

    def test_the_standing_checks_hold(self, district):
        approved(district, ("121001", 30_000, 80_000, 100_000))
        change(district, ("121001", RECEPTION, -5_000), ("121001", TOTAL, -5_000))

        found = [check for module in registry.current().modules for check in module.invariants]
        own = [check for check in found if check.code.startswith("austerity.")]
        assert own and all(checks.run_one(check, at=district.at).holds for check in own)


class TestDoubleControl:
    """双控：分项和总额都要够，一分不多。"""

    def test_an_item_pays_to_the_fen_and_not_one_fen_more(self, district):
        approved(district, ("121001", 300, 800, None))

        assert not hold(district, "121001", RECEPTION, 300_00).refusals
        assert hold(district, "121001", RECEPTION, 1).refusals[0].shortfall_fen == 1

    def test_the_total_stops_what_the_item_allows(self, district):
        approved(district, ("121001", 300, 800, 900))

        assert not hold(district, "121001", RUNNING, 800_00).refusals
        assert not hold(district, "121001", RECEPTION, 100_00).refusals
        assert hold(district, "121001", RECEPTION, 1).refusals[0].account.key.subject == "921"

    def test_ninety_percent_is_red_and_a_fen_less_is_not(self, district):
        approved(district, ("121001", 100, 100, None))
        hold(district, "121001", RECEPTION, 89_99)
        unit = district.units["121001"].pk
        assert not standing.ceilings(2023)[unit, RECEPTION].is_red

        hold(district, "121001", RECEPTION, 1)
        assert standing.ceilings(2023)[unit, RECEPTION].is_red


class TestChanges:
    """调整：增减都走单据；已支付和在途的部分不能调减。"""

    def test_a_raise_gives_more(self, district):
        approved(district, ("121001", 300, 0, None))

        assert change(district, ("121001", RECEPTION, 50), ("121001", TOTAL, 50)).state == "approved"
        assert left(district, "121001", RECEPTION) == 350_00

    def test_what_is_held_cannot_be_taken_back(self, district):
        approved(district, ("121001", 300, 0, None))
        hold(district, "121001", RECEPTION, 200_00)

        refused = change(district, ("121001", RECEPTION, -101), ("121001", TOTAL, -101))
        assert refused.state == "in_review"
        taken = change(district, ("121001", RECEPTION, -100), ("121001", TOTAL, -100))
        assert taken.state == "approved"
        assert left(district, "121001", RECEPTION) == 0

    def test_without_a_ceiling_there_is_nothing_to_change(self, district):
        doc_id = services.draft_changes(
            year=2023, rows=[ChangeRow(district.units["121001"].pk, RECEPTION, 1)], reason="增",
            actor=district.people["budget_officer"], at=district.at,
        )  # fmt: skip
        district.step(doc_id, "submit", "budget_officer")
        district.step(doc_id, "approve", "budget_reviewer")

        with pytest.raises(services.NoCeiling, match="没有下达"):
            district.step(doc_id, "approve", "leader")

    @pytest.mark.parametrize(
        ("code", "yuan", "words"), [("30201", 1, "不是三公"), (RECEPTION, 0, "不能为零")]
    )
    def test_mistakes_are_said(self, district, code, yuan, words):
        with pytest.raises(BadInput, match=words):
            change(district, ("121001", code, yuan))

    def test_the_form_moves_item_and_total_together(self, district):
        approved(district, ("121001", 300, 0, None))
        doc_id = district.create(
            "austerity.ceiling_change", economic_code=RECEPTION, change_fen=-50_00, reason="压减", year=2023
        )

        assert district.approve(doc_id).amount_fen == -50_00
        assert (left(district, "121001", RECEPTION), left(district, "121001", TOTAL)) == (250_00, 250_00)


class TestVehicles:
    """车辆超编的单位不得安排购置额度；正好满编可以更新。"""

    def buy(self, district, vehicles):
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE TEMPORARY VIEW v_standards_figure AS SELECT 2023 AS fiscal_year, unit_id, measure,"
                f" quantity FROM (VALUES ({district.units['121001'].pk}, 'vehicle_posts'::text, 5),"
                f" ({district.units['121001'].pk}, 'vehicles'::text, {vehicles}))"
                " AS figure (unit_id, measure, quantity)"
            )
        doc_id = services.draft_ceilings(
            year=2023, rows=[CeilingRow(district.units["121001"].pk, purchase_fen=1)],
            actor=district.people["budget_officer"], at=district.at,
        )  # fmt: skip
        return district.step(doc_id, "submit", "budget_officer")

    def test_as_many_as_posts(self, district):
        assert self.buy(district, 5).state == "in_review"

    def test_one_more_than_posts(self, district):
        with pytest.raises(services.TooManyVehicles, match="编制 5 辆，实有 6 辆，已超编 1 辆"):
            self.buy(district, 6)


class TestFigures:
    """F9：年初预算比年初预算，追加、调剂不影响。"""

    def value(self, metric, year=2023):
        return figure(FigureRequest(metric=metric, year=year, month=12)).value

    def test_budget_against_budget(self, district):
        project = district.project(category="public")
        district.appropriate([{"project_id": project, "yuan": 996, "economic_code": RECEPTION}])

        assert self.value("austerity.three_public.budget") == 996_00
        assert self.value("austerity.three_public.reception.budget") == 996_00
        assert self.value("austerity.three_public.budget.growth") is None

    def test_the_ceiling_is_a_figure(self, district):
        approved(district, ("121001", 300, 800, 900))

        assert self.value("austerity.three_public.ceiling") == 900_00
