"""冻结版本: freezing a stage and comparing any two versions cell by cell, in SQL (sql/versions.sql, sql/compare.sql)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fisc.base.errors import NotFound
from fisc.domains.preparation.models import Version
from fisc.domains.preparation.words import VersionStage
from fisc.kernel import lean

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

SQL = (Path(__file__).parent / "sql" / "compare.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
FREEZE = "SELECT preparation_freeze(%s, %s, %s, %s)"
What = Literal["added", "removed", "changed"]
WORDS: dict[str, str] = {"added": "增加", "removed": "取消", "changed": "变动"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that differs between two versions; amounts in 分, None: the version has no such cell."""

    what: What
    unit_code: str
    unit: str
    project_id: int
    project: str
    fund: str
    function_code: str
    economic_code: str
    flags: int
    old_fen: int | None
    new_fen: int | None

    @property
    def difference_fen(self) -> int:
        """New minus old."""
        return (self.new_fen or 0) - (self.old_fen or 0)


@dataclass(frozen=True)
class Comparison:
    """Two versions against each other: how many cells differ and by how much; `rows` is one page of them."""

    old: Version
    new: Version
    is_by_project: bool
    counts: dict[str, int]
    sums_fen: dict[str, int]
    rows: tuple[Difference, ...]

    @property
    def total(self) -> int:
        """How many cells differ."""
        return sum(self.counts.values())


def freeze(*, round_id: int, stage: VersionStage, actor: Actor, at: dt.datetime) -> int:
    """This will freeze the amounts of a stage as the round's next version and return its id; one statement."""
    return int(lean.fetch(FREEZE, (round_id, stage.value, actor.user_id, at))[0][0])


def compare(
    *,
    old_id: int,
    new_id: int,
    unit_ids: Sequence[int] | None = None,
    what: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> Comparison:
    """This will compare two versions cell by cell; control figures are known by project, so then both are summed to
    unit x project. The largest differences come first. Amounts in 分.

    :param unit_ids: only these units. :param what: only added, removed or changed cells.
    :raises NotFound: no such version.
    """
    found = Version.objects.select_related("round").in_bulk([old_id, new_id])
    if not {old_id, new_id} <= set(found):
        raise NotFound("没有这个预算版本。")
    old, new = found[old_id], found[new_id]
    by_project = VersionStage.CONTROL in (old.stage, new.stage)
    units = None if unit_ids is None else list(unit_ids)
    cells = QUERIES["projects" if by_project else "cells"]
    given = (old_id, new_id, units, units)
    totals = lean.fetch(cells + QUERIES["totals"], given)
    rows = lean.fetch(cells + QUERIES["page"], (*given, what, what, limit, offset))
    return Comparison(
        old=old,
        new=new,
        is_by_project=by_project,
        counts={row[0]: row[1] for row in totals},
        sums_fen={row[0]: row[2] for row in totals},
        rows=tuple(Difference(*row) for row in rows),
    )
