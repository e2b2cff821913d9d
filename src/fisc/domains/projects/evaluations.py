"""事前绩效评估 of new projects: drafted, reviewed, concluded; the gate asks for the newest concluded one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fisc.base.errors import BadInput
from fisc.domains.projects.models import Evaluation
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

KIND, PROJECT_KIND = "projects.evaluation", "projects.project"
ASPECTS = {
    "necessity": "立项必要性", "economy": "投入经济性", "goals": "目标合理性", "feasibility": "实施可行性",
    "funding": "筹资合规性",
}  # fmt: skip
FULL_SCORE = 20
EVALUATED_STATES = ("draft", "returned", "in_review")


def create_evaluations(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft evaluations; unit, title and the amount asked for come from the project.

    `row`: project_id, the five aspects (0 to 20), conclusion, suggested_fen (default: the project's total),
    report_reference, opinion.

    :raises BadInput: no such project, it is in the library already, or a score is out of its range.
    """
    ids = [_project_id(draft) for draft in drafts]
    projects = Document.objects.filter(kind=PROJECT_KIND).in_bulk(ids)
    complete = []
    for draft in drafts:
        project = projects.get(_project_id(draft))
        if project is None:
            raise BadInput.of("projects.unknown", "请选择要评估的项目。")
        if project.state not in EVALUATED_STATES:
            raise BadInput.of(
                "projects.evaluated_late",
                "项目“{name}”{state}，事前评估应在入库之前进行。",
                name=project.title,
                state=project.state_label,
            )
        complete.append(_completed(draft, project))
    return create_many(kind=KIND, drafts=complete, actor=actor, at=at)


def _completed(draft: Draft, project: Document) -> Draft:
    row = {key: value for key, value in draft.row.items() if value is not None and key != "project"}
    suggested = row.get("suggested_fen", project.amount_fen)
    row |= {"project_id": project.pk, "suggested_fen": int(suggested), **scores(row)}
    if row.get("conclusion") not in Evaluation.Conclusion.values:
        raise BadInput.of("projects.conclusion", "“{name}”的评估结论应为通过或不通过。", name=project.title)
    return replace(
        draft, unit_id=project.unit_id, title=f"“{project.title}”事前绩效评估"[:200],
        amount_fen=int(suggested), source_id=project.pk, row=row,
    )  # fmt: skip


def scores(row: Mapping[str, Any]) -> dict[str, int]:
    """The five aspects as whole numbers. :raises BadInput: one is missing or not from 0 to 20."""
    found = {}
    for key, label in ASPECTS.items():
        text = str(row.get(key, "")).strip()
        if not (text.isdigit() and int(text) <= FULL_SCORE):
            raise BadInput.of("projects.score", "{label}应为0到{full}的整数。", label=label, full=FULL_SCORE)
        found[key] = int(text)
    return found


def revise_evaluation(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will check a changed draft as a new one and keep header and row in step."""
    row = Evaluation.objects.get(pk=document.pk)
    given = {key: value for key, value in values.items() if value is not None}
    if given.get("project_id", row.project_id) != row.project_id:
        raise BadInput("评估的项目不能改，请作废后另建。", code="projects.evaluated_project_stays")
    checked = scores({key: given.get(key, getattr(row, key)) for key in ASPECTS})
    suggested = given.get("suggested_fen", row.suggested_fen)
    plain = {key: "" if value is None else value for key, value in values.items()}
    return {**plain, **checked, "suggested_fen": suggested, "amount_fen": suggested}


def _project_id(draft: Draft) -> int:
    value = draft.row.get("project_id") or draft.row.get("project") or 0
    return int(getattr(value, "pk", value))
