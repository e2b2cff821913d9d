"""The Django app of this package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """页面"""

    name = "fisc.web"
    label = "web"
    verbose_name = "页面"
