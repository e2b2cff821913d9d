-- One row is one project with what the guards look at.
SELECT
    project_id, title, category, nature, coalesce(guarantee_item, ''), is_bond, has_upper_money, coalesce(contract_fen, 0),
    coalesce(grade, ''), coalesce(rank, 0)
FROM v_projects_project
WHERE project_id = ANY (%(ids)s)
