-- One row is an account of the district's general revenue that is neither tax (101) nor non-tax (103).
SELECT account.fiscal_year, account.revenue_code, -balance.posted_fen AS amount_fen
FROM ledger_account AS account
JOIN ledger_balance AS balance ON balance.account_id = account.id
WHERE account.book = 'revenue' AND account.subject IN ('4001', '4002', '4003') AND account.fund = 'general'
  AND account.revenue_code !~ '^10[13]' AND balance.posted_fen <> 0
