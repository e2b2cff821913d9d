-- name: cut_of
-- What the year's preparation cut of an item, and what has been given back of it already.
SELECT c.round_id, sum(c.cut_fen)::bigint, coalesce((
    SELECT sum(r.restored_fen)
    FROM preparation_restored AS r
    WHERE r.round_id = c.round_id AND r.unit_id = c.unit_id AND r.project_id = c.project_id
        AND (min(c.category) IN ('operating', 'special') OR r.economic_code = min(c.economic_code))
), 0)::bigint
FROM v_preparation_cut_facts AS c
WHERE c.fiscal_year = %s AND c.unit_id = %s AND c.project_id = %s
    AND (c.category IN ('operating', 'special') OR c.economic_code = %s)
GROUP BY c.round_id, c.unit_id, c.project_id
HAVING sum(c.cut_fen) > 0
