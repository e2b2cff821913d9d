"""The parts agree with the total (sql/parts.sql); views for the rules and for other modules."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = ("parts.sql", "v_project_facts.sql", "published.sql")
DROP = """
DROP VIEW v_evaluation_facts;
DROP VIEW v_projects_year;
DROP VIEW v_projects_rank;
DROP VIEW v_projects_project;
DROP VIEW v_project_facts;
DROP FUNCTION projects_limit(text, text, date);
DROP TRIGGER projects_total_covers_parts ON documents_document;
DROP FUNCTION projects_check_total();
DROP TRIGGER projects_source_make_total ON projects_source;
DROP FUNCTION projects_check_sources();
DROP TRIGGER projects_yearamount_made_of_lines ON projects_yearamount;
DROP TRIGGER projects_estimateline_make_year ON projects_estimateline;
DROP FUNCTION projects_check_estimates();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0003_estimates_sources_targets_and_ranks"),
        ("rules", "0002_epoch_and_functions_of_conditions"),
        ("orgs", "0002_guards_in_the_database"),
    ]

    operations = [
        migrations.RunSQL("\n".join((SQL / name).read_text(encoding="utf-8") for name in FILES), DROP)
    ]
