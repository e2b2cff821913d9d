"""我的待办: what waits for me, what I made, what I did; approving many at once from the list of a kind."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from fisc.kernel.approvals import inbox as approvals_inbox
from fisc.kernel.approvals.models import Task
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.actor import Actor
from fisc.web import formats, waiting
from fisc.web.components import Cell, Empty, Head, Pager, Row, Tab, Table, Total, page_links, tag
from fisc.web.pages import values
from fisc.web.request import Request

PAGE = 50
VIEWS = (("", "待办"), ("mine", "我发起的"), ("done", "已办"))


def inbox_page(request: Request) -> HttpResponse:
    """The inbox."""
    actor: Actor = request.actor
    view = request.GET.get("view", "")
    kind = request.GET.get("kind", "")
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    counts = waiting.counts(actor)
    table, count = {"mine": _mine, "done": _done}.get(view, _waiting)(request, actor, kind, max(1, page))
    pages = max(1, -(-count // PAGE))
    kinds_waiting = [(code, kinds.get(code).title, n, code == kind) for code, n in sorted(counts.items())]
    context = {
        "title": "我的待办",
        "tabs": [
            Tab(
                label,
                f"/inbox/?view={code}" if code else "/inbox/",
                f"{sum(counts.values())}" if not code else "",
                code == view,
            )
            for code, label in VIEWS
        ],
        "kinds": kinds_waiting if not view else [],
        "kind": kinds.get(kind) if kind and not view else None,
        "batch_steps": [s for s in kinds.get(kind).steps if s.name in ("approve", "send_back")]
        if kind and not view
        else [],
        "table": table,
        "here": f"/inbox/?kind={kind}",
        "pager": Pager(
            format_html("共 <b>{}</b> 件", count),
            page_links(page=min(page, pages), pages=pages, query={"view": view, "kind": kind}),
        ),
    }
    return render(request, "web/inbox.html", context)


HEADS = (
    Head("单号", pin=True), Head("状态"), Head("种类"), Head("单位"), Head("摘要"), Head("对方"), Head("金额", "amount", money=True),
)  # fmt: skip


def _cells(request: Request, document: Document) -> list[Cell]:
    href = f"/doc/{document.pk}/"
    return [
        Cell(values.document_link(document), pin=True, css="m-no"),
        Cell(values.state_html(document.kind, document.state, document.node), css="m-state"),
        Cell(kinds.get(document.kind).title),
        Cell(str(document.unit)),
        Cell(document.title, css="cut m-desc"),
        Cell(document.counterparty, css="cut m-main"),
        Cell(formats.amount(document.amount_fen, unit=request.look.unit, href=href), "amount", css="m-amt"),
    ]


def _waiting(request: Request, actor: Actor, kind: str, page: int) -> tuple[Table, int]:
    tasks = approvals_inbox.inbox(actor)
    if kind:
        tasks = tasks.filter(kind=kind)
    tasks = tasks.select_related("document", "document__unit", "maker").order_by(
        "due_on", "assigned_at", "pk"
    )
    count = tasks.count()
    today = request.now.date()
    rows = []
    for task in tasks[(page - 1) * PAGE : page * PAGE]:
        late = (today - task.due_on).days
        due = (
            format_html("{} {}", task.due_on.isoformat(), tag(f"超期 {late} 天", "red"))
            if late > 0
            else task.due_on.isoformat()
        )
        waits = formats.waiting_text(task.assigned_at, now=request.now)
        cells = [*_cells(request, task.document), Cell(task.maker.name), Cell(waits), Cell(due)]
        rows.append(
            Row(
                tuple(cells),
                id=task.document_id if kind else None,
                label=task.document.number,
                amount_fen=task.document.amount_fen,
                steps="approve send_back",
            )
        )
    empty = Empty("没有待办", "新的单据送到您这里时会出现在这里", "inbox")
    sums = sum(row.amount_fen for row in rows)
    total = (
        Total(
            (
                Cell("本页合计", pin=True, css="m-no"),
                *[Cell()] * 5,
                Cell(formats.amount(sums, unit=request.look.unit), "amount", css="m-amt"),
                *[Cell()] * 3,
            ),
            "all",
        ),
    )
    heads = (*HEADS, Head("制单"), Head("等待"), Head("限办"))
    return Table("待办", heads, tuple(rows), total, ticks=bool(kind), cards=True, empty=empty), count


def _mine(request: Request, actor: Actor, kind: str, page: int) -> tuple[Table, int]:
    found = Document.objects.filter(maker_id=actor.user_id).select_related("unit").order_by("-pk")
    rows = tuple(
        Row((*_cells(request, d), Cell(formats.date_text(d.updated_at))))
        for d in found[(page - 1) * PAGE : page * PAGE]
    )
    empty = Empty("您还没有制单", "从左侧菜单进入业务，点“新增”", "send")
    return Table("我发起的", (*HEADS, Head("更新")), rows, cards=True, empty=empty), found.count()


def _done(request: Request, actor: Actor, kind: str, page: int) -> tuple[Table, int]:
    found = (
        Task.objects.filter(done_by_id=actor.user_id)
        .select_related("document", "document__unit")
        .order_by("-done_at")
    )
    rows = []
    for task in found[(page - 1) * PAGE : page * PAGE]:
        rows.append(
            Row(
                (
                    *_cells(request, task.document),
                    Cell(task.get_outcome_display()),
                    Cell(formats.date_text(task.done_at)),
                )
            )
        )
    empty = Empty("还没有办理记录", icon="check")
    return Table(
        "已办", (*HEADS, Head("结果"), Head("办理时间")), tuple(rows), cards=True, empty=empty
    ), found.count()
