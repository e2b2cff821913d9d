"""Whatever happens to an allotment: approved = paid + held + frozen + planned + available (norm A.7), and the
documents say the same as the ledger."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fisc.base.errors import FiscError
from fisc.domains.treasury import bank, drawing
from fisc.domains.treasury.models import Instruction
from fisc.domains.treasury.tests.test_bank import DAY
from fisc.kernel.documents.models import Document
from fisc.kernel.rules.standing import run_one

pytestmark = pytest.mark.django_db(transaction=False)
ACTS = (
    "pay",
    "submit",
    "send_back",
    "approve",
    "send",
    "succeed",
    "fail",
    "refund",
    "freeze",
    "unfreeze",
    "vire",
)
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 400)), max_size=25)


class Story:
    """Two allotments and whatever is done to them; what is refused simply does not happen."""

    def __init__(self, district) -> None:
        self.district = district
        self.allotments = [district.allotment(yuan=1_000), district.allotment(yuan=500)]
        self.serial = itertools.count()

    def do(self, act: str, yuan: int) -> None:
        with contextlib.suppress(FiscError):
            getattr(self, act)(yuan)

    def _any(self, state: str, yuan: int, kind: str = "treasury.payment") -> int | None:
        found = list(
            Document.objects.filter(kind=kind, state=state).order_by("id").values_list("id", flat=True)
        )
        return found[yuan % len(found)] if found else None

    def pay(self, yuan: int) -> None:
        self.district.submitted(self.allotments[yuan % 2], yuan, payee_account=f"3305{next(self.serial)}")

    def submit(self, yuan: int) -> None:
        if doc_id := self._any("returned", yuan):
            self.district.step(doc_id, "submit", "maker")

    def send_back(self, yuan: int) -> None:
        if doc_id := self._any("in_review", yuan):
            self.district.step(doc_id, "send_back", "reviewer", comment="退回修改")

    def approve(self, yuan: int) -> None:
        if doc_id := self._any("in_review", yuan):
            self.district.approve_on(doc_id)

    def send(self, yuan: int) -> None:
        if doc_id := self._any("approved", yuan):
            self.district.step(doc_id, "send", "treasury_officer")

    def _answer(self, yuan: int, paid: bool) -> None:
        waiting = list(Instruction.objects.filter(state="sent").order_by("id"))
        if waiting:
            one = waiting[yuan % len(waiting)]
            receipt = bank.Receipt(
                one.reference, paid, one.amount_fen, DAY, f"S{one.pk}", "" if paid else "账号不存在"
            )
            actor = self.district.people["treasury_officer"]
            bank.receive(receipts=[receipt], actor=actor, at=self.district.at)

    def succeed(self, yuan: int) -> None:
        self._answer(yuan, True)

    def fail(self, yuan: int) -> None:
        self._answer(yuan, False)

    def refund(self, yuan: int) -> None:
        if payment := self._any("booked", yuan):
            doc_id = self.district.create(
                "treasury.refund",
                "maker",
                payment_id=payment,
                amount_fen=yuan * 100,
                received_on=DAY,
                reason="退回",
            )
            self.district.approve(doc_id, "maker")

    def freeze(self, yuan: int) -> None:
        doc_id = self.district.create(
            "budget.freeze", allotment_id=self.allotments[yuan % 2], amount_fen=yuan * 100, reason="检查"
        )
        self.district.approve(doc_id)

    def unfreeze(self, yuan: int) -> None:
        if doc_id := self._any("frozen", yuan, "budget.freeze"):
            self.district.step(doc_id, "unfreeze", "budget_reviewer", comment="查清")

    def vire(self, yuan: int) -> None:
        out, into = self.allotments[yuan % 2], self.allotments[1 - yuan % 2]
        doc_id = self.district.create(
            "budget.virement",
            "maker",
            out_allotment=out,
            in_allotment=into,
            amount_fen=yuan * 100,
            reason="项目结余调剂",
        )
        self.district.approve(doc_id, "maker")

    def check(self) -> None:
        total = 0
        for figures in drawing.figures(self.allotments).values():
            parts = (
                figures.paid_fen,
                figures.held_fen,
                figures.frozen_fen,
                figures.planned_fen,
                figures.available_fen,
            )
            assert figures.approved_fen == sum(parts)
            assert min(parts) >= 0
            total += figures.approved_fen
        assert total == 150_000
        for invariant in self.district.invariants:
            result = run_one(invariant, at=self.district.at)
            assert result.holds, (result.invariant.code, result.sample)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=steps)
def test_the_identity_holds_whatever_happens(district, story):
    from django.db import transaction

    with transaction.atomic():
        told = Story(district)
        for act, yuan in story:
            told.do(act, yuan)
        told.check()
        transaction.set_rollback(True)
