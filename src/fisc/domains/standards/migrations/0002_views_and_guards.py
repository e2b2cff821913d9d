"""Published and fact views; accepted figures and past rates are frozen."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def _sql(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("standards", "0001_standards_and_base_reports"),
        ("documents", "0004_fewer_indexes_on_headers"),
        ("orgs", "0002_guards_in_the_database"),
    ]

    operations = [
        migrations.RunSQL(_sql("guards.sql"), _sql("guards_drop.sql")),
        migrations.RunSQL(_sql("views.sql"), _sql("views_drop.sql")),
    ]
