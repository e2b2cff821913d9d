"""指标页：额度、占用、支付、变动。"""

import pytest

from fisc.domains.budget import panels
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db


def test_the_page_of_an_allotment(district):
    allotment = district.allotment(yuan=1_000)
    first = district.submitted(allotment, yuan=300)
    district.step(first, "send_back", "reviewer", comment="补合同")
    second = district.submitted(allotment, yuan=200, payee_account="33050161002")
    district.approve(
        district.create("budget.freeze", allotment_id=allotment, amount_fen=10_000, reason="检查")
    )
    document, actor = Document.objects.get(pk=allotment), district.people["budget_officer"]

    figures = panels.figures_panel(document, actor)
    assert figures.title == "指标额度：批复 1,000.00 元"
    assert dict(figures.rows) == {
        "已支付": 0,
        "在途": 20_000,
        "冻结": 10_000,
        "未到期计划": 0,
        "可用": 70_000,
    }
    assert [row[0] for row in panels.holders_panel(document, actor).rows] == [Document.objects.get(pk=second)]
    assert {row[2:4] for row in panels.payments_panel(document, actor).rows} == {
        ("300.00", "已退回"), ("200.00", "待单位审核"),
    }  # fmt: skip
    assert [row[1] for row in panels.movements_panel(document, actor).rows] == ["指标冻结"]


def test_a_draft_has_no_figures_yet(district):
    project = district.project()
    draft = district.create(
        "budget.allotment", amount_fen=1, project_id=project, fund="general", function_code="2050203",
        economic_code="30213", reference="区财教〔2023〕31号",
    )  # fmt: skip
    document, actor = Document.objects.get(pk=draft), district.people["budget_officer"]

    shown = [panel(document, actor) for panel in document.spec.panels]

    assert shown == [None] * len(shown)
