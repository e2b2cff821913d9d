"""The generic form makes and changes every kind that people write by hand, as they type it."""

import pytest
from django.test import Client

from fisc.domains.treasury.models import Payment
from fisc.domains.treasury.tests.test_bank import receipt, receive  # noqa: F401
from fisc.kernel.documents.models import Document
from fisc.kernel.modules import registry
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(district):
    """typed(kind, who, **fields): the id of the document that the form makes."""
    clock.set_business_date(district.at.date())

    def post(kind: str, who: str, **fields) -> int:
        client = Client()
        client.force_login(User.objects.get(username=who))
        before = set(Document.objects.filter(kind=kind).values_list("id", flat=True))
        response = client.post(f"/d/{kind}/new/", {"business_on": "2023-03-01", **fields})
        made = set(Document.objects.filter(kind=kind).values_list("id", flat=True)) - before
        assert response.status_code == 302 and len(made) == 1, response.content.decode()[-3000:]
        return made.pop()

    with_modules = registry.current().modules
    assert {"projects", "budget", "treasury"} <= {module.name for module in with_modules}
    return post


def test_a_payment(district, typed):
    allotment = district.allotment(yuan=1_000)

    doc_id = typed(
        "treasury.payment", "maker", allotment_id=allotment, title="屋面防水维修", amount_fen="1,00.5".replace(",", ""),
        counterparty="云屿建筑工程有限公司", payee_account="3305 0161 001", payee_bank="", settlement="transfer",
    )  # fmt: skip

    row = Payment.objects.select_related("document").get(pk=doc_id)
    assert (row.document.amount_fen, row.payee_account, row.economic_code) == (10_050, "33050161001", "30213")


def test_a_payment_is_changed(district, typed):
    allotment, other = (
        district.allotment(yuan=1_000),
        district.allotment(yuan=1_000, economic_code="30201", flags=2),
    )
    doc_id = district.payment(allotment, yuan=100, contract_no="HT-1")
    client = Client()
    client.force_login(User.objects.get(username="maker"))
    document = Document.objects.get(pk=doc_id)

    response = client.post(
        f"/doc/{doc_id}/edit/",
        {
            "version": document.version, "allotment_id": other, "economic_code": "", "title": document.title,
            "amount_fen": "200", "counterparty": document.counterparty, "payee_account": "33050161009",
            "settlement": "transfer", "contract_no": "", "business_on": "2023-03-01", "payee_kind": "organisation",
        },
    )  # fmt: skip

    assert response.status_code == 302, response.content.decode()[-3000:]
    row = Payment.objects.select_related("document").get(pk=doc_id)
    assert (row.allotment_id, row.economic_code, row.flags, row.contract_no) == (other, "30201", 2, "")
    assert (row.document.amount_fen, row.document.tags) == (20_000, ["直达"])


def test_what_people_write_on_allotments(district, typed):
    allotment, other = district.allotment(yuan=1_000), district.allotment(yuan=1_000)

    plan = typed("treasury.cash_plan", "maker", allotment_id=allotment, month="2023-04", amount_fen="100")
    move = typed(
        "budget.virement",
        "maker",
        out_allotment_id=allotment,
        in_allotment_id=other,
        amount_fen="50",
        reason="结余调剂使用",
    )
    more = typed(
        "budget.supplement",
        "budget_officer",
        allotment_id=allotment,
        amount_fen="70",
        funding="上级补助",
        reason="补助下达",
    )
    less = typed(
        "budget.cut", "budget_officer", allotment_id=allotment, amount_fen="7", funding="收回", reason="压减"
    )
    hold = typed("budget.freeze", "budget_officer", allotment_id=allotment, amount_fen="9", reason="检查")

    found = Document.objects.in_bulk([plan, move, more, less, hold])
    assert [found[doc_id].amount_fen for doc_id in (plan, move, more, less, hold)] == [
        10_000,
        5_000,
        7_000,
        700,
        900,
    ]
    assert found[move].title == "调剂 区财教〔2023〕31号 校舍维修"
    assert district.approve(move, "maker").state == "approved"


def test_a_virement_is_changed(district, typed):
    out, into, other = (district.allotment(yuan=1_000) for _ in range(3))
    doc_id = district.create(
        "budget.virement",
        "maker",
        out_allotment=out,
        in_allotment=into,
        amount_fen=100,
        reason="结余调剂使用",
    )
    client = Client()
    client.force_login(User.objects.get(username="maker"))

    response = client.post(
        f"/doc/{doc_id}/edit/",
        {
            "version": 1, "out_allotment_id": out, "in_allotment_id": other, "amount_fen": "2", "reason": "改为急需项目",
            "business_on": "2023-03-01",
        },
    )  # fmt: skip

    assert response.status_code == 302, response.content.decode()[-3000:]
    assert district.approve(doc_id, "maker").state == "approved"
    assert district.figures(other) == {"635": 1_002}


def test_projects_and_allotments(district, typed):
    unit = district.units["121001"].pk
    project = typed(
        "projects.project", "maker", unit_id=unit, title="操场改造", category="special", amount_fen="5000",
        start_year="2023", end_year="2024", indicator_text="产出|数量|改造操场面积|≥|5000|平方米|100",
    )  # fmt: skip
    assert district.approve(project, "maker").state == "in_library"
    district.appropriate([{"project_id": project, "yuan": 1_000}])
    allotment = typed(
        "budget.allotment", "budget_officer", unit_id=unit, reference="区财教〔2023〕40号", project_id=project,
        amount_fen="1000", fund="general", function_code="2050203", economic_code="30213", flag_marks="0",
    )  # fmt: skip

    assert district.approve(allotment).state == "released"
    change = typed(
        "projects.change", "budget_officer", project_id=project, new_total_fen="6000", reason="概算调整"
    )
    assert district.approve(change).state == "approved"


def test_the_treasurys_own(district, typed, receive):  # noqa: F811
    payment = district.sent(district.allotment(yuan=1_000), yuan=100)
    receive(receipt(payment))

    clearing = typed("treasury.clearing", "treasury_officer", cleared_on="2023-03-01")
    statement = typed(
        "treasury.statement", "treasury_officer", statement_on="2023-03-01", fund="general", opening_fen="0",
        inflow_fen="1", outflow_fen="0", closing_fen="1",
    )  # fmt: skip
    refund = typed(
        "treasury.refund",
        "maker",
        payment_id=payment,
        amount_fen="10",
        received_on="2023-03-01",
        reason="多付退回",
    )

    assert Document.objects.get(pk=clearing).amount_fen == 10_000
    assert district.step(statement, "compare", "treasury_officer").state == "differs"
    assert district.approve(refund, "maker").state == "approved"
