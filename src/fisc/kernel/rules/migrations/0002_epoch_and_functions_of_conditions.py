"""Functions that conditions call, the epoch, and the guard on rule versions."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_rules_findings_and_standing_runs")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "engine.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "engine_drop.sql").read_text(encoding="utf-8"),
        )
    ]
