"""The page of one document: what it says, how far it has come, what the rules and the people said, what it did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from fisc.base.chinese_amount import chinese_amount
from fisc.base.errors import FiscError, NotAllowed, NotFound
from fisc.kernel.approvals.models import Task
from fisc.kernel.documents import available_steps
from fisc.kernel.documents.models import Attachment, Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.spec import Column, DocumentKind, Panel, Step, StepChoice
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import User
from fisc.kernel.rules.models import StoredFinding
from fisc.web import charts, formats, waiting, ways
from fisc.web.components import (
    Action,
    Cell,
    FileView,
    FindingView,
    Head,
    Pair,
    RefusalView,
    Row,
    StepMark,
    Table,
    TrailEntry,
    WayView,
    laid_out,
    link,
)
from fisc.web.pages import trails, values, vouchers
from fisc.web.request import Request

LINES_SHOWN = 50
NUMBER = re.compile(r"[−+-]?[\d,]+(\.\d+)?%?( 元)?")
PHRASES = ("同意。", "材料齐全，同意支付。", "已核对，同意。")
RETURN_PHRASES = ("附件不全，请补充后重新提交。", "收款账号与合同不一致，请核对。", "科目使用不当，请改正。")


def load(request: Request, pk: int) -> tuple[DocumentKind, Document]:
    """The document the reader may see. :raises NotFound: there is none, or it is not theirs to see."""
    actor: Actor = request.actor
    document = Document.objects.select_related("unit", "maker", "source").filter(pk=pk).first()
    if document is None or not actor.sees(document.unit_id):
        raise NotFound()
    spec = document.spec
    if not actor.can(spec.permission("view")):
        raise NotAllowed()
    return spec, document


def module_row(spec: DocumentKind, document: Document) -> Any:
    """The module's own row of the document."""
    return spec.model._default_manager.filter(pk=document.pk).first()


def document_page(request: Request, pk: int) -> HttpResponse:
    """The page."""
    spec, document = load(request, pk)
    context = page_context(request, spec, document)
    kept = request.session.get("refusal")
    if kept and kept["document"] == pk:
        del request.session["refusal"]
        step = next(step for step in spec.steps if step.name == kept["step"])
        view = RefusalView(**{**kept["view"], "ways": tuple(WayView(**way) for way in kept["view"]["ways"])})
        context |= {"refusal": view, "to_answer": kept["to_answer"], "tried": step}
    return render(request, "web/document.html", context)


def remember_refusal(request: Request, pk: int, step: Step, error: FiscError) -> None:
    """This will keep a refusal for the document's page, which shows it once."""
    view = asdict(ways.refusal_view(error))
    answers = [finding for finding in error.facts.get("findings", ()) if finding[1] == "warn"]
    request.session["refusal"] = {"document": pk, "step": step.name, "view": view, "to_answer": answers}


def page_context(request: Request, spec: DocumentKind, document: Document) -> dict[str, Any]:
    """Everything the page shows; shared with the answer to a refused step."""
    actor: Actor = request.actor
    now: datetime = request.now
    row = module_row(spec, document)
    choices = list(available_steps(document, actor))
    tasks = list(
        Task.objects.filter(document=document).select_related("done_by", "delegated_from").order_by("pk")
    )
    panels = [panel for make in spec.panels if (panel := make(document, actor)) is not None]
    passed = StoredFinding.objects.filter(subject_id=document.pk, view=spec.fact_view or "-").select_related(
        "rule"
    )
    return {
        "title": document.number,
        "doc": document,
        "kind": spec,
        "state": values.state_html(spec.code, document.state, document.node),
        "queue": queue_links(actor, spec, document.pk),
        "choices": choices,
        "actions": actions(spec, document, actor, choices),
        "dialogs": [choice.step for choice in choices if choice.enabled and not choice.step.auto],
        "phrases": PHRASES,
        "return_phrases": RETURN_PHRASES,
        "has_amount": document.amount_fen != 0 or any(column.kind == "amount" for column in spec.columns),
        "amount": formats.amount_text(document.amount_fen),
        "is_negative": document.amount_fen < 0,
        "amount_words": chinese_amount(document.amount_fen),
        "nature": nature(document),
        "steps": step_line(spec, document, tasks, actor),
        "pairs": field_pairs(spec, document, row),
        "lines": line_table(spec, document),
        "panels": [panel_view(panel) for panel in panels if not panel.side],
        "side_panels": [panel_view(panel) for panel in panels if panel.side],
        "vouchers": vouchers.of_document(document.pk, year=document.fiscal_year),
        "findings": finding_views(passed),
        "trail": trail_entries(tasks, document, now=now),
        "files": file_views(document, now=now),
        "can_attach": actor.can(spec.permission("attach")) or document.maker_id == actor.user_id,
        "related": related(document, actor),
        "log_url": f"/doc/{document.pk}/log/",
    }


def nature(document: Document) -> str:
    """Fund and unit on one line."""
    fund = values.FUND_NAMES.get(document.fund, "")
    return " · ".join(filter(None, [fund, str(document.unit), f"{document.fiscal_year} 年度"]))


def queue_links(actor: Actor, spec: DocumentKind, pk: int) -> dict[str, Any] | None:
    """Where the document stands in the reader's to-do queue, with the one before and after."""
    queue = waiting.queue(actor)
    if pk not in queue:
        return None
    at = queue.index(pk)
    return {
        "at": at + 1,
        "of": len(queue),
        "prev": queue[at - 1] if at else None,
        "next": queue[at + 1] if at + 1 < len(queue) else None,
    }


def actions(
    spec: DocumentKind, document: Document, actor: Actor, choices: Sequence[StepChoice]
) -> list[Action]:
    """Print and edit, then the steps: plain ones first, the main one last, impossible ones with their reason."""
    made = [Action("打印", f"/doc/{document.pk}/print/", "printer", key="print")]
    may_edit = document.state in spec.editable_states and actor.can(spec.permission("edit"))
    if may_edit and (document.maker_id == actor.user_id or spec.flow is None):
        made.append(Action("修改", f"/doc/{document.pk}/edit/", "square-pen"))
    order = {"danger": 0, "plain": 1, "primary": 2}
    for choice in sorted(choices, key=lambda c: order[c.step.style]):
        step = choice.step
        if step.auto:
            continue
        style = (
            "red"
            if step.name == "send_back"
            else {"danger": "red", "plain": "", "primary": "pri"}[step.style]
        )
        key = {"approve": "approve", "send_back": "return"}.get(step.name, "")
        mark = {"primary": "check", "danger": "undo-2" if step.name == "send_back" else "ban", "plain": ""}[
            step.style
        ]
        dialog = f"step-{step.name}" if choice.enabled else ""
        made.append(
            Action(
                step.label,
                icon=mark,
                style=style,
                key=key,
                dialog=dialog,
                disabled="" if choice.enabled else choice.why_not or "现在不能办理",
            )
        )
    return made


def person(user: User | None) -> str:
    """Somebody's name."""
    return user.name if user is not None else ""


def step_line(spec: DocumentKind, document: Document, tasks: Sequence[Task], actor: Actor) -> list[StepMark]:
    """制单 → the nodes of the chain, with names → 办结."""
    marks = [
        StepMark(
            "制单", document.maker.name, "now" if document.state == "draft" and not document.node else "done"
        )
    ]
    current_round = max((task.round for task in tasks), default=0)
    for task in (task for task in tasks if task.round == current_round):
        if task.done_at is None:
            marks.append(StepMark(task.node, "待办", "now"))
        elif task.outcome == "approved":
            marks.append(StepMark(task.node, person(task.done_by), "done"))
        else:
            marks.append(StepMark(task.node, f"{person(task.done_by)} {task.get_outcome_display()}", "wrong"))
    marks += [StepMark(label) for label in trails.nodes_ahead(document)]
    marks += _after_review(spec, document)
    if document.tone == "wrong" and marks[-1].tone != "wrong":
        marks.append(StepMark(document.state_label, "", "wrong"))
    return marks


def _after_review(spec: DocumentKind, document: Document) -> list[StepMark]:
    """The states after the review, as far as the kind names them in order: passed, now, still to come."""
    codes = [state.code for state in spec.states]
    first = codes.index("in_review") + 1 if "in_review" in codes else 1
    path = [state for state in spec.states[first:] if state.tone in ("waiting", "running", "done")]
    ends = next((number for number, state in enumerate(path) if state.tone == "done"), len(path))
    path = [state for number, state in enumerate(path) if number <= ends or state.code == document.state]
    at = next((number for number, state in enumerate(path) if state.code == document.state), None)
    if document.tone == "wrong" or len(path) > 4:
        path = [path[at]] if at is not None else []
        at = 0
    marks = []
    for number, state in enumerate(path):
        tone = "" if at is None or number > at else "done" if number < at or state.tone == "done" else "now"
        marks.append(StepMark(state.label, "", tone))
    return marks


def field_pairs(spec: DocumentKind, document: Document, row: Any) -> tuple[Pair, ...]:
    """The fields as a ruled grid, like the paper form; empty ones that need not be filled are left out."""
    names = values.names_for(spec.fields, document, row)
    pairs = (
        [Pair("单位", str(document.unit))]
        if not any(f.key in ("unit", "unit_id") for f in spec.fields)
        else []
    )
    for spec_field in spec.fields:
        value = values.raw(document, row, spec_field.key)
        if value in (None, "", []) and not spec_field.required:
            continue
        content = values.shown(spec_field, value, names)
        pairs.append(
            Pair(
                spec_field.label, content, span=_span(spec_field.kind, content), pre=spec_field.kind == "long"
            )
        )
    return laid_out(pairs)


def _span(kind: str, content: Any) -> int:
    """How many of six parts a value needs: short ones 2, long ones more."""
    length = len(strip_tags(str(content)))
    if kind == "long" or length > 60:
        return 6
    return 4 if length > 28 else 3 if length > 15 and kind in ("text", "document", "project", "unit") else 2


def line_table(spec: DocumentKind, document: Document) -> Table | None:
    """The document's own lines (payees of a batch), the first of them on the page."""
    if spec.line_model is None or not spec.line_columns:
        return None
    rows = list(
        spec.line_model._default_manager.filter(**{spec.line_parent: document.pk})
        .order_by("pk")
        .values(*{c.path for c in spec.line_columns})[: LINES_SHOWN + 1]
    )
    rows = values.in_words(spec.line_model, spec.line_columns, rows)
    names = values.Names(year=document.fiscal_year, fund=document.fund or None)
    for column in spec.line_columns:
        if column.kind == "code" and column.code_kind:
            names.gather(by_code_kind={column.code_kind: [r[column.path] for r in rows]})
        elif column.kind == "unit":
            names.gather(units=[r[column.path] for r in rows])
    made = []
    for line in rows[:LINES_SHOWN]:
        cells = []
        for column in spec.line_columns:
            content = _line_cell(column, line[column.path], names)
            cells.append(Cell(content, kind=column.kind, css="cut" if column.kind == "text" else ""))
        made.append(Row(tuple(cells)))
    heads = tuple(Head(c.head, c.kind, money=c.kind == "amount", fixed=True) for c in spec.line_columns)
    more = f"（只列前 {LINES_SHOWN} 行，全部请导出）" if len(rows) > LINES_SHOWN else ""
    return Table(caption=f"明细{more}", heads=heads, rows=tuple(made), frame="tw plain")


def _line_cell(column: Column, value: Any, names: values.Names) -> str | SafeString:
    if column.kind == "code":
        return values.code_html(names, column.code_kind, value)
    if column.kind == "amount":
        return formats.amount(value, fixed=True)
    if column.kind == "unit":
        return names.units.get(value, str(value or ""))
    return values.cell_value(column.kind, value, unit="yuan")


def panel_view(panel: Panel) -> dict[str, Any]:
    """A module's card, ready for the template."""
    view: dict[str, Any] = {
        "title": panel.title,
        "kind": panel.kind,
        "text": panel.text,
        "template": panel.template,
    }
    view["data"] = panel.data
    if panel.kind == "fields":
        view["pairs"] = [(label, _panel_value(value)) for label, value in panel.rows]
    elif panel.kind == "bar":
        parts = [
            charts.Part(str(r[0]), int(r[1]), _bar_tone(str(r[0]), i), str(r[2]) if len(r) > 2 else "")
            for i, r in enumerate(panel.rows)
        ]
        view["bar"] = charts.stacked_bar(parts, label=panel.title)
        view["legend"] = [
            (part.tone, part.label, formats.amount(part.fen, fixed=True, href=part.href)) for part in parts
        ]
        view["total"] = formats.amount_text(sum(part.fen for part in parts))
    elif panel.kind == "table":
        view["table"] = panel_table(panel)
    elif panel.kind == "entries":
        view["links"] = [link(str(label), f"/ledger/entries/{entry_id}/") for entry_id, label in panel.rows]
    return view


TONES = {"已支付": "d1", "已付": "d1", "在途": "d2", "预占": "d2", "本笔": "now", "余额": "rest", "可用": "rest", "可用余额": "rest", "冻结": "frozen", "已冻结": "frozen", "未到期计划": "plan"}  # fmt: skip


def _bar_tone(label: str, index: int) -> str:
    return TONES.get(label, ("d1", "d2", "plan", "frozen", "now", "rest")[index % 6])


def panel_table(panel: Panel) -> Table:
    """A module's table; columns of numbers are set to the right, and only so many rows are shown."""
    rows = [tuple(_panel_cell(value) for value in cells) for cells in panel.rows[:LINES_SHOWN]]
    numeric = [
        all(NUMBER.fullmatch(strip_tags(str(row[index].content))) for row in rows if row[index].content)
        for index in range(len(panel.head))
    ]
    kinds = ["n" if is_number and rows else "text" for is_number in numeric]
    made = [
        Row(tuple(Cell(cell.content, kind) for cell, kind in zip(row, kinds, strict=False))) for row in rows
    ]
    if len(panel.rows) > LINES_SHOWN:
        made.append(
            Row((Cell(f"共 {len(panel.rows):,} 行，这里列前 {LINES_SHOWN} 行", span=len(panel.head)),))
        )
    heads = tuple(Head(head, kind) for head, kind in zip(panel.head, kinds, strict=True))
    return Table(caption=panel.title, heads=heads, rows=tuple(made), frame="tw plain")


def _panel_value(value: Any) -> Any:
    if isinstance(value, Document):
        return values.document_link(value)
    return "" if value is None else value


def _panel_cell(value: Any) -> Cell:
    if isinstance(value, int) and not isinstance(value, bool):
        return Cell(f"{value:,}", kind="n")
    if hasattr(value, "fen"):
        return Cell(formats.amount(value.fen, fixed=True), kind="n")
    return Cell(_panel_value(value))


FINDING_TONES = {"block": "block", "warn": "warn", "hint": "hint-f"}


def finding_views(found: Any) -> list[FindingView]:
    """What the rules said: what still holds first, the gravest first."""
    order = {"block": 0, "warn": 1, "hint": 2}
    views = []
    for finding in sorted(found, key=lambda f: (not f.is_open, order[f.severity], f.pk)):
        tone = FINDING_TONES[finding.severity] if finding.is_open else "pass"
        text = finding.message + (f" 说明：{finding.answer}" if finding.answer else "")
        if finding.rule.basis:
            text += f" 依据：{finding.rule.basis}"
        views.append(FindingView(tone, finding.rule.title, text, f"/rules/{finding.rule_code}/", "规则说明"))
    return views


def trail_entries(tasks: Sequence[Task], document: Document, *, now: datetime) -> list[TrailEntry]:
    """Who decided what, newest first, with how long it waits."""
    entries = []
    for task in reversed(tasks):
        if task.done_at is None:
            late = " · 已超期" if task.due_on < now.date() else ""
            due = f"限办至 {task.due_on.isoformat()}{late}"
            entries.append(
                TrailEntry(
                    f"{task.node}", f"等待 {formats.waiting_text(task.assigned_at, now=now)}", due, tone="now"
                )
            )
            continue
        by = person(task.done_by) + (f"（代 {task.delegated_from.name}）" if task.delegated_from else "")
        tone = "" if task.outcome == "approved" else "wrong"
        when = formats.short_time(task.done_at, now=now)
        entries.append(
            TrailEntry(f"{task.node} · {by}", when, task.get_outcome_display(), task.comment, tone)
        )
    entries.append(
        TrailEntry(f"制单 · {document.maker.name}", formats.short_time(document.created_at, now=now))
    )
    return entries


def file_views(document: Document, *, now: datetime) -> list[FileView]:
    """The files that are still attached."""
    held = Attachment.objects.filter(document=document, removed_at__isnull=True).select_related("uploaded_by")
    return [
        FileView(f.filename, f"/attachments/{f.pk}/", f"{formats.size_text(f.size)} · {f.uploaded_by.name}")
        for f in held
    ]


def related(document: Document, actor: Actor) -> list[dict[str, Any]]:
    """The document this one came from, and those that came from it."""
    found = ([document.source] if document.source else []) + list(document.derived.order_by("-pk")[:20])
    return [
        {
            "what": "来源" if document.source_id == other.pk else "后续",
            "number": values.document_link(other),
            "title": other.title,
            "state": values.state_html(other.kind, other.state, other.node),
            "amount": formats.amount(other.amount_fen, fixed=True, href=f"/doc/{other.pk}/"),
        }
        for other in found
        if actor.sees(other.unit_id)
    ]


@require_POST
def act(request: Request, pk: int) -> HttpResponse:
    """Take one step. Refused: the page again, with the numbers and the lawful ways on; done: the next to-do."""
    spec, document = load(request, pk)
    actor: Actor = request.actor
    step = next((s for s in spec.steps if s.name == request.POST.get("step") and not s.auto), None)
    if step is None:
        raise Http404
    before = waiting.queue(actor)
    answers = {
        key[7:]: text
        for key, text in request.POST.dict().items()
        if key.startswith("answer:") and text.strip()
    }
    try:
        perform(
            kind=spec,
            id=pk,
            step=step.name,
            actor=actor,
            at=request.now,
            comment=request.POST.get("comment", "").strip(),
            data={"answers": answers} if answers else None,
        )
    except FiscError as error:
        document.refresh_from_db()
        return refused_page(request, spec, document, step, error)
    messages.success(request, f"{document.number} {step.label}，已办。", extra_tags=f"/doc/{pk}/")
    return HttpResponseRedirect(_next(before, pk))


def refused_page(
    request: Request, spec: DocumentKind, document: Document, step: Step, error: FiscError
) -> HttpResponse:
    """The document's page with the refusal on top, and where a 预警 wants a word, the box for it."""
    context = page_context(request, spec, document)
    context["refusal"] = ways.refusal_view(error)
    context["to_answer"] = [f for f in error.facts.get("findings", ()) if f[1] == "warn"]
    context["tried"] = step
    return render(request, "web/document.html", context, status=409)


def _next(before: list[int], pk: int) -> str:
    """The to-do after this one; the document itself when it was not a to-do or was the last."""
    if pk in before and len(before) > 1:
        at = before.index(pk)
        return f"/doc/{(before[at + 1 :] + before[:at])[0]}/"
    return f"/doc/{pk}/"


def log_page(request: Request, pk: int) -> HttpResponse:
    """操作日志: who, when, from where, which field from what to what."""
    spec, document = load(request, pk)
    table = trails.document_log(document.pk)
    return render(
        request,
        "web/document_log.html",
        {"title": f"{document.number} 操作日志", "doc": document, "kind": spec, "table": table},
    )
