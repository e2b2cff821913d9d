-- One row: a line that is there more than once.
SELECT fiscal_year, entry_id, line_no, count(*) AS line_count
FROM ledger_transfer
GROUP BY fiscal_year, entry_id, line_no
HAVING count(*) > 1
