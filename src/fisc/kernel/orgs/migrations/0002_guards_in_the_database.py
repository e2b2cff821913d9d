"""What Django cannot say: the group of a grant is its role's, the unit tree has no ring, the system account has no log-in."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("orgs", "0001_people_units_and_grants")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "guards.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "guards_drop.sql").read_text(encoding="utf-8"),
        ),
    ]
