"""What must always hold of approvals, as queries for the rows that break it."""

from __future__ import annotations

from fisc.kernel.rules.spec import Invariant

INVARIANTS = (
    Invariant(
        code="approvals.in_review_has_a_task",
        title="审核中的单据有且只有一个待办环节，其他单据没有",
        owner="系统管理员",
        explain="请从操作日志查明最后一步。",
        sql="""
            SELECT d.number, d.kind, d.state, d.node, t.node AS open_task
            FROM documents_document AS d
            FULL JOIN (SELECT document_id, node FROM approvals_task WHERE done_at IS NULL) AS t
                ON t.document_id = d.id
            WHERE (t.document_id IS NULL AND d.node <> '') OR (t.document_id IS NOT NULL AND t.node <> d.node)
        """,
    ),
    Invariant(
        code="approvals.finished_routes_are_whole",
        title="已办结的审批，每个环节都由制单人以外的不同的人审核过",
        owner="审计管理员",
        explain="请查该单据的审批记录。",
        sql="""
            SELECT d.number, d.kind, n.label AS missing
            FROM approvals_route AS r
            JOIN documents_document AS d ON d.id = r.document_id
            JOIN approvals_chain_node AS n ON n.chain_id = r.chain_id AND n.seq = ANY(r.path)
            LEFT JOIN approvals_task AS t
                ON t.document_id = r.document_id AND t.round = r.round AND t.seq = n.seq AND t.outcome = 'approved'
                AND NOT t.is_superseded AND t.done_by_id <> d.maker_id
            WHERE r.finished_at IS NOT NULL AND t.id IS NULL
        """,
    ),
)
