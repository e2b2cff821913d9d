"""The gate of the bureau library: what a project must have before it may be arranged (rules of stage 事中).

Which rules, how strict and from which amount is data (rules.toml, then the rules page); this asks them when the last
approval would take the project in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from fisc.base.errors import Refusal, Way
from fisc.kernel.rules import check as rules
from fisc.kernel.rules.spec import Stage

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.rules.spec import Finding

VIEW = "v_project_facts"
STAGE: Stage = "during"
EVALUATION_RULES = ("XM05", "XM06")


class NotFit(Refusal):
    """项目“{project}”还不能入库：{why}"""

    code = "projects.not_fit"


def refuse_unfit(call: StepCall) -> None:
    """Refuse the projects that a blocking rule hits; the other findings are kept with the project."""
    ids = call.ids
    found = rules.check(view=VIEW, ids=ids, stage=STAGE, at=timezone.localdate(call.at))
    kept = rules.store(found, view=VIEW, stage=STAGE, ids=ids, at=call.at, actor=call.actor)
    blocking: dict[int, list[Finding]] = {}
    for finding in kept:
        if finding.severity == "block":
            blocking.setdefault(finding.subject_id, []).append(finding)
    for document in list(call.documents):
        if findings := blocking.get(document.pk):
            why = "".join(finding.message for finding in findings)
            call.refuse(
                document.pk,
                NotFit(
                    project=document.title,
                    why=why,
                    ways=_ways(document.pk, findings),
                    document_id=document.pk,
                ),
            )


def _ways(project_id: int, findings: list[Finding]) -> list[Way]:
    ways = [Way("查看项目", "document", {"id": project_id})]
    if any(finding.rule.code in EVALUATION_RULES for finding in findings):
        ways.insert(
            0,
            Way(
                "登记事前绩效评估", "new_document", {"kind": "projects.evaluation", "project_id": project_id}
            ),
        )
    return ways
