-- One row is one item of the needs in force of a year with its twelve months, 分.
SELECT item, name, monthly
FROM v_guarantees_need
WHERE fiscal_year = %(year)s
ORDER BY item
