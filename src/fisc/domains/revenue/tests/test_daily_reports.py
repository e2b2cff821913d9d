"""国库日报：入账、退库、结账、重复、冲销、库存余额。"""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from fisc.base.errors import Refusal
from fisc.domains.revenue import services
from fisc.domains.revenue.models import DailyReport, Receipt
from fisc.domains.revenue.panels import balance_panel, items_panel, sharing_panel
from fisc.domains.revenue.services import BadReceipts, NotBooked, import_daily_reports
from fisc.domains.revenue.tests.conftest import AT, DAY, receipt
from fisc.domains.revenue.tests.ledgers import broken, cash, levels, revenue, value
from fisc.kernel import codes, ledger
from fisc.kernel.documents.errors import StepNotPermitted
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.ledger import periods

pytestmark = pytest.mark.django_db


def book(officer, *rows, **kwargs):
    return import_daily_reports(rows=rows, actor=officer, at=AT, **kwargs)


class TestBooking:
    """一天一份单据，逐笔入账，按级次分成，区级进国库存款。"""

    def test_one_document_a_day_and_one_entry_a_receipt(self, officer):
        made = book(officer, receipt(10_000), receipt(333, "1010433"), receipt(500, on=date(2023, 6, 29)))

        assert [
            document.title for document in Document.objects.filter(pk__in=made.document_ids).order_by("pk")
        ] == [
            "国库日报 2023-06-29",
            "国库日报 2023-06-30",
        ]
        assert (made.receipt_count, made.total_fen) == (3, 10_833)
        assert Receipt.objects.filter(entry_id__isnull=False).count() == 3
        kinds = [v.kind for v in ledger.vouchers_of_documents(made.document_ids)]
        assert kinds.count("revenue.receipt") == 3 and kinds.count("revenue.cash") == 2

    def test_parts_by_level_to_the_fen(self, officer):
        book(officer, receipt(333), receipt(333, "1010433"), receipt(333, "1030501"))

        assert levels("10101") == (167, 33, 133)
        assert levels("10104") == (200, 27, 106)
        assert levels("103") == (0, 0, 333)
        assert cash() == 133 + 106 + 333
        assert not broken()

    def test_a_stated_level_is_not_shared_again(self, officer):
        book(officer, receipt(500, level="central"), receipt(400, level="district"))

        assert levels("10101") == (500, 0, 400)
        assert cash() == 400

    def test_transfers_and_debt_stand_apart(self, officer):
        book(officer, receipt(700, "1100202"), receipt(900, "1101101"), receipt(50, "1030501"))

        assert (revenue("4005"), revenue("4009")) == (700, 900)
        assert value("revenue.general") == 50
        assert value("revenue.total") == 50
        assert cash() == 1650

    def test_government_funds_are_their_own(self, officer):
        book(officer, receipt(800, "1030148", fund="govfund"))

        assert cash("govfund") == 800 and cash() == 0
        assert value("revenue.govfund") == 800
        assert value("revenue.general") in (0, None)

    def test_codes_are_marked_as_used(self, officer):
        book(officer, receipt(100))

        assert codes.is_used(kind="revenue", code="1010101", fund="general", year=2023)


class TestRefunds:
    """退库为负：冲减收入和国库存款，分成与入库同比例。"""

    def test_a_refund_takes_its_parts_back(self, officer):
        book(officer, receipt(1_001), receipt(-1_001))

        assert levels("10101") == (0, 0, 0)
        assert cash() == 0
        assert not broken()

    def test_income_may_become_negative(self, officer):
        book(officer, receipt(10_000, "1030501", on=date(2023, 6, 1)))
        book(officer, receipt(-2_000))

        assert value("revenue.tax") == -800
        assert value("revenue.general") == 9_200
        assert value("revenue.tax.share") < 0

    def test_cash_must_bear_it_to_the_fen(self, officer):
        book(officer, receipt(800, "1030501", on=date(2023, 6, 1)))

        with pytest.raises(NotBooked, match=r"国库存款.*还差 0.01 元"):
            book(officer, receipt(-801, "1030501"))
        book(officer, receipt(-800, "1030501"))

        assert cash() == 0
        assert DailyReport.objects.count() == 2

    def test_a_day_of_refunds_does_not_touch_the_others_when_refused(self, officer):
        with pytest.raises(NotBooked, match="2023-06-30"):
            book(officer, receipt(500, "1030501", on=date(2023, 6, 1)), receipt(-501, "1030501"))

        assert not DailyReport.objects.exists() and not Receipt.objects.exists()


class TestBadRows:
    """校验：科目、资金性质、金额、凭证号，逐笔说明。"""

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (lambda: receipt(100, "10101"), "不是末级科目"),
            (lambda: receipt(100, "1019999"), "没有编码 1019999"),
            (lambda: receipt(100, "1010101", fund="govfund"), "没有编码 1010101"),
            (lambda: receipt(100, fund="gold"), "没有资金性质"),
            (lambda: receipt(0), "金额不能为零"),
            (lambda: receipt(100, serial=" " * 0 + "x" * 61), "不超过60个字"),
            (lambda: receipt(100, level="city"), "级次“city”"),
            (lambda: receipt(100, on=date(2017, 5, 5)), "分成比例表中没有"),
        ],
    )
    def test_each_fault_is_named(self, officer, row, message):
        with pytest.raises(BadReceipts, match=message):
            book(officer, receipt(1), row())
        assert not Receipt.objects.exists()

    def test_a_serial_twice_in_the_file(self, officer):
        with pytest.raises(BadReceipts, match="GK1 在文件中重复"):
            book(officer, receipt(1, serial="GK1"), receipt(2, serial="GK1"))

    def test_a_serial_already_booked(self, officer):
        book(officer, receipt(1, serial="GK1"))

        with pytest.raises(BadReceipts, match=r"GK1 已入库（RB2023-\d+）"):
            book(officer, receipt(1, serial="GK1"))

    def test_the_database_holds_it_too(self, officer):
        book(officer, receipt(1, serial="GK1"), receipt(2, serial="GK2"))
        with pytest.raises(IntegrityError, match="revenue_receipt_serial_once"), transaction.atomic():
            Receipt.objects.filter(serial="GK2").update(serial="GK1")
        with pytest.raises(IntegrityError, match="revenue_receipt_shares_are_whole"), transaction.atomic():
            Receipt.objects.filter(serial="GK2").update(district_fen=9)


class TestClosedPeriod:
    """已结账的月份不能入账。"""

    @pytest.fixture
    def closed_may(self, bureau, officer):
        for month in range(202301, 202306):
            periods.close_period(fiscal_year=2023, period=month, actor_id=officer.user_id, at=AT)

    def test_the_last_closed_day_is_refused_the_next_booked(self, closed_may, officer):
        with pytest.raises(NotBooked, match="2023-05-31 的国库日报不能入账：所属期间已经结账"):
            book(officer, receipt(100, on=date(2023, 5, 31)))
        book(officer, receipt(100, on=date(2023, 6, 1)))

    def test_one_closed_day_stops_the_whole_file(self, closed_may, officer):
        with pytest.raises(NotBooked):
            book(officer, receipt(100, on=date(2023, 5, 31)), receipt(100))
        assert cash() == 0


class TestReversal:
    """冲销：全日红字冲回，凭证号可以重新导入；经办人无权冲销。"""

    def test_restores_everything_and_frees_the_serials(self, officer, reviewer):
        made = book(officer, receipt(1_000, serial="GK1"), receipt(-300, "1010433", serial="GK2"))

        perform_many(
            kind=services.KIND,
            ids=made.document_ids,
            step="reverse",
            actor=reviewer,
            at=AT,
            comment="重复导入",
        )

        assert levels() == (0, 0, 0) and cash() == 0
        assert not broken()
        book(officer, receipt(1_000, serial="GK1"))
        assert levels() == (500, 100, 400)

    def test_is_dated_on_the_day_it_is_made(self, officer, reviewer):
        made = book(officer, receipt(1_000))
        perform(
            kind=services.KIND, id=made.document_ids[0], step="reverse", actor=reviewer, at=AT, comment="错"
        )

        assert value("revenue.total", month=6) == 1_000
        assert value("revenue.total", month=7) == 0

    def test_the_officer_may_not(self, officer):
        made = book(officer, receipt(1_000))
        with pytest.raises(StepNotPermitted):
            perform(
                kind=services.KIND,
                id=made.document_ids[0],
                step="reverse",
                actor=officer,
                at=AT,
                comment="错",
            )

    def test_needs_a_reason(self, officer, reviewer):
        made = book(officer, receipt(1_000))
        with pytest.raises(Refusal):
            perform(kind=services.KIND, id=made.document_ids[0], step="reverse", actor=reviewer, at=AT)


class TestStatedBalance:
    """国库报表的库存余额与账上国库存款核对到分。"""

    def test_equal_and_off_by_one_fen(self, officer):
        book(officer, receipt(1_000, "1030501"), stated_balances={DAY: 1_000})
        assert not broken()

        book(officer, receipt(500, "1030501", on=date(2023, 7, 1)), stated_balances={date(2023, 7, 1): 1_499})

        bad = broken()["revenue.stated_balance_equals_cash"]
        assert [row["difference_fen"] for row in bad] == [-1]

    def test_the_page_shows_the_difference(self, officer):
        made = book(officer, receipt(1_000, "1030501"), stated_balances={DAY: 999})
        document = Document.objects.get(pk=made.document_ids[0])

        assert dict(balance_panel(document, officer).rows)["差额"] == "\u22120.01"
        assert items_panel(document, officer).rows[0][1:] == (1, "10.00", "10.00")
        assert sharing_panel(document, officer).rows[2] == ("区级", 1_000)


class TestStandingChecks:
    """入库流水等于收入账；税加非税等于一般公共预算收入。"""

    def test_a_changed_row_is_found(self, officer):
        book(officer, receipt(1_000, "1030501", serial="GK1"))
        Receipt.objects.filter(serial="GK1").update(amount_fen=999, district_fen=999)

        assert broken()["revenue.receipts_equal_ledger"][0]["receipts_fen"] == 999

    def test_upper_levels_below_nothing(self, officer):
        book(officer, receipt(5_000, "1030501"), receipt(-100, level="central"))

        assert "revenue.total_not_below_general" in broken()
