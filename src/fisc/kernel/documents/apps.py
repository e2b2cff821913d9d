"""The Django app of this package."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """单据"""

    name = "fisc.kernel.documents"
    label = "documents"
    verbose_name = "单据"
