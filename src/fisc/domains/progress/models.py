"""Tables of 支出进度 (activity 55): targets split to sections and units, bulletins as they were, letters, time limits.

Actual execution is never kept here except in a bulletin, which says what was known when it was drafted.
"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

MONTH_FIELDS = tuple(f"m{month:02d}" for month in range(1, 13))


class Level(models.TextChoices):
    """Whose progress it is."""

    DISTRICT = "district", "全区"
    SECTION = "section", "股室"
    DEPARTMENT = "department", "主管部门"
    UNIT = "unit", "单位"


class Target(models.Model):
    """支出进度任务: one version of a year's targets; its lines say how far each must be at the end of each month."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("年度")
    version_no = models.PositiveSmallIntegerField("版本")
    is_in_force = models.BooleanField("现行", default=False)
    basis = models.CharField("依据", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "version_no"], name="progress_target_version_once"),
            models.UniqueConstraint(
                fields=["year"], condition=Q(is_in_force=True), name="progress_target_one_in_force"
            ),
        ]


class TargetLine(models.Model):
    """The target of the district, a section or a unit: cumulative percent of its budget at each month's end."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="lines")
    level = models.CharField("层级", max_length=10, choices=Level.choices)
    section_code = models.CharField("股室", max_length=20, blank=True, default="")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    base_fen = models.BigIntegerField("预算数")
    m01 = models.DecimalField("1月", max_digits=5, decimal_places=2)
    m02 = models.DecimalField("2月", max_digits=5, decimal_places=2)
    m03 = models.DecimalField("3月", max_digits=5, decimal_places=2)
    m04 = models.DecimalField("4月", max_digits=5, decimal_places=2)
    m05 = models.DecimalField("5月", max_digits=5, decimal_places=2)
    m06 = models.DecimalField("6月", max_digits=5, decimal_places=2)
    m07 = models.DecimalField("7月", max_digits=5, decimal_places=2)
    m08 = models.DecimalField("8月", max_digits=5, decimal_places=2)
    m09 = models.DecimalField("9月", max_digits=5, decimal_places=2)
    m10 = models.DecimalField("10月", max_digits=5, decimal_places=2)
    m11 = models.DecimalField("11月", max_digits=5, decimal_places=2)
    m12 = models.DecimalField("12月", max_digits=5, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "level", "section_code", "unit"],
                nulls_distinct=False,
                name="progress_targetline_once",
            ),
            models.CheckConstraint(
                condition=Q(level="district", section_code="", unit__isnull=True)
                | Q(level="section", unit__isnull=True) & ~Q(section_code="")
                | Q(level="unit", unit__isnull=False),
                name="progress_targetline_shape",
            ),
            models.CheckConstraint(condition=Q(base_fen__gte=0), name="progress_targetline_base_not_negative"),
            models.CheckConstraint(
                condition=Q(m01__gte=0, m12__lte=100)
                & Q(
                    m02__gte=F("m01"), m03__gte=F("m02"), m04__gte=F("m03"), m05__gte=F("m04"), m06__gte=F("m05"),
                    m07__gte=F("m06"), m08__gte=F("m07"), m09__gte=F("m08"), m10__gte=F("m09"), m11__gte=F("m10"),
                    m12__gte=F("m11"),
                ),
                name="progress_targetline_months_rise",
            ),
        ]  # fmt: skip

    @property
    def months(self) -> tuple[Decimal, ...]:
        """The twelve cumulative percentages."""
        return tuple(getattr(self, field) for field in MONTH_FIELDS)


class Bulletin(models.Model):
    """支出进度通报: the league tables as known on a day."""

    class Rhythm(models.TextChoices):
        """How often."""

        WEEKLY = "weekly", "周通报"
        MONTHLY = "monthly", "月通报"

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    rhythm = models.CharField("种类", max_length=8, choices=Rhythm.choices, default=Rhythm.MONTHLY)
    as_of = models.DateField("截至日期")
    pace_percent = models.DecimalField("时间进度", max_digits=5, decimal_places=2)
    opinion = models.TextField("工作要求", blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rhythm__in=("weekly", "monthly")), name="progress_bulletin_rhythm_known"
            ),
        ]


class BulletinLine(models.Model):
    """One standing of a bulletin: who, budget, paid, how far, how far they should be. rank 1 is furthest behind."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="lines")
    level = models.CharField("层级", max_length=10, choices=Level.choices)
    rank = models.PositiveIntegerField("名次（滞后在前）")
    label = models.CharField("名称", max_length=100)
    section_code = models.CharField("股室", max_length=20, blank=True, default="")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    base_fen = models.BigIntegerField("预算数")
    paid_fen = models.BigIntegerField("支出数")
    actual_percent = models.DecimalField("进度", max_digits=7, decimal_places=2, null=True)
    target_percent = models.DecimalField("任务进度", max_digits=5, decimal_places=2)
    gap_points = models.DecimalField("比任务（百分点）", max_digits=7, decimal_places=2, null=True)
    pace_points = models.DecimalField("序时差（百分点）", max_digits=7, decimal_places=2, null=True)
    behind_fen = models.BigIntegerField("滞后金额")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "level", "rank"], name="progress_bulletinline_rank_once"
            ),
        ]


class Letter(models.Model):
    """催办函 or 约谈通知 to a unit that is behind: what is asked, until when, what the unit answered."""

    class Manner(models.TextChoices):
        """How strongly."""

        URGE = "urge", "催办"
        TALK = "talk", "约谈"

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    bulletin = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    manner = models.CharField("方式", max_length=6, choices=Manner.choices)
    gap_points = models.DecimalField("滞后（百分点）", max_digits=7, decimal_places=2)
    behind_fen = models.BigIntegerField("滞后金额")
    due_on = models.DateField("回复期限")
    reply = models.TextField("回复", blank=True, default="")
    replied_on = models.DateField("回复日期", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(manner__in=("urge", "talk")), name="progress_letter_manner_known"
            ),
            models.CheckConstraint(condition=Q(gap_points__gt=0), name="progress_letter_is_behind"),
            models.CheckConstraint(
                condition=Q(reply="", replied_on__isnull=True) | ~Q(reply="") & Q(replied_on__isnull=False),
                name="progress_letter_reply_has_day",
            ),
        ]


class Limit(models.Model):
    """限时: how many working days documents of a kind may stay in a state that no approval node times."""

    kind = models.CharField("单据种类", max_length=60)
    state = models.CharField("状态", max_length=24)
    limit_workdays = models.PositiveSmallIntegerField("限办工作日")
    role = models.CharField("责任岗位", max_length=40)
    valid_from = models.DateField("自")
    basis = models.CharField("依据", max_length=200, blank=True, default="")

    class Meta:
        ordering = ("kind", "state", "valid_from")
        constraints = [
            models.UniqueConstraint(fields=["kind", "state", "valid_from"], name="progress_limit_day_once"),
            models.CheckConstraint(condition=Q(limit_workdays__gte=1), name="progress_limit_positive"),
        ]
