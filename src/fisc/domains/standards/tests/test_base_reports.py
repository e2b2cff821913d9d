"""基础信息表：多单位一次写入，规则把关，审定后冻结，退回重报。"""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.base.errors import BadInput, Conflict, Refusal
from fisc.domains.standards import services
from fisc.domains.standards.models import BaseFigure, BaseReport
from fisc.domains.standards.services import BaseRow
from fisc.domains.standards.tests.conftest import AT, KIND, OFFICE, SCHOOL
from fisc.kernel.documents.errors import AnswerNeeded, MakerMayNot, NotEditable, RuleBlocks, StepNotPermitted
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.access import system_actor

pytestmark = pytest.mark.django_db


class TestWriting:
    """批量写入：没有的新建，有的修改，别人的、已审定的不动。"""

    def test_new_reports_and_changed_ones(self, tree, people):
        maker, unit = people["maker"], tree["121001"]
        ids = services.set_base_figures(year=2023, rows=[BaseRow(unit.pk, SCHOOL)], actor=maker, at=AT)
        again = services.set_base_figures(
            year=2023, rows=[BaseRow(unit.pk, {"boarders": 41, "retirees": None})], actor=maker, at=AT
        )

        figures = services.figures_of(ids.values())[ids[unit.pk]]
        assert again == ids
        assert figures["boarders"] == 41 and "retirees" not in figures and figures["pupils_primary"] == 300
        document = Document.objects.get(pk=ids[unit.pk])
        assert document.title == "云屿区实验小学2023年基础信息" and document.number.startswith("JC2023")
        assert document.version == 2

    def test_the_number_of_statements_does_not_depend_on_the_units(self, tree, django_assert_max_num_queries):
        every = [BaseRow(unit.pk, SCHOOL) for unit in tree.values()]
        services.set_base_figures(year=2022, rows=every[:1], actor=system_actor(), at=AT)
        with django_assert_max_num_queries(25):
            services.set_base_figures(year=2023, rows=every, actor=system_actor(), at=AT)

    @pytest.mark.parametrize(
        ("figures", "sentence"),
        [
            ({"boarders": -1}, "云屿区实验小学的“寄宿生”应在 0 到"),
            ({"boarders": 10_000_001}, "10,000,000 之间"),
            ({"nothing": 1}, "没有“nothing”"),
        ],
    )
    def test_what_cannot_be(self, tree, people, figures, sentence):
        with pytest.raises(BadInput, match=sentence):
            services.set_base_figures(
                year=2023, rows=[BaseRow(tree["121001"].pk, figures)], actor=people["maker"], at=AT
            )
        assert not BaseReport.objects.exists()

    @pytest.mark.parametrize("quantity", [0, 10_000_000])
    def test_the_borders_can_be(self, tree, people, quantity):
        services.set_base_figures(
            year=2023, rows=[BaseRow(tree["121001"].pk, {"area": quantity})], actor=people["maker"], at=AT
        )
        assert BaseFigure.objects.get().quantity == quantity

    def test_other_units_are_not_theirs(self, tree, people):
        with pytest.raises(StepNotPermitted):
            services.set_base_figures(
                year=2023, rows=[BaseRow(tree["131"].pk, OFFICE)], actor=people["maker"], at=AT
            )

    def test_the_department_fills_in_for_its_schools(self, tree, people):
        rows = [BaseRow(tree[code].pk, SCHOOL) for code in ("121001", "121002")]

        assert (
            len(services.set_base_figures(year=2023, rows=rows, actor=people["department_maker"], at=AT)) == 2
        )

    def test_readers_do_not_write(self, tree, people):
        with pytest.raises(StepNotPermitted):
            services.set_base_figures(
                year=2023, rows=[BaseRow(tree["121001"].pk, SCHOOL)], actor=people["leader"], at=AT
            )

    def test_one_report_a_unit_and_year(self, tree, people, fill):
        fill(_121001=SCHOOL, accepted=False)
        draft = Draft(tree["121001"].pk, 2023, AT.date(), "", 0, row={"year": "2023"})

        with pytest.raises(Refusal, match="已经有了"):
            services.create_reports(drafts=[draft], actor=people["maker"], at=AT)

    def test_two_who_begin_at_the_same_moment(self, tree, people, fill, monkeypatch):
        fill(_121001=SCHOOL, accepted=False)
        monkeypatch.setattr(services, "lock_reports", lambda **_: {})  # as if the other had not committed yet

        with pytest.raises(Conflict, match="他人刚刚开始填报"):
            services.set_base_figures(
                year=2023, rows=[BaseRow(tree["121001"].pk, OFFICE)], actor=people["maker"], at=AT
            )

    @pytest.mark.parametrize(
        ("year", "good"),
        [("1999", False), ("2000", True), ("2099", True), ("2100", False), ("", True), ("今年", False)],
    )
    def test_the_year_is_a_year(self, tree, people, year, good):
        draft = Draft(tree["121001"].pk, 2023, AT.date(), "", 0, row={"year": year})
        if good:
            assert services.create_reports(drafts=[draft], actor=people["maker"], at=AT)
        else:
            with pytest.raises(BadInput, match="不是年份"):
                services.create_reports(drafts=[draft], actor=people["maker"], at=AT)

    @pytest.mark.parametrize("change", [{"year": "2022"}, {"unit_id": 1}])
    def test_unit_and_year_stay(self, people, fill, change):
        doc_id = fill(_121001=SCHOOL, accepted=False)["121001"]

        with pytest.raises(BadInput, match="不能修改"):
            update_draft(kind=KIND, id=doc_id, values=change, version=1, actor=people["maker"], at=AT)

    def test_the_remark_may_change(self, tree, people, fill):
        doc_id = fill(_121001=SCHOOL, accepted=False)["121001"]
        values = {"note": "含教学点", "year": "2023", "unit_id": tree["121001"].pk}

        update_draft(kind=KIND, id=doc_id, values=values, version=1, actor=people["maker"], at=AT)

        assert BaseReport.objects.get().note == "含教学点"

    def test_after_voiding_there_may_be_another(self, tree, people, fill):
        ids = fill(_121001=SCHOOL, accepted=False)
        perform(kind=KIND, id=ids["121001"], step="void", actor=people["maker"], at=AT, comment="重填")
        draft = Draft(tree["121001"].pk, 2023, AT.date(), "", 0, row={"year": "2023"})

        (second,) = services.create_reports(drafts=[draft], actor=people["maker"], at=AT)

        assert BaseReport.objects.get(is_current=True).pk == second


class TestReview:
    """送审：规则 → 单位审核 → 业务股室 → 已审定。"""

    def submit(self, doc_id, actor, **answers):
        return perform(
            kind=KIND,
            id=doc_id,
            step="submit",
            actor=actor,
            at=AT,
            data={"answers": answers} if answers else None,
        )

    def test_the_whole_way(self, people, fill):
        doc_id = fill(_121001=SCHOOL, accepted=False)["121001"]

        assert self.submit(doc_id, people["maker"]).node == "单位审核"
        perform(kind=KIND, id=doc_id, step="approve", actor=people["unit_reviewer"], at=AT)
        with pytest.raises(Refusal):
            perform(kind=KIND, id=doc_id, step="approve", actor=people["other_section"], at=AT)
        document = perform(kind=KIND, id=doc_id, step="approve", actor=people["section"], at=AT)

        assert document.state == "accepted"

    def test_an_empty_report_has_nothing_to_decide(self, tree, people):
        draft = Draft(tree["121001"].pk, 2023, AT.date(), "", 0)
        (doc_id,) = services.create_reports(drafts=[draft], actor=people["maker"], at=AT)

        with pytest.raises(Refusal, match="还没有填写"):
            self.submit(doc_id, people["maker"])

    @pytest.mark.parametrize(("pupils", "refused"), [(301, True), (300, False)])
    def test_pupils_above_the_register_are_refused(self, people, fill, pupils, refused):
        doc_id = fill(_121001={**SCHOOL, "pupils_primary": pupils}, accepted=False)["121001"]

        if refused:
            with pytest.raises(RuleBlocks, match="共多报 1 人"):
                self.submit(doc_id, people["maker"])
        else:
            self.submit(doc_id, people["maker"])

    def test_levels_are_not_netted(self, people, fill):
        figures = {
            **SCHOOL,
            "pupils_primary": 310,
            "registered_primary": 300,
            "pupils_junior": 90,
            "registered_junior": 100,
        }
        doc_id = fill(_121001=figures, accepted=False)["121001"]

        with pytest.raises(RuleBlocks, match="多报 10 人"):
            self.submit(doc_id, people["maker"])

    def test_pupils_below_the_register_want_a_word(self, people, fill):
        doc_id = fill(_121001={**SCHOOL, "pupils_primary": 299}, accepted=False)["121001"]

        with pytest.raises(AnswerNeeded, match="少 1 人"):
            self.submit(doc_id, people["maker"])
        assert self.submit(doc_id, people["maker"], JC02="一名学生休学").state == "in_review"

    @pytest.mark.parametrize(("vehicles", "flagged"), [(3, True), (2, False)])
    def test_vehicles_above_their_posts_are_flagged(self, people, fill, vehicles, flagged):
        doc_id = fill(_131={**OFFICE, "vehicles": vehicles}, accepted=False)["131"]

        if flagged:
            with pytest.raises(AnswerNeeded, match="超编 1 辆"):
                self.submit(doc_id, people["office_maker"])
        else:
            self.submit(doc_id, people["office_maker"])

    def test_more_boarders_than_pupils(self, people, fill):
        doc_id = fill(_121001={**SCHOOL, "boarders": 301}, accepted=False)["121001"]

        with pytest.raises(RuleBlocks, match="寄宿生 301 人"):
            self.submit(doc_id, people["maker"])

    def test_the_maker_does_not_approve(self, people, tree):
        rows = [BaseRow(tree["121001"].pk, SCHOOL)]
        ids = services.set_base_figures(year=2023, rows=rows, actor=people["officer"], at=AT)
        self.submit(ids[tree["121001"].pk], people["officer"])

        with pytest.raises((MakerMayNot, StepNotPermitted)):
            perform(kind=KIND, id=ids[tree["121001"].pk], step="approve", actor=people["officer"], at=AT)

    def test_nobody_skips_the_review(self, people, fill):
        doc_id = fill(_121001=SCHOOL, accepted=False)["121001"]

        for who in ("maker", "officer", "section"):
            with pytest.raises(StepNotPermitted):
                perform(kind=KIND, id=doc_id, step="accept", actor=people[who], at=AT)


class TestFrozen:
    """审定后冻结：经办不能改，数据库也不让改；业务股室可退回重报。"""

    def test_not_by_the_service(self, tree, people, fill):
        fill(_121001=SCHOOL)

        with pytest.raises(NotEditable, match="已审定"):
            services.set_base_figures(
                year=2023, rows=[BaseRow(tree["121001"].pk, {"boarders": 1})], actor=people["maker"], at=AT
            )

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE standards_base_figure SET quantity = 1",
            "DELETE FROM standards_base_figure",
            "INSERT INTO standards_base_figure (report_id, measure, quantity)"
            " SELECT report_id, 'vehicles', 1 FROM standards_base_figure LIMIT 1",
        ],
    )
    def test_not_by_sql(self, fill, statement):
        fill(_121001=SCHOOL)

        with (
            pytest.raises(IntegrityError, match="已审定"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_reopened_by_the_section_with_a_reason(self, tree, people, fill):
        doc_id = fill(_121001=SCHOOL)["121001"]
        with pytest.raises(StepNotPermitted):
            perform(kind=KIND, id=doc_id, step="reopen", actor=people["maker"], at=AT, comment="错")
        with pytest.raises(Refusal):
            perform(kind=KIND, id=doc_id, step="reopen", actor=people["section"], at=AT)

        document = perform(
            kind=KIND, id=doc_id, step="reopen", actor=people["section"], at=AT, comment="学生数有误"
        )

        assert document.state == "returned"
        services.set_base_figures(
            year=2023, rows=[BaseRow(tree["121001"].pk, {"boarders": 1})], actor=people["maker"], at=AT
        )
