"""The set-based writes of approval, and the guards that keep what was done."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_chains_routes_tasks_and_delegation"),
        ("documents", "0002_doors_in_the_database"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "tasks.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "tasks_drop.sql").read_text(encoding="utf-8"),
        )
    ]
