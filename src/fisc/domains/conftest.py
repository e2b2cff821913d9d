"""A small district for the tests of the domain modules: charts, kinds, chains, rules, codes, units and people.

Modules are reached by their names in the settings and by document kinds, so that no domain's tests import another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fisc.kernel import ledger
from fisc.kernel.approvals.chains import Node, save_chain
from fisc.kernel.codes.importer import load_official
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.charts import load_chart
from fisc.kernel.ledger.periods import open_year
from fisc.kernel.orgs import accounts, units
from fisc.kernel.orgs.access import actor_for, system_actor
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Role, Unit
from fisc.kernel.rules.load import install_rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2023, 3, 1, 10, 0, tzinfo=SHANGHAI)
SINCE = dt.date(2022, 1, 1)
NAMES = (
    "fisc.domains.projects",
    "fisc.domains.budget",
    "fisc.domains.treasury",
    "fisc.domains.preparation",
    "fisc.domains.progress",
)
TARGETS = "产出|数量|维修校舍面积|≥|1200|平方米|60\n满意度|服务对象|师生满意度|≥|90|%|40"
"""Performance targets that a project of the tests has."""
PEOPLE = {
    # log-in: (role, unit, section)
    "maker": ("unit_maker", "121001", None),
    "other_maker": ("unit_maker", "121002", None),
    "reviewer": ("unit_reviewer", "121001", None),
    "section": ("section_reviewer", "101", "JK"),
    "budget_officer": ("budget_officer", "101", "YS"),
    "budget_reviewer": ("budget_reviewer", "101", "YS"),
    "treasury_officer": ("treasury_officer", "101", "GK"),
    "treasury_reviewer": ("treasury_reviewer", "101", "GK"),
    "leader": ("leader", "101", "YS"),
}


def modules() -> list[Any]:
    """The specs of the modules under test."""
    return [import_module(f"{name}.module").MODULE for name in NAMES]


@dataclass
class District:
    """The small district and short ways to act in it."""

    people: Mapping[str, Actor]
    units: Mapping[str, Unit]
    at: dt.datetime = AT

    def create(self, kind: str, who: str = "budget_officer", **facts: Any) -> int:
        """Make one draft; `facts`: the fields of Draft, everything else goes into its row."""
        names = {"unit_id", "title", "amount_fen", "fund", "counterparty", "source_id"}
        row = {key: value for key, value in facts.items() if key not in names}
        head = {key: value for key, value in facts.items() if key in names}
        draft = Draft(
            **{
                "unit_id": self.units["121001"].pk, "fiscal_year": 2023, "business_on": self.at.date(), "title": "",
                "amount_fen": 0, "row": row, **head,
            }
        )  # fmt: skip
        create = kinds.get(kind).create
        assert create is not None
        return create(drafts=[draft], actor=self.people[who], at=self.at)[0]

    def step(self, doc_id: int, step: str, who: str, comment: str = "", **data: Any) -> Document:
        """Take a step with one document; raises its refusal."""
        kind = Document.objects.values_list("kind", flat=True).get(pk=doc_id)
        return perform(
            kind=kind, id=doc_id, step=step, actor=self.people[who], at=self.at, comment=comment, data=data
        )

    def approve(self, doc_id: int, maker: str = "budget_officer", **data: Any) -> Document:
        """Submit and let everybody approve in turn."""
        self.step(doc_id, "submit", maker, **data)
        return self.approve_on(doc_id)

    def approve_on(self, doc_id: int) -> Document:
        """Let everybody approve whose turn it is."""
        for who in ("reviewer", "section", "budget_reviewer", "treasury_reviewer", "leader"):
            header = Document.objects.get(pk=doc_id)
            if header.state != "in_review":
                break
            if not self.people[who].can(f"{header.kind}.approve"):
                continue
            perform_many(kind=header.kind, ids=[doc_id], step="approve", actor=self.people[who], at=self.at)
        return Document.objects.get(pk=doc_id)

    def project(
        self, total_yuan: int = 1_000_000, category: str = "special", title: str = "校舍维修", **facts: Any
    ) -> int:
        """A project in the library; with performance targets, unless `facts` give others."""
        facts.setdefault("indicator_text", TARGETS)
        doc_id = self.create(
            "projects.project", "maker", title=title, amount_fen=total_yuan * 100, category=category, **facts
        )
        assert self.approve(doc_id, "maker").state == "in_library"
        return doc_id

    def appropriate(self, lines: Sequence[Mapping[str, Any]], **facts: Any) -> int:
        """An approved appropriation; amounts of the lines in 元."""
        full = [
            {
                "unit_id": self.units["121001"].pk, "fund": "general", "function_code": "2050203",
                "economic_code": "30213", "flags": 0, **line, "amount_fen": line["yuan"] * 100,
            }
            for line in lines
        ]  # fmt: skip
        for line in full:
            del line["yuan"]
        facts = {"title": "2023年预算", "reference": "区财预〔2023〕1号", **facts}
        doc_id = self.create("budget.appropriation", lines=full, unit_id=self.units["101"].pk, **facts)
        assert self.approve(doc_id).state == "approved"
        return doc_id

    def allotment(
        self, yuan: int = 100_000, project_id: int | None = None, category: str = "special", **facts: Any
    ) -> int:
        """A released allotment of the unit 121001, with its project and appropriation."""
        project_id = project_id or self.project(total_yuan=max(yuan * 10, 1_000_000), category=category)
        line = {
            key: facts[key]
            for key in ("fund", "function_code", "economic_code", "flags", "unit_id")
            if key in facts
        }
        self.appropriate([{"project_id": project_id, "yuan": yuan, **line}])
        facts = {
            "fund": "general", "function_code": "2050203", "economic_code": "30213", "flags": 0,
            "reference": "区财教〔2023〕31号", **facts,
        }  # fmt: skip
        doc_id = self.create("budget.allotment", amount_fen=yuan * 100, project_id=project_id, **facts)
        assert self.approve(doc_id).state == "released"
        return doc_id

    def payment(self, allotment_id: int, yuan: int = 1_000, **facts: Any) -> int:
        """A draft payment."""
        facts = {
            "title": "教学楼屋面防水维修", "counterparty": "云屿建筑工程有限公司", "payee_account": "33050161001",
            "payee_bank": "建行云屿支行", **facts,
        }  # fmt: skip
        return self.create(
            "treasury.payment", "maker", amount_fen=yuan * 100, allotment_id=allotment_id, **facts
        )

    def submitted(self, allotment_id: int, yuan: int = 1_000, **facts: Any) -> int:
        """A payment that holds money."""
        doc_id = self.payment(allotment_id, yuan, **facts)
        self.step(doc_id, "submit", "maker")
        return doc_id

    def approved(self, allotment_id: int, yuan: int = 1_000, **facts: Any) -> int:
        """A payment that waits to be sent to the bank."""
        doc_id = self.submitted(allotment_id, yuan, **facts)
        assert self.approve_on(doc_id).state == "approved"
        return doc_id

    def sent(self, allotment_id: int, yuan: int = 1_000, **facts: Any) -> int:
        """A payment that is with the bank."""
        doc_id = self.approved(allotment_id, yuan, **facts)
        self.step(doc_id, "send", "treasury_officer")
        return doc_id

    @property
    def modules(self) -> list[Any]:
        """The specs of the modules under test."""
        return modules()

    @property
    def invariants(self) -> list[Any]:
        """The standing checks of the modules under test."""
        return [invariant for module in modules() for invariant in module.invariants]

    def figures(self, allotment_id: int) -> dict[str, int]:
        """Posted and held of each subject of an allotment, in 元: {"635": 900, "held": 100, …}."""
        selection = ledger.Selection(book="allotment", allotment_ids=(allotment_id,))
        held, found = 0, {}
        for (subject,), balance in ledger.balances(selection, group_by=("subject",)).items():
            found[subject] = balance.posted_fen / 100
            held += balance.held_fen
        return {key: value for key, value in {**found, "held": held / 100}.items() if value}


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def district(db: None) -> Iterator[District]:
    """The small district, ready to work on 2023-03-01."""
    with kinds.also(*(kind for module in modules() for kind in module.kinds)):
        yield found_district()


def found_district() -> District:
    """Load charts, codes, years, chains, rules, units and people into the test database."""
    system = system_actor()
    load_official()
    for year in (2022, 2023):
        open_year(year)
    units.save_sections(names={"YS": "预算股", "GK": "国库股", "JK": "教科文股"}, actor=system, at=AT)
    made = units.save_units(
        drafts=[
            units.UnitDraft("101", "云屿区财政局", kind="bureau", section_code="YS"),
            units.UnitDraft("121", "云屿区教育局", kind="department", section_code="JK"),
            units.UnitDraft(
                "121001", "云屿区第一中学", parent_code="121", unit_kind="institution", section_code="JK"
            ),
            units.UnitDraft(
                "121002", "云屿区第二中学", parent_code="121", unit_kind="institution", section_code="JK"
            ),
        ],
        actor=system,
        at=AT,
    )
    for module in modules():
        if module.chart:
            load_chart(module.chart)
        for role in module.roles:
            row = Role.objects.get(code=role.code)
            row.permissions = sorted({*row.permissions, *role.permissions})
            row.save(update_fields=["permissions"])
        for chain in module.chains:
            save_chain(
                kind=chain.kind,
                nodes=[Node(seq=0, **vars(node)) for node in chain.nodes],
                actor=system,
                at=AT,
            )
        if module.rules:
            install_rules(module.rules, module=module.name, actor=system, at=AT)
    return District(people={name: _person(name, *facts, made) for name, facts in PEOPLE.items()}, units=made)


def _person(username: str, role: str, unit: str, section: str | None, made: Mapping[str, Unit]) -> Actor:
    system = system_actor()
    user = accounts.create_user(
        draft=accounts.AccountDraft(
            username=username, name=username, unit_id=made[unit].pk, section_code=section, password="Haidao-2023-yi",
            must_change_password=False,
        ),
        actor=system,
        at=AT,
    )  # fmt: skip
    accounts.grant(user_id=user.pk, role_code=role, actor=system, at=AT, valid_from=SINCE)
    return actor_for(user, on=AT.date())
