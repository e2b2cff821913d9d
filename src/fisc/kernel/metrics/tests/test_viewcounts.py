"""Counts and sums over fact views: periods, filters, distinct, no rows, names that are no names."""

from datetime import date

import pytest
from django.db import connection

from fisc.kernel.metrics import evidence, fetch
from fisc.kernel.metrics.catalogue import Catalogue, catalogue_of
from fisc.kernel.metrics.spec import FigureRequest, Metric, ViewCount

pytestmark = pytest.mark.django_db

ROWS = (
    (1, date(2023, 1, 1), 7, "2050101", "a", 100),
    (2, date(2023, 6, 30), 7, "2050202", "a", 200),
    (3, date(2023, 7, 1), 8, "2080101", "b", 400),
    (4, date(2022, 6, 30), 8, "2080101", "c", 800),
)
FILTERS = (("unit_ids", "unit_id"), ("function", "function_code"))


@pytest.fixture(autouse=True)
def _view() -> None:
    values = ", ".join(["(%s::bigint, %s::date, %s::int, %s::text, %s::text, %s::bigint)"] * len(ROWS))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE probe_fact (document_id, paid_on, unit_id, function_code, payee, amount_fen)"
            f" ON COMMIT DROP AS VALUES {values}",
            [value for row in ROWS for value in row],
        )


def known(measure: str, **more: object) -> Catalogue:
    source = ViewCount("probe_fact", on="paid_on", measure=measure, filters=FILTERS, **more)
    return catalogue_of([Metric("probe", "计数", "count", "", source)])


def value(measure: str, *, where: tuple = (), period: str = "ytd", **filters: object) -> object:
    request = FigureRequest("probe", 2023, 6, **filters)
    return fetch.figure(request, catalogue=known(measure, where=where, period=period)).value


def test_rows_of_the_period() -> None:
    assert value("*") == 2
    assert value("*", period="month") == value("*", only_month=True) == 1
    assert value("*", period="year") == 3
    assert value("*", period="balance") == 3


def test_distinct_and_sum() -> None:
    assert value("distinct:payee") == 1
    assert value("sum:amount_fen") == 300


def test_filters_and_conditions() -> None:
    assert value("*", unit_ids=(8,)) == 0
    assert value("*", function="20502") == 1
    assert value("*", where=(("payee", ("b",)),), period="year") == 1


def test_sum_without_rows_is_no_data() -> None:
    assert value("sum:amount_fen", unit_ids=(8,)) is None


def test_rows_behind_the_count() -> None:
    figure = fetch.figure(FigureRequest("probe", 2023, 6), catalogue=known("sum:amount_fen"))

    first = evidence.entries(figure, limit=1)
    second = evidence.entries(figure, limit=1, cursor=first.next_cursor)

    assert [row.amount_fen for row in (*first.rows, *second.rows)] == [100, 200]
    assert second.next_cursor == ""


def test_names_are_checked() -> None:
    with pytest.raises(ValueError, match="column"):
        value("sum:amount_fen) FROM x; --")
