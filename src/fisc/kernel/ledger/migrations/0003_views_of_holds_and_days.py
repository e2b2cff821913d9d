"""What holds reserve, and what accounts turned over by day, for other modules to read."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql" / "reading_views.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_view_of_turnovers")]
    operations = [
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP VIEW v_ledger_day; DROP VIEW v_ledger_hold")
    ]
