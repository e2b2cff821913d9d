"""What the database itself refuses (sql/guards.sql), frozen versions (sql/versions.sql), views (sql/views.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = ("guards", "versions", "views")
DROP = """
DROP VIEW v_preparation_request_facts, v_preparation_cut, v_preparation_cut_facts, v_preparation_line;
DROP FUNCTION preparation_freeze(bigint, text, bigint, timestamptz);
DROP FUNCTION preparation_digest(bigint);
DROP FUNCTION preparation_refuse_additions() CASCADE;
DROP FUNCTION preparation_refuse_change() CASCADE;
DROP FUNCTION preparation_refuse_truncate() CASCADE;
DROP FUNCTION preparation_born_without_reply() CASCADE;
DROP FUNCTION preparation_sum_reply() CASCADE;
DROP FUNCTION preparation_sum_second() CASCADE;
DROP FUNCTION preparation_add_second(bigint[], bigint[], bigint[], bigint[]);
DROP FUNCTION preparation_guard_deleted() CASCADE;
DROP FUNCTION preparation_guard_updated() CASCADE;
DROP FUNCTION preparation_guard_inserted() CASCADE;
DROP FUNCTION preparation_refuse_closed(bigint, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("preparation", "0001_rounds_lines_and_versions")]

    operations = [
        migrations.RunSQL(
            "\n".join((SQL / f"{name}.sql").read_text(encoding="utf-8") for name in FILES), DROP
        )
    ]
