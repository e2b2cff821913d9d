"""Plays the round of the year after next that has just been opened: some units have sent in, some are half-way.

What is half-way is left for the visitor: the sheet of 云屿区第一中学 and 区教育局 can be filled in and sent.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fisc.domains.preparation import services as preparation
from fisc.domains.projects.services import PROJECT_KIND, create_projects
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.actor import Actor
from fisc.project.demo import ceilings, district, natures, needs, people, preparing
from fisc.project.demo.cast import Cast, moment, whole
from fisc.project.demo.preparation_plan import Ask
from fisc.project.demo.spending_plan import SpendingPlan

_ASKED_MORE = (100, 100, 105, 110, 120, 130)
_BASIC = ("personnel", "running")
_SENT, _HALF_WAY = 24, 12
# Units with an accountant of their own, whom a visitor can log in as.
_VISITORS = (("121001", "wanglihua"), ("121", "mafang"))


def play(*, plan: SpendingPlan, year: int, cast: Cast, on: date) -> None:
    """This function will open the round of a year: basic data, ceilings, and what the quick units have done so far."""
    needs.play_basic_data(year=year, cast=cast, on=on)
    asks = _asks(plan, year)
    ceilings.play(year=year, asks=asks, cast=cast, on=on)
    round_id = preparation.open_round(
        year=year, actor=cast.budget_officer, at=moment(on, 11), note=f"关于编制{year}年部门预算的通知"
    )
    own = {code for code, _ in _VISITORS}
    quick = [unit.code for unit in district.units() if unit.code not in own][::3][: _SENT + _HALF_WAY]
    sent = preparing.enter(
        round_id=round_id, asks=[ask for ask in asks if ask.line.unit_code in quick[:_SENT]], cast=cast, on=on
    )
    _send(sent, cast, on)
    half = [ask for ask in asks if ask.line.unit_code in quick[_SENT:] and ask.line.kind in _BASIC]
    preparing.enter(round_id=round_id, asks=half, cast=cast, on=on)
    for code, username in _VISITORS:
        _begin(round_id, code, people.actor(username), asks, cast, on)


def _asks(plan: SpendingPlan, year: int) -> list[Ask]:
    """What the units may ask for: the standards for salaries and running costs, and somewhat more than last year."""
    rng = random.Random(district.SEED + year)
    rows = []
    for line in plan.lines:
        if line.year == year - 1 and line.is_prepared:
            nature, item = natures.nature(line), natures.guarantee_item(line)
            may_grow = nature != natures.RIGID and not ceilings.is_public(line.economic_code)
            fen = line.approved_fen * (rng.choice(_ASKED_MORE) if may_grow else 100) // 100 // 10_000 * 10_000
            rows.append(
                Ask(replace(line, year=year), nature, item, fen or line.approved_fen, line.approved_fen)
            )
    return rows


def _send(request_ids: Sequence[int], cast: Cast, on: date) -> None:
    """Send them in; two thirds have passed their unit's own review."""
    kind = preparing.REQUEST
    whole(perform_many(kind=kind, ids=request_ids, step="submit", actor=cast.maker, at=moment(on, 15)))
    reviewed = request_ids[: len(request_ids) * 2 // 3]
    reviewer = cast.reviewers["unit_reviewer"]
    whole(perform_many(kind=kind, ids=reviewed, step="approve", actor=reviewer, at=moment(on, 15, 30)))


def _begin(round_id: int, code: str, maker: Actor, asks: Sequence[Ask], cast: Cast, on: date) -> None:
    """A unit that fills in its own sheet: salaries and running costs by the standards, and its first project."""
    unit_id = preparing.unit_ids()[code]
    preparation.fill_from_standards(
        round_id=round_id, actor=maker, at=moment(on, 14), unit_ids=[unit_id],
        functions={unit_id: next(ask.line.function_code for ask in asks if ask.line.unit_code == code)},
    )  # fmt: skip
    projects = [ask for ask in asks if ask.line.unit_code == code and ask.line.kind not in _BASIC]
    if projects:
        preparing.enter(round_id=round_id, asks=projects[:2], cast=replace(cast, maker=maker), on=on)


# unit, project, total in 元
_NEW = (
    ("121001", "实验楼抗震加固", 2_600_000),
    ("121001", "校园直饮水改造", 480_000),
    ("121", "县域普通高中薄弱环节改善", 4_200_000),
    ("121", "校车安全监管平台", 860_000),
    ("121005", "田径场改造", 1_350_000),
)
_TARGETS = (
    "产出|数量|完成改造项目|≥|1|个|40；产出|时效|按期完工率|≥|95|%|30；满意度|服务对象|师生满意度|≥|90|%|30"
)


def propose_projects(*, year: int, cast: Cast, on: date) -> None:
    """This function will have schools propose new projects: the first is still a draft, the others wait for review."""
    units = preparing.unit_ids()
    drafts = [
        Draft(
            units[code], on.year, on, name, yuan * 100,
            row={
                "category": "special", "start_year": year, "end_year": year + 1, "basis": "学校发展规划",
                "target": "改善办学条件", "indicator_text": _TARGETS,
            },
        )
        for code, name, yuan in _NEW
    ]  # fmt: skip
    ids = create_projects(drafts=drafts, actor=cast.maker, at=moment(on, 10))
    whole(perform_many(kind=PROJECT_KIND, ids=ids[1:], step="submit", actor=cast.maker, at=moment(on, 11)))
    reviewer = cast.reviewers["unit_reviewer"]
    whole(perform_many(kind=PROJECT_KIND, ids=ids[3:], step="approve", actor=reviewer, at=moment(on, 14)))
