-- name: approve
-- What the congress approves by fund and function: the second asks, and what is not given to a unit yet.
INSERT INTO preparation_approved (round_id, fund, function_code, approved_fen, replied_fen)
SELECT %s, fund, function_code, sum(fen)::bigint, 0
FROM (
    SELECT fund, function_code, second_fen AS fen FROM preparation_line WHERE round_id = %s AND second_fen > 0
    UNION ALL
    SELECT fund, function_code, fen FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS d (fund, function_code, fen)
) AS asked
GROUP BY fund, function_code

-- name: start_timers
-- One row per department that has lines: the unit itself, or the unit above it.
INSERT INTO preparation_timer (round_id, unit_id, reply_due_on)
SELECT DISTINCT %s, coalesce(above.id, u.id), %s::date
FROM preparation_line AS l
JOIN orgs_unit AS u ON u.id = l.unit_id
LEFT JOIN orgs_unit AS above ON above.id = u.parent_id
WHERE l.round_id = %s AND l.second_fen > 0

-- name: give
UPDATE preparation_line SET reply_fen = nullif(second_fen, 0) WHERE round_id = %s

-- name: give_otherwise
UPDATE preparation_line AS l
SET reply_fen = nullif(d.fen, 0)
FROM unnest(%s::bigint[], %s::bigint[]) AS d (line_id, fen)
WHERE l.id = d.line_id AND l.round_id = %s

-- name: given
SELECT coalesce(sum(reply_fen), 0)::bigint FROM preparation_line WHERE round_id = %s

-- name: take_back
UPDATE preparation_line SET reply_fen = NULL WHERE round_id = %s AND reply_fen IS NOT NULL
