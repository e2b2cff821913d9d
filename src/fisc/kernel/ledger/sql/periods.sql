-- Fiscal years and their periods are opened and closed here.

-- The advisory lock of a period: postings share it, closing takes it alone. So nothing slips in while it closes.
CREATE FUNCTION ledger_period_lock_class() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 1279415376 $$;

-- Opens a fiscal year: its partition, its voucher numbers, its twelve periods. Doing it twice changes nothing.
CREATE FUNCTION ledger_open_year(p_fiscal_year integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_partition text := format('ledger_transfer_%s', p_fiscal_year);
BEGIN
    PERFORM pg_advisory_xact_lock(ledger_period_lock_class(), p_fiscal_year);
    IF EXISTS (SELECT FROM ledger_year WHERE fiscal_year = p_fiscal_year) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF ledger_transfer FOR VALUES IN (%s) '
                   'WITH (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000)',
                   v_partition, p_fiscal_year);
    PERFORM ledger_guard_table(v_partition::regclass, true);
    PERFORM ledger_door_open();
    INSERT INTO ledger_year (fiscal_year) VALUES (p_fiscal_year);
    INSERT INTO ledger_period (fiscal_year, period)
    SELECT p_fiscal_year, p_fiscal_year * 100 + month
    FROM generate_series(1, 12) AS month;
    PERFORM ledger_door_shut();
END
$$;

-- Closes or reopens one period; returns whether its state changed. Waits for the postings under way.
CREATE FUNCTION ledger_set_period_state(
    p_fiscal_year integer, p_period integer, p_state text, p_actor_id bigint, p_at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_changed boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(ledger_period_lock_class(), p_period);
    PERFORM ledger_door_open();
    UPDATE ledger_period
    SET state = p_state,
        closed_at = CASE WHEN p_state = 'closed' THEN p_at END,
        closed_by = CASE WHEN p_state = 'closed' THEN p_actor_id END
    WHERE fiscal_year = p_fiscal_year AND period = p_period AND state <> p_state;
    v_changed := FOUND;
    PERFORM ledger_door_shut();
    RETURN v_changed;
END
$$;
