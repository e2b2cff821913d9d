"""How the ledger calls its functions: prepared statements and binary columns, on Django's own connection."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

import psycopg
from django.db import connection

from fisc.kernel.ledger import arrays

_taught: "WeakSet[psycopg.Connection[Any]]" = WeakSet()


def call(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...]:
    """This function will run a statement on Django's connection, in its transaction, and return its one row.

    Not through Django's cursor: that one writes the parameters into the text of the statement, where megabytes of
    them would have to be parsed, and the statement planned, each time.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return call_on(connection.connection, statement, parameters)


def call_on(
    database: "psycopg.Connection[Any]", statement: str, parameters: Sequence[Any]
) -> tuple[Any, ...]:
    """This function will do the same on any connection of psycopg."""
    if database not in _taught:
        for kind, dumper in arrays.DUMPERS.items():
            database.adapters.register_dumper(kind, dumper)
        _taught.add(database)
    with psycopg.Cursor(database) as cursor:
        cursor.execute(statement, parameters, prepare=True, binary=True)
        row = cursor.fetchone()
    assert row is not None
    return row
