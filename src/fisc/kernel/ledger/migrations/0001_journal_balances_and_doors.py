"""The tables and functions of the ledger, as SQL: what Django's models cannot say is most of them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"
FILES = ("tables", "guards", "periods", "accounts", "posting", "holds", "reversal", "rebuild")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("events", "0001_audit_outbox_and_seals")]
    operations = [migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8")) for name in FILES]
