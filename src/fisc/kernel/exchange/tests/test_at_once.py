"""两个人同时导入：同一批只写一次，业务主键相同的两份文件只进一份。"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from fisc.base.errors import Refusal
from fisc.kernel.exchange import run, upload
from fisc.kernel.exchange.tests.conftest import AT, good, lines, table

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committed(ready):
    """The test's own table goes again: nothing is rolled back here."""
    yield ready
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE test_line")


def at_once(ready, *batch_ids):
    """Commit the batches in threads of their own that start together; what became of each."""
    start = Barrier(len(batch_ids))

    def one(batch_id):
        start.wait()
        try:
            return run.commit(batch_id, actor=ready, at=AT).state
        except Refusal as error:
            return error.error_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(batch_ids)) as pool:
        return sorted(pool.map(one, batch_ids))


def checked(ready, content):
    batch = upload.start(
        spec="test.line", content=content, filename="a.xlsx", actor=ready, at=AT, fiscal_year=2023
    )
    return run.validate(batch.pk, actor=ready, at=AT).pk


def test_nothing_comes_in_twice(committed):
    batch = checked(committed, table(good()))
    assert at_once(committed, batch, batch, batch) == [
        "exchange.wrong_state",
        "exchange.wrong_state",
        "written",
    ]
    assert len(lines()) == 1

    same_key = [checked(committed, table(good(number="2号", amount=amount))) for amount in (1, 2, 3)]
    assert at_once(committed, *same_key) == ["exchange.has_errors", "exchange.has_errors", "written"]
    assert len(lines()) == 2

    same_file = [checked(committed, table(good(number="3号"))) for _ in range(2)]
    assert at_once(committed, *same_file) == ["exchange.seen_before", "written"]
    assert len(lines()) == 3
