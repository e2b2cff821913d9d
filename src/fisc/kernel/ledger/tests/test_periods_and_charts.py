"""Periods that are closed, years that are not open, charts that are in use."""

from datetime import date
from pathlib import Path

import pytest

from fisc.kernel import ledger
from fisc.kernel.ledger import charts, periods
from fisc.kernel.ledger.charts import ChartError, Subject, is_below
from fisc.kernel.ledger.periods import PeriodRefused
from fisc.kernel.ledger.tests.books import ACTOR, AT, account, move, rows

pytestmark = pytest.mark.usefixtures("books")
JANUARY = date(2023, 1, 31)


def codes(*entries: ledger.Entry) -> list[str]:
    return [one.code for one in ledger.post_many(entries=entries, actor_id=ACTOR, at=AT).refusals]


def close(period: int) -> bool:
    return periods.close_period(fiscal_year=2023, period=period, actor_id=ACTOR, at=AT)


class TestPeriods:
    """结账后的期间不再记账；反结账要写明原因并留痕。"""

    def test_closed_by_the_day_it_counts_in(self) -> None:
        assert close(202301)

        assert codes(move("source > paid", 1, on=JANUARY), move("source > paid", 1, on=date(2023, 2, 1))) == [
            "period_closed"
        ]

    def test_in_order(self) -> None:
        with pytest.raises(PeriodRefused, match="2023年1月尚未结账"):
            close(202302)

    def test_twice_changes_nothing(self) -> None:
        assert close(202301)
        assert not close(202301)

    def test_reopened_with_a_reason_and_kept(self) -> None:
        close(202301)

        with pytest.raises(PeriodRefused, match="原因"):
            periods.reopen_period(fiscal_year=2023, period=202301, actor_id=ACTOR, at=AT, reason=" ")
        assert periods.reopen_period(fiscal_year=2023, period=202301, actor_id=ACTOR, at=AT, reason="补记")

        assert codes(move("source > paid", 1, on=JANUARY)) == []
        assert rows("SELECT action, detail ->> 'reason' FROM events_audit ORDER BY id") == [
            ("ledger.period.closed", ""), ("ledger.period.reopened", "补记"),
        ]  # fmt: skip

    def test_reopened_from_the_last(self) -> None:
        close(202301)
        close(202302)

        with pytest.raises(PeriodRefused, match="2023年2月已经结账"):
            periods.reopen_period(fiscal_year=2023, period=202301, actor_id=ACTOR, at=AT, reason="补记")

    def test_no_such_period(self) -> None:
        with pytest.raises(PeriodRefused, match="没有2031年1月"):
            periods.close_period(fiscal_year=2031, period=203101, actor_id=ACTOR, at=AT)

    def test_a_year_that_is_not_open(self) -> None:
        assert codes(move("source > paid", 1, on=date(2024, 1, 1))) == ["year_unopened"]

        periods.open_year(2024)

        assert codes(move("source > paid", 1, on=date(2024, 1, 1))) == []
        assert periods.open_years() == [2022, 2023, 2024]
        assert len(periods.periods_of(2024)) == 12

    def test_each_year_numbers_its_vouchers(self) -> None:
        last = date(2022, 12, 31)
        ledger.post_many(
            entries=[move("source > paid", 1), move("source > paid", 1, on=last), move("source > paid", 1)],
            actor_id=ACTOR, at=AT,
        )  # fmt: skip

        assert rows("SELECT fiscal_year, voucher_no FROM ledger_entry ORDER BY 1, 2") == [
            (2022, 1),
            (2023, 1),
            (2023, 2),
        ]


class TestCharts:
    """科目表：可以增加，已使用的科目不能改变含义。"""

    def test_loading_again_changes_nothing(self) -> None:
        before = charts.all_subjects()

        charts.load_chart(Path(__file__).parent / "chart.csv")

        assert charts.all_subjects() == before

    def test_a_subject_in_use_keeps_its_meaning(self) -> None:
        ledger.ensure_accounts([account("free")])

        with pytest.raises(ChartError, match="已经使用"):
            charts.save_subjects([self.subject("free", default_floor_fen=None)])
        with pytest.raises(ChartError, match="已经使用"):
            charts.save_subjects([self.subject("free.part")])
        charts.save_subjects([self.subject("free", name="可用指标", default_floor_fen=0)])
        assert charts.all_subjects("test")[0].name == "可用指标"

    def test_only_leaves_have_accounts(self) -> None:
        charts.save_subjects([self.subject("1001"), self.subject("100101")])

        with pytest.raises(ledger.UnknownSubject):
            ledger.ensure_accounts([account("1001")])
        assert ledger.ensure_accounts([account("100101")])

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("book,code\na,b\n", "列应为"),
            ("book,code,name,normal_side,floor,note\na,b,c,both,,\n", "第 2 行"),
            ("book,code,name,normal_side,floor,note\na,b,c,debit,1.5,\n", "第 2 行"),
        ],
    )
    def test_bad_files(self, tmp_path: Path, content: str, message: str) -> None:
        path = tmp_path / "chart.csv"
        path.write_text(content, encoding="utf-8")

        with pytest.raises(ChartError, match=message):
            charts.load_chart(path)

    @pytest.mark.parametrize(
        ("code", "parent", "below"),
        [("100101", "1001", True), ("1001.01", "1001", True), ("paid.salary", "paid", True), ("paidup", "paid", False),
         ("1001", "1001", False), ("1002", "1001", False)],
    )  # fmt: skip
    def test_what_is_below(self, code: str, parent: str, below: bool) -> None:
        assert is_below(code, parent) is below

    def subject(self, code: str, **facts: object) -> Subject:
        return Subject(**{"book": "test", "code": code, "name": code, "normal_side": "debit", "default_floor_fen": 0,
                          **facts})  # type: ignore[arg-type]  # fmt: skip
