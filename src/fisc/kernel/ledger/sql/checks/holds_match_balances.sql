-- One row: an account whose held amount is not the sum of what open holds reserve on it.
WITH open_hold AS (
    SELECT line.credit_account_id AS account_id, sum(line.open_fen) AS held_fen
    FROM ledger_hold_line AS line
    JOIN ledger_hold AS hold ON hold.id = line.hold_id
    WHERE line.open_fen > 0 AND hold.state = 'held'
    GROUP BY line.credit_account_id
), reserved AS (  -- also by holds that are over, which would be an error
    SELECT credit_account_id AS account_id, sum(open_fen) AS held_fen
    FROM ledger_hold_line
    WHERE open_fen > 0
    GROUP BY credit_account_id
)
SELECT balance.account_id, balance.held_fen, open_hold.held_fen AS open_fen, reserved.held_fen AS reserved_fen
FROM ledger_balance AS balance
LEFT JOIN open_hold USING (account_id)
LEFT JOIN reserved USING (account_id)
WHERE balance.held_fen <> coalesce(open_hold.held_fen, 0) OR balance.held_fen <> coalesce(reserved.held_fen, 0)
