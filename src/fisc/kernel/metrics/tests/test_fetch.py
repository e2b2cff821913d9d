"""Figures from the ledger: values, no data, filters, moments of knowledge, evidence, few queries."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fisc.base.errors import NotAllowed
from fisc.kernel import ledger
from fisc.kernel.metrics import evidence, fetch
from fisc.kernel.metrics.catalogue import BadCatalogue, UnknownMetric, catalogue_of
from fisc.kernel.metrics.formulas import Growth
from fisc.kernel.metrics.spec import FigureRequest, Flow, Metric
from fisc.kernel.metrics.tests import books

pytestmark = pytest.mark.django_db

JUNE = date(2023, 6, 30)
MAY = date(2023, 5, 10)
KNOWN = books.metrics()


@pytest.fixture(autouse=True)
def _books() -> None:
    books.open_books()


def ask(metric: str, *, year: int = 2023, month: int = 6, **filters: object) -> FigureRequest:
    return FigureRequest(metric=metric, year=year, month=month, **filters)


def value(metric: str, **more: object) -> object:
    return fetch.figure(ask(metric, **more), catalogue=KNOWN).value


class TestAmounts:
    """累计、当月、任务、退库"""

    def test_receipts_to_the_month(self) -> None:
        books.book(
            books.receipt(700, on=date(2023, 1, 1)),
            books.receipt(300, on=JUNE),
            books.receipt(50, on=date(2023, 7, 1)),
            books.receipt(900, on=date(2022, 6, 30)),
        )

        assert value("revenue.tax") == 1000
        assert value("revenue.tax", month=7) == 1050
        assert value("revenue.tax", year=2022) == 900

    def test_refund_counts_negative(self) -> None:
        books.book(books.receipt(700, on=MAY), books.receipt(-900, on=JUNE))

        assert value("revenue.tax") == -200

    def test_reversal_counts_negative(self) -> None:
        (entry,) = books.book(books.payment(700, on=MAY))
        ledger.reverse_many(entry_ids=[entry], effective_on=JUNE, actor_id=1, at=books.AT, memo="冲销")

        assert value("expenditure.general") == 0
        assert value("expenditure.general", month=5) == 700

    def test_task_of_the_whole_year(self) -> None:
        books.book(books.task(1000), books.receipt(588, on=JUNE))

        assert value("revenue.tax.completion") == Fraction(588, 10)
        assert value("revenue.tax.completion", month=1) is None  # no receipt yet: no data

    def test_month_alone(self) -> None:
        books.book(books.payment(1, on=MAY), books.payment(2, on=JUNE))

        assert value("expenditure.general.month") == 2

    def test_livelihood_follows_the_list(self) -> None:
        books.book(
            books.payment(65, on=MAY, function="2050202"), books.payment(35, on=MAY, function="2010101")
        )

        assert value("expenditure.livelihood") == 65
        assert value("expenditure.livelihood.share") == 65


class TestNoData:
    """没有数据不等于零"""

    def test_empty_books(self) -> None:
        assert value("revenue.tax") is None
        assert value("revenue.tax.growth") is None

    def test_part_without_entries_is_zero_where_the_book_is_kept(self) -> None:
        books.book(books.payment(65, on=MAY, function="2050202"))

        assert value("expenditure.general", function="208") == 0
        assert value("expenditure.general", function="208", year=2022) is None

    def test_no_unit_sees_nothing(self) -> None:
        books.book(books.payment(65, on=MAY))

        assert value("expenditure.general", unit_ids=()) == 0

    def test_other_fund_than_the_metric_s(self) -> None:
        books.book(books.payment(65, on=MAY))

        assert value("expenditure.general", fund="govfund") == 0


class TestFilters:
    """单位、科目、资金性质"""

    def test_unit_and_function(self) -> None:
        books.book(books.payment(65, on=MAY, unit=1), books.payment(5, on=MAY, unit=2, function="2080101"))

        assert value("expenditure.general", unit_ids=(2,)) == 5
        assert value("expenditure.general", function="205") == 65
        assert value("expenditure.livelihood", function="20801") == 5
        assert value("expenditure.livelihood", function="201") == 0

    def test_as_known_on(self) -> None:
        early, late = datetime(2023, 6, 1, tzinfo=UTC), datetime(2023, 7, 5, tzinfo=UTC)
        books.book(books.payment(65, on=MAY), at=early)
        books.book(books.payment(5, on=MAY), at=late)

        assert value("expenditure.general") == 70
        assert value("expenditure.general", as_known_on=early) == 65
        assert value("expenditure.general", as_known_on=late) == 70


class TestQueries:
    """一页的数字一次取齐"""

    def test_number_of_queries_does_not_depend_on_the_books(self) -> None:
        requests = [ask(metric.code) for metric in KNOWN]
        books.book(books.payment(65, on=MAY))
        fetch.figures(requests, catalogue=KNOWN)  # code lists are cached now
        with CaptureQueriesContext(connection) as few:
            fetch.figures(requests, catalogue=KNOWN)
        books.book(*[books.payment(n, on=MAY, function=f"20{n % 10}0101", number=n) for n in range(1, 200)])

        with CaptureQueriesContext(connection) as many:
            fetch.figures(requests, catalogue=KNOWN)

        assert len(many) == len(few) <= 6  # one of the ledger, the others ask whether a code list changed


class TestCatalogue:
    """口径的版本"""

    def test_versions_by_date(self) -> None:
        flow = Flow(book="revenue", subjects=("4003",), side="credit")
        old = Metric("a", "甲", "fen", "旧口径", flow, valid_to=date(2022, 12, 31))
        new = Metric("a", "甲", "fen", "新口径", flow, version=2, valid_from=date(2023, 1, 1))
        growth = Metric("a.growth", "甲同比", "percent", "", Growth(of="a"))
        known = catalogue_of([new, old, growth])
        books.book(books.receipt(3, on=JUNE), books.receipt(2, on=date(2022, 6, 1)))

        figure = fetch.figure(ask("a.growth"), catalogue=known)

        assert known.metric("a", year=2022, month=12).scope == "旧口径"
        assert figure.value == 50
        assert "口径在两个期间不同" in figure.note

    def test_overlapping_versions(self) -> None:
        flow = Flow(book="revenue", subjects=("4003",))
        with pytest.raises(BadCatalogue):
            catalogue_of([Metric("a", "甲", "fen", "", flow), Metric("a", "甲", "fen", "", flow)])

    def test_unknown(self) -> None:
        with pytest.raises(UnknownMetric):
            fetch.figure(ask("x.y"), catalogue=KNOWN)
        with pytest.raises(BadCatalogue):
            catalogue_of([Metric("a", "甲", "percent", "", Growth(of="b"))])


class TestEvidence:
    """数字可查到分录，合计相符"""

    def test_entries_in_pages_add_up(self) -> None:
        books.book(*[books.payment(n, on=MAY, number=n) for n in range(1, 8)])
        figure = fetch.figure(ask("expenditure.general"), catalogue=KNOWN)

        first = evidence.entries(figure, limit=4)
        second = evidence.entries(figure, limit=4, cursor=first.next_cursor)

        assert len(first.rows) == 4 and len(second.rows) == 3 and second.next_cursor == ""
        assert sum(row.amount_fen for row in (*first.rows, *second.rows)) == figure.value == 28

    def test_turnovers_equal_transfers(self) -> None:
        (entry, _) = books.book(books.payment(700, on=MAY), books.payment(3, on=MAY))
        ledger.reverse_many(entry_ids=[entry], effective_on=JUNE, actor_id=1, at=books.AT, memo="冲销")

        proof = evidence.adds_up(fetch.figure(ask("expenditure.general"), catalogue=KNOWN))

        assert proof is not None and proof.is_equal and proof.from_transfers == 3

    def test_page(self) -> None:
        books.book(
            books.payment(150, on=MAY),
            books.payment(50, on=MAY, function="2080101"),
            books.payment(100, on=date(2022, 5, 1)),
        )
        figure = fetch.figure(ask("expenditure.general.growth"), catalogue=KNOWN)

        page = evidence.explain(figure.id, actor=books.BOSS, catalogue=KNOWN)
        amount = evidence.explain(page.inputs[0].figure.id, actor=books.BOSS, check=True, catalogue=KNOWN)

        assert page.figure.value == 100
        assert page.formula_with_numbers == "（2.00 − 1.00）÷ 1.00 × 100 ＝ 100.000000%"
        assert [(part.code, part.amount_fen) for part in amount.parts] == [("205", 150), ("208", 50)]
        assert amount.parts_total_fen == amount.figure.value == 200
        assert amount.adds_up is not None and amount.adds_up.is_equal
        assert len(amount.entries.rows) == 2
        assert ("口径", "已支付") in amount.definition

    def test_digest_follows_value_and_definition(self) -> None:
        books.book(books.payment(150, on=MAY))
        before = fetch.figure(ask("expenditure.general"), catalogue=KNOWN)
        books.book(books.payment(1, on=MAY))

        after = fetch.figure(ask("expenditure.general"), catalogue=KNOWN)

        assert before.digest != after.digest
        assert after.digest == fetch.figure(ask("expenditure.general"), catalogue=KNOWN).digest


class TestPermission:
    """只看得到本单位的数"""

    def test_narrowed_or_refused(self) -> None:
        some = replace(books.BOSS, unit_ids=frozenset({2, 3}))

        seen = evidence.permitted(ask("expenditure.general"), some, catalogue=KNOWN)

        assert seen.unit_ids == (2, 3)
        with pytest.raises(NotAllowed):
            evidence.permitted(ask("expenditure.general", unit_ids=(1, 2)), some, catalogue=KNOWN)
        with pytest.raises(NotAllowed):
            evidence.permitted(ask("revenue.tax"), some, catalogue=KNOWN)
        with pytest.raises(NotAllowed):
            evidence.permitted(
                ask("revenue.tax"), replace(books.BOSS, permissions=frozenset()), catalogue=KNOWN
            )
