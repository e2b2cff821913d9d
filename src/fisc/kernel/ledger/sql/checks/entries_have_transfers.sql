-- One row: an entry without transfers, or a transfer whose entry is missing or says otherwise.
SELECT entry.id AS entry_id, transfer.entry_id AS transfer_entry_id, transfer.line_no
FROM ledger_entry AS entry
FULL JOIN ledger_transfer AS transfer
    ON transfer.entry_id = entry.id AND transfer.fiscal_year = entry.fiscal_year
WHERE entry.id IS NULL OR transfer.entry_id IS NULL
    OR transfer.effective_on <> entry.effective_on OR transfer.recorded_at <> entry.recorded_at
    OR transfer.is_reversal <> (entry.reverses_id IS NOT NULL)
