-- v_project_facts: one row is one project, with everything a rule may look at. Amounts in 分.
CREATE VIEW v_project_facts AS
SELECT
    p.document_id,
    h.number,
    h.state,
    h.fiscal_year::integer AS fiscal_year,
    h.business_on,
    h.unit_id,
    u.code AS unit_code,
    u.name AS unit_name,
    h.section_code,
    h.title,
    h.amount_fen,
    p.code,
    p.category,
    p.nature,
    p.guarantee_item,
    p.start_year::integer AS start_year,
    p.end_year::integer AS end_year,
    p.is_bond,
    p.is_procurement,
    p.is_asset,
    p.is_new_policy,
    p.has_upper_money,
    p.contract_fen,
    p.grade,
    CHAR_LENGTH(p.basis)::integer AS basis_length,
    p.is_new_policy OR p.start_year >= h.fiscal_year AS is_new,
    p.category IN ('operating', 'special')
        AND (p.is_new_policy OR p.start_year >= h.fiscal_year)
        AND h.amount_fen >= projects_limit('XM05', 'from_fen', h.business_on) AS needs_evaluation,
    e.conclusion IS NOT NULL AND e.conclusion = 'passed' AS is_evaluated,
    coalesce(e.conclusion, '') AS evaluation_conclusion,
    coalesce(e.suggested_fen, 0) AS evaluated_fen,
    i.indicator_count,
    i.unmeasurable_count,
    i.unmeasurable_names,
    i.indicator_names,
    i.weight_sum,
    i.has_output,
    i.has_effect,
    m.estimate_count,
    y.years_fen,
    s.source_fen,
    s.upper_fen,
    s.bond_fen,
    s.special_bond_fen,
    t.bond_paper_count,
    p.bond_reference <> '' OR t.bond_paper_count >= 3 AS has_bond_papers,
    p.is_self_balanced,
    coalesce(r.rank, 0)::integer AS rank,
    w.since IS NOT NULL AS has_open_withdrawal,
    w.since AS idle_since
FROM projects_project AS p
JOIN documents_document AS h ON h.id = p.document_id
JOIN orgs_unit AS u ON u.id = h.unit_id
LEFT JOIN LATERAL (
    -- the newest evaluation that has been concluded
    SELECT v.conclusion, v.suggested_fen
    FROM projects_evaluation AS v
    JOIN documents_document AS vh ON vh.id = v.document_id AND vh.state = 'concluded'
    WHERE v.project_id = p.document_id
    ORDER BY v.document_id DESC
    LIMIT 1
) AS e ON true
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS indicator_count,
        count(*) FILTER (WHERE x.is_bad)::integer AS unmeasurable_count,
        coalesce(string_agg(x.name, '、' ORDER BY x.row_no) FILTER (WHERE x.is_bad), '') AS unmeasurable_names,
        coalesce(string_agg(x.name, '、' ORDER BY x.row_no), '') AS indicator_names,
        coalesce(sum(x.weight), 0) AS weight_sum,
        coalesce(bool_or(x.level1 = 'output'), false) AS has_output,
        coalesce(bool_or(x.level1 <> 'output'), false) AS has_effect
    FROM (
        SELECT
            n.name, n.row_no, n.weight, n.level1,
            n.target = '' OR (n.direction <> 'graded' AND (n.measure = '' OR n.target !~ '^-?[0-9]+([.][0-9]+)?$')) AS is_bad
        FROM projects_indicator AS n
        WHERE n.project_id = p.document_id
    ) AS x
) AS i
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS estimate_count FROM projects_estimateline AS l WHERE l.project_id = p.document_id
) AS m
CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.amount_fen), 0)::bigint AS years_fen FROM projects_yearamount AS a WHERE a.project_id = p.document_id
) AS y
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(c.amount_fen), 0)::bigint AS source_fen,
        coalesce(sum(c.amount_fen) FILTER (WHERE c.kind = 'upper'), 0)::bigint AS upper_fen,
        coalesce(sum(c.amount_fen) FILTER (WHERE c.kind IN ('general_bond', 'special_bond')), 0)::bigint AS bond_fen,
        coalesce(sum(c.amount_fen) FILTER (WHERE c.kind = 'special_bond'), 0)::bigint AS special_bond_fen
    FROM projects_source AS c
    WHERE c.project_id = p.document_id
) AS s
CROSS JOIN LATERAL (
    -- 一案两书: the plan, the financial assessment and the legal opinion, known by the names of the files
    SELECT count(DISTINCT k.paper)::integer AS bond_paper_count
    FROM documents_attachment AS f
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN f.filename LIKE '%实施方案%' THEN 'plan'
            WHEN f.filename LIKE '%财务评%' OR f.filename LIKE '%财评%' THEN 'finance'
            WHEN f.filename LIKE '%法律意见%' THEN 'law'
        END AS paper
    ) AS k
    WHERE f.document_id = p.document_id AND f.removed_at IS NULL
) AS t
LEFT JOIN LATERAL (
    SELECT q.rank FROM projects_rank AS q WHERE q.project_id = p.document_id ORDER BY q.fiscal_year DESC LIMIT 1
) AS r ON true
LEFT JOIN projects_withdrawal AS w ON w.project_id = p.document_id AND w.answer = '';

COMMENT ON COLUMN v_project_facts.number IS '单号';
COMMENT ON COLUMN v_project_facts.state IS '状态';
COMMENT ON COLUMN v_project_facts.fiscal_year IS '申报年度';
COMMENT ON COLUMN v_project_facts.business_on IS '申报日期';
COMMENT ON COLUMN v_project_facts.unit_code IS '单位编码';
COMMENT ON COLUMN v_project_facts.unit_name IS '单位名称';
COMMENT ON COLUMN v_project_facts.section_code IS '归口股室';
COMMENT ON COLUMN v_project_facts.title IS '项目名称';
COMMENT ON COLUMN v_project_facts.amount_fen IS '项目总额（分）';
COMMENT ON COLUMN v_project_facts.code IS '项目编码';
COMMENT ON COLUMN v_project_facts.category IS '项目类别（personnel 人员，public 公用，operating 其他运转，special 特定目标）';
COMMENT ON COLUMN v_project_facts.nature IS '项目属性（priority 重点，rigid 刚性，ordinary 一般）';
COMMENT ON COLUMN v_project_facts.guarantee_item IS '三保事项';
COMMENT ON COLUMN v_project_facts.start_year IS '开始年度';
COMMENT ON COLUMN v_project_facts.end_year IS '结束年度';
COMMENT ON COLUMN v_project_facts.is_bond IS '债券项目';
COMMENT ON COLUMN v_project_facts.is_procurement IS '涉及政府采购';
COMMENT ON COLUMN v_project_facts.is_asset IS '涉及资产配置';
COMMENT ON COLUMN v_project_facts.is_new_policy IS '新增政策';
COMMENT ON COLUMN v_project_facts.has_upper_money IS '含上级资金';
COMMENT ON COLUMN v_project_facts.contract_fen IS '已签合同待付额（分）';
COMMENT ON COLUMN v_project_facts.grade IS '上次绩效等级';
COMMENT ON COLUMN v_project_facts.basis_length IS '立项依据字数';
COMMENT ON COLUMN v_project_facts.is_new IS '新增项目（新增政策或首年）';
COMMENT ON COLUMN v_project_facts.needs_evaluation IS '应做事前评估';
COMMENT ON COLUMN v_project_facts.is_evaluated IS '事前评估已通过';
COMMENT ON COLUMN v_project_facts.evaluation_conclusion IS '事前评估结论';
COMMENT ON COLUMN v_project_facts.evaluated_fen IS '评估核定额（分）';
COMMENT ON COLUMN v_project_facts.indicator_count IS '绩效指标个数';
COMMENT ON COLUMN v_project_facts.unmeasurable_count IS '不可衡量的指标个数';
COMMENT ON COLUMN v_project_facts.unmeasurable_names IS '不可衡量的指标';
COMMENT ON COLUMN v_project_facts.indicator_names IS '绩效指标名称';
COMMENT ON COLUMN v_project_facts.weight_sum IS '指标权重合计';
COMMENT ON COLUMN v_project_facts.has_output IS '有产出指标';
COMMENT ON COLUMN v_project_facts.has_effect IS '有效益或满意度指标';
COMMENT ON COLUMN v_project_facts.estimate_count IS '测算明细行数';
COMMENT ON COLUMN v_project_facts.years_fen IS '分年安排合计（分）';
COMMENT ON COLUMN v_project_facts.source_fen IS '资金来源合计（分）';
COMMENT ON COLUMN v_project_facts.upper_fen IS '上级资金（分）';
COMMENT ON COLUMN v_project_facts.bond_fen IS '债券资金（分）';
COMMENT ON COLUMN v_project_facts.special_bond_fen IS '专项债券（分）';
COMMENT ON COLUMN v_project_facts.bond_paper_count IS '一案两书附件份数';
COMMENT ON COLUMN v_project_facts.has_bond_papers IS '一案两书齐备';
COMMENT ON COLUMN v_project_facts.is_self_balanced IS '收益自求平衡';
COMMENT ON COLUMN v_project_facts.rank IS '主管部门排序（0 为未排）';
COMMENT ON COLUMN v_project_facts.has_open_withdrawal IS '有未处理的清理建议';
COMMENT ON COLUMN v_project_facts.idle_since IS '闲置自';
