"""Is the approval of these documents complete? Asked again where money moves, from the tasks themselves, so that no
state set by mistake lets a payment out."""

from __future__ import annotations

from collections.abc import Sequence

from fisc.base.errors import Refusal
from fisc.kernel import lean
from fisc.kernel.approvals.errors import Incomplete
from fisc.kernel.documents import kinds

INCOMPLETE = """
SELECT
    d.id, d.kind, d.number,
    CASE
        WHEN r.document_id IS NULL THEN '没有送审'
        WHEN open_task.node IS NOT NULL THEN '尚待“' || open_task.node || '”审核'
        WHEN r.finished_at IS NULL THEN '送审后已退回或撤回'
        WHEN r.amount_fen <> d.amount_fen THEN '送审金额与现在的金额不同'
        ELSE '缺少“' || missing.label || '”的审核'
    END
FROM documents_document AS d
LEFT JOIN approvals_route AS r ON r.document_id = d.id
LEFT JOIN approvals_task AS open_task ON open_task.document_id = d.id AND open_task.done_at IS NULL
LEFT JOIN LATERAL (
    SELECT n.label
    FROM approvals_chain_node AS n
    WHERE n.chain_id = r.chain_id AND n.seq = ANY(r.path) AND NOT EXISTS (
        SELECT
        FROM approvals_task AS t
        WHERE t.document_id = d.id AND t.round = r.round AND t.seq = n.seq AND t.outcome = 'approved'
            AND NOT t.is_superseded AND t.done_by_id <> d.maker_id
    )
    ORDER BY n.seq
    LIMIT 1
) AS missing ON true
WHERE d.id = ANY(%s::bigint[]) AND (
    r.document_id IS NULL OR open_task.node IS NOT NULL OR r.finished_at IS NULL OR r.amount_fen <> d.amount_fen
    OR missing.label IS NOT NULL
)
ORDER BY d.id
"""


def incomplete(ids: Sequence[int]) -> dict[int, Refusal]:
    """The documents whose approval is not complete, with the reason; one query."""
    rows = lean.fetch(INCOMPLETE, (list(ids),))
    return {
        doc_id: Incomplete(kind=kinds.get(kind).title, number=number, reason=reason, document_id=doc_id)
        for doc_id, kind, number, reason in rows
    }


def assert_complete(ids: Sequence[int]) -> None:
    """This will make sure that every one of these documents is fully approved.

    :raises Incomplete: the first that is not, by id.
    """
    for refusal in incomplete(ids).values():
        raise refusal
