-- The posting function: the only way by which money moves in the ledger. Its rules: docs/adr/ledger-batches.md.
--
-- Batches come as arrays. Those with one element per entry are aligned with each other, and so are those with one
-- element per line; a line's entry_no is the position of its entry, from 1. Arrays hold no NULLs, because elements
-- are then found by their position at once: 0 stands for "none". They are unnested in the select list, which streams
-- them; in the FROM clause each would be stored first (three times slower).

CREATE TYPE ledger_refusal AS (
    entry_no      integer,  -- position of the entry in the batch, from 1
    code          text,
    account_id    bigint,
    available_fen bigint,   -- what the account could still give when the entry's turn came
    required_fen  bigint    -- what the entry, all its lines together, wanted of it
);

-- Locks the balances that the lines touch, and decides which entries would break a floor: exactly those that would,
-- if all were booked one after the other in input order. Changes nothing.
-- A line takes posted + held from its credit account's available money and gives posted to its debit account
-- (posting: held = 0; holding: posted = 0; settling: held < 0).
CREATE FUNCTION ledger_decide(
    p_entry_nos integer[], p_debit_ids bigint[], p_credit_ids bigint[], p_posted bigint[], p_held bigint[]
) RETURNS ledger_refusal[] LANGUAGE plpgsql AS $$
DECLARE
    v_debit_ids bigint[];     -- the pairs of accounts between which money moves,
    v_credit_ids bigint[];
    v_spent bigint[];         -- and how much in all
    v_touched bigint[];
    v_account_ids bigint[];   -- the touched accounts,
    v_rooms bigint[];         -- and how far each is above its floor; NULL: it has none
    v_short_ids bigint[];     -- the accounts that cannot pay for all entries out of what they have
    v_short_rooms bigint[];
    v_mixed record;
BEGIN
    SELECT array_agg(debit_id), array_agg(credit_id), array_agg(spent)
    INTO v_debit_ids, v_credit_ids, v_spent
    FROM (
        SELECT debit_id, credit_id, sum(greatest(posted + held, 0))::bigint AS spent
        FROM (
            SELECT unnest(p_debit_ids) AS debit_id, unnest(p_credit_ids) AS credit_id, unnest(p_posted) AS posted,
                unnest(p_held) AS held
        ) AS line
        GROUP BY debit_id, credit_id
    ) AS pair;

    -- This anti-join stands for the foreign keys of the journal.
    SELECT pair.* INTO v_mixed
    FROM unnest(v_debit_ids, v_credit_ids) AS pair (debit_id, credit_id)
    LEFT JOIN ledger_account AS debit ON debit.id = pair.debit_id
    LEFT JOIN ledger_account AS credit ON credit.id = pair.credit_id AND credit.book = debit.book
    WHERE credit.id IS NULL OR debit.id = credit.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'accounts % and % are not two accounts of one book', v_mixed.debit_id, v_mixed.credit_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transfer_one_book';
    END IF;

    -- All locks of a batch, at once and in account order: batches wait for each other, but never in a circle.
    v_touched := ARRAY(SELECT unnest(v_debit_ids) UNION SELECT unnest(v_credit_ids));
    SELECT array_agg(account_id), array_agg(room)
    INTO v_account_ids, v_rooms
    FROM (
        SELECT account_id, posted_fen - held_fen - floor_fen AS room
        FROM ledger_balance
        WHERE account_id = ANY (v_touched)
        ORDER BY account_id
        FOR NO KEY UPDATE
    ) AS locked;

    SELECT array_agg(account_id), array_agg(room)
    INTO v_short_ids, v_short_rooms
    FROM (
        SELECT credit_id AS account_id, sum(spent) AS spent
        FROM unnest(v_credit_ids, v_spent) AS pair (credit_id, spent)
        GROUP BY credit_id
    ) AS spending
    JOIN unnest(v_account_ids, v_rooms) AS account (account_id, room) USING (account_id)
    WHERE spent > room;

    IF v_short_ids IS NULL THEN  -- whatever is decided about the others, every entry can be paid
        RETURN '{}';
    END IF;
    RETURN ledger_decide_in_order(
        p_entry_nos, p_debit_ids, p_credit_ids, p_posted, p_held, v_short_ids, v_short_rooms);
END
$$;

-- The second half of ledger_decide: walks the entries that an account may not be able to pay, and only those.
CREATE FUNCTION ledger_decide_in_order(
    p_entry_nos integer[], p_debit_ids bigint[], p_credit_ids bigint[], p_posted bigint[], p_held bigint[],
    p_short_ids bigint[], p_short_rooms bigint[]
) RETURNS ledger_refusal[] LANGUAGE plpgsql AS $$
DECLARE
    v_refusals ledger_refusal[] := '{}';
    v_walked bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_short_ids)]);  -- accepted on the walk, by account
    v_entry record;
    v_available bigint;
    v_refusal ledger_refusal;
BEGIN
    FOR v_entry IN
        WITH short AS (
            SELECT account_id, room, slot
            FROM unnest(p_short_ids, p_short_rooms) WITH ORDINALITY AS account (account_id, room, slot)
        ), line AS (
            SELECT unnest(p_entry_nos) AS entry_no, unnest(p_debit_ids) AS debit_id,
                unnest(p_credit_ids) AS credit_id, unnest(p_posted) AS posted, unnest(p_held) AS held,
                generate_series(1, cardinality(p_entry_nos)) AS line_no
        ), change AS (  -- one row: what one entry, all its lines together, changes on one short account
            SELECT entry_no, account_id, room, slot,
                sum(amount)::bigint AS amount, min(line_no) AS line_no
            FROM (
                SELECT entry_no, credit_id AS account_id, -posted - held AS amount, line_no FROM line
                UNION ALL
                SELECT entry_no, debit_id, posted, line_no FROM line
            ) AS side
            JOIN short USING (account_id)
            GROUP BY entry_no, account_id, room, slot
        ), prospect AS (  -- with what remains if nothing comes in and all that wanted money before got it
            SELECT *, room + sum(least(amount, 0)) OVER (PARTITION BY slot ORDER BY entry_no) AS remains
            FROM change
        ), doubtful AS (
            SELECT DISTINCT entry_no
            FROM prospect
            WHERE amount < 0 AND remains < 0
        ), step AS (  -- with what the entries that are not in doubt leave on the account by then
            SELECT change.*, doubtful.entry_no IS NOT NULL AS is_doubtful,
                (room + coalesce(sum(amount) FILTER (WHERE doubtful.entry_no IS NULL)
                    OVER (PARTITION BY slot ORDER BY entry_no), 0))::bigint AS certain
            FROM change
            LEFT JOIN doubtful USING (entry_no)
        )
        SELECT entry_no,
            array_agg(slot::integer ORDER BY line_no) AS slots,
            array_agg(amount ORDER BY line_no) AS amounts,
            array_agg(certain ORDER BY line_no) AS certains
        FROM step
        WHERE is_doubtful
        GROUP BY entry_no
        ORDER BY entry_no
    LOOP
        v_refusal := NULL;
        FOR i IN 1 .. cardinality(v_entry.slots) LOOP
            v_available := v_entry.certains[i] + v_walked[v_entry.slots[i]];
            IF v_entry.amounts[i] < 0 AND v_available + v_entry.amounts[i] < 0 THEN
                v_refusal := ROW(v_entry.entry_no, 'floor', p_short_ids[v_entry.slots[i]],
                                 v_available, -v_entry.amounts[i]);
                v_refusals := v_refusals || v_refusal;
                EXIT;
            END IF;
        END LOOP;
        IF v_refusal IS NULL THEN
            FOR i IN 1 .. cardinality(v_entry.slots) LOOP
                v_walked[v_entry.slots[i]] := v_walked[v_entry.slots[i]] + v_entry.amounts[i];
            END LOOP;
        END IF;
    END LOOP;
    RETURN v_refusals;
END
$$;

-- The next ids of a sequence, one per element; 0 for those that are refused.
CREATE FUNCTION ledger_number(p_sequence regclass, p_count integer, p_refusals ledger_refusal[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[] := ARRAY(SELECT nextval(p_sequence) FROM generate_series(1, p_count));
    v_refusal ledger_refusal;
BEGIN
    FOREACH v_refusal IN ARRAY p_refusals LOOP
        v_ids[v_refusal.entry_no] := 0;
    END LOOP;
    RETURN v_ids;
END
$$;

-- Changes balances and turnovers by the lines whose entry is accepted. The balances are locked already.
-- p_ids (0: refused), p_periods, p_reverses_ids: one element per entry. A reversal is red: it takes from the turnovers
-- that the reversed entry had added to, as negative amounts in red ink do.
CREATE FUNCTION ledger_move(
    p_ids bigint[], p_periods integer[], p_reverses_ids bigint[],
    p_entry_nos integer[], p_debit_ids bigint[], p_credit_ids bigint[], p_posted bigint[], p_held bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH flow AS MATERIALIZED (  -- one row: what moves between two accounts in one period
        SELECT debit_id, credit_id, period, is_red, sum(posted) AS posted, sum(held) AS held
        FROM (
            SELECT debit_id, credit_id, posted, held, p_periods[entry_no] AS period,
                p_reverses_ids[entry_no] <> 0 AS is_red
            FROM (
                SELECT unnest(p_entry_nos) AS entry_no, unnest(p_debit_ids) AS debit_id,
                    unnest(p_credit_ids) AS credit_id, unnest(p_posted) AS posted, unnest(p_held) AS held
            ) AS line
            WHERE p_ids[entry_no] <> 0
        ) AS line
        GROUP BY debit_id, credit_id, period, is_red
    ), side AS MATERIALIZED (  -- one row: one account's side of a flow
        SELECT debit_id AS account_id, period, posted AS net, 0 AS held,
            CASE WHEN is_red THEN 0 ELSE posted END AS debit,
            CASE WHEN is_red THEN -posted ELSE 0 END AS credit
        FROM flow
        UNION ALL
        SELECT credit_id, period, -posted, held,
            CASE WHEN is_red THEN -posted ELSE 0 END,
            CASE WHEN is_red THEN 0 ELSE posted END
        FROM flow
    ), turnover AS (
        INSERT INTO ledger_turnover (account_id, period, debit_fen, credit_fen)
        SELECT account_id, period, sum(debit), sum(credit)
        FROM side
        WHERE debit <> 0 OR credit <> 0
        GROUP BY account_id, period
        ON CONFLICT (account_id, period) DO UPDATE
        SET debit_fen = ledger_turnover.debit_fen + excluded.debit_fen,
            credit_fen = ledger_turnover.credit_fen + excluded.credit_fen
    )
    UPDATE ledger_balance
    SET posted_fen = posted_fen + change.net,
        held_fen = held_fen + change.held
    FROM (
        SELECT account_id, sum(net)::bigint AS net, sum(held)::bigint AS held
        FROM side
        GROUP BY account_id
    ) AS change
    WHERE ledger_balance.account_id = change.account_id;
END
$$;

-- Returns which entries cannot be booked because of their date, after those that are refused already.
CREATE FUNCTION ledger_refuse_dates(p_fiscal_years integer[], p_periods integer[], p_refusals ledger_refusal[])
RETURNS ledger_refusal[] LANGUAGE plpgsql AS $$
DECLARE
    v_period record;
    v_state text;
BEGIN
    FOR v_period IN
        SELECT DISTINCT unnest(p_fiscal_years) AS fiscal_year, unnest(p_periods) AS period
        ORDER BY period, fiscal_year
    LOOP
        PERFORM pg_advisory_xact_lock_shared(ledger_period_lock_class(), v_period.period);
        SELECT state INTO v_state
        FROM ledger_period
        WHERE fiscal_year = v_period.fiscal_year AND period = v_period.period;
        IF v_state IS DISTINCT FROM 'open' THEN
            p_refusals := p_refusals || ARRAY(
                SELECT ROW(no, CASE WHEN v_state IS NULL THEN 'year_unopened' ELSE 'period_closed' END,
                           NULL, NULL, NULL)::ledger_refusal
                FROM unnest(p_fiscal_years, p_periods) WITH ORDINALITY AS entry (fiscal_year, period, no)
                WHERE fiscal_year = v_period.fiscal_year AND period = v_period.period
                    AND no NOT IN (SELECT entry_no FROM unnest(p_refusals)));
        END IF;
    END LOOP;
    RETURN p_refusals;
END
$$;

-- Books a batch of entries and returns, aligned with them, their ids (0: refused), and the refusals, to which the
-- caller may have made a start. Ids and voucher numbers rise with the position of the entry. Lines may come in any
-- order: a caller sorts those of a large batch by account, in portions of some ten thousand.
-- Which refusal is shown, if several apply: the caller's, year_unopened, period_closed, floor (of the first line that
-- meets one).
CREATE FUNCTION ledger_post(
    p_at timestamptz, p_actor_ids bigint[],
    p_kinds text[], p_document_ids bigint[], p_fiscal_years integer[], p_effective_ons date[], p_memos text[],
    p_reverses_ids bigint[],
    p_entry_nos integer[], p_line_nos integer[], p_debit_ids bigint[], p_credit_ids bigint[],
    p_posted bigint[], p_held bigint[],
    OUT entry_ids bigint[], INOUT refusals ledger_refusal[] DEFAULT '{}'
) LANGUAGE plpgsql AS $$
DECLARE
    v_xact_id bigint := events_xact_id();
    v_plan_mode text := ledger_plan_for(cardinality(p_entry_nos));
    v_periods integer[];
    v_line record;
    v_year record;
    v_first_voucher_no bigint;
BEGIN
    v_periods := ARRAY(
        SELECT (date_part('year', effective_on) * 100 + date_part('month', effective_on))::integer
        FROM (SELECT unnest(p_effective_ons) AS effective_on) AS entry);

    refusals := ledger_refuse_dates(p_fiscal_years, v_periods, refusals);
    IF refusals <> '{}' THEN
        SELECT coalesce(array_agg(entry_no), '{}') AS entry_nos, coalesce(array_agg(line_no), '{}') AS line_nos,
            coalesce(array_agg(debit_id), '{}') AS debit_ids, coalesce(array_agg(credit_id), '{}') AS credit_ids,
            coalesce(array_agg(posted), '{}') AS posted, coalesce(array_agg(held), '{}') AS held
        INTO v_line
        FROM unnest(p_entry_nos, p_line_nos, p_debit_ids, p_credit_ids, p_posted, p_held)
            AS line (entry_no, line_no, debit_id, credit_id, posted, held)
        WHERE entry_no NOT IN (SELECT refusal.entry_no FROM unnest(refusals) AS refusal);
        p_entry_nos := v_line.entry_nos;
        p_line_nos := v_line.line_nos;
        p_debit_ids := v_line.debit_ids;
        p_credit_ids := v_line.credit_ids;
        p_posted := v_line.posted;
        p_held := v_line.held;
    END IF;

    refusals := refusals || ledger_decide(p_entry_nos, p_debit_ids, p_credit_ids, p_posted, p_held);
    entry_ids := ledger_number('ledger_entry_id_seq', cardinality(p_kinds), refusals);

    PERFORM ledger_door_open();
    PERFORM ledger_move(entry_ids, v_periods, p_reverses_ids,
                        p_entry_nos, p_debit_ids, p_credit_ids, p_posted, p_held);

    INSERT INTO ledger_transfer (
        fiscal_year, entry_id, line_no, effective_on, period, debit_account_id, credit_account_id, amount_fen,
        is_reversal, recorded_at)
    SELECT
        p_fiscal_years[entry_no], entry_ids[entry_no], line_no, p_effective_ons[entry_no], v_periods[entry_no],
        debit_id, credit_id, posted, p_reverses_ids[entry_no] <> 0, p_at
    FROM (
        SELECT unnest(p_entry_nos) AS entry_no, unnest(p_line_nos) AS line_no, unnest(p_debit_ids) AS debit_id,
            unnest(p_credit_ids) AS credit_id, unnest(p_posted) AS posted
    ) AS line
    WHERE entry_ids[entry_no] <> 0 AND posted > 0;

    -- The last lock, because every batch of a year wants it: the voucher numbers, which have no gaps.
    FOR v_year IN
        SELECT fiscal_year, count(*) AS entry_count
        FROM (SELECT unnest(p_fiscal_years) AS fiscal_year, unnest(entry_ids) AS id) AS entry
        WHERE id <> 0
        GROUP BY fiscal_year
        ORDER BY fiscal_year
    LOOP
        UPDATE ledger_year
        SET next_voucher_no = next_voucher_no + v_year.entry_count
        WHERE fiscal_year = v_year.fiscal_year
        RETURNING next_voucher_no - v_year.entry_count INTO v_first_voucher_no;

        INSERT INTO ledger_entry (
            id, kind, document_id, fiscal_year, effective_on, memo, reverses_id, voucher_no,
            actor_id, recorded_at, xact_id)
        SELECT
            id, kind, nullif(document_id, 0), fiscal_year, effective_on, memo, nullif(reverses_id, 0),
            v_first_voucher_no - 1 + row_number() OVER (), actor_id, p_at, v_xact_id
        FROM (
            SELECT unnest(entry_ids) AS id, unnest(p_actor_ids) AS actor_id, unnest(p_kinds) AS kind, unnest(p_document_ids) AS document_id,
                unnest(p_fiscal_years) AS fiscal_year, unnest(p_effective_ons) AS effective_on,
                unnest(p_memos) AS memo, unnest(p_reverses_ids) AS reverses_id
        ) AS entry
        WHERE id <> 0 AND fiscal_year = v_year.fiscal_year;
    END LOOP;
    PERFORM ledger_door_shut();
    PERFORM set_config('plan_cache_mode', v_plan_mode, true);
END
$$;
