"""编制阶段：读一上和审定数，压减结果转成控制数草稿。模块之间只经发布的视图和单据登记处。"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection

from fisc.domains.scenarios import parameters, reading, running
from fisc.domains.scenarios.models import Scenario, ScenarioLine
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform

DAY = dt.date(2023, 3, 1)


@pytest.fixture
def asked(desk):
    """The round of 2023 with three projects asked for and accepted: ordinary, graded 差, 三保."""
    preparation = import_module("fisc.domains.preparation.services")
    officer = desk.people["budget_officer"]
    round_id = preparation.open_round(year=2023, actor=officer, at=desk.at)
    projects = {
        "plain": desk.project(title="办公设备购置"),
        "poor": desk.project(title="宣传活动", grade="差", grade_year=2022),
        "guaranteed": desk.project(title="义务教育公用经费", guarantee_item="L01"),
    }
    rows = [
        {"unit_id": desk.units["121001"].pk, "project_id": project_id, "fund": "general", "function_code": "2050203",
         "economic_code": "30213", "amount_fen": 100_000_00}
        for project_id in projects.values()
    ]  # fmt: skip
    entered = preparation.enter_lines(
        round_id=round_id, stage="first", rows=rows, actor=desk.people["maker"], at=desk.at
    )
    for request_id in entered.request_ids:
        desk.step(request_id, "submit", "maker")
        assert desk.approve_on(request_id).state == "approved"
    preparation.accept_rest(round_id=round_id, actor=desk.people["section"], at=desk.at)
    perform(kind="preparation.round", id=round_id, step="close_first", actor=officer, at=desk.at)
    return projects


def test_lines_are_read_with_what_the_register_says(desk, asked):
    found = {line.project_id: line for line in reading.preparation_lines(year=2023)}

    assert found[asked["poor"]].grade == "差"
    assert found[asked["guaranteed"]].is_guarantee and found[asked["guaranteed"]].guarantee_item == "L01"
    assert found[asked["plain"]].base_fen == found[asked["plain"]].asked_fen == 100_000_00
    assert reading.preparation_lines(year=2023, fund="general")
    with pytest.raises(reading.NoLines):
        reading.preparation_lines(year=2023, fund="govfund")


def test_the_plan_becomes_a_draft_of_control_figures(desk, asked):
    officer = desk.people["budget_officer"]
    kept = parameters.cut_parameters(
        on=DAY, target_fen=109_000_00, unit_percent=Decimal(100), minimum_percent=Decimal(60)
    )
    scenario_id = running.make_scenario(
        sort="cut", stage="preparation", year=2023, title="压减", kept=kept, actor=officer, at=desk.at
    )
    running.compute(scenario_id, actor=officer, at=desk.at)

    scenario = Scenario.objects.get(pk=scenario_id)
    cuts = dict(ScenarioLine.objects.filter(scenario=scenario).values_list("project_id", "cut_fen"))
    assert cuts == {asked["poor"]: 100_000_00, asked["plain"]: 9_000_00, asked["guaranteed"]: 0}
    assert scenario.result["f8"]["rate_bp"] == 5450

    running.keep(scenario_id, actor=officer, at=desk.at)
    running.draw_up(scenario_id, actor=officer, at=desk.at)

    (control,) = Document.objects.filter(kind="preparation.control")
    assert (control.state, control.amount_fen) == ("draft", 191_000_00)


def test_nobody_publishes_lines(desk):
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW v_preparation_line CASCADE")

    with pytest.raises(reading.NoView):
        reading.preparation_lines(year=2023)
