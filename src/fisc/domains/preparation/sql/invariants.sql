-- name: approved_is_replied_and_pending
SELECT r.fiscal_year, fund, function_code, a.approved_fen, a.replied_fen, a.pending_fen, l.fen AS lines_fen
FROM preparation_approved AS a
FULL JOIN (
    SELECT round_id, fund, function_code, sum(reply_fen)::bigint AS fen
    FROM preparation_line
    WHERE reply_fen <> 0
    GROUP BY round_id, fund, function_code
) AS l USING (round_id, fund, function_code)
JOIN preparation_round AS r ON r.document_id = round_id
WHERE
    coalesce(l.fen, 0) <> coalesce(a.replied_fen, 0)
    OR coalesce(l.fen, 0) + coalesce(a.pending_fen, 0) <> coalesce(a.approved_fen, 0)
-- name: second_within_control
SELECT r.fiscal_year, u.code AS unit_code, u.name AS unit, project_id, c.control_fen, c.second_fen, l.fen AS lines_fen
FROM preparation_ceiling AS c
FULL JOIN (
    SELECT round_id, unit_id, project_id, sum(second_fen)::bigint AS fen
    FROM preparation_line
    WHERE second_fen <> 0
    GROUP BY round_id, unit_id, project_id
) AS l USING (round_id, unit_id, project_id)
JOIN preparation_round AS r ON r.document_id = round_id
JOIN orgs_unit AS u ON u.id = unit_id
WHERE coalesce(l.fen, 0) <> coalesce(c.second_fen, 0) OR coalesce(l.fen, 0) > coalesce(c.control_fen, 0)
-- name: versions_unchanged
SELECT v.id AS version_id, r.fiscal_year, v.number, v.stage, v.line_count, v.total_fen, v.digest
FROM preparation_version AS v
JOIN preparation_round AS r ON r.document_id = v.round_id
LEFT JOIN (
    SELECT version_id, count(*) AS line_count, sum(amount_fen) AS total_fen
    FROM preparation_versionline
    GROUP BY version_id
) AS l ON l.version_id = v.id
WHERE
    coalesce(l.line_count, 0) <> v.line_count
    OR coalesce(l.total_fen, 0) <> v.total_fen
    OR preparation_digest(v.id) <> v.digest
-- name: protected_uncut
SELECT l.id AS line_id, u.name AS unit, l.project_id, l.economic_code, l.first_fen, l.reviewed_fen
FROM preparation_line AS l
JOIN orgs_unit AS u ON u.id = l.unit_id
WHERE l.is_protected AND l.reviewed_fen < l.first_fen
