-- One row: a year whose vouchers are not numbered 1, 2, 3 … up to the next number to be given.
SELECT year.fiscal_year, count(DISTINCT entry.voucher_no) AS voucher_count, max(entry.voucher_no) AS last_no,
    year.next_voucher_no
FROM ledger_year AS year
LEFT JOIN ledger_entry AS entry USING (fiscal_year)
GROUP BY year.fiscal_year
HAVING count(entry.id) <> count(DISTINCT entry.voucher_no) OR count(entry.id) <> year.next_voucher_no - 1 OR coalesce(max(entry.voucher_no), 0) <> year.next_voucher_no - 1
