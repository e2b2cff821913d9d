"""Every kind's generic pages open, and ask the database no more for many rows than for a few.

The documents are made past their modules' services, from the tables' columns alone, so that a new module needs
nothing to be tested; what a module must refuse is tested in the module.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import DocumentKind, Draft
from fisc.kernel.modules import registry
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Grant, Role, Section, Unit, User

AT = dt.datetime(2023, 7, 3, 9, 30, tzinfo=clock.ZONE)
DAY = AT.date()
KINDS = [kind for module in registry.current().modules for kind in module.kinds]
MANY = 23
LINE_NUMBERS = itertools.count(1)
# Values of columns that a constraint ties to a list or to one another.
TIED: dict[str, dict[str, Any]] = {
    "budget_budgettransfer": {"from_fund": "govfund", "to_fund": "general"},
    "budget_executioncut": {"executed_to": 202212},
    "scenarios_scenario": {"stage": "execution"},
    "progress_letter": {"gap_points": 6},
    "projects_evaluation": dict.fromkeys(("necessity", "economy", "goals", "feasibility", "funding"), 16),
}
MOST_QUERIES = 60
per_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(settings) -> Client:
    """Somebody who may see and do everything, logged in, on the demo's business date."""
    clock.set_business_date(DAY)
    system = system_actor().user_id
    role = Role.objects.create(code="everything", name="全部", permissions=["*"], sees_all_units=True)
    user = User.objects.create(username="reader", name="测试")
    Grant.objects.create(
        user=user, role=role, group="business", valid_from=dt.date(2023, 1, 1), granted_by_id=system
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def units() -> list[Unit]:
    section = Section.objects.create(code="XZ", name="行政政法股")
    return [
        Unit.objects.create(code=f"{number:03}", name=f"单位{number}", kind="department", section=section)
        for number in range(MANY)
    ]


def make(kind: DocumentKind, units: list[Unit], first: int, last: int) -> list[int]:
    """Documents of a kind with rows that fit its table, each of another unit, source and maker's text."""
    drafts = [
        Draft(
            unit_id=units[number].pk,
            fiscal_year=2023,
            business_on=DAY,
            title=f"摘要{number}",
            amount_fen=1_000 + number,
            fund="general",
            counterparty=f"对方{number}",
            row={k: v for k, v in example(kind.model, number, units).items() if k != "document_id"},
        )
        for number in range(first, last)
    ]
    ids = create_many(kind=kind, drafts=drafts, actor=system_actor(), at=AT)
    if kind.line_model is not None and first == 0:
        insert_lines(kind, ids, units)
    return ids


def insert_lines(kind: DocumentKind, ids: list[int], units: list[Unit]) -> None:
    """Up to three child rows for each document: what a constraint refuses beside its neighbours is left out."""
    assert kind.line_model is not None
    fields = [field for field in kind.line_model._meta.concrete_fields if field.is_relation]
    parents = [field.attname for field in fields if field.related_model is kind.model]
    parents += [field.attname for field in fields if field.related_model is Document]
    for doc_id in ids * 3:
        row = {**example(kind.line_model, next(LINE_NUMBERS), units), parents[0]: doc_id}
        with contextlib.suppress(IntegrityError), transaction.atomic():
            insert_rows(kind.line_model, [row])


def example(model: type[models.Model], number: int, units: list[Unit]) -> dict[str, Any]:
    """A row of a table: defaults and nulls where it has them, else a plain value of the type, different per row."""
    row = {}
    for position, field in enumerate(model._meta.concrete_fields):
        if isinstance(field, models.AutoField | models.GeneratedField) or (
            field.primary_key and field.name == "document"
        ):
            continue
        if field.null or (field.has_default() and not field.name.endswith(("_no", "_fen"))):
            continue
        row[field.attname] = value_of(field, number, position, units)
    row |= TIED.get(model._meta.db_table, {})
    parts = [value for key, value in row.items() if key.endswith("_fen") and key != "amount_fen"]
    if "amount_fen" in row and parts:
        row["amount_fen"] = sum(parts)  # an amount beside its parts is their sum
    return row


def value_of(field: models.Field, number: int, position: int, units: list[Unit]) -> Any:
    if field.is_relation:
        return (
            units[number % MANY].pk if field.related_model is Unit else some_target(field, number + position)
        )
    if field.choices:
        return field.choices[0][0]
    match field:
        case models.DateTimeField():
            return AT
        case models.DateField():
            return DAY - dt.timedelta(days=number % 1_000)
        case models.IntegerField():
            return number_of(field, number)
        case models.BooleanField():
            return False
        case models.DecimalField():
            return 0
        case models.JSONField():
            return {}
        case models.CharField() | models.TextField():
            return "general" if field.name == "fund" else f"{number:06}"[: field.max_length or 20]
    raise TypeError(f"{field}: no example for {type(field).__name__}")


def number_of(field: models.Field, number: int) -> int:
    """A whole number that suits the name: years, months; parts that must add up to a year (year, q1, m01) are 0."""
    if field.name.endswith("_fen"):
        return 0 if re.fullmatch(r"(year|q\d|m\d\d)_fen", field.name) else number + 1
    if "year" in field.name:
        return 2023
    if "month" in field.name or field.name == "period":
        return 6 if isinstance(field, models.SmallIntegerField | models.PositiveSmallIntegerField) else 202306
    return number + 1


def some_target(field: models.Field, number: int) -> int:
    """A row to point at: a document of the kind the column is named after, else any row of the table."""
    rows = field.related_model._default_manager.order_by("pk")
    if field.related_model is Document:
        named = [kind.code for kind in KINDS if field.name.endswith(kind.code.rpartition(".")[2])]
        rows = rows.filter(kind__in=named) if named else rows
    ids = list(rows.values_list("pk", flat=True))
    return ids[number % len(ids)]


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code, response.content[:2000].decode())
    return len(queries)


def has_frozen_content(kind: DocumentKind) -> bool:
    """Whether the page shows a structure that no plain example can stand in for (a frozen report)."""
    fields = kind.model._meta.concrete_fields
    return any(isinstance(field, models.JSONField) and not field.has_default() for field in fields)


@pytest.fixture
def some_documents(units) -> None:
    """A few of every kind, in the order of the modules, for others to point at."""
    for kind in KINDS:
        make(kind, units, 0, 2)


class TestPages:
    """列表、单据、打印、新增页都打得开；行数多少，查询次数一样。"""

    @per_kind
    def test_they_ask_no_more_for_more_rows(self, kind, reader, units, some_documents):
        first, second = Document.objects.filter(kind=kind.code).order_by("id").values_list("pk", flat=True)
        pages = [f"/d/{kind.code}/?state="]
        if not has_frozen_content(kind):
            pages += [f"/doc/{second}/", f"/doc/{second}/print/"]
            queries_of(reader, f"/doc/{first}/")
        for address in pages:
            queries_of(reader, address)  # caches of the process fill
        few = [queries_of(reader, address) for address in pages]
        make(kind, units, 2, MANY)

        assert [queries_of(reader, address) for address in pages] == few
        assert max(few) <= MOST_QUERIES

    @per_kind
    def test_the_form_opens(self, kind, reader, units):
        if kind.create is None:
            return

        assert queries_of(reader, f"/d/{kind.code}/new/") <= MOST_QUERIES

    def test_the_pages_of_the_navigation_open(self, reader):
        for item in registry.current().nav:
            queries_of(reader, f"/d/{item.target}/" if item.is_kind else item.target)


def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
