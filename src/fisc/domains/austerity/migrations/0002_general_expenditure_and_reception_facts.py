"""General expenditure from the ledger, and what rules may look at in a reception."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("austerity", "0001_ceilings_caps_and_receptions"),
        ("ledger", "0002_view_of_turnovers"),
        ("orgs", "0001_people_units_and_grants"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "views.sql").read_text(encoding="utf-8"),
            (SQL / "drop_views.sql").read_text(encoding="utf-8"),
        )
    ]
