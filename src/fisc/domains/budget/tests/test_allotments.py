"""批复、下达、追加、追减、调剂、冻结 (norm A.4-A.7): what each does to the ledger, and both sides of its border."""

import pytest

from fisc.base.errors import BadInput
from fisc.domains.budget import places, services
from fisc.kernel import ledger
from fisc.kernel.documents.errors import AnswerNeeded, RuleBlocks
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft

pytestmark = pytest.mark.django_db


def pool(district) -> float:
    """What is still 待分, in 元."""
    selection = ledger.Selection(book="allotment", subjects=("627",))
    return sum(balance.posted_fen for balance in ledger.balances(selection).values()) / 100


class TestApproval:
    """预算批复 601 → 621 → 627。"""

    def test_what_is_approved_waits_to_be_released(self, district):
        project = district.project(total_yuan=1_000)

        district.appropriate([{"project_id": project, "yuan": 600}, {"project_id": project, "yuan": 400}])

        assert pool(district) == 1_000

    def test_a_project_gets_no_more_than_its_total(self, district):
        project = district.project(total_yuan=1_000)
        district.appropriate([{"project_id": project, "yuan": 1_000}])
        line = {
            "unit_id": district.units["121001"].pk, "project_id": project, "fund": "general",
            "function_code": "2050203", "economic_code": "30213", "flags": 0, "amount_fen": 1,
        }  # fmt: skip
        doc_id = district.create("budget.appropriation", title="追加", lines=[line], origin="supplement")
        district.step(doc_id, "submit", "budget_officer")
        district.step(doc_id, "approve", "budget_reviewer")

        with pytest.raises(places.ProjectOverTotal, match="已安排数不得超过项目总额"):
            district.step(doc_id, "approve", "leader")

        assert pool(district) == 1_000

    def test_reversed_while_nothing_depends_on_it(self, district):
        doc_id = district.appropriate([{"project_id": district.project(), "yuan": 600}])

        district.step(doc_id, "reverse", "budget_reviewer", comment="重复导入")

        assert pool(district) == 0
        assert Document.objects.get(pk=doc_id).state == "reversed"

    def test_not_reversed_once_it_is_released(self, district):
        district.allotment(yuan=600)
        doc_id = Document.objects.get(kind="budget.appropriation").pk

        with pytest.raises(places.PoolShort):
            district.step(doc_id, "reverse", "budget_reviewer", comment="重复导入")

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"function_code": "2059998"}, "没有编码 2059998"),
            ({"function_code": "205"}, "不是末级"),
            ({"economic_code": "30299999"}, "没有编码"),
            ({"government_code": "50201"}, "对应政府经济分类 50502"),
            ({"fund": "petty"}, "资金性质"),
            ({"project_id": 999_999}, "没有这个项目"),
        ],
    )
    def test_lines_that_cannot_be_are_refused(self, district, wrong, sentence):
        line = {
            "unit_id": district.units["121001"].pk, "project_id": district.project(), "fund": "general",
            "function_code": "2050203", "economic_code": "30213", "flags": 0, "amount_fen": 100,
        }  # fmt: skip

        with pytest.raises(BadInput, match=sentence):
            district.create("budget.appropriation", title="2023年预算", lines=[line | wrong])

    def test_the_government_item_follows_from_unit_and_item(self, district):
        row = services.AppropriationLine.objects
        district.appropriate([{"project_id": district.project(), "yuan": 1}])

        assert row.get().government_code == "50502"  # 事业单位 商品和服务支出
        assert row.get().spending == "project"

    def test_a_project_still_in_the_making_gets_nothing(self, district):
        draft = district.create("projects.project", "maker", title="新建", amount_fen=100, category="special")

        with pytest.raises(BadInput, match="尚未入库"):
            district.appropriate([{"project_id": draft, "yuan": 1}])


class TestRelease:
    """指标下达 627 → 631 → 635。"""

    def test_the_whole_pool_to_the_fen(self, district):
        allotment = district.allotment(yuan=1_000)

        assert district.figures(allotment) == {"635": 1_000}
        assert pool(district) == 0

    def test_one_fen_more_is_refused(self, district):
        project = district.project()
        district.appropriate([{"project_id": project, "yuan": 1_000}])
        doc_id = district.create(
            "budget.allotment", amount_fen=100_001, project_id=project, fund="general", function_code="2050203",
            economic_code="30213", reference="区财教〔2023〕31号",
        )  # fmt: skip
        district.step(doc_id, "submit", "budget_officer")

        with pytest.raises(
            places.PoolShort, match=r"只有 1,000\.00 元，本次需要 1,000\.01 元，还差 0\.01 元"
        ):
            district.step(doc_id, "approve", "budget_reviewer")

    def test_one_allotment_per_line_of_an_approval(self, district):
        project = district.project()
        doc_id = district.appropriate([
            {"project_id": project, "yuan": 600}, {"project_id": project, "yuan": 400, "economic_code": "30201"},
        ])  # fmt: skip

        district.step(doc_id, "draft_allotments", "budget_officer", reference="区财教〔2023〕8号")

        made = Document.objects.filter(kind="budget.allotment", source_id=doc_id).order_by("id")
        assert [header.amount_fen for header in made] == [60_000, 40_000]
        assert made[0].title == "区财教〔2023〕8号 校舍维修"

    def test_many_at_once_through_their_chain(self, district):
        project = district.project()
        district.appropriate([{"project_id": project, "yuan": 1_000}])
        row = {
            "project_id": project, "fund": "general", "function_code": "2050203", "economic_code": "30213",
            "reference": "区财教〔2023〕9号",
        }  # fmt: skip
        drafts = [
            Draft(district.units["121001"].pk, 2023, district.at.date(), "", 10_000, "general", row=row)
            for _ in range(10)
        ]

        ids = services.release_many(
            drafts=drafts, maker=district.people["budget_officer"],
            reviewers=[district.people["budget_reviewer"]], at=district.at,
        )  # fmt: skip

        assert Document.objects.filter(pk__in=ids, state="released").count() == 10
        assert pool(district) == 0

    def test_revoked_whole_but_not_when_part_is_used(self, district):
        allotment = district.allotment(yuan=1_000)
        payment = district.submitted(allotment, yuan=1)

        with pytest.raises(places.AllotmentShort):
            district.step(allotment, "revoke", "budget_reviewer", comment="收回")
        district.step(payment, "withdraw", "maker")
        district.step(allotment, "revoke", "budget_reviewer", comment="收回")

        assert district.figures(allotment) == {}
        assert pool(district) == 1_000


class TestSupplementAndCut:
    """追加、追减。"""

    def change(self, district, kind, allotment, yuan):
        doc_id = district.create(
            kind, allotment_id=allotment, amount_fen=yuan * 100, funding="上级转移支付", reason="补助资金下达"
        )
        return district.approve(doc_id)

    def test_new_money_reaches_the_allotment(self, district):
        allotment = district.allotment(yuan=1_000)

        assert self.change(district, "budget.supplement", allotment, 500).state == "approved"

        assert district.figures(allotment) == {"635": 1_500}

    def test_a_cut_takes_what_is_available_and_no_more(self, district):
        allotment = district.allotment(yuan=1_000)
        district.submitted(allotment, yuan=300)

        assert self.change(district, "budget.cut", allotment, 700).state == "approved"
        assert self.change(district, "budget.cut", allotment, 1).state == "in_review"

        assert district.figures(allotment) == {"635": 300, "held": 300}

    def test_a_supplement_is_reversed_while_unspent(self, district):
        allotment = district.allotment(yuan=1_000)
        header = self.change(district, "budget.supplement", allotment, 500)

        district.step(header.pk, "reverse", "budget_reviewer", comment="录入错误")

        assert district.figures(allotment) == {"635": 1_000}


class TestFreeze:
    """冻结与解冻。"""

    def test_frozen_money_is_not_available(self, district):
        allotment = district.allotment(yuan=1_000)
        header = district.approve(
            district.create("budget.freeze", allotment_id=allotment, amount_fen=60_000, reason="巡察整改")
        )
        assert district.figures(allotment) == {"635": 400, "636": 600}

        district.step(header.pk, "unfreeze", "budget_reviewer", comment="整改完成")

        assert district.figures(allotment) == {"635": 1_000}


class TestVirement:
    """指标调剂：规则与账务。"""

    def vire(self, district, out, into, yuan=100, **data):
        doc_id = district.create(
            "budget.virement", "maker", out_allotment=out, in_allotment=into, amount_fen=yuan * 100,
            reason="项目结余调剂用于急需项目",
        )  # fmt: skip
        return district.approve(doc_id, "maker", **data)

    def test_moves_money_between_functions_and_projects(self, district):
        out = district.allotment(yuan=1_000)
        into = district.allotment(yuan=500, function_code="2050299")

        assert self.vire(district, out, into, 400).state == "approved"

        assert (district.figures(out), district.figures(into)) == ({"635": 600}, {"635": 900})

    def test_no_more_than_available(self, district):
        out, into = district.allotment(yuan=1_000), district.allotment(yuan=500)
        district.submitted(out, yuan=601)
        doc_id = district.create(
            "budget.virement",
            "maker",
            out_allotment=out,
            in_allotment=into,
            amount_fen=40_000,
            reason="结余调剂使用",
        )
        district.step(doc_id, "submit", "maker")
        for who in ("reviewer", "section"):
            district.step(doc_id, "approve", who)

        with pytest.raises(
            places.AllotmentShort, match=r"可用 399\.00 元，本次需要 400\.00 元，还差 1\.00 元"
        ):
            district.step(doc_id, "approve", "budget_reviewer")

    @pytest.mark.parametrize(
        ("out", "into", "sentence"),
        [
            ({"category": "public"}, {"category": "special"}, "基本支出与项目支出之间不得调剂"),
            ({}, {"economic_code": "30217"}, "三公"),
            ({"flags": 2}, {}, "专款专用"),
            ({"flags": 1}, {}, "三保指标不得调剂"),
        ],
    )
    def test_what_the_rules_forbid(self, district, out, into, sentence):
        giving, taking = district.allotment(**out), district.allotment(**into)

        with pytest.raises(RuleBlocks, match=sentence):
            self.vire(district, giving, taking)

    def test_capital_and_current_needs_an_answer(self, district):
        out, into = district.allotment(), district.allotment(economic_code="31006")

        with pytest.raises(AnswerNeeded):
            self.vire(district, out, into)
        assert self.vire(district, out, into, answers={"B06": "屋面大修按资本性列支"}).state == "approved"

    def test_not_across_funds(self, district):
        out = district.allotment()
        into = district.allotment(fund="govfund", function_code="2120803")

        with pytest.raises(BadInput, match="不得跨资金性质"):
            self.vire(district, out, into)

    def test_several_movements_in_one_document(self, district):
        one, two, into = (district.allotment(yuan=1_000) for _ in range(3))
        doc_id = district.create(
            "budget.virement", "maker", reason="两项结余合并使用",
            lines=[
                {"out_allotment_id": one, "in_allotment_id": into, "amount_fen": 10_000},
                {"out_allotment_id": two, "in_allotment_id": into, "amount_fen": 20_000},
            ],
        )  # fmt: skip

        assert district.approve(doc_id, "maker").state == "approved"

        assert district.figures(into) == {"635": 1_300}

    def test_reversed_in_full(self, district):
        out, into = district.allotment(yuan=1_000), district.allotment(yuan=500)
        header = self.vire(district, out, into, 400)

        district.step(header.pk, "reverse", "budget_reviewer", comment="调剂有误")

        assert (district.figures(out), district.figures(into)) == ({"635": 1_000}, {"635": 500})
