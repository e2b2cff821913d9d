"""Django's entry for the module; everything else stands in module.py."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """支出进度"""

    name = "fisc.domains.progress"
    label = "progress"
    verbose_name = "支出进度"
    default_auto_field = "django.db.models.BigAutoField"
