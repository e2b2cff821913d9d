"""The Django app of this package."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RevenueConfig(AppConfig):
    """收入管理"""

    name = "fisc.domains.revenue"
    label = "revenue"
    verbose_name = "收入管理"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """This will see to it that a fresh database has a sharing table to begin with."""
        post_migrate.connect(
            load_sharing_when_empty, sender=self, dispatch_uid="fisc.domains.revenue.sharing"
        )


def load_sharing_when_empty(*, using: str, **_: object) -> None:
    """This will load the sharing table as shipped, where there is none; the bureau then edits it with dates."""
    from fisc.domains.revenue.sharing import load_defaults

    if using == "default":
        load_defaults()
