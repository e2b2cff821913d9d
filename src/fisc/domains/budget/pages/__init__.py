"""The budget's own pages: four budgets, the year-end workbench, cuts with appeals, ageing of advances."""
