-- Statements over the lines of a round. Amounts in 分.

-- name: projects
-- One row is one project as the library knows it now (published view of projects).
SELECT project_id, code, title, unit_id, department_id, state, category, nature, coalesce(guarantee_item, ''), is_bond,
       start_year, end_year
FROM v_projects_project
WHERE project_id = ANY(%s::bigint[])

-- name: enter_first
INSERT INTO preparation_line (
    round_id, unit_id, project_id, fund, function_code, economic_code, flags, category, nature, guarantee_item, first_fen,
    standard_fen, standard_note, note, reason
)
SELECT %s, unit_id, project_id, fund, function_code, economic_code, flags, category, nature, guarantee_item, fen,
       standard_fen, standard_note, note, ''
FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::text[],
    %s::bigint[], %s::bigint[], %s::text[], %s::text[]
) AS d (
    unit_id, project_id, fund, function_code, economic_code, flags, category, nature, guarantee_item, fen, standard_fen,
    standard_note, note
)
ON CONFLICT ON CONSTRAINT preparation_line_once DO UPDATE
SET first_fen = excluded.first_fen,
    category = excluded.category,
    nature = excluded.nature,
    standard_fen = coalesce(excluded.standard_fen, preparation_line.standard_fen),
    standard_note = coalesce(nullif(excluded.standard_note, ''), preparation_line.standard_note),
    note = coalesce(nullif(excluded.note, ''), preparation_line.note),
    reviewed_fen = CASE WHEN excluded.first_fen = preparation_line.first_fen THEN preparation_line.reviewed_fen END,
    reason = CASE WHEN excluded.first_fen = preparation_line.first_fen THEN preparation_line.reason ELSE '' END

-- name: enter_second
INSERT INTO preparation_line (
    round_id, unit_id, project_id, fund, function_code, economic_code, flags, category, nature, guarantee_item, first_fen,
    second_fen, standard_fen, standard_note, note, reason
)
SELECT %s, unit_id, project_id, fund, function_code, economic_code, flags, category, nature, guarantee_item, 0, fen,
       standard_fen, standard_note, note, ''
FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::text[],
    %s::bigint[], %s::bigint[], %s::text[], %s::text[]
) AS d (
    unit_id, project_id, fund, function_code, economic_code, flags, category, nature, guarantee_item, fen, standard_fen,
    standard_note, note
)
ON CONFLICT ON CONSTRAINT preparation_line_once DO UPDATE
SET second_fen = excluded.second_fen,
    note = coalesce(nullif(excluded.note, ''), preparation_line.note)

-- name: lines_by_id
SELECT id, project_id, fund, function_code, economic_code, flags, guarantee_item, first_fen, note
FROM preparation_line
WHERE id = ANY(%s::bigint[]) AND round_id = %s AND unit_id = %s

-- name: change_first_amounts
-- Amounts and notes of lines that are there; NULL leaves what stands. A changed ask is to be reviewed anew.
UPDATE preparation_line AS l
SET first_fen = coalesce(d.fen, l.first_fen),
    note = coalesce(d.note, l.note),
    reviewed_fen = CASE WHEN d.fen IS NULL OR d.fen = l.first_fen THEN l.reviewed_fen END,
    reason = CASE WHEN d.fen IS NULL OR d.fen = l.first_fen THEN l.reason ELSE '' END
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS d (line_id, fen, note)
WHERE l.id = d.line_id AND l.round_id = %s AND l.unit_id = %s

-- name: change_second_amounts
UPDATE preparation_line AS l
SET second_fen = coalesce(d.fen, l.second_fen), note = coalesce(d.note, l.note)
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS d (line_id, fen, note)
WHERE l.id = d.line_id AND l.round_id = %s AND l.unit_id = %s

-- name: change_codes
-- Lines that get other codes: whole rows.
UPDATE preparation_line AS l
SET project_id = d.project_id, fund = d.fund, function_code = d.function_code, economic_code = d.economic_code,
    flags = d.flags, category = d.category, nature = d.nature, guarantee_item = d.guarantee_item, first_fen = d.fen,
    note = d.note, reviewed_fen = NULL, reason = '', standard_fen = NULL, standard_note = ''
FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::text[],
    %s::bigint[], %s::text[]
) AS d (line_id, project_id, fund, function_code, economic_code, flags, category, nature, guarantee_item, fen, note)
WHERE l.id = d.line_id AND l.round_id = %s AND l.unit_id = %s

-- name: clashes
-- One row is a place that is taken already by a line of the unit that does not move away itself.
SELECT d.place
FROM unnest(
    %s::integer[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[]
) AS d (place, line_id, project_id, fund, function_code, economic_code, flags, guarantee_item)
JOIN preparation_line AS l USING (project_id, fund, function_code, economic_code, flags, guarantee_item)
WHERE l.round_id = %s AND l.unit_id = %s AND NOT l.id = ANY(%s::bigint[])

-- name: unit_totals
SELECT coalesce(sum(first_fen), 0)::bigint, coalesce(sum(second_fen), 0)::bigint
FROM preparation_line
WHERE round_id = %s AND unit_id = %s

-- name: drop_empty
DELETE FROM preparation_line
WHERE round_id = %s AND unit_id = ANY(%s::bigint[]) AND first_fen = 0 AND second_fen IS NULL

-- name: totals
-- One row is one unit: what its lines ask in both stages.
SELECT unit_id, sum(first_fen)::bigint, coalesce(sum(second_fen), 0)::bigint, count(*)::integer
FROM preparation_line
WHERE round_id = %s AND unit_id = ANY(%s::bigint[])
GROUP BY unit_id

-- name: fill_second
-- Each line gets its reviewed amount where the control figure allows it, else its share of the control figure by
-- reviewed amounts; the fen that are left go one each to the largest remainders, so that the parts sum to the whole.
WITH line AS (
    SELECT
        l.id, l.unit_id, l.project_id, l.reviewed_fen, c.control_fen,
        sum(l.reviewed_fen) OVER place AS reviewed_sum
    FROM preparation_line AS l
    JOIN preparation_ceiling AS c ON c.round_id = l.round_id AND c.unit_id = l.unit_id AND c.project_id = l.project_id
    WHERE l.round_id = %s AND (%s::bigint[] IS NULL OR l.unit_id = ANY(%s::bigint[])) AND l.reviewed_fen IS NOT NULL
    WINDOW place AS (PARTITION BY l.unit_id, l.project_id)
),
share AS (
    SELECT
        id, unit_id, project_id, control_fen, reviewed_sum,
        CASE
            WHEN reviewed_sum <= control_fen THEN reviewed_fen
            ELSE div(reviewed_fen::numeric * control_fen, reviewed_sum)::bigint
        END AS fen,
        CASE WHEN reviewed_sum <= control_fen THEN 0 ELSE mod(reviewed_fen::numeric * control_fen, reviewed_sum) END AS rest
    FROM line
),
ranked AS (
    SELECT
        id, fen, control_fen, reviewed_sum,
        sum(fen) OVER (PARTITION BY unit_id, project_id) AS given,
        row_number() OVER (PARTITION BY unit_id, project_id ORDER BY rest DESC, id) AS place
    FROM share
)
UPDATE preparation_line AS l
SET second_fen = r.fen + CASE WHEN r.reviewed_sum > r.control_fen AND r.place <= r.control_fen - r.given THEN 1 ELSE 0 END
FROM ranked AS r
WHERE l.id = r.id

-- name: units_to_fill
SELECT DISTINCT unit_id
FROM preparation_line
WHERE round_id = %s AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
ORDER BY unit_id

-- name: protected_cut
-- One row is one line that must not be cut and would be.
SELECT u.name, p.title, l.economic_code, l.first_fen, d.fen
FROM unnest(%s::bigint[], %s::bigint[]) AS d (line_id, fen)
JOIN preparation_line AS l ON l.id = d.line_id
JOIN orgs_unit AS u ON u.id = l.unit_id
JOIN documents_document AS p ON p.id = l.project_id
WHERE l.is_protected AND d.fen < l.first_fen
ORDER BY u.code, l.id

-- name: not_reviewable
-- One row is one line outside the reviewer's reach: other round, unit not seen, or its request is still with the unit.
SELECT d.line_id
FROM unnest(%s::bigint[]) AS d (line_id)
LEFT JOIN preparation_line AS l ON l.id = d.line_id AND l.round_id = %s
LEFT JOIN preparation_request AS q ON q.round_id = l.round_id AND q.unit_id = l.unit_id AND q.stage = 'first'
LEFT JOIN documents_document AS h ON h.id = q.document_id
WHERE l.id IS NULL OR h.state NOT IN ('in_review', 'approved')
    OR (%s::bigint[] IS NOT NULL AND NOT l.unit_id = ANY(%s::bigint[]))

-- name: review
UPDATE preparation_line AS l
SET reviewed_fen = d.fen, reason = d.reason, reviewer_id = %s
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS d (line_id, fen, reason)
WHERE l.id = d.line_id AND l.round_id = %s

-- name: accept_rest
UPDATE preparation_line AS l
SET reviewed_fen = l.first_fen, reviewer_id = %s
FROM preparation_request AS q
JOIN documents_document AS h ON h.id = q.document_id
WHERE l.round_id = %s AND l.reviewed_fen IS NULL
    AND q.round_id = l.round_id AND q.unit_id = l.unit_id AND q.stage = 'first' AND h.state IN ('in_review', 'approved')
    AND (%s::bigint[] IS NULL OR l.unit_id = ANY(%s::bigint[]))

-- name: known_functions
-- The function item a unit's project (or the unit's other lines) was last budgeted under: this round before others.
SELECT DISTINCT ON (l.unit_id, l.project_id) l.unit_id, l.project_id, l.function_code
FROM preparation_line AS l
JOIN preparation_round AS r ON r.document_id = l.round_id AND r.is_open
WHERE l.unit_id = ANY(%s::bigint[]) AND l.fund = 'general'
ORDER BY l.unit_id, l.project_id, (l.round_id = %s) DESC, r.fiscal_year DESC, l.first_fen DESC

-- name: needs
-- One row is one unit x economic item x 三保 item: its standards with their quantities, and the unit's project of the class.
SELECT
    n.unit_id, u.name, n.category, n.economic_code, n.guarantee_item, sum(n.amount_fen)::bigint,
    string_agg(
        n.standard_code || ' ' || trim_scale(round(n.standard_fen / 100.0, 2)) || ' 元 × ' || n.quantity, '；'
        ORDER BY n.standard_code
    ),
    p.project_id
FROM v_standards_need AS n
JOIN orgs_unit AS u ON u.id = n.unit_id
LEFT JOIN LATERAL (
    SELECT min(project_id) AS project_id
    FROM v_projects_project AS p
    WHERE p.unit_id = n.unit_id AND p.category = n.category AND p.state IN ('in_library', 'running')
        AND n.fiscal_year BETWEEN p.start_year AND p.end_year
) AS p ON true
WHERE n.fiscal_year = %s AND n.category IN ('personnel', 'public')
    AND (%s::bigint[] IS NULL OR n.unit_id = ANY(%s::bigint[]))
GROUP BY n.unit_id, u.name, n.category, n.economic_code, n.guarantee_item, p.project_id
ORDER BY n.unit_id, n.category, n.economic_code, n.guarantee_item
