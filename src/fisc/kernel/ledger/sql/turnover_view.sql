-- Published for modules that count what only they can tell apart (三保 by item, 一般性支出): read only.
-- One row: what one account turned over in one month, with the account's dimensions. Amounts in 分.
CREATE VIEW v_ledger_turnover AS
SELECT
    account.id AS account_id,
    account.book,
    account.subject,
    account.fiscal_year::integer AS fiscal_year,
    account.unit_id,
    account.project_id,
    account.fund,
    account.function_code,
    account.economic_code,
    account.revenue_code,
    account.allotment_id,
    account.flags::integer AS flags,
    turnover.period,
    turnover.debit_fen,
    turnover.credit_fen,
    turnover.debit_fen - turnover.credit_fen AS net_fen
FROM ledger_account AS account
JOIN ledger_turnover AS turnover ON turnover.account_id = account.id;
