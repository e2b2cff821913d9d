-- Accounts are made here, and nowhere else.

-- Makes the accounts that are missing. p_accounts: a JSON array of objects with the columns of ledger_account,
-- and floor_fen with has_floor where the account has a floor of its own (null: none); else it gets its subject's.
CREATE FUNCTION ledger_create_accounts(p_accounts jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_subject record;
BEGIN
    SELECT wanted.book, wanted.subject, subject.is_leaf INTO v_subject
    FROM jsonb_to_recordset(p_accounts) AS wanted (book text, subject text)
    LEFT JOIN ledger_subject AS subject ON subject.book = wanted.book AND subject.code = wanted.subject
    WHERE subject.is_leaf IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'subject %/% %', v_subject.book, v_subject.subject,
            CASE WHEN v_subject.is_leaf THEN 'is not in the chart' ELSE 'has subjects below it' END
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_account_subject',
                DETAIL = v_subject.book || '/' || v_subject.subject;
    END IF;

    PERFORM ledger_door_open();
    WITH account AS (
        INSERT INTO ledger_account (
            book, subject, fiscal_year, unit_id, project_id, fund, function_code, economic_code, revenue_code,
            allotment_id, counterparty, flags)
        SELECT
            book, subject, fiscal_year, unit_id, project_id, fund, function_code, economic_code, revenue_code,
            allotment_id, counterparty, flags
        FROM jsonb_populate_recordset(NULL::ledger_account, p_accounts)
        -- one order for all writers: two that make the same accounts wait for each other, but never in a circle
        ORDER BY book, subject, fiscal_year, unit_id, project_id, fund, function_code, economic_code, revenue_code,
            allotment_id, flags, counterparty
        ON CONFLICT (key) DO NOTHING
        RETURNING id, key, book, subject
    )
    INSERT INTO ledger_balance (account_id, floor_fen)
    SELECT account.id, CASE WHEN wanted.has_floor THEN wanted.floor_fen ELSE subject.default_floor_fen END
    FROM account
    JOIN ledger_subject AS subject ON subject.book = account.book AND subject.code = account.subject
    JOIN jsonb_to_recordset(p_accounts) AS wanted (key text, has_floor boolean, floor_fen bigint)
        ON wanted.key = account.key;
    PERFORM ledger_door_shut();
END
$$;

-- Changes the floors of accounts; refused by ledger_balance_floor where the account is already below.
CREATE FUNCTION ledger_set_floors(p_account_ids bigint[], p_floors bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ledger_balance
    WHERE account_id = ANY (p_account_ids)
    ORDER BY account_id
    FOR NO KEY UPDATE;

    PERFORM ledger_door_open();
    UPDATE ledger_balance
    SET floor_fen = wanted.floor_fen
    FROM unnest(p_account_ids, p_floors) AS wanted (account_id, floor_fen)
    WHERE ledger_balance.account_id = wanted.account_id;
    PERFORM ledger_door_shut();
END
$$;
