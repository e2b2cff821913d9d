"""One year in small: a project, its budget, an allotment, payments, a plan gone wrong, and the books at the end.

Each step is what the people of a unit and of the bureau do, through the same doors as the pages, the API and imports.
"""

import datetime as dt

import pytest

from fisc.base.errors import Refusal
from fisc.domains.treasury import bank, clearing
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.keys import AccountKey, Entry, Line
from fisc.kernel.rules.standing import run_one

pytestmark = pytest.mark.django_db
MARCH, JUNE = dt.date(2023, 3, 1), dt.date(2023, 6, 1)


def receipts(district, *ids: int, paid: bool = True, on: dt.date = MARCH) -> None:
    """The bank answers all instructions of these documents."""
    headers = Document.objects.filter(pk__in=ids)
    bank.receive(
        receipts=[
            bank.Receipt(
                header.number, paid, header.amount_fen, on, f"BANK{header.pk}", "" if paid else "账号不存在"
            )
            for header in headers
        ],
        actor=district.people["treasury_officer"],
        at=district.at,
    )


def test_one_year_of_a_school_building(district):
    # 3 月：项目入库，预算批复，指标下达
    project = district.project(total_yuan=3_000_000, title="教学楼维修改造", start_year=2023, end_year=2024)
    approval = district.appropriate([{"project_id": project, "yuan": 2_000_000}])
    allotment = district.create(
        "budget.allotment", amount_fen=150_000_000, project_id=project, fund="general", function_code="2050203",
        economic_code="30213", reference="区财教〔2023〕31号", source_id=approval,
    )  # fmt: skip
    assert district.approve(allotment).state == "released"
    assert Document.objects.get(pk=allotment).title == "区财教〔2023〕31号 教学楼维修改造"

    # 国库有 100 万元
    line = Line(
        debit=AccountKey(book="cash", subject="1001", fund="general"),
        credit=AccountKey(book="cash", subject="4001", fund="general", fiscal_year=2023),
        amount_fen=100_000_000,
    )
    receipt = Entry(kind="revenue.daily", document_id=None, effective_on=dt.date(2023, 2, 28), lines=(line,))
    ledger.post(entry=receipt, actor_id=1, at=district.at)

    # 两笔进度款发银行：一笔成功，一笔账号错误
    first = district.sent(allotment, yuan=600_000, title="第一期工程进度款", payee_account="330501")
    second = district.sent(allotment, yuan=300_000, title="第二期工程进度款", payee_account="330502")
    assert district.figures(allotment) == {"635": 1_500_000, "held": 900_000}
    receipts(district, first)
    receipts(district, second, paid=False)
    assert district.figures(allotment) == {"635": 900_000, "661": 600_000}

    # 退票的那笔改正账号重付
    district.step(second, "reissue", "maker")
    again = Document.objects.get(source_id=second, kind="treasury.payment")
    district.step(again.pk, "submit", "maker")
    district.approve_on(again.pk)
    district.step(again.pk, "send", "treasury_officer")
    receipts(district, again.pk)

    # 日终清算；银行对账相符
    district.approve(
        clearing.make_clearing(on=MARCH, actor=district.people["treasury_officer"], at=district.at),
        "treasury_officer",
    )
    statement = district.create(
        "treasury.statement", "treasury_officer", statement_on=MARCH, fund="general", opening_fen=100_000_000,
        inflow_fen=0, outflow_fen=90_000_000, closing_fen=10_000_000,
    )  # fmt: skip
    assert district.step(statement, "compare", "treasury_officer").state == "agreed"

    # 想付 70 万元：还差 10 万元，系统说明原因和办法
    large = district.payment(allotment, yuan=700_000, title="第三期工程进度款", payee_account="330503")
    with pytest.raises(Refusal) as refused:
        district.step(large, "submit", "maker")
    assert refused.value.facts["shortfall_fen"] == 10_000_000
    assert "申请调剂" in [way.label for way in refused.value.ways]

    # 上级补助追加 50 万元，项目总额之内
    supplement = district.create(
        "budget.supplement",
        allotment_id=allotment,
        amount_fen=50_000_000,
        funding="上级转移支付",
        reason="改善办学条件补助",
    )
    assert district.approve(supplement).state == "approved"
    district.step(large, "submit", "maker")
    assert district.approve_on(large).state == "approved"

    # 再追加 60 万元就超过项目总额了
    beyond = district.create(
        "budget.supplement",
        allotment_id=allotment,
        amount_fen=60_000_000,
        funding="上级转移支付",
        reason="改善办学条件补助",
    )
    assert district.approve(beyond).state == "in_review"

    # 施工方退回多付的 5 万元
    refund = district.create(
        "treasury.refund",
        "maker",
        payment_id=first,
        amount_fen=5_000_000,
        received_on=MARCH,
        reason="审定金额核减",
    )
    assert district.approve(refund, "maker").state == "approved"

    # 账：批复 200 万元 = 已支付 85 + 在途 70 + 可用 45
    assert district.figures(allotment) == {"635": 1_150_000, "661": 850_000, "held": 700_000}
    assert clearing.cash_balance("general", MARCH) == 15_000_000
    for invariant in district.invariants:
        result = run_one(invariant, at=district.at)
        assert result.holds, (invariant.code, result.sample)
