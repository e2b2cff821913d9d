-- One row is an item whose receipts in force do not add up to its accounts.
WITH parts AS (
    SELECT fund, revenue_code, extract(year FROM received_on)::int AS fiscal_year, level.subject, level.fen
    FROM revenue_receipt
    CROSS JOIN LATERAL (VALUES ('4001', central_fen), ('4002', province_fen), ('4003', district_fen))
        AS level (subject, fen)
    WHERE is_active
), receipts AS (
    SELECT
        fund, revenue_code, fiscal_year,
        CASE
            WHEN revenue_code ~ '^(105|11011)' THEN '4009'
            WHEN starts_with(revenue_code, '110') THEN '4005'
            ELSE subject
        END AS subject,
        sum(fen) AS fen
    FROM parts
    GROUP BY 1, 2, 3, 4
), books AS (
    SELECT account.fund, account.revenue_code, account.fiscal_year::int, account.subject, -balance.posted_fen AS fen
    FROM ledger_account AS account
    JOIN ledger_balance AS balance ON balance.account_id = account.id
    WHERE account.book = 'revenue' AND account.subject IN ('4001', '4002', '4003', '4005', '4009')
)
SELECT
    coalesce(receipts.revenue_code, books.revenue_code) AS revenue_code,
    coalesce(receipts.fund, books.fund) AS fund,
    coalesce(receipts.fiscal_year, books.fiscal_year) AS fiscal_year,
    coalesce(receipts.subject, books.subject) AS subject,
    coalesce(receipts.fen, 0) AS receipts_fen,
    coalesce(books.fen, 0) AS ledger_fen
FROM receipts
FULL JOIN books
    ON books.fund = receipts.fund AND books.revenue_code = receipts.revenue_code
    AND books.fiscal_year = receipts.fiscal_year AND books.subject = receipts.subject
WHERE coalesce(receipts.fen, 0) <> coalesce(books.fen, 0)
