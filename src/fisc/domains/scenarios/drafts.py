"""From a scenario to drafts: control figures (编制), 追减 (执行中), 冻结 (三保压力测试); made through the registry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fisc.base.errors import Refusal
from fisc.domains.scenarios.models import ScenarioLine, Sort, Stage
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft

if TYPE_CHECKING:
    from fisc.domains.scenarios.models import Scenario
    from fisc.kernel.orgs.actor import Actor

CONTROL, CUT, FREEZE = "preparation.control", "budget.cut", "budget.freeze"


class NothingToDraw(Refusal):
    """推演“{title}”没有压减或暂缓的金额，不需要生成草稿。"""

    code = "scenarios.nothing_to_draw"


class NoSuchModule(Refusal):
    """没有启用“{kind}”，不能生成草稿。"""

    code = "scenarios.no_such_module"


@dataclass(frozen=True)
class Made:
    """What was made."""

    kind: str
    ids: tuple[int, ...]


def kind_for(scenario: Scenario) -> str:
    """The kind of the drafts a scenario leads to."""
    if scenario.sort == Sort.SHORTFALL:
        return FREEZE
    return CONTROL if scenario.stage == Stage.PREPARATION else CUT


def make(*, scenario: Scenario, document: Document, actor: Actor, at: dt.datetime) -> Made:
    """This will make the drafts, each with its reason; the scenario is their source.

    :raises NothingToDraw: no line is cut. :raises NoSuchModule: the kind is not installed.
    """
    kind = kind_for(scenario)
    spec = {item.code: item for item in kinds.installed()}.get(kind)
    if spec is None or spec.create is None:
        raise NoSuchModule(kind=kind)
    lines = ScenarioLine.objects.filter(scenario_id=document.pk).order_by("row_no")
    if not lines.filter(cut_fen__gt=0).exists():
        raise NothingToDraw(title=document.title)
    wanted = (
        _control(document, list(lines), at) if kind == CONTROL else _on_allotments(document, lines, kind, at)
    )
    return Made(kind, tuple(spec.create(drafts=wanted, actor=actor, at=at)))


def _control(document: Document, lines: list[ScenarioLine], at: dt.datetime) -> list[Draft]:
    """One set of control figures: per unit × project what is left, with the reasons of the cut lines."""
    found: dict[tuple[int, int | None], dict[str, Any]] = {}
    for line in lines:
        entry = found.setdefault(
            (line.unit_id, line.project_id),
            {"unit_id": line.unit_id, "project_id": line.project_id, "control_fen": 0, "reason": ""},
        )
        entry["control_fen"] += line.base_fen - line.cut_fen
        if line.cut_fen and line.reason not in entry["reason"]:
            entry["reason"] = f"{entry['reason']}{line.reason}"[:500]
    rows = sorted(found.values(), key=lambda row: (row["unit_id"], row["project_id"] or 0))
    return [
        Draft(
            unit_id=document.unit_id,
            fiscal_year=document.fiscal_year,
            business_on=at.date(),
            title=f"控制数（{document.number} {document.title}）"[:200],
            amount_fen=sum(row["control_fen"] for row in rows),
            source_id=document.pk,
            row={"fiscal_year": document.fiscal_year, "lines": rows},
        )
    ]


def _on_allotments(document: Document, lines: Any, kind: str, at: dt.datetime) -> list[Draft]:
    """One draft per allotment that gives something."""
    return [
        Draft(
            unit_id=line.unit_id,
            fiscal_year=document.fiscal_year,
            business_on=at.date(),
            title="",
            amount_fen=line.cut_fen,
            row={
                "allotment_id": line.key,
                "reason": f"{document.number} {document.title}：{line.reason}"[:500],
                **({"funding": "压减收回"} if kind == CUT else {}),
            },
        )
        for line in lines.filter(cut_fen__gt=0)
    ]
