"""v_document_facts: what conditions may look at where a kind has no fact view of its own."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_doors_in_the_database")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "facts.sql").read_text(encoding="utf-8"),
            reverse_sql="DROP VIEW IF EXISTS v_document_facts",
        )
    ]
