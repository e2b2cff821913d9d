"""A small district with its budget, and the module under test; other modules' published views stand in until then."""

from __future__ import annotations

import pytest
from django.db import connection

STAND_INS = {
    "v_projects_project": """
        CREATE VIEW v_projects_project AS
        SELECT project.document_id AS project_id, project.category, ''::text AS guarantee_item
        FROM projects_project AS project
    """,
}


@pytest.fixture
def published(db: None) -> None:
    """Published views of modules that do not yet publish them."""
    with connection.cursor() as cursor:
        for name, sql in STAND_INS.items():
            cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
            if cursor.fetchone()[0]:
                cursor.execute(sql)
