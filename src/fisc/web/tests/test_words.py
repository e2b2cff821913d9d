"""Codes of choices read as words in lists and files; what lives on is listed over all years."""

from __future__ import annotations

import pytest

from fisc.domains.projects.models import Project
from fisc.kernel.documents import kinds
from fisc.web.pages import values


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("category", {"special": "特定目标类"}),
        ("is_bond", {True: "是", False: "否"}),
        ("document__title", {}),
        ("nothing", {}),
    ],
)
def test_words_of_a_column(path: str, labels: dict) -> None:
    found = values.labels_at(Project, path)

    assert {key: found[key] for key in labels} == labels
    assert bool(found) == bool(labels)


def test_rows_read_in_words() -> None:
    spec = kinds.get("projects.project")
    rows = [{"category": "special", "nature": "", "code": "121001Q01"}]

    values.in_words(Project, [column for column in spec.columns if column.path in rows[0]], rows)

    assert rows == [{"category": "特定目标类", "nature": "", "code": "121001Q01"}]


def test_projects_are_listed_over_all_years(as_user) -> None:
    page = as_user("budget").get("/d/projects.project/").content.decode()

    assert "全部年度" in page and "2023 年度" not in page
