"""库款保障水平 by month, for rules to look at."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_views_of_holds_and_days"),
        ("treasury", "0006_cash_forecasts"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "v_treasury_cash_cover.sql").read_text(encoding="utf-8"), "DROP VIEW v_treasury_cash_cover"
        )
    ]
