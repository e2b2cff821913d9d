"""年终结转结余: what is left of 2023, by kind, to the 分: carried into 2024, taken back, or refused with its reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fisc.base.errors import BadInput, Refusal
from fisc.domains.budget import places, services
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.yearend import effect
from fisc.domains.budget.yearend import services as yearend
from fisc.domains.budget.yearend.models import YearEndLine
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.ledger import periods

pytestmark = pytest.mark.django_db
NEW_YEAR = dt.datetime(2024, 1, 5, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def closing(district):
    """The district on 5 January 2024, with the next year opened."""
    periods.open_year(2024)
    return district


def propose(district) -> int:
    district.at = NEW_YEAR
    return yearend.propose_year_end(
        year=2023,
        unit_id=district.units["101"].pk,
        actor=district.people["budget_officer"],
        at=NEW_YEAR,
        reference="区政〔2024〕1号",
    )


def carry_out(district, doc_id: int) -> Document:
    assert district.approve(doc_id).state == "approved"
    return Document.objects.get(pk=doc_id)


def left(year: int) -> int:
    """What stands in the six accounts of what is not spent, in 分."""
    selection = ledger.Selection(
        book="allotment", subjects=("627", "631", "635", "636", "650", "651"), fiscal_years=(year,)
    )
    return sum(balance.posted_fen for balance in ledger.balances(selection).values())


def at(subject: str, year: int) -> int:
    selection = ledger.Selection(book="allotment", subjects=(subject,), fiscal_years=(year,))
    return sum(balance.posted_fen for balance in ledger.balances(selection).values())


def lines(doc_id: int) -> dict[int | None, YearEndLine]:
    return {line.allotment_id: line for line in YearEndLine.objects.filter(year_end_id=doc_id)}


def broken(district) -> list[str]:
    """The standing checks that find something."""
    found = []
    for invariant in district.invariants:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            if rows := cursor.fetchall():
                found.append(f"{invariant.code}: {rows[:3]}")
    return found


class TestKinds:
    """结余按来源、标识、年限分类（规则表按日期生效）。"""

    @pytest.mark.parametrize(
        ("facts", "kind", "locked"),
        [
            ({}, "recover", False),
            ({"origin": "transfer"}, "carry_upper", True),
            ({"flags": 2}, "carry_upper", True),
            ({"flags": 4, "fund": "general"}, "carry_upper", True),
            ({"origin": "carryover"}, "reclaim", False),
            ({"origin": "carryover", "first_year": 2023}, "recover", False),
            ({"origin": "transfer", "first_year": 2022}, "reclaim", True),
            ({"origin": "carryover", "flags": 2}, "carry_upper", True),
        ],
    )
    def test_the_first_rule_that_fits(self, closing, facts, kind, locked):
        allotment = closing.allotment(yuan=1_000, **facts)

        line = lines(propose(closing))[allotment]

        assert (line.kind, line.is_locked, line.left_fen) == (kind, locked, 100_000)

    def test_two_years_are_counted_from_the_first(self):
        assert yearend.years_unused(2023, 2023) == 1
        assert yearend.years_unused(2022, 2023) == 2

    def test_basic_spending_goes_back(self, closing):
        allotment = closing.allotment(yuan=1_000, category="public", economic_code="30201")

        assert lines(propose(closing))[allotment].rule == "N11"


class TestLists:
    """按清单改为结转，须写理由；专款锁定。"""

    def test_carried_by_list(self, closing):
        allotment = closing.allotment(yuan=1_000)
        doc_id = propose(closing)

        changed = yearend.set_kinds(
            year_end_id=doc_id, kinds={allotment: "carry"}, reason="已签合同未付款",
            actor=closing.people["budget_officer"], at=NEW_YEAR,
        )  # fmt: skip

        assert changed == 1
        assert (lines(doc_id)[allotment].kind, lines(doc_id)[allotment].reason) == ("carry", "已签合同未付款")

    def test_a_reason_is_needed(self, closing):
        allotment = closing.allotment(yuan=1_000)
        doc_id = propose(closing)

        with pytest.raises(BadInput, match="理由"):
            yearend.set_kinds(
                year_end_id=doc_id, kinds={allotment: "carry"}, reason=" ",
                actor=closing.people["budget_officer"], at=NEW_YEAR,
            )  # fmt: skip

    def test_earmarked_money_stays_earmarked(self, closing):
        allotment = closing.allotment(yuan=1_000, origin="transfer")
        doc_id = propose(closing)

        with pytest.raises(yearend.LineLocked, match="锁定"):
            yearend.set_kinds(
                year_end_id=doc_id, kinds={allotment: "recover"}, reason="财力紧张",
                actor=closing.people["budget_officer"], at=NEW_YEAR,
            )  # fmt: skip

    def test_made_anew_what_people_decided_stays(self, closing):
        first, second = closing.allotment(yuan=1_000), closing.allotment(yuan=500)
        doc_id = propose(closing)
        yearend.set_kinds(
            year_end_id=doc_id, kinds={first: "carry"}, reason="已签合同",
            actor=closing.people["budget_officer"], at=NEW_YEAR,
        )  # fmt: skip
        cut = closing.create("budget.cut", allotment_id=second, amount_fen=100, funding="收回", reason="结余")
        closing.approve(cut)

        closing.step(doc_id, "refresh", "budget_officer")

        assert (lines(doc_id)[first].kind, lines(doc_id)[second].left_fen) == ("carry", 49_900)
        assert Document.objects.get(pk=doc_id).amount_fen == 149_900

    def test_one_at_a_time(self, closing):
        closing.allotment(yuan=1_000)
        propose(closing)

        with pytest.raises(yearend.AlreadyProposed):
            propose(closing)


class TestEffect:
    """批准之后：旧年科目为零，新年以结转指标接续。"""

    def test_recovered_money_leaves_the_year(self, closing):
        closing.allotment(yuan=1_000)

        carry_out(closing, propose(closing))

        assert (left(2023), at("672", 2023), at("671", 2023), left(2024)) == (0, 100_000, 0, 0)
        assert not broken(closing)

    def test_earmarked_money_begins_the_next_year(self, closing):
        old = closing.allotment(yuan=1_000, flags=2, origin="transfer")

        doc_id = propose(closing)
        carry_out(closing, doc_id)

        row = Allotment.objects.get(carried_from_id=old)
        assert (row.origin, row.first_year, row.flags, row.reference) == (
            "carryover", 2023, 2, "区财教〔2023〕31号",
        )  # fmt: skip
        assert (row.document.state, row.document.fiscal_year, row.document.amount_fen) == (
            "released",
            2024,
            100_000,
        )
        assert (left(2023), at("671", 2023), at("635", 2024)) == (0, 100_000, 100_000)
        assert lines(doc_id)[old].carried_id == row.pk
        assert not broken(closing)

    def test_it_is_carried_once_more_and_then_reclaimed(self, closing):
        closing.allotment(yuan=1_000, origin="supplement", fund="general", flags=0)
        doc_id = propose(closing)
        (line,) = YearEndLine.objects.filter(year_end_id=doc_id)
        yearend.set_lines(
            year_end_id=doc_id, kinds={line.pk: "carry"}, reason="跨年合同",
            actor=closing.people["budget_officer"], at=NEW_YEAR,
        )  # fmt: skip
        carry_out(closing, doc_id)
        periods.open_year(2025)
        closing.at = dt.datetime(2025, 1, 6, 9, 0, tzinfo=dt.UTC)

        second = yearend.propose_year_end(
            year=2024, unit_id=closing.units["101"].pk, actor=closing.people["budget_officer"], at=closing.at
        )

        (line,) = YearEndLine.objects.filter(year_end_id=second)
        assert (line.first_year, line.kind, line.rule) == (2023, "reclaim", "N07")
        carry_out(closing, second)
        assert left(2024) == 0
        idle = ledger.Selection(book="idle", subjects=("961",), fiscal_years=(2025,))
        assert ledger.balances(idle)[()].posted_fen == 100_000

    def test_the_project_keeps_its_room(self, closing):
        project = closing.project(total_yuan=1_000)
        closing.allotment(yuan=1_000, project_id=project, origin="transfer")

        carry_out(closing, propose(closing))

        arranged = ledger.Selection(book="project", subjects=("821",), project_ids=(project,))
        assert ledger.balances(arranged)[()].posted_fen == 100_000

    def test_a_pool_is_carried_as_a_pool(self, closing):
        closing.appropriate([{"project_id": closing.project(), "yuan": 700, "fund": "govfund",
                              "function_code": "2120801"}])  # fmt: skip

        carry_out(closing, propose(closing))

        assert (at("627", 2023), at("671", 2023), at("627", 2024)) == (0, 70_000, 70_000)

    def test_approved_stays_what_it_was(self, closing):
        allotment = closing.allotment(yuan=1_000)

        carry_out(closing, propose(closing))

        figures = places.figures([allotment])[allotment]
        assert (figures.approved_fen, figures.available_fen, figures.closed_fen) == (100_000, 0, 100_000)

    def test_the_books_are_closed_afterwards(self, closing):
        closing.allotment(yuan=1_000)
        doc_id = propose(closing)
        carry_out(closing, doc_id)

        assert closing.step(doc_id, "close_books", "budget_reviewer").state == "closed"

        assert not [state for state in periods.periods_of(2023) if state.is_open]


class TestRefusals:
    """在途、冻结、账面变动：先办结再年终。"""

    def test_payments_under_way(self, closing):
        allotment = closing.allotment(yuan=1_000)
        held = closing.submitted(allotment, 1)
        doc_id = propose(closing)

        with pytest.raises(effect.PaymentsUnderWay, match=Document.objects.get(pk=held).number):
            closing.step(doc_id, "submit", "budget_officer")

    def test_frozen_money(self, closing):
        allotment = closing.allotment(yuan=1_000)
        freeze = closing.create("budget.freeze", allotment_id=allotment, amount_fen=1, reason="核查")
        assert closing.approve(freeze).state == "frozen"
        doc_id = propose(closing)

        with pytest.raises(effect.StillFrozen, match=r"1 条指标冻结共 0\.01 元"):
            closing.step(doc_id, "submit", "budget_officer")

    def test_the_books_moved_by_one_fen(self, closing):
        allotment = closing.allotment(yuan=1_000)
        doc_id = propose(closing)
        closing.step(doc_id, "submit", "budget_officer")
        cut = closing.create(
            "budget.cut", allotment_id=allotment, amount_fen=1, funding="收回", reason="结余"
        )
        closing.approve(cut)
        closing.step(doc_id, "approve", "budget_reviewer")

        with pytest.raises(effect.LedgerMoved, match="重新生成"):
            closing.step(doc_id, "approve", "leader")

        assert Document.objects.get(pk=doc_id).state == "in_review"

    def test_the_next_year_must_be_open(self, district):
        district.allotment(yuan=1_000, origin="transfer")
        doc_id = propose(district)

        with pytest.raises(effect.NextYearClosed):
            district.step(doc_id, "submit", "budget_officer")

    def test_nothing_is_left(self, closing):
        with pytest.raises(BadInput, match="没有未用完"):
            propose(closing)

    def test_entering_by_hand_is_refused(self, closing):
        doc_id = closing.create(
            "budget.allotment", amount_fen=100, project_id=closing.project(), fund="general", function_code="2050203",
            economic_code="30213", reference="x", origin="carryover",
        )  # fmt: skip
        from fisc.kernel.orgs.access import system_actor

        result = perform_many(
            kind="budget.allotment", ids=[doc_id], step="enter", actor=system_actor(), at=NEW_YEAR, data={"year": 2024}
        )  # fmt: skip

        assert isinstance(result.refused[doc_id], Refusal)


class TestConservation:
    """Σ 结余 ＝ Σ 结转 ＋ Σ 收回，任意组合都成立。"""

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        parts=st.lists(
            st.tuples(
                st.integers(1, 10**7), st.sampled_from(["initial", "transfer", "carryover", "supplement"]),
                st.sampled_from([0, 1, 2, 4]), st.booleans(),
            ),
            min_size=1, max_size=6,
        )
    )  # fmt: skip
    def test_nothing_is_lost_and_nothing_is_made(self, closing, parts):
        from django.db import transaction

        with transaction.atomic():
            self._play(closing, parts)
            transaction.set_rollback(True)

    def _play(self, district, parts):
        start = dt.datetime(2023, 3, 1, 10, 0, tzinfo=dt.UTC)
        district.at = start
        project = district.project(total_yuan=1_000_000)
        base = {
            "project_id": project, "fund": "general", "function_code": "2050203", "economic_code": "30213",
            "unit_id": district.units["121001"].pk,
        }  # fmt: skip
        approved = district.create(
            "budget.appropriation", title="预算", unit_id=district.units["101"].pk, origin="supplement",
            lines=[{**base, "flags": flags, "amount_fen": fen} for fen, _, flags, _ in parts],
        )  # fmt: skip
        assert district.approve(approved).state == "approved"
        ids = [
            district.create(
                "budget.allotment", amount_fen=fen, origin=origin, reference=f"文{number}",
                **{**base, "flags": flags},
            )
            for number, (fen, origin, flags, _) in enumerate(parts)
        ]  # fmt: skip
        result = services.approve_through(
            kind="budget.allotment", ids=ids, maker=district.people["budget_officer"],
            reviewers=[district.people["budget_reviewer"]], at=start,
        )  # fmt: skip
        assert len(result.done) == len(ids)
        doc_id = propose(district)
        found = lines(doc_id)
        by_list = {
            allotment: "carry"
            for allotment, (_, _, _, wants) in zip(ids, parts, strict=True)
            if wants and not found[allotment].is_locked
        }
        yearend.set_kinds(
            year_end_id=doc_id,
            kinds=by_list,
            reason="清单",
            actor=district.people["budget_officer"],
            at=NEW_YEAR,
        )
        carry_out(district, doc_id)

        total = sum(fen for fen, *_ in parts)
        assert left(2023) == 0
        assert at("671", 2023) + at("672", 2023) == total
        assert at("635", 2024) == at("671", 2023)
        assert not broken(district)


class TestMany:
    """几千条指标，语句数不变。"""

    def test_statements_do_not_grow(self, closing, django_assert_max_num_queries):
        project = closing.project(total_yuan=1_000_000)
        row = {"project_id": project, "fund": "general", "function_code": "2050203", "economic_code": "30213",
               "unit_id": closing.units["121001"].pk, "flags": 2}  # fmt: skip
        count = 300
        doc = closing.create("budget.appropriation", title="预算", unit_id=closing.units["101"].pk,
                             lines=[{**row, "amount_fen": 100} for _ in range(count)])  # fmt: skip
        closing.approve(doc)
        ids = services.draft_allotments_from(
            appropriation_id=doc,
            reference="区财〔2023〕9号",
            actor=closing.people["budget_officer"],
            at=closing.at,
        )
        services.approve_through(
            kind="budget.allotment", ids=ids, maker=closing.people["budget_officer"],
            reviewers=[closing.people["budget_reviewer"]], at=closing.at,
        )  # fmt: skip
        doc_id = propose(closing)
        closing.step(doc_id, "submit", "budget_officer")
        closing.step(doc_id, "approve", "budget_reviewer")

        with django_assert_max_num_queries(70):
            closing.step(doc_id, "approve", "leader")

        assert Allotment.objects.filter(origin="carryover").count() == count
