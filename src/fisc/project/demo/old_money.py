"""Money of 2020 and 2021 that was still unspent when 2022 began; most of it goes on lying there (存量资金)."""

from __future__ import annotations

import random

from fisc.project.demo import district, line_drafts
from fisc.project.demo.line_drafts import Drafts, Pools

# unit, project, function item, economic item, the money's year, left in 元, paid of it in 2022 in percent
_ROWS: tuple[tuple[str, str, str, str, int, int, int], ...] = (
    ("区文广旅体局", "海岛民俗馆布展（2020年）", "2070205", "31006", 2020, 1_860_000, 0),
    ("区科技局", "众创空间扶持（2020年）", "2060404", "31204", 2020, 940_000, 0),
    ("区水利局", "山塘水库除险加固（2020年）", "2130306", "31005", 2020, 2_730_000, 35),
    ("区教育局", "校园信息化二期（2020年）", "2050904", "31007", 2020, 1_120_000, 0),
    ("石塔镇", "特色小镇规划编制（2020年）", "2120199", "30227", 2020, 680_000, 0),
    ("区商务局", "电商示范村建设（2020年）", "2160299", "31204", 2020, 520_000, 0),
    ("区交通局", "陆岛码头前期（2021年）", "2140122", "30227", 2021, 1_450_000, 60),
    ("区农业农村局", "渔港经济区规划（2021年）", "2130148", "30227", 2021, 880_000, 0),
    ("区民政局", "养老机构消防改造（2021年）", "2081006", "31006", 2021, 1_340_000, 72),
    ("区住建局", "历史建筑测绘建档（2021年）", "2120199", "30227", 2021, 460_000, 0),
    ("区生态环境局", "入海排污口整治（2021年）", "2110302", "31005", 2021, 1_980_000, 48),
    ("白沙镇", "渔村风貌提升（2021年）", "2130126", "31005", 2021, 760_000, 0),
)


def draw(rng: random.Random, units: list[district.PlanUnit], pools: Pools, drafts: Drafts) -> None:
    """This function will draw one line of 2022 for each remnant."""
    named = {unit.short_name: unit for unit in units}
    serials: dict[str, int] = {}
    for name, title, function, economic, since, yuan, percent in _ROWS:
        serials[name] = serials.get(name, 0) + 1
        line_drafts.fixed_project(
            year=line_drafts.YEARS[0], unit=named[name], code=f"{named[name].code}J{serials[name]:02d}",
            name=title, category="special", function_code=function, economic_code=economic,
            approved_fen=yuan * 100, paid_fen=yuan * percent // 100 * 100, months=(6, 10),
            payee=rng.choice(pools["works"]), drafts=drafts, money_since=since,
        )  # fmt: skip
