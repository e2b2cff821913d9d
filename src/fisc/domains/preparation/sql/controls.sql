-- name: proposals
-- One row is one unit x project: asked, reviewed, what of it may not be cut, what execution cuts carry in, what is in force.
SELECT
    l.unit_id, l.project_id, l.first_fen, l.reviewed_fen, l.protected_fen, coalesce(cut.cut_fen, 0)::bigint, c.control_fen
FROM (
    SELECT
        round_id, unit_id, project_id,
        sum(first_fen)::bigint AS first_fen,
        sum(reviewed_fen)::bigint AS reviewed_fen,
        coalesce(sum(reviewed_fen) FILTER (WHERE is_protected), 0)::bigint AS protected_fen
    FROM preparation_line
    WHERE round_id = %s AND reviewed_fen IS NOT NULL AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
    GROUP BY round_id, unit_id, project_id
) AS l
JOIN preparation_round AS r ON r.document_id = l.round_id
LEFT JOIN (
    SELECT fiscal_year, unit_id, project_id, sum(cut_fen) AS cut_fen
    FROM preparation_carriedcut
    GROUP BY fiscal_year, unit_id, project_id
) AS cut ON cut.fiscal_year = r.fiscal_year AND cut.unit_id = l.unit_id AND cut.project_id = l.project_id
LEFT JOIN preparation_ceiling AS c
    ON c.round_id = l.round_id AND c.unit_id = l.unit_id AND c.project_id = l.project_id
ORDER BY l.unit_id, l.project_id

-- name: put_in_force
INSERT INTO preparation_ceiling (round_id, unit_id, project_id, control_fen, second_fen, source_id)
SELECT c.round_id, l.unit_id, l.project_id, l.control_fen, 0, c.document_id
FROM preparation_controlline AS l
JOIN preparation_control AS c ON c.document_id = l.control_id
WHERE l.control_id = %s
ORDER BY l.unit_id, l.project_id
ON CONFLICT ON CONSTRAINT preparation_ceiling_once DO UPDATE
SET control_fen = excluded.control_fen, source_id = excluded.source_id

-- name: below_second
-- One row is one control figure of a document that is lower than what the unit asks already.
SELECT u.name, p.title, l.control_fen, c.second_fen
FROM preparation_controlline AS l
JOIN preparation_control AS k ON k.document_id = l.control_id
JOIN preparation_ceiling AS c ON c.round_id = k.round_id AND c.unit_id = l.unit_id AND c.project_id = l.project_id
JOIN orgs_unit AS u ON u.id = l.unit_id
JOIN documents_document AS p ON p.id = l.project_id
WHERE l.control_id = %s AND l.control_fen < c.second_fen
ORDER BY u.code, p.id
