"""答案：结论一句话；只含整数和文字，摘要可复核；同样的输入给同样的答案。"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from fisc.domains.scenarios import answers, canonical, parameters, reading, reading_cash
from fisc.domains.scenarios.lines import CutLine
from fisc.domains.scenarios.shortfall import (
    DEBT,
    GUARANTEED,
    REST,
    REVENUE,
    WAGES,
    Inflow,
    Outflow,
    Situation,
)

DAY = dt.date(2023, 7, 3)
WAN = 1_000_000
LINES = [
    CutLine(key=1, unit_id=1, title="维修", base_fen=100 * WAN, asked_fen=120 * WAN, grade="中"),
    CutLine(
        key=2, unit_id=2, title="教师工资", base_fen=100 * WAN, asked_fen=100 * WAN, guarantee_item="W01"
    ),
]


def cash(*outflows, opening=100):
    """Two months, 10 万元 a month."""
    situation = Situation(
        first_month=202307,
        opening_fen=opening * WAN,
        inflows=(Inflow(source=REVENUE, months_fen=(10 * WAN, 10 * WAN)),),
        outflows=tuple(
            Outflow(key=str(rank), label="", rank=rank, months_fen=(wan * WAN, wan * WAN))
            for rank, wan in outflows
        ),
    )
    return reading_cash.Read(situation, (), ("revenue:task",))


def stress(**facts):
    return parameters.shortfall_parameters(on=DAY, first_month=202307, length=2, **facts)


class TestCuts:
    def test_the_sentence_and_the_figures(self):
        answer = answers.cut_answer(parameters.cut_parameters(on=DAY, target_fen=20 * WAN), LINES)

        assert answer.is_feasible and answer.amount_fen == 20 * WAN
        assert answer.result["f8"]["cut_fen"] == 40 * WAN and answer.result["f8"]["rate_bp"] == 3333
        assert answer.result["flat_f8"]["cut_fen"] == 30 * WAN
        assert "如同比例压减，将压到“三保”支出 100,000.00 元" in answer.result["summary"]

    def test_nothing_lawful_suffices(self):
        answer = answers.cut_answer(parameters.cut_parameters(on=DAY, target_fen=101 * WAN), LINES)

        assert not answer.is_feasible
        assert "最多也只能压 1,000,000.00 元，仍差 10,000.00 元" in answer.result["summary"]

    def test_what_is_kept_gives_the_same_bytes_again(self):
        kept = parameters.cut_parameters(on=DAY, target_percent=Decimal("12.5"))
        inputs = canonical.read(canonical.write(reading.plain_lines(LINES)))

        first, again = (
            canonical.write(answers.cut_answer(kept, reading.lines_from(inputs)).result) for _ in range(2)
        )

        assert first == again
        assert canonical.digest(first) == canonical.digest(again)

    def test_floats_that_are_no_numbers_are_never_kept(self):
        with pytest.raises(ValueError):
            canonical.write({"a": float("nan")})


class TestStress:
    def test_nothing_happens(self):
        answer = answers.shortfall_answer(stress(), cash((GUARANTEED, 10)))

        assert answer.result["feasible"]
        assert "不需要暂缓支出" in answer.result["summary"]

    def test_who_waits_and_who_cannot_be_paid(self):
        found = cash((GUARANTEED, 20), (WAGES, 50), (DEBT, 5), (REST, 30))

        answer = answers.shortfall_answer(stress(), found)

        assert "最多须暂缓其他支出 600,000.00 元" in answer.result["summary"]
        assert "农民工工资仍有 200,000.00 元不能按期支付" in answer.result["summary"]
        assert "到期债务仍有 100,000.00 元不能按期支付" in answer.result["summary"]

    def test_even_guarantees_go_short(self):
        answer = answers.shortfall_answer(stress(revenue_percent=Decimal(100)), cash((GUARANTEED, 60)))

        assert not answer.result["feasible"]
        assert "三保仍缺 200,000.00 元，须申请上级调度" in answer.result["summary"]

    def test_debt_rolled_over_is_not_due(self):
        answer = answers.shortfall_answer(stress(with_debt=False), cash((DEBT, 500)))

        assert answer.result["course"]["first_short"] is None
