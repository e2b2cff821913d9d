"""A scenario remembers when its drafts were made, so that they are made once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0002_kept_scenarios_are_frozen")]

    operations = [
        migrations.AddField(
            model_name="scenario",
            name="drawn_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="生成草稿时刻"),
        ),
        migrations.AddField(
            model_name="scenario",
            name="drawn_count",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="生成草稿份数"),
        ),
    ]
