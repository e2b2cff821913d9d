"""压减推演：约束、上限、目标、理由，两侧各测一次。"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from fisc.domains.scenarios.lines import CutLine, Guards, capacity, spread_contracts
from fisc.domains.scenarios.planner import (
    STEP_WAN,
    Infeasible,
    Plan,
    Question,
    maximum_fen,
    plan,
)
from fisc.domains.scenarios.reasons import reasons

GRADES = {"优": Decimal(5), "良": Decimal(10), "中": Decimal(20), "差": Decimal(100), "": Decimal(15)}
GUARDS = Guards(grade_percent=GRADES)
WAN = 1_000_000


def line(wan: int = 100, **facts):
    """A line of so many 万元."""
    facts = {"key": 1, "unit_id": 1, "title": "项目", "asked_fen": wan * WAN, **facts}
    return CutLine(base_fen=wan * WAN, **facts)


def ask(target_fen: int, **facts) -> Question:
    facts = {"guards": GUARDS, "weigh": lambda found: 100, **facts}
    return Question(target_fen=target_fen, **facts)


def cuts(found) -> list[int]:
    assert isinstance(found, Plan)
    return [item.cut_fen for item in found.planned]


def texts(found, question) -> list[str]:
    return [reason.text for reason in reasons(found, question)]


class TestWhatALineMayLose:
    """每行最多可压多少。"""

    @pytest.mark.parametrize(
        ("facts", "wan", "guard"),
        [
            ({}, 15, "grade"),
            ({"grade": "优"}, 5, "grade"),
            ({"grade": "良"}, 10, "grade"),
            ({"grade": "中"}, 20, "grade"),
            ({"grade": "差"}, 100, ""),
            ({"guarantee_item": "L01", "grade": "差"}, 0, "guarantee"),
            ({"flags": 1, "grade": "差"}, 0, "guarantee"),
            ({"flags": 2}, 0, "upper"),
            ({"has_upper_money": True}, 0, "upper"),
            ({"flags": 4}, 0, "bond"),
            ({"is_bond": True}, 0, "bond"),
            ({"nature": "rigid"}, 0, "rigid"),
            ({"nature": "priority"}, 15, "grade"),
            ({"is_locked": True}, 0, "locked"),
            ({"grade": "差", "contract_fen": 70 * WAN}, 30, "contract"),
            ({"grade": "差", "spent_fen": 60 * WAN}, 40, "spent"),
            ({"grade": "差", "spent_fen": 60 * WAN, "contract_fen": 50 * WAN}, 0, "contract"),
        ],
    )
    def test_the_guards(self, facts, wan, guard):
        held = capacity(line(**facts), GUARDS)

        assert (held.cap_fen, held.bound_by) == (wan * WAN, guard)

    def test_upper_money_up_to_its_limit(self):
        guards = replace(GUARDS, upper_percent=Decimal(3))

        assert capacity(line(flags=2, grade="差"), guards).cap_fen == 3 * WAN

    def test_a_switch_off_opens_the_line(self):
        assert capacity(line(nature="rigid", grade="中"), replace(GUARDS, rigid=False)).cap_fen == 20 * WAN
        assert capacity(line(nature="priority"), replace(GUARDS, priority=True)).cap_fen == 0

    def test_guarantees_have_no_switch(self):
        assert "guarantee" not in set(Guards.__dataclass_fields__)

    def test_contracts_are_shared_over_the_lines_of_a_project(self):
        lines = [line(60, project_id=7), line(40, project_id=7, key=2), line(50, project_id=8, key=3)]

        shared = spread_contracts(lines, {7: 50 * WAN})

        assert [item.contract_fen for item in shared] == [30 * WAN, 20 * WAN, 0]


class TestTheTarget:
    """目标：分毫不差地完成，多一元则不可行并说明差多少。"""

    def test_the_most_that_can_be_cut_is_reached(self):
        lines = [line(), line(grade="中", key=2), line(guarantee_item="W01", key=3)]

        found = plan(lines, ask(35 * WAN))

        assert cuts(found) == [15 * WAN, 20 * WAN, 0]

    def test_one_yuan_more_is_out_of_reach_by_one_yuan(self):
        lines = [line(), line(grade="中", key=2), line(guarantee_item="W01", key=3)]

        found = plan(lines, ask(35 * WAN + 100))

        assert isinstance(found, Infeasible)
        assert (found.maximum_fen, found.short_fen) == (35 * WAN, 100)
        assert {binding.guard for binding in found.bindings} == {"grade", "guarantee"}
        (grade,) = [binding for binding in found.bindings if binding.guard == "grade"]
        assert grade.gain_fen == 165 * WAN and grade.suffices == "各绩效等级的压减上限统一提高 0.1 个百分点"
        (guarantee,) = [binding for binding in found.bindings if binding.guard == "guarantee"]
        assert not guarantee.may_loosen and guarantee.suffices == ""

    def test_the_unit_ceiling_binds_and_says_what_would_suffice(self):
        lines = [line(grade="差"), line(grade="差", unit_id=2, key=2)]
        guards = replace(GUARDS, unit_percent=Decimal(30))

        assert sum(cuts(plan(lines, ask(60 * WAN, guards=guards)))) == 60 * WAN
        found = plan(lines, ask(61 * WAN, guards=guards))

        assert isinstance(found, Infeasible) and found.short_fen == WAN
        assert found.bindings[0].guard == "unit"
        assert found.bindings[0].suffices == "单位压减上限由 30% 放宽到 30.5%"

    def test_several_guards_together(self):
        lines = [line(grade="良"), line(grade="良", unit_id=2, key=2)]
        guards = replace(GUARDS, unit_percent=Decimal(8))

        found = plan(lines, ask(30 * WAN, guards=guards))

        assert isinstance(found, Infeasible)
        assert found.together == ("放开“单位压减上限”", "各绩效等级的压减上限统一提高 5 个百分点")
        assert found.loosest_fen == 200 * WAN

    def test_a_guard_that_binds_only_after_another_is_named_too(self):
        found = plan([line()], ask(40 * WAN, guards=replace(GUARDS, unit_percent=Decimal(30))))

        assert isinstance(found, Infeasible)
        assert found.together == ("放开“绩效等级上限”", "单位压减上限由 30% 放宽到 40%")

    def test_not_even_everything_that_may_be_loosened(self):
        found = plan([line(), line(guarantee_item="W01", key=2)], ask(101 * WAN))

        assert isinstance(found, Infeasible)
        assert found.together == () and found.loosest_fen == 100 * WAN

    def test_whole_wan_neither_break_caps_nor_miss_the_target(self):
        lines = [
            CutLine(key=n, unit_id=n % 3, title="", base_fen=33_3333_00 + n * 7_77, asked_fen=0, grade="差")
            for n in range(9)
        ]

        found = plan(lines, ask(100 * WAN, step_fen=STEP_WAN))

        assert sum(cuts(found)) == 100 * WAN
        assert all(cut % STEP_WAN == 0 for cut in cuts(found))

    def test_a_target_between_two_steps_is_rounded_up(self):
        assert sum(cuts(plan([line()], ask(WAN + 1, step_fen=STEP_WAN)))) == 2 * WAN

    def test_a_target_must_be_positive(self):
        with pytest.raises(ValueError):
            plan([line()], ask(0))


class TestTheOrder:
    """先压影响小的；影响相同，各单位一样。"""

    def test_least_harm_first(self):
        lines = [line(grade="中"), line(grade="中", key=2)]
        weights = {1: 500, 2: 100}

        found = plan(lines, ask(20 * WAN, weigh=lambda item: weights[item.key], fair_percent=Decimal(0)))

        assert cuts(found) == [0, 20 * WAN]

    def test_among_equals_the_units_bear_the_same_rate(self):
        lines = [line(100, grade="中"), line(300, grade="中", unit_id=2, key=2)]

        found = plan(lines, ask(40 * WAN))

        assert cuts(found) == [10 * WAN, 30 * WAN]
        assert found.highest_percent == 10

    def test_fairness_costs_at_most_what_was_conceded(self):
        lines = [line(100, grade="差"), line(100, grade="差", unit_id=2, key=2)]
        weights = {1: 100, 2: 110}

        def weigh(item):
            return weights[item.key]

        selfish = plan(lines, ask(50 * WAN, weigh=weigh, fair_percent=Decimal(0)))
        even = plan(lines, ask(50 * WAN, weigh=weigh, fair_percent=Decimal(10)))

        assert cuts(selfish) == [50 * WAN, 0]
        assert cuts(even) == [25 * WAN, 25 * WAN]
        assert even.harm <= selfish.harm * 110 // 100

    def test_the_price_of_one_yuan_more(self):
        found = plan([line(grade="中"), line(grade="中", key=2)], ask(10 * WAN, weigh=lambda item: 180))

        assert found.target_price == pytest.approx(180)


class TestWholeProjects:
    """与其压到难以完成，不如整项取消。"""

    def test_a_poor_project_is_cut_whole_rather_than_starved(self):
        lines = [line(50, grade="差", project_id=1), line(100, grade="中", unit_id=2, key=2, project_id=2)]
        question = ask(60 * WAN, minimum_percent=Decimal(60))

        found = plan(lines, question)

        assert cuts(found) == [50 * WAN, 10 * WAN]
        assert found.planned[0].is_whole and "整项取消 500,000.00 元" in texts(found, question)[0]

    def test_all_lines_of_a_project_go_together(self):
        lines = [line(30, grade="差", project_id=1), line(20, grade="差", project_id=1, key=2)]

        found = plan(lines, ask(45 * WAN, minimum_percent=Decimal(60)))

        assert cuts(found) == [30 * WAN, 20 * WAN]

    def test_without_need_it_keeps_its_minimum(self):
        question = ask(40 * WAN, minimum_percent=Decimal(60))
        found = plan([line(100, grade="差", project_id=1)], question)

        assert cuts(found) == [40 * WAN]
        assert "项目至少保留 60%" in texts(found, question)[0]

    def test_the_minimum_is_rounded_up_to_the_fen(self):
        lines = [CutLine(key=1, unit_id=1, title="", base_fen=2, asked_fen=2, grade="差", spent_fen=1)]
        question = ask(1, step_fen=1, minimum_percent=Decimal(60))

        assert maximum_fen(lines, question) == 0
        assert maximum_fen(lines, replace(question, minimum_percent=Decimal(50))) == 1

    def test_a_signed_project_is_never_cut_whole(self):
        lines = [line(100, grade="差", contract_fen=10 * WAN, project_id=1)]

        found = plan(lines, ask(41 * WAN, minimum_percent=Decimal(60)))

        assert isinstance(found, Infeasible) and found.maximum_fen == 40 * WAN

    def test_no_ceiling_is_passed_by_a_whole_project(self):
        lines = [
            line(100, grade="差", project_id=1),
            line(100, guarantee_item="", grade="优", key=2, project_id=2),
        ]
        guards = replace(GUARDS, unit_percent=Decimal(30))

        found = plan(lines, ask(46 * WAN, guards=guards, minimum_percent=Decimal(60)))

        assert isinstance(found, Infeasible) and found.maximum_fen == 45 * WAN


class TestReasons:
    """每行一句理由，写明约束、等级、金额。"""

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"guarantee_item": "L01"}, "“三保”支出（L01 义务教育） 1,000,000.00 元，必须足额保障"),
            ({"flags": 4}, "政府债券资金"),
            ({"flags": 2}, "上级专项（直达）资金"),
            ({"nature": "rigid"}, "刚性支出 1,000,000.00 元，不压减"),
            ({"grade": "良"}, "绩效评价“良”，最多压减 10%，即 100,000.00 元，已到上限"),
            (
                {"grade": "差", "contract_fen": 95 * WAN},
                "已签合同尚需支付 950,000.00 元，最多可压 50,000.00 元",
            ),
            ({"grade": "差", "spent_fen": 100 * WAN}, "已执行和在途 1,000,000.00 元不能收回"),
        ],
    )
    def test_the_guard_is_named(self, facts, words):
        lines = [line(**facts), line(1000, grade="差", unit_id=2, key=2)]
        question = ask(900 * WAN, weigh=lambda item: 10 if item.key == 1 else 100, fair_percent=Decimal(0))

        assert words in texts(plan(lines, question), question)[0]

    def test_a_line_that_was_not_needed(self):
        lines = [line(nature="priority"), line(1000, grade="差", unit_id=2, key=2)]
        question = ask(10 * WAN, weigh=lambda item: 500 if item.key == 1 else 100, fair_percent=Decimal(0))

        assert "影响较大" in texts(plan(lines, question), question)[0]

    def test_a_unit_at_its_ceiling(self):
        lines = [line(grade="差"), line(grade="优", key=2), line(1000, grade="差", unit_id=2, key=3)]
        guards = replace(GUARDS, unit_percent=Decimal(30))
        question = ask(
            100 * WAN,
            guards=guards,
            weigh=lambda item: {1: 10, 2: 20, 3: 100}[item.key],
            fair_percent=Decimal(0),
        )

        assert "达到单位上限 30%" in texts(plan(lines, question), question)[1]
