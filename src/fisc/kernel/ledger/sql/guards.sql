-- The one door. The functions of the ledger open it for their own statements and shut it again; every table of the
-- ledger refuses a write while it is shut, whoever asks, the owner and the superuser included. A superuser can still
-- switch triggers off: such a change is found by the seals. See docs/adr/ledger-one-door.md.

-- Within one transaction the setting holds that transaction's number; it ends with the transaction or its savepoint.
CREATE FUNCTION ledger_door_open() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN set_config('fisc.ledger_door', pg_current_xact_id()::text, true);
END
$$;

CREATE FUNCTION ledger_door_shut() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN set_config('fisc.ledger_door', '', true);
END
$$;

-- Whether the statements of the ledger's functions are planned anew for the size of their arrays: worth it for a large
-- batch, while for a single payment planning would take longer than the work. Returns the setting to go back to.
CREATE FUNCTION ledger_plan_for(p_line_count integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_before text := current_setting('plan_cache_mode');
    v_now text := CASE WHEN p_line_count <= 200 THEN 'force_generic_plan' ELSE 'force_custom_plan' END;
BEGIN
    v_now := set_config('plan_cache_mode', v_now, true);
    RETURN v_before;
END
$$;

CREATE FUNCTION ledger_guard_door() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('fisc.ledger_door', true) IS DISTINCT FROM pg_current_xact_id_if_assigned()::text THEN
        RAISE EXCEPTION '% of % is refused: only the functions of the ledger write here', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_one_door', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION ledger_guard_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what is booked is never changed, only reversed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_append_only', TABLE = TG_TABLE_NAME;
END
$$;

-- Statement triggers of a partitioned table do not reach a statement on the partition itself, so each gets its own.
CREATE FUNCTION ledger_guard_table(p_table regclass, p_is_journal boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_is_journal THEN
        EXECUTE format('CREATE TRIGGER ledger_one_door BEFORE INSERT ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_door()', p_table);
        EXECUTE format('CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_journal()', p_table);
    ELSE
        EXECUTE format('CREATE TRIGGER ledger_one_door BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_door()', p_table);
    END IF;
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC', p_table);
END
$$;

SELECT ledger_guard_table(name::regclass, name IN ('ledger_entry', 'ledger_transfer'))
FROM unnest(ARRAY[
    'ledger_account', 'ledger_balance', 'ledger_year', 'ledger_period', 'ledger_entry', 'ledger_transfer',
    'ledger_turnover', 'ledger_hold', 'ledger_hold_line'
]) AS guarded(name);
