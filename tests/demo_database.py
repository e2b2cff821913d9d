"""The demo district as a database of its own, played once per test run, for stories and for the browser.

It is played and committed as `fisc demo` does it; inside one big transaction PostgreSQL could neither analyse nor
prune, and it would take three times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, connections

from fisc.base.progress import silent

THROUGH = date(2023, 6, 30)


@pytest.fixture(scope="session")
def demo_database_name(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """The name of a copy of the empty test database in which the demo was played; dropped at the end."""
    with django_db_blocker.unblock():
        empty = connection.settings_dict["NAME"]
        assert empty.startswith("test_"), f"{empty} is not a test database: mark the tests with django_db"
        name = f"{empty}_demo"
        connection.close()
        _execute_elsewhere(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _execute_elsewhere(f'CREATE DATABASE "{name}" TEMPLATE "{empty}"')
        with _connected_to(name):
            from fisc.project import demo

            demo.load(through=THROUGH, progress=silent)
    yield name
    with django_db_blocker.unblock():
        _execute_elsewhere(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def in_demo_district(demo_database_name: str, django_db_blocker) -> Iterator[None]:
    """All tests of the module work in the demo district; what a test changes is rolled back as usual."""
    with django_db_blocker.unblock(), _connected_to(demo_database_name):
        yield


class _connected_to:
    """Point the default connection at another database for a while."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._before = connection.settings_dict["NAME"]
        self._switch(self._name)

    def __exit__(self, *_: object) -> None:
        self._switch(self._before)

    def _switch(self, name: str) -> None:
        connections.close_all()
        connection.settings_dict["NAME"] = name


def _execute_elsewhere(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
