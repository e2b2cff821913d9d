"""The Django app of this package."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """指标口径"""

    name = "fisc.kernel.metrics"
    label = "metrics"
    verbose_name = "指标口径"
