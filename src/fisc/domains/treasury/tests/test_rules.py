"""事前规则 of payments, each hit and missed."""

import pytest

from fisc.kernel.documents.errors import AnswerNeeded, RuleBlocks
from fisc.kernel.rules.check import check

pytestmark = pytest.mark.django_db
VIEW = "v_payment_facts"


def hits(district, doc_id: int) -> set[str]:
    return {
        finding.rule.code for finding in check(view=VIEW, ids=[doc_id], stage="before", at=district.at.date())
    }


CASES = [
    # rule, facts that hit, facts that miss
    ("T01", {"payee_account": ""}, {"payee_account": "", "settlement": "cash"}),
    ("T05", {"title": "其他"}, {"title": "其他办公用品购置"}),
    ("T05", {"title": "费"}, {"title": "水费"}),
    ("T07", {"title": "支付农民工工资"}, {"title": "支付农民工工资", "is_migrant_wage": True}),
    ("M01", {"settlement": "cash", "yuan": 50_001}, {"settlement": "cash", "yuan": 50_000}),
    ("M03", {"payee_kind": "person", "yuan": 10_000}, {"payee_kind": "person", "yuan": 9_999}),
    ("M03", {"payee_kind": "person", "yuan": 10_000}, {"payee_kind": "organisation", "yuan": 10_000}),
    ("M04", {"counterparty": "云屿区第一中学"}, {"counterparty": "云屿区第二中学"}),
    ("M04", {"counterparty": "云屿区第一中学"}, {"counterparty": "云屿区第一中学", "title": "上缴工会经费"}),
    ("M10", {"title": "购买白酒"}, {"title": "购买消毒酒精"}),
    ("M12", {"title": "购买购物卡"}, {"title": "购买办公用品"}),
    ("M70", {"yuan": 100_000}, {"yuan": 99_999}),
]


@pytest.mark.parametrize(("rule", "hit", "miss"), CASES)
def test_both_sides_of_the_border(district, rule, hit, miss):
    allotment = district.allotment(yuan=400_000)

    assert rule in hits(district, district.payment(allotment, **hit))
    assert rule not in hits(district, district.payment(allotment, **miss))


class TestThreeGuarantees:
    """M53 三保指标不得付非三保。"""

    def test_capital_spending_is_blocked(self, district):
        bad = district.payment(district.allotment(economic_code="31002", flags=1))

        assert "M53" in hits(district, bad)

    def test_goods_and_services_pass(self, district):
        good = district.payment(district.allotment(economic_code="30201", flags=1))

        assert "M53" not in hits(district, good)


class TestBonds:
    """M49 债券资金不得用于经常性支出。"""

    @pytest.mark.parametrize(("code", "is_hit"), [("30213", True), ("31005", False)])
    def test_current_spending(self, district, code, is_hit):
        payment = district.payment(district.allotment(economic_code=code, flags=4))

        assert ("M49" in hits(district, payment)) is is_hit


class TestContracts:
    """T06 资本性支出未填合同号。"""

    def test_capital_without_contract(self, district):
        allotment = district.allotment(yuan=400_000, economic_code="31005")

        assert "T06" in hits(district, district.payment(allotment, yuan=500_000))
        assert "T06" not in hits(district, district.payment(allotment, yuan=499_999))
        assert "T06" not in hits(district, district.payment(allotment, yuan=500_000, contract_no="HT2023-1"))


class TestTwice:
    """M27 疑似重复支付; M28 发票重复."""

    def test_same_payee_amount_and_purpose_needs_an_answer(self, district):
        allotment = district.allotment()
        district.submitted(allotment, yuan=1_000)
        again = district.payment(allotment, yuan=1_000)

        with pytest.raises(AnswerNeeded, match="近 90 天内已有 1 笔"):
            district.step(again, "submit", "maker")
        district.step(again, "submit", "maker", answers={"M27": "两栋楼分别维修，合同各一份"})

    def test_another_amount_is_no_repeat(self, district):
        allotment = district.allotment()
        district.submitted(allotment, yuan=1_000)

        assert "M27" not in hits(district, district.payment(allotment, yuan=1_001))

    def test_a_draft_does_not_count(self, district):
        allotment = district.allotment()
        district.payment(allotment, yuan=1_000)

        assert "M27" not in hits(district, district.payment(allotment, yuan=1_000))

    def test_an_invoice_is_used_once(self, district):
        allotment = district.allotment()
        district.submitted(allotment, yuan=1_000, invoice_no="033001")
        again = district.payment(allotment, yuan=2_000, invoice_no="033001")

        with pytest.raises(RuleBlocks, match="发票号 033001"):
            district.step(again, "submit", "maker")


class TestClosed:
    """T02 指标已收回; T04 项目已结束."""

    def test_a_revoked_allotment_pays_nothing(self, district):
        allotment = district.allotment()
        payment = district.payment(allotment)
        district.step(allotment, "revoke", "budget_reviewer", comment="项目取消")

        with pytest.raises(RuleBlocks, match="现不能使用"):
            district.step(payment, "submit", "maker")

    def test_a_stopped_project_pays_nothing(self, district):
        project = district.project()
        allotment = district.allotment(project_id=project)
        payment = district.payment(allotment)
        assert "T04" not in hits(district, payment)
        district.step(project, "stop", "budget_officer", comment="不再实施")

        assert "T04" in hits(district, payment)
