"""The Django app of this package."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """数据交换"""

    name = "fisc.kernel.exchange"
    label = "exchange"
    verbose_name = "数据交换"
