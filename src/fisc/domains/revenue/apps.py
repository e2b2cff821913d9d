"""The Django app of this package."""

from django.apps import AppConfig


class RevenueConfig(AppConfig):
    """收入管理"""

    name = "fisc.domains.revenue"
    label = "revenue"
    verbose_name = "收入管理"
