"""Scenarios as documents: made, computed, kept, drawn up. Solving is in planner.py and shortfall.py, reading in readers.py.

A scenario is computed from the inputs it was given once; computing it again uses the same inputs and gives the same.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fisc.base.errors import BadInput, Refusal
from fisc.domains.scenarios import canonical, drafts
from fisc.domains.scenarios.models import Scenario, ScenarioLine, Sort, Stage
from fisc.kernel import lean
from fisc.kernel.documents.create import create_many

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.documents.spec import Draft
    from fisc.kernel.orgs.actor import Actor

SCENARIO = "scenarios.scenario"
LINE_COLUMNS = (
    "row_no", "key", "unit_id", "project_id", "title", "kind", "nature", "grade", "asked_fen", "base_fen", "cap_fen",
    "cut_fen", "flat_fen", "weight", "reason_code", "reason",
)  # fmt: skip


class NotComputed(Refusal):
    """推演“{title}”还没有算出结果。"""

    code = "scenarios.not_computed"


class NotFeasible(Refusal):
    """推演“{title}”的目标不能实现，不能生成草稿；请先放宽约束或降低目标。"""

    code = "scenarios.not_feasible"


class AlreadyDrawn(Refusal):
    """推演“{title}”已于 {on} 生成 {count} 份草稿，不重复生成；请在相应单据中办理。"""

    code = "scenarios.already_drawn"


def create_scenarios(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will draft scenarios. `row`: sort, stage, parameters, note.

    :raises BadInput: a cut without a positive target, or an unknown sort or stage.
    """
    for draft in drafts:
        sort, stage = draft.row.get("sort"), draft.row.get("stage", "")
        if sort not in Sort.values or stage not in Stage.values or (sort == Sort.CUT) != bool(stage):
            raise BadInput.of("scenarios.sort", "请选择推演的类别和阶段。")
        kept = draft.row.get("parameters") or {}
        if sort == Sort.CUT and draft.amount_fen <= 0 and not kept.get("target_percent"):
            raise BadInput.of("scenarios.target", "压减目标应大于零。")
    return create_many(kind=SCENARIO, drafts=drafts, actor=actor, at=at)


def write_result(call: StepCall) -> None:
    """计算: keep inputs (the first time), result and lines. `data`: document id → see `running.Answer`."""
    for document in call.documents:
        answer: Mapping[str, Any] = call.data["answers"][document.pk]
        result = canonical.write(answer["result"])
        values: dict[str, Any] = {
            "result": answer["result"],
            "result_digest": canonical.digest(result),
            "code_version": answer["code_version"],
            "is_feasible": answer["is_feasible"],
        }
        if answer["inputs"] is not None:
            values |= {
                "packed_inputs": zlib.compress(answer["inputs"], 6),
                "inputs_digest": canonical.digest(answer["inputs"]),
                "inputs_at": call.at,
            }
        Scenario.objects.filter(pk=document.pk).update(**values)
        ScenarioLine.objects.filter(scenario_id=document.pk).delete()
        lean.copy_in(
            "scenarios_line",
            ("scenario_id", *LINE_COLUMNS),
            [(document.pk, *(line[name] for name in LINE_COLUMNS)) for line in answer["lines"]],
        )
        call.set_amount(document.pk, answer["amount_fen"])
        call.add_detail(document.pk, result_digest=values["result_digest"], lines=len(answer["lines"]))


def draw_up(call: StepCall) -> None:
    """生成草稿: make drafts of the kind the scenario's answer asks for; their numbers go into the audit row."""
    rows = call.rows()
    for document in call.documents:
        scenario = rows[document.pk]
        if scenario.result is None:
            call.refuse(document.pk, NotComputed(title=document.title))
        elif not scenario.is_feasible:
            call.refuse(document.pk, NotFeasible(title=document.title))
        elif scenario.drawn_at is not None:
            facts = {
                "title": document.title,
                "on": scenario.drawn_at.date().isoformat(),
                "count": scenario.drawn_count,
            }
            call.refuse(document.pk, AlreadyDrawn(**facts))
        else:
            made = drafts.make(scenario=scenario, document=document, actor=call.actor, at=call.at)
            call.add_detail(document.pk, kind=made.kind, documents=list(made.ids[:50]), count=len(made.ids))
            call.add_payload(document.pk, kind=made.kind, count=len(made.ids))
            Scenario.objects.filter(pk=document.pk).update(drawn_at=call.at, drawn_count=len(made.ids))
