"""Tables of the year end: the process of one year, its lines (one per allotment or pool), the dated table of kinds."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fisc.domains.budget.dimensions import Dimensioned


class Kind(models.TextChoices):
    """What becomes of what is left (norm A.7)."""

    RECOVER = "recover", "收回总预算"
    CARRY = "carry", "本级结转"
    CARRY_UPPER = "carry_upper", "上级专款结转"
    RECLAIM = "reclaim", "存量收回"
    REPAY = "repay", "预拨退回"


CARRIED = (Kind.CARRY.value, Kind.CARRY_UPPER.value)


class YearEnd(models.Model):
    """年终结转结余处理: one effective process per year."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("结转年度")
    reference = models.CharField("批准文号", max_length=60, blank=True, default="")
    note = models.TextField("说明", blank=True, default="")
    is_effective = models.BooleanField("已生效", default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(is_effective=True), name="budget_yearend_once_a_year"
            ),
        ]


class YearEndLine(Dimensioned):
    """What is left of one allotment (or, without one, of a pool not yet released), and what becomes of it."""

    year_end = models.ForeignKey(YearEnd, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    allotment = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    origin = models.CharField("指标来源", max_length=12)
    first_year = models.PositiveSmallIntegerField("首次安排年度")
    left_fen = models.BigIntegerField("结余")
    proposed = models.CharField("建议", max_length=12, choices=Kind.choices)
    kind = models.CharField("处理方式", max_length=12, choices=Kind.choices)
    rule = models.CharField("规则", max_length=12)
    is_locked = models.BooleanField("锁定", default=False)
    reason = models.CharField("调整理由", max_length=200, blank=True, default="")
    carried = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta(Dimensioned.Meta):
        constraints = [
            *Dimensioned.Meta.constraints,
            models.UniqueConstraint(fields=["year_end", "row_no"], name="budget_yearendline_row_once"),
            models.UniqueConstraint(
                fields=["year_end", "allotment"], name="budget_yearendline_allotment_once"
            ),
            models.CheckConstraint(condition=Q(left_fen__gt=0), name="budget_yearendline_left_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values) & Q(proposed__in=Kind.values),
                name="budget_yearendline_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind=F("proposed")) | ~Q(reason=""), name="budget_yearendline_reason_given"
            ),
            models.CheckConstraint(
                condition=Q(is_locked=False) | Q(kind=F("proposed")), name="budget_yearendline_locked"
            ),
        ]


class YearEndRule(models.Model):
    """One row of the dated table that says what becomes of what is left; the first that fits counts."""

    seq = models.PositiveSmallIntegerField("次序")
    code = models.CharField("编号", max_length=12)
    title = models.CharField("情形", max_length=60)
    kind = models.CharField("处理方式", max_length=12, choices=Kind.choices)
    is_locked = models.BooleanField("不得改动", default=False)
    origins = ArrayField(models.CharField(max_length=12), verbose_name="指标来源", default=list, blank=True)
    any_flags = models.PositiveSmallIntegerField("标识之一", default=0)
    funds = ArrayField(models.CharField(max_length=16), verbose_name="资金性质", default=list, blank=True)
    spendings = ArrayField(models.CharField(max_length=12), verbose_name="支出类型", default=list, blank=True)
    min_years = models.PositiveSmallIntegerField("满几年", default=0)
    basis = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="budget_yearendrule_once_a_day"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="budget_yearendrule_kind_known"),
        ]
