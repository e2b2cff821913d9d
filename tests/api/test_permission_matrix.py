"""每个接口 × 每种身份：没有令牌的一律 401，三员看不到业务，经办看得到的才能看。"""

import pytest

from fisc.api.interface import api
from fisc.kernel.exchange.tests.conftest import good, table
from fisc.kernel.orgs.models import Role

pytestmark = pytest.mark.django_db
OPEN = {("GET", "/health"), ("POST", "/tokens")}
BUREAU = (
    "section_reviewer", "budget_officer", "budget_reviewer", "treasury_officer", "treasury_reviewer",
    "revenue_officer", "revenue_reviewer", "leader", "auditor",
)  # fmt: skip
UNIT = ("unit_maker", "unit_reviewer")
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
BODIES = {
    ("POST", "/documents"): {"kind": "treasury.payment", "values": {"title": "x"}},
    ("PATCH", "/documents/{document_id}"): {"version": 1, "values": {}},
    ("POST", "/documents/steps"): {"kind": "treasury.payment", "step": "approve", "ids": [1]},
    ("POST", "/documents/{document_id}/steps/{step}"): {},
    ("PUT", "/imports/{batch_id}/columns"): {"mapping": {}},
    ("POST", "/imports/{batch_id}/validate"): {},
    ("POST", "/imports/{batch_id}/adopt"): {},
    ("POST", "/imports/{batch_id}/commit"): {},
    ("POST", "/imports/{batch_id}/undo"): {"reason": "x"},
}
QUERIES = {"/figures": "?metric=revenue.total&year=2023&month=6"}
FILES = {"/documents/{document_id}/attachments", "/imports/kinds/{kind}"}
COMMON = {
    "/health",
    "/tokens",
    "/me",
    "/kinds",
    "/documents",
    "/units",
    "/imports",
    "/imports/kinds",
    "/codes/{kind}",
}
"""Reading these is everybody's: what comes is only what the person may see."""


def operations():
    """Every (method, path) of the interface, as its description has them."""
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return sorted((method.upper(), path) for path, methods in paths.items() for method in methods)


def call(caller, method, path, document, batch):
    """One call with the ids of somebody else's things."""
    filled = path
    for name, value in {
        "document_id": document, "batch_id": batch, "attachment_id": 1, "token_id": 1, "step": "submit",
        "figure_id": "revenue.total~202306", "kind": "function" if "/codes" in path else "test.line",
    }.items():  # fmt: skip
        filled = filled.replace("{" + name + "}", str(value))
    if path in FILES and method == "POST":
        return caller.send(filled, "a.txt", b"x")
    body = BODIES.get((method, path))
    return caller(method, filled + QUERIES.get(path, ""), body)


@pytest.fixture
def theirs(everything, slip):
    """A document and a batch of others."""
    batch = everything.send("/imports/kinds/test.line", "a.xlsx", table(good())).json()["id"]
    return slip("301"), batch


def test_every_operation_is_in_the_matrix():
    assert len(operations()) >= 30
    assert all(path in {known for _, known in operations()} for _, path in BODIES)


@pytest.mark.parametrize(("method", "path"), operations())
def test_stranger(anyone, theirs, method, path):
    """没有令牌：除健康与登录外都是 401，形状相同。"""
    answer = call(anyone, method, path, *theirs)

    if (method, path) in OPEN:
        assert answer.status_code in (200, 400)
    else:
        assert answer.status_code == 401 and set(answer.json()) == {"code", "message", "facts", "ways"}


@pytest.mark.parametrize("role", [*BUREAU, *UNIT, *ADMINISTRATORS])
def test_role(person, caller, theirs, role):
    """各岗位：测试单据和测试导入都不归他，任何人看不到、改不动。"""
    somebody = caller(person(f"p_{role}", role, unit="001001" if role in UNIT else "100"))
    allowed = {}
    for method, path in operations():
        if (method, path) in OPEN:
            continue
        answer = call(somebody, method, path, *theirs)
        allowed[method, path] = answer.status_code
        assert answer.status_code != 500, (method, path, answer.content)
        if (
            "{document_id}" in path
            or "{batch_id}" in path
            or "{attachment_id}" in path
            or "{token_id}" in path
        ):
            assert answer.status_code == 404, (method, path, answer.content)
        elif path in ("/imports/kinds/{kind}", "/imports/kinds/{kind}/template"):
            assert answer.status_code == 403, (method, path)
        elif method == "GET" and path in COMMON:
            assert answer.status_code == 200, (method, path, answer.content)
    assert (allowed["GET", "/metrics"] == 200) is (role not in ADMINISTRATORS)
    assert (allowed["GET", "/figures"] == 200) is (
        role in BUREAU and Role.objects.get(code=role).sees_all_units
    )
    documents = somebody("GET", "/documents").json()
    assert documents["total"] == 0 and documents["amount_fen"] == 0
    if role in ADMINISTRATORS:
        assert somebody("GET", "/kinds").json() == [] and somebody("GET", "/units").json() == []
        assert allowed["POST", "/documents"] == 404 and allowed["POST", "/documents/steps"] == 404


def test_batch_step_without_the_right(person, caller, bureau):
    """能看不能办：403。"""
    auditor = caller(person("shenji", "auditor", unit="100"))

    answer = auditor("POST", "/documents/steps", {"kind": "treasury.payment", "step": "approve", "ids": [1]})

    assert answer.status_code == 403 and answer.json()["code"] == "documents.permission"
