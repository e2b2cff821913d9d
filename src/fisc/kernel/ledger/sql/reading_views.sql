-- Published for other modules: read only. Amounts in 分.

-- v_ledger_hold: one row is one line of a hold: what it reserves on its credit account, and what is still open of it.
CREATE VIEW v_ledger_hold AS
SELECT
    hold.id AS hold_id,
    hold.document_id,
    hold.state,
    hold.held_on,
    account.book,
    account.subject,
    account.fiscal_year::integer AS fiscal_year,
    account.unit_id,
    account.fund,
    account.allotment_id,
    line.line_no,
    line.amount_fen,
    line.open_fen,
    line.settled_fen
FROM ledger_hold AS hold
JOIN ledger_hold_line AS line ON line.hold_id = hold.id
JOIN ledger_account AS account ON account.id = line.credit_account_id;

-- v_ledger_day: one row is what one account turned over on one day. Reversals count negative on the side taken back.
CREATE VIEW v_ledger_day AS
SELECT
    account.id AS account_id,
    account.book,
    account.subject,
    account.fund,
    account.revenue_code,
    posting.effective_on,
    sum(posting.debit_fen)::bigint AS debit_fen,
    sum(posting.credit_fen)::bigint AS credit_fen
FROM ledger_account AS account
JOIN (
    SELECT debit_account_id AS account_id, effective_on,
        CASE WHEN is_reversal THEN 0 ELSE amount_fen END AS debit_fen,
        CASE WHEN is_reversal THEN -amount_fen ELSE 0 END AS credit_fen
    FROM ledger_transfer
    UNION ALL
    SELECT credit_account_id, effective_on,
        CASE WHEN is_reversal THEN -amount_fen ELSE 0 END,
        CASE WHEN is_reversal THEN 0 ELSE amount_fen END
    FROM ledger_transfer
) AS posting ON posting.account_id = account.id
GROUP BY account.id, account.book, account.subject, account.fund, account.revenue_code, posting.effective_on;
