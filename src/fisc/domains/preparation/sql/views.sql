-- v_preparation_line: one row is one line of a round that was opened, with its amounts in every stage. Published.
CREATE VIEW v_preparation_line AS
SELECT
    r.fiscal_year::integer AS fiscal_year,
    l.id AS line_id,
    l.unit_id,
    l.project_id,
    l.fund,
    l.function_code,
    l.economic_code,
    l.flags::integer AS flags,
    l.category,
    l.nature,
    l.guarantee_item,
    l.first_fen,
    l.reviewed_fen,
    c.control_fen,
    l.second_fen,
    l.reply_fen,
    l.is_cuttable
FROM preparation_line AS l
JOIN preparation_round AS r ON r.document_id = l.round_id AND r.is_open
LEFT JOIN preparation_ceiling AS c
    ON c.round_id = l.round_id AND c.unit_id = l.unit_id AND c.project_id = l.project_id;

-- v_preparation_cut_facts: one row is one item of F8: unit x project x economic item, over its lines that were reviewed and
-- are neither priority nor rigid nor 三保. The floor of 0 is per item, so it does not matter how an item is split to lines;
-- what was added stands in its own column and is not netted.
CREATE VIEW v_preparation_cut_facts AS
SELECT
    r.fiscal_year::integer AS fiscal_year,
    make_date(r.fiscal_year, 1, 1) AS fact_on,
    l.round_id,
    l.unit_id,
    l.project_id,
    l.economic_code,
    min(l.category) AS category,
    min(l.nature) AS nature,
    q.document_id,
    sum(l.first_fen)::bigint AS asked_fen,
    sum(l.reviewed_fen)::bigint AS allowed_fen,
    greatest(sum(l.first_fen) - sum(l.reviewed_fen), 0)::bigint AS cut_fen,
    greatest(sum(l.reviewed_fen) - sum(l.first_fen), 0)::bigint AS added_fen,
    coalesce(string_agg(DISTINCT nullif(l.reason, ''), '；'), '') AS reason
FROM preparation_line AS l
JOIN preparation_round AS r ON r.document_id = l.round_id AND r.is_open
LEFT JOIN preparation_request AS q ON q.round_id = l.round_id AND q.unit_id = l.unit_id AND q.stage = 'first'
WHERE l.is_cuttable AND l.reviewed_fen IS NOT NULL
GROUP BY r.fiscal_year, l.round_id, l.unit_id, l.project_id, l.economic_code, q.document_id;

-- v_preparation_cut: one row is one item in the scope of F8. Published.
CREATE VIEW v_preparation_cut AS
SELECT fiscal_year, unit_id, project_id, economic_code, nature, asked_fen, allowed_fen, cut_fen, reason
FROM v_preparation_cut_facts;

-- v_preparation_request_facts: one row is one request with all a rule may look at. Amounts in 分.
CREATE VIEW v_preparation_request_facts AS
SELECT
    header.id AS document_id,
    header.number,
    header.unit_id,
    header.business_on,
    header.amount_fen,
    request.stage,
    count(line.id)::integer AS line_count,
    coalesce(sum(greatest(line.first_fen - line.standard_fen, 0)) FILTER (
        WHERE request.stage = 'first' AND line.category = 'personnel' AND line.standard_fen IS NOT NULL
    ), 0)::bigint AS personnel_over_standard_fen,
    coalesce(sum(greatest(line.first_fen - line.standard_fen, 0)) FILTER (
        WHERE request.stage = 'first' AND line.category = 'public' AND line.standard_fen IS NOT NULL
    ), 0)::bigint AS public_over_standard_fen,
    coalesce(sum(line.first_fen) FILTER (
        WHERE request.stage = 'first' AND line.category IN ('personnel', 'public') AND line.standard_fen IS NULL
    ), 0)::bigint AS without_standard_fen
FROM preparation_request AS request
JOIN documents_document AS header ON header.id = request.document_id
LEFT JOIN preparation_line AS line ON line.round_id = request.round_id AND line.unit_id = request.unit_id
GROUP BY header.id, request.stage;

COMMENT ON COLUMN v_preparation_request_facts.amount_fen IS '申报金额（分）';
COMMENT ON COLUMN v_preparation_request_facts.stage IS '申报阶段（first 一上，second 二上）';
COMMENT ON COLUMN v_preparation_request_facts.line_count IS '明细行数';
COMMENT ON COLUMN v_preparation_request_facts.personnel_over_standard_fen IS '人员经费超标准金额（分）';
COMMENT ON COLUMN v_preparation_request_facts.public_over_standard_fen IS '公用经费超标准金额（分）';
COMMENT ON COLUMN v_preparation_request_facts.without_standard_fen IS '基本支出中没有标准的金额（分）';
