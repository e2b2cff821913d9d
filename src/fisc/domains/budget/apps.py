"""Django's entry for the module; everything else stands in module.py."""

from django.apps import AppConfig


class BudgetConfig(AppConfig):
    name = "fisc.domains.budget"
    label = "budget"
    verbose_name = "预算指标"
