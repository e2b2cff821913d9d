-- One row is a day whose 库存余额 in the treasury's report differs from 国库存款 in the ledger at the end of that day.
WITH stated AS (
    SELECT report.document_id, document.number, document.business_on, report.stated_balance_fen
    FROM revenue_daily_report AS report
    JOIN documents_document AS document ON document.id = report.document_id
    WHERE report.stated_balance_fen IS NOT NULL AND document.state = 'posted'
), cash AS (
    SELECT account.id
    FROM ledger_account AS account
    WHERE account.book = 'cash' AND account.subject = '1001'
), movements AS (
    SELECT transfer.effective_on, transfer.amount_fen AS fen
    FROM ledger_transfer AS transfer
    JOIN cash ON cash.id = transfer.debit_account_id
    UNION ALL
    SELECT transfer.effective_on, -transfer.amount_fen
    FROM ledger_transfer AS transfer
    JOIN cash ON cash.id = transfer.credit_account_id
), by_day AS (
    SELECT effective_on, sum(fen) AS fen FROM movements GROUP BY effective_on
)
SELECT
    stated.number, stated.business_on, stated.stated_balance_fen,
    coalesce(sum(by_day.fen), 0) AS ledger_fen,
    stated.stated_balance_fen - coalesce(sum(by_day.fen), 0) AS difference_fen
FROM stated
LEFT JOIN by_day ON by_day.effective_on <= stated.business_on
GROUP BY stated.document_id, stated.number, stated.business_on, stated.stated_balance_fen
HAVING stated.stated_balance_fen <> coalesce(sum(by_day.fen), 0)
