"""按接口说明自动造请求：不出 500，回答都合说明；一分钟以内。"""

import itertools
import time
from collections import Counter
from contextlib import suppress

import pytest
import schemathesis
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import checks

from fisc.api.interface import api
from fisc.api.models import Token
from fisc.kernel.exchange.tests.conftest import good, table

EXAMPLES = 8
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = sorted(
    (method.upper(), path)
    for path, methods in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items()
    for method in methods
)


@pytest.fixture
def one_connection(monkeypatch):
    """A request ends without closing the test's connection, as in Django's own test client."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture
def described(everything, slip, one_connection):
    """The interface as its own description has it, over WSGI; things that exist to try the ids of."""
    from fisc.project.wsgi import application

    made = [
        everything.send("/imports/kinds/test.line", f"{n}.xlsx", table(good(number=str(n)))).json()["id"]
        for n in (1, 2)
    ]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    schema.config.update(headers={"Authorization": f"Bearer {everything.secret}"})
    schema.things = {
        "document_id": [slip("301"), slip("001001")],
        "batch_id": made,
        "token_id": list(Token.objects.values_list("id", flat=True)),
        "step": ["submit", "void", "pay"],
        "kind": ["function", "test.line"],
        "figure_id": ["revenue.total~202306", "expenditure.general~202305~fn205~u1-9"],
    }
    return schema


@pytest.mark.django_db
def test_every_operation(described):
    """好的、坏的请求各试一遍；路径里的编号一半换成真有的。"""
    began = time.monotonic()
    seen = {operation: try_operation(described, *operation) for operation in OPERATIONS}

    assert all(seen.values()), "every operation was tried"
    assert {200, 201, 400, 404, 409} <= {status for statuses in seen.values() for status in statuses}
    print(f"\n{sum(map(Counter.total, seen.values()))} requests, {time.monotonic() - began:.0f} s")


def try_operation(described, method, path):
    """Good and bad requests to one operation; how often it answered which status."""
    operation = described[path][method]
    turn = itertools.count()
    seen = Counter()

    def once(case):
        number = next(turn)
        if number % 2:
            put_known_ids(described, case, number)
        inside = transaction.savepoint()
        try:
            response = case.call()
            seen[response.status_code] += 1
            case.validate_response(response, checks=conformance())
        finally:
            transaction.savepoint_rollback(inside)
            connection.set_rollback(False)

    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        # an operation that takes nothing cannot be asked wrongly
        with suppress(Unsatisfiable):
            QUICK(given(case=operation.as_strategy(generation_mode=mode))(lambda case: once(case)))()
    return seen


def put_known_ids(described, case, number):
    """Ids of things that exist, in place of those made up."""
    for name in case.path_parameters or {}:
        if options := described.things.get(name):
            case.path_parameters[name] = options[number % len(options)]


def conformance():
    """Status, content type, headers and body as described."""
    checks.load_all_checks()
    wanted = (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
    return checks.CHECKS.get_by_names(wanted)
