"""Tables of the execution ladder: dated rates, dated exemptions, and the cuts proposed to each unit."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class CutLadder(models.Model):
    """One step of the ladder: executed from (inclusive) to (exclusive) percent, cut so much of 年初预算."""

    from_percent = models.DecimalField("执行率自％", max_digits=5, decimal_places=2)
    to_percent = models.DecimalField("不足％", max_digits=5, decimal_places=2)
    cut_percent = models.DecimalField("核减比例％", max_digits=5, decimal_places=2)
    basis = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_percent__gte=0) & Q(from_percent__lt=F("to_percent")),
                name="budget_cutladder_band",
            ),
            models.CheckConstraint(
                condition=Q(cut_percent__gte=0, cut_percent__lte=100), name="budget_cutladder_percent"
            ),
            models.UniqueConstraint(
                fields=["from_percent", "valid_from"], name="budget_cutladder_once_a_day"
            ),
        ]


class CutExemption(models.Model):
    """What is never cut by the ladder: money with one of these flags, origins, funds or kinds of spending."""

    title = models.CharField("情形", max_length=60)
    any_flags = models.PositiveSmallIntegerField("标识之一", default=0)
    origins = ArrayField(models.CharField(max_length=12), verbose_name="指标来源", default=list, blank=True)
    funds = ArrayField(models.CharField(max_length=16), verbose_name="资金性质", default=list, blank=True)
    spendings = ArrayField(models.CharField(max_length=12), verbose_name="支出类型", default=list, blank=True)
    basis = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["title", "valid_from"], name="budget_cutexemption_once_a_day"),
        ]


class ExecutionCut(models.Model):
    """核减通知: what one unit's budget of the next year loses because of this year's execution."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("核减年度")
    executed_to = models.PositiveIntegerField("执行截至（期间）")
    note = models.TextField("说明", blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(executed_to__gte=200001, executed_to__lte=299912),
                name="budget_executioncut_period",
            ),
        ]


class ExecutionCutLine(models.Model):
    """One project of the unit: its figures, the ladder's cut, the appeal and the decision."""

    cut = models.ForeignKey(ExecutionCut, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    project = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    initial_fen = models.BigIntegerField("年初预算")
    budget_fen = models.BigIntegerField("调整预算")
    paid_fen = models.BigIntegerField("已支付")
    rate_percent = models.DecimalField("执行率％", max_digits=7, decimal_places=2)
    cut_percent = models.DecimalField("核减比例％", max_digits=5, decimal_places=2)
    exempt_fen = models.BigIntegerField("其中豁免", default=0)
    exempt = models.CharField("豁免情形", max_length=120, blank=True, default="")
    proposed_fen = models.BigIntegerField("按阶梯核减")
    appeal = models.CharField("申诉理由", max_length=300, blank=True, default="")
    decision = models.CharField("裁定意见", max_length=300, blank=True, default="")
    cut_fen = models.BigIntegerField("核减额")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cut", "row_no"], name="budget_executioncutline_row_once"),
            models.UniqueConstraint(fields=["cut", "project"], name="budget_executioncutline_project_once"),
            models.CheckConstraint(
                condition=Q(cut_fen__gte=0) & Q(cut_fen__lte=F("proposed_fen")),
                name="budget_executioncutline_never_more",
            ),
            models.CheckConstraint(
                condition=Q(exempt_fen__gte=0)
                & Q(exempt_fen__lte=F("initial_fen"))
                & Q(proposed_fen__lte=F("initial_fen") - F("exempt_fen")),
                name="budget_executioncutline_exempt_stays",
            ),
            models.CheckConstraint(
                condition=Q(cut_fen=F("proposed_fen")) | ~Q(decision=""),
                name="budget_executioncutline_decision_given",
            ),
        ]
