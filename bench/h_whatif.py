"""(h): the what-if desk: a cut over 20,000 lines, one out of reach, and a year's stress test.

The cut is held against reading the same lines once (what each may lose), in the same run.
"""

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bench.support import Result, seconds, size

RUNS = 3
UNITS = 500
STEP = 100
GRADES = ("", "", "优", "良", "中", "差")
NATURES = ("ordinary", "ordinary", "ordinary", "ordinary", "priority", "rigid")
CATEGORIES = ("personnel", "public", "operating", "special")


def run() -> list[Result]:
    """Make lines, then plan, plan with whole projects, ask too much, and follow a year of cash."""
    from fisc.domains.scenarios.lines import capacity
    from fisc.domains.scenarios.planner import Infeasible, Plan, maximum_fen, plan

    count = size("BENCH_LINES", 20_000)
    lines, question = _lines(count), _question()
    whole = replace(question, minimum_percent=Decimal(60))
    most = maximum_fen(lines, question)
    fits, over = (
        replace(question, target_fen=most * 6 // 10 // STEP * STEP),
        replace(question, target_fen=most + STEP),
    )
    whole = replace(whole, target_fen=maximum_fen(lines, whole) * 6 // 10)
    once = _best(lambda: [capacity(line, question.guards) for line in lines])
    planned = _best(lambda: plan(lines, fits))
    wholes = _best(lambda: plan(lines, whole))
    refused = _best(lambda: plan(lines, over))
    stress = _best(_stress)
    assert isinstance(plan(lines, fits), Plan) and isinstance(plan(lines, over), Infeasible)
    title, base = f"{count:,} 行", "逐行看一遍约束"
    return [
        Result(name="h_cut", title=f"(h) 压减推演 {title}", value=planned, unit="秒", baseline=once, baseline_title=base,
               ratio=planned / once, goal=40),
        Result(name="h_whole", title=f"(h) 压减推演 {title}，可整项取消（混合整数）", value=wholes, unit="秒", baseline=once,
               baseline_title=base, ratio=wholes / once, goal=60),
        Result(name="h_refused", title=f"(h) 目标不能实现 {title}：找出约束和办法", value=refused, unit="秒", baseline=once,
               baseline_title=base, ratio=refused / once, goal=15),
        Result(name="h_stress", title="(h) 三保压力测试 365 天、20 个项目", value=stress, unit="秒"),
    ]  # fmt: skip


def _best(work: Any) -> float:
    return min(seconds(work) for _ in range(RUNS))


def _lines(count: int) -> list[Any]:
    from fisc.domains.scenarios.lines import CutLine

    dice = random.Random(20_230_703)
    return [
        CutLine(
            key=n, unit_id=n // 3 % UNITS, title="", base_fen=dice.randrange(1, 500) * 1_000_000, asked_fen=0,
            project_id=n // 3, category=dice.choice(CATEGORIES), nature=dice.choice(NATURES), grade=dice.choice(GRADES),
            rank=dice.randrange(20), flags=dice.choice((0, 0, 0, 0, 0, 0, 1, 2, 4)),
            contract_fen=dice.choice((0, 0, 0, 5_000_000)),
        )
        for n in range(count)
    ]  # fmt: skip


def _question() -> Any:
    from fisc.domains.scenarios.parameters import cut_parameters, question_of

    return question_of(cut_parameters(on=dt.date(2023, 7, 3), target_fen=STEP), STEP)


def _stress() -> Any:
    from fisc.domains.scenarios.shortfall import Inflow, Outflow, Shock, Situation, run

    year = 12
    situation = Situation(
        first_month=202301,
        opening_fen=5 * 10**10,
        inflows=tuple(
            Inflow(source=source, months_fen=(10**10,) * year) for source in ("revenue", "land", "transfer")
        ),
        outflows=tuple(
            Outflow(key=str(n), label="", rank=n // 4, months_fen=(16 * 10**8,) * year, profile="social")
            for n in range(20)
        ),
    )
    return run(situation, Shock(revenue_percent=Decimal(10), land_percent=Decimal(30), delay_months=2))
