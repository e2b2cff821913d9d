"""How lines belong to 三保 items, and the views that hold need, arrangement and spending side by side."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("guarantees", "0001_lists_and_needs"),
        ("ledger", "0002_view_of_turnovers"),
        ("orgs", "0001_people_units_and_grants"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "belonging.sql").read_text(encoding="utf-8")
            + (SQL / "views.sql").read_text(encoding="utf-8"),
            (SQL / "drop_views.sql").read_text(encoding="utf-8"),
        )
    ]
