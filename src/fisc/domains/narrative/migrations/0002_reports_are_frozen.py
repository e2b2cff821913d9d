"""A written report is never changed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("narrative", "0001_reports_with_their_figures")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "frozen.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "frozen_drop.sql").read_text(encoding="utf-8"),
        )
    ]
