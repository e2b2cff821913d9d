"""Queries of the hot path: bound and prepared by the server, without the ORM. Screens use the ORM.

Django binds parameters on the client and never prepares; a step of one document is a handful of statements that are
the same every time, so planning them once halves its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import psycopg.sql
from django.db import connection

PREPARE_AFTER = 3
"""A statement is prepared when it comes the fourth time on a connection."""


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """This will run one statement and return its rows. :raises django.db.Error: as the ORM would."""
    with _cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def run(sql: str, params: Sequence[Any] = ()) -> int:
    """This will run one statement that returns no rows and give the number of rows it touched."""
    with _cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def copy_in(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """This will write many rows into a table by COPY."""
    names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, columns))
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(psycopg.sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


class _cursor:
    """A server-binding cursor on Django's connection; Django's own where queries are being recorded or pooled."""

    _cursor: Any

    def __enter__(self) -> Any:
        connection.ensure_connection()
        if connection.queries_logged or connection.execute_wrappers:
            self._errors, self._cursor = None, connection.cursor()
            return self._cursor
        connection.validate_no_broken_transaction()
        raw = connection.connection
        if raw.prepare_threshold is None:
            raw.prepare_threshold = PREPARE_AFTER
        self._errors = connection.wrap_database_errors
        self._errors.__enter__()
        self._cursor = psycopg.Cursor(raw)
        return self._cursor

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._cursor.close()
        if self._errors is not None:
            self._errors.__exit__(kind, error, trace)
