"""填报: 无项目不编列, whose project, which year, which codes; one request per unit and stage; sending it in."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from fisc.base.errors import NotAllowed, Refusal
from fisc.domains.preparation import services
from fisc.domains.preparation.models import Line, Request, Round
from fisc.domains.preparation.refusals import BadLines, NothingAsked, Unreported, WrongStage
from fisc.kernel.documents.errors import AnswerNeeded, NotEditable, RuleBlocks, StepNotPermitted
from fisc.kernel.documents.models import Document

pytestmark = pytest.mark.django_db


class TestNoProjectNoBudget:
    """无项目不得编列预算。"""

    def test_a_project_in_the_library(self, year):
        entered = year.enter([year.row(year.district.project(), 1_000)])

        assert (entered.line_count, entered.total_fen) == (1, 100_000)
        assert Document.objects.get(pk=entered.request_ids[0]).amount_fen == 100_000

    def test_a_project_still_a_draft(self, year):
        project = year.district.create(
            "projects.project", "maker", title="未入库", amount_fen=100, category="special"
        )

        with pytest.raises(BadLines, match="无项目不得编列预算"):
            year.enter([year.row(project, 1_000)])

    def test_no_project_at_all(self, year):
        with pytest.raises(BadLines, match="没有这个项目"):
            year.enter([year.row(987_654, 1_000)])

    def test_another_units_project(self, year):
        project = year.district.project()

        with pytest.raises(BadLines, match="不是本单位的项目"):
            year.enter([year.row(project, 1_000, unit_id=year.unit("121002"))], who="other_maker")

    def test_a_project_of_other_years(self, year):
        project = year.district.project(start_year=2024, end_year=2025)

        with pytest.raises(BadLines, match="2024—2025"):
            year.enter([year.row(project, 1_000)])

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"function_code": "9999999"}, "9999999"),
            ({"economic_code": "302"}, "302"),
            ({"fund": "nonsense"}, "资金性质"),
            ({"amount_fen": -1}, "小于零"),
        ],
    )
    def test_codes_and_amounts(self, year, facts, words):
        with pytest.raises(BadLines, match=words):
            year.enter([{**year.row(year.district.project(), 1_000), **facts}])

    def test_the_same_line_twice(self, year):
        row = year.row(year.district.project(), 1_000)

        with pytest.raises(BadLines, match="与第 1 行"):
            year.enter([row, row])

    def test_a_guarantee_item_carries_its_flag(self, year):
        project = year.district.project(guarantee_item="L01")
        year.enter([year.row(project, 1_000, flags=4)])

        assert year.line(project).flags == 5


class TestRequests:
    """每单位每阶段一张申报；送审后不能再改。"""

    def test_entering_again_changes_the_line(self, year):
        project = year.district.project()
        first = year.enter([year.row(project, 1_000)])
        second = year.enter([year.row(project, 900)])

        assert first.request_ids == second.request_ids
        assert Line.objects.get().first_fen == 90_000
        assert Document.objects.get(pk=first.request_ids[0]).amount_fen == 90_000

    def test_once_per_unit_and_stage(self, year):
        year.enter([year.row(year.district.project(), 1_000)])
        held = Request.objects.get()

        with pytest.raises(IntegrityError, match="preparation_request_once_per_stage"), transaction.atomic():
            document = year.district.project(title="另一单据")
            Request.objects.create(
                document_id=document, round_id=held.round_id, unit_id=held.unit_id, stage="first"
            )

    def test_a_sent_request_is_closed(self, year):
        project = year.district.project()
        (request_id,) = year.enter([year.row(project, 1_000)]).request_ids
        year.district.step(request_id, "submit", "maker")

        with pytest.raises(NotEditable):
            year.enter([year.row(project, 1)])

    def test_for_others_units(self, year):
        with pytest.raises(StepNotPermitted):
            year.enter([year.row(year.district.project(), 1_000)], who="other_maker")

    def test_empty_lines_are_not_asked(self, year):
        project = year.district.project()
        (request_id,) = year.enter(
            [year.row(project, 1_000), year.row(project, 0, economic_code="30216")]
        ).request_ids
        year.district.step(request_id, "submit", "maker")

        assert Line.objects.count() == 1

    def test_nothing_at_all_is_refused(self, year):
        (request_id,) = year.enter([year.row(year.district.project(), 0)]).request_ids

        with pytest.raises(NothingAsked):
            year.district.step(request_id, "submit", "maker")

    def test_one_open_round_per_year(self, year):
        with pytest.raises(Refusal, match="已经启动"):
            services.open_round(year=2023, actor=year.actor("budget_officer"), at=year.at)
        services.open_round(year=2024, actor=year.actor("budget_officer"), at=year.at)

        assert Round.objects.filter(is_open=True).count() == 2

    def test_units_do_not_open_rounds(self, year):
        with pytest.raises(NotAllowed):
            services.open_round(year=2025, actor=year.actor("maker"), at=year.at)


class TestClosingFirst:
    """结束一上：都审核了才结束；确需按现状的写明理由。"""

    def test_somebody_has_not_sent(self, year):
        year.enter([year.row(year.district.project(), 1_000)])

        with pytest.raises(Unreported, match="云屿区第一中学"):
            year.step("close_first")
        assert year.step("close_first", comment="逾期未报，按现状结束").state == "review"

    def test_open_again_with_a_reason(self, year):
        year.enter([year.row(year.district.project(), 1_000)])
        year.send()
        year.step("close_first")

        assert year.step("reopen", comment="漏报").state == "first"

    def test_second_is_not_open_yet(self, year):
        with pytest.raises(WrongStage, match="一上编报"):
            year.enter([year.row(year.district.project(), 1_000)], stage="second")


class TestStandards:
    """超标准：人员经费拦截，公用经费说明。"""

    def asked(self, year, category, yuan, economic):
        project = year.district.project(category=category)
        row = year.row(
            project, yuan, economic_code=economic, standard_fen=100_000, standard_note="P01 100 元 × 10"
        )
        return year.enter([row]).request_ids[0]

    @pytest.mark.parametrize(("yuan", "is_refused"), [(1_000, False), (1_000.01, True)])
    def test_personnel(self, year, yuan, is_refused):
        request_id = self.asked(year, "personnel", yuan, "30101")

        if is_refused:
            with pytest.raises(RuleBlocks, match=r"0\.01"):
                year.district.step(request_id, "submit", "maker")
        else:
            assert year.district.step(request_id, "submit", "maker").state == "in_review"

    def test_running_costs_need_a_word(self, year):
        request_id = self.asked(year, "public", 1_000.01, "30201")

        with pytest.raises(AnswerNeeded):
            year.district.step(request_id, "submit", "maker")
        answers = {"answers": {"P02": "新增办公场所"}}
        assert year.district.step(request_id, "submit", "maker", **answers).state == "in_review"
