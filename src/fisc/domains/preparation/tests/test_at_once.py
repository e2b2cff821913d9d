"""两人同时填同一项目：先到的占用控制数，后到的按剩余判断；两人各改各的项目，互不等死。"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from fisc.domains.preparation.models import Ceiling, Line

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def places(year):
    """Two projects of two items each, with control figures of 1,500.00; nothing is frozen, nothing rolled back."""
    projects = [year.district.project(title=f"项目{number}") for number in range(2)]
    year.enter(
        [year.row(project, 1_000, economic_code=item) for project in projects for item in ("30213", "30216")]
    )
    source = Line.objects.values_list("project_id", flat=True)[0]
    for project in projects:
        Ceiling.objects.create(
            round_id=year.round_id,
            unit_id=year.unit(),
            project_id=project,
            control_fen=150_000,
            source_id=source,
        )
    return projects


def apart(call: Callable[[], Any]) -> Callable[[], Any]:
    def one() -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    return one


def ask(fen: int, **place: Any) -> Exception | None:
    """Ask in a transaction of its own; what the database refused."""
    try:
        with transaction.atomic():
            Line.objects.filter(**place).update(second_fen=fen)
    except IntegrityError as error:
        return error
    return None


def test_only_one_gets_the_last_fen(places):
    has_written, may_commit = Event(), Event()

    def earlier() -> None:
        with transaction.atomic():
            Line.objects.filter(project_id=places[0], economic_code="30213").update(second_fen=100_000)
            has_written.set()
            assert may_commit.wait(10)

    def later(fen: int) -> Exception | None:
        assert has_written.wait(10)
        return ask(fen, project_id=places[0], economic_code="30216")

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(apart(earlier)), pool.submit(apart(lambda: later(50_001)))
        has_written.wait(10)
        with pytest.raises(TimeoutError):
            second.result(0.5)  # waits for the earlier one
        may_commit.set()
        first.result(10)
        refused = second.result(10)

    assert "150001" in str(refused) and "150000" in str(refused)
    assert Ceiling.objects.get(project_id=places[0]).second_fen == 100_000
    assert ask(50_000, project_id=places[0], economic_code="30216") is None
    assert Ceiling.objects.get(project_id=places[0]).second_fen == 150_000


def test_crossing_saves_end(places):
    """Both change both projects, in opposite orders of lines: ceilings are locked in one order."""
    start = Barrier(2)

    def save(item: str) -> list[Exception | None]:
        start.wait()
        return [ask(fen, economic_code=item) for fen in range(70_000, 70_020)]

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda item: apart(lambda: save(item))(), ("30213", "30216")))

    assert not [error for errors in found for error in errors if error]
    assert set(Ceiling.objects.values_list("second_fen", flat=True)) == {140_038}
