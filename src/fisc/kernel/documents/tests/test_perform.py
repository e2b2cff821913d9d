"""perform is the only door: what it refuses, in which order, and what it leaves behind."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fisc.kernel.documents import guards
from fisc.kernel.documents.errors import (
    DocumentMissing,
    MakerMayNot,
    ReasonNeeded,
    StepNotPermitted,
    WrongState,
)
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.reading import available_steps
from fisc.kernel.documents.tests.kit import AT, OutOfMoney, Slip, make_actor, make_slips, make_unit

pytestmark = pytest.mark.django_db


def audit(doc_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT action, detail::text FROM events_audit WHERE document_id = %s ORDER BY id", [doc_id]
        )
        return [(action, json.loads(detail)) for action, detail in cursor.fetchall()]


class TestOneStep:
    """办理一步：状态、版本、审计、事件一并落账。"""

    def test_the_header_the_row_and_the_trail(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)

        document = perform(kind=slip, id=doc_id, step="submit", actor=maker, at=AT, comment="请审")

        stored = Document.objects.get(pk=doc_id)
        assert (stored.state, stored.version, stored.updated_at) == ("approved", 2, AT)
        assert (document.state, document.version) == ("approved", 2)
        assert Slip.objects.get(pk=doc_id).held
        assert audit(doc_id)[-1] == (
            "testkit.slip.submit",
            {"from": "draft", "to": "approved", "comment": "请审"},
        )

    def test_an_event_is_emitted_in_the_past_tense(self, slip, unit, maker, other):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        perform(kind=slip, id=doc_id, step="submit", actor=maker, at=AT)

        perform(kind=slip, id=doc_id, step="pay", actor=other, at=AT)

        with connection.cursor() as cursor:
            cursor.execute("SELECT name, payload::text FROM events_outbox WHERE document_id = %s", [doc_id])
            ((name, payload),) = cursor.fetchall()
        assert name == "testkit.slip.paid"
        assert json.loads(payload)["state"] == "paid"


class TestGuards:
    """其他模块可以在一步之前把关：拒绝的一张不动，其余照办。"""

    def test_a_guard_keeps_back_the_document_it_refuses(self, slip, unit, maker):
        small, large = make_slips(slip, unit, maker, 100, 900)

        def no_more_than_500(call):
            for document in call.documents:
                if document.amount_fen > 500:
                    call.refuse(document.pk, OutOfMoney(available="5.00"))

        with guards.also({"testkit.slip.submit": (no_more_than_500,)}):
            result = perform_many(kind=slip, ids=[small, large], step="submit", actor=maker, at=AT)

        assert result.done == [small]
        assert isinstance(result.refused[large], OutOfMoney)
        assert Document.objects.get(pk=large).state == "draft"

    def test_a_guard_of_another_step_is_not_asked(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)

        with guards.also({"testkit.slip.pay": (lambda call: call.refuse_all(OutOfMoney(available="0.00")),)}):
            result = perform_many(kind=slip, ids=[doc_id], step="submit", actor=maker, at=AT)

        assert result.done == [doc_id]


class TestRefusals:
    """不符合条件的逐一拒绝，说明原因，不留痕迹。"""

    def test_wrong_state(self, slip, unit, maker, other):
        (doc_id,) = make_slips(slip, unit, maker, 100)

        with pytest.raises(WrongState, match="现为“草稿”，不能支付"):
            perform(kind=slip, id=doc_id, step="pay", actor=other, at=AT)

        assert Document.objects.get(pk=doc_id).state == "draft"

    def test_the_maker_may_not_pay(self, slip, unit, maker, other):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        perform(kind=slip, id=doc_id, step="submit", actor=maker, at=AT)

        with pytest.raises(MakerMayNot, match="不相容岗位"):
            perform(kind=slip, id=doc_id, step="pay", actor=maker, at=AT)
        perform(kind=slip, id=doc_id, step="pay", actor=other, at=AT)

    def test_a_reason_is_asked_for_and_blanks_are_none(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)

        with pytest.raises(ReasonNeeded):
            perform(kind=slip, id=doc_id, step="void", actor=maker, at=AT, comment="  ")
        perform(kind=slip, id=doc_id, step="void", actor=maker, at=AT, comment="重复")

    def test_without_the_permission_nothing_is_looked_at(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        reader = make_actor("reader", can=("testkit.slip.view", "testkit.slip.pay"))

        with pytest.raises(StepNotPermitted):
            perform_many(kind=slip, ids=[doc_id], step="submit", actor=reader, at=AT)

    def test_a_unit_one_does_not_see_is_as_if_not_there(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        stranger = make_actor("stranger", sees=[make_unit("999")])

        with pytest.raises(DocumentMissing):
            perform(kind=slip, id=doc_id, step="submit", actor=stranger, at=AT)

    def test_the_order_in_which_they_are_shown(self, slip, unit, maker):
        """不可见先于状态，状态先于理由，理由先于制单人。"""
        paid, draft = make_slips(slip, unit, maker, 100, 200)
        stranger = make_actor("stranger", sees=[])

        unseen = perform_many(kind=slip, ids=[draft], step="pay", actor=stranger, at=AT).refused
        by_state = perform_many(kind=slip, ids=[draft], step="pay", actor=maker, at=AT).refused

        assert isinstance(unseen[draft], DocumentMissing)
        assert isinstance(by_state[draft], WrongState)
        assert paid not in by_state

    def test_a_whole_call_refused_by_the_module_is_undone(self, slip, unit, maker):
        good = make_slips(slip, unit, maker, 100)
        bad = make_slips(slip, unit, maker, 100, payee="炸")

        result = perform_many(kind=slip, ids=[*good, *bad], step="submit", actor=maker, at=AT)

        assert result.done == []
        assert set(result.refused) == {*good, *bad}
        assert not Document.objects.exclude(state="draft").exists()


class TestBatch:
    """批量办理：能办的办，不能办的留下并说明，条数不影响语句数。"""

    def test_the_good_go_on_without_the_bad(self, slip, unit, maker):
        good = make_slips(slip, unit, maker, 1, 2)
        poor = make_slips(slip, unit, maker, 3, payee="穷")

        result = perform_many(kind=slip, ids=[*poor, *good, 987654321], step="submit", actor=maker, at=AT)

        assert result.done == sorted(good)
        assert isinstance(result.refused[poor[0]], OutOfMoney)
        assert isinstance(result.refused[987654321], DocumentMissing)
        assert not Slip.objects.get(pk=poor[0]).held
        assert [action for action, _ in audit(poor[0])] == ["testkit.slip.create"]

    def test_the_same_document_twice_is_one(self, slip, unit, maker):
        (doc_id,) = make_slips(slip, unit, maker, 1)

        assert perform_many(kind=slip, ids=[doc_id, doc_id], step="submit", actor=maker, at=AT).done == [
            doc_id
        ]
        assert Document.objects.get(pk=doc_id).version == 2

    def test_nothing_asked_nothing_done(self, slip, maker):
        assert perform_many(kind=slip, ids=[], step="submit", actor=maker, at=AT).done == []

    def test_the_number_of_queries_does_not_grow(self, slip, unit, maker):
        counts = []
        for size in (2, 200):
            ids = make_slips(slip, unit, maker, *range(1, size + 1))
            with CaptureQueriesContext(connection) as queries:
                perform_many(kind=slip, ids=ids, step="submit", actor=maker, at=AT)
            counts.append(len(queries))

        assert counts[0] == counts[1] <= 8

    def test_three_thousand_at_once(self, slip, unit, maker):
        ids = make_slips(slip, unit, maker, *range(1, 3_001))

        result = perform_many(kind=slip, ids=ids, step="submit", actor=maker, at=AT)

        assert len(result.done) == 3_000


class TestButtons:
    """页面按钮：无权的不显示，暂不能办的置灰并说明。"""

    def test_absent_enabled_and_disabled(self, slip, unit, maker, other):
        (doc_id,) = make_slips(slip, unit, maker, 100)
        reader = make_actor("reader", can=("testkit.slip.view",))
        draft_steps = [c.step.name for c in available_steps(Document.objects.get(pk=doc_id), maker)]
        perform(kind=slip, id=doc_id, step="submit", actor=maker, at=AT)
        document = Document.objects.get(pk=doc_id)

        assert draft_steps == ["submit", "void"]
        assert available_steps(document, reader) == []
        assert {c.step.name: c.enabled for c in available_steps(document, maker)} == {
            "withdraw": True,
            "pay": False,
        }
        assert {c.step.name: c.enabled for c in available_steps(document, other)} == {
            "withdraw": True,
            "pay": True,
        }
