"""The demo's people: one for every post, all invented, all with the same published password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fisc.kernel.orgs import accounts, units
from fisc.kernel.orgs.access import actor_for
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import User
from fisc.project.demo import district

PASSWORD = "Yunyu-2023-demo"  # printed at the end of `make demo`; a demo has nothing to hide
_SINCE = date(2021, 1, 1)


@dataclass(frozen=True)
class Person:
    """One account of the demo: ``scope`` widens a unit role to that unit's tree ("*" = every unit)."""

    username: str
    name: str
    role: str
    post: str
    unit_code: str | None = None
    section_code: str | None = None
    for_visitors: bool = False


def _bureau(
    username: str, name: str, role: str, post: str, section: str, for_visitors: bool = False
) -> Person:
    return Person(username, name, role, post, district.BUREAU_CODE, section, for_visitors)


PEOPLE: tuple[Person, ...] = (
    _bureau("wumin", "吴敏", "budget_officer", "预算股经办", "YS", True),
    _bureau("zhenghaibo", "郑海波", "budget_reviewer", "预算股股长", "YS", True),
    _bureau("linxiao", "林晓", "treasury_officer", "国库股经办", "GK", True),
    _bureau("zhoutao", "周涛", "treasury_reviewer", "国库股股长", "GK", True),
    _bureau("xujing", "徐静", "revenue_officer", "收入专管员", "YS", True),
    _bureau("xieguoping", "谢国平", "revenue_reviewer", "收入审核", "YS"),
    _bureau("chenjianguo", "陈建国", "section_reviewer", "教科文股股长", "JK", True),
    _bureau("yeqing", "叶青", "section_reviewer", "行政政法股股长", "XZ"),
    _bureau("luoyan", "罗燕", "section_reviewer", "社会保障股股长", "SB"),
    _bureau("huhaiming", "胡海明", "section_reviewer", "农业农村股股长", "NY"),
    _bureau("songbo", "宋波", "section_reviewer", "经济建设股股长", "JJ"),
    _bureau("hanxue", "韩雪", "section_reviewer", "企业股股长", "QY"),
    _bureau("gaojianming", "高建明", "leader", "局长", "BG", True),
    _bureau("fengxue", "冯雪", "auditor", "监督股股长", "JD", True),
    Person("wanglihua", "王丽华", "unit_maker", "云屿区第一中学会计", "121001", None, True),
    Person("zhangjianping", "张建平", "unit_reviewer", "云屿区第一中学副校长", "121001", None, True),
    Person("mafang", "马芳", "unit_maker", "区教育局会计", "121"),
    Person("tangning", "唐宁", "unit_reviewer", "区教育局财务科长", "121"),
    Person("dengwei", "邓伟", "system_admin", "系统管理员", None, None, True),
    Person("caohong", "曹红", "security_admin", "安全管理员", None, None, True),
    Person("xusheng", "许胜", "audit_admin", "审计管理员", None, None, True),
)

# The district's accounting centre (核算中心) keeps the books of units without an accountant of their own.
CENTRE_MAKER = Person("hefang", "何芳", "unit_maker", "核算中心经办", district.BUREAU_CODE)
CENTRE_REVIEWER = Person("luoyong", "罗勇", "unit_reviewer", "核算中心审核", district.BUREAU_CODE)


def settle(*, actor: Actor, at: datetime) -> None:
    """This function will make the region, sections, units and accounts through the administrators' doors."""
    units.save_regions(
        drafts=[units.RegionDraft(district.REGION_CODE, district.REGION_NAME)], actor=actor, at=at
    )
    units.save_sections(names=dict(district.SECTIONS), actor=actor, at=at)
    made = units.save_units(drafts=[_unit_draft(row) for row in district.units()], actor=actor, at=at)
    people = (*PEOPLE, CENTRE_MAKER, CENTRE_REVIEWER)
    drafts = [
        accounts.AccountDraft(
            person.username, person.name, made[person.unit_code].pk if person.unit_code else None,
            person.section_code, "", person.post, PASSWORD, must_change_password=False,
        )
        for person in people
    ]  # fmt: skip
    users = accounts.create_users(drafts=drafts, actor=actor, at=at)
    for user, person in zip(users, people, strict=True):
        _grant(user, person.role, None, actor, at)
    centre = [row for row in made.values() if row.parent_id is None]
    for user in users[-2:]:
        for unit in centre:
            role = CENTRE_MAKER.role if user.username == CENTRE_MAKER.username else CENTRE_REVIEWER.role
            _grant(user, role, unit.pk, actor, at)


def _grant(user: User, role: str, unit_id: int | None, actor: Actor, at: datetime) -> None:
    accounts.grant(user_id=user.pk, role_code=role, unit_id=unit_id, actor=actor, at=at, valid_from=_SINCE)


def _unit_draft(row: district.PlanUnit) -> units.UnitDraft:
    return units.UnitDraft(
        row.code, row.name, row.kind, row.short_name, row.parent_code, row.unit_kind, row.section_code,
        district.REGION_CODE,
    )  # fmt: skip


def actor(username: str) -> Actor:
    """This function will give the actor of a demo person with the rights granted since 2022."""
    return actor_for(User.objects.get(username=username), device="demo")


def section_reviewers() -> dict[str, Actor]:
    """This function will give the reviewer of each section that looks after units."""
    return {
        person.section_code: actor(person.username)
        for person in PEOPLE
        if person.role == "section_reviewer" and person.section_code
    }
