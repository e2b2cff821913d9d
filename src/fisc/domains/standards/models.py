"""Tables of standards and basic data (mission B.1 17, norm A.1): what one costs, how many there are.

Amounts of a standard are 分 a year for one of its measure. What was in force is never rewritten: a new rate ends the
one before it. Figures of an accepted report are frozen by a trigger (sql/guards.sql).
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from fisc.domains.standards import measures


class Category(models.TextChoices):
    """人员类 or 公用类, as the projects they become."""

    PERSONNEL = "personnel", "人员经费"
    PUBLIC = "public", "公用经费"


class Level(models.TextChoices):
    """Who sets the standard."""

    NATIONAL = "national", "国家标准"
    LOCAL = "local", "地方标准"


class Scope(models.TextChoices):
    """To which units a standard applies."""

    ANY = "any", "所有单位"
    ADMINISTRATIVE = "administrative", "行政单位"
    INSTITUTION = "institution", "事业单位"
    SCHOOL = "school", "学校"
    CAREER = "career", "事业单位（不含学校）"
    NOT_SCHOOL = "not_school", "学校以外的单位"


class Confidence(models.TextChoices):
    """How sure the shipped amount is."""

    VERIFIED = "verified", "已核对文件"
    LIKELY = "likely", "基本可信"
    EXAMPLE = "example", "示例"


class Standard(models.Model):
    """支出标准项目: what is paid for, by which quantity, to whom it applies."""

    code = models.CharField("标准编码", max_length=12, unique=True)
    name = models.CharField("标准名称", max_length=60)
    category = models.CharField("经费类别", max_length=10, choices=Category.choices)
    guarantee_item = models.CharField("三保项目", max_length=6, blank=True, default="")
    level = models.CharField("标准层级", max_length=8, choices=Level.choices)
    economic_code = models.CharField("部门经济分类", max_length=5)
    measure = models.CharField("数量口径", max_length=24, choices=measures.CHOICES)
    scope = models.CharField("适用单位", max_length=16, choices=Scope.choices, default=Scope.ANY)
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "standards_standard"
        ordering = ("code",)
        verbose_name = verbose_name_plural = "支出标准"
        constraints = [
            models.CheckConstraint(name="standards_standard_name_given", condition=~Q(name="")),
            models.CheckConstraint(name="standards_standard_economic_given", condition=~Q(economic_code="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Rate(models.Model):
    """标准执行数: the amount in force from the first day of a month on, and where it comes from."""

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="rates")
    amount_fen = models.BigIntegerField("每年标准")
    least_quantity = models.PositiveIntegerField("不足按此数计", null=True, blank=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    source = models.CharField("依据", max_length=200)
    confidence = models.CharField("可信度", max_length=8, choices=Confidence.choices)

    class Meta:
        db_table = "standards_rate"
        ordering = ("standard_id", "valid_from")
        verbose_name = verbose_name_plural = "标准执行数"
        constraints = [
            models.CheckConstraint(name="standards_rate_not_negative", condition=Q(amount_fen__gte=0)),
            models.CheckConstraint(name="standards_rate_source_given", condition=~Q(source="")),
            models.CheckConstraint(name="standards_rate_from_first_of_month", condition=Q(valid_from__day=1)),
            models.CheckConstraint(
                name="standards_rate_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            ExclusionConstraint(
                name="standards_rate_one_a_day",
                expressions=[
                    ("standard", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class BaseReport(models.Model):
    """基础信息表: what one unit counts for one budget year; unit and state are in the header."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("预算年度")
    counted_on = models.DateField("数据截止日", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    is_current = models.BooleanField("现行", default=True, editable=False)

    class Meta:
        db_table = "standards_base_report"
        verbose_name = verbose_name_plural = "基础信息表"
        constraints = [
            models.UniqueConstraint(
                fields=("unit", "year"), condition=Q(is_current=True), name="standards_base_report_one_a_year"
            ),
            models.CheckConstraint(
                name="standards_base_report_year_sane", condition=Q(year__range=(2000, 2099))
            ),
        ]


class BaseFigure(models.Model):
    """One number of a report."""

    report = models.ForeignKey(BaseReport, on_delete=models.CASCADE, related_name="figures")
    measure = models.CharField("口径", max_length=24)
    quantity = models.BigIntegerField("数量")

    class Meta:
        db_table = "standards_base_figure"
        verbose_name = verbose_name_plural = "基础数据"
        constraints = [
            models.UniqueConstraint(fields=("report", "measure"), name="standards_base_figure_one_a_measure"),
            models.CheckConstraint(
                name="standards_base_figure_sane", condition=Q(quantity__range=(0, measures.MOST))
            ),
            models.CheckConstraint(
                name="standards_base_figure_measure_known",
                condition=Q(measure__in=[measure.code for measure in measures.MEASURES]),
            ),
        ]
