"""Parameters and inputs of a scenario are frozen once taken; a kept scenario never changes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0001_scenarios_with_their_lines")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "frozen.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "frozen_drop.sql").read_text(encoding="utf-8"),
        )
    ]
