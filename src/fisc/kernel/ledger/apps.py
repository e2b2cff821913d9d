"""The Django app of this package."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """总账"""

    name = "fisc.kernel.ledger"
    label = "ledger"
    verbose_name = "总账"
