"""几个人同时办理：单号不断不重，同一环节只算一次，互不死锁。"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from fisc.kernel.approvals.completeness import incomplete
from fisc.kernel.approvals.models import Task
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.tests.kit import AT, make_actor, make_slips

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committed(slip):
    """The test's own table goes again: nothing is rolled back here."""
    yield slip
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW v_slip_facts; DROP TABLE testkit_slip")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads of their own that start together; what each returned."""
    start = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_many_at_once(committed, unit, maker, unit_reviewer):
    made = at_once(*[lambda: make_slips(committed, unit, maker, *range(1, 21)) for _ in range(5)])
    ids = [doc_id for part in made for doc_id in part]
    numbers = sorted(Document.objects.filter(pk__in=ids).values_list("number", flat=True))
    assert numbers == [f"BT2023-{number:06}" for number in range(1, 101)]

    def submit(some: list[int]) -> Callable[[], list[int]]:
        return lambda: perform_many(kind=committed, ids=some, step="submit", actor=maker, at=AT).done

    # the same documents in opposite orders, and in halves: each is submitted by exactly one call
    parts = at_once(submit(ids), submit(ids[::-1]), submit(ids[50:]), submit(ids[:50]))
    assert sorted(doc_id for part in parts for doc_id in part) == sorted(ids)

    second = make_actor("second", "unit_reviewer", unit=unit)

    def approve(who: Any) -> Callable[[], list[int]]:
        return lambda: perform_many(kind=committed, ids=ids, step="approve", actor=who, at=AT).done

    parts = at_once(approve(unit_reviewer), approve(second), approve(unit_reviewer))
    assert sorted(doc_id for part in parts for doc_id in part) == sorted(ids)
    assert Task.objects.filter(document_id__in=ids, outcome="approved").count() == 100
    assert Task.objects.filter(document_id__in=ids, done_at=None, node="国库审核").count() == 100
    assert len(incomplete(ids)) == 100
