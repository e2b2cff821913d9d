-- One row: what 国库存款 of all funds held at the end of a day.
SELECT coalesce(sum(CASE WHEN account.id = transfer.debit_account_id THEN transfer.amount_fen
                         ELSE -transfer.amount_fen END), 0)
FROM ledger_account AS account
JOIN ledger_transfer AS transfer ON account.id IN (transfer.debit_account_id, transfer.credit_account_id)
WHERE account.book = 'cash' AND account.subject = '1001' AND transfer.effective_on <= %s
