"""Tables of the typed exceptions: advances made before or beside the budget, and how each was cleared."""

from django.db import models
from django.db.models import Q

from fisc.domains.budget.dimensions import Dimensioned


class Advance(Dimensioned):
    """预拨、垫付: money released without an approved budget, for one of the few reasons the law knows."""

    class Type(models.TextChoices):
        """The reason, by clause."""

        PRE_BUDGET = "pre_budget", "预算批准前预拨"
        EMERGENCY = "emergency", "突发事件应急"
        TEMPORARY = "temporary", "垫付、暂付"

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    type = models.CharField("类型", max_length=12, choices=Type.choices)
    basis = models.CharField("依据", max_length=200)
    reason = models.TextField("事由")
    due_on = models.DateField("应清理日期")
    scope_fen = models.BigIntegerField("上年同期支出", default=0, editable=False)
    allotment = models.ForeignKey(
        "documents.Document",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    released_at = models.DateTimeField("下达时间", null=True, blank=True, editable=False)
    reviewed_at = models.DateTimeField("复核时间", null=True, blank=True, editable=False)
    late_review = models.CharField("逾期复核说明", max_length=200, blank=True, default="", editable=False)

    class Meta(Dimensioned.Meta):
        constraints = [
            *Dimensioned.Meta.constraints,
            models.CheckConstraint(condition=Q(type__in=["pre_budget", "emergency", "temporary"]),
                                   name="budget_advance_type_known"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(basis=""), name="budget_advance_reason_given"),
            models.CheckConstraint(
                condition=Q(allotment__isnull=True, released_at__isnull=True)
                | Q(allotment__isnull=False, released_at__isnull=False),
                name="budget_advance_released_with_allotment",
            ),
        ]  # fmt: skip


class AdvanceClearing(models.Model):
    """清理: an advance is set against a regular allotment (冲抵), or what is left of it goes back (退回)."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    advance = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    allotment = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reason = models.TextField("说明", blank=True, default="")
