-- One row is a year in which the upper levels took less than nothing: 财政总收入 below 一般公共预算收入.
SELECT
    account.fiscal_year,
    sum(-balance.posted_fen) AS total_fen,
    sum(-balance.posted_fen) FILTER (WHERE account.subject = '4003') AS general_fen
FROM ledger_account AS account
JOIN ledger_balance AS balance ON balance.account_id = account.id
WHERE account.book = 'revenue' AND account.subject IN ('4001', '4002', '4003') AND account.fund = 'general'
GROUP BY account.fiscal_year
HAVING sum(-balance.posted_fen) FILTER (WHERE account.subject <> '4003') < 0
