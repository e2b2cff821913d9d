-- Which 三保 item a line of the budget belongs to. The selectors are data; these functions only apply them.

-- The list in force in a fiscal year.
CREATE FUNCTION guarantees_version(wanted_year integer) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT id FROM guarantees_list_version
    WHERE valid_from_year <= wanted_year
    ORDER BY valid_from_year DESC
    LIMIT 1
$$;

-- What the project register says of projects. Its view is looked up when the function runs, not when it is made, so
-- that the migrations of the two modules do not depend on each other.
CREATE FUNCTION guarantees_projects()
RETURNS TABLE (project_id bigint, category text, guarantee_item text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT project.project_id::bigint, project.category::text, coalesce(project.guarantee_item, '')::text
    FROM v_projects_project AS project;
END;
$$;

-- One line: the item it belongs to, or NULL. Order: people's pay is told apart by its economic item; else the item that
-- the project names; else the closest selector. A selector without a category takes marked lines (flag 1) only.
CREATE FUNCTION guarantees_item_of(
    wanted_year integer, category text, given text, economic text, function_code text, flags integer
) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT item.code
    FROM guarantees_list_item AS item
    LEFT JOIN guarantees_selector AS selector ON selector.item_id = item.id
        AND (selector.category = $2 OR (selector.category = '' AND $2 <> 'personnel' AND $6 & 1 = 1))
        AND starts_with($4, selector.economic_prefix) AND starts_with($5, selector.function_prefix)
    WHERE item.version_id = guarantees_version($1) AND (selector.id IS NOT NULL OR item.code = $3)
    ORDER BY
        CASE
            WHEN $2 = 'personnel' AND selector.id IS NOT NULL THEN 1
            WHEN item.code = $3 THEN 2
            ELSE 3
        END,
        length(selector.economic_prefix) + length(selector.function_prefix) DESC NULLS LAST,
        item.code
    LIMIT 1
$$;
