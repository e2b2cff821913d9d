"""Read from approvals and events what the pages show of the past and of the way ahead."""

from __future__ import annotations

from typing import Any

from django.db import connection

from fisc.kernel.approvals.models import ChainNode, Route
from fisc.kernel.documents.models import Document
from fisc.web import formats
from fisc.web.components import Cell, Head, Row, Table, link

ACTIONS = {
    "create": "制单", "edit": "修改", "submit": "提交", "approve": "审核通过", "send_back": "退回", "withdraw": "撤回",
    "void": "作废", "attach": "上传附件", "update": "修改", "view": "查看", "send": "发送", "clear": "清算", "book": "记账",
}  # fmt: skip


def nodes_ahead(document: Document) -> list[str]:
    """The nodes of the chain that are still to come, by the way fixed when it was submitted."""
    if not document.node:
        return []
    route = Route.objects.filter(document=document).first()
    if route is None:
        return []
    nodes = list(ChainNode.objects.filter(chain_id=route.chain_id, seq__in=route.path).order_by("seq"))
    labels = [node.label for node in nodes]
    return labels[labels.index(document.node) + 1 :] if document.node in labels else []


def document_log(document_id: int) -> Table:
    """All audit rows of one document, newest first."""
    return audit_table("document_id = %s", [document_id], limit=500, offset=0)[0]


def audit_table(where: str, values: list[Any], *, limit: int, offset: int) -> tuple[Table, int]:
    """This will read audit rows; `where` is composed by the caller from fixed parts, values are parameters."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM events_audit WHERE {where}", values)
        count = cursor.fetchone()[0]
        cursor.execute(
            "SELECT id, at, actor_name, action, object_kind, object_id, document_id, ip, detail::text"
            f" FROM events_audit WHERE {where} ORDER BY id DESC LIMIT %s OFFSET %s",
            [*values, limit, offset],
        )
        rows = cursor.fetchall()
    heads = (
        Head("时间", pin=True), Head("人员"), Head("操作"), Head("对象"), Head("来源地址"), Head("内容"),
    )  # fmt: skip
    return Table(caption="操作日志", heads=heads, rows=tuple(_row(row) for row in rows)), count


def _row(row: tuple[Any, ...]) -> Row:
    _, at, actor, action, kind, object_id, document_id, ip, detail = row
    target = link(f"{kind} {object_id}", f"/doc/{document_id}/" if document_id else "")
    verb = ACTIONS.get(action.rpartition(".")[2], "")
    text = "" if detail in ("{}", None) else detail
    return Row(
        (
            Cell(formats.date_text(at), pin=True, css="m-no"),
            Cell(actor, css="m-main"),
            Cell(f"{verb} {action}".strip(), css="m-state"),
            Cell(target),
            Cell(str(ip or "")),
            Cell(text, css="w m-desc"),
        )
    )
