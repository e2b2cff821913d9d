"""年度收入任务：月、季、年相加，版本替换，已结账月份不改。"""

import pytest
from django.db import IntegrityError, transaction

from fisc.domains.revenue import services, tasks
from fisc.domains.revenue.models import Task, TaskLine, TaskPosting
from fisc.domains.revenue.tasks import BadTask, TaskRow, create_task, split_year
from fisc.domains.revenue.tests.conftest import AT, receipt
from fisc.domains.revenue.tests.ledgers import broken, revenue, value
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.ledger import periods

pytestmark = pytest.mark.django_db
MONTHS = (100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100)


def row(months=MONTHS, *, level="district", code="1030501", **kwargs):
    return TaskRow(level=level, revenue_code=code, months_fen=months, **kwargs)


def approve(officer, reviewer, *rows, year=2023):
    task_id = create_task(year=year, rows=rows, actor=officer, at=AT)
    perform(kind=tasks.KIND, id=task_id, step="submit", actor=officer, at=AT)
    perform(kind=tasks.KIND, id=task_id, step="approve", actor=reviewer, at=AT)
    return task_id


class TestSums:
    """Σ月＝季＝年，文件和数据库各自把守。"""

    @pytest.mark.parametrize(
        ("kwargs", "message"),
        [
            ({"year_fen": 1_201}, "全年任务为 12.01 元，十二个月之和为 12.00 元，相差 0.01 元"),
            ({"quarters_fen": (300, 299, 300, 300)}, "2季度为 2.99 元，各月之和为 3.00 元"),
            ({"months": (-1, *MONTHS[1:])}, "1月任务不能为负"),
            ({"level": "shared"}, "级次应为中央级、省级或区级"),
            ({"code": "1039990"}, "没有编码 1039990"),
        ],
    )
    def test_each_fault_is_named(self, officer, kwargs, message):
        with pytest.raises(BadTask, match=message):
            create_task(year=2023, rows=[row(**kwargs)], actor=officer, at=AT)

    def test_equal_sums_pass_and_headings_too(self, officer):
        rows = [row(year_fen=1_200, quarters_fen=(300, 300, 300, 300)), row(code="10101")]

        task_id = create_task(year=2023, rows=rows, actor=officer, at=AT)

        assert Document.objects.get(pk=task_id).amount_fen == 2_400

    def test_an_item_twice_is_refused(self, officer):
        with pytest.raises(BadTask, match="与第1行的级次、科目相同"):
            create_task(year=2023, rows=[row(), row()], actor=officer, at=AT)

    @pytest.mark.parametrize(
        ("field", "constraint"),
        [
            ("year_fen", "revenue_task_line_year_is_quarters"),
            ("q1_fen", "revenue_task_line_(year_is_quarters|quarter_1_is_months)"),
            ("m12_fen", "revenue_task_line_quarter_4_is_months"),
        ],
    )
    def test_the_database_adds_up_too(self, officer, field, constraint):
        create_task(year=2023, rows=[row()], actor=officer, at=AT)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            TaskLine.objects.update(**{field: 101})

    def test_a_year_splits_by_season_to_the_fen(self):
        assert split_year(100, [1] * 12) == (9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8)
        assert split_year(100, [-5, 0] + [1] * 10)[:3] == (0, 0, 10)
        assert sum(split_year(1_000_003, [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])) == 1_000_003


class TestInForce:
    """批准后按月记账；完成率以现行版本为准。"""

    def test_figures_of_the_task(self, officer, reviewer):
        services.import_daily_reports(rows=[receipt(588, "1030501")], actor=officer, at=AT)
        approve(officer, reviewer, row(), row(level="central", code="1010101"))

        assert value("revenue.general.task") == 1_200
        assert value("revenue.total.task") == 2_400
        assert value("revenue.general.completion") == 49
        assert value("revenue.general.pace") == -1
        assert not broken()

    def test_the_maker_does_not_approve(self, officer, reviewer, bureau):
        task_id = create_task(year=2023, rows=[row()], actor=officer, at=AT)
        perform(kind=tasks.KIND, id=task_id, step="submit", actor=officer, at=AT)

        assert revenue("8003") == 0
        assert not Task.objects.get(pk=task_id).is_in_force

    def test_a_new_version_takes_its_place(self, officer, reviewer):
        first = approve(officer, reviewer, row(), row(code="1010101"))
        second = approve(officer, reviewer, row((*MONTHS[:6], *[200] * 6)))

        assert value("revenue.general.task") == 1_800
        assert value("revenue.tax.task") in (0, None)
        assert Task.objects.get(is_in_force=True).pk == second
        assert [Document.objects.get(pk=pk).state for pk in (first, second)] == ["replaced", "approved"]
        assert TaskPosting.objects.filter(year=2023, task_id=second).count() == 12
        assert not broken()

    def test_months_that_do_not_change_keep_their_entry(self, officer, reviewer):
        approve(officer, reviewer, row())
        before = dict(TaskPosting.objects.values_list("month", "entry_id"))

        approve(officer, reviewer, row((*MONTHS[:11], 101)))

        after = dict(TaskPosting.objects.values_list("month", "entry_id"))
        assert [month for month in range(1, 13) if before[month] != after[month]] == [12]

    def test_a_closed_month_does_not_change_the_next_does(self, officer, reviewer):
        approve(officer, reviewer, row())
        periods.close_period(fiscal_year=2023, period=202301, actor_id=officer.user_id, at=AT)

        with pytest.raises(tasks.MonthClosed, match="2023年1月已经结账"):
            approve(officer, reviewer, row((101, *MONTHS[1:])))
        approve(officer, reviewer, row((100, 101, *MONTHS[2:])))

        assert value("revenue.general.task") == 1_201

    def test_an_empty_version_goes_nowhere(self, officer, reviewer):
        task_id = create_task(year=2023, rows=[], actor=officer, at=AT)
        with pytest.raises(tasks.EmptyTask):
            perform(kind=tasks.KIND, id=task_id, step="submit", actor=officer, at=AT)
