"""The turnovers with their accounts' dimensions, for other modules to read."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql" / "turnover_view.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_journal_balances_and_doors")]
    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP VIEW v_ledger_turnover")]
