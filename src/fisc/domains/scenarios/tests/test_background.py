"""行数多的推演在后台算，看得到进度，可以停；停了不留半截结果。"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from fisc.domains.scenarios import parameters, running
from fisc.domains.scenarios.models import Scenario, ScenarioLine
from fisc.jobs.models import Job
from fisc.jobs.running import JobCancelled


@pytest.fixture
def scenario_id(desk, allotments):
    kept = parameters.cut_parameters(
        on=dt.date(2023, 3, 1),
        target_fen=10_000_00,
        unit_percent=Decimal(100),
        grade_percent={"": Decimal(100)},
    )
    return running.make_scenario(
        sort="cut",
        stage="execution",
        year=2023,
        title="",
        kept=kept,
        actor=desk.people["budget_officer"],
        at=desk.at,
    )


def test_few_lines_are_computed_at_once(desk, scenario_id):
    assert running.start(scenario_id, actor=desk.people["budget_officer"], at=desk.at, lines=2_999) is None
    assert Scenario.objects.get(pk=scenario_id).result


def test_many_lines_become_a_job_of_the_page(desk, scenario_id):
    job_id = running.start(scenario_id, actor=desk.people["budget_officer"], at=desk.at, lines=3_000)

    job = Job.objects.get(pk=job_id)
    assert job.link == f"/scenarios/{scenario_id}/" and job.owner_id == desk.people["budget_officer"].user_id
    assert Scenario.objects.get(pk=scenario_id).result is None


def test_the_job_tells_its_stages_and_gives_the_answer(desk, scenario_id):
    told = []

    def progress(what, done, total):
        told.append((what, done, total))

    running.compute_in_background(
        progress,
        document_id=scenario_id,
        user_id=desk.people["budget_officer"].user_id,
        at=desk.at.isoformat(),
    )

    assert next(what for what, _, _ in told) == "读取数据" and len(told) >= 4
    assert all(done <= total for _, done, total in told)
    assert Scenario.objects.get(pk=scenario_id).is_feasible


def test_stopped_it_leaves_nothing(desk, scenario_id):
    def progress(what, done, total):
        if done >= 2:
            raise JobCancelled()

    with pytest.raises(JobCancelled):
        running.compute_in_background(
            progress,
            document_id=scenario_id,
            user_id=desk.people["budget_officer"].user_id,
            at=desk.at.isoformat(),
        )

    scenario = Scenario.objects.get(pk=scenario_id)
    assert scenario.result is None and scenario.inputs is None and not ScenarioLine.objects.exists()
