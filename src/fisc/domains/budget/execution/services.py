"""Use cases of the execution ladder (row 69): what a year did not carry out is cut from the next year's budget.

核减额 = 年初预算（不含豁免）× 阶梯比例, half up to 分. Ladder and exemptions are dated tables; the unit may appeal, the
decision may lower a cut and never raise it (PostgreSQL holds that).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal
from fisc.base.text import whole_number
from fisc.domains.budget import places, postings, reference
from fisc.domains.budget.execution.models import CutExemption, CutLadder, ExecutionCutLine
from fisc.kernel import ledger
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.events import NewEvent, emit_many
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

EXECUTION_CUT = "budget.execution_cut"
CONFIRMED_EVENT = "budget.execution_cut.confirmed"
WHOLE = 10_000  # a percent with two decimals, as a whole number of its hundredths: 100.00 % = 10 000
GROUP = ("unit_id", "project_id", "fund", "flags")


class NoLadder(BadInput):
    """{on} 没有生效的核减阶梯，或阶梯没有覆盖执行率 {rate}％。"""

    code = "budget.no_ladder"


class NotInThisCut(BadInput):
    """第 {line} 行不属于这张核减单。"""

    code = "budget.not_in_this_cut"


@dataclass(frozen=True)
class Step:
    """One step of the ladder, in hundredths of a percent: from (inclusive), to (exclusive), cut."""

    from_bp: int
    to_bp: int
    cut_bp: int


@dataclass(frozen=True)
class Executed:
    """The figures of one project that count for the ladder, in 分."""

    initial_fen: int = 0
    exempt_fen: int = 0
    budget_fen: int = 0
    paid_fen: int = 0
    exempt: tuple[str, ...] = ()

    @property
    def base_fen(self) -> int:
        """年初预算 that may be cut."""
        return self.initial_fen - self.exempt_fen


def ladder_on(on: dt.date) -> list[Step]:
    """The ladder in force on a day."""
    rows = reference.in_force(CutLadder.objects.order_by("from_percent"), on)
    return [
        Step(*(int(value * 100) for value in (r.from_percent, r.to_percent, r.cut_percent))) for r in rows
    ]


def step_for(ladder: Sequence[Step], *, paid_fen: int, budget_fen: int, on: dt.date) -> Step:
    """The step an execution falls on, compared exactly: paid ÷ budget ≥ from, < to; a refund is 0 %.

    :raises NoLadder: no step covers the rate.
    """
    paid = max(paid_fen, 0) * WHOLE
    for step in ladder:
        if step.from_bp * budget_fen <= paid < step.to_bp * budget_fen:
            return step
    raise NoLadder(on=on, rate=rate_of(paid_fen, budget_fen))


def rate_of(paid_fen: int, budget_fen: int) -> Decimal:
    """执行率 in percent, rounded down to two decimals, so that a printed rate never reaches a step it missed."""
    return Decimal(max(paid_fen, 0) * WHOLE // budget_fen) / 100 if budget_fen else Decimal(0)


def cut_of(base_fen: int, cut_bp: int) -> int:
    """核减额, half up to 分."""
    return (base_fen * cut_bp + WHOLE // 2) // WHOLE


def propose_cuts(
    *, based_on_year: int, cut_year: int, executed_to: int, actor: Actor, at: dt.datetime
) -> list[int]:
    """This function will draft one notice per unit that has something to cut, and return their ids.

    :param executed_to: the last period (yyyymm) of `based_on_year` that counts.
    :raises BadInput: notices for that year are under way already.
    """
    if Document.objects.filter(kind=EXECUTION_CUT, fiscal_year=cut_year).exclude(state="voided").exists():
        raise BadInput.of("budget.cuts_exist", "{year}年的核减单已经生成。", year=cut_year)
    on = timezone.localdate(at)
    ladder = ladder_on(on)
    by_unit: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for (unit_id, project_id), figures in sorted(executed(based_on_year, executed_to, on).items()):
        if figures.budget_fen > 0 and figures.initial_fen > 0:
            line = _line(project_id, figures, ladder, on)
            if line["cut_percent"] or line["exempt_fen"]:
                by_unit[unit_id].append(line)
    cut_units = {unit: lines for unit, lines in by_unit.items() if any(line["cut_fen"] for line in lines)}
    return _draft(cut_units, based_on_year, cut_year, executed_to, actor, at)


def executed(year: int, executed_to: int, on: dt.date) -> dict[tuple[int, int], Executed]:
    """(unit, project) → its figures; what is exempt is neither in the rate nor in the base. One query for all."""
    wanted = [
        (("602",), None),
        (("627", "63", "65", "66", "67"), executed_to),
        ((postings.SPENT,), executed_to),
    ]
    sums = ledger.sums(
        [
            (ledger.Selection(book=postings.BOOK, subjects=subjects, fiscal_years=(year,)), None, last)
            for subjects, last in wanted
        ],
        group_by=GROUP,
    )
    exemptions = list(reference.in_force(CutExemption.objects.order_by("id"), on))
    spendings = _spendings(group[1] for part in sums for group in part)
    parts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    reasons: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for column, part in enumerate(sums):
        for (unit_id, project_id, fund, flags), fen in part.items():
            key = (unit_id, project_id)
            title = exempt(exemptions, fund, flags, spendings.get(project_id, "project"))
            if not title:
                parts[key][(0, 2, 3)[column]] += fen
            elif column == 0 and fen:
                parts[key][0] += fen
                parts[key][1] += fen
                reasons[key][title] = None
    return {
        key: Executed(initial, exempted, budget, paid, tuple(reasons[key]))
        for key, (initial, exempted, budget, paid) in parts.items()
    }


def _spendings(project_ids: Iterable[int]) -> dict[int, str]:
    return {project.id: project.spending for project in places.projects_by_id(project_ids).values()}


def exempt(rows: Iterable[CutExemption], fund: str, flags: int, spending: str) -> str:
    """The title of the first exemption that fits money of 年初预算; empty: none."""
    for row in rows:
        if (
            (not row.any_flags or flags & row.any_flags)
            and (not row.funds or fund in row.funds)
            and (not row.spendings or spending in row.spendings)
            and (not row.origins or "initial" in row.origins)
        ):
            return str(row.title)
    return ""


def _line(project_id: int, figures: Executed, ladder: Sequence[Step], on: dt.date) -> dict[str, Any]:
    step = step_for(ladder, paid_fen=figures.paid_fen, budget_fen=figures.budget_fen, on=on)
    proposed = cut_of(figures.base_fen, step.cut_bp)
    return {
        "project_id": project_id, "initial_fen": figures.initial_fen, "budget_fen": figures.budget_fen,
        "paid_fen": figures.paid_fen, "rate_percent": rate_of(figures.paid_fen, figures.budget_fen),
        "cut_percent": Decimal(step.cut_bp) / 100, "exempt_fen": figures.exempt_fen,
        "exempt": "、".join(figures.exempt)[:120], "proposed_fen": proposed, "cut_fen": proposed,
    }  # fmt: skip


def _draft(
    by_unit: Mapping[int, list[dict[str, Any]]], based_on_year: int, cut_year: int, executed_to: int,
    actor: Actor, at: dt.datetime,
) -> list[int]:  # fmt: skip
    names = dict(Unit.objects.filter(id__in=by_unit).values_list("id", "name"))
    drafts = [
        Draft(
            unit_id=unit_id, fiscal_year=cut_year, business_on=timezone.localdate(at),
            title=f"{names[unit_id]}：按{based_on_year}年执行率核减{cut_year}年预算",
            amount_fen=sum(line["cut_fen"] for line in lines),
            row={"year": based_on_year, "executed_to": executed_to},
        )
        for unit_id, lines in by_unit.items()
    ]  # fmt: skip
    with transaction.atomic():
        ids = create_many(kind=EXECUTION_CUT, drafts=drafts, actor=actor, at=at)
        insert_rows(
            ExecutionCutLine,
            [
                {**line, "cut_id": doc_id, "row_no": number}
                for doc_id, lines in zip(ids, by_unit.values(), strict=True)
                for number, line in enumerate(lines, 1)
            ],
        )
    return ids


def create_cuts(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """The form's create: the notices of all units for a year. :raises BadInput: there is nothing to cut."""
    ids: list[int] = []
    for draft in drafts:
        last = draft.row.get("executed_to") or (draft.fiscal_year - 1) * 100 + 12
        executed_to = whole_number(last, what="执行截至月份", least=200001, most=299912)
        if not 1 <= executed_to % 100 <= 12:
            raise BadInput.of("budget.executed_to", "执行截至月份应写作年月，如 202312。")
        ids += propose_cuts(
            based_on_year=executed_to // 100, cut_year=draft.fiscal_year, executed_to=executed_to, actor=actor, at=at
        )  # fmt: skip
    if not ids:
        raise BadInput.of("budget.no_cuts", "各单位执行率均未触及核减阶梯。")
    return ids


def appeal(call: StepCall) -> None:
    """申诉: `data["appeals"]` (line id → reason); without it the comment stands for every line that is cut."""
    given: Mapping[Any, str] = call.data.get("appeals") or {}
    for doc_id in call.ids:
        lines = {line.pk: line for line in ExecutionCutLine.objects.filter(cut_id=doc_id)}
        reasons = {int(key): str(text).strip() for key, text in given.items()} or {
            key: call.comment.strip() for key, line in lines.items() if line.proposed_fen
        }
        _check_lines(reasons, lines)
        for key, text in reasons.items():
            lines[key].appeal = text[:300]
        ExecutionCutLine.objects.bulk_update([lines[key] for key in reasons], ["appeal"])


def decide(call: StepCall) -> None:
    """裁定: `data["decisions"]` (line id → [cut in 分, opinion]); an appeal that is not named is not upheld."""
    given: Mapping[Any, Sequence[Any]] = call.data.get("decisions") or {}
    for doc_id in call.ids:
        lines = {line.pk: line for line in ExecutionCutLine.objects.filter(cut_id=doc_id)}
        decisions = {int(key): (int(fen), str(text).strip()) for key, (fen, text) in given.items()}
        _check_lines(decisions, lines)
        for key, line in lines.items():
            if key in decisions:
                fen, text = decisions[key]
                if not 0 <= fen <= line.proposed_fen:
                    call.refuse(
                        doc_id,
                        Refusal(
                            f"第 {line.row_no} 行裁定额应在零和按阶梯核减额之间。", code="budget.cut_decided"
                        ),
                    )
                    break
                line.cut_fen, line.decision = fen, text[:300] or call.comment.strip()[:300]
            elif line.appeal:
                line.decision = f"维持：{call.comment.strip()}"[:300]
        else:
            ExecutionCutLine.objects.bulk_update(lines.values(), ["cut_fen", "decision"])
            call.set_amount(doc_id, sum(line.cut_fen for line in lines.values()))


def _check_lines(wanted: Iterable[int], lines: Mapping[int, ExecutionCutLine]) -> None:
    for key in wanted:
        if key not in lines:
            raise NotInThisCut(line=key)


def confirm(call: StepCall) -> None:
    """确认: every cut is told to whoever prepares the next budget."""
    units = {document.pk: document.unit_id for document in call.documents}
    years = {document.pk: document.fiscal_year for document in call.documents}
    emit_many(
        [
            NewEvent(
                name=CONFIRMED_EVENT, at=call.at, document_id=line.cut_id,
                payload={
                    "fiscal_year": years[line.cut_id], "unit_id": units[line.cut_id],
                    "project_id": line.project_id, "cut_fen": line.cut_fen, "document_id": line.cut_id,
                },
            )
            for line in ExecutionCutLine.objects.filter(cut_id__in=units, cut_fen__gt=0).order_by("cut_id", "row_no")
        ]
    )  # fmt: skip
