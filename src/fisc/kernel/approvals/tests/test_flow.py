"""A document goes along its chain: who may act when, what return and withdrawal do, and what is kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fisc.kernel.approvals.chains import Node, save_chain
from fisc.kernel.approvals.completeness import assert_complete, incomplete
from fisc.kernel.approvals.errors import (
    AlreadyActed,
    Incomplete,
    NobodyTwice,
    NoChain,
    NoSuchNode,
    NotYours,
    NotYourTurn,
)
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.approvals.models import Chain, ChainNode, Route, Task
from fisc.kernel.approvals.tests.conftest import SECTION_FROM
from fisc.kernel.documents import kinds
from fisc.kernel.documents.errors import MakerMayNot, WrongState
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.reading import available_steps
from fisc.kernel.documents.tests import kit
from fisc.kernel.documents.tests.kit import AT, Slip, make_actor, make_slips

pytestmark = pytest.mark.django_db


def step(slip, doc_id, name, actor, **more):
    return perform(kind=slip, id=doc_id, step=name, actor=actor, at=more.pop("at", AT), **more)


def submitted(slip, unit, maker, amount=SECTION_FROM):
    (doc_id,) = make_slips(slip, unit, maker, amount)
    step(slip, doc_id, "submit", maker)
    return doc_id


class TestTheWay:
    """按金额分档逐级审核，最后一环通过即办结。"""

    def test_through_all_nodes(self, slip, unit, maker, unit_reviewer, section_reviewer, treasury_reviewer):
        doc_id = submitted(slip, unit, maker)
        seen = []
        for actor in (unit_reviewer, section_reviewer, treasury_reviewer):
            document = Document.objects.get(pk=doc_id)
            seen.append((document.state, document.node, document.state_label))
            step(slip, doc_id, "approve", actor, comment="同意")

        document = Document.objects.get(pk=doc_id)
        assert seen == [
            ("in_review", "单位审核", "待单位审核"),
            ("in_review", "业务股室审核", "待业务股室审核"),
            ("in_review", "国库审核", "待国库审核"),
        ]
        assert (document.state, document.node) == ("approved", "")
        assert Route.objects.get(pk=doc_id).finished_at == AT
        assert_complete([doc_id])

    def test_the_event_comes_with_the_last_approval_only(
        self, slip, unit, maker, unit_reviewer, treasury_reviewer
    ):
        doc_id = submitted(slip, unit, maker, 1)
        told = []
        for actor in (unit_reviewer, treasury_reviewer):
            step(slip, doc_id, "approve", actor)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM events_outbox WHERE name = 'testkit.slip.approved'")
                told.append(cursor.fetchone()[0])

        assert told == [0, 1]

    @pytest.mark.parametrize(("amount", "path"), [(SECTION_FROM - 1, [10, 30]), (SECTION_FROM, [10, 20, 30])])
    def test_the_border_of_a_band_belongs_above(self, slip, unit, maker, amount, path):
        """5,000 元起须经业务股室：4,999.99 元不经，5,000.00 元经。"""
        doc_id = submitted(slip, unit, maker, amount)

        assert Route.objects.get(pk=doc_id).path == path

    def test_the_task_knows_its_limit_in_working_days(self, slip, unit, maker, unit_reviewer):
        friday = dt.datetime(2023, 6, 30, 17, tzinfo=AT.tzinfo)
        (doc_id,) = make_slips(slip, unit, maker, 100)
        step(slip, doc_id, "submit", maker, at=friday)
        first = Task.objects.get(document_id=doc_id, done_at=None)
        step(slip, doc_id, "approve", unit_reviewer, at=friday)

        assert first.due_on == dt.date(2023, 7, 3)
        assert Task.objects.get(document_id=doc_id, done_at=None).due_on == dt.date(2023, 7, 4)

    def test_a_condition_over_the_facts_chooses_a_node(self, slip, unit, maker):
        nodes = [
            Node(0, "单位审核", "unit_reviewer"),
            Node(0, "局领导审批", "leader", condition="payee like '%公司%' and amount_fen / 100 > 10"),
        ]
        save_chain(kind=slip.code, nodes=nodes, actor=maker, at=AT)
        plain = submitted(slip, unit, maker)
        (special,) = make_slips(slip, unit, maker, 1_001, payee="某公司")
        step(slip, special, "submit", maker)

        assert Route.objects.get(pk=plain).path == [10]
        assert Route.objects.get(pk=special).path == [10, 20]

    def test_a_kind_without_a_chain_cannot_be_submitted(self, slip, unit, maker):
        other = kit.slip_kind(flow=ChainFlow(), code="testkit.other")
        with kinds.also(other):
            ids = make_slips(other, unit, maker, 1)
            with pytest.raises(NoChain):
                step(other, ids[0], "submit", maker)


class TestWhoMayAct:
    """不相容岗位相互分离：轮到谁谁办，制单人不审核，一人不办两环。"""

    def test_not_before_ones_turn(self, slip, unit, maker, treasury_reviewer):
        doc_id = submitted(slip, unit, maker)

        with pytest.raises(NotYourTurn, match="现由“单位审核”办理，应由本单位单位审核审核"):
            step(slip, doc_id, "approve", treasury_reviewer)

    def test_not_for_another_unit(self, slip, unit, maker):
        doc_id = submitted(slip, unit, maker)
        elsewhere = make_actor("elsewhere", "unit_reviewer", unit=kit.make_unit("102"))

        with pytest.raises(NotYourTurn):
            step(slip, doc_id, "approve", elsewhere)

    def test_the_department_reviews_for_its_subordinate_unit(self, slip, unit, maker):
        doc_id = submitted(slip, unit, maker)
        above = kit.make_unit("100")
        department = make_actor("department", "unit_reviewer", unit=above, sees=[above, unit])

        assert step(slip, doc_id, "approve", department).node == "业务股室审核"

    def test_not_for_another_section(self, slip, unit, maker, unit_reviewer):
        doc_id = submitted(slip, unit, maker)
        step(slip, doc_id, "approve", unit_reviewer)
        other = make_actor("other_section", "section_reviewer", section="SB")

        with pytest.raises(NotYourTurn):
            step(slip, doc_id, "approve", other)

    def test_the_maker_never(self, slip, unit):
        both = make_actor("both", "unit_maker", "unit_reviewer", unit=unit)
        doc_id = submitted(slip, unit, both)

        with pytest.raises(MakerMayNot):
            step(slip, doc_id, "approve", both)

    def test_nobody_twice(self, slip, unit, maker):
        many = make_actor("many", "unit_reviewer", "section_reviewer", unit=unit, section="XZ")
        doc_id = submitted(slip, unit, maker)
        step(slip, doc_id, "approve", many)

        with pytest.raises(NobodyTwice, match="您已在“单位审核”审核过"):
            step(slip, doc_id, "approve", many)

    def test_the_database_holds_both(self, slip, unit, maker, unit_reviewer):
        doc_id = submitted(slip, unit, maker)
        values = {"done_at": AT, "outcome": "approved"}
        with pytest.raises(IntegrityError, match="approvals_task_not_by_maker"), transaction.atomic():
            Task.objects.filter(document_id=doc_id).update(done_by_id=maker.user_id, **values)
        step(slip, doc_id, "approve", unit_reviewer)

        with pytest.raises(IntegrityError, match="approvals_task_nobody_twice"), transaction.atomic():
            open_tasks = Task.objects.filter(document_id=doc_id, done_at=None)
            open_tasks.update(done_by_id=unit_reviewer.user_id, **values)

    def test_buttons_say_why_not(self, slip, unit, maker, unit_reviewer, treasury_reviewer):
        doc_id = submitted(slip, unit, maker)
        document = Document.objects.get(pk=doc_id)

        mine = {c.step.name: c for c in available_steps(document, unit_reviewer)}
        theirs = {c.step.name: c for c in available_steps(document, treasury_reviewer)}

        assert mine["approve"].enabled
        assert not theirs["approve"].enabled
        assert "单位审核" in theirs["approve"].why_not
        assert {c.step.name: c.enabled for c in available_steps(document, maker)}["withdraw"]


class TestReturn:
    """退回须写理由；退回制单人释放预占，退回前一环节不释放、由该环节起重审。"""

    def test_to_the_maker(self, slip, unit, maker, unit_reviewer):
        doc_id = submitted(slip, unit, maker)
        assert Slip.objects.get(pk=doc_id).held

        document = step(slip, doc_id, "send_back", unit_reviewer, comment="用途不清")

        assert (document.state, document.node) == ("returned", "")
        assert not Slip.objects.get(pk=doc_id).held
        assert not Task.objects.filter(document_id=doc_id, done_at=None).exists()
        with pytest.raises(Incomplete, match="退回"):
            assert_complete([doc_id])

    def test_and_again_from_the_start(self, slip, unit, maker, unit_reviewer, section_reviewer):
        doc_id = submitted(slip, unit, maker)
        step(slip, doc_id, "approve", unit_reviewer)
        step(slip, doc_id, "send_back", section_reviewer, comment="附件不全")

        step(slip, doc_id, "submit", maker)
        document = step(slip, doc_id, "approve", unit_reviewer)

        assert document.node == "业务股室审核"
        assert Route.objects.get(pk=doc_id).round == 2

    def test_to_an_earlier_node(self, slip, unit, maker, unit_reviewer, section_reviewer, treasury_reviewer):
        doc_id = submitted(slip, unit, maker)
        step(slip, doc_id, "approve", unit_reviewer)
        step(slip, doc_id, "approve", section_reviewer)

        document = step(
            slip, doc_id, "send_back", treasury_reviewer, comment="请再核", data={"to": "单位审核"}
        )

        assert (document.state, document.node) == ("in_review", "单位审核")
        assert Slip.objects.get(pk=doc_id).held
        for actor in (unit_reviewer, section_reviewer, treasury_reviewer):
            document = step(slip, doc_id, "approve", actor)
        assert document.state == "approved"
        assert_complete([doc_id])

    @pytest.mark.parametrize("to", ["业务股室审核", "国库审核", "没有这环", 99])
    def test_not_to_the_same_or_a_later_node(self, slip, unit, maker, unit_reviewer, section_reviewer, to):
        doc_id = submitted(slip, unit, maker)
        step(slip, doc_id, "approve", unit_reviewer)

        with pytest.raises(NoSuchNode):
            step(slip, doc_id, "send_back", section_reviewer, comment="x", data={"to": to})


class TestWithdraw:
    """下一环节未办理前，送审人可以撤回。"""

    def test_before_the_first_node_acts(self, slip, unit, maker):
        doc_id = submitted(slip, unit, maker)

        document = step(slip, doc_id, "withdraw", maker)

        assert (document.state, document.node) == ("draft", "")
        assert not Slip.objects.get(pk=doc_id).held

    def test_not_after(self, slip, unit, maker, unit_reviewer):
        doc_id = submitted(slip, unit, maker)
        step(slip, doc_id, "approve", unit_reviewer)

        with pytest.raises(AlreadyActed, match="“单位审核”已审核"):
            step(slip, doc_id, "withdraw", maker)

    def test_not_by_another(self, slip, unit, maker, unit_reviewer):
        doc_id = submitted(slip, unit, maker)

        with pytest.raises(NotYours):
            step(slip, doc_id, "withdraw", unit_reviewer)

    def test_voiding_under_review_ends_the_task(self, slip, unit, maker):
        doc_id = submitted(slip, unit, maker)

        step(slip, doc_id, "void", maker, comment="不办了")

        assert Task.objects.get(document_id=doc_id).outcome == "cancelled"
        assert Document.objects.get(pk=doc_id).node == ""


class TestBatch:
    """批量审核：各单各环节，能办的办。"""

    def test_documents_at_different_nodes(
        self, slip, unit, maker, unit_reviewer, section_reviewer, treasury_reviewer
    ):
        small, big = make_slips(slip, unit, maker, 1, SECTION_FROM)
        perform_many(kind=slip, ids=[small, big], step="submit", actor=maker, at=AT)
        perform_many(kind=slip, ids=[small, big], step="approve", actor=unit_reviewer, at=AT)

        result = perform_many(kind=slip, ids=[small, big], step="approve", actor=treasury_reviewer, at=AT)

        assert result.done == [small]
        assert isinstance(result.refused[big], NotYourTurn)

    def test_the_number_of_queries_does_not_grow(self, slip, unit, maker, unit_reviewer):
        counts = []
        submitted(slip, unit, maker)  # the chain is read once
        for size in (2, 200):
            ids = make_slips(slip, unit, maker, *range(1, size + 1))
            with CaptureQueriesContext(connection) as queries:
                perform_many(kind=slip, ids=ids, step="submit", actor=maker, at=AT)
                perform_many(kind=slip, ids=ids, step="approve", actor=unit_reviewer, at=AT)
            counts.append(len(queries))

        assert counts[0] == counts[1]

    def test_on_approved_may_refuse_and_then_the_task_stays(self, unit, maker, unit_reviewer, db):
        kit.make_tables()
        approved = []

        def on_approved(call):
            approved.extend(call.ids)
            call.refuse(call.ids[0], kit.OutOfMoney())

        kind = kit.slip_kind(flow=ChainFlow(on_approved=on_approved))
        with kinds.also(kind):
            save_chain(kind=kind.code, nodes=[Node(0, "单位审核", "unit_reviewer")], actor=maker, at=AT)
            ids = make_slips(kind, unit, maker, 1, 2)
            perform_many(kind=kind, ids=ids, step="submit", actor=maker, at=AT)
            result = perform_many(kind=kind, ids=ids, step="approve", actor=unit_reviewer, at=AT)

        assert approved == ids
        assert result.done == [ids[1]]
        assert Task.objects.filter(document_id=ids[0], done_at=None).exists()
        assert Document.objects.get(pk=ids[0]).state == "in_review"


class TestVersions:
    """流程改版只管以后送审的单据，在途单据按原版办完。"""

    def test_running_documents_keep_theirs(self, slip, unit, maker, unit_reviewer, treasury_reviewer):
        doc_id = submitted(slip, unit, maker, 1)
        save_chain(kind=slip.code, nodes=[Node(0, "局领导审批", "leader")], actor=maker, at=AT)

        step(slip, doc_id, "approve", unit_reviewer)
        document = step(slip, doc_id, "approve", treasury_reviewer)

        assert document.state == "approved"
        assert Chain.objects.get(kind=slip.code, is_current=True).version == 2
        assert Document.objects.get(pk=submitted(slip, unit, maker, 1)).node == "局领导审批"

    def test_a_version_is_never_rewritten(self, slip):
        with pytest.raises(IntegrityError, match="不得改写"), transaction.atomic():
            ChainNode.objects.filter(label="国库审核").update(role="leader")

    def test_what_was_done_stays(self, slip, unit, maker, unit_reviewer):
        doc_id = submitted(slip, unit, maker)
        step(slip, doc_id, "approve", unit_reviewer, comment="同意")

        with pytest.raises(IntegrityError, match="不得改动"), transaction.atomic():
            Task.objects.filter(document_id=doc_id, outcome="approved").update(comment="不同意")


class TestCompleteness:
    """资金拨付前再次核对审批是否齐全。"""

    def test_never_submitted(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 1)

        assert "没有送审" in incomplete([doc_id])[doc_id].message

    def test_still_waiting(self, slip, unit, maker):
        doc_id = submitted(slip, unit, maker)

        assert "尚待“单位审核”审核" in incomplete([doc_id])[doc_id].message

    def test_an_amount_changed_past_the_door(self, slip, unit, maker, unit_reviewer, treasury_reviewer):
        doc_id = submitted(slip, unit, maker, 1)
        step(slip, doc_id, "approve", unit_reviewer)
        step(slip, doc_id, "approve", treasury_reviewer)
        assert incomplete([doc_id]) == {}

        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('fisc.documents_door', 'open', true)")
            cursor.execute("UPDATE documents_document SET amount_fen = 2 WHERE id = %s", [doc_id])
            cursor.execute("SELECT set_config('fisc.documents_door', '', true)")

        assert "送审金额与现在的金额不同" in incomplete([doc_id])[doc_id].message

    def test_a_state_set_past_the_door(self, slip, unit, maker):
        doc_id = submitted(slip, unit, maker)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('fisc.documents_door', 'open', true)")
            cursor.execute("UPDATE documents_document SET state = 'approved' WHERE id = %s", [doc_id])
            cursor.execute("SELECT set_config('fisc.documents_door', '', true)")

        with pytest.raises(Incomplete):
            assert_complete([doc_id])

    def test_submitting_again_while_in_review_is_refused(self, slip, unit, maker):
        doc_id = submitted(slip, unit, maker)

        with pytest.raises(WrongState):
            step(slip, doc_id, "submit", maker)
