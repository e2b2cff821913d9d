"""A code in use cannot change meaning; every change moves the stamp that caches look at."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("codes", "0001_code_lists_by_fiscal_year")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "guards.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "guards_drop.sql").read_text(encoding="utf-8"),
        ),
    ]
