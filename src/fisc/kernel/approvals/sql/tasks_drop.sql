DROP TRIGGER IF EXISTS approvals_task_never_deleted ON approvals_task;
DROP TRIGGER IF EXISTS approvals_task_done_stays ON approvals_task;
DROP FUNCTION IF EXISTS approvals_refuse_undoing();
DROP TRIGGER IF EXISTS approvals_chain_node_versions_stay ON approvals_chain_node;
DROP FUNCTION IF EXISTS approvals_refuse_rewriting();
DROP FUNCTION IF EXISTS approvals_move(
    bigint[], text, int[], date[], bigint[], boolean, bigint, text, timestamptz
);
DROP FUNCTION IF EXISTS approvals_start(bigint[], bigint, text[], int[], date[], bigint, timestamptz);
DROP FUNCTION IF EXISTS approvals_assign(bigint[], int[], date[], timestamptz);
