"""The fact view of letters, and the time limits a bureau begins with."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0001_targets_bulletins_letters_and_limits"),
        ("orgs", "0002_guards_in_the_database"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "letter_facts.sql").read_text(encoding="utf-8"), "DROP VIEW v_progress_letter_facts;"
        ),
        migrations.RunSQL((SQL / "limits.sql").read_text(encoding="utf-8"), "DELETE FROM progress_limit;"),
    ]
