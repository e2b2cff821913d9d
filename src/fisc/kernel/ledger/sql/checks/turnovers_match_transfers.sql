-- One row: an account and period whose turnover, or an account whose balance (period NULL), is not the sum of its
-- transfers.
WITH proven AS MATERIALIZED (
    SELECT account_id, period, debit_fen, credit_fen
    FROM ledger_proven_turnover
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
