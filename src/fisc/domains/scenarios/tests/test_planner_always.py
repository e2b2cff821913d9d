"""压减推演：任何情形都不越上限、不越单位上限，目标不多不少；成组计算与逐行规则一致。"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fisc.domains.scenarios.lines import GUARD_LABELS, CutLine, Guards, spread
from fisc.domains.scenarios.planner import (
    STEP_YUAN,
    Infeasible,
    Plan,
    Question,
    _most,
    _problem,
    maximum_fen,
    plan,
)
from fisc.domains.scenarios.reasons import reasons

GRADES = {"优": Decimal(5), "良": Decimal(10), "中": Decimal(20), "差": Decimal(100), "": Decimal(15)}
GUARDS = Guards(grade_percent=GRADES)


def ask(target_fen: int, **facts) -> Question:
    facts = {"guards": GUARDS, "weigh": lambda found: 100, **facts}
    return Question(target_fen=target_fen, **facts)


amounts = st.integers(0, 500_00)
some_line = st.builds(
    CutLine,
    key=st.integers(1, 10**6),
    unit_id=st.integers(1, 4),
    title=st.just(""),
    base_fen=amounts,
    asked_fen=amounts,
    project_id=st.one_of(st.none(), st.integers(1, 5)),
    nature=st.sampled_from(["ordinary", "ordinary", "priority", "rigid"]),
    grade=st.sampled_from(["", "优", "良", "中", "差", "差"]),
    flags=st.integers(0, 7).filter(lambda n: n in (0, 1, 2, 4)),
    spent_fen=st.integers(0, 100_00),
    contract_fen=st.integers(0, 100_00),
)


class TestAlways:
    """任何情形：不越上限，不越单位上限，目标不多不少。"""

    @settings(max_examples=120, deadline=None)
    @given(
        st.lists(some_line, min_size=1, max_size=25),
        st.integers(1, 1000),
        st.sampled_from([STEP_YUAN, 1]),
        st.sampled_from([Decimal(10), Decimal(30), Decimal(100)]),
        st.sampled_from([Decimal(0), Decimal(10)]),
    )
    def test_caps_ceilings_target(self, lines, thousandths, step, unit_percent, fair):
        guards = replace(GUARDS, unit_percent=unit_percent)
        question = ask(
            1, guards=guards, step_fen=step, fair_percent=fair, weigh=lambda item: 40 + item.key % 7
        )
        most = maximum_fen(lines, question)
        if most == 0:
            assert isinstance(plan(lines, replace(question, target_fen=step)), Infeasible)
            return
        target = max(step, most * thousandths // 1000 // step * step)

        found = plan(lines, replace(question, target_fen=target))

        assert isinstance(found, Plan)
        assert found.total_fen == target
        by_unit: dict[int, int] = {}
        for item in found.planned:
            assert (
                0
                <= item.cut_fen
                <= item.capacity.cap_fen
                <= max(0, item.line.base_fen - min(item.line.base_fen, item.line.spent_fen))
            )
            by_unit[item.line.unit_id] = by_unit.get(item.line.unit_id, 0) + item.cut_fen
        assert all(cut <= found.ceiling_fen[unit] for unit, cut in by_unit.items())
        assert all(reason.text for reason in reasons(found, replace(question, target_fen=target)))
        over = plan(lines, replace(question, target_fen=most + step))
        assert isinstance(over, Infeasible) and over.short_fen == step

    @settings(max_examples=60, deadline=None)
    @given(st.lists(some_line, min_size=1, max_size=15), st.integers(1, 1000))
    def test_whole_projects_keep_the_minimum_or_go(self, lines, thousandths):
        question = ask(1, minimum_percent=Decimal(60), weigh=lambda item: 100)
        most = maximum_fen(lines, question)
        target = max(100, most * thousandths // 1000)

        found = plan(lines, replace(question, target_fen=target))

        if isinstance(found, Infeasible):
            assert found.maximum_fen < target
            return
        assert found.total_fen >= target
        for item in found.planned:
            assert item.cut_fen <= item.capacity.cap_fen
            assert item.is_whole == (item.is_whole and item.cut_fen == item.line.base_fen)

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(some_line, min_size=1, max_size=20),
        st.sets(st.sampled_from(sorted(GUARD_LABELS))),
        st.sampled_from([None, Decimal(60), Decimal("33.33")]),
        st.sampled_from([Decimal(10), Decimal("12.5"), Decimal(100)]),
        st.sampled_from([1, STEP_YUAN, 777]),
        st.sampled_from([Decimal(0), Decimal(7)]),
    )
    def test_the_arrays_follow_the_rules_of_the_line(self, lines, lifted, minimum, unit, step, upper):
        guards = replace(GUARDS, lifted=frozenset(lifted), unit_percent=unit, upper_percent=upper)
        question = ask(1, guards=guards, minimum_percent=minimum, step_fen=step)

        assert maximum_fen(lines, question) == _most(_problem(lines, question)) * step

    @given(st.integers(0, 10_000), st.lists(st.integers(0, 1000), min_size=1, max_size=20))
    def test_sharing_loses_nothing_and_gives_nobody_too_much(self, total, weights):
        total = min(total, sum(weights))

        found = spread(total, weights)

        assert sum(found) == total
        assert all(0 <= share <= weight for share, weight in zip(found, weights, strict=True))
