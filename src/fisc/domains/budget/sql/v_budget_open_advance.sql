-- v_budget_open_advance: one row is one advance (预拨、垫付) that took effect, with the day it did; amounts in 分.
CREATE VIEW v_budget_open_advance AS
SELECT
    header.id AS document_id,
    header.unit_id,
    header.fund,
    header.fiscal_year,
    header.amount_fen,
    advance.type,
    (advance.released_at AT TIME ZONE 'Asia/Shanghai')::date AS released_on,
    advance.due_on,
    header.state = 'released' AS is_open
FROM budget_advance AS advance
JOIN documents_document AS header ON header.id = advance.document_id
WHERE advance.released_at IS NOT NULL;

COMMENT ON COLUMN v_budget_open_advance.amount_fen IS '预拨金额（分）';
COMMENT ON COLUMN v_budget_open_advance.is_open IS '尚未清理';
