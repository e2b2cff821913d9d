-- v_projects_project: published. One row is one project of any state; amounts in 分. See README.md.
CREATE VIEW v_projects_project AS
SELECT
    p.document_id AS project_id,
    p.code,
    h.title,
    h.unit_id,
    coalesce(u.parent_id, u.id) AS department_id,
    h.section_code,
    h.state,
    p.category,
    p.nature,
    p.guarantee_item,
    p.start_year::integer AS start_year,
    p.end_year::integer AS end_year,
    h.amount_fen AS total_fen,
    p.is_bond,
    p.is_procurement,
    p.is_asset,
    p.is_new_policy,
    p.has_upper_money,
    p.contract_fen,
    p.grade,
    (
        SELECT r.rank::integer FROM projects_rank AS r
        WHERE r.project_id = p.document_id
        ORDER BY r.fiscal_year DESC
        LIMIT 1
    ) AS rank
FROM projects_project AS p
JOIN documents_document AS h ON h.id = p.document_id
JOIN orgs_unit AS u ON u.id = h.unit_id;

-- v_projects_rank: published. One row is the place of one project in its department for one budget year.
CREATE VIEW v_projects_rank AS
SELECT project_id, department_id, fiscal_year::integer AS fiscal_year, rank::integer AS rank
FROM projects_rank;

-- v_projects_year: published. One row is one project in one year: what it was meant to take (分年安排), 分.
CREATE VIEW v_projects_year AS
SELECT project_id, fiscal_year::integer AS fiscal_year, amount_fen
FROM projects_yearamount;

-- v_evaluation_facts: one row is one 事前绩效评估, with everything a rule may look at. Amounts in 分.
CREATE VIEW v_evaluation_facts AS
SELECT
    e.document_id,
    h.number,
    h.state,
    h.fiscal_year::integer AS fiscal_year,
    h.business_on,
    h.unit_id,
    e.project_id,
    ph.title AS project_title,
    ph.amount_fen AS total_fen,
    e.suggested_fen,
    greatest(ph.amount_fen - e.suggested_fen, 0) AS reduced_fen,
    e.conclusion,
    (e.necessity + e.economy + e.goals + e.feasibility + e.funding)::integer AS score,
    least(e.necessity, e.economy, e.goals, e.feasibility, e.funding)::integer AS lowest_score,
    e.report_reference <> '' OR EXISTS (
        SELECT FROM documents_attachment AS f WHERE f.document_id = e.document_id AND f.removed_at IS NULL
    ) AS has_report
FROM projects_evaluation AS e
JOIN documents_document AS h ON h.id = e.document_id
JOIN documents_document AS ph ON ph.id = e.project_id;

COMMENT ON COLUMN v_evaluation_facts.number IS '单号';
COMMENT ON COLUMN v_evaluation_facts.state IS '状态';
COMMENT ON COLUMN v_evaluation_facts.fiscal_year IS '年度';
COMMENT ON COLUMN v_evaluation_facts.business_on IS '评估日期';
COMMENT ON COLUMN v_evaluation_facts.project_title IS '项目';
COMMENT ON COLUMN v_evaluation_facts.total_fen IS '项目总额（分）';
COMMENT ON COLUMN v_evaluation_facts.suggested_fen IS '评估核定额（分）';
COMMENT ON COLUMN v_evaluation_facts.reduced_fen IS '核减额（分）';
COMMENT ON COLUMN v_evaluation_facts.conclusion IS '评估结论（passed 通过，failed 不通过）';
COMMENT ON COLUMN v_evaluation_facts.score IS '五项总分';
COMMENT ON COLUMN v_evaluation_facts.lowest_score IS '最低一项得分';
COMMENT ON COLUMN v_evaluation_facts.has_report IS '评估报告已附或有文号';
