"""What waits for whom: inbox, counts, standing in, lateness and times, the chain editor."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fisc.kernel.approvals import inbox
from fisc.kernel.approvals.chains import Node, save_chain
from fisc.kernel.approvals.delegation import delegate, end_delegation
from fisc.kernel.approvals.errors import ChainError, DelegationError, NobodyTwice, NotYourTurn
from fisc.kernel.approvals.models import Task
from fisc.kernel.approvals.timing import escalate_late, late, node_times
from fisc.kernel.documents.errors import MakerMayNot, StepNotPermitted
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.tests.kit import AT, DAY, make_actor, make_slips, make_unit
from fisc.kernel.orgs.access import actor_for, system_actor
from fisc.kernel.orgs.models import Grant, Role, User
from fisc.kernel.rules.errors import ConditionError

pytestmark = pytest.mark.django_db


def sent(slip, unit, maker, *amounts, at=AT):
    ids = make_slips(slip, unit, maker, *amounts)
    perform_many(kind=slip, ids=ids, step="submit", actor=maker, at=at)
    return ids


def waiting(actor, on=DAY):
    return sorted(inbox.inbox(actor, on=on).values_list("document_id", flat=True))


class TestInbox:
    """待办：轮到本人办理的单据。"""

    def test_it_is_what_one_may_approve(
        self, slip, unit, maker, unit_reviewer, section_reviewer, treasury_reviewer
    ):
        """待办与“轮到谁”是同一判断：待办里有的都能办，没有的都不能办。"""
        ids = sent(slip, unit, maker, 1, 2, 600_000)
        perform(kind=slip, id=ids[0], step="approve", actor=unit_reviewer, at=AT)
        perform(kind=slip, id=ids[2], step="approve", actor=unit_reviewer, at=AT)

        assert waiting(unit_reviewer) == [ids[1]]
        assert waiting(treasury_reviewer) == [ids[0]]
        assert waiting(section_reviewer) == [ids[2]]
        assert waiting(maker) == []
        for actor in (unit_reviewer, treasury_reviewer, section_reviewer, maker):
            mine = waiting(actor)
            result = perform_many(kind=slip, ids=ids, step="approve", actor=actor, at=AT)
            assert result.done == mine

    def test_not_ones_own_and_not_twice(self, slip, unit, maker):
        many = make_actor("many", "unit_reviewer", "section_reviewer", unit=unit, section="XZ")
        own = sent(slip, unit, many, 600_000)
        theirs = sent(slip, unit, maker, 600_000)
        assert waiting(many) == theirs

        perform(kind=slip, id=theirs[0], step="approve", actor=many, at=AT)

        assert waiting(many) == []
        assert own

    def test_counts_and_summary_in_few_queries(self, slip, unit, maker, unit_reviewer):
        sent(slip, unit, maker, 1, 2, at=dt.datetime(2023, 6, 26, 9, tzinfo=AT.tzinfo))
        sent(slip, unit, maker, 3)
        make_slips(slip, unit, maker, 4)

        with CaptureQueriesContext(connection) as queries:
            counts = inbox.counts(unit_reviewer)
        assert counts == {slip.code: 3}
        assert len(queries) <= 2
        summary = inbox.summary(unit_reviewer, on=DAY)
        assert (summary.waiting, summary.late) == (3, 2)
        assert (inbox.summary(maker, on=DAY).drafts, inbox.summary(maker, on=DAY).in_review) == (1, 3)

    def test_done_and_mine(self, slip, unit, maker, unit_reviewer):
        (doc_id,) = sent(slip, unit, maker, 1)
        perform(kind=slip, id=doc_id, step="approve", actor=unit_reviewer, at=AT)

        assert [task.document_id for task in inbox.done(unit_reviewer)] == [doc_id]
        assert [document.pk for document in inbox.mine(maker)] == [doc_id]


@pytest.fixture
def principal(unit):
    """A real 国库审核 with a grant, so that somebody may stand in."""
    user = User.objects.create(username="principal", name="委托人")
    role = Role.objects.get(code="treasury_reviewer")
    Grant.objects.create(
        user=user,
        role=role,
        group=role.group,
        valid_from=dt.date(2023, 1, 1),
        granted_by_id=system_actor().user_id,
    )
    return actor_for(user, on=DAY)


@pytest.fixture
def deputy(unit):
    user = User.objects.create(username="deputy", name="受托人")
    role = Role.objects.get(code="treasury_officer")
    Grant.objects.create(
        user=user,
        role=role,
        group=role.group,
        valid_from=dt.date(2023, 1, 1),
        granted_by_id=system_actor().user_id,
    )
    return make_actor("deputy", "treasury_officer", can=("testkit.slip.view",))


def lend(principal, deputy, since=DAY, until=DAY, **more):
    return delegate(
        actor=principal, to_user_id=deputy.user_id, valid_from=since, valid_to=until, at=AT, **more
    )


class TestDelegation:
    """委托：期间内代办，到期即止；回避规则对委托人、受托人都适用。"""

    def ready(self, slip, unit, maker, unit_reviewer):
        (doc_id,) = sent(slip, unit, maker, 1)
        perform(kind=slip, id=doc_id, step="approve", actor=unit_reviewer, at=AT)
        return doc_id

    def test_both_sides_of_its_days(self, slip, unit, maker, unit_reviewer, principal, deputy):
        doc_id = self.ready(slip, unit, maker, unit_reviewer)
        lend(principal, deputy)
        day = dt.timedelta(days=1)

        assert waiting(deputy, on=DAY) == [doc_id]
        assert waiting(deputy, on=DAY - day) == waiting(deputy, on=DAY + day) == []
        with pytest.raises(StepNotPermitted):
            perform(kind=slip, id=doc_id, step="approve", actor=deputy, at=AT + day)
        perform(kind=slip, id=doc_id, step="approve", actor=deputy, at=AT)

        task = Task.objects.filter(document_id=doc_id).latest("id")
        assert (task.done_by_id, task.delegated_from_id) == (deputy.user_id, principal.user_id)

    def test_only_for_the_named_kinds(self, slip, unit, maker, unit_reviewer, principal, deputy):
        doc_id = self.ready(slip, unit, maker, unit_reviewer)
        lend(principal, deputy, kinds=["treasury.payment"])

        assert waiting(deputy) == []
        with pytest.raises(StepNotPermitted):
            perform(kind=slip, id=doc_id, step="approve", actor=deputy, at=AT)

    def test_taken_back_early(self, slip, unit, maker, unit_reviewer, principal, deputy):
        self.ready(slip, unit, maker, unit_reviewer)
        row = lend(principal, deputy)

        end_delegation(id=row.pk, actor=principal, at=AT)

        assert waiting(deputy) == []

    def test_a_deputy_does_not_approve_what_the_principal_or_he_has_touched(
        self, slip, unit, maker, unit_reviewer, principal, deputy
    ):
        lend(principal, deputy)
        made_by_principal = sent(
            slip, unit, principal.__class__(**{**principal.__dict__, "permissions": frozenset("*")}), 1
        )
        made_by_deputy = sent(
            slip, unit, deputy.__class__(**{**deputy.__dict__, "permissions": frozenset("*")}), 1
        )
        perform_many(
            kind=slip, ids=made_by_principal + made_by_deputy, step="approve", actor=unit_reviewer, at=AT
        )

        assert waiting(deputy) == []
        for doc_id in (*made_by_principal, *made_by_deputy):
            with pytest.raises(MakerMayNot):
                perform(kind=slip, id=doc_id, step="approve", actor=deputy, at=AT)

    def test_it_is_not_passed_on(self, slip, unit, maker, unit_reviewer, principal, deputy):
        doc_id = self.ready(slip, unit, maker, unit_reviewer)
        lend(principal, deputy)
        third = User.objects.create(username="third", name="第三人")
        role = Role.objects.get(code="treasury_officer")
        Grant.objects.create(
            user=third,
            role=role,
            group=role.group,
            valid_from=dt.date(2023, 1, 1),
            granted_by_id=system_actor().user_id,
        )
        third_actor = make_actor("third")
        delegate(actor=deputy, to_user_id=third.pk, valid_from=DAY, valid_to=DAY, at=AT)

        assert waiting(third_actor) == []
        with pytest.raises(NotYourTurn):
            perform(kind=slip, id=doc_id, step="approve", actor=third_actor, at=AT)

    def test_what_cannot_be_delegated(self, principal, deputy, unit):
        narrow = make_actor("narrow", unit=unit)
        cases = [
            {"actor": principal, "to_user_id": principal.user_id},
            {"actor": principal, "to_user_id": deputy.user_id, "valid_to": DAY - dt.timedelta(days=1)},
            {"actor": principal, "to_user_id": narrow.user_id},
            {"actor": principal, "to_user_id": 10**9},
            {"actor": deputy, "to_user_id": deputy.user_id, "from_user_id": principal.user_id},
        ]
        for case in cases:
            with pytest.raises(DelegationError):
                delegate(**{"valid_from": DAY, "valid_to": DAY, "at": AT, **case})

    def test_nobody_twice_through_a_deputy(self, slip, unit, maker, principal):
        """受托人在前一环节审核过，不得再代他人审核后一环节。"""
        user = User.objects.create(username="double", name="双岗", unit=unit)
        role = Role.objects.get(code="treasury_officer")
        Grant.objects.create(
            user=user,
            role=role,
            group=role.group,
            valid_from=dt.date(2023, 1, 1),
            granted_by_id=system_actor().user_id,
        )
        double = make_actor("double", "unit_reviewer", unit=unit)
        lend(principal, double)
        (doc_id,) = sent(slip, unit, maker, 1)
        perform(kind=slip, id=doc_id, step="approve", actor=double, at=AT)

        assert waiting(double) == []
        with pytest.raises(NobodyTwice):
            perform(kind=slip, id=doc_id, step="approve", actor=double, at=AT)


class TestTimes:
    """限时办结：逾期一天即逾期，催办一次，按环节统计用时。"""

    def test_both_sides_of_the_limit(self, slip, unit, maker):
        sent(slip, unit, maker, 1)  # Monday 7-03, one working day: due on Tuesday

        assert late(on=dt.date(2023, 7, 4)).count() == 0
        assert late(on=dt.date(2023, 7, 5)).count() == 1

    def test_escalated_once(self, slip, unit, maker):
        (doc_id,) = sent(slip, unit, maker, 1)
        wednesday = AT + dt.timedelta(days=2)

        assert [escalate_late(AT), escalate_late(wednesday), escalate_late(wednesday)] == [0, 1, 0]
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM events_outbox WHERE document_id = %s", [doc_id])
            assert cursor.fetchall() == [("approvals.task.overdue",)]

    def test_median_and_nine_in_ten(self, slip, unit, maker, unit_reviewer):
        ids = sent(slip, unit, maker, *range(1, 12))
        for hours, doc_id in enumerate(ids):
            at = AT + dt.timedelta(hours=10 * hours)
            perform(kind=slip, id=doc_id, step="approve", actor=unit_reviewer, at=at)

        (node,) = node_times(since=AT, until=AT + dt.timedelta(days=30), kind=slip.code)

        assert (node.node, node.done, node.p50_hours, node.p90_hours) == ("单位审核", 11, 50.0, 90.0)
        assert node.late == 7  # acts from 7-05 on: 40, 50 … 100 hours later
        assert node_times(since=AT, until=AT, kind=slip.code) == []


class TestEditor:
    """流程设置：环节不重名，角色存在，任何金额都有人审。"""

    @pytest.mark.parametrize(
        ("nodes", "said"),
        [
            ([], "至少要有一个"),
            ([Node(0, "甲", "leader"), Node(0, "甲", "leader")], "不能重名"),
            ([Node(0, " ", "leader")], "要有名称"),
            ([Node(0, "甲", "king")], "角色 king 不存在"),
            ([Node(0, "甲", "system_admin")], "不存在"),
            ([Node(0, "甲", "leader", limit_workdays=0)], "至少为 1"),
            ([Node(0, "甲", "leader", amount_from_fen=100)], "金额 0.00 元起"),
            ([Node(0, "甲", "leader", amount_to_fen=100)], "金额 1.00 元起"),
            (
                [Node(0, "甲", "leader", amount_to_fen=100), Node(0, "乙", "leader", amount_from_fen=101)],
                "金额 1.00 元起",
            ),
            ([Node(0, "甲", "leader", condition="amount_fen > 1")], "金额 0.00 元起"),
        ],
    )
    def test_refused(self, slip, maker, nodes, said):
        with pytest.raises(ChainError, match=said):
            save_chain(kind=slip.code, nodes=nodes, actor=maker, at=AT)

    def test_a_condition_must_fit_the_view(self, slip, maker):
        nodes = [Node(0, "甲", "leader"), Node(0, "乙", "leader", condition="nobody = 1")]
        with pytest.raises(ConditionError):
            save_chain(kind=slip.code, nodes=nodes, actor=maker, at=AT)

    def test_bands_that_meet_are_whole(self, slip, maker):
        nodes = [Node(0, "甲", "leader", amount_to_fen=100), Node(0, "乙", "auditor", amount_from_fen=100)]

        assert save_chain(kind=slip.code, nodes=nodes, actor=maker, at=AT).version == 2

    def test_a_new_unit_is_not_in_the_way(self, slip, maker, unit_reviewer):
        elsewhere = make_unit("555", section=None)
        outsider = make_actor("outsider", unit=elsewhere, sees=[elsewhere])
        sent(slip, elsewhere, outsider, 1)

        assert waiting(unit_reviewer) == []
