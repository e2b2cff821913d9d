-- v_guarantees_item: one row = one item of the list in force in a fiscal year.
CREATE VIEW v_guarantees_item AS
SELECT
    wanted.fiscal_year,
    item.code AS item,
    item.name,
    item.area,
    item.level,
    item.seq::integer AS seq,
    item.standard,
    item.basis,
    item.month_weights
FROM generate_series(2018, 2060) AS wanted (fiscal_year)
JOIN guarantees_list_item AS item ON item.version_id = guarantees_version(wanted.fiscal_year);

-- v_guarantees_need: one row = one item of one year, as the need in force says (published).
-- `monthly`: twelve amounts that sum to the need, by the item's weights. Amounts in 分.
CREATE VIEW v_guarantees_need AS
WITH total AS (
    SELECT need.year, line.item, sum(line.need_fen)::bigint AS need_fen
    FROM guarantees_need AS need
    JOIN guarantees_need_line AS line ON line.need_id = need.document_id
    WHERE need.is_in_force
    GROUP BY need.year, line.item
)
SELECT
    item.fiscal_year,
    item.item,
    item.name,
    item.area,
    item.level,
    coalesce(total.need_fen, 0)::bigint AS need_fen,
    (
        SELECT jsonb_agg(
            round(coalesce(total.need_fen, 0)::numeric * share.upto / share.whole)
            - round(coalesce(total.need_fen, 0)::numeric * (share.upto - share.weight) / share.whole)
            ORDER BY share.month
        )
        FROM (
            SELECT weights.month, weights.weight, sum(weights.weight) OVER (ORDER BY weights.month) AS upto,
                sum(weights.weight) OVER () AS whole
            FROM unnest(item.month_weights) WITH ORDINALITY AS weights (weight, month)
        ) AS share
    ) AS monthly
FROM guarantees_need AS need
JOIN v_guarantees_item AS item ON item.fiscal_year = need.year
LEFT JOIN total ON total.year = need.year AND total.item = item.item
WHERE need.is_in_force;

-- v_guarantees_need_line: one row = one line of the need in force, for figures and their drill-down.
CREATE VIEW v_guarantees_need_line AS
SELECT
    need.document_id,
    need.year::integer AS fiscal_year,
    make_date(need.year, 1, 1) AS year_on,
    line.unit_id,
    line.item,
    item.area,
    item.level,
    concat_ws(' ', line.item, item.name, unit.name) AS label,
    line.quantity,
    line.standard_fen,
    line.need_fen
FROM guarantees_need AS need
JOIN guarantees_need_line AS line ON line.need_id = need.document_id
JOIN orgs_unit AS unit ON unit.id = line.unit_id
LEFT JOIN v_guarantees_item AS item ON item.fiscal_year = need.year AND item.item = line.item
WHERE need.is_in_force;

-- v_guarantees_arranged: one row = one item in one unit and month, from the ledger: what was arranged (approved, not cut;
-- what the year end carries over or takes back, 671 and 672, was arranged too) and what was spent (661).
-- Fiscal years of the accounts, months of the entries.
CREATE VIEW v_guarantees_arranged AS
WITH kind AS MATERIALIZED (
    -- one row: one kind of line; its item is looked up once
    SELECT alike.*, guarantees_item_of(
        alike.fiscal_year, alike.category, alike.guarantee_item, alike.economic_code, alike.function_code, alike.flags
    ) AS item
    FROM (
        SELECT DISTINCT turnover.fiscal_year, project.category, project.guarantee_item, turnover.function_code,
            turnover.economic_code, turnover.flags
        FROM v_ledger_turnover AS turnover
        JOIN guarantees_projects() AS project ON project.project_id = turnover.project_id
        WHERE turnover.book = 'allotment'
            AND turnover.subject IN ('627', '631', '635', '636', '650', '651', '661', '671', '672')
    ) AS alike
)
SELECT
    line.fiscal_year,
    line.unit_id,
    kind.item,
    line.period,
    (make_date(line.period / 100, line.period % 100, 1) + interval '1 month - 1 day')::date AS month_on,
    sum(line.arranged_fen)::bigint AS arranged_fen,
    sum(line.executed_fen)::bigint AS executed_fen
FROM (
    -- one row: all that lies alike in one unit and month, with what its project says
    SELECT turnover.fiscal_year, turnover.unit_id, project.category, project.guarantee_item, turnover.function_code,
        turnover.economic_code, turnover.flags, turnover.period,
        sum(turnover.net_fen) AS arranged_fen,
        coalesce(sum(turnover.net_fen) FILTER (WHERE turnover.subject = '661'), 0) AS executed_fen
    FROM v_ledger_turnover AS turnover
    JOIN guarantees_projects() AS project ON project.project_id = turnover.project_id
    WHERE turnover.book = 'allotment'
        AND turnover.subject IN ('627', '631', '635', '636', '650', '651', '661', '671', '672')
    GROUP BY turnover.fiscal_year, turnover.unit_id, project.category, project.guarantee_item,
        turnover.function_code, turnover.economic_code, turnover.flags, turnover.period
) AS line
JOIN kind USING (fiscal_year, category, guarantee_item, function_code, economic_code, flags)
WHERE kind.item IS NOT NULL
GROUP BY line.fiscal_year, line.unit_id, kind.item, line.period;

-- v_guarantees_executed: one row = what one item spent in one unit and month, with names, for figures.
CREATE VIEW v_guarantees_executed AS
SELECT arranged.fiscal_year, arranged.unit_id, arranged.item, item.area, item.level, arranged.month_on,
    concat_ws(' ', arranged.item, item.name, unit.name) AS label, arranged.executed_fen
FROM v_guarantees_arranged AS arranged
JOIN v_guarantees_item AS item ON item.fiscal_year = arranged.fiscal_year AND item.item = arranged.item
JOIN orgs_unit AS unit ON unit.id = arranged.unit_id
WHERE arranged.executed_fen <> 0;

-- v_guarantees_position: one row = one item of one year: need, arranged, spent, gap (F13: never netted between items).
-- Without a need in force there is no need and no gap: no data is not zero.
CREATE VIEW v_guarantees_position AS
WITH line AS (
    -- one row: all that lies alike in a year, wherever and whenever; far fewer rows than by unit and month
    SELECT turnover.fiscal_year, project.category, project.guarantee_item, turnover.function_code,
        turnover.economic_code, turnover.flags,
        sum(turnover.net_fen) AS arranged_fen,
        coalesce(sum(turnover.net_fen) FILTER (WHERE turnover.subject = '661'), 0) AS executed_fen
    FROM v_ledger_turnover AS turnover
    JOIN guarantees_projects() AS project ON project.project_id = turnover.project_id
    WHERE turnover.book = 'allotment'
        AND turnover.subject IN ('627', '631', '635', '636', '650', '651', '661', '671', '672')
    GROUP BY turnover.fiscal_year, project.category, project.guarantee_item, turnover.function_code,
        turnover.economic_code, turnover.flags
), arranged AS (
    SELECT placed.fiscal_year, placed.item, sum(placed.arranged_fen)::bigint AS arranged_fen,
        sum(placed.executed_fen)::bigint AS executed_fen
    FROM (
        SELECT line.fiscal_year, line.arranged_fen, line.executed_fen, guarantees_item_of(
            line.fiscal_year, line.category, line.guarantee_item, line.economic_code, line.function_code, line.flags
        ) AS item
        FROM line
    ) AS placed
    GROUP BY placed.fiscal_year, placed.item
)
SELECT
    item.fiscal_year,
    make_date(item.fiscal_year, 1, 1) AS year_on,
    item.item,
    item.name,
    item.area,
    item.level,
    item.seq,
    item.item || ' ' || item.name AS label,
    need.need_fen,
    coalesce(arranged.arranged_fen, 0)::bigint AS arranged_fen,
    coalesce(arranged.executed_fen, 0)::bigint AS executed_fen,
    CASE WHEN need.need_fen IS NOT NULL
        THEN greatest(0, need.need_fen - coalesce(arranged.arranged_fen, 0))
    END::bigint AS gap_fen,
    CASE WHEN need.need_fen IS NOT NULL
        THEN least(need.need_fen, coalesce(arranged.arranged_fen, 0))
    END::bigint AS secured_fen
FROM v_guarantees_item AS item
LEFT JOIN v_guarantees_need AS need ON need.fiscal_year = item.fiscal_year AND need.item = item.item
LEFT JOIN arranged ON arranged.fiscal_year = item.fiscal_year AND arranged.item = item.item
WHERE need.item IS NOT NULL OR arranged.item IS NOT NULL;

-- Lines of a need are frozen as soon as it leaves its maker's hands.
CREATE FUNCTION guarantees_refuse_frozen_need() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    held text;
BEGIN
    SELECT state INTO held FROM documents_document WHERE id = coalesce(NEW.need_id, OLD.need_id);
    IF held NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'lines of a need that is not a draft do not change'
            USING ERRCODE = '23514', CONSTRAINT = 'guarantees_need_line_frozen';
    END IF;
    RETURN coalesce(NEW, OLD);
END;
$$;
CREATE TRIGGER guarantees_need_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON guarantees_need_line
    FOR EACH ROW EXECUTE FUNCTION guarantees_refuse_frozen_need();
