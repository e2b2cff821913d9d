"""The Django app of this package."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """事件与审计"""

    name = "fisc.kernel.events"
    label = "events"
    verbose_name = "事件与审计"
