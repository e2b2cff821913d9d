"""The Django app of this package."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GuaranteesConfig(AppConfig):
    """三保与民生"""

    name = "fisc.domains.guarantees"
    label = "guarantees"
    verbose_name = "三保与民生"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """This will see to it that a fresh database has a 三保 list to begin with."""
        post_migrate.connect(load_list_when_empty, sender=self, dispatch_uid="fisc.domains.guarantees.list")


def load_list_when_empty(*, using: str, **_: object) -> None:
    """This will load the list as shipped, where there is none; the bureau then brings new versions into force."""
    from fisc.domains.guarantees.catalogue import load_defaults

    if using == "default":
        load_defaults()
