"""项目库: every project of the district, its code for life, its total and what of it is arranged."""
