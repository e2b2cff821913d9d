"""What rules may look at in the legal time limits of a round (sql/limits.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("preparation", "0003_fewer_indexes_on_lines"), ("orgs", "0002_guards_in_the_database")]

    operations = [
        migrations.RunSQL(
            (SQL / "limits.sql").read_text(encoding="utf-8"), "DROP VIEW v_preparation_limit_facts"
        )
    ]
