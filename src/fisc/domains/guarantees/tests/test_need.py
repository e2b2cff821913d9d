"""三保清单与需求测算：清单按年换版，需求按人数×标准，批准后冻结。"""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput
from fisc.domains.guarantees import catalogue, services
from fisc.domains.guarantees import position as positions
from fisc.domains.guarantees.catalogue import ItemRow, SelectorRow
from fisc.domains.guarantees.models import ListVersion, Need, NeedLine
from fisc.domains.guarantees.services import NeedRow
from fisc.kernel.documents.models import Document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published")]


def draft(district, *rows, year=2023, who="budget_officer"):
    own = [NeedRow(item, district.units[unit].pk, need_fen=fen) for item, unit, fen in rows]
    return services.draft_need(year=year, own=own, actor=district.people[who], at=district.at)


def approved(district, *rows, year=2023):
    doc_id = draft(district, *rows, year=year)
    assert district.approve(doc_id).state == "approved"
    return doc_id


class TestList:
    """三保清单：整份启用，分年有效，国家标准和地方标准分列。"""

    def test_the_shipped_list_has_the_contracts_items(self):
        items = catalogue.items_of(2023)

        assert [item.code for item in items] == [
            "W01", "W02", "W03", "O01", "O02", *(f"L{number:02}" for number in range(1, 11)),
        ]  # fmt: skip
        assert {item.level for item in items} == {"national", "local"}

    def test_a_new_list_holds_from_its_year_on(self, district):
        rows = [
            *catalogue.rows_of(catalogue.version_for(2023)),
            ItemRow("L11", "托育", "livelihood", "local"),
        ]
        catalogue.adopt_list(
            valid_from_year=2024, items=rows, basis="省财预〔2023〕9号",
            actor=district.people["budget_reviewer"], at=district.at,
        )  # fmt: skip

        assert "L11" not in {item.code for item in catalogue.items_of(2023)}
        assert "L11" in {item.code for item in catalogue.items_of(2024)}

    def test_a_list_that_a_need_was_approved_on_stays(self, district):
        approved(district, ("W01", "121001", 100_00))
        rows = catalogue.rows_of(catalogue.version_for(2023))

        with pytest.raises(catalogue.ListInUse, match="2024 年或以后"):
            catalogue.adopt_list(
                valid_from_year=2023, items=rows, basis="文", actor=district.people["leader"], at=district.at
            )
        later = catalogue.adopt_list(
            valid_from_year=2024, items=rows, basis="文", actor=district.people["leader"], at=district.at
        )
        assert later.valid_from_year == 2024

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (ItemRow("w1", "工资", "wages", "national"), "编码"),
            (ItemRow("W01", " ", "wages", "national"), "名称"),
            (ItemRow("W01", "工资", "pay", "national"), "类别"),
            (ItemRow("W01", "工资", "wages", "high"), "标准"),
            (ItemRow("W01", "工资", "wages", "national", month_weights=(0,) * 12), "权重"),
            (ItemRow("W01", "工资", "wages", "national", selectors=(SelectorRow("staff"),)), "归集口径"),
        ],
    )
    def test_mistakes_are_said(self, district, row, words):
        with pytest.raises(catalogue.BadList, match=words):
            catalogue.adopt_list(
                valid_from_year=2024, items=[row], basis="文", actor=district.people["leader"], at=district.at
            )
        assert ListVersion.objects.count() == 1

    @pytest.mark.parametrize("text", ["1,2,3", "1,1,1,1,1,1,1,1,1,1,1,x"])
    def test_months_are_twelve_numbers(self, text):
        with pytest.raises(BadInput, match="十二个整数"):
            catalogue.parse_weights(text)


class TestNeed:
    """需求 = 人数 × 标准；批准后现行，新版替代旧版，明细冻结。"""

    def test_quantity_times_standard_is_rounded_half_up_to_the_fen(self):
        assert NeedRow("W01", 1, Decimal("2.50"), 33).amount_fen == 83
        assert NeedRow("W01", 1, Decimal("3"), 33).amount_fen == 99

    def test_the_header_is_the_sum_of_the_lines(self, district):
        doc_id = draft(district, ("W01", "121001", 100_00), ("O01", "121002", 50_01))

        assert Document.objects.get(pk=doc_id).amount_fen == 150_01

    @pytest.mark.parametrize(
        ("row", "words"), [(("X99", "121001", 1), "没有“X99”"), (("W01", "121001", 0), "应大于零")]
    )
    def test_lines_outside_the_list_or_without_amount_are_refused(self, district, row, words):
        with pytest.raises(services.BadNeed, match=words):
            draft(district, row)

    def test_an_empty_need_is_not_submitted(self, district):
        doc_id = draft(district)

        with pytest.raises(services.EmptyNeed):
            district.step(doc_id, "submit", "budget_officer")

    def test_a_new_version_takes_the_place_of_the_old_one(self, district):
        first = approved(district, ("W01", "121001", 100_00))
        second = approved(district, ("W01", "121001", 120_00))

        assert Document.objects.get(pk=first).state == "replaced"
        assert list(Need.objects.filter(is_in_force=True).values_list("pk", flat=True)) == [second]
        assert positions.total(positions.position(year=2023)).need_fen == 120_00

    def test_approved_lines_are_frozen_by_the_database(self, district):
        doc_id = approved(district, ("W01", "121001", 100_00))

        with pytest.raises(IntegrityError, match="do not change"), transaction.atomic():
            NeedLine.objects.filter(need_id=doc_id).update(need_fen=1)

    def test_the_months_add_up_to_the_need(self, district):
        approved(district, ("W01", "121001", 100_01))

        assert positions.due_by(year=2023, month=12)["W01"] == 100_01
        assert positions.due_by(year=2023, month=6)["W01"] == 50_01  # 50.005 rounds half up

    def test_the_published_view_says_level_and_months(self, district):
        approved(district, ("L06", "121001", 1200))

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT area, level, need_fen, monthly->>0 FROM v_guarantees_need"
                " WHERE fiscal_year = 2023 AND item = 'L06'"
            )
            assert cursor.fetchone() == ("livelihood", "local", 1200, "100")
