"""Codes are given once, for life; the parts by year stay within the total (sql/guards.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = """
DROP TRIGGER projects_project_code_for_life ON projects_project;
DROP FUNCTION projects_keep_code();
DROP TRIGGER projects_yearamount_within_total ON projects_yearamount;
DROP FUNCTION projects_check_years();
DROP SEQUENCE projects_code_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_projects_years_and_changes")]

    operations = [migrations.RunSQL((SQL / "guards.sql").read_text(encoding="utf-8"), DROP)]
