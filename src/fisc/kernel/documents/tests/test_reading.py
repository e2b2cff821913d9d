"""Find-anything within what one may see; where a document comes from; its timeline; rules before a step."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from fisc.kernel.documents import kinds
from fisc.kernel.documents.errors import AnswerNeeded, DocumentNotFound, RuleBlocks
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.reading import derived, get_visible, search, sources, timeline, visible
from fisc.kernel.documents.tests import kit
from fisc.kernel.documents.tests.kit import AT, make_actor, make_slips, make_unit
from fisc.kernel.rules.editing import RuleDraft, add_version
from fisc.kernel.rules.models import StoredFinding
from fisc.kernel.rules.views import describe

pytestmark = pytest.mark.django_db


class TestSearch:
    """按单号、摘要、对方、单位、金额查找，只见可见的。"""

    @pytest.mark.parametrize(
        "text", ["BT2023-000001", "bt2023", "123.45", "１２３．４５", "单位101", "101", "办公用品12345"]
    )
    def test_it_is_found_by(self, slip, unit, maker, text):
        ids = make_slips(slip, unit, maker, 12345)

        assert [document.pk for document in search(maker, text)] == ids

    @pytest.mark.parametrize("text", ["", "  ", "没有", "123.46"])
    def test_it_is_not_found_by(self, slip, unit, maker, text):
        make_slips(slip, unit, maker, 12345)

        assert not search(maker, text).exists()

    def test_only_what_one_may_see(self, slip, unit, maker):
        ids = make_slips(slip, unit, maker, 12345)
        blind = make_actor("blind", can=("other.view",))
        stranger = make_actor("stranger", sees=[make_unit("999")])

        for actor in (blind, stranger):
            assert not search(actor, "BT2023").exists()
            assert not visible(actor).filter(pk__in=ids).exists()
            with pytest.raises(DocumentNotFound):
                get_visible(actor, ids[0])
        assert get_visible(maker, ids[0]).pk == ids[0]


class TestChain:
    """来源与派生：上下追溯，操作经过按时间列出。"""

    def test_up_and_down(self, slip, unit, maker):
        (first,) = make_slips(slip, unit, maker, 1)
        (second,) = make_slips(slip, unit, maker, 2, source_id=first)
        (third,) = make_slips(slip, unit, maker, 3, source_id=second)

        assert [d.pk for d in sources(Document.objects.get(pk=third))] == [second, first]
        assert [d.pk for d in derived(Document.objects.get(pk=first), actor=maker)] == [second]

    def test_the_timeline(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 1)
        perform(
            kind=slip, id=doc_id, step="submit", actor=maker, at=AT + dt.timedelta(hours=1), comment="请审"
        )

        moments = timeline(Document.objects.get(pk=doc_id))

        assert [(m.label, m.actor_name, m.comment) for m in moments] == [
            ("制单", "用户maker", ""),
            ("提交", "用户maker", "请审"),
        ]


@pytest.fixture
def checked(db, maker):
    """The test kind with 事前 rules: one blocks a payee, one warns from 100 元 on."""
    kit.make_tables()
    describe.cache_clear()
    kind = kit.slip_kind(checks=True)
    for code, severity, condition, message in (
        ("K1", "block", "payee = '会所'", "收款人“{payee}”不得支付"),
        ("K2", "warn", "amount_fen >= 10000", "本笔 {amount_fen:yuan}，达到 100 元"),
        ("K3", "hint", "note = ''", "没有备注"),
    ):
        rule = RuleDraft(code, f"规则{code}", "before", severity, "v_slip_facts", condition, message)
        add_version(rule, actor=maker, at=AT)
    with kinds.also(kind):
        yield kind
    describe.cache_clear()


class TestRulesBeforeAStep:
    """事前规则：拦截的不得提交；预警的说明后可提交；提示不拦。"""

    def test_a_blocked_one_stays_and_the_finding_is_kept(self, checked, unit, maker):
        (doc_id,) = make_slips(checked, unit, maker, 1, payee="会所")

        with pytest.raises(RuleBlocks, match="不能提交：收款人“会所”不得支付"):
            perform(kind=checked, id=doc_id, step="submit", actor=maker, at=AT)

        assert Document.objects.get(pk=doc_id).state == "draft"
        assert set(StoredFinding.objects.values_list("rule_code", flat=True)) == {"K1", "K3"}

    @pytest.mark.parametrize(("amount", "goes"), [(9_999, True), (10_000, False)])
    def test_both_sides_of_a_warning(self, checked, unit, maker, amount, goes):
        (doc_id,) = make_slips(checked, unit, maker, amount)

        result = perform_many(kind=checked, ids=[doc_id], step="submit", actor=maker, at=AT)

        assert (result.done == [doc_id]) is goes

    def test_an_explanation_lets_it_pass(self, checked, unit, maker):
        (doc_id,) = make_slips(checked, unit, maker, 10_000)
        with pytest.raises(AnswerNeeded, match="有 1 条预警须先说明理由") as refused:
            perform(kind=checked, id=doc_id, step="submit", actor=maker, at=AT)
        assert ("K2", "warn", "本笔 100.00 元，达到 100 元") in refused.value.facts["findings"]

        answers = {"K2": "合同约定一次付清"}
        document = perform(
            kind=checked, id=doc_id, step="submit", actor=maker, at=AT, data={"answers": answers}
        )

        assert document.state == "approved"
        assert StoredFinding.objects.get(rule_code="K2").answer == "合同约定一次付清"

    def test_in_a_batch_each_by_itself(self, checked, unit, maker):
        good = make_slips(checked, unit, maker, 1, 2)
        bad = make_slips(checked, unit, maker, 1, payee="会所")

        result = perform_many(kind=checked, ids=good + bad, step="submit", actor=maker, at=AT)

        assert result.done == good
        assert set(result.refused) == set(bad)

    def test_a_step_without_checks_asks_nothing(self, checked, unit, maker):
        (doc_id,) = make_slips(checked, unit, maker, 1, payee="会所")

        perform(kind=checked, id=doc_id, step="void", actor=maker, at=AT, comment="不办")

        assert not StoredFinding.objects.exists()

    def test_a_kind_without_a_fact_view_has_none(self, checked, unit, maker):
        plain = dataclasses.replace(checked, fact_view=None)
        (doc_id,) = make_slips(plain, unit, maker, 1, payee="会所")

        assert perform(kind=plain, id=doc_id, step="submit", actor=maker, at=AT).state == "approved"
