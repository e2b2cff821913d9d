-- v_virement_facts: one row is one virement with everything a rule may look at (norm A.5). Amounts in 分.
CREATE VIEW v_virement_facts AS
WITH movement AS (
    -- one row is one movement from an allotment to another
    SELECT
        line.virement_id,
        line.amount_fen,
        giving.spending AS out_spending,
        taking.spending AS in_spending,
        giving.economic_code AS out_economic,
        taking.economic_code AS in_economic,
        giving.function_code AS out_function,
        taking.function_code AS in_function,
        giving.project_id AS out_project_id,
        taking.project_id AS in_project_id,
        giving.flags AS out_flags,
        taking.flags AS in_flags,
        giving_header.unit_id AS out_unit_id,
        taking_header.unit_id AS in_unit_id,
        giving_header.state AS out_state,
        taking_header.state AS in_state
    FROM budget_virementline AS line
    JOIN budget_allotment AS giving ON giving.document_id = line.out_allotment_id
    JOIN budget_allotment AS taking ON taking.document_id = line.in_allotment_id
    JOIN documents_document AS giving_header ON giving_header.id = line.out_allotment_id
    JOIN documents_document AS taking_header ON taking_header.id = line.in_allotment_id
)
SELECT
    header.id AS document_id,
    header.number,
    header.unit_id,
    header.business_on,
    header.amount_fen,
    header.fund,
    COUNT(*)::integer AS movement_count,
    BOOL_OR((out_spending = 'project') <> (in_spending = 'project')) AS mixes_basic_and_project,
    BOOL_OR(
        in_economic IN ('30212', '30217', '30231', '30913', '31013') AND in_economic <> out_economic
    ) AS raises_three_public,
    COALESCE(SUM(movement.amount_fen) FILTER (
        WHERE in_economic IN ('30212', '30217', '30231', '30913', '31013') AND in_economic <> out_economic
    ), 0)::bigint AS three_public_fen,
    BOOL_OR(
        (out_flags & 6) <> 0
        AND (out_function <> in_function OR out_project_id <> in_project_id OR (in_flags & 6) <> (out_flags & 6))
    ) AS breaks_earmark,
    BOOL_OR((out_flags & 1) <> 0 AND (in_flags & 1) = 0) AS weakens_three_guarantees,
    BOOL_OR(
        (LEFT(out_economic, 3) IN ('309', '310', '311')) <> (LEFT(in_economic, 3) IN ('309', '310', '311'))
    ) AS mixes_capital_and_current,
    BOOL_OR(out_unit_id <> in_unit_id) AS crosses_units,
    BOOL_OR(out_state <> 'released' OR in_state <> 'released') AS has_closed_allotment,
    CHAR_LENGTH(virement.reason)::integer AS reason_length
FROM budget_virement AS virement
JOIN documents_document AS header ON header.id = virement.document_id
JOIN movement ON movement.virement_id = virement.document_id
GROUP BY header.id, virement.reason;

COMMENT ON COLUMN v_virement_facts.amount_fen IS '调剂金额（分）';
COMMENT ON COLUMN v_virement_facts.movement_count IS '调剂笔数';
COMMENT ON COLUMN v_virement_facts.mixes_basic_and_project IS '基本支出与项目支出之间调剂';
COMMENT ON COLUMN v_virement_facts.raises_three_public IS '调增三公经费';
COMMENT ON COLUMN v_virement_facts.three_public_fen IS '调增三公经费金额（分）';
COMMENT ON COLUMN v_virement_facts.breaks_earmark IS '直达或债券资金改变用途';
COMMENT ON COLUMN v_virement_facts.weakens_three_guarantees IS '三保指标调出为非三保';
COMMENT ON COLUMN v_virement_facts.mixes_capital_and_current IS '资本性与经常性之间调剂';
COMMENT ON COLUMN v_virement_facts.crosses_units IS '跨单位调剂';
COMMENT ON COLUMN v_virement_facts.has_closed_allotment IS '含未下达或已收回的指标';
COMMENT ON COLUMN v_virement_facts.reason_length IS '理由字数';
