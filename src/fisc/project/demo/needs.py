"""Plays what the preparation rests on: basic data of the units, the need of the three guarantees (三保), ceilings of 三公."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from fisc.domains.guarantees import services as guarantees
from fisc.domains.standards import services as standards
from fisc.project.demo import basics, district
from fisc.project.demo.cast import Cast, approve, moment
from fisc.project.demo.preparation_plan import Ask
from fisc.project.demo.preparing import unit_ids

BASE_REPORT, NEED = "standards.base_report", "guarantees.need"
_BASIC = ("personnel", "running")
_OF_HUNDRED = 97  # heads are counted so that the need stays this far below what is arranged

# Item → yuan per quantity and year, what is counted.
_LIVELIHOOD: Mapping[str, tuple[int, str]] = {
    "O02": (60_000, "行政村"),
    "L01": (4_800, "义务教育学生（教科书、营养餐、课后服务，生均公用经费另按标准）"),
    "L02": (1_000, "受助学生"),
    "L03": (2_400, "参保居民"),
    "L04": (640, "参保居民"),
    "L05": (89, "常住人口"),
    "L06": (12_000, "低保对象"),
    "L07": (18_000, "特困人员"),
    "L08": (24_000, "优抚和救助对象"),
    "L09": (3_600, "租赁补贴家庭"),
    "L10": (1_680, "奖励扶助对象"),
}


def play_basic_data(*, year: int, cast: Cast, on: date) -> None:
    """This function will have every unit report its basic data for a year, and have them accepted."""
    units = unit_ids()
    rows = [
        standards.BaseRow(units[unit.code], basics.of_unit(unit, year).figures()) for unit in district.units()
    ]
    reports = standards.set_base_figures(
        year=year, rows=rows, actor=cast.maker, at=moment(on, 9), counted_on=on.replace(day=1)
    )
    approve(kind=BASE_REPORT, ids=list(reports.values()), maker=cast.maker, cast=cast, on=on, hour=10)


def play_need(*, year: int, asks: Sequence[Ask], cast: Cast, on: date) -> None:
    """This function will work out the need of every 三保 item: by standards, and by the heads the departments count."""
    officer, units = cast.budget_officer, unit_ids()
    own = [
        guarantees.NeedRow(item=item, unit_id=units[code], quantity=Decimal(quantity), standard_fen=yuan * 100,
                           note=f"{what} {quantity} × {yuan} 元")
        for (item, code), quantity, yuan, what in _heads(asks)
    ]  # fmt: skip
    need_id = guarantees.draft_need(
        year=year, actor=officer, at=moment(on, 9), own=own, compiled="区财政局编制", city_review="海州市财政局审核同意",
        province_check="省财政厅复核通过",
    )  # fmt: skip
    approve(kind=NEED, ids=[need_id], maker=officer, cast=cast, on=on, hour=10)


def _heads(asks: Sequence[Ask]) -> list[tuple[tuple[str, str], int, int, str]]:
    """(item, unit), how many, yuan each, what: counted from what is arranged for the item."""
    arranged: dict[tuple[str, str], int] = defaultdict(int)
    for ask in asks:
        if ask.guarantee_item in _LIVELIHOOD and ask.line.kind not in _BASIC:
            arranged[(ask.guarantee_item, ask.line.unit_code)] += ask.reviewed_fen
    found = []
    for (item, code), fen in arranged.items():
        yuan, what = _LIVELIHOOD[item]
        quantity = fen * _OF_HUNDRED // 100 // (yuan * 100)
        if quantity:
            found.append(((item, code), quantity, yuan, what))
    return found
