"""Tables of idle funds: which allotments were recognised as idle, why, and how much."""

from django.db import models
from django.db.models import Q


class Idle(models.Model):
    """存量资金认定: recognised first, recovered by a step of the same document."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    months = models.PositiveSmallIntegerField("沉淀月数", default=12)
    reference = models.CharField("文号", max_length=60, blank=True, default="")
    reason = models.TextField("认定说明")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="budget_idle_reason_given")]


class IdleLine(models.Model):
    """One allotment that lay idle."""

    class Why(models.TextChoices):
        """Why it is idle."""

        TWO_YEARS = "two_years", "结转结余满两年"
        DORMANT = "dormant", "长期未支付"

    idle = models.ForeignKey(Idle, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    allotment = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    why = models.CharField("原因", max_length=12, choices=Why.choices)
    first_year = models.PositiveSmallIntegerField("首次安排年度")
    still_months = models.PositiveSmallIntegerField("未支付月数")
    amount_fen = models.BigIntegerField("认定金额")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["idle", "row_no"], name="budget_idleline_row_once"),
            models.UniqueConstraint(fields=["idle", "allotment"], name="budget_idleline_allotment_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="budget_idleline_amount_positive"),
        ]
