"""The sheet of one unit: filling in 一上 and 二上, reviewing, taking over standards or control figures, its workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from fisc.base.money import format_fen
from fisc.domains.preparation import cells, filling, lines, reading, workbooks
from fisc.domains.preparation.models import Request
from fisc.domains.preparation.pages import VIEW_REQUEST, now_of
from fisc.domains.preparation.reading import SheetLine
from fisc.domains.preparation.words import CATEGORIES, REQUEST, Fund, Nature, Stage
from fisc.kernel.documents.kinds import get as get_kind
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.reading import get_visible
from fisc.kernel.ledger.flags import LABELS
from fisc.kernel.orgs.actor import Actor
from fisc.web import grid
from fisc.web.components import Pager, page_links
from fisc.web.grid import CellChange, CellProblem, Grid, GridColumn, GridRow
from fisc.web.pages.exports import attachment
from fisc.web.request import allowed

PAGE_ROWS = 80
FLAGS = tuple(
    (str(number), "、".join(label for bit, label in LABELS.items() if number & bit) or "无")
    for number in range(8)
)
CODES = frozenset({"project_id", "fund", "function_code", "economic_code", "flags"})


@dataclass(frozen=True)
class Sheet:
    """A request with its lines and the mode its sheet is in: fill, review or read."""

    document: Document
    request: Request
    mode: str
    found: list[SheetLine]
    projects: tuple[tuple[str, str], ...]

    @property
    def editable(self) -> frozenset[str]:
        """The columns somebody may write in."""
        if self.mode == "review":
            return frozenset({"reviewed_fen", "reason"})
        if self.mode == "read":
            return frozenset()
        return (
            CODES | {"first_fen", "note"}
            if self.request.stage == "first"
            else frozenset({"second_fen", "note"})
        )


def _sheet(request: HttpRequest, document_id: int, permission: str = VIEW_REQUEST) -> Sheet:
    actor = allowed(request, permission)
    document = get_visible(actor, document_id)
    held = Request.objects.select_related("round__document", "unit").get(pk=document_id)
    found = reading.sheet(held.round_id, held.unit_id)
    mode = _mode(document, held, actor)
    projects: tuple[tuple[str, str], ...] = ()
    if mode == "fill" and held.stage == Stage.FIRST.value:
        rows = reading.unit_projects(held.unit_id, held.unit.parent_id, held.round.fiscal_year)
        projects = tuple((str(pk), f"{title}（{code}）") for pk, code, title in rows)
    known = {value for value, _ in projects}
    others = {str(line.project_id): line.project for line in found if str(line.project_id) not in known}
    return Sheet(document, held, mode, found, (*projects, *others.items()))


def _mode(document: Document, held: Request, actor: Actor) -> str:
    state = held.round.document.state
    if (
        state == held.stage
        and document.state in get_kind(REQUEST).editable_states
        and actor.can(f"{REQUEST}.edit")
    ):
        return "fill"
    reviewable = state in ("first", "review") and document.state in ("in_review", "approved")
    if held.stage == "first" and reviewable and actor.can(lines.REVIEW):
        return "review"
    return "read"


def _grid(sheet: Sheet, found: Sequence[SheetLine], first_row: int = 1, *, is_whole: bool = True) -> Grid:
    save = {"fill": "save/", "review": "review/"}.get(sheet.mode, "")
    columns = _columns(sheet)
    totals = {
        column.key: sum(getattr(one, column.key) or 0 for one in sheet.found)
        for column in columns
        if column.total
    }
    return Grid(
        name=f"{sheet.request.unit.name}{sheet.document.title}",
        columns=columns,
        rows=tuple(_row(one, sheet) for one in found),
        save_url=f"/preparation/requests/{sheet.document.pk}/lines/{save}" if save else "",
        version=sheet.document.version,
        may_add=sheet.mode == "fill" and sheet.request.stage == "first",
        totals=None if is_whole else totals,
        first_row=first_row,
        empty="还没有填报明细",
    )


def _columns(sheet: Sheet) -> tuple[GridColumn, ...]:
    can = sheet.editable

    def amount(key: str, head: str, help: str = "") -> GridColumn:
        return GridColumn(
            key, head, "amount", key in can, total=key != "control_fen", width="m", minimum=0, help=help
        )

    flags = (GridColumn("flags", "标识", "choice", True, FLAGS, width="s"),) if "flags" in can else ()
    places = (
        GridColumn("project_id", "项目", "choice", "project_id" in can, sheet.projects, pin=True, width="l"),
        GridColumn("fund", "资金性质", "choice", "fund" in can, tuple(Fund.choices), width="s"),
        GridColumn(
            "function_code", "功能分类", "code", "function_code" in can, code_kind="function", width="s"
        ),
        GridColumn(
            "economic_code",
            "经济分类",
            "code",
            "economic_code" in can,
            code_kind="economic_department",
            width="s",
        ),
        *flags,
        GridColumn("nature", "属性", editable=False, width="s"),
    )
    note = GridColumn("note", "说明", "text", "note" in can, width="l")
    if sheet.request.stage == "first":
        asked = (amount("first_fen", "一上"), amount("standard_fen", "按标准测算"))
        if sheet.mode == "fill":
            return (*places, *asked, note)
        reviewed = (
            amount("reviewed_fen", "审定"),
            GridColumn("reason", "审核理由", "text", "reason" in can, width="l"),
        )
        return (*places, asked[0], *reviewed, asked[1], note)
    return (
        *places, amount("control_fen", "一下（按项目）", "控制数按单位×项目下达，同一项目各行相同"),
        amount("second_fen", "二上"), amount("first_fen", "一上"), amount("reviewed_fen", "审定"),
        amount("reply_fen", "批复"), note,
    )  # fmt: skip


def _row(one: SheetLine, sheet: Sheet) -> GridRow:
    values = {name: getattr(one, name) for name in (
        "fund", "function_code", "economic_code", "first_fen", "standard_fen", "reviewed_fen", "reason", "control_fen",
        "second_fen", "reply_fen", "note",
    )}  # fmt: skip
    protected = "三保" if one.guarantee_item or one.flags & 1 else ""
    values |= {
        "project_id": str(one.project_id),
        "flags": str(one.flags),
        "nature": protected or Nature(one.nature).label,
    }
    notes = {}
    if one.standard_note:
        notes["standard_fen"] = notes["first_fen"] = one.standard_note
    if one.is_protected and sheet.mode == "review":
        notes["reviewed_fen"] = "三保、刚性支出不得压减"
    if one.carried_cut_fen:
        text = f"上年执行核减 {format_fen(one.carried_cut_fen)} 元，已从控制数建议中减去"
        notes["first_fen" if sheet.request.stage == "first" else "control_fen"] = text
    label = f"{one.project} {CATEGORIES.get(one.category, '')}".strip()
    return GridRow(str(one.line_id), values, label=label, notes=notes)


def show(request: HttpRequest, document_id: int) -> HttpResponse:
    """填报、审核或查看明细: one page of the unit's lines as a sheet."""
    sheet = _sheet(request, document_id)
    text = request.GET.get("page", "1")
    pages = max(1, -(-len(sheet.found) // PAGE_ROWS))
    page = min(max(1, int(text) if text.isdigit() else 1), pages)
    part = sheet.found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    cuts = {line.cut_document_id: line for line in sheet.found if line.carried_cut_fen}
    context = {
        "title": sheet.document.title,
        "document": sheet.document,
        "unit": sheet.request.unit.name,
        "mode": sheet.mode,
        "stage": sheet.request.stage,
        "round_id": sheet.request.round_id,
        "grid": _grid(sheet, part, (page - 1) * PAGE_ROWS + 1, is_whole=pages == 1),
        "pager": Pager(text=f"共 {len(sheet.found)} 行", links=page_links(page=page, pages=pages, query={})),  # type: ignore[arg-type]
        "pages": pages,
        "carried": [(pk, line.project, format_fen(line.carried_cut_fen)) for pk, line in cuts.items()],
        "is_sheet": True,
    }
    return render(request, "preparation/sheet.html", context)


@require_POST
@grid.answers_json
def save(request: HttpRequest, document_id: int) -> HttpResponse:
    """The save of a unit's asks."""
    sheet = _sheet(request, document_id, f"{REQUEST}.edit")
    changed = grid.changes(request, _grid(sheet, sheet.found))
    saved = cells.save_cells(
        request_id=document_id,
        cells=[cells.Cell(one.row, one.column, one.value) for one in changed],
        version=sheet.document.version,
        actor=request.actor,  # type: ignore[attr-defined]
        at=now_of(request),
    )
    if saved.problems:
        return grid.answer([CellProblem(*one) for one in saved.problems])
    return grid.answer(version=saved.version, totals=saved.totals_fen, keys=saved.keys)


@require_POST
@grid.answers_json
def save_review(request: HttpRequest, document_id: int) -> HttpResponse:
    """The save of reviewed amounts and reasons."""
    sheet = _sheet(request, document_id, lines.REVIEW)
    changed = grid.changes(request, _grid(sheet, sheet.found))
    reviews, problems = _reviews(sheet, changed)
    if problems:
        return grid.answer(problems)
    lines.review_lines(
        round_id=sheet.request.round_id,
        reviews=reviews,
        actor=request.actor,  # type: ignore[attr-defined]
        at=now_of(request),
    )
    found = reading.sheet(sheet.request.round_id, sheet.request.unit_id)
    total = sum(one.reviewed_fen or 0 for one in found)
    return grid.answer(version=sheet.document.version, totals={"reviewed_fen": total})


def _reviews(sheet: Sheet, changed: Sequence[CellChange]) -> tuple[list[lines.Review], list[CellProblem]]:
    by_id = {str(one.line_id): one for one in sheet.found}
    rows: dict[str, dict[str, object]] = {}
    for cell in changed:
        rows.setdefault(cell.row, {})[cell.column] = cell.value
    reviews, problems = [], []
    for key, row in rows.items():
        held = by_id[key]
        fen = row.get("reviewed_fen", held.reviewed_fen)
        reason = str(row.get("reason", held.reason) or "")
        if fen is None:
            problems.append(CellProblem(key, "reviewed_fen", "请填写审定数。"))
        elif held.is_protected and int(str(fen)) < held.first_fen:
            problems.append(
                CellProblem(key, "reviewed_fen", "三保、刚性支出不得压减；申报有误的请退回单位更正。")
            )
        elif int(str(fen)) != held.first_fen and not reason.strip():
            problems.append(CellProblem(key, "reason", "审定数与一上不同，请写明理由。"))
        else:
            reviews.append(lines.Review(held.line_id, int(str(fen)), reason))
    return reviews, problems


@require_POST
def fill(request: HttpRequest, document_id: int) -> HttpResponse:
    """按标准测算填列 (一上), 按控制数带入 (二上), 其余按申报数审定 (审核)."""
    sheet = _sheet(request, document_id)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    given = {"round_id": sheet.request.round_id, "unit_ids": [sheet.request.unit_id]}
    if sheet.mode == "review":
        count = lines.accept_rest(**given, actor=actor, at=now_of(request))
        messages.success(request, f"其余 {count} 行已按申报数审定。")
    elif sheet.request.stage == "first":
        filled = filling.fill_from_standards(**given, actor=actor, at=now_of(request))
        text = f"已按标准填列 {filled.line_count} 行，合计 {format_fen(filled.total_fen)} 元。"
        messages.success(request, text + "".join(filled.problems[:3]))
    else:
        entered = lines.fill_second(**given, actor=actor, at=now_of(request))
        messages.success(request, f"已按控制数带入，二上合计 {format_fen(entered.total_fen)} 元。")
    return HttpResponseRedirect(f"/preparation/requests/{document_id}/lines/")


def workbook(request: HttpRequest, document_id: int) -> HttpResponse:
    """The unit's budget table, to be kept, signed, or filled in and imported."""
    sheet = _sheet(request, document_id)
    known = lines.projects(one.project_id for one in sheet.found)
    content = workbooks.unit_table(
        request=sheet.request,
        found=sheet.found,
        project_codes={pk: project.code for pk, project in known.items()},
        actor=request.actor,  # type: ignore[attr-defined]
        at=now_of(request),
    )
    return attachment(content, f"{sheet.request.unit.name}{sheet.document.title}.xlsx")
