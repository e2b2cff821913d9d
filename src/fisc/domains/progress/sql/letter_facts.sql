-- v_progress_letter_facts: one row is one letter (催办, 约谈) with what a rule or a figure may look at. Amounts in 分.
CREATE VIEW v_progress_letter_facts AS
SELECT
    l.document_id,
    h.number,
    h.state,
    h.fiscal_year::integer AS fiscal_year,
    h.business_on,
    h.unit_id,
    u.name AS unit_name,
    h.section_code,
    l.manner,
    l.gap_points,
    l.behind_fen,
    l.due_on,
    l.replied_on,
    l.replied_on IS NOT NULL AS is_replied,
    coalesce(l.replied_on > l.due_on, false) AS replied_late
FROM progress_letter AS l
JOIN documents_document AS h ON h.id = l.document_id
JOIN orgs_unit AS u ON u.id = h.unit_id;

COMMENT ON COLUMN v_progress_letter_facts.number IS '单号';
COMMENT ON COLUMN v_progress_letter_facts.state IS '状态';
COMMENT ON COLUMN v_progress_letter_facts.fiscal_year IS '年度';
COMMENT ON COLUMN v_progress_letter_facts.business_on IS '发出日期';
COMMENT ON COLUMN v_progress_letter_facts.unit_name IS '单位名称';
COMMENT ON COLUMN v_progress_letter_facts.section_code IS '归口股室';
COMMENT ON COLUMN v_progress_letter_facts.manner IS '方式（urge 催办，talk 约谈）';
COMMENT ON COLUMN v_progress_letter_facts.gap_points IS '滞后（百分点）';
COMMENT ON COLUMN v_progress_letter_facts.behind_fen IS '滞后金额（分）';
COMMENT ON COLUMN v_progress_letter_facts.due_on IS '回复期限';
COMMENT ON COLUMN v_progress_letter_facts.replied_on IS '回复日期';
COMMENT ON COLUMN v_progress_letter_facts.is_replied IS '已回复';
COMMENT ON COLUMN v_progress_letter_facts.replied_late IS '逾期回复';
