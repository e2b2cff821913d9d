-- v_budget_execution_cut: one row is one project of one unit whose budget of `fiscal_year` is cut by the execution
-- ladder; published for whoever prepares that budget. Amounts in 分; voided notices are left out.
CREATE VIEW v_budget_execution_cut AS
SELECT
    header.fiscal_year,
    header.unit_id,
    line.project_id,
    line.cut_fen,
    header.state,
    header.id AS document_id
FROM budget_executioncutline AS line
JOIN documents_document AS header ON header.id = line.cut_id
WHERE header.state <> 'voided';

COMMENT ON COLUMN v_budget_execution_cut.fiscal_year IS '被核减的预算年度';
COMMENT ON COLUMN v_budget_execution_cut.cut_fen IS '核减额（分）';
