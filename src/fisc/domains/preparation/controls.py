"""控制数: proposals from the review less what execution cuts carried in, control documents, and their coming into force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from fisc.base.errors import BadInput, Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.preparation.finding import bureau_unit_id, current_round, get_round
from fisc.domains.preparation.models import Control, ControlLine, Round
from fisc.domains.preparation.refusals import SHOWN, BelowSecond, WrongStage, as_refusals
from fisc.domains.preparation.words import CONTROL
from fisc.kernel import lean
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.spec import Draft

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

SQL = (Path(__file__).parent / "sql" / "controls.sql").read_text(encoding="utf-8")
QUERIES = dict(part.split("\n", 1) for part in SQL.split("-- name: ")[1:])
STATES = ("review", "second")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed control figure, in 分: reviewed less carried cut, but never below what may not be cut."""

    unit_id: int
    project_id: int
    first_fen: int
    reviewed_fen: int
    protected_fen: int
    carried_cut_fen: int
    control_fen: int | None

    @property
    def proposed_fen(self) -> int:
        """What the control figure should be."""
        return max(self.reviewed_fen - self.carried_cut_fen, self.protected_fen)


def proposals(*, round_id: int, unit_ids: Sequence[int] | None = None) -> list[Proposal]:
    """The proposed control figure of each unit x project with reviewed lines; one query."""
    wanted = None if unit_ids is None else list(unit_ids)
    return [Proposal(*row) for row in lean.fetch(QUERIES["proposals"], (round_id, wanted, wanted))]


def draft_control(
    *,
    round_id: int,
    actor: Actor,
    at: dt.datetime,
    rows: Sequence[Mapping[str, Any]] | None = None,
    reference: str = "",
    note: str = "",
) -> int:
    """This will draft a control document, from the proposals or from rows (unit_id, project_id, control_fen, reason).

    :raises BadInput: no rows, or rows that cannot be right. Returns its id.
    """
    row = get_round(round_id)
    lines = [_proposed(one) for one in proposals(round_id=round_id)] if rows is None else rows
    draft = Draft(
        0, row.fiscal_year, at.date(), "", 0,
        row={"round_id": round_id, "lines": lines, "reference": reference, "note": note},
    )  # fmt: skip
    return create_controls(drafts=[draft], actor=actor, at=at)[0]


def _proposed(one: Proposal) -> dict[str, Any]:
    cut = one.reviewed_fen - one.proposed_fen
    return {
        "unit_id": one.unit_id,
        "project_id": one.project_id,
        "control_fen": one.proposed_fen,
        "reason": "上年执行核减" if cut else "",
    }


def create_controls(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will draft control documents. `row`: lines (unit_id, project_id, control_fen, reason) and fiscal_year or
    round_id; without lines the proposals of the round. The header's amount is the sum of the lines.

    :raises BadInput: the year has no round, or lines that cannot be right, naming the first.
    """
    complete, lines_of = [], []
    for draft in drafts:
        row = _round_of(draft)
        given = draft.row.get("lines")
        lines = given if given is not None else [_proposed(one) for one in proposals(round_id=row.pk)]
        lines = _checked(row, lines)
        values = {key: draft.row[key] for key in ("reference", "note") if draft.row.get(key)}
        complete.append(
            replace(
                draft,
                unit_id=bureau_unit_id(actor),
                fiscal_year=row.fiscal_year,
                title=draft.title or f"{row.fiscal_year}年部门预算控制数",
                amount_fen=sum(line["control_fen"] for line in lines),
                row={**values, "round_id": row.pk},
            )
        )
        lines_of.append(lines)
    with transaction.atomic():
        ids = create_many(kind=CONTROL, drafts=complete, actor=actor, at=at)
        insert_rows(
            ControlLine,
            [{**line, "control_id": i} for i, lines in zip(ids, lines_of, strict=True) for line in lines],
        )
    return ids


def _round_of(draft: Draft) -> Round:
    if wanted := draft.row.get("round_id") or draft.row.get("round"):
        return get_round(int(getattr(wanted, "pk", wanted)))
    return current_round(int(draft.row.get("fiscal_year") or draft.fiscal_year))


def _checked(row: Round, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines with what was reviewed and carried in. :raises BadInput: naming the first problems."""
    if not lines:
        raise BadInput(
            "没有可下达的控制数：请先审定一上，或导入控制数。", code="preparation.no_control_lines"
        )
    known = {(one.unit_id, one.project_id): one for one in proposals(round_id=row.pk)}
    complete, problems, seen = [], [], set()
    for number, line in enumerate(lines, 1):
        place, fen = (int(line["unit_id"]), int(line["project_id"])), int(line["control_fen"])
        found = known.get(place)
        if place in seen:
            problems.append(f"第 {number} 行：同一单位、项目写了两次。")
        elif fen < 0:
            problems.append(f"第 {number} 行：控制数小于零。")
        elif found is None:
            problems.append(f"第 {number} 行：这个单位没有审定这个项目的一上数，不能下达控制数。")
        elif fen < found.protected_fen:
            problems.append(f"第 {number} 行：三保、刚性支出不得压减，控制数低于其审定数。")
        else:
            complete.append(
                {
                    "unit_id": place[0], "project_id": place[1], "control_fen": fen,
                    "proposed_fen": found.reviewed_fen, "carried_cut_fen": found.carried_cut_fen,
                    "reason": str(line.get("reason") or "")[:200],
                }
            )  # fmt: skip
        seen.add(place)
    if problems:
        more = f"（另有 {len(problems) - SHOWN} 处）" if len(problems) > SHOWN else ""
        raise BadInput("".join(problems[:SHOWN]) + more, code="preparation.control_lines")
    return complete


def check_controls(call: StepCall) -> None:
    """送审: the round still takes control figures."""
    _refuse_late(call)


def apply_controls(call: StepCall) -> None:
    """审批通过: the control figures come into force; one that is lower than what is asked already is refused."""
    _refuse_late(call)
    for control_id in call.ids:
        if below := lean.fetch(QUERIES["below_second"], (control_id,)):
            call.refuse(control_id, _below_second(below))
            continue
        try:
            with as_refusals(), transaction.atomic():
                lean.run(QUERIES["put_in_force"], (control_id,))
        except Refusal as refusal:
            call.refuse(control_id, refusal)


def _below_second(found: Sequence[tuple[Any, ...]]) -> BelowSecond:
    unit, project, control, second = found[0]
    return BelowSecond(
        unit=unit,
        project=project,
        control=format_fen(control),
        second=format_fen(second),
        more=f"；另有 {len(found) - 1} 个项目" if len(found) > 1 else "",
        control_fen=control,
        second_fen=second,
        ways=[Way("查看二上申报", "list", {"kind": "preparation.request"})],
    )


def _refuse_late(call: StepCall) -> None:
    rows: Mapping[int, Control] = call.rows()
    rounds = Round.objects.select_related("document").in_bulk({row.round_id for row in rows.values()})
    for control_id, row in rows.items():
        held = rounds[row.round_id]
        if held.document.state not in STATES:
            call.refuse(
                control_id,
                WrongStage(fiscal_year=held.fiscal_year, state=held.document.state_label, act="下达控制数"),
            )
