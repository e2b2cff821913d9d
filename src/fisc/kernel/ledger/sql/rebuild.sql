-- Turnovers are kept by the posting function; here they are computed again from the journal.

-- What the transfers add up to, per account and period. The journal is read once: it is first summed per pair of
-- accounts, of which there are far fewer than transfers.
CREATE VIEW ledger_proven_turnover AS
WITH flow AS MATERIALIZED (
    SELECT debit_account_id, credit_account_id, period, is_reversal, sum(amount_fen) AS amount_fen
    FROM ledger_transfer
    GROUP BY debit_account_id, credit_account_id, period, is_reversal
)
SELECT account_id, period, sum(debit_fen)::bigint AS debit_fen, sum(credit_fen)::bigint AS credit_fen
FROM (
    SELECT debit_account_id AS account_id, period,
        CASE WHEN is_reversal THEN 0 ELSE amount_fen END AS debit_fen,
        CASE WHEN is_reversal THEN -amount_fen ELSE 0 END AS credit_fen
    FROM flow
    UNION ALL
    SELECT credit_account_id, period,
        CASE WHEN is_reversal THEN -amount_fen ELSE 0 END,
        CASE WHEN is_reversal THEN 0 ELSE amount_fen END
    FROM flow
) AS side
GROUP BY account_id, period;

-- Makes every turnover what the transfers say; returns how many there are and how many were wrong.
CREATE FUNCTION ledger_rebuild_turnovers(OUT turnover_count bigint, OUT changed_count bigint)
LANGUAGE plpgsql AS $$
BEGIN
    -- No posting may run between reading the journal and writing the sums.
    LOCK TABLE ledger_balance, ledger_turnover IN SHARE ROW EXCLUSIVE MODE;

    PERFORM ledger_door_open();
    WITH proven AS MATERIALIZED (
        SELECT account_id, period, debit_fen, credit_fen
        FROM ledger_proven_turnover
    ), removed AS (
        DELETE FROM ledger_turnover AS turnover
        WHERE NOT EXISTS (
            SELECT FROM proven
            WHERE proven.account_id = turnover.account_id AND proven.period = turnover.period)
        RETURNING 1
    ), written AS (
        INSERT INTO ledger_turnover (account_id, period, debit_fen, credit_fen)
        SELECT account_id, period, debit_fen, credit_fen
        FROM proven
        ON CONFLICT (account_id, period) DO UPDATE
        SET debit_fen = excluded.debit_fen, credit_fen = excluded.credit_fen
        WHERE (ledger_turnover.debit_fen, ledger_turnover.credit_fen) <> (excluded.debit_fen, excluded.credit_fen)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM removed) + (SELECT count(*) FROM written) INTO changed_count;
    PERFORM ledger_door_shut();
    SELECT count(*) INTO turnover_count FROM ledger_turnover;
END
$$;
