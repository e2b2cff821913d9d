"""State and amount of a document change only through the functions of sql/doors.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_headers_counters_and_attachments")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "doors.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "doors_drop.sql").read_text(encoding="utf-8"),
        )
    ]
