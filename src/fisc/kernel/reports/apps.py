"""The Django app of this package."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """报表"""

    name = "fisc.kernel.reports"
    label = "reports"
    verbose_name = "报表"
