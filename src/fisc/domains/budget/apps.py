"""Django's entry for the module; everything else stands in module.py."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BudgetConfig(AppConfig):
    name = "fisc.domains.budget"
    label = "budget"
    verbose_name = "预算指标"

    def ready(self) -> None:
        """This will see to it that a fresh database has the dated tables to begin with."""
        post_migrate.connect(load_when_empty, sender=self, dispatch_uid="fisc.domains.budget.reference")


def load_when_empty(*, using: str, **_: object) -> None:
    """This will load the dated tables as shipped, where there are none; the bureau then edits them with dates."""
    from fisc.domains.budget.reference import load_defaults

    if using == "default":
        load_defaults()
