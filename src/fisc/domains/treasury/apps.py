"""Django's entry for the module; everything else stands in module.py."""

from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "fisc.domains.treasury"
    label = "treasury"
    verbose_name = "国库支付"
