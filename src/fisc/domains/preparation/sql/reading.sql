-- name: round_totals
SELECT
    sum(first_fen)::bigint, sum(reviewed_fen)::bigint,
    (SELECT sum(control_fen)::bigint FROM preparation_ceiling WHERE round_id = %s),
    sum(second_fen)::bigint, sum(reply_fen)::bigint
FROM preparation_line
WHERE round_id = %s

-- name: largest_lines
SELECT p.title, l.economic_code, l.first_fen, l.reviewed_fen, c.control_fen, l.second_fen, l.reply_fen, count(*) OVER ()
FROM preparation_line AS l
JOIN documents_document AS p ON p.id = l.project_id
LEFT JOIN preparation_ceiling AS c ON c.round_id = l.round_id AND c.unit_id = l.unit_id AND c.project_id = l.project_id
WHERE l.round_id = %s AND l.unit_id = %s
ORDER BY greatest(l.first_fen, l.second_fen) DESC, l.id
LIMIT %s

-- name: reply_by_department
SELECT d.name, count(DISTINCT l.unit_id), sum(coalesce(l.second_fen, 0))::bigint, sum(coalesce(l.reply_fen, 0))::bigint
FROM preparation_line AS l
JOIN orgs_unit AS u ON u.id = l.unit_id
JOIN orgs_unit AS d ON d.id = coalesce(u.parent_id, u.id)
WHERE l.round_id = %s
GROUP BY d.id
ORDER BY 4 DESC, d.code

-- name: departments
-- One row is one department of the round: its units, what they ask in every stage.
WITH unit AS (
    SELECT
        unit_id, sum(first_fen) AS first_fen, sum(reviewed_fen) AS reviewed_fen, sum(second_fen) AS second_fen,
        sum(reply_fen) AS reply_fen
    FROM preparation_line
    WHERE round_id = %s AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
    GROUP BY unit_id
),
control AS (
    SELECT unit_id, sum(control_fen) AS control_fen FROM preparation_ceiling WHERE round_id = %s GROUP BY unit_id
)
SELECT
    d.id, d.code, d.name, count(*), sum(unit.first_fen)::bigint, sum(unit.reviewed_fen)::bigint,
    sum(control.control_fen)::bigint, sum(unit.second_fen)::bigint, sum(unit.reply_fen)::bigint
FROM unit
JOIN orgs_unit AS u ON u.id = unit.unit_id
JOIN orgs_unit AS d ON d.id = coalesce(u.parent_id, u.id)
LEFT JOIN control ON control.unit_id = unit.unit_id
GROUP BY d.id
ORDER BY d.code

-- name: waiting
-- One row is one unit that has not finished a stage: those that have a project to budget for, or a request already.
SELECT u.id, u.code, u.name, q.document_id, coalesce(h.state, ''), coalesce(h.node, ''), coalesce(h.amount_fen, 0),
       count(*) OVER ()
FROM orgs_unit AS u
LEFT JOIN preparation_request AS q ON q.unit_id = u.id AND q.round_id = %s AND q.stage = %s
LEFT JOIN documents_document AS h ON h.id = q.document_id
WHERE u.is_active AND coalesce(h.state, '') <> 'approved'
    AND (%s::bigint[] IS NULL OR u.id = ANY(%s::bigint[]))
    AND (q.document_id IS NOT NULL OR (
        CASE WHEN %s = 'second' THEN EXISTS (
            SELECT FROM preparation_ceiling AS c WHERE c.round_id = %s AND c.unit_id = u.id AND c.control_fen > 0
        )
        ELSE EXISTS (
            SELECT FROM v_projects_project AS p
            WHERE p.unit_id = u.id AND p.state IN ('in_library', 'running') AND %s BETWEEN p.start_year AND p.end_year
        ) END
    ))
ORDER BY coalesce(h.state, '') <> '', h.state = 'in_review', u.code
LIMIT %s

-- name: stage_counts
SELECT q.stage, h.state, count(*)::integer
FROM preparation_request AS q
JOIN documents_document AS h ON h.id = q.document_id
WHERE q.round_id = %s AND (%s::bigint[] IS NULL OR q.unit_id = ANY(%s::bigint[]))
GROUP BY q.stage, h.state

-- name: cuts_by_class
SELECT category, sum(asked_fen)::bigint, sum(allowed_fen)::bigint, sum(cut_fen)::bigint, sum(added_fen)::bigint, count(*)::integer
FROM v_preparation_cut_facts
WHERE round_id = %s AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
GROUP BY category
ORDER BY 4 DESC

-- name: cuts_by_unit
SELECT u.id, u.code, u.name, sum(c.asked_fen)::bigint, sum(c.allowed_fen)::bigint, sum(c.cut_fen)::bigint,
       sum(c.added_fen)::bigint, count(*)::integer
FROM v_preparation_cut_facts AS c
JOIN orgs_unit AS u ON u.id = c.unit_id
WHERE c.round_id = %s AND (%s::bigint[] IS NULL OR c.unit_id = ANY(%s::bigint[]))
GROUP BY u.id
ORDER BY 6 DESC, u.code

-- name: cuts_by_reason
SELECT reason, sum(cut_fen)::bigint, count(*)::integer
FROM v_preparation_cut_facts
WHERE round_id = %s AND cut_fen > 0 AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
GROUP BY reason
ORDER BY 2 DESC
LIMIT 12

-- name: outside_scope
-- What is not in the scope of F8: protected and priority lines.
SELECT
    coalesce(sum(first_fen) FILTER (WHERE is_protected), 0)::bigint,
    coalesce(sum(first_fen) FILTER (WHERE NOT is_protected), 0)::bigint,
    coalesce(sum(reviewed_fen) FILTER (WHERE NOT is_protected), 0)::bigint
FROM preparation_line
WHERE round_id = %s AND NOT is_cuttable AND reviewed_fen IS NOT NULL
    AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))

-- name: cut_items
-- One row is one item of F8 of a unit with its project and its request.
SELECT c.document_id, p.title, c.economic_code, c.asked_fen, c.allowed_fen, c.cut_fen, c.added_fen, c.reason
FROM v_preparation_cut_facts AS c
JOIN documents_document AS p ON p.id = c.project_id
WHERE c.round_id = %s AND c.unit_id = %s
ORDER BY c.cut_fen DESC, c.project_id, c.economic_code
LIMIT 100

-- name: restored
SELECT r.id, u.name, p.title, r.economic_code, r.cut_fen, r.added_fen, r.restored_fen, r.supplement_id, s.number,
       r.answer, a.name, r.answered_at, count(*) OVER (), count(*) FILTER (WHERE r.answer = '') OVER (),
       sum(r.restored_fen) OVER ()::bigint
FROM preparation_restored AS r
JOIN orgs_unit AS u ON u.id = r.unit_id
JOIN documents_document AS p ON p.id = r.project_id
JOIN documents_document AS s ON s.id = r.supplement_id
LEFT JOIN orgs_user AS a ON a.id = r.answered_by_id
WHERE r.round_id = %s
ORDER BY r.answer <> '', r.restored_fen DESC
LIMIT 80

-- name: sheet
-- One row is one line of a unit as the sheet shows it.
SELECT
    l.id, l.project_id, p.title, l.fund, l.function_code, l.economic_code, l.flags, l.nature, l.guarantee_item, l.category,
    l.first_fen, l.standard_fen, l.standard_note, l.reviewed_fen, l.reason, c.control_fen, l.second_fen, l.reply_fen, l.note,
    l.is_protected, coalesce(cut.cut_fen, 0)::bigint, cut.document_id
FROM preparation_line AS l
JOIN preparation_round AS r ON r.document_id = l.round_id
JOIN documents_document AS p ON p.id = l.project_id
LEFT JOIN preparation_ceiling AS c ON c.round_id = l.round_id AND c.unit_id = l.unit_id AND c.project_id = l.project_id
LEFT JOIN (
    SELECT fiscal_year, unit_id, project_id, sum(cut_fen) AS cut_fen, min(document_id) AS document_id
    FROM preparation_carriedcut
    GROUP BY fiscal_year, unit_id, project_id
) AS cut ON cut.fiscal_year = r.fiscal_year AND cut.unit_id = l.unit_id AND cut.project_id = l.project_id
WHERE l.round_id = %s AND l.unit_id = %s
ORDER BY l.category = 'special', l.category, l.project_id, l.economic_code, l.function_code, l.id

-- name: unit_projects
SELECT project_id, code, title
FROM v_projects_project
WHERE (unit_id = %s OR department_id = %s) AND state IN ('in_library', 'running') AND %s BETWEEN start_year AND end_year
ORDER BY category, code
