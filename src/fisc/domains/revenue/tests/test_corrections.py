"""收入更正（调库）：红字冲回原流水，按更正后的科目、级次重新入账，差额调国库存款。"""

import pytest

from fisc.domains.revenue import corrections, services
from fisc.domains.revenue.corrections import AlreadyCorrected, BadTarget, NoSuchReceipt, NothingChanges
from fisc.domains.revenue.models import Receipt
from fisc.domains.revenue.panels import correction_panel
from fisc.domains.revenue.tests.conftest import AT, DAY, receipt
from fisc.domains.revenue.tests.ledgers import broken, cash, levels, revenue, value
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.spec import Draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def booked(officer):
    return services.import_daily_reports(
        rows=[receipt(1_001, serial="GK1"), receipt(5_000, "1030501", serial="GK2")], actor=officer, at=AT
    )


def draft(actor, **row):
    values = Draft(
        unit_id=0,
        fiscal_year=2023,
        business_on=AT.date(),
        title="",
        amount_fen=0,
        row={"note": "科目错", **row},
    )
    return corrections.create_corrections(drafts=[values], actor=actor, at=AT)[0]


def correct(officer, reviewer, **row):
    document_id = draft(officer, **row)
    perform(kind=corrections.KIND, id=document_id, step="submit", actor=officer, at=AT)
    return perform(kind=corrections.KIND, id=document_id, step="approve", actor=reviewer, at=AT)


class TestCorrection:
    """更正后账、流水、国库存款一致。"""

    def test_to_another_item_moves_the_difference_of_cash(self, booked, officer, reviewer):
        assert cash() == 400 + 5_000

        correct(officer, reviewer, serial="GK1", new_revenue_code="1010901")

        assert levels("10101") == (0, 0, 0)
        assert levels("10109") == (0, 0, 1_001)
        assert cash() == 1_001 + 5_000
        assert not broken()

    def test_to_another_level_and_fund(self, booked, officer, reviewer):
        correct(officer, reviewer, serial="GK1", new_level="central")
        correct(officer, reviewer, serial="GK2", new_fund="govfund", new_revenue_code="1030148")

        assert levels() == (1_001, 0, 0)
        assert (cash(), cash("govfund")) == (0, 5_000)
        assert revenue("4003", fund="govfund") == 5_000
        assert not broken()

    def test_counts_from_the_day_of_approval(self, booked, officer, reviewer):
        correct(officer, reviewer, serial="GK1", new_revenue_code="1010901")

        assert value("revenue.total", month=6, revenue="10101") == 1_001
        assert value("revenue.total", month=7, revenue="10101") == 0
        assert value("revenue.total", month=7, revenue="10109") == 1_001

    def test_may_be_corrected_again(self, booked, officer, reviewer):
        correct(officer, reviewer, serial="GK1", new_revenue_code="1010901")
        correct(officer, reviewer, serial="GK1", new_revenue_code="1010101")

        assert levels() == (501, 100, 400 + 5_000)
        assert Receipt.objects.filter(serial="GK1").count() == 3
        assert Receipt.objects.get(serial="GK1", is_active=True).entry_id
        assert not broken()

    def test_the_page_shows_before_and_after(self, booked, officer):
        document = Document.objects.get(pk=draft(officer, serial="GK1", new_revenue_code="1010901"))

        rows = correction_panel(document, officer).rows

        assert rows[1][1].startswith("1010101") and rows[1][2].startswith("1010901")


class TestRefusals:
    """不能更正的，说明原因。"""

    def test_unknown_serial(self, booked, officer):
        with pytest.raises(NoSuchReceipt, match="GK9"):
            draft(officer, serial="GK9")

    @pytest.mark.parametrize(
        ("row", "refusal"),
        [
            ({}, NothingChanges),
            ({"new_revenue_code": "10109"}, BadTarget),
            ({"new_fund": "govfund"}, BadTarget),
        ],
    )
    def test_what_cannot_be_booked(self, booked, officer, reviewer, row, refusal):
        with pytest.raises(refusal):
            correct(officer, reviewer, serial="GK1", **row)

    def test_two_corrections_of_one_receipt(self, booked, officer, reviewer):
        first = draft(officer, serial="GK1", new_revenue_code="1010901")
        second = draft(officer, serial="GK1", new_revenue_code="1010901", new_level="district")
        for document_id in (first, second):
            perform(kind=corrections.KIND, id=document_id, step="submit", actor=officer, at=AT)
        perform(kind=corrections.KIND, id=first, step="approve", actor=reviewer, at=AT)

        with pytest.raises(AlreadyCorrected):
            perform(kind=corrections.KIND, id=second, step="approve", actor=reviewer, at=AT)
        assert levels("10109") == (0, 0, 1_001)

    def test_a_report_with_corrections_is_not_reversed(self, booked, officer, reviewer):
        document = correct(officer, reviewer, serial="GK1", new_revenue_code="1010901")

        result = perform_many(
            kind=services.KIND, ids=booked.document_ids, step="reverse", actor=reviewer, at=AT, comment="错"
        )

        assert document.number in str(result.refused[booked.document_ids[0]])
        assert DAY and not broken()
