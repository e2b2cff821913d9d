-- v_treasury_cash_cover: one row is one month with its last clearing: F14 库款保障水平 = 月末库款 ÷ 前 12 个月月均流出, held
-- against the lines in force at the month's end. Rules look at it. Amounts in 分.
CREATE VIEW v_treasury_cash_cover AS
WITH last_clearing AS (
    SELECT DISTINCT ON (month) document_id, cleared_on, month
    FROM (
        SELECT c.document_id, c.cleared_on,
            (extract(YEAR FROM c.cleared_on) * 100 + extract(MONTH FROM c.cleared_on))::integer AS month
        FROM treasury_clearing c
        JOIN documents_document h ON h.id = c.document_id AND h.state = 'cleared'
    ) AS cleared
    ORDER BY month, cleared_on DESC, document_id DESC
), cash AS (
    SELECT period, sum(net_fen) AS net_fen, sum(credit_fen) AS out_fen
    FROM v_ledger_turnover
    WHERE book = 'cash' AND subject = '1001'
    GROUP BY period
), figures AS (
    SELECT l.document_id, l.cleared_on, l.month,
        (SELECT coalesce(sum(net_fen), 0) FROM cash WHERE period <= l.month) AS balance_fen,
        -- with less than twelve months of books there is no average yet
        CASE WHEN (SELECT min(period) FROM cash) <= to_char(l.cleared_on - INTERVAL '11 months', 'YYYYMM')::integer THEN (
            SELECT coalesce(sum(out_fen), 0) / 12 FROM cash WHERE period > l.month - 100 AND period <= l.month
        ) END AS average_fen,
        line.low_cover, line.high_cover
    FROM last_clearing l
    CROSS JOIN LATERAL (
        SELECT low_cover, high_cover FROM treasury_cashline
        WHERE valid_from <= l.cleared_on
        ORDER BY valid_from DESC
        LIMIT 1
    ) AS line
)
SELECT
    f.document_id,
    h.number,
    h.fiscal_year::integer AS fiscal_year,
    f.cleared_on AS business_on,
    f.month,
    f.balance_fen::bigint AS balance_fen,
    round(f.average_fen)::bigint AS average_fen,
    CASE WHEN f.average_fen > 0 THEN round(f.balance_fen / f.average_fen, 4) END AS cover,
    f.low_cover,
    f.high_cover,
    coalesce(f.balance_fen < f.low_cover * f.average_fen, false) AS is_low,
    coalesce(f.balance_fen > f.high_cover * f.average_fen, false) AS is_high
FROM figures f
JOIN documents_document h ON h.id = f.document_id;

COMMENT ON COLUMN v_treasury_cash_cover.number IS '单号';
COMMENT ON COLUMN v_treasury_cash_cover.fiscal_year IS '年度';
COMMENT ON COLUMN v_treasury_cash_cover.business_on IS '清算日期';
COMMENT ON COLUMN v_treasury_cash_cover.month IS '月份';
COMMENT ON COLUMN v_treasury_cash_cover.balance_fen IS '月末库款（分）';
COMMENT ON COLUMN v_treasury_cash_cover.average_fen IS '前12个月月均流出（分）';
COMMENT ON COLUMN v_treasury_cash_cover.cover IS '库款保障水平（倍）';
COMMENT ON COLUMN v_treasury_cash_cover.low_cover IS '警戒线（倍）';
COMMENT ON COLUMN v_treasury_cash_cover.high_cover IS '充裕线（倍）';
COMMENT ON COLUMN v_treasury_cash_cover.is_low IS '低于警戒线';
COMMENT ON COLUMN v_treasury_cash_cover.is_high IS '高于充裕线';
