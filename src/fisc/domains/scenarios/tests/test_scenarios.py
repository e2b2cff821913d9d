"""推演单据：算、重算、保留、生成草稿；读指标账和发布的视图。"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput, NotAllowed, Refusal
from fisc.domains.scenarios import parameters, reading, reading_cash, running
from fisc.domains.scenarios.models import Scenario, ScenarioLine
from fisc.domains.scenarios.policy import policy_of
from fisc.kernel import ledger
from fisc.kernel.documents.errors import StepNotPermitted, WrongState
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.charts import load_chart
from fisc.kernel.orgs.access import system_actor

DAY = dt.date(2023, 3, 1)
ALL = {grade: Decimal(100) for grade in ("", "优", "良", "中", "差")}


def cut(desk, *, target_yuan=8_000, who="budget_officer", title="压减一", **facts):
    kept = parameters.cut_parameters(
        on=DAY,
        **{"target_fen": target_yuan * 100, "unit_percent": Decimal(100), "grade_percent": ALL, **facts},
    )
    return running.make_scenario(
        sort="cut", stage="execution", year=2023, title=title, kept=kept, actor=desk.people[who], at=desk.at
    )


def compute(desk, scenario_id):
    running.compute(scenario_id, actor=desk.people["budget_officer"], at=desk.at)
    return Scenario.objects.get(pk=scenario_id)


def lines(scenario_id):
    return {line.key: line for line in ScenarioLine.objects.filter(scenario_id=scenario_id)}


class TestReadingAllotments:
    """执行中：可压的是还没有用掉、没有占住的。"""

    def test_what_is_available_and_what_is_held(self, desk, allotments):
        found = {line.key: line for line in reading.execution_lines(year=2023)}

        assert found[allotments["plain"]].spent_fen == 0
        assert found[allotments["held"]].spent_fen == 95_000_00
        assert found[allotments["held"]].base_fen == 100_000_00
        assert found[allotments["guaranteed"]].is_guarantee

    def test_without_allotments_there_is_nothing_to_plan(self, desk):
        with pytest.raises(reading.NoLines):
            reading.execution_lines(year=2022)


class TestComputing:
    def test_the_plan_is_kept_with_its_reasons(self, desk, allotments):
        scenario = compute(desk, cut(desk, target_yuan=102_000))
        found = lines(scenario.pk)

        assert scenario.is_feasible and scenario.document.state == "computed"
        assert found[allotments["guaranteed"]].cut_fen == 0
        assert found[allotments["guaranteed"]].reason_code == "guarantee"
        assert sum(line.cut_fen for line in found.values()) == 102_000_00
        assert scenario.result["total_fen"] == 102_000_00
        assert {row["guard"]: row["amount_fen"] for row in scenario.result["flat_breaches"]}["guarantee"] > 0

    def test_exactly_what_is_available_and_one_yuan_more(self, desk, allotments):
        assert compute(desk, cut(desk, target_yuan=105_000)).is_feasible
        over = compute(desk, cut(desk, target_yuan=105_001))

        assert not over.is_feasible
        assert over.result["short_fen"] == 100
        assert "还差 1.00 元" in over.result["summary"]
        assert not lines(over.pk)

    def test_a_percentage_of_what_is_open(self, desk, allotments):
        scenario = compute(desk, cut(desk, target_fen=None, target_percent=Decimal(10)))

        assert scenario.result["target_fen"] == 20_000_00
        assert scenario.document.amount_fen == 20_000_00

    def test_computing_again_uses_the_same_inputs_and_gives_the_same(self, desk, allotments):
        first = compute(desk, cut(desk, target_yuan=50_000))
        before = (first.inputs_digest, first.result_digest)
        desk.submitted(allotments["plain"], 90_000)

        again = compute(desk, first.pk)

        assert (again.inputs_digest, again.result_digest) == before
        assert reading.execution_lines(year=2023)[0].spent_fen == 90_000_00

    def test_inputs_are_frozen_by_the_database(self, desk, allotments):
        scenario = compute(desk, cut(desk))

        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            Scenario.objects.filter(pk=scenario.pk).update(parameters={})

    def test_a_kept_scenario_never_changes(self, desk, allotments):
        scenario = compute(desk, cut(desk))
        running.keep(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

        with pytest.raises(IntegrityError, match="kept"), transaction.atomic():
            Scenario.objects.filter(pk=scenario.pk).update(result={})
        with pytest.raises(IntegrityError, match="kept"), transaction.atomic():
            ScenarioLine.objects.filter(scenario=scenario).update(cut_fen=0)
        with pytest.raises(WrongState):
            compute(desk, scenario.pk)


class TestWhoMay:
    def test_only_who_sees_the_district(self, desk):
        with pytest.raises(NotAllowed):
            cut(desk, who="maker")

    def test_a_role_without_the_right(self, desk):
        with pytest.raises(StepNotPermitted):
            cut(desk, who="leader")

    @pytest.mark.parametrize("facts", [{"target_fen": 0}, {"target_fen": None}, {"target_fen": 1, "target_percent": Decimal(1)},
                                       {"unit_percent": Decimal("100.1")}, {"step": "fen"}])  # fmt: skip
    def test_what_cannot_be_asked(self, facts):
        with pytest.raises(BadInput):
            parameters.cut_parameters(on=DAY, **{"target_fen": 100, **facts})


class TestDrafts:
    """保留的推演转成草稿，金额与推演一致，走正常审批。"""

    def test_cuts_of_allotments(self, desk, allotments):
        scenario = compute(desk, cut(desk, target_yuan=102_000))
        running.keep(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

        running.draw_up(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

        made = Document.objects.filter(kind="budget.cut")
        assert sum(made.values_list("amount_fen", flat=True)) == 102_000_00
        assert {header.state for header in made} == {"draft"}
        done = desk.approve(made.order_by("pk")[0].pk)
        assert done.state == "approved"

    def test_drafts_are_made_once(self, desk, allotments):
        scenario = compute(desk, cut(desk))
        running.keep(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)
        running.draw_up(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

        with pytest.raises(Refusal, match="不重复生成"):
            running.draw_up(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

    def test_not_before_it_is_kept(self, desk, allotments):
        scenario = compute(desk, cut(desk))

        with pytest.raises(WrongState):
            running.draw_up(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

    def test_not_from_what_cannot_be_done(self, desk, allotments):
        scenario = compute(desk, cut(desk, target_yuan=900_000))
        running.keep(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

        with pytest.raises(Refusal, match="目标不能实现"):
            running.draw_up(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)


class TestStress:
    """三保压力测试读账：没有库款也没有收入，三保和其他支出都到期。"""

    def make(self, desk, **facts):
        kept = parameters.shortfall_parameters(on=DAY, first_month=202303, **facts)
        return running.make_scenario(
            sort="shortfall", year=2023, title="", kept=kept, actor=desk.people["budget_officer"], at=desk.at
        )

    def test_what_has_to_wait_is_what_is_not_guaranteed(self, desk, allotments):
        scenario = compute(desk, self.make(desk))
        result, found = scenario.result, lines(scenario.pk)

        assert result["opening_fen"] == 0
        assert result["guaranteed_short_fen"] == 100_000_00
        assert set(found) == {allotments["plain"], allotments["held"]}
        assert found[allotments["plain"]].cut_fen == 100_000_00
        assert found[allotments["held"]].cut_fen == 5_000_00
        assert result["missing_fen"] == {"4": 95_000_00}
        assert "三保仍缺 100,000.00 元" in result["summary"]

    def test_the_list_becomes_drafts_of_freezes(self, desk, allotments):
        scenario = compute(desk, self.make(desk))
        running.keep(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

        running.draw_up(scenario.pk, actor=desk.people["budget_officer"], at=desk.at)

        made = Document.objects.filter(kind="budget.freeze")
        assert sorted(made.values_list("amount_fen", flat=True)) == [5_000_00, 100_000_00]
        assert desk.approve(made.order_by("pk")[0].pk).state == "frozen"

    def test_debt_due_in_its_month(self, desk, allotments):
        scenario = compute(desk, self.make(desk, debts={202306: 1_000_00}))

        keys = [row[0] for row in scenario.result["outflows"]]
        due = scenario.result["course"]["plain"]["due_fen"][keys.index("debt")]
        assert due == [0, 0, 0, *[1_000_00] * 7]

    def test_the_horizon_stays_within_the_year(self):
        with pytest.raises(BadInput):
            parameters.shortfall_parameters(on=DAY, first_month=202303, length=11)
        assert parameters.shortfall_parameters(on=DAY, first_month=202303)["length"] == 10


class TestReadingTheTreasury:
    """库款、收入、三保需求从账上和发布的视图读来。"""

    NEED = """
        DROP VIEW IF EXISTS v_guarantees_need CASCADE;
        CREATE VIEW v_guarantees_need AS
        SELECT 2023 AS fiscal_year, item, name, 'x' AS area, 'national' AS level, 1200::bigint AS need_fen,
            '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]'::jsonb AS monthly
        FROM (VALUES ('W01', '基本工资'), ('L01', '义务教育'), ('O01', '公用经费')) AS found (item, name)
    """

    def read(self, **facts):
        given = {
            "first_month": 202303, "length": 3, "debts": {}, "wage_percent": Decimal(20), "reserve_fen": 0,
            "policy": policy_of(DAY), **facts,
        }  # fmt: skip
        return reading_cash.read(**given)

    def test_needs_by_month_livelihood_first_and_marked_allotments_left_out(self, desk, allotments):
        with connection.cursor() as cursor:
            cursor.execute(self.NEED)

        found = self.read()

        assert [(item.label, item.months_fen) for item in found.situation.outflows if item.rank == 0] == [
            ("L01 义务教育", (3, 4, 5)), ("W01 基本工资", (3, 4, 5)), ("O01 公用经费", (3, 4, 5)),
        ]  # fmt: skip
        assert found.notes[-1] == "needs:need"
        rest = [item for item in found.situation.outflows if item.key == "rest"]
        assert sum(rest[0].months_fen) == 200_000_00

    def test_without_a_need_the_marks_count(self, desk, allotments):
        found = self.read()

        guaranteed = [item for item in found.situation.outflows if item.rank == 0]
        assert sum(sum(item.months_fen) for item in guaranteed) == 100_000_00
        assert found.notes[-1] == "needs:marks"

    def test_wages_of_migrant_workers_are_part_of_what_is_built(self, desk):
        desk.allotment(100_000, economic_code="31001")

        found = {item.key: sum(item.months_fen) for item in self.read().situation.outflows}

        assert found == {"wages": 20_000_00, "rest": 80_000_00}
        assert self.read().candidates[0].free_fen == 80_000_00

    def test_what_is_kept_is_what_was_read(self, desk, allotments):
        found = self.read(debts={202304: 5_00})

        assert reading_cash.from_plain(reading_cash.plain(found)) == found

    def test_inflows_are_the_task_where_there_is_one_else_last_year(self, desk):
        load_chart(import_module("fisc.domains.revenue.module").MODULE.chart)
        for month, code, fund, subject, amount in [
            (3, "1010101", "general", "4003", 30), (4, "1010101", "general", "4003", 40), (3, "103014801", "govfund", "4003", 7),
            (5, "1100201", "general", "4005", 9), (3, "1010101", "general", "4001", 99),
        ]:  # fmt: skip
            self.book(desk, dt.date(2022, month, 15), code, fund, subject, amount)

        before = {item.source: item.months_fen for item in self.read().situation.inflows}
        self.book(desk, dt.date(2023, 4, 1), "1010101", "general", "8003", 55, other="8000")
        after = {item.source: item.months_fen for item in self.read().situation.inflows}

        assert before == {"revenue": (30, 40, 0), "land": (7, 0, 0), "transfer": (0, 0, 9)}
        assert after["revenue"] == (0, 55, 0) and after["land"] == (7, 0, 0)

    def book(self, desk, on, code, fund, subject, amount, other="4000"):
        key = ledger.AccountKey(
            book="revenue", subject=subject, fiscal_year=on.year, fund=fund, revenue_code=code
        )
        against = ledger.AccountKey(book="revenue", subject=other, fiscal_year=on.year, fund=fund)
        entry = ledger.Entry(
            kind="test", document_id=None, effective_on=on, lines=(ledger.Line(against, key, amount),)
        )
        ledger.post(entry=entry, actor_id=system_actor().user_id, at=desk.at)

    def test_cash_at_the_beginning_and_what_went_out_before(self, desk):
        for day, amount, debit, credit in [
            (dt.date(2022, 12, 30), 500, "1001", "4001"), (dt.date(2023, 2, 10), 120, "5001", "1001"),
            (dt.date(2023, 3, 5), 10, "5001", "1001"),
        ]:  # fmt: skip
            keys = [
                ledger.AccountKey(
                    book="cash",
                    subject=code,
                    fund="general",
                    fiscal_year=None if code == "1001" else day.year,
                )
                for code in (debit, credit)
            ]
            entry = ledger.Entry(
                kind="test", document_id=None, effective_on=day, lines=(ledger.Line(*keys, amount),)
            )
            ledger.post(entry=entry, actor_id=system_actor().user_id, at=desk.at)

        found = self.read().situation

        assert found.opening_fen == 380
        assert found.past_outflows_fen == (0, 120)
