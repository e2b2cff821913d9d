-- One row is a unit the person may see: the whole trees below the roots; the units of the sections, and below
-- these the subordinates that have no other section of their own.
WITH RECURSIVE tree AS (
    SELECT u.id FROM orgs_unit u WHERE u.id = ANY (%(roots)s::bigint[])
    UNION
    SELECT u.id FROM orgs_unit u JOIN tree t ON u.parent_id = t.id
), of_section AS (
    SELECT u.id FROM orgs_unit u WHERE u.section_id = ANY (%(sections)s::bigint[])
    UNION
    SELECT u.id FROM orgs_unit u JOIN of_section s ON u.parent_id = s.id WHERE u.section_id IS NULL
)
SELECT id FROM tree
UNION
SELECT id FROM of_section
