-- One row: a transfer whose period is not the month of its date.
SELECT fiscal_year, entry_id, line_no, period, effective_on
FROM ledger_transfer
WHERE period <> date_part('year', effective_on) * 100 + date_part('month', effective_on)
