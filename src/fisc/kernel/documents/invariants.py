"""What must always hold of headers, as queries for the rows that break it."""

from __future__ import annotations

from fisc.kernel.rules.spec import Invariant

INVARIANTS = (
    Invariant(
        code="documents.numbers_have_no_gaps",
        title="单号按种类和年度连续，没有断号",
        owner="系统管理员",
        explain="单据不得删除；请用 fisc verify 核对审计记录。",
        sql="""
            SELECT c.kind, c.fiscal_year, c.last_number, count(d.id) AS found
            FROM documents_counter AS c
            LEFT JOIN documents_document AS d ON d.kind = c.kind AND d.fiscal_year = c.fiscal_year
            GROUP BY c.kind, c.fiscal_year, c.last_number
            HAVING c.last_number <> count(d.id)
        """,
    ),
    Invariant(
        code="documents.states_have_audit_rows",
        title="每张单据现在的状态都有办理记录",
        owner="审计管理员",
        explain="状态被绕过办理步骤改动，请查数据库日志。",
        sql="""
            SELECT d.number, d.kind, d.state, last.to_state
            FROM documents_document AS d
            LEFT JOIN LATERAL (
                SELECT a.detail ->> 'to' AS to_state
                FROM events_audit AS a
                WHERE a.document_id = d.id AND a.detail ? 'to'
                ORDER BY a.id DESC
                LIMIT 1
            ) AS last ON true
            WHERE last.to_state IS DISTINCT FROM d.state
        """,
    ),
)
