"""The Django app of this package."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """后台作业"""

    name = "fisc.jobs"
    label = "jobs"
    verbose_name = "后台作业"
