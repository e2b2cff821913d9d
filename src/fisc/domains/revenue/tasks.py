"""年度收入任务: versions of a year's tasks, split to quarters and months, kept in the ledger month by month.

A new version takes the place of the old one: months that change are reversed and posted anew in their own month,
months that do not change are handed on; a closed month cannot change any more.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from fisc.base.errors import BadInput, Refusal
from fisc.base.money import Money, format_fen
from fisc.domains.revenue import postings, services
from fisc.domains.revenue.levels import ONE_LEVEL
from fisc.domains.revenue.models import MONTH_FIELDS, Task, TaskLine, TaskPosting
from fisc.kernel import codes, ledger
from fisc.kernel.documents.create import create_many, insert_rows
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.revise import update_draft
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger import periods
from fisc.kernel.ledger.keys import Entry

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

KIND, TITLE = "revenue.task", "年度收入任务"
MONTHS = range(1, 13)
YEARS = range(2000, 2100)


class BadTask(BadInput):
    """收入任务有 {count} 处问题：{shown}"""

    code = "revenue.bad_task"


class EmptyTask(Refusal):
    """任务明细是空的，请先导入或填写任务明细。"""

    code = "revenue.empty_task"


class MonthClosed(Refusal):
    """{months}已经结账，任务数不能再改；请把差额调整到未结账的月份。"""

    code = "revenue.task_month_closed"


@dataclass(frozen=True)
class TaskRow:
    """The task of one item at one level: twelve months in 分; quarters and year are checked if they are stated."""

    level: str
    revenue_code: str
    months_fen: tuple[int, ...]
    fund: str = "general"
    year_fen: int | None = None
    quarters_fen: tuple[int | None, ...] = (None, None, None, None)


@dataclass(frozen=True)
class TaskProblem:
    """What is wrong with one row (``index`` from 0)."""

    index: int
    key: str
    message: str
    suggestion: str | None = None
    suggestion_label: str = ""


def create_task(
    *, year: int, rows: Sequence[TaskRow], actor: Actor, at: dt.datetime, title: str = "", basis: str = ""
) -> int:
    """This will draft a new version of a year's tasks with its lines. :raises BadTask: naming the first problems."""
    _refuse_bad(rows, year)
    with transaction.atomic():
        draft = Draft(
            unit_id=0,
            fiscal_year=year,
            business_on=at.date(),
            title=title,
            amount_fen=_total(rows),
            row={"year": year, "basis": basis},
        )
        (document_id,) = create_many(kind=KIND, drafts=[_completed(draft, actor)], actor=actor, at=at)
        insert_rows(TaskLine, [_line_values(document_id, row) for row in rows])
    return document_id


def create_tasks(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This will draft versions that begin with the lines of the version in force. `row`: year, basis.

    :raises BadInput: the year is not a year.
    """
    document_ids = []
    with transaction.atomic():
        for draft in drafts:
            completed = _completed(draft, actor)
            held = Task.objects.filter(year=completed.fiscal_year, is_in_force=True).first()
            rows = rows_of(held.pk) if held else []
            (document_id,) = create_many(
                kind=KIND, drafts=[replace(completed, amount_fen=_total(rows))], actor=actor, at=at
            )
            insert_rows(TaskLine, [_line_values(document_id, row) for row in rows])
            document_ids.append(document_id)
    return document_ids


def _completed(draft: Draft, actor: Actor) -> Draft:
    text = str(draft.row.get("year") or draft.fiscal_year).strip()
    if not (text.isdecimal() and int(text) in YEARS):
        raise BadInput(f"任务年度“{text}”不是年份，请填四位数字，如 2023。", code="revenue.task_year")
    year = int(text)
    number = (Task.objects.filter(year=year).aggregate(last=Max("version_no"))["last"] or 0) + 1
    return replace(
        draft,
        unit_id=services.bureau_unit_id(actor),
        fiscal_year=year,
        title=f"{year}年收入任务（第{number}版）" if draft.title in ("", TITLE) else draft.title,
        row={"year": year, "version_no": number, "basis": draft.row.get("basis", "")},
    )


def save_lines(
    *, document_id: int, rows: Sequence[TaskRow], version: int, actor: Actor, at: dt.datetime
) -> Document:
    """This will put these lines in place of a draft's. `version` is the draft's when the person began.

    :raises BadTask: naming the first problems. :raises NotEditable, ChangedMeanwhile, StepNotPermitted: as any draft.
    """
    year = Task.objects.values_list("year", flat=True).get(pk=document_id)
    _refuse_bad(rows, year)
    with transaction.atomic():
        document = update_draft(
            kind=KIND,
            id=document_id,
            values={"amount_fen": _total(rows)},
            version=version,
            actor=actor,
            at=at,
            by_module=True,
        )
        TaskLine.objects.filter(task_id=document_id).delete()
        insert_rows(TaskLine, [_line_values(document_id, row) for row in rows])
    return document


def rows_of(task_id: int) -> list[TaskRow]:
    """This will give the lines of a version as rows."""
    return [
        TaskRow(level=line.level, fund=line.fund, revenue_code=line.revenue_code, months_fen=line.months_fen)
        for line in TaskLine.objects.filter(task_id=task_id)
    ]


def _total(rows: Sequence[TaskRow]) -> int:
    return sum(sum(row.months_fen) for row in rows)


def _refuse_bad(rows: Sequence[TaskRow], year: int) -> None:
    if problems := check_task_rows(rows, year=year):
        sentences = [
            f"第{problem.index + 1}行 {problem.message}" for problem in problems[: services.SHOWN_PROBLEMS]
        ]
        raise BadTask(count=len(problems), shown="".join(sentences))


def _line_values(task_id: int, row: TaskRow) -> dict[str, Any]:
    quarters = [sum(row.months_fen[start : start + 3]) for start in range(0, 12, 3)]
    return {
        "task_id": task_id,
        "level": row.level,
        "fund": row.fund,
        "revenue_code": row.revenue_code,
        "year_fen": sum(quarters),
        **{f"q{number}_fen": fen for number, fen in enumerate(quarters, start=1)},
        **dict(zip(MONTH_FIELDS, row.months_fen, strict=True)),
    }


def check_task_rows(rows: Sequence[TaskRow], *, year: int) -> list[TaskProblem]:
    """This will return every problem: sums that disagree, codes, levels, items twice."""
    problems = [problem for index, row in enumerate(rows) for problem in _row_problems(index, row)]
    seen: dict[tuple[str, str, str], int] = {}
    by_fund: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, row in enumerate(rows):
        key = (row.level, row.fund, row.revenue_code)
        if key in seen:
            problems.append(TaskProblem(index, "code", f"与第{seen[key] + 1}行的级次、科目相同。"))
        seen.setdefault(key, index)
        by_fund[row.fund][row.revenue_code].append(index)
    for fund, by_code in by_fund.items():
        found = codes.check_many(kind="revenue", codes=by_code, year=year, fund=fund, leaf_only=False)
        for code, problem in found.items():
            near = problem.suggestions[0] if problem.suggestions else None
            for index in by_code[code]:
                problems.append(
                    TaskProblem(
                        index,
                        "code",
                        problem.message,
                        near.code if near else None,
                        near.label if near else "",
                    )
                )
    return sorted(problems, key=lambda problem: problem.index)


def _row_problems(index: int, row: TaskRow) -> list[TaskProblem]:
    problems = []
    if row.level not in ONE_LEVEL:
        problems.append(TaskProblem(index, "level", "任务的级次应为中央级、省级或区级。"))
    for month, fen in enumerate(row.months_fen, start=1):
        if fen < 0:
            problems.append(TaskProblem(index, f"m{month:02d}", f"{month}月任务不能为负。"))
    for number, stated in enumerate(row.quarters_fen, start=1):
        summed = sum(row.months_fen[number * 3 - 3 : number * 3])
        if stated is not None and stated != summed:
            shown = f"{number}季度为 {format_fen(stated)} 元，各月之和为 {format_fen(summed)} 元"
            problems.append(
                TaskProblem(index, f"q{number}", f"{shown}，相差 {format_fen(stated - summed)} 元。")
            )
    summed = sum(row.months_fen)
    if row.year_fen is not None and row.year_fen != summed:
        shown = f"全年任务为 {format_fen(row.year_fen)} 元，十二个月之和为 {format_fen(summed)} 元"
        problems.append(TaskProblem(index, "year", f"{shown}，相差 {format_fen(row.year_fen - summed)} 元。"))
    return problems


def split_year(year_fen: int, weights: Sequence[int]) -> tuple[int, ...]:
    """This will split a year's task to months by weights (last year's receipts; equal if there are none)."""
    usable = [max(weight, 0) for weight in weights]
    if sum(usable) == 0:
        usable = [1] * len(MONTHS)
    return tuple(part.fen for part in Money(year_fen).allocate(usable))


def season(*, level: str, fund: str, revenue_codes: Sequence[str], year: int) -> dict[str, list[int]]:
    """This will give what each item (a prefix) brought in each month of a year, for `split_year`; few queries."""
    selections = [
        ledger.Selection(
            book=postings.BOOK,
            subjects=(postings.OWN[level],),
            side="net_credit",
            funds=(fund,),
            fiscal_years=(year,),
            revenue_prefixes=(code,),
        )
        for code in revenue_codes
    ]
    requests = [(selection, year * 100 + 1, year * 100 + 12) for selection in selections]
    found = ledger.sums(requests, group_by=("period",))
    return {
        code: [by_period.get((year * 100 + month,), 0) for month in MONTHS]
        for code, by_period in zip(revenue_codes, found, strict=True)
    }


def check_tasks(call: StepCall) -> None:
    """送审: a version without lines has nothing to be decided."""
    filled = set(TaskLine.objects.filter(task_id__in=call.ids).values_list("task_id", flat=True))
    for document_id in call.ids:
        if document_id not in filled:
            call.refuse(document_id, EmptyTask())


def bring_into_force(call: StepCall) -> None:
    """批准: the version takes the place of the one before it, in the ledger month by month."""
    tasks: dict[int, Task] = call.rows()
    for document_id in sorted(tasks, key=lambda pk: tasks[pk].version_no):
        try:
            with transaction.atomic():
                _replace(tasks[document_id], call)
        except Refusal as refusal:
            call.refuse(document_id, refusal)


def _replace(task: Task, call: StepCall) -> None:
    old = Task.objects.select_for_update().filter(year=task.year, is_in_force=True).first()
    held = {row.month: row for row in TaskPosting.objects.filter(year=task.year)}
    before = _by_month(old.pk) if old else {}
    after = _by_month(task.pk)
    changed = [month for month in MONTHS if before.get(month, {}) != after.get(month, {})]
    _refuse_closed(task.year, changed)
    _reverse_months(task.year, [held[month] for month in changed if month in held], call)
    entry_ids = _post_months(task, {month: after[month] for month in changed if after.get(month)}, call)
    TaskPosting.objects.filter(year=task.year, month__in=changed).delete()
    TaskPosting.objects.filter(year=task.year).update(task=task)
    TaskPosting.objects.bulk_create(
        TaskPosting(year=task.year, month=month, task=task, entry_id=entry_id)
        for month, entry_id in entry_ids.items()
    )
    if old:
        Task.objects.filter(pk=old.pk).update(is_in_force=False)
        perform_many(kind=KIND, ids=[old.pk], step="replace", actor=call.actor, at=call.at)
    Task.objects.filter(pk=task.pk).update(is_in_force=True)


Items = dict[tuple[str, str, str], int]


def _by_month(task_id: int) -> dict[int, Items]:
    """Month → (level, fund, item) → 分, without zeros."""
    found: dict[int, Items] = defaultdict(dict)
    for line in TaskLine.objects.filter(task_id=task_id):
        for month, fen in zip(MONTHS, line.months_fen, strict=True):
            if fen:
                found[month][(line.level, line.fund, line.revenue_code)] = fen
    return found


def _refuse_closed(year: int, months: Sequence[int]) -> None:
    is_open = {state.period: state.is_open for state in periods.periods_of(year)}
    closed = [month for month in months if not is_open.get(year * 100 + month, False)]
    if closed:
        raise MonthClosed(months="、".join(f"{year}年{month}月" for month in closed))


def _reverse_months(year: int, rows: Sequence[TaskPosting], call: StepCall) -> None:
    for row in rows:
        services.reverse_entries([row.entry_id], call=call, day=dt.date(year, row.month, 1))


def _post_months(task: Task, months: Mapping[int, Items], call: StepCall) -> dict[int, int]:
    listed = sorted(months)
    entries = [
        Entry(
            kind="revenue.task",
            document_id=task.pk,
            effective_on=dt.date(task.year, month, 1),
            lines=tuple(
                line
                for (level, fund, code), fen in sorted(months[month].items())
                for line in postings.task_line(
                    level=level, fund=fund, revenue_code=code, year=task.year, amount_fen=fen
                )
            ),
            memo=f"{task.year}年{month}月收入任务（第{task.version_no}版）",
        )
        for month in listed
    ]
    outcome = ledger.post_many(entries=entries, actor_id=call.actor.user_id, at=call.at)
    if outcome.refusals:
        refused = outcome.refusals[0]
        day = entries[refused.index].effective_on
        raise services.NotBooked(day=f"{day:%Y-%m}", reason=refused.message, refused=refused)
    return {month: int(entry_id or 0) for month, entry_id in zip(listed, outcome.entry_ids, strict=True)}
