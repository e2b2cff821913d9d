"""The Django app of this package."""

from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    """推演台"""

    name = "fisc.domains.scenarios"
    label = "scenarios"
    verbose_name = "推演台"
