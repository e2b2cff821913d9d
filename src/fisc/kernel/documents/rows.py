"""Rows of module tables, written and read in one statement each, without the ORM's cost per call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from django.db import connection, models

from fisc.kernel import lean

COPY_FROM = 20
"""From this many rows on, rows are written by COPY."""


def insert_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """This will write rows of a module table: attribute names to values, absent ones take the field's default.

    :raises TypeError: a row names something the table does not have.
    """
    if not rows:
        return
    fields, by_key = _columns(model)
    values = [_row_values(model, fields, by_key, row) for row in rows]
    table = model._meta.db_table
    if len(rows) >= COPY_FROM:
        lean.copy_in(table, [str(field.column) for field in fields], values)
        return
    for row in values:
        lean.run(_insert_sql(model), row)


def reads(model: type[models.Model], ids: Sequence[int]) -> lean.Statement:
    """The statement of `read_rows`, for callers that read ahead."""
    return _select(model)[0], (list(ids),)


def read_rows(model: type[models.Model], ids: Sequence[int]) -> dict[int, Any]:
    """This will read the rows of these documents, by document id."""
    sql, names, converters = _select(model)
    found = {}
    for row in lean.fetch(sql, (list(ids),)):
        if converters:
            row = tuple(
                converters[place](value) if place in converters else value for place, value in enumerate(row)
            )
        instance = model.from_db("default", names, row)
        found[instance.pk] = instance
    return found


def _from_database(field: Any, value: Any) -> Any:
    return field.from_db_value(value, None, connection)


@lru_cache(maxsize=256)
def _select(model: type[models.Model]) -> tuple[str, list[str], dict[int, Callable[[Any], Any]]]:
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    columns = ", ".join(quote(str(field.column)) for field in fields)
    key = quote(str(model._meta.pk.column))
    table = quote(model._meta.db_table)
    converters: dict[int, Callable[[Any], Any]] = {
        place: partial(_from_database, field)
        for place, field in enumerate(fields)
        if hasattr(field, "from_db_value")
    }
    sql = f"SELECT {columns} FROM {table} WHERE {key} = ANY(%s::bigint[]) ORDER BY {key}"
    return sql, [field.attname for field in fields], converters


@lru_cache(maxsize=256)
def _columns(model: type[models.Model]) -> tuple[tuple[models.Field, ...], dict[str, models.Field]]:
    """The columns written (identity keys are given by the database) and every name a row may use for them."""
    fields = tuple(
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField) and not getattr(field, "generated", False)
    )
    by_key = {field.attname: field for field in fields} | {field.name: field for field in fields}
    return fields, by_key


def _row_values(
    model: type[models.Model],
    fields: Sequence[models.Field],
    by_key: Mapping[str, models.Field],
    row: Mapping[str, Any],
) -> list[Any]:
    given: dict[str, Any] = {}
    for key, value in row.items():
        if key not in by_key:
            raise TypeError(f"{model.__name__} has no column {key!r}")
        given[by_key[key].attname] = value.pk if isinstance(value, models.Model) else value
    return [
        field.get_db_prep_save(
            given[field.attname] if field.attname in given else field.get_default(), connection
        )
        for field in fields
    ]


@lru_cache(maxsize=256)
def _insert_sql(model: type[models.Model]) -> str:
    quote = connection.ops.quote_name
    fields, _ = _columns(model)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"
