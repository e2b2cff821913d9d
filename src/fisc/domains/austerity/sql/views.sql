-- The set of general expenditure in force in a fiscal year.
CREATE FUNCTION austerity_set_version(wanted_year integer) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT id FROM austerity_set_version
    WHERE valid_from_year <= wanted_year
    ORDER BY valid_from_year DESC
    LIMIT 1
$$;

-- v_austerity_general: one row = general expenditure of one unit, item and month, from the ledger: the year's initial
-- budget (602), what is approved (627 and below), what is paid (661). Amounts in 分.
CREATE VIEW v_austerity_general AS
SELECT
    turnover.fiscal_year,
    turnover.unit_id,
    turnover.economic_code,
    item.category,
    make_date(turnover.fiscal_year, 1, 1) AS year_on,
    (make_date(turnover.period / 100, turnover.period % 100, 1) + interval '1 month - 1 day')::date AS month_on,
    concat_ws(' ', turnover.economic_code, item.name, unit.name) AS label,
    coalesce(sum(turnover.net_fen) FILTER (WHERE turnover.subject = '602'), 0)::bigint AS initial_fen,
    coalesce(sum(turnover.net_fen) FILTER (WHERE turnover.subject <> '602'), 0)::bigint AS approved_fen,
    coalesce(sum(turnover.net_fen) FILTER (WHERE turnover.subject = '661'), 0)::bigint AS paid_fen
FROM v_ledger_turnover AS turnover
JOIN austerity_set_item AS item ON item.version_id = austerity_set_version(turnover.fiscal_year)
    AND starts_with(turnover.economic_code, item.economic_prefix)
JOIN orgs_unit AS unit ON unit.id = turnover.unit_id
WHERE turnover.book = 'allotment'
    AND turnover.subject IN ('602', '627', '631', '635', '636', '650', '651', '661', '671', '672')
GROUP BY turnover.fiscal_year, turnover.unit_id, turnover.economic_code, item.category, item.name, unit.name,
    turnover.period;

-- v_austerity_reception_facts: one row = one reception with everything a rule may look at.
CREATE VIEW v_austerity_reception_facts AS
SELECT
    header.id AS document_id,
    header.number,
    header.unit_id,
    header.business_on,
    header.state,
    header.amount_fen,
    reception.letter_no,
    btrim(reception.letter_no) = '' AS lacks_letter,
    reception.batches::integer AS batches,
    reception.guests::integer AS guests,
    reception.escorts::integer AS escorts,
    CASE WHEN reception.guests <= 10 THEN 3 ELSE reception.guests / 3 END::integer AS escorts_allowed,
    (header.amount_fen / greatest(1, reception.guests + reception.escorts))::bigint AS per_head_fen,
    reception.payment_id
FROM austerity_reception AS reception
JOIN documents_document AS header ON header.id = reception.document_id;

COMMENT ON COLUMN v_austerity_reception_facts.amount_fen IS '接待费用（分）';
COMMENT ON COLUMN v_austerity_reception_facts.letter_no IS '公函号';
COMMENT ON COLUMN v_austerity_reception_facts.lacks_letter IS '没有公函';
COMMENT ON COLUMN v_austerity_reception_facts.batches IS '批次';
COMMENT ON COLUMN v_austerity_reception_facts.guests IS '来宾人数';
COMMENT ON COLUMN v_austerity_reception_facts.escorts IS '陪餐人数';
COMMENT ON COLUMN v_austerity_reception_facts.escorts_allowed IS '可陪餐人数';
COMMENT ON COLUMN v_austerity_reception_facts.per_head_fen IS '人均费用（分）';
