"""The Django app of this package."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AusterityConfig(AppConfig):
    """三公与紧日子"""

    name = "fisc.domains.austerity"
    label = "austerity"
    verbose_name = "三公与紧日子"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """This will see to it that a fresh database has a set of general expenditure to begin with."""
        post_migrate.connect(load_set_when_empty, sender=self, dispatch_uid="fisc.domains.austerity.set")


def load_set_when_empty(*, using: str, **_: object) -> None:
    """This will load the set as shipped, where there is none; the bureau then brings new versions into force."""
    from fisc.domains.austerity.general_set import load_defaults

    if using == "default":
        load_defaults()
