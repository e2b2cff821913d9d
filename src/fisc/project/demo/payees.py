"""Invented payees and taxpayers. Names are drawn from parts; bank accounts carry no bank's real numbers."""

from __future__ import annotations

import random
from dataclasses import dataclass

_PLACES = ("云屿", "东澜", "望潮", "海晏", "石塔", "白沙", "青屿", "江州", "海州", "北澳")
_WORDS = ("宏远", "润泽", "恒信", "金帆", "启航", "蓝湾", "瑞丰", "正和", "嘉诚", "远洲", "博雅", "鼎盛", "天越", "中澜",
          "百川", "晨曦", "众联", "东海", "汇通", "德润")  # fmt: skip
_TRADES = (
    "商贸",
    "物业服务",
    "信息技术",
    "印务",
    "咨询服务",
    "办公设备",
    "劳务服务",
    "文化传媒",
    "餐饮管理",
    "检测技术",
)
_WORKS = ("建设", "市政工程", "水利工程", "装饰工程", "园林绿化", "路桥工程", "建设监理", "勘测设计")
_INDUSTRY = (
    "水产食品",
    "船舶修造",
    "新材料",
    "机械制造",
    "海运",
    "房地产开发",
    "石化物流",
    "纺织",
    "电子科技",
    "风电能源",
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉梅建国志海波晓东文斌红燕云飞鹏"
_BANKS = ("云屿农村商业银行", "海州银行云屿支行", "江州银行望潮支行", "云屿惠民村镇银行")


@dataclass(frozen=True)
class PlanPayee:
    """One payee; ``kind`` is 对公 (company) or 个人 (person)."""

    name: str
    account: str
    bank: str
    kind: str


def person_name(rng: random.Random) -> str:
    """This function will draw an invented personal name."""
    return rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2, 2))))


def _account(rng: random.Random, prefix: str) -> str:
    return prefix + "".join(rng.choice("0123456789") for _ in range(15))


def _companies(rng: random.Random, trades: tuple[str, ...], count: int) -> list[PlanPayee]:
    names = [f"{place}{word}{trade}有限公司" for place in _PLACES for word in _WORDS for trade in trades]
    return [
        PlanPayee(name, _account(rng, "9001"), rng.choice(_BANKS), "company")
        for name in rng.sample(names, count)
    ]


def payee_pools(rng: random.Random) -> dict[str, list[PlanPayee]]:
    """This function will draw the pools ``company``, ``works``, ``persons`` (agency pay-outs) and ``institution``."""
    persons = [
        PlanPayee(f"{place}补助发放对象（批量代发）", _account(rng, "9200"), rng.choice(_BANKS), "person")
        for place in _PLACES
    ]
    institution_names = ("云屿区社会保险基金财政专户", "云屿区民办幼儿园联合服务中心", "云屿区养老服务机构联合体", "云屿区公共卫生服务结算户",
                         "云屿区残疾人托养中心", "云屿区粮食购销有限公司", "海州市债券付息归集户")  # fmt: skip
    return {
        "company": _companies(rng, _TRADES, 260),
        "works": _companies(rng, _WORKS, 120),
        "persons": persons,
        "institution": [
            PlanPayee(name, _account(rng, "9300"), _BANKS[0], "company") for name in institution_names
        ],
    }


def taxpayers(rng: random.Random) -> list[PlanPayee]:
    """This function will draw the 420 taxpayers whose names stand on the daily receipts."""
    return _companies(rng, _INDUSTRY, 420)
