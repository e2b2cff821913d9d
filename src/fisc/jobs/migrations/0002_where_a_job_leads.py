"""A job knows the page that shows its result."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_background_jobs")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="link",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="页面"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=["link"],
                name="jobs_job_under_way",
            ),
        ),
    ]
