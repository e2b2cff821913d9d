-- One row: a reversal that does not take back exactly what its entry booked.
WITH line AS (
    SELECT reversal.reverses_id AS entry_id, reversal.id AS reversal_id, transfer.line_no,
        transfer.credit_account_id AS debit_account_id, transfer.debit_account_id AS credit_account_id,
        transfer.amount_fen
    FROM ledger_entry AS reversal
    JOIN ledger_transfer AS transfer
        ON transfer.entry_id = reversal.id AND transfer.fiscal_year = reversal.fiscal_year
    WHERE reversal.reverses_id IS NOT NULL
), original AS (
    SELECT entry.id AS entry_id, transfer.line_no, transfer.debit_account_id, transfer.credit_account_id,
        transfer.amount_fen
    FROM ledger_entry AS entry
    JOIN ledger_transfer AS transfer
        ON transfer.entry_id = entry.id AND transfer.fiscal_year = entry.fiscal_year
    WHERE entry.id IN (SELECT reverses_id FROM ledger_entry WHERE reverses_id IS NOT NULL)
)
SELECT entry_id, line.reversal_id, line_no
FROM line
FULL JOIN original USING (entry_id, line_no)
WHERE (line.debit_account_id, line.credit_account_id, line.amount_fen)
    IS DISTINCT FROM (original.debit_account_id, original.credit_account_id, original.amount_fen)
