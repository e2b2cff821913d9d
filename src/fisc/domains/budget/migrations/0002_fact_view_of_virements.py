"""What rules may look at in a virement (sql/v_virement_facts.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("budget", "0001_approvals_allotments_and_changes")]

    operations = [
        migrations.RunSQL(
            (SQL / "v_virement_facts.sql").read_text(encoding="utf-8"), "DROP VIEW v_virement_facts"
        )
    ]
