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
