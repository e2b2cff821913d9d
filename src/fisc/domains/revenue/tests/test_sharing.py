"""分成：部分之和等于整体，到分不差；按日期取版本；最长前缀优先。"""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from fisc.base.errors import BadInput, Conflict, NotAllowed
from fisc.base.money import Money
from fisc.domains.revenue import services
from fisc.domains.revenue.models import Sharing
from fisc.domains.revenue.sharing import WHOLE, Shares, SharingTable, district_share, set_sharing
from fisc.domains.revenue.tests.conftest import AT, receipt
from fisc.domains.revenue.tests.ledgers import levels


class TestSplit:
    """按整分分配，余数给余数最大的级次。"""

    @pytest.mark.parametrize(
        ("amount_fen", "parts"),
        [
            (100, (50, 10, 40)),
            (1, (1, 0, 0)),
            (2, (1, 0, 1)),
            (3, (2, 0, 1)),
            (101, (51, 10, 40)),
            (-101, (-51, -10, -40)),
            (0, (0, 0, 0)),
        ],
    )
    def test_value_added_tax(self, amount_fen, parts):
        assert Shares(500_000, 100_000, 400_000).split(amount_fen) == parts

    @given(st.integers(-(10**15), 10**15), st.integers(0, WHOLE), st.integers(0, WHOLE))
    def test_equals_the_books_own_allocation(self, amount_fen, first, second):
        central, province = min(first, second), abs(first - second)
        shares = Shares(central, province, WHOLE - central - province)

        parts = shares.split(amount_fen)

        expected = Money(amount_fen).allocate([shares.central, shares.province, shares.district])
        assert sum(parts) == amount_fen
        assert parts == tuple(part.fen for part in expected)


@pytest.mark.django_db
class TestTable:
    """比例是数据：有日期、可修改、三级之和为百分之百。"""

    def shares(self, code, on=date(2023, 6, 30), fund="general", level="shared"):
        found = SharingTable.read().shares(fund=fund, revenue_code=code, on=on, level=level)
        return found and (found.central, found.province, found.district)

    def test_the_longest_prefix_decides(self):
        assert self.shares("1010101") == (500_000, 100_000, 400_000)
        assert self.shares("1010102") == (1_000_000, 0, 0)
        assert self.shares("1010901") == (0, 0, 1_000_000)
        assert self.shares("1030101", fund="govfund") == (0, 0, 1_000_000)

    def test_a_stated_level_takes_all(self):
        assert self.shares("1010101", level="province") == (0, 1_000_000, 0)

    def test_days_before_the_table_are_unknown(self):
        assert self.shares("1010101", on=date(2017, 12, 31)) is None
        assert self.shares("1010101", on=date(2018, 1, 1)) is not None

    def test_the_share_of_the_district_as_a_number(self):
        assert district_share("1010101", on=date(2023, 1, 1)) == Decimal("0.4")
        with pytest.raises(BadInput, match="分成比例表中没有 9999999"):
            district_share("9999999", on=date(2023, 1, 1))

    @pytest.mark.parametrize(
        "change",
        [{"central_percent": 51}, {"province_percent": Decimal("10.0001")}, {"district_percent": 39}],
    )
    def test_the_database_wants_a_whole(self, change):
        with pytest.raises(IntegrityError, match="revenue_sharing_is_whole"), transaction.atomic():
            Sharing.objects.filter(revenue_code="10101").update(**change)

    def test_two_rules_for_one_day_are_refused(self):
        row = Sharing.objects.get(revenue_code="10101")
        row.pk = None
        row.valid_from = date(2023, 1, 1)
        with pytest.raises(IntegrityError, match="revenue_sharing_one_a_day"), transaction.atomic():
            row.save()


@pytest.mark.django_db
class TestNewRule:
    """新比例从某日起；已分成的不回改。"""

    NEW = {
        "fund": "general",
        "revenue_code": "10101",
        "central": Decimal(50),
        "province": Decimal("12.5"),
        "district": Decimal("37.5"),
        "note": "新体制",
        "at": AT,
    }

    def test_counts_from_its_day(self, reviewer, officer):
        set_sharing(**self.NEW, valid_from=date(2023, 7, 1), actor=reviewer)

        rows = [receipt(1000, on=date(2023, 6, 30)), receipt(1000, on=date(2023, 7, 1))]
        services.import_daily_reports(rows=rows, actor=officer, at=AT)

        assert levels("10101") == (1000, 100 + 125, 400 + 375)

    def test_does_not_reach_back_over_booked_days(self, reviewer, officer):
        services.import_daily_reports(rows=[receipt(1000)], actor=officer, at=AT)

        with pytest.raises(Conflict, match="2023-06-30"):
            set_sharing(**self.NEW, valid_from=date(2023, 6, 30), actor=reviewer)
        set_sharing(**self.NEW, valid_from=date(2023, 7, 1), actor=reviewer)

    def test_needs_the_right_and_a_whole(self, reviewer, officer):
        with pytest.raises(NotAllowed):
            set_sharing(**self.NEW, valid_from=date(2023, 7, 1), actor=officer)
        with pytest.raises(BadInput, match=r"现为 100\.5%"):
            set_sharing(**{**self.NEW, "district": Decimal(38)}, valid_from=date(2023, 7, 1), actor=reviewer)
