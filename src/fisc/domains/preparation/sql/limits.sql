-- v_preparation_limit_facts: one row is one round with the legal time limits of its departments on the business day.
CREATE VIEW v_preparation_limit_facts AS
WITH today AS (
    SELECT coalesce((SELECT business_on FROM orgs_clock), (now() AT TIME ZONE 'Asia/Shanghai')::date) AS day
),
running AS (
    -- one row is one limit of one department that is not met yet
    SELECT t.round_id, t.unit_id, l.due_on
    FROM preparation_timer AS t
    CROSS JOIN LATERAL (
        VALUES (t.reply_due_on, t.replied_on), (t.forward_due_on, t.forwarded_on), (t.disclose_due_on, t.disclosed_on)
    ) AS l (due_on, done_on)
    WHERE l.due_on IS NOT NULL AND l.done_on IS NULL
)
SELECT
    h.id AS document_id,
    h.number,
    h.unit_id,
    h.business_on,
    r.fiscal_year::integer AS fiscal_year,
    count(DISTINCT running.unit_id) FILTER (WHERE running.due_on < today.day)::integer AS late_count,
    count(DISTINCT running.unit_id) FILTER (WHERE running.due_on BETWEEN today.day AND today.day + 3)::integer AS near_count,
    min(running.due_on) AS first_due_on
FROM preparation_round AS r
JOIN documents_document AS h ON h.id = r.document_id
CROSS JOIN today
LEFT JOIN running ON running.round_id = r.document_id
WHERE r.approved_on IS NOT NULL
GROUP BY h.id, r.fiscal_year;

COMMENT ON COLUMN v_preparation_limit_facts.fiscal_year IS '预算年度';
COMMENT ON COLUMN v_preparation_limit_facts.late_count IS '已过法定期限的部门数';
COMMENT ON COLUMN v_preparation_limit_facts.near_count IS '三天内到期的部门数';
COMMENT ON COLUMN v_preparation_limit_facts.first_due_on IS '最早的期限';
