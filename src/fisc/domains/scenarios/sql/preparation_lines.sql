-- One row is one line of the year's round with what the project register says of its project. Amounts in 分.
SELECT
    l.line_id, l.unit_id, coalesce(p.title, '') AS title, coalesce(l.reviewed_fen, l.first_fen, 0) AS base_fen,
    coalesce(l.first_fen, l.reviewed_fen, 0) AS asked_fen, l.project_id, l.category, l.nature, coalesce(p.grade, '') AS grade,
    coalesce(p.rank, 0) AS rank, coalesce(l.guarantee_item, '') AS guarantee_item, l.flags,
    coalesce(p.has_upper_money, false) AS has_upper_money, coalesce(p.is_bond, false) AS is_bond,
    coalesce(p.contract_fen, 0) AS contract_fen
FROM v_preparation_line AS l
LEFT JOIN v_projects_project AS p USING (project_id)
WHERE l.fiscal_year = %(year)s AND (%(fund)s = '' OR l.fund = %(fund)s)
ORDER BY l.line_id
