-- One row per document header: what conditions may look at where a kind has no fact view of its own.
CREATE OR REPLACE VIEW v_document_facts AS
SELECT
    d.id AS document_id,
    d.kind,
    d.number,
    d.fiscal_year::int AS fiscal_year,
    d.unit_id,
    u.code AS unit_code,
    u.name AS unit_name,
    u.kind AS unit_level,
    d.section_code,
    d.state,
    d.title,
    d.amount_fen,
    d.fund,
    d.counterparty,
    d.business_on,
    d.maker_id,
    d.tags::text[] AS tags
FROM documents_document AS d
JOIN orgs_unit AS u ON u.id = d.unit_id;

COMMENT ON COLUMN v_document_facts.document_id IS '单据';
COMMENT ON COLUMN v_document_facts.kind IS '单据种类';
COMMENT ON COLUMN v_document_facts.number IS '单号';
COMMENT ON COLUMN v_document_facts.fiscal_year IS '年度';
COMMENT ON COLUMN v_document_facts.unit_id IS '单位（内部号）';
COMMENT ON COLUMN v_document_facts.unit_code IS '单位编码';
COMMENT ON COLUMN v_document_facts.unit_name IS '单位名称';
COMMENT ON COLUMN v_document_facts.unit_level IS '单位类别';
COMMENT ON COLUMN v_document_facts.section_code IS '归口股室';
COMMENT ON COLUMN v_document_facts.state IS '状态';
COMMENT ON COLUMN v_document_facts.title IS '摘要';
COMMENT ON COLUMN v_document_facts.amount_fen IS '金额（分）';
COMMENT ON COLUMN v_document_facts.fund IS '资金性质';
COMMENT ON COLUMN v_document_facts.counterparty IS '对方';
COMMENT ON COLUMN v_document_facts.business_on IS '业务日期';
COMMENT ON COLUMN v_document_facts.maker_id IS '制单人（内部号）';
COMMENT ON COLUMN v_document_facts.tags IS '标签';
