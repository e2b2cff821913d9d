"""The Django app of this package."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StandardsConfig(AppConfig):
    """基础信息与支出标准"""

    name = "fisc.domains.standards"
    label = "standards"
    verbose_name = "基础信息与支出标准"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """This will see to it that a fresh database has standards to begin with."""
        post_migrate.connect(load_when_empty, sender=self, dispatch_uid="fisc.domains.standards.rates")


def load_when_empty(*, using: str, **_: object) -> None:
    """This will load the standards as shipped, where there are none; the bureau then edits them with dates."""
    from fisc.domains.standards.rates import load_defaults

    if using == "default":
        load_defaults()
