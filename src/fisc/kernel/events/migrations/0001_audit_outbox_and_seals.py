"""The tables of events, as SQL: what Django's models cannot say (guards, functions) is most of them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL((SQL / "tables.sql").read_text(encoding="utf-8"))]
