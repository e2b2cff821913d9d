-- name: receipts_equal_ledger
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
        sum(fen)::bigint AS fen
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

-- name: tasks_equal_ledger
-- One row is an item whose task in force is not what its account holds.
WITH tasks AS (
    SELECT
        task.year::int AS fiscal_year,
        CASE line.level WHEN 'central' THEN '8001' WHEN 'province' THEN '8002' ELSE '8003' END AS subject,
        line.fund, line.revenue_code, line.year_fen AS fen
    FROM revenue_task_line AS line
    JOIN revenue_task AS task ON task.document_id = line.task_id
    WHERE task.is_in_force AND line.year_fen <> 0
), books AS (
    SELECT account.fiscal_year::int, account.subject, account.fund, account.revenue_code, -balance.posted_fen AS fen
    FROM ledger_account AS account
    JOIN ledger_balance AS balance ON balance.account_id = account.id
    WHERE account.book = 'revenue' AND account.subject IN ('8001', '8002', '8003') AND balance.posted_fen <> 0
)
SELECT
    coalesce(tasks.revenue_code, books.revenue_code) AS revenue_code,
    coalesce(tasks.fund, books.fund) AS fund,
    coalesce(tasks.fiscal_year, books.fiscal_year) AS fiscal_year,
    coalesce(tasks.subject, books.subject) AS subject,
    coalesce(tasks.fen, 0) AS task_fen,
    coalesce(books.fen, 0) AS ledger_fen
FROM tasks
FULL JOIN books
    ON books.fiscal_year = tasks.fiscal_year AND books.subject = tasks.subject
    AND books.fund = tasks.fund AND books.revenue_code = tasks.revenue_code
WHERE coalesce(tasks.fen, 0) <> coalesce(books.fen, 0)

-- name: total_not_below_general
-- One row is a year in which the upper levels took less than nothing: 财政总收入 below 一般公共预算收入.
SELECT
    account.fiscal_year,
    sum(-balance.posted_fen)::bigint AS total_fen,
    (sum(-balance.posted_fen) FILTER (WHERE account.subject = '4003'))::bigint AS general_fen
FROM ledger_account AS account
JOIN ledger_balance AS balance ON balance.account_id = account.id
WHERE account.book = 'revenue' AND account.subject IN ('4001', '4002', '4003') AND account.fund = 'general'
GROUP BY account.fiscal_year
HAVING sum(-balance.posted_fen) FILTER (WHERE account.subject <> '4003') < 0

-- name: general_is_tax_and_nontax
-- One row is an account of the district's general revenue that is neither tax (101) nor non-tax (103).
SELECT account.fiscal_year, account.revenue_code, -balance.posted_fen AS amount_fen
FROM ledger_account AS account
JOIN ledger_balance AS balance ON balance.account_id = account.id
WHERE account.book = 'revenue' AND account.subject IN ('4001', '4002', '4003') AND account.fund = 'general'
  AND account.revenue_code !~ '^10[13]' AND balance.posted_fen <> 0

-- name: stated_balance_equals_cash
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
    coalesce(sum(by_day.fen), 0)::bigint AS ledger_fen,
    (stated.stated_balance_fen - coalesce(sum(by_day.fen), 0))::bigint AS difference_fen
FROM stated
LEFT JOIN by_day ON by_day.effective_on <= stated.business_on
GROUP BY stated.document_id, stated.number, stated.business_on, stated.stated_balance_fen
HAVING stated.stated_balance_fen <> coalesce(sum(by_day.fen), 0)

