"""Django's entry to the kernel package ``codes``."""

from django.apps import AppConfig


class CodesConfig(AppConfig):
    """The official code lists by fiscal year."""

    name = "fisc.kernel.codes"
    label = "codes"
    verbose_name = "代码"
    default_auto_field = "django.db.models.BigAutoField"
