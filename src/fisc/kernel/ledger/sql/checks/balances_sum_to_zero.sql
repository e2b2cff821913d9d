-- One row: a book whose balances do not sum to nothing. What one account gives, another gets.
SELECT account.book, sum(balance.posted_fen) AS difference_fen
FROM ledger_balance AS balance
JOIN ledger_account AS account ON account.id = balance.account_id
GROUP BY account.book
HAVING sum(balance.posted_fen) <> 0
