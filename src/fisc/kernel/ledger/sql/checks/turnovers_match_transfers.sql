-- One row: an account and period whose turnover, or an account whose balance (period NULL), is not the sum of its
-- transfers. The journal is read once: first summed per pair of accounts, of which there are far fewer than rows.
WITH flow AS MATERIALIZED (
    SELECT debit_account_id, credit_account_id, period, is_reversal, sum(amount_fen) AS amount_fen
    FROM ledger_transfer
    GROUP BY debit_account_id, credit_account_id, period, is_reversal
), proven AS MATERIALIZED (
    SELECT account_id, period, sum(debit_fen) AS debit_fen, sum(credit_fen) AS credit_fen
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
    GROUP BY account_id, period
), proven_balance AS (
    SELECT account_id, sum(debit_fen - credit_fen) AS posted_fen
    FROM proven
    GROUP BY account_id
)
SELECT account_id, period, turnover.debit_fen, turnover.credit_fen,
    proven.debit_fen AS proven_debit_fen, proven.credit_fen AS proven_credit_fen
FROM proven
FULL JOIN ledger_turnover AS turnover USING (account_id, period)
WHERE coalesce(turnover.debit_fen, 0) <> coalesce(proven.debit_fen, 0)
    OR coalesce(turnover.credit_fen, 0) <> coalesce(proven.credit_fen, 0)
UNION ALL
SELECT account_id, NULL, balance.posted_fen, NULL, proven_balance.posted_fen, NULL
FROM proven_balance
FULL JOIN ledger_balance AS balance USING (account_id)
WHERE coalesce(balance.posted_fen, 0) <> coalesce(proven_balance.posted_fen, 0)
