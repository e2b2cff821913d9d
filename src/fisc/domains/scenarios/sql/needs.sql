-- One row is one item of the needs in force of a year with its twelve months, 分; no months: an empty array.
SELECT
    item,
    name,
    ARRAY(
        SELECT month.fen::bigint
        FROM jsonb_array_elements_text(monthly) WITH ORDINALITY AS month (fen, place)
        ORDER BY month.place
    ) AS monthly
FROM v_guarantees_need
WHERE fiscal_year = %(year)s
ORDER BY item
