-- Two-phase money: held first, then settled, voided or expired, once, all lines together.
-- Locks, here as everywhere: holds in id order, then balances in account order, then voucher numbers.

-- Reserves the lines of a batch of holds on their credit accounts. Returns, aligned with the holds, their ids
-- (0: refused), and the refusals.
CREATE FUNCTION ledger_hold(
    p_actor_id bigint, p_at timestamptz, p_expires_on date,
    p_kinds text[], p_document_ids bigint[], p_held_ons date[], p_memos text[],
    p_entry_nos integer[], p_line_nos integer[], p_debit_ids bigint[], p_credit_ids bigint[], p_amounts bigint[],
    OUT hold_ids bigint[], OUT refusals ledger_refusal[]
) LANGUAGE plpgsql AS $$
DECLARE
    v_nothing bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_amounts)]);
    v_plan_mode text := ledger_plan_for(cardinality(p_entry_nos));
BEGIN
    refusals := ledger_decide(p_entry_nos, p_debit_ids, p_credit_ids, v_nothing, p_amounts);
    hold_ids := ledger_number('ledger_hold_id_seq', cardinality(p_kinds), refusals);

    PERFORM ledger_door_open();
    PERFORM ledger_move(hold_ids, NULL, NULL, p_entry_nos, p_debit_ids, p_credit_ids, v_nothing, p_amounts);

    INSERT INTO ledger_hold (id, kind, document_id, held_on, expires_on, memo, actor_id, recorded_at)
    SELECT id, kind, nullif(document_id, 0), held_on, p_expires_on, memo, p_actor_id, p_at
    FROM unnest(hold_ids, p_kinds, p_document_ids, p_held_ons, p_memos)
        AS hold (id, kind, document_id, held_on, memo)
    WHERE id <> 0;

    INSERT INTO ledger_hold_line (hold_id, line_no, debit_account_id, credit_account_id, amount_fen, open_fen)
    SELECT hold_ids[entry_no], line_no, debit_id, credit_id, amount, amount
    FROM unnest(p_entry_nos, p_line_nos, p_debit_ids, p_credit_ids, p_amounts)
        AS line (entry_no, line_no, debit_id, credit_id, amount)
    WHERE hold_ids[entry_no] <> 0;
    PERFORM ledger_door_shut();
    PERFORM set_config('plan_cache_mode', v_plan_mode, true);
END
$$;

-- Locks the holds and returns a refusal for each that does not hold any more, or never did.
CREATE FUNCTION ledger_lock_holds(p_hold_ids bigint[]) RETURNS ledger_refusal[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ledger_hold
    WHERE id = ANY (p_hold_ids)
    ORDER BY id
    FOR NO KEY UPDATE;

    RETURN ARRAY(
        SELECT ROW(no, coalesce('hold_' || state, 'unknown_hold'), NULL, NULL, NULL)::ledger_refusal
        FROM unnest(p_hold_ids) WITH ORDINALITY AS wanted (hold_id, no)
        LEFT JOIN ledger_hold ON ledger_hold.id = wanted.hold_id
        WHERE state IS DISTINCT FROM 'held'
        ORDER BY no);
END
$$;

-- Settles a batch of holds (no id twice): books each, whole or in part, and releases the rest. Returns, aligned with
-- the holds, the entries (0: refused), and the refusals: unknown_hold, hold_settled, hold_voided, hold_expired,
-- over_hold, nothing_settled, then those of ledger_post.
-- p_amount_…: the amounts of the holds that are not settled whole, one element per line of the hold.
-- p_extra_…: lines that are booked in the same entries without having been held.
CREATE FUNCTION ledger_settle(
    p_actor_id bigint, p_at timestamptz,
    p_hold_ids bigint[], p_kinds text[], p_fiscal_years integer[], p_effective_ons date[], p_memos text[],
    p_amount_nos integer[], p_amount_line_nos integer[], p_amounts bigint[],
    p_extra_nos integer[], p_extra_line_nos integer[], p_extra_debit_ids bigint[], p_extra_credit_ids bigint[],
    p_extra_amounts bigint[],
    OUT entry_ids bigint[], OUT refusals ledger_refusal[]
) LANGUAGE plpgsql AS $$
DECLARE
    v_plan_mode text := ledger_plan_for(
        cardinality(p_hold_ids) + cardinality(p_amounts) + cardinality(p_extra_amounts));
    v_line record;
    v_entry record;
BEGIN
    refusals := ledger_lock_holds(p_hold_ids);

    WITH wanted AS (
        SELECT no, hold_id, no IN (SELECT unnest(p_amount_nos)) AS is_part
        FROM unnest(p_hold_ids) WITH ORDINALITY AS wanted (hold_id, no)
        WHERE no NOT IN (SELECT entry_no FROM unnest(refusals))
    ), line AS (
        SELECT no, is_part, line_no, debit_account_id AS debit_id, credit_account_id AS credit_id,
            CASE WHEN is_part THEN coalesce(amount, 0) ELSE amount_fen END AS posted, -open_fen AS held
        FROM wanted
        JOIN ledger_hold_line USING (hold_id)
        LEFT JOIN unnest(p_amount_nos, p_amount_line_nos, p_amounts) AS part (no, line_no, amount)
            USING (no, line_no)
        UNION ALL
        SELECT no, false, extra.line_no + (SELECT max(line_no) FROM ledger_hold_line AS last
                                           WHERE last.hold_id = wanted.hold_id),
            debit_id, credit_id, amount, 0
        FROM wanted
        JOIN unnest(p_extra_nos, p_extra_line_nos, p_extra_debit_ids, p_extra_credit_ids, p_extra_amounts)
            AS extra (no, line_no, debit_id, credit_id, amount) USING (no)
        ORDER BY no, line_no
    )
    SELECT coalesce(array_agg(no::integer), '{}') AS entry_nos, coalesce(array_agg(line_no), '{}') AS line_nos,
        coalesce(array_agg(debit_id), '{}') AS debit_ids, coalesce(array_agg(credit_id), '{}') AS credit_ids,
        coalesce(array_agg(posted), '{}') AS posted, coalesce(array_agg(held), '{}') AS held
    INTO v_line
    FROM line;

    refusals := refusals || ARRAY(
        SELECT ROW(no, CASE WHEN bool_or(posted > -held AND held < 0) THEN 'over_hold' ELSE 'nothing_settled' END,
                   NULL, NULL, NULL)::ledger_refusal
        FROM unnest(v_line.entry_nos, v_line.posted, v_line.held) AS line (no, posted, held)
        GROUP BY no
        HAVING bool_or(posted > -held AND held < 0) OR sum(posted) = 0
        ORDER BY no);

    SELECT array_agg(coalesce(document_id, 0) ORDER BY no) AS document_ids
    INTO v_entry
    FROM unnest(p_hold_ids) WITH ORDINALITY AS wanted (hold_id, no)
    LEFT JOIN ledger_hold ON ledger_hold.id = wanted.hold_id;

    SELECT posted.entry_ids, posted.refusals INTO entry_ids, refusals
    FROM ledger_post(
        p_at, array_fill(p_actor_id, ARRAY[cardinality(p_hold_ids)]), p_kinds, v_entry.document_ids, p_fiscal_years, p_effective_ons, p_memos,
        array_fill(0::bigint, ARRAY[cardinality(p_hold_ids)]), v_line.entry_nos, v_line.line_nos, v_line.debit_ids, v_line.credit_ids,
        v_line.posted, v_line.held, refusals) AS posted;

    PERFORM ledger_door_open();
    UPDATE ledger_hold
    SET state = 'settled', entry_id = settled.entry_id, finished_at = p_at, finished_by = p_actor_id
    FROM unnest(p_hold_ids, entry_ids) AS settled (hold_id, entry_id)
    WHERE ledger_hold.id = settled.hold_id AND settled.entry_id <> 0;

    UPDATE ledger_hold_line
    SET open_fen = 0, settled_fen = line.posted
    FROM unnest(v_line.entry_nos, v_line.line_nos, v_line.posted, v_line.held) AS line (no, line_no, posted, held)
    WHERE ledger_hold_line.hold_id = p_hold_ids[line.no] AND ledger_hold_line.line_no = line.line_no
        AND line.held < 0 AND entry_ids[line.no] <> 0;
    PERFORM ledger_door_shut();
    PERFORM set_config('plan_cache_mode', v_plan_mode, true);
END
$$;

-- Gives back what a batch of holds (no id twice) reserves; p_state: voided or expired.
CREATE FUNCTION ledger_release(
    p_actor_id bigint, p_at timestamptz, p_hold_ids bigint[], p_state text, p_reason text,
    OUT refusals ledger_refusal[]
) LANGUAGE plpgsql AS $$
DECLARE
    v_plan_mode text := ledger_plan_for(cardinality(p_hold_ids));
    v_line record;
    v_nothing bigint[];
BEGIN
    refusals := ledger_lock_holds(p_hold_ids);

    SELECT coalesce(array_agg(no::integer), '{}') AS entry_nos,
        coalesce(array_agg(debit_account_id), '{}') AS debit_ids,
        coalesce(array_agg(credit_account_id), '{}') AS credit_ids,
        coalesce(array_agg(-open_fen), '{}') AS held
    INTO v_line
    FROM unnest(p_hold_ids) WITH ORDINALITY AS wanted (hold_id, no)
    JOIN ledger_hold_line USING (hold_id)
    WHERE no NOT IN (SELECT entry_no FROM unnest(refusals));
    v_nothing := array_fill(0::bigint, ARRAY[cardinality(v_line.held)]);

    -- for its locks
    PERFORM ledger_decide(v_line.entry_nos, v_line.debit_ids, v_line.credit_ids, v_nothing, v_line.held);

    PERFORM ledger_door_open();
    PERFORM ledger_move(p_hold_ids, NULL, NULL, v_line.entry_nos, v_line.debit_ids, v_line.credit_ids,
                        v_nothing, v_line.held);
    UPDATE ledger_hold
    SET state = p_state, finished_at = p_at, finished_by = p_actor_id, reason = p_reason
    WHERE id = ANY (p_hold_ids) AND state = 'held';

    UPDATE ledger_hold_line
    SET open_fen = 0
    FROM unnest(v_line.entry_nos) AS line (no)
    WHERE ledger_hold_line.hold_id = p_hold_ids[line.no];
    PERFORM ledger_door_shut();
    PERFORM set_config('plan_cache_mode', v_plan_mode, true);
END
$$;
