-- v_treasury_queue: one row is one approved payment or batch that waits to leave. Amounts in 分. Its place in the queue of
-- its fund is by (not overtakes, priority, waiting_since, document_id). Days are counted to the business date.
CREATE VIEW v_treasury_queue AS
WITH drawings AS (
    SELECT document_id, allotment_id, priority, settlement FROM treasury_payment
    UNION ALL
    SELECT document_id, allotment_id, priority, settlement FROM treasury_batch
), today AS (
    SELECT coalesce((SELECT business_on FROM orgs_clock WHERE id = 1), (now() AT TIME ZONE 'Asia/Shanghai')::date) AS day
)
SELECT
    d.document_id,
    h.kind,
    h.number,
    h.fiscal_year::integer AS fiscal_year,
    h.unit_id,
    h.section_code,
    h.fund,
    h.title AS purpose,
    h.counterparty AS payee_name,
    h.amount_fen,
    d.allotment_id,
    d.priority::integer AS priority,
    d.settlement,
    coalesce(r.finished_at, h.updated_at) AS waiting_since,
    (coalesce(r.finished_at, h.updated_at) AT TIME ZONE 'Asia/Shanghai')::date AS waiting_since_on,
    greatest(0, t.day - (coalesce(r.finished_at, h.updated_at) AT TIME ZONE 'Asia/Shanghai')::date) AS waiting_days,
    EXISTS (
        SELECT FROM treasury_overtaking o WHERE o.payment_id = d.document_id AND o.is_signed
    ) AS overtakes,
    EXISTS (
        SELECT FROM treasury_queueorder q WHERE q.covered_fund = h.fund AND q.is_on AND q.starts_on <= t.day
    ) AS is_queued
FROM drawings d
JOIN documents_document h ON h.id = d.document_id
LEFT JOIN approvals_route r ON r.document_id = d.document_id
CROSS JOIN today t
WHERE h.state = 'approved';
