"""The Django app of this package."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """开放接口"""

    name = "fisc.api"
    label = "api"
    verbose_name = "开放接口"
