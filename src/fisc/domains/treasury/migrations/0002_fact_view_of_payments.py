"""What rules may look at in a payment (sql/v_payment_facts.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_payments_files_and_clearing")]

    operations = [
        migrations.RunSQL(
            (SQL / "v_payment_facts.sql").read_text(encoding="utf-8"), "DROP VIEW v_payment_facts"
        )
    ]
