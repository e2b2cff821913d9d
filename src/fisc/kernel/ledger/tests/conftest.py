"""The small books for the tests that ask for them, and the superuser for those that must get round the guards."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from fisc.kernel.ledger.tests.books import open_books
from fisc.project import embedded

TABLES = (
    "ledger_hold_line, ledger_hold, ledger_turnover, ledger_transfer, ledger_entry, ledger_period, ledger_year, "
    "ledger_balance, ledger_account, ledger_subject, events_audit, events_seal, events_seal_page"
)


@pytest.fixture
def books(db: None) -> None:
    """Charts and years, taken back after the test."""
    open_books()


@pytest.fixture
def superuser(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """The superuser with all triggers switched off; for tests that commit. Takes away what they have written."""
    if settings.DATABASES["default"]["USER"] != embedded.ROLE:
        pytest.skip("needs the superuser of the embedded database")
    with embedded.admin_connection(connection.settings_dict["NAME"]) as database:
        database.execute("SET session_replication_role = replica")
        _wipe(database)
        yield database
        _wipe(database)


@pytest.fixture
def committed_books(superuser: psycopg.Connection[Any]) -> None:
    """The same books, committed."""
    open_books()


def _wipe(database: psycopg.Connection[Any]) -> None:
    database.execute(f"TRUNCATE {TABLES}")
    partitions = (
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger_transfer'::regclass"
    )
    for (name,) in database.execute(partitions).fetchall():
        database.execute(f"DROP TABLE {name}")
