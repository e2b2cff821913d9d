-- v_payment_facts: one row is one payment request or one batch payment, with everything a rule may look at.
-- Amounts in 分. Sums of a window count documents that are not drafts and not void, up to this one.
DROP VIEW IF EXISTS v_payment_facts;
CREATE VIEW v_payment_facts AS
WITH drawings AS (
    -- one row is one document that pays, single or batch
    SELECT
        p.document_id, p.allotment_id, p.project_id, p.function_code, p.economic_code,
        p.allotment_economic_code, p.flags, p.settlement, p.paid_on,
        p.payee_account, p.payee_bank, p.payee_kind, p.contract_no, p.invoice_no, p.likeness,
        1 AS payee_count, 'single' AS category,
        p.is_migrant_wage, p.is_upper_transfer, p.priority
    FROM treasury_payment p
    UNION ALL
    SELECT
        b.document_id, b.allotment_id, b.project_id, b.function_code, b.economic_code,
        b.allotment_economic_code, b.flags, b.settlement, b.paid_on,
        '' AS payee_account, '' AS payee_bank, 'person' AS payee_kind,
        '' AS contract_no, '' AS invoice_no, '' AS likeness,
        b.line_count AS payee_count, b.category,
        b.is_migrant_wage, b.is_upper_transfer, b.priority
    FROM treasury_batch b
)
SELECT
    d.document_id,
    h.kind,
    h.number,
    h.state,
    h.fiscal_year::integer AS fiscal_year,
    h.business_on,
    EXTRACT(MONTH FROM h.business_on)::integer AS month,
    EXTRACT(ISODOW FROM h.business_on)::integer AS weekday,
    h.unit_id,
    u.code AS unit_code,
    u.name AS unit_name,
    u.unit_kind,
    h.section_code,
    h.amount_fen,
    h.fund,
    d.function_code,
    LEFT(d.function_code, 3) AS function_class,
    d.economic_code,
    LEFT(d.economic_code, 3) AS economic_class,
    d.allotment_economic_code,
    d.economic_code LIKE d.allotment_economic_code || '%' AS economic_fits,
    d.allotment_id,
    a.number AS allotment_number,
    a.title AS allotment_title,
    a.state AS allotment_state,
    a.fiscal_year::integer AS allotment_year,
    a.unit_id = h.unit_id AS allotment_of_unit,
    d.project_id,
    pr.title AS project_title,
    pr.state AS project_state,
    (d.flags & 1) <> 0 AS is_three_guarantees,
    (d.flags & 2) <> 0 AS is_direct,
    (d.flags & 4) <> 0 AS is_bond,
    d.is_migrant_wage,
    d.is_upper_transfer,
    d.priority,
    h.counterparty AS payee_name,
    d.payee_account,
    d.payee_bank,
    d.payee_kind,
    d.payee_count,
    d.category,
    h.counterparty IN (u.name, u.short_name) AND h.counterparty <> '' AS payee_is_own_unit,
    h.title AS purpose,
    CHAR_LENGTH(h.title)::integer AS purpose_length,
    d.settlement,
    d.contract_no,
    d.invoice_no,
    d.paid_on,
    (SELECT COUNT(*) FROM documents_attachment t WHERE t.document_id = d.document_id AND t.removed_at IS NULL)::integer
        AS attachment_count,
    (
        SELECT COUNT(*)
        FROM treasury_payment o
        JOIN documents_document oh ON oh.id = o.document_id
        WHERE d.likeness <> ''
            AND o.likeness = d.likeness
            AND o.document_id < d.document_id
            AND oh.business_on BETWEEN h.business_on - 90 AND h.business_on
            AND oh.state NOT IN ('draft', 'returned', 'voided', 'bank_refused', 'reissued')
    )::integer AS same_payments_90d,
    (
        SELECT COUNT(*)
        FROM treasury_payment o
        JOIN documents_document oh ON oh.id = o.document_id
        WHERE d.invoice_no <> ''
            AND o.invoice_no <> ''
            AND o.invoice_no = d.invoice_no
            AND oh.counterparty = h.counterparty
            AND o.document_id < d.document_id
            AND oh.state NOT IN ('draft', 'returned', 'voided', 'bank_refused', 'reissued')
    )::integer AS same_invoice
FROM drawings d
JOIN documents_document h ON h.id = d.document_id
JOIN documents_document a ON a.id = d.allotment_id
LEFT JOIN documents_document pr ON pr.id = d.project_id
JOIN orgs_unit u ON u.id = h.unit_id;

COMMENT ON COLUMN v_payment_facts.kind IS '单据种类';
COMMENT ON COLUMN v_payment_facts.number IS '单号';
COMMENT ON COLUMN v_payment_facts.state IS '状态';
COMMENT ON COLUMN v_payment_facts.fiscal_year IS '年度';
COMMENT ON COLUMN v_payment_facts.business_on IS '业务日期';
COMMENT ON COLUMN v_payment_facts.month IS '月份';
COMMENT ON COLUMN v_payment_facts.weekday IS '星期（1 为星期一）';
COMMENT ON COLUMN v_payment_facts.unit_code IS '单位编码';
COMMENT ON COLUMN v_payment_facts.unit_name IS '单位名称';
COMMENT ON COLUMN v_payment_facts.unit_kind IS '单位性质';
COMMENT ON COLUMN v_payment_facts.section_code IS '归口股室';
COMMENT ON COLUMN v_payment_facts.amount_fen IS '金额（分）';
COMMENT ON COLUMN v_payment_facts.fund IS '资金性质';
COMMENT ON COLUMN v_payment_facts.function_code IS '支出功能分类';
COMMENT ON COLUMN v_payment_facts.function_class IS '功能分类类级';
COMMENT ON COLUMN v_payment_facts.economic_code IS '部门经济分类';
COMMENT ON COLUMN v_payment_facts.economic_class IS '经济分类类级';
COMMENT ON COLUMN v_payment_facts.allotment_economic_code IS '指标经济分类';
COMMENT ON COLUMN v_payment_facts.economic_fits IS '经济分类与指标相符';
COMMENT ON COLUMN v_payment_facts.allotment_number IS '指标单号';
COMMENT ON COLUMN v_payment_facts.allotment_title IS '指标';
COMMENT ON COLUMN v_payment_facts.allotment_state IS '指标状态';
COMMENT ON COLUMN v_payment_facts.allotment_year IS '指标年度';
COMMENT ON COLUMN v_payment_facts.allotment_of_unit IS '指标属于本单位';
COMMENT ON COLUMN v_payment_facts.project_title IS '项目';
COMMENT ON COLUMN v_payment_facts.project_state IS '项目状态';
COMMENT ON COLUMN v_payment_facts.is_three_guarantees IS '三保';
COMMENT ON COLUMN v_payment_facts.is_direct IS '直达资金';
COMMENT ON COLUMN v_payment_facts.is_bond IS '债券资金';
COMMENT ON COLUMN v_payment_facts.is_migrant_wage IS '农民工工资';
COMMENT ON COLUMN v_payment_facts.is_upper_transfer IS '上级转移支付资金';
COMMENT ON COLUMN v_payment_facts.priority IS '支付顺序（1 三保，2 农民工工资，3 上级转移支付，4 其他）';
COMMENT ON COLUMN v_payment_facts.payee_name IS '收款人';
COMMENT ON COLUMN v_payment_facts.payee_account IS '收款账号';
COMMENT ON COLUMN v_payment_facts.payee_bank IS '开户行';
COMMENT ON COLUMN v_payment_facts.payee_kind IS '收款人性质（organisation 对公，person 个人）';
COMMENT ON COLUMN v_payment_facts.payee_count IS '收款人数';
COMMENT ON COLUMN v_payment_facts.category IS '类别（single 单笔，salary 工资，subsidy 补贴，other 其他批量）';
COMMENT ON COLUMN v_payment_facts.payee_is_own_unit IS '收款人为本单位';
COMMENT ON COLUMN v_payment_facts.purpose IS '用途';
COMMENT ON COLUMN v_payment_facts.purpose_length IS '用途字数';
COMMENT ON COLUMN v_payment_facts.settlement IS '结算方式（transfer 转账，cash 现金，card 公务卡）';
COMMENT ON COLUMN v_payment_facts.contract_no IS '合同号';
COMMENT ON COLUMN v_payment_facts.invoice_no IS '发票号';
COMMENT ON COLUMN v_payment_facts.paid_on IS '支付日期';
COMMENT ON COLUMN v_payment_facts.attachment_count IS '附件数';
COMMENT ON COLUMN v_payment_facts.same_payments_90d IS '90 天内同收款人、同金额、同用途的支付笔数';
COMMENT ON COLUMN v_payment_facts.same_invoice IS '同收款人、同发票号的其他支付笔数';
