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
