"""What other modules and the figures may read of cuts and advances (sql/v_budget_*.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
VIEWS = ("v_budget_execution_cut", "v_budget_open_advance")


class Migration(migrations.Migration):
    dependencies = [("budget", "0003_four_budgets_year_end_advances_and_cuts")]

    operations = [
        migrations.RunSQL((SQL / f"{view}.sql").read_text(encoding="utf-8"), f"DROP VIEW {view}")
        for view in VIEWS
    ]
