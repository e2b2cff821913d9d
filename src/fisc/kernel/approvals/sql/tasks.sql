-- The writes of an approval step, each one statement for any number of documents.

-- Documents that are sent into review: their route is fixed, their first task (if any) is assigned.
CREATE OR REPLACE FUNCTION approvals_start(
    p_ids bigint[], p_chain bigint, p_paths text[], p_first int[], p_due date[], p_by bigint, p_at timestamptz
) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO approvals_route AS r (
        document_id, chain_id, round, path, amount_fen, submitted_by_id, submitted_at, finished_at
    )
    SELECT
        d.id, p_chain, 1, x.path::smallint[], d.amount_fen, p_by, p_at,
        CASE WHEN x.first_seq IS NULL THEN p_at END
    FROM unnest(p_ids, p_paths, p_first) AS x (id, path, first_seq)
    JOIN documents_document AS d ON d.id = x.id
    ON CONFLICT (document_id) DO UPDATE SET
        chain_id = EXCLUDED.chain_id,
        round = r.round + 1,
        path = EXCLUDED.path,
        amount_fen = EXCLUDED.amount_fen,
        submitted_by_id = EXCLUDED.submitted_by_id,
        submitted_at = EXCLUDED.submitted_at,
        finished_at = EXCLUDED.finished_at;
    PERFORM approvals_assign(p_ids, p_first, p_due, p_at);
END
$$;

-- One open task per document whose next node is given (null: none follows).
CREATE OR REPLACE FUNCTION approvals_assign(
    p_ids bigint[], p_seqs int[], p_due date[], p_at timestamptz
) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO approvals_task (
        document_id, chain_id, seq, round, node, role, scope, kind, unit_id, section_code, maker_id, assigned_at,
        due_on, outcome, comment, is_superseded
    )
    SELECT
        d.id, r.chain_id, n.seq, r.round, n.label, n.role, n.scope, d.kind, d.unit_id, d.section_code, d.maker_id, p_at,
        x.due_on, '', '', false
    FROM unnest(p_ids, p_seqs, p_due) WITH ORDINALITY AS x (id, seq, due_on, ordinal)
    JOIN documents_document AS d ON d.id = x.id
    JOIN approvals_route AS r ON r.document_id = x.id
    JOIN approvals_chain_node AS n ON n.chain_id = r.chain_id AND n.seq = x.seq
    ORDER BY x.ordinal;
END
$$;

-- The open tasks are done; routes without a next node are finished, the others get their next task. A document that
-- goes back to an earlier node (p_back) loses the approvals from that node on.
CREATE OR REPLACE FUNCTION approvals_move(
    p_ids bigint[], p_outcome text, p_next int[], p_due date[], p_deputy_of bigint[], p_back boolean,
    p_by bigint, p_comment text, p_at timestamptz
) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE approvals_task AS t
    SET done_at = greatest(p_at, t.assigned_at), done_by_id = p_by, delegated_from_id = x.deputy_of,
        outcome = p_outcome, comment = p_comment
    FROM unnest(p_ids, p_deputy_of) AS x (id, deputy_of)
    WHERE t.document_id = x.id AND t.done_at IS NULL;

    IF p_back THEN
        UPDATE approvals_task AS t
        SET is_superseded = true
        FROM unnest(p_ids, p_next) AS x (id, seq)
        JOIN approvals_route AS r ON r.document_id = x.id
        WHERE t.document_id = x.id AND t.round = r.round AND t.outcome = 'approved' AND t.seq >= x.seq
            AND NOT t.is_superseded;
    END IF;

    IF p_outcome = 'approved' THEN
        UPDATE approvals_route AS r
        SET finished_at = p_at
        FROM unnest(p_ids, p_next) AS x (id, seq)
        WHERE r.document_id = x.id AND x.seq IS NULL;
    END IF;

    PERFORM approvals_assign(p_ids, p_next, p_due, p_at);
END
$$;

-- A chain version, once written, stays as it is: running documents keep theirs.
CREATE OR REPLACE FUNCTION approvals_refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '审批流程的版本不得改写，请另立新版。'
        USING ERRCODE = '23514', CONSTRAINT = 'approvals_chain_node_versions_stay', TABLE = 'approvals_chain_node';
END
$$;

CREATE OR REPLACE TRIGGER approvals_chain_node_versions_stay
BEFORE UPDATE OR DELETE ON approvals_chain_node
FOR EACH ROW EXECUTE FUNCTION approvals_refuse_rewriting();

-- What was done stays done: a finished task only ever loses its weight (is_superseded).
CREATE OR REPLACE FUNCTION approvals_refuse_undoing() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '审批记录不得改动。'
        USING ERRCODE = '23514', CONSTRAINT = 'approvals_task_done_stays', TABLE = 'approvals_task';
END
$$;

CREATE OR REPLACE TRIGGER approvals_task_done_stays
BEFORE UPDATE ON approvals_task
FOR EACH ROW
WHEN (
    OLD.done_at IS NOT NULL
    AND (OLD.done_at, OLD.done_by_id, OLD.outcome, OLD.comment, OLD.document_id, OLD.seq)
    IS DISTINCT FROM (NEW.done_at, NEW.done_by_id, NEW.outcome, NEW.comment, NEW.document_id, NEW.seq)
)
EXECUTE FUNCTION approvals_refuse_undoing();

CREATE OR REPLACE TRIGGER approvals_task_never_deleted
BEFORE DELETE ON approvals_task
FOR EACH ROW EXECUTE FUNCTION approvals_refuse_undoing();
