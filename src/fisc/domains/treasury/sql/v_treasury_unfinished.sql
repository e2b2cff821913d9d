-- v_treasury_unfinished: one row is one payment or batch that holds money of an allotment and is neither paid nor given
-- up: what stands in the way of closing a year. Amounts in 分.
CREATE VIEW v_treasury_unfinished AS
WITH drawings AS (
    SELECT document_id, allotment_id FROM treasury_payment
    UNION ALL
    SELECT document_id, allotment_id FROM treasury_batch
)
SELECT
    h.fiscal_year::integer AS fiscal_year,
    d.allotment_id,
    d.document_id,
    h.state,
    h.amount_fen
FROM drawings d
JOIN documents_document h ON h.id = d.document_id
WHERE h.state IN ('in_review', 'approved', 'sent');
