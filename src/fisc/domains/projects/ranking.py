"""主管部门评审排序: the order in which a department would spend on its projects, for one budget year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fisc.base.errors import BadInput, Conflict, NotAllowed
from fisc.domains.projects.models import Project, Rank
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

PERMISSION = "projects.project.rank"
RANKED_STATES = ("draft", "returned", "in_review", "in_library", "running")
RANKED_CATEGORIES = ("operating", "special")


class RankedMeanwhile(Conflict):
    """{name} 已在 {when} 改过排序，请刷新后再排。"""

    code = "projects.ranked_meanwhile"


@dataclass(frozen=True)
class Candidate:
    """One project of a department that may be ranked for a year."""

    project_id: int
    code: str
    title: str
    unit: str
    state: str
    node: str
    nature: str
    total_fen: int
    year_fen: int | None
    rank: int | None


def departments(actor: Actor) -> list[Unit]:
    """The departments whose projects the actor may see, by code."""
    units = Unit.objects.filter(parent=None, is_active=True).exclude(kind=Unit.Kind.BUREAU)
    if actor.unit_ids is not None:
        units = units.filter(Q(pk__in=actor.unit_ids) | Q(children__in=actor.unit_ids)).distinct()
    return list(units.order_by("code"))


def candidates(*, department_id: int, fiscal_year: int) -> list[Candidate]:
    """The projects of a department that run in that year, ranked ones first; one query."""
    rows = (
        Project.objects.filter(
            Q(document__unit_id=department_id) | Q(document__unit__parent_id=department_id),
            document__state__in=RANKED_STATES,
            category__in=RANKED_CATEGORIES,
            start_year__lte=fiscal_year,
            end_year__gte=fiscal_year,
        )
        .select_related("document__unit")
        .extra(
            select={
                "rank": "SELECT r.rank FROM projects_rank AS r"
                " WHERE r.project_id = projects_project.document_id AND r.fiscal_year = %s",
                "year_fen": "SELECT y.amount_fen FROM projects_yearamount AS y"
                " WHERE y.project_id = projects_project.document_id AND y.fiscal_year = %s",
            },
            select_params=(fiscal_year, fiscal_year),
        )
    )
    found = [
        Candidate(
            project_id=row.pk,
            code=row.code,
            title=row.document.title,
            unit=str(row.document.unit),
            state=row.document.state,
            node=row.document.node,
            nature=row.get_nature_display(),
            total_fen=row.document.amount_fen,
            year_fen=row.year_fen,
            rank=row.rank,
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (row.rank is None, row.rank or 0, -row.total_fen, row.project_id))


def version_of(*, department_id: int, fiscal_year: int) -> str:
    """What the department's ranking was like: changes with every save; "" before the first."""
    last = (
        Rank.objects.filter(department_id=department_id, fiscal_year=fiscal_year)
        .order_by("-ranked_at", "-pk")
        .values_list("pk", flat=True)
        .first()
    )
    return str(last or "")


def save_ranks(
    *,
    department_id: int,
    fiscal_year: int,
    ranks: Mapping[int, int],
    actor: Actor,
    at: dt.datetime,
    version: str | None = None,
) -> int:
    """This function will put these ranks (project → place, from 1) in place of the department's; returns how many.

    Projects left out are not ranked. Places may have gaps, but no two projects share one.

    :raises NotAllowed: the actor may not rank this department. :raises BadInput: a place twice or below 1, or a
        project of somebody else. :raises RankedMeanwhile: somebody saved since `version`.
    """
    if not (actor.can(PERMISSION) and actor.sees(department_id)):
        raise NotAllowed
    known = {row.project_id: row for row in candidates(department_id=department_id, fiscal_year=fiscal_year)}
    _refuse_bad(ranks, known, fiscal_year)
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=department_id)
        if version is not None and version != version_of(
            department_id=department_id, fiscal_year=fiscal_year
        ):
            raise _meanwhile(department_id, fiscal_year)
        Rank.objects.filter(department_id=department_id, fiscal_year=fiscal_year).delete()
        Rank.objects.filter(project_id__in=ranks, fiscal_year=fiscal_year).delete()
        Rank.objects.bulk_create(
            Rank(
                project_id=pk, department_id=department_id, fiscal_year=fiscal_year, rank=rank,
                ranked_by_id=actor.user_id, ranked_at=at,
            )
            for pk, rank in ranks.items()
        )  # fmt: skip
        _record(known, ranks, actor, at)
    return len(ranks)


def _refuse_bad(ranks: Mapping[int, int], known: Mapping[int, Candidate], fiscal_year: int) -> None:
    if strange := [pk for pk in ranks if pk not in known]:
        raise BadInput.of(
            "projects.rank_strange",
            "项目 {id} 不是本部门{year}年可排序的项目。",
            id=strange[0],
            year=fiscal_year,
        )
    places: dict[int, int] = {}
    for pk, rank in ranks.items():
        if rank < 1:
            raise BadInput.of("projects.rank_low", "“{name}”的排序应从1开始。", name=known[pk].title)
        if rank in places:
            raise BadInput.of(
                "projects.rank_twice",
                "“{one}”和“{other}”都排第 {rank}，请改开。",
                one=known[places[rank]].title,
                other=known[pk].title,
                rank=rank,
            )
        places[rank] = pk


def _meanwhile(department_id: int, fiscal_year: int) -> RankedMeanwhile:
    last = (
        Rank.objects.filter(department_id=department_id, fiscal_year=fiscal_year)
        .select_related("ranked_by")
        .order_by("-ranked_at", "-pk")
        .first()
    )
    return RankedMeanwhile(
        name=last.ranked_by.name if last else "他人",
        when=f"{timezone.localtime(last.ranked_at):%m-%d %H:%M}" if last else "刚才",
    )


def _record(known: Mapping[int, Candidate], ranks: Mapping[int, int], actor: Actor, at: dt.datetime) -> None:
    """One audit row for each project whose place has changed."""
    record_many(
        [
            AuditRow(
                at=at, actor_id=actor.user_id, actor_name=actor.name, action=PERMISSION,
                object_kind="projects.project", object_id=str(pk), document_id=pk, ip=actor.ip or None,
                detail={"changes": {"rank": [row.rank, ranks.get(pk)]}},
            )
            for pk, row in known.items()
            if row.rank != ranks.get(pk)
        ]
    )  # fmt: skip
