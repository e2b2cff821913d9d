"""The Django app of this package."""

from django.apps import AppConfig


class NarrativeConfig(AppConfig):
    """工作报告"""

    name = "fisc.domains.narrative"
    label = "narrative"
    verbose_name = "工作报告"
