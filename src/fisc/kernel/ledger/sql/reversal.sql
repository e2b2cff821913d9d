-- Corrections: what is booked is never changed but reversed, in red, dated on the day it is made (红字冲销).

-- Returns the transfers of some entries. Neighbours are read in one go, others one by one: see ledger_transfer_by_entry.
CREATE FUNCTION ledger_lines_of(p_entry_ids bigint[]) RETURNS SETOF ledger_transfer LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_first bigint;
    v_last bigint;
BEGIN
    SELECT min(id), max(id) INTO v_first, v_last FROM unnest(p_entry_ids) AS id;
    IF v_last - v_first < 20 * cardinality(p_entry_ids) THEN
        RETURN QUERY
            SELECT *
            FROM ledger_transfer
            WHERE entry_id BETWEEN v_first AND v_last AND entry_id IN (SELECT unnest(p_entry_ids));
    ELSE
        RETURN QUERY
            SELECT transfer.*
            FROM (SELECT DISTINCT unnest(p_entry_ids) AS id) AS wanted
            JOIN ledger_transfer AS transfer ON transfer.entry_id = wanted.id;
    END IF;
END
$$;

-- Reverses a batch of entries (no id twice). Returns, aligned with them, the reversing entries (0: refused), and the
-- refusals: unknown_entry, entry_is_reversal, entry_reversed, then those of ledger_post.
CREATE FUNCTION ledger_reverse(
    p_actor_id bigint, p_at timestamptz, p_entry_ids bigint[], p_fiscal_year integer, p_effective_on date,
    p_memo text,
    OUT entry_ids bigint[], OUT refusals ledger_refusal[]
) LANGUAGE plpgsql AS $$
DECLARE
    v_count integer := cardinality(p_entry_ids);
    v_plan_mode text := ledger_plan_for(v_count);
    v_entry record;
    v_line record;
BEGIN
    PERFORM FROM ledger_entry
    WHERE id = ANY (p_entry_ids)
    ORDER BY id
    FOR NO KEY UPDATE;

    refusals := ARRAY(
        SELECT ROW(no, CASE WHEN entry.id IS NULL THEN 'unknown_entry'
                            WHEN entry.reverses_id IS NOT NULL THEN 'entry_is_reversal'
                            ELSE 'entry_reversed' END, NULL, NULL, NULL)::ledger_refusal
        FROM unnest(p_entry_ids) WITH ORDINALITY AS wanted (entry_id, no)
        LEFT JOIN ledger_entry AS entry ON entry.id = wanted.entry_id
        LEFT JOIN ledger_entry AS reversal ON reversal.reverses_id = wanted.entry_id
        WHERE entry.id IS NULL OR entry.reverses_id IS NOT NULL OR reversal.id IS NOT NULL
        ORDER BY no);

    SELECT array_agg(coalesce(kind, '-') || '.reversal' ORDER BY no) AS kinds,
        array_agg(coalesce(document_id, 0) ORDER BY no) AS document_ids
    INTO v_entry
    FROM unnest(p_entry_ids) WITH ORDINALITY AS wanted (entry_id, no)
    LEFT JOIN ledger_entry AS entry ON entry.id = wanted.entry_id;

    SELECT coalesce(array_agg(no::integer ORDER BY no, line_no), '{}') AS entry_nos,
        coalesce(array_agg(line_no ORDER BY no, line_no), '{}') AS line_nos,
        coalesce(array_agg(credit_account_id ORDER BY no, line_no), '{}') AS debit_ids,
        coalesce(array_agg(debit_account_id ORDER BY no, line_no), '{}') AS credit_ids,
        coalesce(array_agg(amount_fen ORDER BY no, line_no), '{}') AS posted
    INTO v_line
    FROM unnest(p_entry_ids) WITH ORDINALITY AS wanted (entry_id, no)
    JOIN ledger_lines_of(p_entry_ids) AS transfer USING (entry_id)
    WHERE no NOT IN (SELECT refusal.entry_no FROM unnest(refusals) AS refusal);

    SELECT posted.entry_ids, posted.refusals INTO entry_ids, refusals
    FROM ledger_post(
        p_at, array_fill(p_actor_id, ARRAY[v_count]), v_entry.kinds, v_entry.document_ids,
        array_fill(p_fiscal_year, ARRAY[v_count]), array_fill(p_effective_on, ARRAY[v_count]),
        array_fill(p_memo, ARRAY[v_count]), p_entry_ids,
        v_line.entry_nos, v_line.line_nos, v_line.debit_ids, v_line.credit_ids, v_line.posted,
        array_fill(0::bigint, ARRAY[cardinality(v_line.posted)]), refusals) AS posted;
    PERFORM set_config('plan_cache_mode', v_plan_mode, true);
END
$$;
