"""压减 (F8): what may be cut, how the figure is counted, and that it does not depend on how an item is split."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fisc.base.errors import BadInput
from fisc.domains.preparation import services
from fisc.domains.preparation.lines import Review
from fisc.domains.preparation.metrics import METRICS
from fisc.domains.preparation.models import Line
from fisc.domains.preparation.refusals import CutNeedsReason, ProtectedUncut
from fisc.kernel.metrics.catalogue import catalogue_of
from fisc.kernel.metrics.evidence import entries
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest

pytestmark = pytest.mark.django_db
CATALOGUE = catalogue_of(METRICS)


def figure(code, **facts):
    request = FigureRequest(metric=code, year=2023, month=6, **facts)
    return figures([request], catalogue=CATALOGUE)[request]


class TestProtected:
    """三保、刚性支出不得压减；审增可以。"""

    @pytest.mark.parametrize(
        ("project", "line"),
        [
            ({"nature": "rigid"}, {}),
            ({"guarantee_item": "L01"}, {}),
            ({}, {"flags": 1}),
            ({}, {"guarantee_item": "O01"}),
        ],
    )
    def test_one_fen_less_is_refused(self, year, project, line):
        project_id = year.district.project(**project)
        year.enter([year.row(project_id, 1_000, **line)])
        year.send()
        held = year.line(project_id)
        assert held.is_protected and not held.is_cuttable

        year.review((held, 1_000, ""))
        with pytest.raises(ProtectedUncut, match=r"999\.99"):
            year.review((held, 999.99, "压减"))
        with pytest.raises(IntegrityError, match="preparation_line_protected_uncut"), transaction.atomic():
            Line.objects.filter(pk=held.pk).update(reviewed_fen=99_999, reason="压减")
        year.review((held, 1_000.01, "补足"))

    def test_priority_items_may_be_cut_but_do_not_count(self, year):
        project_id = year.district.project(nature="priority")
        year.enter([year.row(project_id, 1_000)])
        year.send()
        year.review((year.line(project_id), 600, "分期实施"))

        assert figure("preparation.cut").value is None

    def test_the_nature_is_the_one_at_first_ask(self, year):
        project_id = year.district.project(nature="ordinary")
        year.enter([year.row(project_id, 1_000)])
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE projects_project SET nature = 'rigid' WHERE document_id = %s", [project_id]
            )
        year.send()

        assert year.line(project_id).nature == "ordinary"


class TestReasons:
    """审定数与一上数不同，须写理由。"""

    def test_a_change_without_a_reason(self, year):
        project_id = year.district.project()
        year.enter([year.row(project_id, 1_000)])
        year.send()
        held = year.line(project_id)

        for yuan in (999.99, 1_000.01):
            with pytest.raises(CutNeedsReason):
                year.review((held, yuan, " "))
        assert year.review((held, 1_000, "")) == 1

    def test_a_request_still_with_its_unit(self, year):
        project_id = year.district.project()
        year.enter([year.row(project_id, 1_000)])

        with pytest.raises(BadInput, match="单位还没有送审"):
            year.review((year.line(project_id), 1, "压减"))

    def test_a_changed_ask_is_reviewed_anew(self, year):
        project_id = year.district.project()
        year.enter([year.row(project_id, 1_000)])
        request = services.current_round(2023).requests.get()
        year.district.step(request.pk, "submit", "maker")
        year.review((year.line(project_id), 800, "压减"))
        year.district.step(request.pk, "send_back", "reviewer", comment="金额有误")
        year.enter([year.row(project_id, 900)])

        assert year.line(project_id).reviewed_fen is None


class TestFigure:
    """F8 压减额 ＝ Σ max(0, 一上 − 审定)；压减比例 ＝ ÷ 一上；审增另列。"""

    def test_the_worked_example(self, year):
        """README 的例子：60.00、40.00 审定 50.00、45.00。"""
        project_id = year.district.project()
        year.enter([year.row(project_id, 60), year.row(project_id, 40, function_code="2050204")])
        year.send()
        first, other = Line.objects.order_by("-first_fen")
        year.review((first, 50, "压减"), (other, 45, "补足"))

        assert figure("preparation.cut").value == 500
        assert figure("preparation.cut.rate").text(places=2) == "5.00"

    def test_additions_stand_apart(self, year):
        one, two = year.district.project(), year.district.project(title="另一项目")
        year.enter([year.row(one, 100), year.row(two, 100)])
        year.send()
        year.review((year.line(one), 70, "压减"), (year.line(two), 120, "新增任务"))

        assert figure("preparation.cut").value == 3_000
        assert figure("preparation.added").value == 2_000
        assert figure("preparation.cut.rate").text(places=2) == "15.00"

    def test_by_unit_and_down_to_the_request(self, year):
        one = year.district.project()
        year.enter([year.row(one, 100)])
        year.send()
        year.review((year.line(one), 71.49, "从严"))

        mine = figure("preparation.cut", unit_ids=(year.unit(),))
        other = figure("preparation.cut", unit_ids=(year.unit("121002"),))
        (entry,) = entries(mine).rows

        assert (mine.value, other.value) == (2_851, None)
        assert (entry.amount_fen, entry.document_title) == (2_851, "2023年部门预算一上")

    def test_nothing_reviewed_is_no_figure(self, year):
        one = year.district.project()
        year.enter([year.row(one, 100)])

        assert figure("preparation.cut").value is None
        assert figure("preparation.cut.rate").value is None


FUNCTIONS = ("2050201", "2050202", "2050203", "2050204")
amounts = st.lists(
    st.tuples(st.integers(1, 10_000), st.integers(0, 10_000)), min_size=1, max_size=len(FUNCTIONS)
)


@pytest.fixture
def projects(year):
    """Three projects in the library."""
    return [year.district.project(title=f"项目{number}") for number in range(3)]


class TestSplitting:
    """同一项怎样拆成几行，F8 都一样。"""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(items=st.lists(amounts, min_size=1, max_size=3))
    def test_the_figure_is_the_same(self, year, projects, items):
        whole = [(sum(a for a, _ in parts), sum(r for _, r in parts)) for parts in items]
        savepoint = transaction.savepoint()
        try:
            self.enter_and_review(year, dict(zip(projects, items, strict=False)))

            assert figure("preparation.cut").value == sum(max(0, a - r) for a, r in whole)
            assert figure("preparation.added").value == sum(max(0, r - a) for a, r in whole)
            assert figure("preparation.asked").value == sum(a for a, _ in whole)
        finally:
            transaction.savepoint_rollback(savepoint)

    def enter_and_review(self, year, items):
        wanted = {
            (project_id, function): pair
            for project_id, parts in items.items()
            for function, pair in zip(FUNCTIONS, parts, strict=False)
        }
        entered = year.enter(
            [year.row(p, 0, function_code=f) | {"amount_fen": asked} for (p, f), (asked, _) in wanted.items()]
        )
        year.district.step(entered.request_ids[0], "submit", "maker")
        reviews = [
            Review(line.pk, wanted[line.project_id, line.function_code][1], "审核")
            for line in Line.objects.all()
        ]
        services.review_lines(
            round_id=year.round_id, reviews=reviews, actor=year.actor("section"), at=year.at
        )
