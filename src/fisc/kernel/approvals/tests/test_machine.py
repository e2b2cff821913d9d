"""Random people take random steps on random documents: the duties stay apart and the money is held exactly while
a document is under way. A model of the rules decides beside the engine; the two must agree every time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fisc.kernel.approvals.completeness import incomplete
from fisc.kernel.approvals.models import Task
from fisc.kernel.approvals.tests.conftest import SECTION_FROM
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.tests.kit import AT, Slip, make_actor, make_slips

ROLES = {"unit_reviewer": 10, "section_reviewer": 20, "treasury_reviewer": 30}
LABELS = {10: "单位审核", 20: "业务股室审核", 30: "国库审核"}


class Model:
    """One document as the rules say it should be."""

    def __init__(self, maker: int, amount: int) -> None:
        self.maker, self.path = maker, [10, 20, 30] if amount >= SECTION_FROM else [10, 30]
        self.state, self.at, self.given, self.submitter = "draft", 0, {}, 0

    def submit(self, person: int) -> bool:
        if self.state not in ("draft", "returned"):
            return False
        self.state, self.at, self.given, self.submitter = "in_review", self.path[0], {}, person
        return True

    def may_act(self, person: int, roles: set[str]) -> bool:
        holds = any(ROLES[role] == self.at for role in roles)
        before = {who for node, who in self.given.items() if node != self.at}
        return self.state == "in_review" and holds and person != self.maker and person not in before

    def approve(self, person: int, roles: set[str]) -> bool:
        if not self.may_act(person, roles):
            return False
        self.given[self.at] = person
        following = [node for node in self.path if node > self.at]
        self.at = following[0] if following else 0
        self.state = "in_review" if following else "approved"
        return True

    def send_back(self, person: int, roles: set[str], to: int | None) -> bool:
        if not self.may_act(person, roles) or (to is not None and (to not in self.path or to >= self.at)):
            return False
        if to is None:
            self.state, self.at = "returned", 0
        else:
            self.at = to
            self.given = {node: who for node, who in self.given.items() if node < to}
        return True

    def withdraw(self, person: int) -> bool:
        untouched = self.state == "in_review" and self.at == self.path[0] and not self.given
        if not untouched or person not in (self.maker, self.submitter):
            return False
        self.state, self.at = "draft", 0
        return True


def machine(slip, unit):
    class Approvals(RuleBasedStateMachine):
        people = st.integers(0, 3)

        @initialize()
        def begin(self):
            roles = [(), ("unit_reviewer",), ("section_reviewer", "treasury_reviewer"), tuple(ROLES)]
            self.actors = [
                make_actor(f"person{number}", *held, unit=unit, section="XZ")
                for number, held in enumerate(roles)
            ]
            self.models: dict[int, Model] = {}

        @rule(who=people, amount=st.sampled_from([SECTION_FROM - 1, SECTION_FROM]))
        def make(self, who, amount):
            if len(self.models) < 4:
                (doc_id,) = make_slips(slip, unit, self.actors[who], amount)
                self.models[doc_id] = Model(self.actors[who].user_id, amount)

        def take(self, step, who, decide, **more):
            actor = self.actors[who]
            expected = [doc_id for doc_id, model in sorted(self.models.items()) if decide(model, actor)]
            result = perform_many(kind=slip, ids=list(self.models), step=step, actor=actor, at=AT, **more)
            assert result.done == expected
            assert set(result.refused) == set(self.models) - set(expected)

        @rule(who=people)
        def submit(self, who):
            self.take("submit", who, lambda model, actor: model.submit(actor.user_id))

        @rule(who=people)
        def approve(self, who):
            self.take("approve", who, lambda model, actor: model.approve(actor.user_id, set(actor.roles)))

        @rule(who=people, to=st.sampled_from([None, 10, 20, 30]))
        def send_back(self, who, to):
            self.take(
                "send_back", who, lambda model, actor: model.send_back(actor.user_id, set(actor.roles), to),
                comment="理由", data={"to": to},
            )  # fmt: skip

        @rule(who=people)
        def withdraw(self, who):
            self.take("withdraw", who, lambda model, actor: model.withdraw(actor.user_id))

        @invariant()
        def agrees(self):
            if not getattr(self, "models", None):
                return
            documents = Document.objects.in_bulk(list(self.models))
            held = dict(Slip.objects.filter(pk__in=self.models).values_list("pk", "held"))
            open_tasks = dict(Task.objects.filter(done_at=None).values_list("document_id", "node"))
            not_whole = incomplete(list(self.models))
            for doc_id, model in self.models.items():
                assert documents[doc_id].state == model.state
                assert documents[doc_id].node == LABELS.get(model.at, "")
                assert held[doc_id] == (model.state in ("in_review", "approved"))
                assert open_tasks.get(doc_id, "") == LABELS.get(model.at, "")
                assert (doc_id in not_whole) == (model.state != "approved")
            for model in self.models.values():
                if model.state == "approved":
                    assert len({*model.given.values(), model.maker}) == len(model.path) + 1

        def teardown(self):
            self.models = {}

    return Approvals


@pytest.mark.django_db
def test_duties_stay_apart_whatever_people_try(slip, unit):
    """不论谁怎样办理，制单、各审核环节都由不同的人完成，额度只在途中和审毕时占用。"""
    run_state_machine_as_test(
        machine(slip, unit),
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )
