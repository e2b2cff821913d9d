"""执行率核减: the ladder compared exactly, exemptions, appeals that can only lower a cut, the event per line."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput, Refusal
from fisc.domains.budget.execution import services
from fisc.domains.budget.execution.models import CutLadder, ExecutionCutLine
from fisc.kernel import events
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db
ON = dt.date(2023, 11, 1)


def propose(district) -> list[int]:
    return services.propose_cuts(
        based_on_year=2023,
        cut_year=2024,
        executed_to=202312,
        actor=district.people["budget_officer"],
        at=district.at,
    )


def paid(district, allotment: int, yuan: int) -> None:
    """Money that the bank has paid, straight to the books."""
    from fisc.domains.budget import places, postings
    from fisc.kernel import ledger
    from fisc.kernel.ledger.keys import Entry

    place = places.allotment_places([allotment])[allotment][2]
    ledger.post(
        entry=Entry(
            kind="test.paid", document_id=None, effective_on=district.at.date(),
            lines=(postings.move(place.account("635"), place.account("661"), yuan * 100),),
        ),
        actor_id=district.people["treasury_officer"].user_id, at=district.at,
    )  # fmt: skip


def with_right(district, who: str, *rights: str) -> None:
    actor = district.people[who]
    district.people = {**district.people, who: replace(actor, permissions=actor.permissions | set(rights))}


class TestLadder:
    """阶梯按分比较，不看四舍五入后的执行率。"""

    @pytest.mark.parametrize(
        ("paid_fen", "percent"),
        [(90_000, 0), (89_999, 5), (80_000, 5), (79_999, 10), (60_000, 10), (40_000, 20), (39_999, 30), (0, 30), (-1, 30)],
    )  # fmt: skip
    def test_both_sides_of_every_border(self, paid_fen, percent):
        step = services.step_for(services.ladder_on(ON), paid_fen=paid_fen, budget_fen=100_000, on=ON)

        assert step.cut_bp == percent * 100

    def test_a_printed_rate_never_reaches_the_border_it_missed(self):
        assert services.rate_of(8_999_999, 10_000_000) == Decimal("89.99")

    def test_half_a_fen_goes_up(self):
        assert (services.cut_of(10, 500), services.cut_of(9, 500)) == (1, 0)

    def test_no_ladder_on_that_day(self):
        with pytest.raises(services.NoLadder):
            services.step_for([], paid_fen=1, budget_fen=1, on=ON)

    def test_a_ladder_with_dates(self):
        CutLadder.objects.update(valid_to=dt.date(2023, 12, 31))

        assert services.ladder_on(dt.date(2023, 12, 31))
        assert not services.ladder_on(dt.date(2024, 1, 1))


class TestProposal:
    """每个单位一张，按项目列明执行数据。"""

    def test_the_figures_of_a_line(self, district):
        allotment = district.allotment(yuan=1_000)
        paid(district, allotment, 500)

        (doc_id,) = propose(district)

        line = ExecutionCutLine.objects.get(cut_id=doc_id)
        assert (line.initial_fen, line.budget_fen, line.paid_fen) == (100_000, 100_000, 50_000)
        assert (line.rate_percent, line.cut_percent, line.cut_fen) == (
            Decimal("50.00"),
            Decimal("20.00"),
            20_000,
        )
        assert Document.objects.get(pk=doc_id).amount_fen == 20_000

    @pytest.mark.parametrize(
        ("facts", "title"),
        [({"flags": 1}, "三保支出"), ({"flags": 2}, "直达资金"), ({"flags": 4}, "债券资金")],
    )
    def test_exempt_money_is_neither_cut_nor_counted(self, district, facts, title):
        project = district.project()
        district.allotment(yuan=1_000, project_id=project, **facts)
        district.allotment(yuan=100, project_id=project)

        (doc_id,) = propose(district)

        line = ExecutionCutLine.objects.get(cut_id=doc_id)
        assert (line.exempt_fen, line.exempt, line.budget_fen, line.cut_fen) == (
            100_000,
            title,
            10_000,
            3_000,
        )

    def test_who_executes_well_hears_nothing(self, district):
        paid(district, district.allotment(yuan=1_000), 900)

        assert propose(district) == []

    def test_only_once(self, district):
        district.allotment(yuan=1_000)
        propose(district)

        with pytest.raises(BadInput, match="已经生成"):
            propose(district)

    def test_never_more_than_the_ladder_says(self, district):
        district.allotment(yuan=1_000)
        propose(district)

        with pytest.raises(IntegrityError, match="never_more"), transaction.atomic():
            ExecutionCutLine.objects.update(cut_fen=30_001, decision="加重")


class TestAppeal:
    """申诉、裁定、确认，确认即告知编制。"""

    @pytest.fixture
    def issued(self, district):
        with_right(district, "budget_officer", "budget.execution_cut.issue")
        with_right(district, "maker", "budget.execution_cut.appeal")
        with_right(district, "budget_reviewer", "budget.execution_cut.decide")
        with_right(district, "leader", "budget.execution_cut.confirm")
        district.allotment(yuan=1_000)
        (doc_id,) = propose(district)
        district.step(doc_id, "issue", "budget_officer")
        return doc_id

    def test_confirmed_without_an_appeal(self, district, issued):
        district.step(issued, "confirm", "leader")

        heard = []
        events.deliver({"budget.execution_cut.confirmed": [heard.append]}, at=district.at)

        (event,) = heard
        assert {key: event.payload[key] for key in ("fiscal_year", "cut_fen")} == {
            "fiscal_year": 2024,
            "cut_fen": 30_000,
        }
        assert event.payload["unit_id"] == district.units["121001"].pk
        assert event.payload["project_id"]

    def test_lowered_with_an_opinion(self, district, issued):
        line = ExecutionCutLine.objects.get(cut_id=issued)
        district.step(issued, "appeal", "maker", comment="工期顺延", appeals={line.pk: "雨季停工，合同已签"})
        district.step(
            issued,
            "decide",
            "budget_reviewer",
            comment="部分支持",
            decisions={line.pk: [10_000, "按三成支持"]},
        )

        district.step(issued, "confirm", "leader")

        line.refresh_from_db()
        assert (line.cut_fen, line.appeal, line.decision) == (10_000, "雨季停工，合同已签", "按三成支持")
        assert Document.objects.get(pk=issued).amount_fen == 10_000
        with connection.cursor() as cursor:
            cursor.execute("SELECT fiscal_year, cut_fen, state FROM v_budget_execution_cut")
            assert cursor.fetchall() == [(2024, 10_000, "confirmed")]

    def test_raised_is_refused(self, district, issued):
        line = ExecutionCutLine.objects.get(cut_id=issued)
        district.step(issued, "appeal", "maker", comment="工期顺延")

        with pytest.raises(Refusal, match="应在零和按阶梯核减额之间"):
            district.step(
                issued, "decide", "budget_reviewer", comment="加重", decisions={line.pk: [30_001, "x"]}
            )

    def test_an_appeal_not_upheld_keeps_the_cut(self, district, issued):
        district.step(issued, "appeal", "maker", comment="工期顺延")
        district.step(issued, "decide", "budget_reviewer", comment="理由不充分")

        line = ExecutionCutLine.objects.get(cut_id=issued)
        assert (line.cut_fen, line.decision) == (30_000, "维持：理由不充分")

    def test_lines_of_others_are_refused(self, district, issued):
        with pytest.raises(services.NotInThisCut):
            district.step(issued, "appeal", "maker", comment="x", appeals={999_999: "x"})
