SELECT count(*) FROM v_preparation_line WHERE fiscal_year = %(year)s
