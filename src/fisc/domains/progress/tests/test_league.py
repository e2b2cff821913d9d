"""排名, 通报, 催办: numbers from the ledger, furthest behind first, letters past the limit only."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fisc.base.errors import BadInput, Refusal
from fisc.domains.progress import bulletins, league
from fisc.domains.progress.league import Standing
from fisc.domains.progress.models import BulletinLine, Letter
from fisc.kernel.documents import update_draft
from fisc.kernel.documents.models import Document
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.rules import check as rules

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2023, 3, 1, 10, 0, tzinfo=SHANGHAI)
MARCH = dt.date(2023, 3, 31)
LIMITS = {"urge_points": 5, "talk_points": 10, "reply_workdays": 5}


def standing(base, paid, target="25", key="1"):
    return Standing("unit", key, key, "", int(key), base, paid, Fraction(target), Fraction(25))


class TestNumbers:
    """进度、序时差、滞后金额（F2、F3）."""

    def test_progress_gap_and_pace(self):
        row = standing(1_000_000, 200_000, target="30")

        assert (row.actual_percent, row.gap_points, row.pace_points) == (20, -10, -5)
        assert row.behind_fen == 100_000

    @pytest.mark.parametrize(("paid", "behind"), [(249, 1), (250, 0), (251, 0)])
    def test_the_amount_behind_is_to_the_fen(self, paid, behind):
        assert standing(1_000, paid).behind_fen == behind

    def test_part_of_a_fen_is_a_fen(self):
        assert standing(333, 83, target="25").behind_fen == 1

    def test_without_a_budget_there_is_no_percentage(self):
        row = standing(0, 0)

        assert (row.actual_percent, row.gap_points, row.behind_fen) == (None, None, 0)

    def test_furthest_behind_first_then_the_larger_amount(self):
        rows = [
            standing(0, 0, key="1"), standing(100, 30, key="2"), standing(100, 10, key="3"),
            standing(1_000, 100, key="4"),
        ]  # fmt: skip

        assert [(row.key, row.rank) for row in league.ranked(rows)] == [
            ("4", 1),
            ("3", 2),
            ("2", 3),
            ("1", 4),
        ]

    @pytest.mark.parametrize(
        ("on", "by_day", "percent"),
        [
            (dt.date(2023, 3, 1), False, Fraction(25)),
            (dt.date(2023, 6, 30), True, Fraction(50)),
            (dt.date(2023, 6, 15), True, Fraction(550, 12)),
        ],
    )
    def test_time_counts_months_and_for_weekly_bulletins_days(self, on, by_day, percent):
        assert league.pace(on, by_day=by_day) == percent

    def test_a_target_in_the_middle_of_a_month_is_on_the_way(self):
        months = [Fraction(10), Fraction(24), *[Fraction(30)] * 10]

        assert league.target_at(months, dt.date(2023, 2, 14), by_day=True) == 17
        assert league.target_at(months, dt.date(2023, 1, 31), by_day=True) == 10
        assert league.target_at(months, dt.date(2023, 2, 14)) == 24


@pytest.fixture
def spent(district):
    """Two schools: the first has paid 300 of 1 000 in cash, the second nothing of 500."""
    first = district.allotment(yuan=1_000)
    district.step(district.approved(first, yuan=300, settlement="cash"), "pay_cash", "treasury_officer")
    other = district.units["121002"].pk
    district.allotment(yuan=500, unit_id=other)
    return district


class TestLeague:
    """单位、股室、主管部门排名."""

    def test_the_numbers_are_the_ledger_s(self, spent):
        now = league.progress(on=MARCH)

        units = [(row.label, row.base_fen, row.paid_fen, row.rank) for row in now.standings["unit"]]
        assert units == [("云屿区第二中学", 50_000, 0, 1), ("云屿区第一中学", 100_000, 30_000, 2)]
        assert [(row.label, row.base_fen, row.paid_fen) for row in now.standings["section"]] == [
            ("教科文股", 150_000, 30_000)
        ]
        assert [row.label for row in now.standings["department"]] == ["云屿区教育局"]
        assert now.standings["district"][0].pace_points == 20 - 25

    def test_nothing_counts_that_comes_later(self, spent):
        now = league.progress(on=dt.date(2023, 2, 28))

        assert now.standings["unit"] == ()

    def test_units_see_themselves(self, spent):
        unit = spent.units["121002"].pk

        now = league.progress(on=MARCH, unit_ids=[unit])

        assert [row.unit_id for row in now.standings["unit"]] == [unit]
        assert league.progress(on=MARCH, unit_ids=[]).standings["unit"] == ()

    def test_targets_in_force_are_what_counts(self, spent):
        target = spent.create("progress.target", "treasury_officer", year="2023")
        from fisc.domains.progress import services

        rows = [
            replace(row, months=tuple(max(month, Decimal(40)) for month in row.months))
            for row in services.rows_of(target)
        ]
        services.save_lines(
            document_id=target, rows=rows, version=1, actor=spent.people["treasury_officer"], at=spent.at
        )
        assert league.progress(on=MARCH).standings["unit"][1].gap_points == 5
        assert spent.approve(target, "treasury_officer").state == "in_force"

        now = league.progress(on=MARCH)

        assert [row.gap_points for row in now.standings["unit"]] == [-40, -10]
        assert (now.standings["unit"][1].behind_fen, now.has_target) == (10_000, True)

    def test_the_metrics_say_the_same(self, spent):
        codes = ["progress.base", "progress.paid", "progress.rate", "progress.pace"]
        requests = [FigureRequest(code, 2023, 3) for code in codes]

        found = figures(requests)

        assert [found[request].value for request in requests] == [150_000, 30_000, 20, -5]

    def test_more_units_ask_no_more(self, spent):
        def count():
            with CaptureQueriesContext(connection) as captured:
                league.progress(on=MARCH)
            return len(captured)

        before = count()
        spent.allotment(yuan=100, unit_id=spent.units["121"].pk)

        assert count() <= before <= 6


class TestBulletins:
    """通报固定当时的数；超过界限的单位收到催办或约谈。"""

    @pytest.mark.parametrize(
        ("gap", "manner"),
        [("-5", ""), ("-5.01", "urge"), ("-10", "urge"), ("-10.01", "talk"), ("0", ""), (None, "")],
    )
    def test_only_more_than_the_limit_counts(self, gap, manner):
        assert bulletins.manner_of(Decimal(gap) if gap else None, LIMITS) == manner

    def draft(self, district, **row):
        return district.create("progress.bulletin", "treasury_officer", **{"as_of": AT.date(), **row})

    def test_it_keeps_the_table_of_its_day(self, spent):
        bulletin = self.draft(spent)
        spent.allotment(yuan=100)

        lines = BulletinLine.objects.filter(bulletin_id=bulletin, level="unit").order_by("rank")

        assert Document.objects.get(pk=bulletin).title == "2023年3月支出进度通报"
        assert [(line.label, line.gap_points, line.behind_fen) for line in lines] == [
            ("云屿区第二中学", Decimal("-25.00"), 12_500), ("云屿区第一中学", Decimal("5.00"), 0),
        ]  # fmt: skip

    def test_nothing_to_tell_and_days_ahead_are_refused(self, district):
        with pytest.raises(bulletins.NothingToTell):
            self.draft(district)
        with pytest.raises(BadInput, match="还没有到"):
            self.draft(district, as_of=dt.date(2023, 3, 2))

    def test_a_draft_of_another_day_takes_its_table_anew(self, spent):
        bulletin = self.draft(spent)
        spent.allotment(yuan=100)
        edit = {
            "kind": "progress.bulletin",
            "id": bulletin,
            "actor": spent.people["treasury_officer"],
            "at": spent.at,
        }

        update_draft(**edit, version=1, values={"opinion": "抓紧", "as_of": AT.date(), "rhythm": "monthly"})
        base = BulletinLine.objects.filter(bulletin_id=bulletin, level="district").values_list(
            "base_fen", flat=True
        )
        assert list(base) == [150_000]
        update_draft(**edit, version=2, values={"rhythm": "weekly"})

        assert list(base.all()) == [160_000]
        assert Document.objects.get(pk=bulletin).title == "2023-03-01支出进度通报"

    def letter(self, spent):
        assert spent.approve(self.draft(spent), "treasury_officer").state == "issued"
        return Letter.objects.get()

    def test_issued_it_writes_to_those_far_behind(self, spent):
        letter = self.letter(spent)

        assert (letter.manner, letter.gap_points, letter.behind_fen) == ("talk", Decimal("25.00"), 12_500)
        assert letter.due_on == dt.date(2023, 3, 8)  # five working days after Wednesday, 1 March
        assert letter.document.unit_id == spent.units["121002"].pk
        assert letter.document.state == "sent"

    def test_the_unit_replies_and_the_bureau_accepts(self, spent):
        letter = self.letter(spent)

        with pytest.raises(Refusal, match="理由"):
            spent.step(letter.pk, "reply", "other_maker")
        with pytest.raises(Refusal):
            spent.step(letter.pk, "reply", "maker", comment="别的单位")
        spent.step(letter.pk, "reply", "other_maker", comment="招标已完成，本月底前支付")
        spent.step(letter.pk, "reopen", "treasury_officer", comment="请写明金额")
        assert Letter.objects.get().replied_on is None
        spent.step(letter.pk, "reply", "other_maker", comment="本月支付 200 元")
        spent.step(letter.pk, "close", "treasury_officer")

        assert Letter.objects.get().reply == "本月支付 200 元"
        assert Document.objects.get(pk=letter.pk).state == "closed"

    @pytest.mark.parametrize(("day", "late"), [(8, False), (9, True)])
    def test_a_reply_after_its_day_is_late(self, spent, day, late):
        letter = self.letter(spent)
        assert [row.pk for row in bulletins.overdue(on=dt.date(2023, 3, day))] == [letter.pk] * late

        spent.at = dt.datetime(2023, 3, day, 10, tzinfo=SHANGHAI)
        spent.step(letter.pk, "reply", "other_maker", comment="已加快支付")

        found = rules.check(
            view="v_progress_letter_facts", ids=[letter.pk], stage="after", at=spent.at.date()
        )
        assert [finding.rule.code for finding in found] == ["JD01"] * late

    def test_replies_are_counted(self, spent):
        letter = self.letter(spent)
        requests = [
            FigureRequest(code, 2023, 3) for code in ("progress.letters", "progress.letters.reply_rate")
        ]
        assert [found.value for found in figures(requests).values()] == [1, 0]

        spent.step(letter.pk, "reply", "other_maker", comment="已加快支付")

        assert [found.value for found in figures(requests).values()] == [1, 100]

    def test_a_weekly_one_counts_days(self, spent):
        bulletin = self.draft(spent, rhythm="weekly")

        line = BulletinLine.objects.get(bulletin_id=bulletin, level="district")
        assert Document.objects.get(pk=bulletin).title == "2023-03-01支出进度通报"
        assert line.target_percent == Decimal("16.94")  # (2 + 1/31) / 12
