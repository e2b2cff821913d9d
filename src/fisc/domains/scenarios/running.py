"""Making and computing scenarios: draft, take the inputs once, solve, keep the answer; in the background when it is long.

Public: `make_scenario`, `compute`, `start`, `keep`, `draw_up`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fisc.base.errors import NotAllowed
from fisc.domains.scenarios import answers, canonical, parameters, reading, reading_cash, services
from fisc.domains.scenarios.models import Scenario, Sort, Stage
from fisc.domains.scenarios.optimum import Progress
from fisc.jobs import running as jobs
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.reading import get_visible
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.access import actor_for
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit, User

LONG_FROM_LINES = 3000
"""From so many lines on, a cut takes more than a second and goes to the background."""


def make_scenario(
    *,
    sort: str,
    year: int,
    title: str,
    kept: Mapping[str, Any],
    actor: Actor,
    at: dt.datetime,
    stage: str = "",
    note: str = "",
    source_id: int | None = None,
) -> int:
    """This will draft a scenario of the bureau; `kept` is what `parameters` made. Only who sees the whole district may.

    :raises NotAllowed: the actor sees only some units. :raises BadInput: as `services.create_scenarios`.
    """
    if not actor.sees_everything:
        raise NotAllowed("推演用到全区数据，您没有查看全区的权限。")
    draft = Draft(
        unit_id=actor.unit_id or _bureau(),
        fiscal_year=year,
        business_on=at.date(),
        title=title.strip() or dict(Sort.choices)[sort],
        amount_fen=kept.get("target_fen") or 0,
        source_id=source_id,
        row={"sort": sort, "stage": stage, "parameters": dict(kept), "note": note.strip()[:200]},
    )
    return services.create_scenarios(drafts=[draft], actor=actor, at=at)[0]


def _bureau() -> int:
    return Unit.objects.filter(kind="bureau").order_by("pk").values_list("pk", flat=True)[0]


def compute(document_id: int, *, actor: Actor, at: dt.datetime, progress: Progress | None = None) -> Document:
    """This will compute a scenario: the first time from the books, later from the inputs it kept.

    :raises Refusal: it is kept or void, or there is nothing to compute from.
    """
    get_visible(actor, document_id)
    scenario = Scenario.objects.select_related("document").get(pk=document_id)
    if progress:
        progress("读取数据", 0, 5)
    fresh = scenario.inputs is None
    inputs = read_inputs(scenario) if fresh else scenario.inputs
    answer = _answer(scenario, inputs, progress)
    return perform(
        kind=services.SCENARIO,
        id=document_id,
        step="compute",
        actor=actor,
        at=at,
        data={
            "answers": {
                document_id: {
                    "inputs": canonical.write(inputs) if fresh else None,
                    "result": answer.result,
                    "lines": answer.lines,
                    "is_feasible": answer.is_feasible,
                    "amount_fen": answer.amount_fen,
                    "code_version": answers.CODE_VERSION,
                }
            }
        },
    )


def read_inputs(scenario: Scenario) -> Any:
    """What the books say now for this scenario, as plain values."""
    kept, year = scenario.parameters, scenario.document.fiscal_year
    if scenario.sort == Sort.CUT:
        read = reading.preparation_lines if scenario.stage == Stage.PREPARATION else reading.execution_lines
        return reading.plain_lines(read(year=year, fund=kept["fund"]))
    return reading_cash.plain(
        reading_cash.read(
            first_month=kept["first_month"],
            length=kept["length"],
            debts={int(month): amount for month, amount in kept["debts"].items()},
            wage_percent=Decimal(kept["wage_percent"]),
            reserve_fen=kept["reserve_fen"],
            policy=parameters.weights_of(kept),
        )
    )


def _answer(scenario: Scenario, inputs: Any, progress: Progress | None) -> answers.Answer:
    if scenario.sort == Sort.CUT:
        return answers.cut_answer(scenario.parameters, reading.lines_from(inputs), progress=progress)
    return answers.shortfall_answer(scenario.parameters, reading_cash.from_plain(inputs), progress=progress)


def start(document_id: int, *, actor: Actor, at: dt.datetime, lines: int) -> int | None:
    """This will compute at once, or, when there are many lines, in the background; returns the job then."""
    if lines < LONG_FROM_LINES:
        compute(document_id, actor=actor, at=at)
        return None
    document = get_visible(actor, document_id)
    job = jobs.run_job(
        f"推演 {document.number} {document.title}",
        actor.user_id,
        compute_in_background,
        link=f"/scenarios/{document_id}/",
        document_id=document_id,
        user_id=actor.user_id,
        at=at.isoformat(),
    )
    return job.pk


def compute_in_background(
    progress: jobs.JobProgress, document_id: int, user_id: int, at: str
) -> dict[str, Any]:
    """The job: computes as the person who started it; stops between the stages when asked to."""
    moment = dt.datetime.fromisoformat(at)
    actor = actor_for(User.objects.get(pk=user_id), on=moment.date())
    compute(document_id, actor=actor, at=moment, progress=progress)
    return {"document_id": document_id}


def lines_in_question(*, stage: str, year: int) -> int:
    """How many lines a cut would look at, roughly: to know whether it is long."""
    if stage == Stage.PREPARATION:
        return int(reading.ask("preparation_count", "v_preparation_line", year=year)[0][0])
    return Document.objects.filter(kind=reading.ALLOTMENT, fiscal_year=year, state="released").count()


def keep(document_id: int, *, actor: Actor, at: dt.datetime, comment: str = "") -> Document:
    """This will keep a scenario: from now on nothing of it changes."""
    return perform(kind=services.SCENARIO, id=document_id, step="keep", actor=actor, at=at, comment=comment)


def draw_up(document_id: int, *, actor: Actor, at: dt.datetime) -> Document:
    """This will make the drafts a kept scenario leads to. :raises Refusal: not feasible, nothing to draw, no right."""
    return perform(kind=services.SCENARIO, id=document_id, step="draw_up", actor=actor, at=at)
