"""The Django app of this package."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """审批"""

    name = "fisc.kernel.approvals"
    label = "approvals"
    verbose_name = "审批"
