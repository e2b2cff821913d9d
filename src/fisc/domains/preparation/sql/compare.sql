-- Two frozen versions against each other. Parameters of the first part: old version, new version, units (NULL: all) twice.
-- name: cells
WITH cell AS (
    -- one row is one cell that is in either version
    SELECT
        unit_id, project_id, fund, function_code, economic_code, flags::integer AS flags, guarantee_item,
        o.amount_fen AS old_fen,
        n.amount_fen AS new_fen
    FROM (SELECT * FROM preparation_versionline WHERE version_id = %s) AS o
    FULL JOIN (SELECT * FROM preparation_versionline WHERE version_id = %s) AS n
        USING (unit_id, project_id, fund, function_code, economic_code, flags, guarantee_item)
    WHERE o.amount_fen IS DISTINCT FROM n.amount_fen AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
),
-- name: projects
WITH cell AS (
    -- one row is one unit x project that is in either version
    SELECT
        unit_id, project_id, '' AS fund, '' AS function_code, '' AS economic_code, 0 AS flags, '' AS guarantee_item,
        o.amount_fen AS old_fen,
        n.amount_fen AS new_fen
    FROM (
        SELECT unit_id, project_id, sum(amount_fen)::bigint AS amount_fen
        FROM preparation_versionline WHERE version_id = %s GROUP BY unit_id, project_id
    ) AS o
    FULL JOIN (
        SELECT unit_id, project_id, sum(amount_fen)::bigint AS amount_fen
        FROM preparation_versionline WHERE version_id = %s GROUP BY unit_id, project_id
    ) AS n USING (unit_id, project_id)
    WHERE o.amount_fen IS DISTINCT FROM n.amount_fen AND (%s::bigint[] IS NULL OR unit_id = ANY(%s::bigint[]))
),
-- name: totals
difference AS (
    SELECT
        *,
        CASE WHEN old_fen IS NULL THEN 'added' WHEN new_fen IS NULL THEN 'removed' ELSE 'changed' END AS what
    FROM cell
)
SELECT what, count(*)::integer, sum(coalesce(new_fen, 0) - coalesce(old_fen, 0))::bigint
FROM difference
GROUP BY what
-- name: page
difference AS (
    SELECT
        *,
        CASE WHEN old_fen IS NULL THEN 'added' WHEN new_fen IS NULL THEN 'removed' ELSE 'changed' END AS what
    FROM cell
)
SELECT
    d.what, u.code, u.name, d.project_id, p.title, d.fund, d.function_code, d.economic_code, d.flags, d.old_fen, d.new_fen
FROM difference AS d
JOIN orgs_unit AS u ON u.id = d.unit_id
JOIN documents_document AS p ON p.id = d.project_id
WHERE %s = '' OR d.what = %s
ORDER BY abs(coalesce(d.new_fen, 0) - coalesce(d.old_fen, 0)) DESC, u.code, d.project_id, d.fund, d.function_code, d.economic_code
LIMIT %s OFFSET %s
