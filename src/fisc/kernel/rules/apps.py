"""The Django app of this package."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """规则"""

    name = "fisc.kernel.rules"
    label = "rules"
    verbose_name = "规则"
