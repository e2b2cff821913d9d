"""Queries of the hot path: bound and prepared by the server, without the ORM. Screens use the ORM.

Django binds parameters on the client and never prepares; a step of one document is a handful of statements that are
the same every time. They are planned once per connection: the rules' question over the payments' fact view takes
2 ms to plan and 0.2 ms to answer. Statements over many rows are planned anew, for their size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
import psycopg.sql
from django.db import connection

PREPARE_AFTER = 3
"""A statement is prepared when it comes the fourth time on a connection."""

PLANNED_ONCE = 200
"""Up to this many elements in an array, a statement keeps its plan."""


def prepare_connection(*, connection: Any, **_: object) -> None:
    """This will make a new connection keep the plans of prepared statements (Django's signal `connection_created`)."""
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")


Statement = tuple[str, Sequence[Any]]
_ahead: ContextVar[dict[str, tuple[list[Any], list[tuple[Any, ...]]]] | None] = ContextVar(
    "lean_ahead", default=None
)


def together(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """This will send statements in one go, in order, and return the rows of each: one wait instead of many.

    :raises django.db.Error: of the first that fails.
    """
    if len(statements) < 2 or not _may_gather(statements):
        return [fetch(sql, params) for sql, params in statements]
    raw = connection.connection
    with connection.wrap_database_errors:
        cursors = [psycopg.Cursor(raw) for _ in statements]
        with raw.pipeline():
            for cursor, (sql, params) in zip(cursors, statements, strict=True):
                cursor.execute(sql, [_plain(param) for param in params])
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


@contextmanager
def reading_ahead(statements: Sequence[Statement]) -> Iterator[list[tuple[Any, ...]]]:
    """This will send statements in one go and give the rows of the first; the others answer the `fetch` calls of the
    block that ask just the same, each once."""
    found = together(statements)
    rest = zip(statements[1:], found[1:], strict=True)
    token = _ahead.set({sql: (list(params), rows) for (sql, params), rows in rest})
    try:
        yield found[0]
    finally:
        _ahead.reset(token)


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """This will run one statement and return its rows. :raises django.db.Error: as the ORM would."""
    if (ahead := _ahead.get()) and sql in ahead and ahead[sql][0] == list(params):
        return ahead.pop(sql)[1]
    with _Cursor(planned_anew=_is_large(params)) as cursor:
        cursor.execute(sql, [_plain(param) for param in params])
        return cursor.fetchall() if cursor.description else []


def run(sql: str, params: Sequence[Any] = ()) -> int:
    """This will run one statement that returns no rows and give the number of rows it touched."""
    with _Cursor(planned_anew=_is_large(params)) as cursor:
        cursor.execute(sql, [_plain(param) for param in params])
        return cursor.rowcount


def copy_in(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """This will write many rows into a table by COPY."""
    names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, columns))
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(psycopg.sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _plain(param: Any) -> Any:
    """Arrays as PostgreSQL's own text ({1,2,NULL}): the driver would look at each element for its type, several times
    as long as the statement takes. The statement names the type ("%s::bigint[]")."""
    return "{" + ",".join(map(_element, param)) + "}" if type(param) is list else param


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if type(value) is int:
        return str(value)
    if type(value) is str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'"{value}"'


def _may_gather(statements: Sequence[Statement]) -> bool:
    """Not while queries are being recorded, nor where one is to be planned anew for its size."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if connection.connection.prepare_threshold is None:
        connection.connection.prepare_threshold = PREPARE_AFTER
    recording = connection.queries_logged or connection.execute_wrappers
    return not recording and not any(_is_large(params) for _, params in statements)


def _is_large(params: Sequence[Any]) -> bool:
    return any(isinstance(param, list) and len(param) > PLANNED_ONCE for param in params)


class _Cursor:
    """A server-binding cursor on Django's connection; Django's own, which writes the values into the statement,
    where the statement is to be planned anew, or where queries are being recorded."""

    _cursor: Any

    def __init__(self, *, planned_anew: bool) -> None:
        self._planned_anew = planned_anew
        self._errors: Any = None

    def __enter__(self) -> Any:
        connection.ensure_connection()
        if self._planned_anew or connection.queries_logged or connection.execute_wrappers:
            self._cursor = connection.cursor()
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
