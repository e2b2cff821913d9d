"""Use cases of the project register: register projects, admit them to the library, change totals, close them.

The total lives in the book `project` (see postings.py), so nothing here has to count what is arranged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction
from django.utils import timezone

from fisc.base.errors import BadInput, NotAllowed, Refusal
from fisc.base.money import format_fen
from fisc.domains.projects import gate, parts, postings
from fisc.domains.projects import indicators as targets
from fisc.domains.projects.models import Category, Grade, Nature, Project, Source, SourceKind, YearAmount
from fisc.domains.projects.parts import Parts
from fisc.kernel import ledger
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.events.audit import AuditRow, record_many
from fisc.kernel.ledger.keys import Entry, Line
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

PROJECT_KIND, CHANGE_KIND = "projects.project", "projects.change"
SET_FACTS = "projects.project.set_facts"
PART_KEYS = ("years", "estimates", "indicators", "indicator_text", "sources")
CATEGORY_DIGITS = {"personnel": "1", "public": "2", "operating": "3", "special": "4"}


class TotalBelowArranged(Refusal):
    """项目“{project}”已安排 {arranged} 元，总额不能低于已安排数（最多还可调减 {room} 元）。"""

    code = "projects.total_below_arranged"


class TotalBelowYears(Refusal):
    """项目“{project}”分年安排合计 {planned} 元，请先调整测算明细，再调减总额。"""

    code = "projects.total_below_years"


class SourceTooSmall(Refusal):
    """项目“{project}”的{source}只有 {held} 元，不够调减。"""

    code = "projects.source_too_small"


def create_projects(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will register projects as drafts; a project without a code is given one, for life.

    Draft.title is the name, amount_fen the total; `row`: the columns of `Project`, and the parts: `years` (fiscal
    year → 分), `estimates` (rows of `parts.EstimateRow`), `sources` (kind → 分), `indicators` (mappings) or
    `indicator_text` (lines, see indicators.py).

    :raises BadInput: a total, the years or a code cannot be right; the message names the project.
    """
    drafts = [_plain(draft) for draft in drafts]
    given = [parts.taken_from(draft.row) for draft in drafts]
    for draft, part in zip(drafts, given, strict=True):
        _check(draft, part)
    _check_codes(drafts, given)
    with transaction.atomic():
        codes = _codes(drafts)
        complete = [_completed(draft, code) for draft, code in zip(drafts, codes, strict=True)]
        ids = create_many(kind=PROJECT_KIND, drafts=complete, actor=actor, at=at)
        parts.write(dict(zip(ids, given, strict=True)))
    return ids


def _plain(draft: Draft) -> Draft:
    """The draft as typed values: empty fields left out, years as numbers, a grade with its year."""
    row = {key: value for key, value in draft.row.items() if value is not None}
    for key in ("start_year", "end_year"):
        row[key] = _year(row.get(key, draft.fiscal_year))
    if row.get("grade"):
        row["grade_year"] = _year(row.get("grade_year") or draft.fiscal_year - 1)
    else:
        row.pop("grade_year", None)
    return replace(draft, row=row)


def _year(value: object) -> int:
    text = str(value).strip()
    if not (text.isdigit() and len(text) == 4):
        raise BadInput.of("projects.year", "年度“{text}”应为四位数字，如 2023。", text=text)
    return int(text)


def _check(draft: Draft, part: Parts) -> None:
    row = draft.row
    if draft.amount_fen <= 0:
        raise BadInput.of("projects.total", "项目“{name}”的总额应大于零。", name=draft.title)
    if row.get("category") not in Category.values:
        raise BadInput.of("projects.category", "项目“{name}”没有选择项目类别。", name=draft.title)
    if row["end_year"] < row["start_year"]:
        raise BadInput.of("projects.years", "项目“{name}”的结束年度早于开始年度。", name=draft.title)
    if int(row.get("contract_fen") or 0) < 0:
        raise BadInput.of("projects.contract", "项目“{name}”的合同待付额不能为负。", name=draft.title)
    what = parts.problem_of(
        part, total_fen=draft.amount_fen, start_year=row["start_year"], end_year=row["end_year"]
    )
    if what:
        raise BadInput.of("projects.parts", "项目“{name}”：{what}", name=draft.title, what=what)


def _check_codes(drafts: Sequence[Draft], given: Sequence[Parts]) -> None:
    """:raises BadInput: an estimate line names an economic code that may not be used."""
    if not any(part.estimates for part in given):
        return
    lines = [line for part in given for line in part.estimates or ()]
    if bad := parts.bad_codes(lines, year=max(draft.fiscal_year for draft in drafts)):
        raise BadInput.of("projects.economic_code", "测算明细：{what}", what=next(iter(bad.values())))


def _codes(drafts: Sequence[Draft]) -> list[str]:
    """The codes of the drafts: those given, checked, and new ones for the others."""
    given = [str(draft.row.get("code") or "").strip() for draft in drafts]
    wanted = [code for code in given if code]
    if twice := sorted(
        {code for code in wanted if wanted.count(code) > 1} if len(set(wanted)) < len(wanted) else ()
    ):
        raise BadInput.of("projects.code_twice", "项目编码 {code} 出现两次。", code=twice[0])
    if taken := Project.objects.filter(code__in=wanted).values_list("code", flat=True)[:1]:
        raise BadInput.of(
            "projects.code_taken", "项目编码 {code} 已经使用，编码一次赋予、终身不变。", code=taken[0]
        )
    serials = iter(_serials(len(given) - len(wanted)))
    units = dict(Unit.objects.filter(id__in={draft.unit_id for draft in drafts}).values_list("id", "code"))
    return [
        code
        or f"{draft.fiscal_year}{units[draft.unit_id]}{CATEGORY_DIGITS[draft.row['category']]}{next(serials):06d}"
        for code, draft in zip(given, drafts, strict=True)
    ]


def _serials(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('projects_code_seq') FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def _completed(draft: Draft, code: str) -> Draft:
    row = {key: value for key, value in draft.row.items() if key not in PART_KEYS}
    return replace(
        draft, row={**row, "code": code}, tags=(code, Category(row["category"]).label, *draft.tags)
    )


def revise_project(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will check a changed draft as a new one; the code stays. :raises BadInput: as when it was made."""
    row = Project.objects.get(pk=document.pk)
    kept = {key: getattr(row, key) for key in ("category", "start_year", "end_year")}
    held = Parts(
        sources=dict(Source.objects.filter(project_id=document.pk).values_list("kind", "amount_fen")) or None,
        years=dict(
            YearAmount.objects.filter(project_id=document.pk).values_list("fiscal_year", "amount_fen")
        ),
    )
    draft = _plain(
        Draft(
            unit_id=values.get("unit_id") or document.unit_id,
            fiscal_year=document.fiscal_year,
            business_on=document.business_on,
            title=values.get("title") or document.title,
            amount_fen=values.get("amount_fen") or document.amount_fen,
            row={**kept, **{key: values[key] for key in (*kept, "contract_fen", "grade") if values.get(key)}},
        )
    )
    _check(draft, held)
    if "indicator_text" in values:
        parts.write(
            {document.pk: parts.taken_from({"indicators": targets.parse(values["indicator_text"] or "")})}
        )
    dimensions = {key: draft.row[key] for key in kept}
    plain = {
        key: _blank(key) if value is None else value for key, value in values.items() if key not in PART_KEYS
    }
    if "grade" in values:
        plain["grade_year"] = draft.row.get("grade_year")
    return {**plain, **dimensions, "tags": [row.code, Category(dimensions["category"]).label]}


def _blank(key: str) -> Any:
    """What an emptied field holds."""
    return {"contract_fen": 0, "grade_year": None, "nature": Nature.ORDINARY.value}.get(key, "")


def admit(call: StepCall) -> None:
    """入库: what must be there is there (gate.py); the project's total becomes its room (801 → 811)."""
    gate.refuse_unfit(call)
    _post(
        call,
        "projects.project.admitted",
        {
            document.pk: (postings.raise_total(document.pk, document.amount_fen),)
            for document in call.documents
        },
    )


def close(call: StepCall) -> None:
    """结项 or 中止: what was not arranged is given up, so nothing more can be arranged."""
    rooms = _rooms(call.ids)
    _post(
        call,
        f"{PROJECT_KIND}.{call.step.name}",
        {doc_id: (postings.lower_total(doc_id, room),) for doc_id, room in rooms.items() if room > 0},
    )


def adjust(call: StepCall) -> None:
    """The total becomes `data["totals"][id]` 分; never below what is arranged, nor below what is planned by year.

    The difference is money of the source named in `data["sources"][id]`, where the project says its sources.
    """
    totals: Mapping[int, int] = call.data["totals"]
    _move_sources(call, totals)
    lines: dict[int, tuple[Line, ...]] = {}
    rooms = _rooms(call.ids)
    for document in call.documents:
        difference = totals[document.pk] - document.amount_fen
        if difference > 0:
            lines[document.pk] = (postings.raise_total(document.pk, difference),)
        elif -difference > rooms[document.pk]:
            call.refuse(document.pk, _below_arranged(document, rooms[document.pk]))
        elif difference < 0:
            lines[document.pk] = (postings.lower_total(document.pk, -difference),)
        call.set_amount(document.pk, totals[document.pk])
    _post(call, "projects.project.adjusted", lines)


def _move_sources(call: StepCall, totals: Mapping[int, int]) -> None:
    """Refuse totals below the years or beyond a source; let the sources follow the others."""
    named: Mapping[int, str] = call.data.get("sources") or {}
    planned = dict(
        YearAmount.objects.filter(project_id__in=call.ids)
        .values_list("project_id")
        .annotate(fen=models.Sum("amount_fen"))
    )
    held: dict[int, dict[str, int]] = {}
    for pk, kind, fen in Source.objects.filter(project_id__in=call.ids).values_list(
        "project_id", "kind", "amount_fen"
    ):
        held.setdefault(pk, {})[kind] = fen
    moved: dict[int, Parts] = {}
    for document in list(call.documents):
        total, kind = totals[document.pk], named.get(document.pk, SourceKind.OWN.value)
        if planned.get(document.pk, 0) > total:
            call.refuse(
                document.pk,
                TotalBelowYears(project=document.title, planned=format_fen(planned[document.pk])),
            )
        elif sources := held.get(document.pk):
            left = sources.get(kind, 0) + total - document.amount_fen
            if left < 0:
                call.refuse(
                    document.pk,
                    SourceTooSmall(
                        project=document.title,
                        source=SourceKind(kind).label,
                        held=format_fen(sources.get(kind, 0)),
                    ),
                )
                continue
            kinds = {**sources, kind: left}
            moved[document.pk] = Parts(sources={name: fen for name, fen in kinds.items() if fen})
    parts.write(moved)


def _below_arranged(document: Document, room_fen: int) -> TotalBelowArranged:
    return TotalBelowArranged(
        project=document.title,
        arranged=format_fen(document.amount_fen - room_fen),
        room=format_fen(room_fen),
        document_id=document.pk,
    )


def apply_change(call: StepCall) -> None:
    """项目总额调整 takes effect: the project takes its step `adjust`."""
    rows = call.rows()
    result = perform_many(
        kind=PROJECT_KIND,
        ids=[row.project_id for row in rows.values()],
        step="adjust",
        actor=system_actor(),
        at=call.at,
        data={
            "totals": {row.project_id: row.new_total_fen for row in rows.values()},
            "sources": {row.project_id: row.source_kind for row in rows.values()},
        },
    )
    for doc_id, row in rows.items():
        if refusal := result.refused.get(row.project_id):
            call.refuse(doc_id, refusal)


def create_changes(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft changes of totals; the unit and the title come from the project.

    :raises BadInput: the document named is not a project.
    """
    projects = Document.objects.filter(kind=PROJECT_KIND).in_bulk([_project_id(draft) for draft in drafts])
    complete = []
    for draft in drafts:
        project = projects.get(_project_id(draft))
        if project is None:
            raise BadInput.of("projects.unknown", "请选择要调整总额的项目。")
        new_total = int(draft.row.get("new_total_fen") or draft.amount_fen)
        row = {key: value for key, value in draft.row.items() if value is not None and key != "project"}
        row |= {"project_id": project.pk, "new_total_fen": new_total}
        complete.append(
            replace(
                draft, unit_id=project.unit_id, title=f"调整“{project.title}”总额"[:200],
                amount_fen=new_total, source_id=project.pk, row=row,
            )
        )  # fmt: skip
    return create_many(kind=CHANGE_KIND, drafts=complete, actor=actor, at=at)


def revise_change(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will keep header and row of a changed draft in step."""
    new_total = values.get("new_total_fen")
    if "source_kind" in values:
        values = {**values, "source_kind": values["source_kind"] or SourceKind.OWN.value}
    return {**values, **({"amount_fen": new_total} if new_total else {})}


def _project_id(draft: Draft) -> int:
    value = draft.row.get("project_id") or draft.row.get("project") or 0
    return int(getattr(value, "pk", value))


def set_grades(*, grades: Mapping[int, tuple[str, int]], actor: Actor, at: dt.datetime) -> int:
    """This function will keep the grade and year of the last performance evaluation of projects; returns how many.

    :raises BadInput: a grade is none of 优良中差. :raises NotAllowed: the actor may not grade projects.
    """
    if unknown := [grade for grade, _ in grades.values() if grade not in Grade.values]:
        raise BadInput.of("projects.grade", "绩效等级“{grade}”应为优、良、中、差。", grade=unknown[0])
    return _set_facts(
        {pk: {"grade": grade, "grade_year": year} for pk, (grade, year) in grades.items()}, actor=actor, at=at
    )


def set_contracts(*, contracts: Mapping[int, int], actor: Actor, at: dt.datetime) -> int:
    """This function will keep what signed contracts of projects still are to be paid, 分; returns how many.

    :raises BadInput: an amount is negative. :raises NotAllowed: the actor may not.
    """
    if any(fen < 0 for fen in contracts.values()):
        raise BadInput("合同待付额不能为负。", code="projects.contract")
    return _set_facts({pk: {"contract_fen": fen} for pk, fen in contracts.items()}, actor=actor, at=at)


def _set_facts(facts: Mapping[int, Mapping[str, Any]], *, actor: Actor, at: dt.datetime) -> int:
    if not actor.can(SET_FACTS):
        raise NotAllowed
    with transaction.atomic():
        rows = list(Project.objects.select_for_update().filter(pk__in=facts).order_by("pk"))
        changes = {}
        for row in rows:
            wanted = facts[row.pk]
            if any(getattr(row, key) != value for key, value in wanted.items()):
                changes[row.pk] = {key: [getattr(row, key), value] for key, value in wanted.items()}
                for key, value in wanted.items():
                    setattr(row, key, value)
        changed = [row for row in rows if row.pk in changes]
        if changed:
            Project.objects.bulk_update(changed, list(next(iter(facts.values()))), batch_size=1_000)
        record_many(
            [
                AuditRow(
                    at=at, actor_id=actor.user_id, actor_name=actor.name, action=SET_FACTS,
                    object_kind=PROJECT_KIND, object_id=str(pk), document_id=pk, ip=actor.ip or None,
                    detail={"changes": change},
                )
                for pk, change in changes.items()
            ]
        )  # fmt: skip
    return len(changes)


def start_arranged(event: object) -> None:
    """A budget was approved: the projects in it that wait in the library are running now."""
    payload: Mapping[str, Any] = event.payload  # type: ignore[attr-defined]
    ids = Document.objects.filter(
        kind=PROJECT_KIND, state="in_library", id__in=payload.get("project_ids") or ()
    ).values_list("id", flat=True)
    if ids:
        perform_many(
            kind=PROJECT_KIND,
            ids=list(ids),
            step="start",
            actor=system_actor(),
            at=event.at,  # type: ignore[attr-defined]
        )


def _rooms(project_ids: Sequence[int]) -> dict[int, int]:
    """What each project can still be given, in 分."""
    keys = {postings.account(project_id, postings.ROOM): project_id for project_id in project_ids}
    return {keys[key]: balance.available_fen for key, balance in ledger.balance(keys).items()}


def _post(call: StepCall, kind: str, lines: Mapping[int, tuple[Line, ...]]) -> None:
    wanted = [document for document in call.documents if document.pk in lines]
    outcome = ledger.post_many(
        entries=[
            Entry(
                kind=kind, document_id=document.pk, effective_on=timezone.localdate(call.at),
                lines=lines[document.pk], memo=document.title,
            )
            for document in wanted
        ],
        actor_id=call.actor.user_id,
        at=call.at,
    )  # fmt: skip
    for refused in outcome.refusals:
        call.refuse(wanted[refused.index].pk, ledger.LedgerRefusal(refused))
