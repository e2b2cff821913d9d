"""The Django app of this package."""

from django.apps import AppConfig


class PreparationConfig(AppConfig):
    """预算编制"""

    name = "fisc.domains.preparation"
    label = "preparation"
    verbose_name = "预算编制"
