"""The import wizard: 上传 → 核对列 → 校验 → 写入 → 完成; batches, error rows, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, FiscError, Refusal
from fisc.base.money import parse_yuan
from fisc.jobs import importing, running
from fisc.kernel import exchange
from fisc.kernel.documents.models import Document
from fisc.kernel.exchange import browse, known
from fisc.kernel.exchange.batches import allowed_spec
from fisc.kernel.exchange.files import MAX_FILE_BYTES
from fisc.kernel.exchange.models import BatchDocument
from fisc.web import formats, ways
from fisc.web.components import Cell, Empty, Head, Pager, Row, Tab, Table, link, page_links, state
from fisc.web.pages import jobs, values
from fisc.web.request import Request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 50
WHICH = (("error", "只看错误"), ("warn", "提示"), ("all", "全部"))


def imports_page(request: Request) -> HttpResponse:
    """What may be imported, and the batches so far."""
    actor = request.actor
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    found, count = browse.batches(
        actor=actor, spec_code=request.GET.get("kind") or None, offset=(max(1, page) - 1) * PAGE, limit=PAGE
    )
    unit = request.look.unit
    rows = []
    for batch in found:
        cells = (
            Cell(link(batch.number, f"/imports/batch/{batch.id}/"), pin=True, css="m-no"), Cell(state(batch.state_label, batch.tone), css="m-state"),
            Cell(batch.title, css="m-main"), Cell(batch.filename, css="cut m-desc"), Cell(f"{batch.rows:,}", "n"), Cell(f"{batch.errors:,}" if batch.errors else "", "n", css="tr-red"),
            Cell(formats.amount(batch.amount_fen, unit=unit, href=f"/imports/batch/{batch.id}/"), "n", css="m-amt"), Cell(batch.made_by), Cell(formats.date_text(batch.made_at)),
        )  # fmt: skip
        rows.append(Row(cells))
    heads = (
        Head("批次", pin=True),
        Head("状态"),
        Head("种类"),
        Head("文件"),
        Head("行数", "n"),
        Head("错误", "n"),
        Head("金额", "amount", money=True),
        Head("上传人"),
        Head("上传时间"),
    )
    context = {
        "title": "导入数据",
        "specs": browse.specs_for(actor),
        "table": Table(
            "导入批次",
            heads,
            tuple(rows),
            cards=True,
            empty=Empty("还没有导入过文件", "从上面选一种开始，先下载模板", "file-up"),
        ),
        "pager": Pager(
            format_html("共 <b>{}</b> 批", count),
            page_links(
                page=page, pages=max(1, -(-count // PAGE)), query={"kind": request.GET.get("kind", "")}
            ),
        ),
    }
    return render(request, "web/imports.html", context)


def upload_page(request: Request, code: str) -> HttpResponse:
    """Step 1: the file, what is asked beside it, the control total."""
    actor = request.actor
    spec = allowed_spec(code, actor=actor)
    year = request.look.year or request.now.year
    refusal = None
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise BadInput("请选择要导入的文件（.xlsx、.xls 或 .csv）。")
            if (file.size or 0) > MAX_FILE_BYTES:
                raise BadInput(f"文件超过 {MAX_FILE_BYTES // 2**20} MB，请分成几个文件，分别导入。")
            total = request.POST.get("control_total", "").strip()
            batch = exchange.start(
                spec=spec, content=file.read(), filename=file.name or "", actor=actor, at=request.now, fiscal_year=year,
                params={column.key: request.POST.get(column.key, "") for column in spec.params},
                control_total_fen=parse_yuan(total) if total else None, confirm_seen="seen" in request.POST,
            )  # fmt: skip
            return HttpResponseRedirect(f"/imports/batch/{batch.pk}/")
        except FiscError as error:
            refusal = ways.refusal_view(error)
    context = {
        "title": f"导入：{spec.title}",
        "spec": spec,
        "year": year,
        "steps": wizard(1),
        "refusal": refusal,
        "given": request.POST.dict(),
        "seen": bool(refusal and "导入过" in refusal.text),
    }
    return render(request, "web/import_upload.html", context, status=409 if refusal else 200)


def wizard(step: int, *, finished: bool = False) -> list[tuple[int, str, str]]:
    """The five steps with what is done."""
    return [
        (n, label, "done" if n < step or finished else "now" if n == step else "")
        for n, label in enumerate(browse.STEPS, start=1)
    ]


def batch_page(request: Request, pk: int) -> HttpResponse:
    """Steps 2 to 5 of one batch, by its state."""
    actor = request.actor
    batch = browse.view(pk, actor=actor)
    refusal = None
    if request.method == "POST":
        try:
            _act(request, batch)
            return HttpResponseRedirect(f"/imports/batch/{pk}/")
        except FiscError as error:
            refusal = ways.refusal_view(error)
            batch = browse.view(pk, actor=actor)
    spec = known.get(batch.spec_code)
    job = running.last_of(f"/imports/batch/{pk}/")
    matching = batch.state == "uploaded" or ("columns" in request.GET and batch.state == "checked")
    context: dict[str, Any] = {
        "title": f"导入：{batch.title}",
        "batch": batch,
        "spec": spec,
        "refusal": refusal,
        "job": jobs.bar(job) if job and (not job.is_over or job.state != "done") else None,
        "busy": job is not None and not job.is_over,
        "steps": wizard(2 if matching else batch.step, finished=batch.state == "written"),
        "matching": matching,
        "state": state(batch.state_label, batch.tone),
        "good_amount": "" if batch.good_amount_fen is None else formats.amount_text(batch.good_amount_fen),
        "control_text": {
            "agree": "与控制数一致",
            "disagree": "与控制数不一致",
            "unknown": "有金额读不出，改好后再核对控制数",
        }.get(batch.control, ""),
        "seconds": formats.number_text(batch.elapsed_ms / 1000 if batch.elapsed_ms else 0, 1),
        "file_problems": browse.file_problems(pk, actor=actor) if batch.state == "checked" else [],
    }
    if matching:
        context["columns"] = browse.columns(pk, actor=actor)
        context["keys"] = [(column.key, column.head, column.required) for column in spec.columns]
    elif batch.state == "checked":
        context |= _rows_context(request, batch)
    elif batch.state in ("written", "undone"):
        context["documents"] = _documents_table(request, pk)
    return render(request, "web/import_batch.html", context, status=409 if refusal else 200)


def _act(request: Request, batch: browse.BatchView) -> None:
    """One act on a batch."""
    actor, at, post = request.actor, request.now, request.POST
    match post.get("act"):
        case "match":
            mapping: dict[str, int | None] = {
                column.key: None for column in known.get(batch.spec_code).columns
            }
            for name, key in post.dict().items():
                if name.startswith("col-") and key:
                    mapping[key] = int(name[4:])
            exchange.match(batch.id, mapping=mapping, actor=actor)
            _validate(request, batch)
        case "sheet":
            head = post.get("head_row", "")
            exchange.choose_sheet(
                batch.id,
                sheet=post.get("sheet", ""),
                head_row=int(head) if head.isdigit() else None,
                actor=actor,
                at=at,
            )
        case "check":
            _validate(request, batch)
        case "adopt":
            exchange.adopt(
                batch.id, number=int(post.get("number") or 0), key=post.get("key", ""), actor=actor, at=at
            )
            _validate(request, batch)
        case "adopt_all":
            exchange.adopt_all(batch.id, actor=actor, at=at)
            _validate(request, batch)
        case "set":
            exchange.set_cell(
                batch.id,
                number=int(post.get("number") or 0),
                key=post.get("key", ""),
                text=post.get("text", ""),
                actor=actor,
                at=at,
            )
            _validate(request, batch)
        case "commit" if batch.rows >= importing.LARGE_ROWS:
            _in_background(
                request,
                batch,
                f"写入 {batch.filename}",
                importing.write_batch,
                only_good="only_good" in post,
                confirm_seen="seen" in post,
            )
        case "commit":
            done = exchange.commit(
                batch.id, actor=actor, at=at, only_good="only_good" in post, confirm_seen="seen" in post
            )
            messages.success(request, done.message or f"已导入 {done.written_rows:,} 行。")
        case "undo":
            exchange.undo(batch.id, actor=actor, at=at, reason=post.get("reason", ""))
            messages.success(request, f"批次 {batch.number} 已撤销。")
        case "cancel":
            exchange.cancel(batch.id, actor=actor, at=at)
            messages.success(request, f"批次 {batch.number} 已放弃。")
        case _:
            raise BadInput("没有这个操作，请刷新页面后重试。")


def _validate(request: Request, batch: browse.BatchView) -> None:
    total = request.POST.get("control_total", "").strip()
    control_total_fen = parse_yuan(total) if total else None
    if batch.rows >= importing.LARGE_ROWS:
        title = f"校验 {batch.filename}"
        _in_background(request, batch, title, importing.check_batch, control_total_fen=control_total_fen)
    else:
        exchange.validate(batch.id, actor=request.actor, at=request.now, control_total_fen=control_total_fen)


def _in_background(
    request: Request, batch: browse.BatchView, title: str, work: Callable[..., Any], **arguments: Any
) -> None:
    """Queue the step; one at a time per batch. :raises Refusal: one is under way already."""
    where = f"/imports/batch/{batch.id}/"
    if running.under_way(where) is not None:
        raise Refusal("本批正在后台办理，请等它结束。", code="web.import_under_way")
    running.run_job(
        title, request.actor.user_id, work, link=where, batch_id=batch.id, user_id=request.actor.user_id,
        at=request.now.isoformat(), **arguments,
    )  # fmt: skip


def _rows_context(request: Request, batch: browse.BatchView) -> dict[str, Any]:
    """The rows with their guilty cells outlined and how to mend them."""
    which = request.GET.get("which", "error" if batch.errors else "warn" if batch.warns else "all")
    which = which if which in dict(WHICH) else "error"
    page = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    wanted: Any = which
    found = browse.rows(
        batch.id, actor=request.actor, which=wanted, offset=(max(1, page) - 1) * PAGE, limit=PAGE
    )  # type: ignore[arg-type]
    numeric = {key for key, _, kind in found.heads if kind in ("amount", "integer", "decimal")}
    rows = [
        {
            "number": row.number,
            "cells": [
                (
                    cell.text,
                    " ".join(
                        filter(
                            None,
                            [
                                "n" if cell.key in numeric else "",
                                {"error": "bad", "warn": "doubt"}.get(cell.mark, ""),
                            ],
                        )
                    ),
                )
                for cell in row.cells
            ],
            "problems": row.problems,
        }
        for row in found.rows
    ]
    counts = {"error": batch.errors, "warn": batch.warns, "all": batch.rows}
    return {
        "row_heads": [(head, key in numeric) for key, head, _ in found.heads],
        "rows": rows,
        "which": [Tab(label, f"?which={code}", f"{counts[code]:,}", code == which) for code, label in WHICH],
        "pager": Pager(
            format_html("共 <b>{}</b> 行", f"{found.total:,}"),
            page_links(page=page, pages=max(1, -(-found.total // PAGE)), query={"which": which}),
        ),
        "can_adopt": any(
            p.suggestion is not None and p.severity == "error" for row in found.rows for p in row.problems
        ),
    }


def _documents_table(request: Request, pk: int) -> Table:
    """The first of the documents that the batch made."""
    ids = list(
        BatchDocument.objects.filter(batch_id=pk)
        .order_by("document_id")
        .values_list("document_id", flat=True)[:100]
    )
    unit = request.look.unit
    rows = []
    for document in Document.objects.filter(pk__in=ids).select_related("unit").order_by("pk"):
        cells = (
            Cell(values.document_link(document), pin=True, css="m-no"), Cell(values.state_html(document.kind, document.state, document.node), css="m-state"),
            Cell(str(document.unit), css="m-main"), Cell(document.title, css="cut m-desc"), Cell(formats.amount(document.amount_fen, unit=unit, href=f"/doc/{document.pk}/"), "n", css="m-amt"),
        )  # fmt: skip
        rows.append(Row(cells))
    heads = (
        Head("单号", pin=True),
        Head("状态"),
        Head("单位"),
        Head("摘要"),
        Head("金额", "amount", money=True),
    )
    empty = Empty("本批没有生成单据", "数据直接记入账内，可在总账中查看", "book-open", "/ledger/", "看总账")
    return Table("本批生成的单据（前 100 笔）", heads, tuple(rows), cards=True, frame="tw plain", empty=empty)


def template_file(request: Request, code: str) -> HttpResponse:
    """The template to be filled in."""
    actor = request.actor
    spec = allowed_spec(code, actor=actor)
    year = request.look.year or request.now.year
    return _download(exchange.template(spec, year=year, actor=actor), f"{spec.title}导入模板（{year}）.xlsx")


def error_file(request: Request, pk: int) -> HttpResponse:
    """The bad rows with a column 问题, to mend and upload again."""
    actor = request.actor
    batch = browse.view(pk, actor=actor)
    return _download(exchange.error_rows(pk, actor=actor), f"{batch.number}错误行.xlsx")


def _download(content: bytes, filename: str) -> HttpResponse:
    from fisc.web.pages.exports import attachment

    return attachment(content, filename)


@require_POST
def cancel_batch(request: Request, pk: int) -> HttpResponse:
    """Give up a batch."""
    exchange.cancel(pk, actor=request.actor, at=request.now)
    messages.success(request, "本批已放弃。")
    return HttpResponseRedirect("/imports/")
