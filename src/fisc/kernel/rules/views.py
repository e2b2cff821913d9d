"""Fact views as rules see them: their columns with types and Chinese labels (COMMENT ON COLUMN)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from fisc.kernel.rules.errors import ConditionError

SUBJECT_NAMES = ("document_id", "id")
DATE_NAMES = ("fact_on", "business_on", "paid_on", "submitted_on")

COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL), coalesce(col_description(a.attrelid, a.attnum), known.label, '')
FROM pg_attribute AS a
LEFT JOIN LATERAL (
    -- columns named as in the view of headers mean the same
    SELECT col_description(h.attrelid, h.attnum) AS label
    FROM pg_attribute AS h
    WHERE h.attrelid = to_regclass('v_document_facts') AND h.attname = a.attname
) AS known ON true
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
TYPE_LABELS = {
    "bigint": "整数", "integer": "整数", "smallint": "整数", "numeric": "数", "double precision": "数",
    "text": "文字", "character varying": "文字", "date": "日期", "timestamp with time zone": "时间",
    "boolean": "是否", "text[]": "文字列表", "character varying[]": "文字列表",
}  # fmt: skip


@dataclass(frozen=True)
class ViewColumn:
    """One column of a fact view."""

    name: str
    type: str
    label: str

    @property
    def type_label(self) -> str:
        """The type in the user's words."""
        return TYPE_LABELS.get(self.type, self.type)


@dataclass(frozen=True)
class FactView:
    """A fact view: one row per subject, with everything a rule may look at."""

    name: str
    columns: tuple[ViewColumn, ...]

    @property
    def names(self) -> frozenset[str]:
        """The columns' names."""
        return frozenset(column.name for column in self.columns)

    @property
    def subject(self) -> str:
        """The column that identifies the subject: document_id, or else id."""
        return next(name for name in SUBJECT_NAMES if name in self.names)

    @property
    def date(self) -> str | None:
        """The column that says when the fact was, for back-tests."""
        return next((name for name in DATE_NAMES if name in self.names), None)

    def column(self, name: str) -> ViewColumn:
        """The column of that name. :raises KeyError: the view has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@lru_cache(maxsize=64)
def describe(view: str) -> FactView:
    """This will read a view's columns from the database, once per process (views change with migrations only).

    :raises ConditionError: there is no such view, or its rows cannot be told apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [view])
        columns = tuple(ViewColumn(*row) for row in cursor.fetchall())
    if not columns:
        raise ConditionError(f"没有名为 {view} 的事实视图。")
    if not {column.name for column in columns} & set(SUBJECT_NAMES):
        raise ConditionError(f"事实视图 {view} 缺少对象列（document_id 或 id）。")
    return FactView(name=view, columns=columns)
